//! Whole files into networks, with the numbers that h5py reads from them.

mod faults;
mod hostile;
mod nodes;
mod whole;

use faults::faults;
use spikeloom_diagnostics::Diagnostic;
use spikeloom_import::{is_nir, read_nir};
use spikeloom_ir::network::{
    Connection, Network, NeuronModel, Population, PopulationKind, Stage, Tensor, Values,
};

fn bytes(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/files/{name}.nir", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn read(name: &str) -> (Network, Vec<Diagnostic>) {
    let file = format!("some/folder/{name}.nir");
    match read_nir(&bytes(name), &file) {
        Ok(read) => {
            whole::check(&read.0);
            read
        }
        Err(faults) => panic!("{name}: {faults}"),
    }
}

fn population<'a>(network: &'a Network, name: &str) -> &'a Population {
    network.populations.iter().find(|p| p.name == name).expect("no such population")
}

/// `source -> target via a b` for each connection.
fn wires(network: &Network) -> Vec<String> {
    let name = |id: spikeloom_ir::network::PopulationId| &network.populations[id.index()].name;
    let wire = |c: &Connection| format!("{} -> {} via {}", name(c.source), name(c.target), c.path.join(" "));
    network.connections.iter().map(wire).collect()
}

/// `NAME shows POPULATION` for each output.
fn outputs(network: &Network) -> Vec<String> {
    let shown = |id: spikeloom_ir::network::PopulationId| &network.populations[id.index()].name;
    network.outputs.iter().map(|o| format!("{} shows {}", o.name, shown(o.population))).collect()
}

fn dense(connection: &Connection) -> (usize, usize, &Tensor) {
    match connection.stages.as_slice() {
        [Stage::Dense { outputs, inputs, weights }] => (*outputs, *inputs, weights),
        other => panic!("{} stages", other.len()),
    }
}

fn codes(findings: &[Diagnostic]) -> Vec<&str> {
    findings.iter().map(|d| d.code).collect()
}

#[test]
fn digits_tern_comes_in_whole() {
    let (network, notes) = read("digits_tern");
    assert_eq!(notes, []);
    assert_eq!(network.source_name, "digits_tern.nir");
    assert_eq!(network.source_digest, "164f59eea4ebc5c5238267f3432d6b26c585be68f0c601a06f23bf28df876c47");
    let names: Vec<_> = network.populations.iter().map(|p| (p.name.as_str(), p.shape.as_slice())).collect();
    assert_eq!(names, [("hidden", &[128][..]), ("input", &[64]), ("out", &[10])]);
    assert_eq!(population(&network, "input").kind, PopulationKind::Input);
    let hidden = population(&network, "hidden");
    assert_eq!(hidden.location, "/node/nodes/hidden");
    assert_eq!(hidden.bias, Values::Uniform(0.0));
    let model = NeuronModel::If {
        resistance: Values::Uniform(10000.0),
        threshold: Values::Uniform(1.0),
        reset: Values::Uniform(0.0),
    };
    assert_eq!(population(&network, "out").kind, PopulationKind::Neurons(model));
    assert_eq!(wires(&network), ["hidden -> out via fc2", "input -> hidden via fc1"]);
    let (outputs, inputs, weights) = dense(&network.connections[1]);
    assert_eq!((outputs, inputs, weights.len()), (128, 64, 8192));
    let Tensor::F32(weights) = weights else { panic!("weights lost their precision") };
    assert_eq!(weights[..4], [0.0, 0.0, 0.0, -0.125]);
    assert_eq!(weights[8188..], [0.125, -0.125, -0.125, -0.125]);
    assert_eq!(weights.iter().filter(|w| **w != 0.0).count(), 5135);
    let Tensor::F32(weights) = dense(&network.connections[0]).2 else {
        panic!("weights lost their precision")
    };
    assert_eq!(weights[..4], [-0.03125, 0.03125, 0.03125, 0.03125]);
    assert_eq!(weights[1276..], [0.0, -0.03125, -0.03125, 0.03125]);
    assert_eq!(network.outputs.len(), 1);
    let output = &network.outputs[0];
    assert_eq!((output.name.as_str(), output.location.as_str()), ("output", "/node/nodes/output"));
    assert_eq!(network.populations[output.population.index()].name, "out");
}

#[test]
fn digits_ternb_keeps_biases_and_thresholds_of_each_neuron() {
    let (network, notes) = read("digits_ternb");
    assert_eq!(notes, []);
    let out = population(&network, "out");
    assert_eq!(out.bias, Values::Each(vec![1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0]));
    let PopulationKind::Neurons(NeuronModel::If { threshold, .. }) = &out.kind else { panic!("no IF") };
    let each = vec![21.0, 21.0, 21.0, 21.0, 20.0, 20.0, 20.0, 21.0, 20.0, 22.0];
    assert_eq!(*threshold, Values::Each(each));
    let hidden = population(&network, "hidden");
    // The file has 112 zeros there.
    assert_eq!(hidden.bias, Values::Uniform(0.0));
    let PopulationKind::Neurons(NeuronModel::If { threshold: Values::Each(each), .. }) = &hidden.kind else {
        panic!("no IF with a threshold for each")
    };
    assert_eq!((each.len(), each[0], each[111], each.iter().sum::<f64>()), (112, 4.0, 6.0, 625.0));
    let weights = dense(&network.connections[1]).2;
    assert_eq!((weights.len(), weights.get(0), weights.get(2), weights.get(7167)), (7168, -1.0, 0.0, -1.0));
}

#[test]
fn files_of_the_nir_paper_come_in() {
    let (norse, notes) = read("lif_norse");
    assert_eq!(codes(&notes), ["SL0412"]);
    assert_eq!(notes[0].message, "`v_reset` is missing in `1`: 0 is assumed");
    let lif = population(&norse, "1");
    assert_eq!(lif.shape, [1]);
    let model = NeuronModel::Lif {
        tau_s: Values::Uniform(f64::from(0.0025f32)),
        resistance: Values::Uniform(1.0),
        leak: Values::Uniform(0.0),
        threshold: Values::Uniform(f64::from(0.1f32)),
        reset: Values::Uniform(0.0),
    };
    assert_eq!(lif.kind, PopulationKind::Neurons(model));
    assert_eq!(dense(&norse.connections[0]), (1, 1, &Tensor::F32(vec![1.0])));

    let (rockpool, _) = read("lif_rockpool");
    assert_eq!(wires(&rockpool), ["input -> 1_LIFNeuronTorch via 0_LinearTorch"]);
    assert_eq!(dense(&rockpool.connections[0]).2, &Tensor::F32(vec![0.04]));

    let (braille, notes) = read("braille_noDelay_bias_zero");
    assert_eq!(notes[0].message, "`v_reset` is missing in `lif1.lif`, `lif2`: 0 is assumed");
    let wires = wires(&braille);
    assert_eq!(
        wires,
        ["input -> lif1.lif via fc1", "lif1.lif -> lif1.lif via lif1.w_rec", "lif1.lif -> lif2 via fc2"]
    );
    // The recurrent Affine has a bias too: both come in.
    let bias = population(&braille, "lif1.lif").bias.get(0);
    assert_eq!(bias, f64::from(-0.06660467f32) + f64::from(0.1316501f32));
}

#[test]
fn a_bias_counts_once_whoever_feeds_it_and_once_for_each_way_on() {
    let (network, notes) = read("shared_affine");
    assert_eq!(notes, []);
    assert_eq!(
        wires(&network),
        [
            "in -> p via ",
            "in -> q via ",
            "p -> n via fc",
            "p -> n via fc post",
            "q -> n via fc",
            "q -> n via fc post"
        ]
    );
    assert!(network.connections[0].stages.is_empty());
    assert_eq!(network.connections[3].stages.len(), 2);
    // [10, 20] straight, and [[1, 1], [0, 2]] times it over `post`.
    assert_eq!(population(&network, "n").bias, Values::Each(vec![10.0 + 30.0, 20.0 + 40.0]));
}

#[test]
fn scalars_spread_over_the_population_that_feeds_itself() {
    let (network, notes) = read("recurrent");
    assert_eq!(codes(&notes), ["SL0412", "SL0414"]);
    let n = population(&network, "n");
    assert_eq!(n.shape, [2]);
    let model = NeuronModel::Lif {
        tau_s: Values::Uniform(0.01),
        resistance: Values::Uniform(2.0),
        leak: Values::Uniform(0.0),
        threshold: Values::Uniform(0.5),
        reset: Values::Uniform(0.0),
    };
    assert_eq!(n.kind, PopulationKind::Neurons(model));
    assert_eq!(wires(&network), ["in -> n via fc", "n -> n via rec"]);
    assert_eq!(dense(&network.connections[1]).2, &Tensor::F32(vec![0.0, 1.0, -1.0, 0.0]));
}

#[test]
fn cuba_behind_a_flatten_keeps_double_precision() {
    let (network, notes) = read("cuba_flatten");
    assert_eq!(codes(&notes), ["SL0412"]);
    assert_eq!(notes[0].message, "`w_in` is missing in `n`: 1 is assumed");
    assert_eq!(wires(&network), ["in -> n via flat fc", "n -> one via "]);
    let weights = (0..12).map(f64::from).collect();
    assert_eq!(dense(&network.connections[0]), (2, 6, &Tensor::F64(weights)));
    assert_eq!(population(&network, "in").shape, [2, 3]);
    assert_eq!(population(&network, "one").shape, [2]);
    let model = NeuronModel::CubaLif {
        tau_synapse_s: Values::Each(vec![0.001, 0.002]),
        tau_membrane_s: Values::Uniform(0.01),
        resistance: Values::Uniform(1.0),
        leak: Values::Uniform(0.0),
        threshold: Values::Each(vec![1.0, 2.0]),
        reset: Values::Uniform(0.0),
        input_weight: Values::Uniform(1.0),
    };
    assert_eq!(population(&network, "n").kind, PopulationKind::Neurons(model));
}

#[test]
fn the_format_of_hdf5_110_packed_chunks_and_integers_come_in() {
    let (newer, notes) = read("hdf5_110");
    assert_eq!(notes, []);
    let (old, _) = read("recurrent");
    assert_eq!(newer.populations, old.populations);
    let weights = (1..=6).map(f64::from).collect();
    assert_eq!(dense(&newer.connections[0]), (2, 3, &Tensor::F64(weights)));
}

#[test]
fn what_is_no_hdf5_or_no_graph_is_refused() {
    for other in [&b""[..], b"population hidden = 128\n", b"\x89HDF"] {
        assert!(!is_nir(other));
        let Err(faults) = read_nir(other, "net.nir") else { panic!("nothing came in") };
        assert_eq!(codes(&faults.0), ["SL0401"]);
    }
    assert_eq!(
        faults("no_graph"),
        ["SL0403 f /node: an HDF5 file, but no NIR graph: it has no group `/node`"]
    );
    let whole = bytes("digits_tern");
    assert!(is_nir(&whole));
    let Err(cut) = read_nir(&whole[..whole.len() / 2], "net.nir") else { panic!("half a file came in") };
    assert_eq!(cut.0[0].code, "SL0402");
    assert_eq!(cut.0[0].place.to_string(), "net.nir");
}
