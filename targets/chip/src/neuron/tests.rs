//! Tests of the neuron language: examples, every kind of fault, and random programs against a tiny evaluator.

mod random;

use super::facts::{accumulator, widest, widest_within};
use super::*;

fn state(name: &str, bits: u32, signed: bool, overflow: Overflow) -> StateVariable {
    StateVariable { name: name.into(), bits, signed, overflow }
}

fn parameter(name: &str, bits: u32, signed: bool) -> Parameter {
    Parameter { name: name.into(), bits, signed, scope: Scope::Slot }
}

fn texts(on_event: &str, on_tick: &str, after: Option<&str>) -> ProgramTexts {
    ProgramTexts { on_event: on_event.into(), on_tick: on_tick.into(), after: after.map(Into::into) }
}

fn ranc() -> NeuronProgram {
    let parameters = ["leak", "pth", "nth", "vr"].map(|name| parameter(name, 9, true));
    let parameters = parameters.into_iter().chain([parameter("mode", 1, false)]).collect();
    let on_tick = "v := v + leak;
        if v >= pth { spike; if mode == 0 { v := vr; } else { v := v - pth; } }
        else if v < nth { if mode == 0 { v := -vr; } else { v := v - nth; } }";
    let states = vec![state("v", 9, true, Overflow::Wrap)];
    parse("ranc-lif", states, parameters, texts("v := v + w;", on_tick, None)).expect("the program is good")
}

fn cuba() -> NeuronProgram {
    let states = vec![
        state("q", 22, true, Overflow::Wrap),
        state("u", 24, true, Overflow::Wrap),
        state("v", 24, true, Overflow::Saturate),
        state("ref", 6, false, Overflow::Trap),
    ];
    let parameters = [
        ("du", 12, false),
        ("dv", 12, false),
        ("refd", 6, false),
        ("vth", 17, false),
        ("bm", 13, true),
        ("be", 3, false),
        ("vmin", 24, true),
        ("vmax", 24, true),
    ];
    let parameters = parameters.map(|(name, bits, signed)| parameter(name, bits, signed)).to_vec();
    let on_tick = "u := tz(u * (4095 - du), 12) + q;
        let i := wrap(u + (bm << be), 24);  // the bias is added to the current
        v := clamp(tz(v * (4096 - dv), 12) + i, vmin, vmax);
        if ref > 0 { v := 0; }
        if v > (vth << 6) { spike; v := 0; ref := refd; }
        if ref > 0 { ref := ref - 1; }
        q := 0;";
    parse("cuba", states, parameters, texts("q := q + w;", on_tick, None)).expect("the program is good")
}

/// States x (9 signed) and c (4 unsigned, Forbid), parameters p (9 signed) and k (3 unsigned).
fn small(on_event: &str, on_tick: &str, after: Option<&str>) -> Result<NeuronProgram, Vec<ProgramFault>> {
    let states = vec![state("x", 9, true, Overflow::Wrap), state("c", 4, false, Overflow::Forbid)];
    let parameters = vec![parameter("p", 9, true), parameter("k", 3, false)];
    parse("small", states, parameters, texts(on_event, on_tick, after))
}

fn points(values: &[i128]) -> Vec<Interval> {
    values.iter().copied().map(Interval::point).collect()
}

#[test]
fn ranc_steps_by_hand() {
    let program = ranc();
    assert_eq!((program.branch_count, program.locals.len()), (4, 0));
    assert_eq!(accumulator(&program), Some(facts::Accumulator { state: StateId(0) }));
    let parameters = points(&[-1, 8, -256, 3, 1]);
    let after = ranges::event(&program, &points(&[6]), &parameters, Interval::point(4));
    assert_eq!((after.states, after.may_spike), (points(&[10]), false));
    let after = ranges::tick(&program, &points(&[10]), &parameters);
    assert_eq!((after.states, after.may_spike, after.must_spike), (points(&[1]), true, true));
    let wrapped = ranges::event(&program, &points(&[255]), &parameters, Interval::point(1));
    assert_eq!((wrapped.states, wrapped.may_overflow), (points(&[-256]), vec![true]));
    // 9 bits and an event of 32 need 33; with events of 9 bits 10 are enough.
    assert_eq!(widest(&program), 33);
    let declared: Vec<_> = program.parameters.iter().map(Parameter::range).collect();
    assert_eq!(widest_within(&program, &declared, Interval::signed(9)), 10);
}

#[test]
fn cuba_steps_by_hand() {
    let program = cuba();
    assert_eq!((program.branch_count, program.locals[0].name.as_str()), (3, "i"));
    assert_eq!(program.locals[0].range, Interval::signed(24));
    let parameters = points(&[409, 128, 3, 12, -1, 2, -(1 << 23), (1 << 23) - 1]);
    // u = trunc(-1000 * 3686 / 4096) + 700 = -899 + 700; i = -199 - 4; v = trunc(1000 * 3968 / 4096) - 203.
    let after = ranges::tick(&program, &points(&[700, -1000, 1000, 0]), &parameters);
    assert_eq!((after.states, after.may_spike), (points(&[0, -199, 765, 0]), false));
    let after = ranges::tick(&program, &points(&[900, 0, 0, 0]), &parameters);
    assert_eq!((after.states, after.must_spike), (points(&[0, 900, 0, 2]), true));
}

#[test]
fn conditions_narrow() {
    let program =
        small("", "if c < 15 && x == 3 { c := c + 1; x := x + 252; } else { x := max(x, 0); }", None);
    let program = program.expect("c + 1 is at most 15");
    let after = ranges::tick(&program, &[Interval::new(0, 4), Interval::new(3, 15)], &points(&[0, 0]));
    assert_eq!(after.states, [Interval::new(0, 255), Interval::new(3, 15)]);
    assert_eq!(after.may_overflow, [false, false]);
}

#[test]
fn after_follows_both() {
    let program = small("x := x + w;", "x := x - 1;", Some("if x > 3 { spike; x := 0; }")).expect("good");
    assert_eq!(accumulator(&program), None);
    let event = ranges::event(&program, &points(&[2, 0]), &points(&[0, 0]), Interval::point(2));
    let tick = ranges::tick(&program, &points(&[9, 0]), &points(&[0, 0]));
    assert!(event.must_spike && tick.must_spike && event.states[0] == Interval::point(0));
}

/// Code and offset of each fault of an on_tick.
fn faults(on_tick: &str) -> Vec<(&'static str, usize)> {
    let found = small("", on_tick, None).expect_err(on_tick);
    assert!(found.iter().all(|fault| fault.text == "on_tick" && fault.offset <= on_tick.len()));
    found.iter().map(|fault| (fault.code, fault.offset)).collect()
}

#[test]
fn each_fault_has_its_code_and_place() {
    let cases: &[(&str, &[(&str, usize)])] = &[
        ("x := x & p ? é;", &[("SL0201", 7), ("SL0201", 11), ("SL0201", 13)]),
        ("x := 12a + 0x + 4611686018427387904;", &[("SL0202", 5), ("SL0202", 11), ("SL0202", 16)]),
        ("x := ;", &[("SL0203", 5)]),
        ("x = 1; if x = 1 { };", &[("SL0203", 2), ("SL0203", 12), ("SL0203", 19)]),
        ("if x > 1 { spike;", &[("SL0203", 9)]),
        ("else { }", &[("SL0203", 0)]),
        ("x := 1 spike }", &[("SL0204", 6), ("SL0204", 12), ("SL0203", 13)]),
        ("x := x / 2; x := x % 2 + y;", &[("SL0206", 7), ("SL0206", 19), ("SL0208", 25)]),
        ("if 0 < x < 3 == 1 { }", &[("SL0207", 9), ("SL0207", 13)]),
        ("x := y; z := 1;", &[("SL0208", 5), ("SL0208", 8)]),
        ("x := i; if x > 0 { let i := 1; } x := i;", &[("SL0209", 5), ("SL0209", 38)]),
        ("p := 1; let i := 1; i := 2; w := 3;", &[("SL0210", 0), ("SL0210", 20), ("SL0210", 28)]),
        ("let x := 1; let i := 1; if x > 0 { let i := 2; }", &[("SL0211", 4), ("SL0211", 39)]),
        ("let tz := 1; x := true;", &[("SL0212", 4), ("SL0212", 18)]),
        (
            "if x { } x := x > 1; if !p == 1 && x > 0 { }",
            &[("SL0213", 3), ("SL0213", 16), ("SL0213", 24), ("SL0213", 25)],
        ),
        ("x := w;", &[("SL0214", 5)]),
        ("x := random(33) + random(k) + random;", &[("SL0217", 12), ("SL0217", 25), ("SL0216", 30)]),
        ("x := min(x) + f(x) + abs;", &[("SL0216", 5), ("SL0216", 14), ("SL0216", 21)]),
        ("x := wrap(x, k) + saturate(x, 63);", &[("SL0217", 13), ("SL0217", 30)]),
        ("x := (x << 60) * 0;", &[("SL0219", 8)]),
        ("x := x << p; x := tz(x, 63);", &[("SL0220", 10), ("SL0220", 24)]),
        ("if c < 15 { c := c + 2; } c := x;", &[("SL0221", 19), ("SL0221", 31)]),
    ];
    for (text, expected) in cases {
        assert_eq!(faults(text), *expected, "{text}");
    }
}

#[test]
fn draws_are_counted_and_bounded() {
    let program =
        small("", "x := random(8) - random(3); if x > random(1) { c := random(4); }", None).unwrap();
    assert_eq!((program.draws, program.branch_count), (4, 1));
    let after = ranges::tick(&program, &points(&[0, 0]), &points(&[0, 0]));
    assert_eq!(after.states, [Interval::new(-7, 255), Interval::new(0, 15)]);
    assert_eq!(widest_within(&program, &points(&[0, 0]), Interval::point(0)), 9);
    let found = small("x := random(2);", "", Some("x := random(2);")).expect_err("no draws here");
    let found: Vec<_> = found.iter().map(|fault| (fault.text, fault.code, fault.offset)).collect();
    assert_eq!(found, [("on_event", "SL0222", 5), ("after", "SL0222", 5)]);
}

#[test]
fn faults_of_all_texts_and_declarations_come_together() {
    let states = vec![
        state("x", 63, true, Overflow::Wrap),
        state("min", 3, true, Overflow::Wrap),
        state("1a", 3, true, Overflow::Wrap),
    ];
    let found =
        parse("p", states, vec![parameter("x", 0, false)], texts("spike;", "y := ;", Some("x := w;")));
    let found: Vec<_> =
        found.expect_err("bad").iter().map(|fault| (fault.text, fault.code, fault.offset)).collect();
    let expected = [
        ("state", "SL0218", 0),
        ("state", "SL0212", 1),
        ("state", "SL0218", 2),
        ("parameters", "SL0218", 0),
        ("parameters", "SL0211", 0),
        ("on_event", "SL0215", 0),
        ("on_tick", "SL0203", 5),
        ("after", "SL0214", 5),
    ];
    assert_eq!(found, expected);
}

#[test]
fn deep_nesting_is_a_fault() {
    let deep = 100_000;
    for text in [
        format!("x := {}1{};", "(".repeat(deep), ")".repeat(deep)),
        format!("x := {}1;", "-".repeat(deep)),
        format!("x := 1{};", " + 1".repeat(deep)),
        "if x > 0 { ".repeat(deep),
        format!("if x > 0 {{ }} {}", "else if x > 0 { } ".repeat(deep)),
        format!("x := {}", "abs(".repeat(deep)),
    ] {
        assert_eq!(faults(&text).iter().map(|fault| fault.0).collect::<Vec<_>>(), ["SL0205"]);
    }
}
