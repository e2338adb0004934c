//! Every way in which a text can't be read: its code, line and column; and that one reading finds all faults.

mod common;

use common::{Case, assert_cases, case, nothing, read};
use spikeloom_ir::text::{self, Level, Style};

const NETWORK: &str = "example 0";
const PROGRAM: &str = "example 1";
const CORES: &str = "example 2";
const PLACED: &str = "example 3";
const LISTS: &str = "lists.placed.loomtext";

fn assert_all(cases: &[Case]) {
    assert_cases(cases, |level, text, chip| {
        read(level, text, chip, &nothing).err().map_or(Vec::new(), |f| f.0)
    });
}

#[test]
fn the_header() {
    assert_all(&[
        case(PLACED, &[("loom", "loam")], &[("SL1102", "loam")]),
        case(PLACED, &[("loom 1", "loom 2")], &[("SL1102", "2")]),
        case(PLACED, &[("level=placed", "level=image")], &[("SL1102", "image")]),
        case(PLACED, &[("chip-digest=", "chip-digest=\"x\" chip-digest=")], &[("SL1110", "chip-digest")]),
        case(
            PLACED,
            &[("source=\"small.nir\" ", "colour=\"red\" ")],
            &[("SL1110", "colour"), ("SL1110", "loom")],
        ),
        case(PLACED, &[("chip-digest=", "chip-digest=abab source=")], &[("SL1101", "abab")]),
        case(PLACED, &[("option dt", "option dt dt")], &[("SL1101", "dt =")]),
    ]);
    let (text, chip) = common::text_named(PLACED);
    let other = text.replace(&chip.digest, &"00".repeat(32));
    let faults = read(Level::Placed, &other, &chip, &nothing).unwrap_err().0;
    assert_eq!((faults[0].code, faults.len(), faults[0].place.to_string().as_str()), ("SL1106", 1, "t:1:45"));
    let faults = read(Level::Cores, &text, &chip, &nothing).unwrap_err().0;
    assert_eq!((faults[0].code, faults.len(), faults[0].place.to_string().as_str()), ("SL1102", 1, "t:1:14"));
}

#[test]
fn tokens() {
    assert_all(&[
        case(
            NETWORK,
            &[("loc(\"/node/nodes/in\")", "loc(\"/node/nodes/in)")],
            &[("SL1101", "\"/node/nodes/in)")],
        ),
        case(NETWORK, &[("\"/node/nodes/in\"", "\"a\\q\"")], &[("SL1101", "\\q")]),
        case(NETWORK, &[("\"/node/nodes/in\"", "\"\\u{d800}\"")], &[("SL1101", "\\u")]),
        case(NETWORK, &[("option dt", "# a comment\noption dt")], &[("SL1101", "#")]),
        case(NETWORK, &[("bias = 1e-7", "bias = 1e999")], &[("SL1104", "1e999")]),
        case(NETWORK, &[("[0.2, -0.1]", "[1e39, -0.1]")], &[("SL1104", "1e39")]),
        case(PROGRAM, &[("bias = 0", "bias = 0.5")], &[("SL1104", "0.5")]),
        case(PROGRAM, &[("delay=1", "delay=-1")], &[("SL1104", "-1")]),
        case(PROGRAM, &[("lag=1", "lag=0.5")], &[("SL1104", "lag=0.5")]),
        case(PROGRAM, &[("[8, 1]", "[8 1]")], &[("SL1101", "1]")]),
        case(PROGRAM, &[("[8, 1]", "[8 x 4000000000]")], &[("SL1108", "8 x")]),
        case(CORES, &[("slots 3..8", "slots 3..4000000000")], &[("SL1108", "3..4")]),
    ]);
}

#[test]
fn names_and_fields() {
    assert_all(&[
        case(NETWORK, &[("model=IF", "model=LF")], &[("SL1105", "model=LF")]),
        case(NETWORK, &[("connect %in", "connect %inn")], &[("SL1105", "%inn")]),
        case(NETWORK, &[("  resistance = 1.0\n", "")], &[("SL1110", "pop %hid")]),
        case(
            NETWORK,
            &[("  resistance = 1.0\n", "  resistance = 1.0\n  leak = 2.0\n")],
            &[("SL1110", "leak")],
        ),
        case(
            NETWORK,
            &[("  resistance = 1.0\n", "  resistance = 1.0\n  resistance = 2.0\n")],
            &[("SL1110", "resistance = 2")],
        ),
        case(NETWORK, &[("  bias = 1e-7", "  start bias = 1e-7")], &[("SL1110", "start")]),
        case(NETWORK, &[("input %in[2]", "input %in[2] lag=0")], &[("SL1110", "lag")]),
        case(NETWORK, &[("%in[2]", "%in[100000,100000]")], &[("SL1121", "[100000")]),
        case(
            PROGRAM,
            &[("pop %hid[2] core=\"core\"", "pop %hid[2] core=\"heart\"")],
            &[("SL1112", "core=\"heart\"")],
        ),
        case(PROGRAM, &[("scale=10.0", "scale=\"10\"")], &[("SL1110", "scale")]),
        case(PROGRAM, &[("scale=10.0 ", "")], &[("SL1110", "pop %hid")]),
        case(PROGRAM, &[("start v = -1", "start w = -1")], &[("SL1110", "pop %hid"), ("SL1110", "start w")]),
        case(PROGRAM, &[("start v = -1", "v = -1")], &[("SL1110", "pop %hid"), ("SL1110", "v = -1")]),
        case(CORES, &[("out 0..3 -> @b", "out 0..3 -> @c")], &[("SL1105", "@c")]),
        case(PLACED, &[("core @a", "channels %result = []\ncore @a")], &[("SL1105", "%result")]),
    ]);
}

#[test]
fn order_and_sizes() {
    assert_all(&[
        case(NETWORK, &[("output %output", "core @a\noutput %output")], &[("SL1103", "core")]),
        case(
            PROGRAM,
            &[("connect %in", "output %o = %in loc(\"\")\nconnect %in")],
            &[("SL1103", "connect %in"), ("SL1103", "connect %hid")],
        ),
        case(PROGRAM, &[("fired %in = 5\n", "")], &[("SL1103", "%hid = [0"), ("SL1103", "%out = 1")]),
        case(NETWORK, &[("output %output", "fired %in = 5\noutput %output")], &[("SL1103", "fired")]),
        case(PROGRAM, &[("from 1: 0=+2", "from 1: 0=+2\n  from 0: 0=+2")], &[("SL1103", "0: 0=+2")]),
        case(PROGRAM, &[("from 1: 0=+2", "from 2: 0=+2")], &[("SL1104", "2: 0=+2")]),
        case(PROGRAM, &[("sparse [2,1]", "sparse [2,2]")], &[("SL1124", "[2,2]")]),
        case(PROGRAM, &[("[2, 0]", "[2, 0, 0]")], &[("SL1109", "[2, 0, 0]")]),
        case(PROGRAM, &[("  [-1, 2]\n", "")], &[("SL1109", "[2,2]")]),
        case(
            CORES,
            &[("  slots 3..8 = idle\n", "  s 0..3 = [2, -1]\n  slots 3..8 = idle\n")],
            &[("SL1103", "slots 3"), ("SL1109", "0..3 = [2")],
        ),
        case(CORES, &[("slots 2 =", "slots 3 =")], &[("SL1109", "3 =")]),
        case(CORES, &[("slots 2 = copy %hid[1]", "slots 2 = copy %hid[0..2]")], &[("SL1109", "0..2]")]),
        case(
            CORES,
            &[("slots 0..2 = primary %hid[0..2]", "slots 0..2 = primary %hid[2..2]")],
            &[("SL1109", "2..2")],
        ),
        case(CORES, &[("slots 2 = copy", "slots 2 = spare")], &[("SL1101", "slots 2")]),
        case(CORES, &[("s 3..8 = [0, 0]", "s 3..8 = [0]")], &[("SL1109", "3..8 = [0]")]),
        case(CORES, &[("0x06", "0x106")], &[("SL1109", "0x106")]),
        case(CORES, &[("type=1", "type=2")], &[("SL1109", "0x01")]),
        case(CORES, &[("  crossbar 2 = 0x01\n", "")], &[("SL1109", "core @a")]),
        case(CORES, &[("out 0..3 -> @b[0..3]", "out 0..3 -> @b[0..2]")], &[("SL1109", "0..2]")]),
        case(CORES, &[("out 0..3 -> @b[0..3] delay=1", "out 0..9 -> @b[1]")], &[("SL1109", "0..9")]),
        case(LISTS, &[("list 1 ", "list 3 ")], &[("SL1109", "3 delay")]),
        case(LISTS, &[("list 2 ", "list 0 ")], &[("SL1109", "0 format")]),
        case(LISTS, &[("format 1 exponent", "format 2 exponent")], &[("SL1109", "2 exponent")]),
    ]);
}

#[test]
fn tiles_and_routes() {
    assert_all(&[
        case(PLACED, &[("tile=(0,1)", "tile=(0,2)")], &[("SL1160", "tile=(0,2)")]),
        case(LISTS, &[(" member=3", "")], &[("SL1160", "tile=(2,1)")]),
        case(PLACED, &[("tile=(0,1) ", "")], &[("SL1101", "{")]),
        case(PLACED, &[(": W N local", ": N W local")], &[("SL1111", "route")]),
        case(PLACED, &[("route @a -> @b", "route @b -> @a")], &[("SL1111", "route")]),
        case(PLACED, &[("route @a -> @b", "route @a -> @c")], &[("SL1105", "@c")]),
        case(PLACED, &[(": W N local", ": W N")], &[("SL1101", "")]),
    ]);
    let (text, chip) = common::text_named(PLACED);
    let without = text.replace("route @a -> @b : W N local\n", "");
    let parsed = text::parse_placed(&without, "t", &chip, &nothing).unwrap();
    assert_eq!(text::placed(&parsed.value, &chip, Style::default()).text, text, "routes follow");
}

#[test]
fn one_reading_finds_all_faults() {
    let (mut text, chip) = common::text_named(PLACED);
    for (from, to) in [
        ("option dt", "option ="),
        ("%in[2] lag=0", "%in[2] lag=x"),
        ("vth = [8, 1]", "vth = [8, one]"),
        ("vth = 3", "vth = three"),
        ("[2, 0]", "[2, zero]"),
        ("from 1:", "from 1;"),
        ("type=1 delay=0", "type=1 delay=z"),
        ("@b[0..3]", "@z[0..3]"),
        ("slots 0 =", "slot 0 ="),
        ("route @a", "route a"),
    ] {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    let faults = read(Level::Placed, &text, &chip, &nothing).unwrap_err().0;
    let lines: Vec<String> = faults.iter().map(|f| f.place.to_string()).collect();
    let wanted = ["=", "x", "one", "three", "zero", ";", "z", "@z", "slot 0", "a ->"];
    for word in wanted {
        assert!(faults.iter().any(|f| f.message.contains(word) || matches!(&f.place, spikeloom_diagnostics::Place::Text { source_line, column, .. } if source_line[column - 1..].starts_with(word))), "{word}: {faults:#?}\n{lines:?}");
    }
    // Consequences are few: what hangs on a line that could not be read.
    assert!(faults.len() <= wanted.len() + 6, "{faults:#?}");
    // A text of nothing but faults ends.
    let faults =
        read(Level::Placed, &text.replace("slots", "slits\n").repeat(200), &chip, &nothing).unwrap_err().0;
    assert!(faults.len() <= 210);
}

#[test]
fn files_are_held_to_their_digest() {
    let (_, chip) = common::text_named(PROGRAM);
    let (text, _) = common::text_named(PROGRAM);
    let mut program = text::parse_program(&text, "t", &chip, &nothing).unwrap().value;
    program.connections[0].synapses =
        spikeloom_ir::program::Synapses::Dense { targets: 2, values: (0..200).collect() };
    let printed = text::program(&program, &chip, Style::default());
    let file = printed.tensors[0].1.clone();
    assert_eq!(
        text::parse_program(&printed.text, "t", &chip, &|_| Some(file.clone())).unwrap().value,
        program
    );
    let mut changed = file.clone();
    *changed.last_mut().unwrap() ^= 1;
    let at = printed.text.find("sha256").unwrap() + 7;
    let column = at - printed.text[..at].rfind('\n').unwrap();
    for tensors in [None, Some(changed), Some(Vec::new())] {
        let faults = text::parse_program(&printed.text, "t", &chip, &|_| tensors.clone()).unwrap_err().0;
        assert_eq!((faults.len(), faults[0].code), (1, "SL1107"));
        assert!(faults[0].place.to_string().ends_with(&format!(":{column}")), "{}", faults[0]);
    }
    let smaller = printed.text.replace("i32 [100,2]", "i32 [10,20]");
    let faults = text::parse_program(&smaller, "t", &chip, &|_| Some(file.clone())).unwrap_err().0;
    assert_eq!(faults[0].code, "SL1107");
    let huge = printed.text.replace("i32 [100,2]", "i32 [4000000000,4000000000]");
    let faults = text::parse_program(&huge, "t", &chip, &|_| Some(file.clone())).unwrap_err().0;
    assert_eq!(faults[0].code, "SL1108");
}
