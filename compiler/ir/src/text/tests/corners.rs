//! The corners of the grammar: what the small example does not show.

use super::super::{Style, cores, names, network, npy, placed, program};
use super::{SHORT, small_cores, small_network, small_program, tiny};
use crate::cores::{Destination, Placed, Role, Slot, Synapse, SynapseFormat};
use crate::network::{Stage, Tensor, Values};
use crate::program::{Integers, PopulationKind, Synapses};
use sha2::{Digest, Sha256};

const FULL: Style = Style { full: true };

fn hex_digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_way_out() {
    let mut level = Placed { cores: small_cores(), sites: vec![0, 1], channels: vec![vec![4, 5, 6, 9]] };
    let slots = &mut level.cores.cores[1].slots;
    slots[0].destinations = vec![Destination::Channel(4), Destination::Axon { core: 1, axon: 7, delay: 2 }];
    slots[1].destinations = vec![Destination::Channel(5), Destination::Axon { core: 1, axon: 7, delay: 2 }];
    for slot in &mut slots[2..8] {
        slot.destinations = vec![Destination::Nowhere { axon: 255, of_output: false }];
    }
    slots[7].destinations = vec![Destination::Nowhere { axon: 119, of_output: true }];
    let chip = spikeloom_chip::load("ranc").expect("the chip ships");
    let text = placed(&level, &chip, SHORT).text;
    for line in [
        "channels %output = [4..7, 9]\n",
        "  out 0..2 -> channel 4..6, @b[7] delay=2\n  out 2..7 -> nowhere 255\n  out 7 -> nowhere channel 119\n",
        "route @a -> @b : E local\nroute @b -> @b : local\nroute @b -> output : E E N N local\n",
    ] {
        assert!(text.contains(line), "{line} is not in:\n{text}");
    }
}

#[test]
fn lists_of_synapses() {
    let mut level = small_cores();
    let core = &mut level.cores[0];
    core.type_values.clear();
    core.axons[2].row_type = 0;
    core.axons[1].synapses[1].delay = 3;
    core.axons[1].synapses[1].format = 1;
    core.formats =
        [(-2, 0), (0, 2)].map(|(exponent, delay_bits)| SynapseFormat { exponent, delay_bits }).to_vec();
    let text = cores(&level, &tiny(), SHORT).text;
    let expected = "  format 0 exponent=-2 delay-bits=0\n  format 1 exponent=0 delay-bits=2\n  axons 0..2 = %in[0..2]\n  axons 2 = %in[1]\n  list 0: 0=+2\n  list 1: 1=+2\n  \
                    list 1 format=1 delay=3: 2=+2\n  list 2: 0=-1\n";
    assert!(text.contains(expected), "{text}");

    let core = &mut level.cores[0];
    core.axons[0].synapses = (0..70).map(|slot| Synapse { slot, value: 5, delay: 1, format: 0 }).collect();
    let printed = cores(&level, &tiny(), SHORT);
    let rows: Vec<i32> = (0..70)
        .flat_map(|slot| [0, slot, 5, 1, 0])
        .chain([1, 1, 2, 0, 0, 1, 2, 2, 3, 1, 2, 0, -1, 0, 0])
        .collect();
    let file = npy::file(&[73, 5], &rows);
    assert!(printed.text.contains(&format!("  list i32 [73,5] sha256={}\n", hex_digest(&file))));
    assert_eq!(printed.tensors, [(hex_digest(&file), file)]);
    let text = cores(&level, &tiny(), FULL).text;
    assert!(text.contains("  list 0 delay=1: 0=+5 1=+5 2=+5"), "{text}");
    assert!(text.contains("\n  list 0 delay=1: 64=+5 65=+5"), "{text}");
}

#[test]
fn a_crossbar_that_does_not_follow_from_its_types_is_listed() {
    let mut level = small_cores();
    level.cores[0].axons[0].synapses[0].value = 3;
    let text = cores(&level, &tiny(), SHORT).text;
    assert!(
        text.contains("  rows 2 type=1 delay=0 = %in[1]\n  list 0: 0=+3\n  list 1: 1=+2 2=+2\n"),
        "{text}"
    );
}

#[test]
fn wide_crossbars_go_to_files() {
    let mut level = small_cores();
    let core = &mut level.cores[0];
    core.slots.resize(70, Slot { role: Role::Idle, destinations: Vec::new() });
    core.type_values = vec![(0..70).map(|slot| slot % 7).collect(), vec![-1; 70]];
    core.axons[0].synapses = vec![Synapse { slot: 69, value: 6, delay: 0, format: 0 }];
    core.axons[1].synapses.clear();
    let printed = cores(&level, &tiny(), SHORT);
    let mut bits = [0u8; 27];
    (bits[8], bits[18]) = (1 << 5, 1);
    let crossbar = npy::file(&[3, 9], &bits);
    let values = npy::file(&[2, 70], &level.cores[0].type_values.concat());
    assert!(printed.text.contains(&format!("  crossbar u8 [3,9] sha256={}\n", hex_digest(&crossbar))));
    assert!(printed.text.contains(&format!("  s i64 [2,70] sha256={}\n", hex_digest(&values))));
    let mut files = vec![(hex_digest(&crossbar), crossbar), (hex_digest(&values), values)];
    files.sort();
    assert_eq!(printed.tensors, files);
    let full = cores(&level, &tiny(), FULL);
    assert!(full.text.contains("  crossbar 0 = 0x200000000000000000\n  crossbar 1 = 0x000000000000000000\n"));
    assert!(full.tensors.is_empty());
}

#[test]
fn long_arrays_go_to_files_once() {
    let mut level = small_network();
    let long: Vec<f32> = (0..65).map(|i| i as f32).collect();
    for connection in &mut level.connections {
        connection.stages = vec![Stage::Dense { outputs: 1, inputs: 65, weights: Tensor::F32(long.clone()) }];
    }
    let printed = network(&level, &[], SHORT);
    let file = npy::file(&[1, 65], &long);
    assert_eq!(
        printed.text.matches(&format!("  dense f32 [1,65] sha256={}\n", hex_digest(&file))).count(),
        2
    );
    assert_eq!(printed.tensors, [(hex_digest(&file), file)]);
    let full = network(&level, &[], FULL);
    assert!(full.tensors.is_empty());
    assert!(full.text.contains("    [\n      0.0, 1.0, 2.0, 3.0,"), "{}", full.text);
    assert!(full.text.contains(" 63.0,\n      64.0\n    ]\n"), "{}", full.text);
}

#[test]
fn long_lists_and_sparse_synapses_go_to_files() {
    let mut level = small_program();
    let values: Vec<i64> = (0..65).collect();
    let PopulationKind::Neurons { parameters, .. } = &mut level.populations[1].kind else { panic!() };
    parameters[0] = Integers::Each(values.clone());
    parameters[1] = Integers::Each([[3; 40].as_slice(), &[-2; 3], &[5; 100]].concat());
    let targets: Vec<u32> = (0..65).collect();
    level.connections[1].synapses =
        Synapses::Sparse { offsets: vec![0, 0, 65], targets, values: vec![-7; 65] };
    let printed = program(&level, &tiny(), SHORT);
    let list = hex_digest(&npy::file(&[65], &values));
    let triples: Vec<i32> = (0..65).flat_map(|target| [1, target, -7]).collect();
    let sparse = hex_digest(&npy::file(&[65, 3], &triples));
    for line in [
        format!("  bias = i64 [65] sha256={list}\n"),
        "  vth = [3 x 40, -2, -2, -2, 5 x 100]\n".to_string(),
        format!("delay=1 sparse [2,1] i32 [65,3] sha256={sparse}\n"),
    ] {
        assert!(printed.text.contains(&line), "{line} is not in:\n{}", printed.text);
    }
    assert_eq!(printed.tensors.len(), 2);
}

#[test]
fn odd_names_are_quoted() {
    assert_eq!(names::node("0"), "%0");
    assert_eq!(names::node("net.fc1"), "%net.fc1");
    assert_eq!(names::node(""), "%\"\"");
    assert_eq!(names::node("a \"b\"\\\n\u{7}é"), "%\"a \\\"b\\\"\\\\\\n\\u{7}é\"");
    assert_eq!(names::word("out.reset"), "out.reset");
    assert_eq!(names::word("1st"), "\"1st\"");
    assert_eq!(names::digest("9f31"), "\"9f31\"");
    let mut level = small_program();
    level.populations[1].name = "fc-1/lif".to_string();
    level.populations[1].shape = vec![1, 2];
    level.connections[0].path.clear();
    let text = program(&level, &tiny(), SHORT).text;
    assert!(text.contains("pop %\"fc-1/lif\"[1,2] core=\"core\" lag=0"), "{text}");
    assert!(text.contains("connect %in -> %\"fc-1/lif\" delay=0 dense"), "{text}");
}

#[test]
fn numbers_are_exact() {
    let mut level = small_network();
    let odd = [0.1 + 0.2, -0.0, 5e-324, f64::MAX, 1.0 / 3.0];
    level.populations[1].bias = Values::Each(odd.to_vec());
    let text = network(&level, &[], SHORT).text;
    let line = text.lines().find_map(|line| line.trim().strip_prefix("bias = [")).expect("it has a bias");
    let read: Vec<u64> = line
        .trim_end_matches(']')
        .split(", ")
        .map(|n| n.parse::<f64>().expect("a number").to_bits())
        .collect();
    assert_eq!(read, odd.map(f64::to_bits));
}

#[test]
fn npy_files() {
    let file = npy::file(&[3], &[1i32, -1, 256]);
    let header = "{'descr': '<i4', 'fortran_order': False, 'shape': (3,), }";
    assert_eq!(&file[..10], b"\x93NUMPY\x01\x00\x76\x00");
    assert_eq!(file.len(), 128 + 12);
    assert_eq!(file[10..128], *format!("{header:<117}\n").as_bytes());
    assert_eq!(file[128..], [1, 0, 0, 0, 255, 255, 255, 255, 0, 1, 0, 0]);
    let file = npy::file(&[2, 1], &[7u8, 9]);
    let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1), }";
    assert!(file[10..].starts_with(header.as_bytes()) && file.ends_with(b" \n\x07\x09"));
}
