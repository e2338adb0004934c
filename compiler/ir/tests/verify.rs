//! Every invariant of Network and Program is broken once, in a stored text that holds otherwise: its code, line and column.

mod common;

use common::{Case, assert_cases, case, nothing, read};
use spikeloom_ir::{text, verify};

fn assert_all(cases: &[Case]) {
    assert_cases(cases, |level, text, chip| match read(level, text, chip, &nothing) {
        Ok(parsed) => parsed.verify(chip),
        Err(faults) => faults.0,
    });
}

const NETWORK: &str = "example 0";
const PROGRAM: &str = "example 1";

#[test]
fn networks() {
    assert_all(&[
        case(
            NETWORK,
            &[
                ("pop %out[1]", "pop %hid[1]"),
                ("-> %out", "-> %hid"),
                ("dense f64 [1,2] {\n    [0.1, 1e300]", "dense f64 [2,2] {\n    [0.1, 1e300]\n [2, 3]"),
                ("= %out", "= %hid"),
            ],
            &[("SL1120", "pop %hid[1]")],
        ),
        case(
            NETWORK,
            &[("input %in[2]", "input %\"\"[2]"), ("connect %in", "connect %\"\"")],
            &[("SL1120", "input %\"\"")],
        ),
        case(NETWORK, &[("output %output", "output %\"\"")], &[("SL1120", "output")]),
        case(
            NETWORK,
            &[("output %output =", "output %o = %hid loc(\"\")\noutput %o =")],
            &[("SL1120", "output %o = %out")],
        ),
        case(NETWORK, &[("%in[2]", "%in[2,0]")], &[("SL1121", "input %in[2,0]"), ("SL1124", "connect %in")]),
        case(
            NETWORK,
            &[
                ("connect %hid -> %out path(\"fc2\")", "connect %hid -> %in path(\"fc2\")"),
                ("dense f64 [1,2] {", "dense f64 [2,2] {[0, 0]"),
            ],
            &[("SL1122", "connect %hid -> %in")],
        ),
        case(NETWORK, &[("[0.75, 0.1]", "[0.75, 0.1, 3]")], &[("SL1123", "threshold = [0.75")]),
        case(NETWORK, &[("bias = 1e-7", "bias = []")], &[("SL1123", "bias = []")]),
        case(NETWORK, &[("threshold = 3.0", "threshold = -inf")], &[("SL1125", "threshold = -inf")]),
        case(
            NETWORK,
            &[
                ("model=IF", "model=LIF"),
                ("  resistance = 1.0", "  resistance = 1.0 leak = 0.0 tau_s = [0.1, -0.1]"),
            ],
            &[("SL1125", "tau_s = [0.1")],
        ),
        case(NETWORK, &[("[0.2, -0.1]", "[NaN, -0.1]")], &[("SL1125", "connect %in")]),
        case(
            NETWORK,
            &[(
                "dense f32 [2,2] {\n    [0.2, -0.1]\n    [-0.0, 0.2]",
                "dense f32 [2,3] {[1, 2, 3] [4, 5, 6]",
            )],
            &[("SL1124", "connect %in")],
        ),
        case(
            NETWORK,
            &[("dense f64 [1,2] {\n    [0.1, 1e300]", "dense f64 [2,2] {[0.1, 1] [0, 0]")],
            &[("SL1124", "connect %hid")],
        ),
        case(
            NETWORK,
            &[(
                "dense f64 [1,2] {\n    [0.1, 1e300]\n  }",
                "dense f64 [3,2] {[1, 2] [3, 4] [5, 6]} dense f32 [1,2] {[1, 1]}",
            )],
            &[("SL1124", "connect %hid")],
        ),
        case(
            NETWORK,
            &[(
                "connect %hid -> %out path(\"fc2\") {",
                "connect %hid -> %out\nconnect %hid -> %out path(\"fc2\") {",
            )],
            &[("SL1124", "connect %hid -> %out")],
        ),
    ]);
}

#[test]
fn programs() {
    assert_all(&[
        case(
            PROGRAM,
            &[
                ("pop %out[1]", "pop %hid[1]"),
                ("-> %out", "-> %hid"),
                ("sparse [2,1]", "sparse [2,2]"),
                ("fired %in = 5\nfired %hid = [0, 2]\nfired %out = 1\n", ""),
                ("= %out", "= %hid"),
            ],
            &[("SL1120", "pop %hid[1]")],
        ),
        case(
            PROGRAM,
            &[
                ("pop %out[1]", "pop %out[1,0]"),
                ("sparse [2,1] {\n  from 0: 0=+1\n  from 1: 0=+2", "sparse [2,0] {"),
            ],
            &[("SL1121", "pop %out[1,0]")],
        ),
        case(
            PROGRAM,
            &[("-> %out path(\"fc2\") delay=1 sparse [2,1]", "-> %in path(\"fc2\") delay=1 sparse [2,2]")],
            &[("SL1122", "connect %hid -> %in")],
        ),
        case(PROGRAM, &[("output %output = %out", "output %output = %in")], &[("SL1122", "output")]),
        case(PROGRAM, &[("vth = [8, 1]", "vth = [8, 1, 2]")], &[("SL1123", "vth = [8")]),
        case(PROGRAM, &[("fired %hid = [0, 2]", "fired %hid = [0, 2, 0]")], &[("SL1123", "pop %hid")]),
        case(PROGRAM, &[("fired %hid = [0, 2]", "fired %hid = -1")], &[("SL1104", "pop %hid")]),
        case(PROGRAM, &[("fired %out = 1\n", "")], &[("SL1110", "loom")]),
        case(PROGRAM, &[("bias = 0", "bias = [7, 8]")], &[("SL1131", "bias = [7, 8]")]),
        case(PROGRAM, &[("vth = 3", "vth = -129")], &[("SL1131", "vth = -129")]),
        case(PROGRAM, &[("start v = -1", "start v = 128")], &[("SL1132", "start v = 128")]),
        case(PROGRAM, &[("scale=10.0", "scale=0.0")], &[("SL1125", "pop %hid")]),
        case(PROGRAM, &[("delay=0 dense", "delay=4 dense")], &[("SL1133", "connect %in")]),
        case(PROGRAM, &[("delay=1 sparse", "delay=4 sparse")], &[("SL1133", "connect %hid")]),
        case(
            PROGRAM,
            &[("delay=1 sparse", "delay=0 sparse")],
            &[("SL1133", "connect %hid"), ("SL1134", "connect %hid")],
        ),
        case(PROGRAM, &[("input %in[2] lag=0", "input %in[2] lag=1")], &[("SL1134", "input %in")]),
        case(
            PROGRAM,
            &[("pop %out[1] core=\"core\" lag=1", "pop %out[1] core=\"core\" lag=2")],
            &[("SL1134", "connect %hid")],
        ),
        case(
            PROGRAM,
            &[("dense i32 [2,2] {\n  [2, 0]\n  [-1, 2]", "dense i32 [1,2] {[2, 0]")],
            &[("SL1124", "connect %in")],
        ),
        case(
            PROGRAM,
            &[("dense i32 [2,2] {\n  [2, 0]\n  [-1, 2]", "dense i32 [2,3] {[2, 0, 1] [0, 0, 0]")],
            &[("SL1124", "connect %in")],
        ),
        case(PROGRAM, &[("sparse [2,1]", "sparse [3,1]")], &[("SL1124", "connect %hid")]),
        case(PROGRAM, &[("from 1: 0=+2", "from 1: 1=+2")], &[("SL1124", "connect %hid")]),
        case(PROGRAM, &[("from 1: 0=+2", "from 1: 0=+2 0=+1")], &[("SL1135", "connect %hid")]),
        case(PROGRAM, &[("from 1: 0=+2", "from 1: 0=0")], &[("SL1135", "connect %hid")]),
        case(PROGRAM, &[("[-1, 2]", "[-65, 62]")], &[("SL1136", "connect %in")]),
        case(
            "lists.placed.loomtext",
            &[("[192, 0]", "[193, 0]")],
            &[("SL1136", "connect %in"), ("SL1148", "slots 0..2")],
        ),
    ]);
}

#[test]
fn sizes_that_no_memory_holds_are_told() {
    let (text, _) = common::text_named(NETWORK);
    let mut network = text::parse_network(&text, "t", &nothing).unwrap().value.network;
    for population in &mut network.populations {
        population.shape = vec![usize::MAX, 2];
    }
    let faults = verify::network(&network, None);
    assert_eq!(faults.iter().map(|f| f.code).collect::<Vec<_>>(), ["SL1121"; 3]);
    for population in &mut network.populations {
        population.shape = vec![1 << 27];
    }
    let faults = verify::network(&network, None);
    assert_eq!(faults.iter().filter(|f| f.code == "SL1121").count(), 1, "{faults:?}");
}
