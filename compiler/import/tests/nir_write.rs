//! NIR files written and read again: the same network, or what the notes say.

use spikeloom_diagnostics::Diagnostic;
use spikeloom_import::{is_nir, read_explicit, read_nir, write_explicit, write_nir};
use spikeloom_ir::network::{
    Connection, Convolution, Network, NeuronModel, Output, Pool, Population, PopulationId, PopulationKind,
    Stage, Tensor, Values, Window,
};
use spikeloom_ir::verify;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn codes(findings: &[Diagnostic]) -> Vec<&str> {
    for finding in findings {
        assert!(spikeloom_diagnostics::codes::find(finding.code).is_some(), "{}", finding.code);
    }
    findings.iter().map(|d| d.code).collect()
}

/// The network as it comes back from its file, as if from the same file.
fn back(network: &Network, dt: Option<f64>) -> (Network, Vec<Diagnostic>) {
    let (bytes, notes) = write_nir(network, dt).unwrap_or_else(|faults| panic!("{faults}"));
    assert!(is_nir(&bytes));
    assert_eq!(write_nir(network, dt).unwrap().0, bytes, "the same bytes each time");
    let (again, _) = read_nir(&bytes, "x.nir").unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(verify::network(&again, None), []);
    let (source_name, source_digest) = (network.source_name.clone(), network.source_digest.clone());
    (Network { source_name, source_digest, ..again }, notes)
}

/// Every good NIR file of the tests.
fn networks() -> Vec<(String, Network)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["tests/files", "../../tests/networks/digits", "../../tests/networks/small"];
    let files = folders.iter().flat_map(|folder| std::fs::read_dir(root.join(folder)).expect("a folder"));
    let mut files: Vec<PathBuf> = files.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "nir"));
    files.sort();
    let read = |path: PathBuf| {
        let bytes = std::fs::read(&path).expect("a readable file");
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        read_nir(&bytes, "x.nir").ok().map(|(network, _)| (name, network))
    };
    files.into_iter().filter_map(read).collect()
}

/// The network without what names and places there are.
fn plain(network: &Network) -> Network {
    let mut plain = network.clone();
    plain.populations.iter_mut().for_each(|p| p.location.clear());
    plain.connections.iter_mut().for_each(|c| c.path.clear());
    plain.outputs.iter_mut().for_each(|o| o.location.clear());
    plain
}

#[test]
fn every_network_that_can_be_read_comes_back() {
    let (mut same, mut renamed) = (0, 0);
    for (name, network) in networks() {
        let (again, notes) = back(&network, None);
        if again == network {
            same += 1;
        } else if notes.is_empty() {
            // Nodes on several paths become one for each, those that do nothing are left out, others are needed.
            assert!(plain(&again) == plain(&network), "{name}");
            renamed += 1;
        } else {
            // A pool over one element is written as a matrix.
            assert_eq!(codes(&notes), [if name == "point" { "SL0466" } else { "SL0465" }], "{name}");
            assert_eq!(plain(&again).populations, plain(&network).populations, "{name}");
            assert!(ways(&again) == ways(&network), "{name}");
        }
        assert!(again == network || !name.starts_with("digits"), "{name}");
    }
    assert!(same >= 12 && renamed >= 1, "{same} the same, {renamed} with other names");
}

/// What leads from where to where after how many seconds: the sum over all connections, bit by bit of the delay.
fn ways(network: &Network) -> BTreeMap<(u32, usize, u32, usize, u64), f64> {
    let mut all = BTreeMap::new();
    for connection in &network.connections {
        let size = network.populations[connection.source.index()].len();
        for source in 0..size {
            let mut ways = vec![(source, 0.0, 1.0)];
            for stage in &connection.stages {
                let mut onward = Vec::new();
                for (element, seconds, factor) in ways {
                    let later = match stage {
                        Stage::Delay { seconds: delay, .. } => seconds + delay.get(element),
                        _ => seconds,
                    };
                    stage.for_each_of(element, |to, weight| onward.push((to, later, factor * weight)));
                }
                ways = onward;
            }
            for (target, seconds, factor) in ways.into_iter().filter(|(_, _, factor)| *factor != 0.0) {
                let key = (connection.source.0, source, connection.target.0, target, f64::to_bits(seconds));
                *all.entry(key).or_insert(0.0) += factor;
            }
        }
    }
    all
}

#[test]
fn networks_of_nir_are_the_same_as_explicit_ones() {
    for (name, network) in networks() {
        let (bytes, _) = write_explicit(&network, None).unwrap();
        let (again, _, _) =
            read_explicit(&bytes, "x.npz").unwrap_or_else(|faults| panic!("{name}: {faults}"));
        assert_eq!(plain(&again).populations, plain(&network).populations, "{name}");
        assert!(ways(&again) == ways(&network), "{name}");
    }
}

#[test]
fn an_explicit_network_becomes_one_of_nir() {
    let (network, dt, _) = read_explicit(include_bytes!("explicit/small.npz"), "small.npz").unwrap();
    let (again, notes) = back(&network, dt);
    assert_eq!(codes(&notes), ["SL0466", "SL0463"]);
    assert_eq!(
        notes[1].hint.as_deref(),
        Some(
            "say it with the file: --dt 0.001 --semantics \"nir,hidden.reset=subtract,hidden.refractory=2\""
        )
    );
    assert!(ways(&again) == ways(&network));
    // A gain of 1 over steps of 1 ms and 20 ms of membrane is a resistance of 20; over 5 ms of current a weight of 5.
    let field = |name: &str, field: &str| {
        let population = again.populations.iter().find(|p| p.name == name).expect("a population");
        let PopulationKind::Neurons(model) = &population.kind else { panic!("{name}") };
        model.fields().into_iter().find(|(f, _)| *f == field).expect("a field").1.clone()
    };
    assert_eq!(field("hidden", "resistance"), Values::Uniform(20.0));
    assert_eq!(field("out", "input_weight"), Values::Uniform(5.0));
    assert_eq!(field("out", "resistance"), Values::Uniform(2.0));
    assert_eq!(again.populations[0].bias, network.populations[0].bias);
    let paths: Vec<_> = again.connections.iter().map(|c| c.path.join(" ")).collect();
    let expected = [
        "list.0.001_s.delay list.0.001_s",
        "list.0.003_s.delay list.0.003_s",
        "fc.delay fc",
        "direct",
        "lateral.delay lateral",
        "same",
    ];
    assert_eq!(paths, expected);
    // Without a step the gains are lost too, and said.
    let (_, notes) = back(&network, None);
    let hint = "say it with the file: --semantics \"nir,hidden.reset=subtract,hidden.refractory=2,hidden.gain=1,\
                out.gain=r*dt/tau\"";
    assert_eq!(notes[1].hint.as_deref(), Some(hint));
}

fn population(name: &str, shape: &[usize], model: Option<NeuronModel>) -> Population {
    Population {
        name: name.into(),
        shape: shape.into(),
        kind: model.map_or(PopulationKind::Input, PopulationKind::Neurons),
        bias: Values::Uniform(0.0),
        rules: String::new(),
        location: format!("/node/nodes/{name}"),
    }
}

fn threshold() -> Option<NeuronModel> {
    Some(NeuronModel::Threshold { threshold: Values::Uniform(1.0) })
}

fn connect(source: u32, target: u32, path: &[&str], stages: Vec<Stage>) -> Connection {
    Connection {
        source: PopulationId(source),
        target: PopulationId(target),
        stages,
        path: path.iter().map(|name| name.to_string()).collect(),
    }
}

/// A network whose outputs show the population of their number.
fn network(populations: Vec<Population>, connections: Vec<Connection>, outputs: &[(&str, u32)]) -> Network {
    let output = |(name, shown): &(&str, u32)| Output {
        name: name.to_string(),
        population: PopulationId(*shown),
        location: format!("/node/nodes/{name}"),
    };
    Network {
        source_name: "n".into(),
        source_digest: "d".into(),
        populations,
        connections,
        outputs: outputs.iter().map(output).collect(),
    }
}

const POINT: Window = Window {
    input: [1, 1],
    kernel: [1, 1],
    stride: [1, 1],
    padding: [0, 0],
    dilation: [1, 1],
    output: [1, 1],
};

fn convolution(channels: [usize; 2], groups: usize, window: Window) -> Stage {
    let [channels_in, channels_out] = channels;
    let count = channels_out * channels_in / groups * window.kernel[0] * window.kernel[1];
    let weights = Tensor::F32((0..count).map(|i| i as f32 + 0.5).collect());
    Stage::Convolution(Convolution { channels_in, channels_out, groups, window, weights })
}

fn dense(outputs: usize, inputs: usize) -> Stage {
    Stage::Dense { outputs, inputs, weights: Tensor::F64((0..outputs * inputs).map(|i| i as f64).collect()) }
}

/// A chain of stages between shapes comes back as it is.
fn comes_back(shapes: [&[usize]; 2], path: &[&str], stages: Vec<Stage>) {
    let populations = vec![population("a", shapes[0], None), population("b", shapes[1], threshold())];
    let network = network(populations, vec![connect(0, 1, path, stages)], &[("o", 1)]);
    assert_eq!(back(&network, None), (network, vec![]));
}

#[test]
fn convolutions_and_pools_of_every_form_come_back() {
    let line =
        Window { input: [1, 7], kernel: [1, 3], stride: [1, 2], padding: [0, 1], output: [1, 4], ..POINT };
    comes_back([&[2, 7], &[4, 4]], &["c"], vec![convolution([2, 4], 2, line)]);
    comes_back([&[2, 7], &[16]], &["c", "f"], vec![convolution([2, 4], 1, line)]);
    comes_back([&[2, 1, 7], &[4, 1, 4]], &["c"], vec![convolution([2, 4], 1, line)]);
    // As many windows as elements, what is odd to the right.
    let same =
        Window { input: [3, 5], kernel: [2, 3], dilation: [3, 1], padding: [1, 1], output: [3, 5], ..POINT };
    comes_back([&[1, 3, 5], &[1, 3, 5]], &["c"], vec![convolution([1, 1], 1, same)]);
    let window =
        Window { input: [5, 4], kernel: [2, 2], stride: [2, 1], padding: [1, 0], output: [3, 3], ..POINT };
    for divisor in [1.0, 4.0] {
        let pool = Stage::Pool(Pool { channels: 2, window, divisor });
        let behind = dense(2, 18);
        comes_back([&[2, 5, 4], &[2]], &["p", "flatten", "fc"], vec![pool, behind]);
    }
    // A matrix for each of three groups.
    comes_back([&[3, 2], &[3, 4]], &["l"], vec![convolution([6, 12], 3, POINT)]);
    // Nothing but an edge, and a chain with nothing in it but a delay.
    comes_back([&[3], &[3]], &[], vec![]);
    comes_back([&[3, 1], &[3]], &["flat"], vec![]);
    let delay = Stage::Delay { size: 2, seconds: Values::Each(vec![0.0, 0.5]) };
    let scale = Stage::Scale { size: 2, factors: Values::Uniform(-2.0) };
    comes_back([&[2], &[2]], &["d", "s"], vec![delay, scale]);
}

#[test]
fn what_nir_has_no_node_for_becomes_a_full_matrix() {
    let window = Window { input: [2, 2], kernel: [2, 1], output: [1, 2], ..POINT };
    let stages = vec![Stage::Pool(Pool { channels: 1, window, divisor: 5.0 })];
    let populations = vec![population("a", &[1, 2, 2], None), population("b", &[2], threshold())];
    let network = network(populations, vec![connect(0, 1, &["p"], stages)], &[("o", 1)]);
    let (again, notes) = back(&network, None);
    assert_eq!(codes(&notes), ["SL0466"]);
    let weights = Tensor::F64(vec![0.2, 0.0, 0.2, 0.0, 0.0, 0.2, 0.0, 0.2]);
    assert_eq!(again.connections[0].stages, [Stage::Dense { outputs: 2, inputs: 4, weights }]);
}

#[test]
fn biases_find_a_place() {
    let bias = |population: Population, bias: Vec<f64>| Population { bias: Values::Each(bias), ..population };
    let window = Window { input: [1, 2], output: [1, 2], ..POINT };
    let make = |each: Vec<f64>, stages: Vec<Stage>| {
        let populations =
            vec![population("a", &[1, 1, 2], None), bias(population("b", &[2, 1, 2], threshold()), each)];
        network(populations, vec![connect(0, 1, &["c"], stages)], &[("o", 1)])
    };
    // One for each channel of a convolution.
    let even = make(vec![1.0, 1.0, -0.25, -0.25], vec![convolution([1, 2], 1, window)]);
    assert_eq!(back(&even, None), (even, vec![]));
    // One for each element: beside it, on a matrix of zeros.
    let odd = make(vec![1.0, 2.0, -0.25, 0.0], vec![convolution([1, 2], 1, window)]);
    let (again, notes) = back(&odd, None);
    assert_eq!(codes(&notes), ["SL0465"]);
    assert_eq!(again.populations, odd.populations);
    let zeros = Stage::Dense { outputs: 4, inputs: 2, weights: Tensor::F32(vec![0.0; 8]) };
    let stages = again.connections.iter().flat_map(|c| c.stages.clone()).collect::<Vec<_>>();
    assert_eq!(stages, [zeros, odd.connections[0].stages[0].clone()]);
    // A delay behind it changes no constant.
    let delay = Stage::Delay { size: 4, seconds: Values::Uniform(0.5) };
    let late = make(vec![1.0, 1.0, -0.25, -0.25], vec![convolution([1, 2], 1, window), delay]);
    let (again, notes) = back(&late, None);
    assert_eq!((plain(&again), codes(&notes)), (plain(&late), vec![]));
}

#[test]
fn populations_and_inputs_without_edges_get_one() {
    let populations = vec![
        population("a", &[5], None),
        population("b", &[2], threshold()),
        population("c", &[3], None),
        population("d", &[4], threshold()),
    ];
    let network =
        network(populations, vec![connect(0, 3, &["fc"], vec![dense(4, 5)])], &[("o", 1), ("p", 3)]);
    let (again, notes) = back(&network, None);
    assert_eq!(codes(&notes), ["SL0465"]);
    assert_eq!((&again.populations, &again.outputs), (&network.populations, &network.outputs));
    let ends: Vec<_> = again.connections.iter().map(|c| (c.source.0, c.target.0)).collect();
    assert_eq!(ends, [(0, 3), (2, 1)]);
}

#[test]
fn sums_dissolve_and_parallel_edges_stay_two() {
    let sum = || Some(NeuronModel::Sum);
    // Shown, as it comes from NIR.
    let readout = network(
        vec![
            population("a", &[2], None),
            population("b", &[2], threshold()),
            Population { bias: Values::Each(vec![1.0, 2.0, 3.0]), ..population("o", &[3], sum()) },
        ],
        vec![
            connect(0, 1, &[], vec![]),
            connect(0, 2, &["skip"], vec![dense(3, 2)]),
            connect(1, 2, &["fc"], vec![dense(3, 2)]),
        ],
        &[("o", 2)],
    );
    assert_eq!(back(&readout, None), (readout, vec![]));
    // In the middle, led to by two and leading on to two.
    let middle = network(
        vec![
            population("a", &[2], None),
            population("b", &[2], None),
            population("c", &[2], threshold()),
            population("sum", &[2], sum()),
        ],
        vec![
            connect(0, 3, &["x"], vec![dense(2, 2)]),
            connect(1, 3, &[], vec![]),
            connect(3, 2, &["y"], vec![dense(2, 2)]),
            connect(3, 2, &[], vec![]),
        ],
        &[("o", 2)],
    );
    let (again, notes) = back(&middle, None);
    assert_eq!(codes(&notes), Vec::<&str>::new());
    let paths: Vec<_> = again.connections.iter().map(|c| c.path.join(" ")).collect();
    assert_eq!(paths, ["x sum.c", "x y", "b.sum sum.c", "b.sum y"]);
    // Two edges of one pair are one in NIR.
    let twice = network(
        vec![population("a", &[2], None), population("b", &[2], threshold())],
        vec![connect(0, 1, &[], vec![]), connect(0, 1, &[], vec![])],
        &[("o", 1)],
    );
    assert!(ways(&back(&twice, None).0) == ways(&twice));
}

#[test]
fn names_that_nir_has_no_place_for_are_changed_and_told() {
    let populations = vec![population("a/b", &[1], None), population("out", &[1], threshold())];
    let network = network(populations, vec![connect(0, 1, &["."], vec![dense(1, 1)])], &[("out", 1)]);
    let (again, notes) = back(&network, None);
    assert_eq!(codes(&notes), ["SL0467"]);
    let names: Vec<_> = again.populations.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["a_b", "out"]);
    assert_eq!((again.outputs[0].name.as_str(), again.connections[0].path[0].as_str()), ("out.output", "_."));
}

#[test]
fn populations_given_by_steps_are_refused() {
    let one = || Values::Uniform(1.0);
    let stepped = NeuronModel::Stepped {
        current_decay: one(),
        membrane_decay: one(),
        threshold: one(),
        reset: one(),
        start: one(),
    };
    let populations = vec![
        population("a", &[1], None),
        population("b", &[1], Some(stepped.clone())),
        population("c", &[1], Some(stepped)),
    ];
    let faults = write_nir(&network(populations, vec![], &[]), None).unwrap_err().0;
    assert_eq!(codes(&faults), ["SL0464", "SL0464"]);
    assert!(faults[0].hint.as_deref().is_some_and(|hint| hint.contains(".npz")));
}
