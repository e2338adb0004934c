//! Neuron programs on concrete values, against numbers worked out by hand from docs/neuron-language.md.

use spikeloom_chip::neuron::{NeuronProgram, Overflow, Parameter, ProgramTexts, Scope, StateVariable, parse};
use spikeloom_verify::{Evaluator, Seen};

fn state(name: &str, bits: u32, signed: bool, overflow: Overflow) -> StateVariable {
    StateVariable { name: name.into(), bits, signed, overflow }
}

fn parameter(name: &str, bits: u32, signed: bool) -> Parameter {
    Parameter { name: name.into(), bits, signed, scope: Scope::Slot }
}

fn program(states: Vec<StateVariable>, parameters: Vec<Parameter>, texts: [&str; 3]) -> NeuronProgram {
    let [on_event, on_tick, after] = texts.map(str::to_string);
    let after = (!after.is_empty()).then_some(after);
    parse("test", states, parameters, ProgramTexts { on_event, on_tick, after }).expect("a good program")
}

/// The value of an expression over a and b (20 bits signed) and k (6 bits unsigned, at most 40 here).
fn value(expression: &str, a: i64, b: i64, k: i64) -> i64 {
    let parameters = vec![parameter("a", 20, true), parameter("b", 20, true), parameter("k", 5, false)];
    let program = program(
        vec![state("x", 62, true, Overflow::Wrap)],
        parameters,
        ["", &format!("x := {expression};"), ""],
    );
    let mut states = [0];
    Evaluator::new(&program).run_tick(&mut states, &[a, b, k], &mut Seen::new(&program));
    states[0]
}

#[test]
fn arithmetic_is_exact() {
    for (expression, a, b, k, expected) in [
        ("-a", 5, 0, 0, -5),
        ("-k", 0, 0, 3, -3),
        ("a + b", -524_288, -524_288, 0, -1_048_576),
        ("a - b", -524_288, 524_287, 0, -1_048_575),
        ("a * b", -524_288, -524_288, 0, 274_877_906_944),
        ("a * b", -3, 7, 0, -21),
        ("-a * b", 2, 3, 0, -6),
        ("a - b - 1", 10, 4, 0, 5),
        ("a + b * 2", 1, 3, 0, 7),
        ("(a + b) * 2", 1, 3, 0, 8),
        ("--a", -7, 0, 0, -7),
        ("0x1_f + 4_096", 0, 0, 0, 4_127),
    ] {
        assert_eq!(value(expression, a, b, k), expected, "{expression} with a={a} b={b} k={k}");
    }
}

#[test]
fn shifts_round_down_and_tz_toward_zero() {
    for (expression, a, k, expected) in [
        ("a << k", 3, 4, 48),
        ("a << k", -3, 4, -48),
        ("a << k", -1, 0, -1),
        ("1 << 2 + 3", 0, 0, 32),
        ("a >> k", 5, 1, 2),
        ("a >> k", -5, 1, -3),
        ("a >> k", -1, 9, -1),
        ("a >> k", -524_288, 31, -1),
        ("a >> k", -4, 2, -1),
        ("a >> k", -5, 2, -2),
        ("a >> k", -5, 0, -5),
        ("tz(a, k)", 5, 1, 2),
        ("tz(a, k)", -5, 1, -2),
        ("tz(a, k)", -1, 9, 0),
        ("tz(a, k)", -4, 2, -1),
        ("tz(a, k)", -524_288, 31, 0),
        ("tz(a, k)", -7, 0, -7),
        ("tz(a, 62)", -7, 0, 0),
        ("a >> 62", -7, 0, -1),
    ] {
        assert_eq!(value(expression, a, 0, k), expected, "{expression} with a={a} k={k}");
    }
}

#[test]
fn functions_follow_the_table() {
    for (expression, a, b, expected) in [
        ("wrap(a, 8)", 200, 0, -56),
        ("wrap(a, 8)", 127, 0, 127),
        ("wrap(a, 8)", 128, 0, -128),
        ("wrap(a, 8)", -128, 0, -128),
        ("wrap(a, 8)", -129, 0, 127),
        ("wrap(a, 8)", -200, 0, 56),
        ("wrap(a, 8)", 1_000, 0, -24),
        ("wrap(a, 1)", 1, 0, -1),
        ("wrap(a, 1)", 2, 0, 0),
        ("wrap(a, 62)", -5, 0, -5),
        ("saturate(a, 8)", 200, 0, 127),
        ("saturate(a, 8)", -200, 0, -128),
        ("saturate(a, 8)", -128, 0, -128),
        ("saturate(a, 1)", 5, 0, 0),
        ("clamp(a, 2, b)", 1, 9, 2),
        ("clamp(a, 2, b)", 10, 9, 9),
        ("clamp(a, 2, b)", 5, 9, 5),
        ("clamp(a, 2, b)", 5, -9, 2),
        ("clamp(a, 2, b)", -50, -9, 2),
        ("min(a, b)", -3, 2, -3),
        ("max(a, b)", -3, 2, 2),
        ("abs(a)", -524_288, 0, 524_288),
        ("abs(a)", 7, 0, 7),
    ] {
        assert_eq!(value(expression, a, b, 0), expected, "{expression} with a={a} b={b}");
    }
}

#[test]
fn conditions() {
    let truth = |condition: &str, a: i64, b: i64| {
        let parameters = vec![parameter("a", 20, true), parameter("b", 20, true)];
        let text = format!("if {condition} {{ x := 1; }} else {{ x := 0; }}");
        let program = program(vec![state("x", 2, false, Overflow::Forbid)], parameters, ["", &text, ""]);
        let (mut states, mut seen) = ([2], Seen::new(&program));
        Evaluator::new(&program).run_tick(&mut states, &[a, b], &mut seen);
        assert_eq!(seen.branches[0], if states[0] == 1 { [0, 1] } else { [1, 0] });
        states[0] == 1
    };
    for (a, b) in [(-2, 1), (1, -2), (3, 3), (-1, -1)] {
        assert_eq!(truth("a == b", a, b), a == b);
        assert_eq!(truth("a != b", a, b), a != b);
        assert_eq!(truth("a < b", a, b), a < b);
        assert_eq!(truth("a <= b", a, b), a <= b);
        assert_eq!(truth("a > b", a, b), a > b);
        assert_eq!(truth("a >= b", a, b), a >= b);
        assert_eq!(truth("!(a < b)", a, b), a >= b);
        assert_eq!(truth("a < b && b == 1", a, b), a == -2);
        assert_eq!(truth("a < b || a == -1", a, b), a < 0);
        // `&&` is stronger than `||`.
        assert_eq!(truth("a == 3 || a == 1 && b == 1", a, b), a == 3);
    }
}

#[test]
fn assignments_fit_their_state_by_its_rule() {
    use Overflow::{Saturate, Trap, Wrap};
    for (overflow, signed, value, expected, is_counted) in [
        (Wrap, true, 7, 7, false),
        (Wrap, true, 8, -8, true),
        (Wrap, true, -9, 7, true),
        (Wrap, true, 200, -8, true),
        (Wrap, true, -200, -8, true),
        (Wrap, false, 15, 15, false),
        (Wrap, false, 16, 0, true),
        (Wrap, false, -1, 15, true),
        (Wrap, false, 200, 8, true),
        (Saturate, true, -8, -8, false),
        (Saturate, true, 200, 7, true),
        (Saturate, true, -9, -8, true),
        (Saturate, false, -1, 0, true),
        (Saturate, false, 200, 15, true),
        (Trap, true, -9, 7, true),
        (Trap, false, -1, 15, true),
        (Trap, false, 16, 0, true),
        (Trap, false, 0, 0, false),
    ] {
        let program = program(vec![state("x", 4, signed, overflow)], vec![], ["x := w;", "", ""]);
        let (mut states, mut seen) = ([1], Seen::new(&program));
        Evaluator::new(&program).run_event(&mut states, &[], value, &mut seen);
        let counted = u64::from(is_counted);
        let counts = match overflow {
            Wrap => [counted, 0, 0],
            Saturate => [0, counted, 0],
            _ => [0, 0, counted],
        };
        assert_eq!(states[0], expected, "{overflow:?} signed={signed} {value}");
        assert_eq!(
            [seen.wraps, seen.saturations, seen.traps],
            counts,
            "{overflow:?} signed={signed} {value}"
        );
    }
}

#[test]
fn a_local_is_exact_and_statements_see_what_came_before() {
    let states = vec![state("x", 4, true, Overflow::Wrap), state("y", 8, true, Overflow::Wrap)];
    // t = 20 does not fit x; y is made from t, then x from the y just set: 20 - 6 = 14 wraps to -2.
    let text = "let t := x + 15; y := t; if y > 0 { let d := 6; x := y - d; }";
    let program = program(states, vec![], ["", text, ""]);
    let mut states = [5, 0];
    Evaluator::new(&program).run_tick(&mut states, &[], &mut Seen::new(&program));
    assert_eq!(states, [-2, 20]);
}

#[test]
fn a_trigger_spikes_once_and_after_follows_either() {
    let program = program(
        vec![state("v", 8, true, Overflow::Saturate)],
        vec![],
        ["v := v + w;", "if v == 0 { spike; spike; v := 1; }", "if v >= 10 { spike; v := v - 10; }"],
    );
    let (mut evaluator, mut states, mut seen) = (Evaluator::new(&program), [0], Seen::new(&program));
    // Tick: spikes twice in one text, which is one spike; after: 1 < 10.
    assert_eq!(evaluator.run_tick(&mut states, &[], &mut seen), 1);
    assert_eq!(states, [1]);
    // Event: 1 + 12 = 13, after spikes, 3 stays.
    assert_eq!(evaluator.run_event(&mut states, &[], 12, &mut seen), 1);
    assert_eq!(evaluator.run_event(&mut states, &[], 1, &mut seen), 0);
    assert_eq!(states, [4]);
    assert_eq!(evaluator.run_tick(&mut states, &[], &mut seen), 0);
    // The `if` of on_tick was tried twice, that of after four times.
    assert_eq!(seen.branches, [[1, 1], [3, 1]]);
    assert_eq!(seen.branch_sides(), (4, 4));
}

const LEAK: &str = "v := v + leak;
    if v >= pth { spike; if mode == 0 { v := vr; } else { v := v - pth; } }
    else if v < nth { if mode == 0 { v := -vr; } else { v := v - nth; } }";

#[test]
fn first_example_of_the_specification() {
    let mut parameters: Vec<_> = ["leak", "pth", "nth", "vr"].map(|name| parameter(name, 9, true)).into();
    parameters.push(parameter("mode", 1, false));
    let program = program(vec![state("v", 9, true, Overflow::Wrap)], parameters, ["v := v + w;", LEAK, ""]);
    for (mode, expected) in [(0, [3, 2, -3]), (1, [0, -1, -4])] {
        let (mut evaluator, mut states, mut seen) = (Evaluator::new(&program), [0], Seen::new(&program));
        let parameters = [-1, 8, -4, 3, mode];
        for (step, events) in [&[5, 4][..], &[], &[-6]].into_iter().enumerate() {
            for &w in events {
                assert_eq!(evaluator.run_event(&mut states, &parameters, w, &mut seen), 0);
            }
            let spikes = evaluator.run_tick(&mut states, &parameters, &mut seen);
            assert_eq!(
                (states[0], spikes),
                (expected[step], u32::from(step == 0)),
                "mode {mode} step {step}"
            );
        }
    }
    let (mut evaluator, mut states, mut seen) = (Evaluator::new(&program), [250], Seen::new(&program));
    evaluator.run_event(&mut states, &[0; 5], 10, &mut seen);
    assert_eq!(states, [-252]);
    evaluator.run_event(&mut states, &[0; 5], -10, &mut seen);
    assert_eq!((states, seen.wraps), ([250], 2));
}

#[test]
fn second_example_of_the_specification() {
    let chip = spikeloom_chip::load("loihi1").expect("the chip loads");
    let program = chip.programs.values().next().expect("one core type");
    let (low, high) = (-(1 << 23), (1 << 23) - 1);
    // du, dv, refd, vth, bm, be, vmin, vmax
    let parameters = [409, 128, 3, 12, -1, 2, low, high];
    let (mut evaluator, mut states, mut seen) =
        (Evaluator::new(program), [0, -1000, 1000, 0], Seen::new(program));
    for (events, q, u, v, held, spikes) in [
        (&[400, 300][..], 700, -199, 765, 0, 0),
        (&[1000], 1000, 821, 0, 2, 1),
        (&[], 0, 738, 0, 1, 0),
        (&[], 0, 664, 0, 0, 0),
        (&[], 0, 597, 593, 0, 0),
    ] {
        for &w in events {
            evaluator.run_event(&mut states, &parameters, w, &mut seen);
        }
        assert_eq!(states[0], q);
        assert_eq!(evaluator.run_tick(&mut states, &parameters, &mut seen), spikes);
        assert_eq!(states, [0, u, v, held]);
    }
}
