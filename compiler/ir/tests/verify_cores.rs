//! Every invariant of Cores and Placed is broken once, in a stored text that holds otherwise: its code, line and column.

mod common;

use common::{Case, assert_cases, case, nothing, read};
use spikeloom_ir::{text, verify};

fn assert_all(cases: &[Case]) {
    assert_cases(cases, |level, text, chip| match read(level, text, chip, &nothing) {
        Ok(parsed) => parsed.verify(chip),
        Err(faults) => faults.0,
    });
}

const CORES: &str = "example 2";
const PLACED: &str = "example 3";
const RANC: &str = "ranc.placed.loomtext";
const LISTS: &str = "lists.placed.loomtext";

#[test]
fn slots() {
    assert_all(&[
        case(CORES, &[("core @b", "core @\"\""), ("-> @b", "-> @\"\"")], &[("SL1120", "core @\"\"")]),
        case(
            CORES,
            &[("slots 3..8 = idle", "slots 3..7 = idle"), ("s 3..8 =", "s 3..7 =")],
            &[("SL1140", "core @a")],
        ),
        case(
            CORES,
            &[("slots 3..8 = idle", "slots 3..9 = idle"), ("s 3..8 =", "s 3..9 =")],
            &[("SL1140", "core @a")],
        ),
        case(CORES, &[("slots 2 = copy", "slots 2 = primary")], &[("SL1141", "slots 2")]),
        case(CORES, &[("slots 0 = primary %out[0]", "slots 0 = copy %out[0]")], &[("SL1141", "pop %out")]),
        case(CORES, &[("slots 2 = copy %hid[1]", "slots 2 = copy %hid[2]")], &[("SL1122", "slots 2")]),
        case(CORES, &[("slots 2 = copy %hid[1]", "slots 2 = copy %in[1]")], &[("SL1122", "slots 2")]),
        case(
            CORES,
            &[("rows 2 type=1 delay=0 = %in[1]", "rows 2 type=1 delay=0 = %in[7]")],
            &[("SL1122", "rows 2")],
        ),
        case(
            CORES,
            &[("core @b type=\"core\"", "core @b type=\"more\"")],
            &[("SL1130", "core @b"), ("SL1141", "pop %out")],
        ),
    ]);
}

#[test]
fn limits() {
    assert_all(&[
        case(
            CORES,
            &[
                (
                    "rows 2 type=1 delay=0 = %in[1]",
                    "rows 2 type=1 delay=0 = %in[1]\n rows 3..17 type=0 delay=0 = %in[0]",
                ),
                ("crossbar 2 = 0x01", "crossbar 2 = 0x01\n crossbar 3..17 = 0x00"),
            ],
            &[("SL1142", "core @a")],
        ),
        case(
            RANC,
            &[("out 0..2 -> channel 3..5", "out 0..2 -> channel 3..5, nowhere 7")],
            &[("SL1142", "out 0..2"), ("SL1142", "out 0..2")],
        ),
        case(
            RANC,
            &[("  out 2..8 -> nowhere channel 9\n", "  out 2..7 -> nowhere channel 9\n")],
            &[("SL1144", "slots 2..8")],
        ),
        case(LISTS, &[("vmin = -8388607", "vmin = [-8388607, 0]")], &[("SL1143", "slots 0..2")]),
        case(LISTS, &[("delay-bits=3", "delay-bits=7")], &[("SL1147", "format 1")]),
        case(LISTS, &[("exponent=1 ", "exponent=8 ")], &[("SL1147", "format 1"), ("SL1147", "list 2")]),
        case(
            LISTS,
            &[(
                "  axons 0..2",
                "  format 2 exponent=0 delay-bits=0\n  format 3 exponent=0 delay-bits=0\n  format 4 exponent=0 delay-bits=0\n  format 5 exponent=0 delay-bits=0\n  format 6 exponent=0 delay-bits=0\n  format 7 exponent=0 delay-bits=0\n  format 8 exponent=0 delay-bits=0\n  axons 0..2",
            )],
            &[("SL1142", "core @a")],
        ),
    ]);
}

#[test]
fn profiles_words_and_accumulators() {
    let (text, chip) = common::text_named(LISTS);
    // 33 neurons, each with a dv of its own: the profile has 32 entries; with a delay of 62, 8,192 accumulators are
    // enough for 132 neurons only.
    let grow = |neurons: usize, dv: &str| {
        let text = text
            .replace("%a[2]", &format!("%a[{neurons}]"))
            .replace("[0, 410]", dv)
            .replace("[-3, 7]", "7")
            .replace("[1, 1]", "1");
        let text = text.replace(
            "dense i32 [2,2] {\n  [64, -128]\n  [192, 0]",
            &format!("sparse [2,{neurons}] {{\n  from 0: 0=+64 1=-128\n  from 1: 0=+192"),
        );
        let text = text.replace("sparse [2,2]", &format!("sparse [{neurons},{neurons}]"));
        let text = text.replace(
            "slots 0..2 = primary %a[0..2]",
            &format!("slots 0..{neurons} = primary %a[0..{neurons}]"),
        );
        text.replace("slots 2..1024", &format!("slots {neurons}..1024"))
    };
    let found = |text: &str| {
        let parsed = text::parse_placed(text, "t", &chip, &nothing).unwrap();
        verify::placed(&parsed.value, &chip, Some(&parsed.places))
    };
    let list = |n: usize| format!("[{}]", (0..n).map(|i| i.to_string()).collect::<Vec<_>>().join(", "));
    assert_eq!(found(&grow(32, &list(32))), []);
    let faults = found(&grow(33, &list(33)));
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!((faults[0].code, faults[0].field.as_deref()), ("SL1142", Some("profiles.cx")));
    let late =
        |neurons| grow(neurons, "0").replace("delay=5", "delay=62").replace("delay-bits=3", "delay-bits=6");
    assert_eq!(found(&late(132)), []);
    let faults = found(&late(133));
    assert_eq!((faults.len(), faults[0].field.as_deref()), (1, Some("delay.accumulators")));
    assert_eq!(faults[0].need.as_deref(), Some("8246 accumulators of delays"));
    // 937 blocks of 64 synapses are 10 + 64 x 18 bits or 19 words each, the 32 left over 10; two more lists take one.
    let mut placed = text::parse_placed(&text, "t", &chip, &nothing).unwrap().value;
    let axon = &mut placed.cores.cores[0].axons[0];
    axon.synapses = axon.synapses.iter().cycle().take(60_000).copied().collect();
    let faults = verify::placed(&placed, &chip, None);
    assert!(faults.iter().any(|f| f.need.as_deref() == Some("17815 words of synapse memory")), "{faults:?}");
}

#[test]
fn stores() {
    assert_all(&[
        case(
            CORES,
            &[("s 0..3 = [2, -1]", "s 0..3 = [2, -33]"), ("crossbar 2 = 0x01", "crossbar 2 = 0x00")],
            &[("SL1146", "s 0..3"), ("SL1148", "slots 0..2")],
        ),
        case(CORES, &[("s 3..8 = [0, 0]", "s 3..7 = [0, 0]")], &[("SL1146", "s 0..3")]),
        case(
            CORES,
            &[("  s 0 = [1, 0]\n  s 1..8 = [0, 0]\n", "  s 0 = [1, 0, 0]\n  s 1..8 = [0, 0, 0]\n")],
            &[("SL1146", "s 0 = [1")],
        ),
        case(LISTS, &[("axons 2 = %a[0]", "axons 2 type=1 = %a[0]")], &[("SL1146", "axons 2")]),
        case(
            CORES,
            &[("  crossbar 0..3 = 0x01", "  list 0: 0=+2\n  list 1: 0=+1\n  list 2: 0=+1")],
            &[("SL1147", "list 0"), ("SL1148", "slots 0 =")],
        ),
        case(
            CORES,
            &[("  crossbar 0..3 = 0x01", "  list 0: 0=+1 0=+1\n  list 1: 0=+1\n  list 2: 0=+1")],
            &[("SL1147", "list 0"), ("SL1148", "slots 0 =")],
        ),
        case(LISTS, &[("list 0 delay=1: 0=+64", "list 0 format=1 delay=1: 0=+64")], &[("SL1147", "list 0")]),
        case(
            LISTS,
            &[("list 0 delay=1:", "list 0 delay=2:")],
            &[("SL1147", "list 0"), ("SL1148", "slots 0..2"), ("SL1148", "slots 0..2")],
        ),
        case(LISTS, &[("list 0 delay=1:", "list 0 format=7 delay=1:")], &[("SL1147", "list 0")]),
        case(
            LISTS,
            &[("list 2 format=1 delay=5: 1=+256", "list 2 format=1 delay=5: 1=+256 2=+256")],
            &[("SL1149", "list 2")],
        ),
        case(CORES, &[("crossbar 1 = 0x06", "crossbar 1 = 0x0e")], &[("SL1149", "crossbar 1")]),
        case(CORES, &[("crossbar 1 = 0x06", "crossbar 1 = 0x07")], &[("SL1148", "slots 0..2")]),
        case(CORES, &[("crossbar 1 = 0x06", "crossbar 1 = 0x02")], &[("SL1148", "slots 2")]),
        case(CORES, &[("[-1, 2]", "[-1, 1]")], &[("SL1148", "slots 0..2"), ("SL1148", "slots 2")]),
    ]);
}

#[test]
fn traffic() {
    assert_all(&[
        case(
            CORES,
            &[("rows 2 type=1 delay=0", "rows 2 type=1 delay=4")],
            &[("SL1133", "rows 2"), ("SL1148", "slots 0..2")],
        ),
        case(
            CORES,
            &[("rows 0..2 type=0 delay=1 = %hid", "rows 0..2 type=0 delay=0 = %hid")],
            &[
                ("SL1133", "rows 0..2"),
                ("SL1133", "rows 0..2"),
                ("SL1145", "out"),
                ("SL1145", "out"),
                ("SL1148", "slots 0"),
            ],
        ),
        case(
            LISTS,
            &[("axons 2 = %a[0]", "axons 2 delay=1 = %a[0]")],
            &[("SL1133", "axons 2"), ("SL1145", "out 0"), ("SL1148", "slots 0..2")],
        ),
        case(
            CORES,
            &[("out 0..3 -> @b[0..3] delay=1", "out 0..2 -> @b[0..2] delay=1\n  out 2 -> @b[3] delay=1")],
            &[("SL1144", "out 2"), ("SL1145", "rows 2 type=0 delay=1")],
        ),
        case(
            CORES,
            &[("out 0..3 -> @b[0..3] delay=1", "out 0..2 -> @b[0..2] delay=1")],
            &[("SL1145", "rows 2 type=0 delay=1")],
        ),
        case(
            CORES,
            &[(
                "out 0..3 -> @b[0..3] delay=1",
                "out 0..2 -> @b[0..2] delay=1\n  out 2 -> @b[2] delay=1, @b[1] delay=1",
            )],
            &[("SL1145", "rows 0..2 type=0 delay=1")],
        ),
        case(
            CORES,
            &[("out 0..3 -> @b[0..3] delay=1", "out 0..3 -> @b[0..3] delay=2")],
            &[("SL1145", "out"), ("SL1145", "out"), ("SL1145", "out")],
        ),
        case(
            CORES,
            &[("out 0..3 -> @b[0..3] delay=1", "out 0..3 -> @b[0..3] delay=1\n  out 3 -> @a[0]")],
            &[("SL1144", "out 3")],
        ),
        case(
            CORES,
            &[(
                "out 0..3 -> @b[0..3] delay=1",
                "out 0 -> @b[0] delay=1, @a[0]\n out 1..3 -> @b[1..3] delay=1",
            )],
            &[("SL1145", "out 0")],
        ),
        case(
            RANC,
            &[
                ("slots 3..8 = idle", "slots 3 = copy %hid[0]\n  slots 4..8 = idle"),
                ("crossbar 0 = 0x05", "crossbar 0 = 0x0d"),
                ("s 0..3 = [1, 0, 0, 0]\n  s 3..8", "s 0..4 = [1, 0, 0, 0]\n  s 4..8"),
                ("out 3..8 -> nowhere 2", "out 3 -> nowhere 1\n  out 4..8 -> nowhere 2"),
            ],
            &[("SL1144", "out 3")],
        ),
        case(
            RANC,
            &[("out 3..8 -> nowhere 2", "out 3..8 -> nowhere 8")],
            &[
                ("SL1144", "out 3"),
                ("SL1144", "out 3"),
                ("SL1144", "out 3"),
                ("SL1144", "out 3"),
                ("SL1144", "out 3"),
            ],
        ),
        case(
            CORES,
            &[("crossbar 0..3 = 0x01", "crossbar 0..3 = 0x01\n  out 0 -> channel 0")],
            &[("SL1150", "out 0")],
        ),
        case(
            RANC,
            &[("out 0..2 -> channel 3..5", "out 0..2 -> channel 3")],
            &[("SL1150", "out 0..2"), ("SL1151", "channels"), ("SL1151", "channels")],
        ),
        case(
            RANC,
            &[("out 0..2 -> channel 3..5", "out 0..2 -> channel 255..257"), ("[3..5]", "[255..257]")],
            &[("SL1150", "out 0..2")],
        ),
    ]);
}

#[test]
fn places() {
    assert_all(&[
        case(
            PLACED,
            &[("tile=(0,1)", "site=9"), ("route @a -> @b : W N local", "")],
            &[("SL1160", "site=9")],
        ),
        case(
            RANC,
            &[
                ("tile=(1,0)", "tile=(3,2)"),
                (": E local", ": E E E N N local"),
                (": E E N N local", ": local"),
            ],
            &[("SL1160", "tile=(3,2)")],
        ),
        case(PLACED, &[("tile=(0,1)", "tile=(1,0)"), ("W N local", "local")], &[("SL1161", "tile=(1,0)")]),
        case(
            RANC,
            &[("channels %result = [3..5]", "channels %result = [3]")],
            &[("SL1151", "channels"), ("SL1151", "out 0..2")],
        ),
        case(
            RANC,
            &[("channels %result = [3..5]\n", "")],
            &[("SL1151", "loom"), ("SL1151", "out 0..2"), ("SL1151", "out 0..2")],
        ),
        case(
            RANC,
            &[("channels %result = [3..5]", "channels %result = [4, 3]")],
            &[("SL1151", "channels"), ("SL1151", "channels")],
        ),
        case(
            RANC,
            &[("channels %result = [3..5]", "channels %result = [3, 3]")],
            &[("SL1151", "channels"), ("SL1151", "channels"), ("SL1151", "out 0..2")],
        ),
        case(PLACED, &[("core @a", "channels %output = [1]\ncore @a")], &[("SL1151", "channels")]),
    ]);
}

#[test]
fn without_a_text_things_are_named() {
    let (text, chip) = common::text_named(PLACED);
    let parsed = text::parse_placed(&text, "t", &chip, &nothing).unwrap();
    assert_eq!(*verify::verified_placed(parsed.value.clone(), &chip, None).unwrap(), parsed.value);
    let mut placed = parsed.value;
    placed.cores.program.populations[1].name.clear();
    placed.cores.cores[0].slots[0].destinations.clear();
    placed.sites = vec![0, 7];
    placed.cores.program.origin.chip_digest.clear();
    let faults = verify::verified_placed(placed, &chip, None).unwrap_err().0;
    let found: Vec<_> = faults.iter().map(|f| (f.code, f.place.to_string())).collect();
    let expected = [
        ("SL1106", "small.nir header"),
        ("SL1120", "small.nir population "),
        ("SL1145", "small.nir core @b in-axon 0"),
        ("SL1160", "small.nir core @b"),
    ];
    assert_eq!(found, expected.map(|(code, place)| (code, place.to_string())));
}
