//! An example of three neurons at each level, its text written by hand.

mod corners;

use super::{Style, cores, network, placed, program};
use crate::cores::{Core, Cores, Destination, InAxon, NeuronId, Placed, Role, Slot, Synapse};
use crate::network::{
    Connection, Network, NeuronModel, Output, Population, PopulationId, PopulationKind, Stage, Tensor, Values,
};
use crate::program::{self as level, Integers, Origin, Program, Synapses};
use spikeloom_chip::Chip;

const SHORT: Style = Style { full: false };

fn tiny() -> Chip {
    spikeloom_chip::load("tiny").expect("the chip ships")
}

/// `expected` with `<d>` standing for a digest of 64 digits; the text must stand in docs/ir.md too.
fn assert_text(text: &str, expected: &str) {
    let digest = "ab".repeat(32);
    let expected = expected.replace("<d>", &digest);
    assert!(text == expected, "printed:\n{text}\nexpected:\n{expected}");
    let page = include_str!("../../../../docs/ir.md").replace("abab...abab", &digest);
    assert!(page.contains(text), "docs/ir.md does not show:\n{text}");
}

fn id(population: u32, index: u32) -> NeuronId {
    NeuronId { population: PopulationId(population), index }
}

fn small_network() -> Network {
    let population = |name: &str, size, kind| Population {
        name: name.to_string(),
        shape: vec![size],
        kind,
        bias: Values::Uniform(0.0),
        rules: String::new(),
        location: format!("/node/nodes/{name}"),
    };
    let model = |threshold| NeuronModel::If {
        resistance: Values::Uniform(1.0),
        threshold,
        reset: Values::Uniform(-0.0),
    };
    let mut hid = population("hid", 2, PopulationKind::Neurons(model(Values::Each(vec![0.75, 0.1]))));
    hid.bias = Values::Uniform(1e-7);
    let connection = |source, target, name: &str, outputs, weights| Connection {
        source: PopulationId(source),
        target: PopulationId(target),
        stages: vec![Stage::Dense { outputs, inputs: 2, weights }],
        path: vec![name.to_string()],
    };
    Network {
        source_name: "small.nir".to_string(),
        source_digest: "ab".repeat(32),
        populations: vec![
            population("in", 2, PopulationKind::Input),
            hid,
            population("out", 1, PopulationKind::Neurons(model(Values::Uniform(3.0)))),
        ],
        connections: vec![
            connection(0, 1, "fc1", 2, Tensor::F32(vec![0.2, -0.1, -0.0, 0.2])),
            connection(1, 2, "fc2", 1, Tensor::F64(vec![0.1, 1e300])),
        ],
        outputs: vec![Output {
            name: "output".to_string(),
            population: PopulationId(2),
            location: "/node/nodes/output".to_string(),
        }],
    }
}

fn small_program() -> Program {
    let population = |name: &str, size, kind, lag| level::Population {
        name: name.to_string(),
        shape: vec![size],
        kind,
        lag,
        location: format!("/node/nodes/{name}"),
    };
    let neurons = |vth, scale| level::PopulationKind::Neurons {
        core_type: "core".to_string(),
        parameters: vec![Integers::Uniform(0), vth],
        initial: vec![Integers::Uniform(-1)],
        scale,
        readout: None,
    };
    let connection = |source, target, name: &str, synapses| level::Connection {
        source: PopulationId(source),
        target: PopulationId(target),
        path: vec![name.to_string()],
        delay: source,
        synapses,
    };
    let network = small_network();
    Program {
        origin: Origin {
            chip_name: "tiny".to_string(),
            chip_digest: "ab".repeat(32),
            source_name: network.source_name,
            source_digest: network.source_digest,
            options: vec![
                ("dt".to_string(), "0.0001".to_string()),
                ("semantics".to_string(), "nir".to_string()),
            ],
        },
        populations: vec![
            population("in", 2, level::PopulationKind::Input, 0),
            population("hid", 2, neurons(Integers::Each(vec![8, 1]), 10.0), 0),
            population("out", 1, neurons(Integers::Uniform(3), 1.0), 1),
        ],
        fired: vec![Integers::Uniform(5), Integers::Each(vec![0, 2]), Integers::Uniform(1)],
        connections: vec![
            connection(0, 1, "fc1", Synapses::Dense { targets: 2, values: vec![2, 0, -1, 2] }),
            connection(
                1,
                2,
                "fc2",
                Synapses::Sparse { offsets: vec![0, 1, 2], targets: vec![0, 0], values: vec![1, 2] },
            ),
        ],
        outputs: network.outputs,
    }
}

/// Core a holds both hidden neurons and a copy of the second, core b the output neuron: it hears the second
/// hidden neuron with 2 by hearing the neuron and its copy with 1 each.
fn small_cores() -> Cores {
    let slot = |role, destinations| Slot { role, destinations };
    let axon = |source, row_type, delay, synapses: &[(u32, i32)]| InAxon {
        source,
        row_type,
        delay,
        synapses: synapses
            .iter()
            .map(|&(slot, value)| Synapse { slot, value, delay: 0, format: 0 })
            .collect(),
    };
    let to_b = |axon| vec![Destination::Axon { core: 1, axon, delay: 1 }];
    let mut of_a = vec![
        slot(Role::Primary(id(1, 0)), to_b(0)),
        slot(Role::Primary(id(1, 1)), to_b(1)),
        slot(Role::Copy(id(1, 1)), to_b(2)),
    ];
    let mut of_b = vec![slot(Role::Primary(id(2, 0)), Vec::new())];
    of_a.resize(8, slot(Role::Idle, Vec::new()));
    of_b.resize(8, slot(Role::Idle, Vec::new()));
    let a = Core {
        name: "a".to_string(),
        core_type: "core".to_string(),
        slots: of_a,
        axons: vec![
            axon(id(0, 0), 0, 0, &[(0, 2)]),
            axon(id(0, 1), 0, 0, &[(1, 2), (2, 2)]),
            axon(id(0, 1), 1, 0, &[(0, -1)]),
        ],
        type_values: vec![vec![2, 2, 2, 0, 0, 0, 0, 0], vec![-1, -1, -1, 0, 0, 0, 0, 0]],
        formats: Vec::new(),
    };
    let b = Core {
        name: "b".to_string(),
        core_type: "core".to_string(),
        slots: of_b,
        axons: vec![
            axon(id(1, 0), 0, 1, &[(0, 1)]),
            axon(id(1, 1), 0, 1, &[(0, 1)]),
            axon(id(1, 1), 0, 1, &[(0, 1)]),
        ],
        type_values: vec![vec![1, 0, 0, 0, 0, 0, 0, 0], vec![0; 8]],
        formats: Vec::new(),
    };
    Cores { program: small_program(), cores: vec![a, b] }
}

#[test]
fn a_network() {
    let options = [("dt".to_string(), "0.0001".to_string())];
    let printed = network(&small_network(), &options, SHORT);
    assert_text(
        &printed.text,
        r#"loom 1 level=network source="small.nir" source-digest=<d>
option dt = "0.0001"
input %in[2] loc("/node/nodes/in")
pop %hid[2] model=IF loc("/node/nodes/hid") {
  bias = 1e-7
  resistance = 1.0
  threshold = [0.75, 0.1]
  reset = -0.0
}
pop %out[1] model=IF loc("/node/nodes/out") {
  resistance = 1.0
  threshold = 3.0
  reset = -0.0
}
connect %in -> %hid path("fc1") {
  dense f32 [2,2] {
    [0.2, -0.1]
    [-0.0, 0.2]
  }
}
connect %hid -> %out path("fc2") {
  dense f64 [1,2] {
    [0.1, 1e300]
  }
}
output %output = %out loc("/node/nodes/output")
"#,
    );
    assert!(printed.tensors.is_empty());
}

const PROGRAM: &str = r#"loom 1 level=program chip="tiny" chip-digest=<d> source="small.nir" source-digest=<d>
option dt = "0.0001"
option semantics = "nir"
input %in[2] lag=0 loc("/node/nodes/in")
pop %hid[2] core="core" lag=0 scale=10.0 loc("/node/nodes/hid") {
  bias = 0
  vth = [8, 1]
  start v = -1
}
pop %out[1] core="core" lag=1 scale=1.0 loc("/node/nodes/out") {
  bias = 0
  vth = 3
  start v = -1
}
fired %in = 5
fired %hid = [0, 2]
fired %out = 1
connect %in -> %hid path("fc1") delay=0 dense i32 [2,2] {
  [2, 0]
  [-1, 2]
}
connect %hid -> %out path("fc2") delay=1 sparse [2,1] {
  from 0: 0=+1
  from 1: 0=+2
}
output %output = %out loc("/node/nodes/output")
"#;

#[test]
fn a_program() {
    assert_text(&program(&small_program(), &tiny(), SHORT).text, PROGRAM);
}

const CORE_A: &str = r"
  slots 0..2 = primary %hid[0..2]
  slots 2 = copy %hid[1]
  slots 3..8 = idle
  s 0..3 = [2, -1]
  s 3..8 = [0, 0]
  rows 0..2 type=0 delay=0 = %in[0..2]
  rows 2 type=1 delay=0 = %in[1]
  crossbar 0 = 0x01
  crossbar 1 = 0x06
  crossbar 2 = 0x01
  out 0..3 -> @b[0..3] delay=1
}
";

const CORE_B: &str = r"
  slots 0 = primary %out[0]
  slots 1..8 = idle
  s 0 = [1, 0]
  s 1..8 = [0, 0]
  rows 0..2 type=0 delay=1 = %hid[0..2]
  rows 2 type=0 delay=1 = %hid[1]
  crossbar 0..3 = 0x01
}
";

#[test]
fn cores_of_a_crossbar() {
    let program = PROGRAM.replace("level=program", "level=cores");
    let expected = format!("{program}core @a type=\"core\" {{{CORE_A}core @b type=\"core\" {{{CORE_B}");
    assert_text(&cores(&small_cores(), &tiny(), SHORT).text, &expected);
}

#[test]
fn placed_cores() {
    let program = PROGRAM.replace("level=program", "level=placed");
    let expected = format!(
        "{program}core @a type=\"core\" tile=(1,0) {{{CORE_A}core @b type=\"core\" tile=(0,1) {{{CORE_B}\
         route @a -> @b : W N local\n"
    );
    let level = Placed { cores: small_cores(), sites: vec![1, 2], channels: Vec::new() };
    assert_text(&placed(&level, &tiny(), SHORT).text, &expected);
}
