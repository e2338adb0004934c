//! Explicit networks: files of numpy with the numbers of their script, and there and back.

use spikeloom_diagnostics::Diagnostic;
use spikeloom_image::spikes::npz::read_members;
use spikeloom_import::{is_explicit, read_explicit, write_explicit};
use spikeloom_ir::network::{
    Connection, Convolution, Network, NeuronModel, Output, Pool, Population, PopulationId, PopulationKind,
    Stage, Tensor, Values, Window,
};
use spikeloom_ir::verify;

const SMALL: &[u8] = include_bytes!("explicit/small.npz");
const MODELS: &[u8] = include_bytes!("explicit/models.npz");

fn read(bytes: &[u8]) -> (Network, Option<f64>, Vec<Diagnostic>) {
    let read = read_explicit(bytes, "folder/net.npz").unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(verify::network(&read.0, None), []);
    read
}

fn population<'a>(network: &'a Network, name: &str) -> &'a Population {
    network.populations.iter().find(|p| p.name == name).expect("no such population")
}

fn model<'a>(network: &'a Network, name: &str) -> &'a NeuronModel {
    match &population(network, name).kind {
        PopulationKind::Neurons(model) => model,
        PopulationKind::Input => panic!("{name} is an input"),
    }
}

fn delay(size: usize, seconds: Values) -> Stage {
    Stage::Delay { size, seconds }
}

#[test]
fn a_file_of_numpy_has_the_numbers_of_its_script() {
    assert!(is_explicit(SMALL));
    assert_eq!(read_members(SMALL, "x", 1 << 20).unwrap().len(), 40);
    let (network, dt, notes) = read(SMALL);
    assert_eq!(dt, Some(1e-3));
    assert_eq!(notes.iter().map(|d| d.code).collect::<Vec<_>>(), ["SL0460"]);
    assert!(notes[0].message.starts_with("1 parallel synapses"), "{}", notes[0]);
    assert_eq!(network.source_name, "net.npz");
    let names: Vec<_> = network.populations.iter().map(|p| (p.name.as_str(), p.shape.as_slice())).collect();
    assert_eq!(names, [("hidden", &[3][..]), ("in", &[2]), ("out", &[2])]);

    let hidden = population(&network, "hidden");
    assert_eq!(hidden.rules, "reset=subtract,refractory=2,gain=1");
    assert_eq!(hidden.bias, Values::Each(vec![0.0, 0.25, 0.0]));
    assert_eq!(hidden.location, "population/hidden");
    let lif = NeuronModel::Lif {
        tau_s: Values::Uniform(0.02),
        resistance: Values::Uniform(1.0),
        leak: Values::Uniform(0.0),
        threshold: Values::Each(vec![1.0, 2.0, 1.5]),
        reset: Values::Uniform(0.0),
    };
    assert_eq!(*model(&network, "hidden"), lif);
    assert_eq!(population(&network, "out").rules, "gain=r*dt/tau");
    let cuba = NeuronModel::CubaLif {
        tau_synapse_s: Values::Uniform(0.005),
        tau_membrane_s: Values::Each(vec![0.02, 0.03]),
        resistance: Values::Uniform(2.0),
        leak: Values::Uniform(-65.0),
        threshold: Values::Uniform(-50.0),
        reset: Values::Uniform(-70.0),
        input_weight: Values::Uniform(1.0),
    };
    assert_eq!(*model(&network, "out"), cuba);
    let output =
        Output { name: "spikes".into(), population: PopulationId(2), location: "output/spikes".into() };
    assert_eq!(network.outputs, [output]);

    let connection = |source, target, path: &str, stages| Connection {
        source: PopulationId(source),
        target: PopulationId(target),
        stages,
        path: vec![path.into()],
    };
    let sparse = |offsets: &[u32], targets: &[u32], weights| Stage::Sparse {
        outputs: 2,
        offsets: offsets.to_vec(),
        targets: targets.to_vec(),
        weights,
    };
    let fc = Tensor::F32(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    // At 1 ms: 1 -> 1 of 7, 2 -> 0 of 10 and 5. At 3 ms: 0 -> 1 of -20, 2 -> 1 of 9.
    let soon = sparse(&[0, 0, 1, 2], &[1, 0], Tensor::F64(vec![7.0, 15.0]));
    let late = sparse(&[0, 1, 1, 2], &[1, 1], Tensor::F32(vec![-20.0, 9.0]));
    // Source 1 comes after 4 steps, source 0 after 1.
    let lateral = sparse(&[0, 1, 2], &[1, 0], Tensor::F64(vec![-0.5, -0.5]));
    let expected = [
        connection(0, 2, "list.0.001_s", vec![delay(3, Values::Uniform(0.001)), soon]),
        connection(0, 2, "list.0.003_s", vec![delay(3, Values::Uniform(0.003)), late]),
        connection(
            1,
            0,
            "fc",
            vec![
                delay(2, Values::Each(vec![0.0, 0.002])),
                Stage::Dense { outputs: 3, inputs: 2, weights: fc },
            ],
        ),
        connection(1, 2, "direct", vec![Stage::Scale { size: 2, factors: Values::Each(vec![0.5, 0.75]) }]),
        connection(2, 2, "lateral", vec![delay(2, Values::Each(vec![0.001, 0.004])), lateral]),
        connection(2, 2, "same", vec![delay(2, Values::Uniform(0.01))]),
    ];
    assert_eq!(network.connections, expected);
}

#[test]
fn every_model_with_and_without_its_defaults() {
    let (network, dt, notes) = read(MODELS);
    assert_eq!((dt, notes), (None, vec![]));
    assert_eq!(network.populations.len(), 19);
    let fields = |name: &str| {
        let fields = model(&network, name).fields();
        fields.iter().map(|(name, values)| format!("{name}={}", values.get(0))).collect::<Vec<_>>().join(" ")
    };
    for (name, expected, rules) in [
        ("if", "resistance=1 threshold=1 reset=0", "gain=1"),
        ("if_full", "resistance=2 threshold=1 reset=3", ""),
        ("lif", "tau_s=0.01 resistance=1 leak=0 threshold=1 reset=0", "gain=3"),
        ("lif_full", "tau_s=0.01 resistance=2 leak=4 threshold=1 reset=3", ""),
        (
            "cuba_lif",
            "tau_synapse_s=0.01 tau_membrane_s=0.02 resistance=1 leak=0 threshold=1 reset=0 input_weight=1",
            "decay=exp,gain=r*(1-exp(-dt/tau))",
        ),
        (
            "cuba_lif_full",
            "tau_synapse_s=0.01 tau_membrane_s=0.02 resistance=2 leak=4 threshold=1 reset=3 input_weight=5",
            "",
        ),
        ("li", "tau_s=0.01 resistance=1 leak=0", "gain=1"),
        ("li_full", "tau_s=0.01 resistance=2 leak=4", ""),
        (
            "cuba_li",
            "tau_synapse_s=0.01 tau_membrane_s=0.02 resistance=1 leak=0 input_weight=1",
            "gain=r*dt/tau",
        ),
        ("cuba_li_full", "tau_synapse_s=0.01 tau_membrane_s=0.02 resistance=2 leak=4 input_weight=5", ""),
        ("i", "resistance=1", "gain=1"),
        ("i_full", "resistance=2", ""),
        ("threshold", "threshold=1", ""),
        ("sum", "", ""),
        ("stepped", "current_decay=0 membrane_decay=0.5 threshold=1 reset=0 start=0", ""),
        ("stepped_full", "current_decay=0.25 membrane_decay=0.5 threshold=1 reset=3 start=-1", ""),
    ] {
        assert_eq!((fields(name).as_str(), population(&network, name).rules.as_str()), (expected, rules));
        let found = model(&network, name).name().to_lowercase();
        assert_eq!(found, name.trim_end_matches("_full").replace('_', ""), "{name}");
    }
}

/// The network as it comes back from its file, with the names of places that the writer can't keep.
fn back(network: &Network, dt: Option<f64>) -> (Network, Vec<Diagnostic>) {
    let (bytes, notes) = write_explicit(network, dt).unwrap();
    assert_eq!(write_explicit(network, dt).unwrap().0, bytes, "the same bytes each time");
    let (again, dt_again, _) = read(&bytes);
    assert_eq!(dt_again, dt);
    let (source_name, source_digest) = (network.source_name.clone(), network.source_digest.clone());
    (Network { source_name, source_digest, ..again }, notes)
}

#[test]
fn what_is_written_comes_back() {
    for bytes in [SMALL, MODELS] {
        let (network, dt, _) = read(bytes);
        assert_eq!(back(&network, dt), (network, vec![]));
    }
}

fn input(name: &str, shape: &[usize]) -> Population {
    Population {
        name: name.into(),
        shape: shape.into(),
        kind: PopulationKind::Input,
        bias: Values::Uniform(0.0),
        rules: String::new(),
        location: format!("input/{name}"),
    }
}

fn integrators(name: &str, shape: &[usize]) -> Population {
    let kind = PopulationKind::Neurons(NeuronModel::Threshold { threshold: Values::Uniform(1.0) });
    Population { kind, location: format!("population/{name}"), ..input(name, shape) }
}

fn between(shapes: [&[usize]; 2], paths: &[&[&str]], stages: Vec<Stage>) -> Network {
    let connection = |path: &&[&str]| Connection {
        source: PopulationId(0),
        target: PopulationId(1),
        stages: stages.clone(),
        path: path.iter().map(|name| name.to_string()).collect(),
    };
    Network {
        source_name: "n".into(),
        source_digest: "d".into(),
        populations: vec![input("a", shapes[0]), integrators("b", shapes[1])],
        connections: paths.iter().map(connection).collect(),
        outputs: vec![Output { name: "o".into(), population: PopulationId(1), location: "output/o".into() }],
    }
}

/// A plane of 1 x 3 under a kernel (2, 3) with one column of padding to the left: outputs at columns -1, 0, 1.
fn convolution() -> Stage {
    let window = Window {
        input: [1, 3],
        kernel: [1, 2],
        stride: [1, 1],
        padding: [0, 1],
        dilation: [1, 1],
        output: [1, 3],
    };
    let weights = Tensor::F32(vec![2.0, 3.0]);
    Stage::Convolution(Convolution { channels_in: 1, channels_out: 1, groups: 1, window, weights })
}

#[test]
fn convolutions_pools_and_chains_become_lists() {
    let (again, notes) = back(&between([&[1, 3], &[3]], &[&["conv", "flatten"]], vec![convolution()]), None);
    assert_eq!(notes.iter().map(|d| d.code).collect::<Vec<_>>(), ["SL0462"]);
    assert!(notes[0].message.contains("5 in all: \"conv.flatten\""), "{}", notes[0]);
    // Element 0 is the second tap of window 0 and the first of window 1, and so on; 2 falls off the end.
    let list = Stage::Sparse {
        outputs: 3,
        offsets: vec![0, 2, 4, 5],
        targets: vec![0, 1, 1, 2, 2],
        weights: Tensor::F32(vec![3.0, 2.0, 3.0, 2.0, 3.0]),
    };
    assert_eq!(again.connections[0].stages, [list]);
    assert_eq!(again.connections[0].path, ["conv.flatten"]);

    // Behind it a delay of its own for each element: 1 -> 1 comes after 2 s, 1 -> 2 after 4 s, times a sum of three.
    let window = Window {
        input: [1, 3],
        kernel: [1, 3],
        stride: [1, 1],
        padding: [0, 0],
        dilation: [1, 1],
        output: [1, 1],
    };
    let pool = Stage::Pool(Pool { channels: 1, window, divisor: 2.0 });
    let chain = vec![convolution(), delay(3, Values::Each(vec![1.0, 2.0, 4.0])), pool];
    let (again, _) = back(&between([&[1, 3], &[1]], &[&[]], chain), None);
    let weights = |connection: &Connection| match connection.stages.as_slice() {
        [Stage::Delay { seconds: Values::Uniform(s), .. }, Stage::Sparse { offsets, weights, .. }] => {
            (*s, offsets.clone(), (0..weights.len()).map(|i| weights.get(i)).collect::<Vec<_>>())
        }
        other => panic!("{other:?}"),
    };
    let found: Vec<_> = again.connections.iter().map(weights).collect();
    assert_eq!(
        found,
        [
            (1.0, vec![0, 1, 1, 1], vec![1.5]),
            (2.0, vec![0, 1, 2, 2], vec![1.0, 1.5]),
            (4.0, vec![0, 0, 1, 2], vec![1.0, 1.5]),
        ]
    );
    assert_eq!(again.connections[0].path, ["a.b.1.0_s"]);
}

#[test]
fn paths_become_names_that_stand_once() {
    let stage = Stage::Dense { outputs: 1, inputs: 1, weights: Tensor::F64(vec![0.1]) };
    let paths: [&[&str]; 4] = [&[], &["fc"], &["fc"], &["fc", "2"]];
    let (again, notes) = back(&between([&[1], &[1]], &paths, vec![stage]), Some(0.5));
    let names: Vec<_> = again.connections.iter().map(|c| c.path.join("|")).collect();
    assert_eq!((names, notes), (["a.b", "fc", "fc.2", "fc.2.2"].map(String::from).to_vec(), vec![]));
}

#[test]
fn odd_names_are_names() {
    let mut network = between([&[1], &[1]], &[&["../x\\y/z"]], vec![]);
    network.populations[0].name = "./a b".into();
    network.populations[1].name = "/ä/../é\n".into();
    network.outputs[0].name = "C:\\o".into();
    network.populations[0].location = "input/./a b".into();
    network.populations[1].location = "population//ä/../é\n".into();
    network.outputs[0].location = "output/C:\\o".into();
    assert_eq!(back(&network, None).0, network);
}
