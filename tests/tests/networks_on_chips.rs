//! Every network at hand: imported, simulated against what its framework recorded, and compiled to every chip.

use spikeloom_diagnostics::Diagnostics;
use spikeloom_driver::pipeline::{self, Options};
use spikeloom_driver::simulation::{input_nodes, simulate};
use spikeloom_driver::verification::{self, read_expected};
use spikeloom_image::spikes::{NodeTrain, SpikeTrains};
use spikeloom_passes::partition::Effort;
use spikeloom_tests::{Network, TRAINED, TRAINED_TOO};
use spikeloom_verify::compare;
use std::fmt::Write as _;
use std::path::Path;

const CHIPS: [&str; 5] = ["ample", "loihi1", "ranc", "ranc/4x4", "tiny"];

/// Files of the NIR paper without recorded spikes, with the semantics of the framework that wrote them.
const UNRECORDED: [(&str, &str); 5] = [
    ("braille_noDelay_bias_zero", "snntorch"),
    ("cnn_sinabs", "sinabs,spikes=one"),
    ("lif_norse", "norse"),
    ("lif_rockpool", "rockpool,spikes=one"),
    ("two_lif_neurons", "nir"),
];

const PRESETS: [&str; 10] =
    ["nir", "exact", "norse", "snntorch", "sinabs", "rockpool", "spikingjelly", "lava", "spyx", "nengo"];

#[test]
fn simulations_equal_what_the_frameworks_recorded() {
    for network in TRAINED.iter().chain(&TRAINED_TOO) {
        let options =
            Options { semantics: network.semantics.into(), effort: Effort::Fast, ..Options::default() };
        let (source, _) = pipeline::read_network(&network.path()).unwrap();
        let (step, _) = pipeline::to_steps(source, &options).unwrap();
        let trains = network.trains();
        let recording = simulate(&step, &trains, trains.steps, &[]).unwrap();
        for (array, node) in network.layers {
            let p = step.network.populations.iter().position(|p| p.name == *node).unwrap();
            let population = &step.network.populations[p];
            let wanted = network.recorded_spikes(array);
            let found =
                compare(node, &wanted, &recording.spikes[p], trains.samples, trains.steps, population.len());
            assert!(found.compared >= 150 * 16 * 9, "{}: {node}", network.name);
            assert_eq!(found.differing, 0, "{}: {node}", network.name);
        }
    }
}

/// Spikes at random, a third of all places, the same on every machine.
fn random_trains(options: &Options, path: &Path, samples: usize, steps: usize) -> SpikeTrains {
    let (source, _) = pipeline::read_network(path).unwrap();
    let (step, _) = pipeline::to_steps(source, options).unwrap();
    let mut state = 0x2545_f491_4f6c_dd1du64;
    let mut draw = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        u32::from(state.is_multiple_of(3))
    };
    let nodes = input_nodes(&step).into_iter().map(|node| {
        let counts = (0..samples * steps * node.shape.iter().product::<usize>()).map(|_| draw()).collect();
        NodeTrain { name: node.name, shape: node.shape, counts }
    });
    SpikeTrains { samples, steps, batched: true, nodes: nodes.collect() }
}

fn refusal(faults: &Diagnostics) -> String {
    let first = &faults.0[0];
    let more = if faults.0.len() > 1 { format!(" (and {} more)", faults.0.len() - 1) } else { String::new() };
    format!("{}: {}{more}", first.code, first.message)
}

/// A line of the table.
fn line(
    path: &Path,
    chip: &str,
    options: &Options,
    trains: &SpikeTrains,
    network: Option<&Network>,
) -> String {
    let compiled = match pipeline::compile(path, chip, options) {
        Ok(compiled) => compiled,
        Err(faults) => return refusal(&faults),
    };
    assert!(compiled.structure.holds());
    let expected = network.map(|n| read_expected(&n.recorded(), &n.matches()).unwrap());
    let verdict = match verification::verify(&compiled, trains, None, expected.as_ref()) {
        Ok(verdict) => verdict,
        Err(faults) => return refusal(&faults),
    };
    assert!(verdict.text.contains("T2 execution: equal"), "{}", verdict.text);
    assert!(verdict.is_good || verdict.expectations.iter().any(|d| d.differing > 0), "{}", verdict.text);
    let is_exact = compiled.layers.iter().all(|layer| layer.exact);
    let sum = |differences: &[spikeloom_verify::Difference]| {
        let differing: u64 = differences.iter().map(|d| d.differing).sum();
        let compared: u64 = differences.iter().map(|d| d.compared).sum();
        format!("{differing} of {compared}")
    };
    let mut text = format!(
        "{} cores, T1 and T2 hold, {}; differing from the network {}",
        compiled.placed.cores.cores.len(),
        if is_exact { "exact" } else { "rounded" },
        sum(&verdict.numerics)
    );
    if expected.is_some() {
        let _ = write!(text, ", from the recorded spikes {}", sum(&verdict.expectations));
        assert!(!is_exact || verdict.expectations.iter().all(|d| d.differing == 0), "{path:?} on {chip}");
    }
    text
}

#[test]
fn the_table_of_networks_and_chips() {
    let mut table = String::new();
    for network in TRAINED.iter().chain(&TRAINED_TOO) {
        let options =
            Options { semantics: network.semantics.into(), effort: Effort::Fast, ..Options::default() };
        let trains = network.first_trains(5);
        let _ = writeln!(table, "{} ({})", network.name, network.semantics);
        for chip in CHIPS {
            let line = line(&network.path(), chip, &options, &trains, Some(network));
            let _ = writeln!(table, "   {chip:<9} {line}");
        }
    }
    for (name, semantics) in UNRECORDED {
        let options = Options { semantics: semantics.into(), effort: Effort::Fast, ..Options::default() };
        let path = Network::file("nir", &format!("{name}.nir"));
        let trains = random_trains(&options, &path, 2, 20);
        let _ = writeln!(table, "{name} ({semantics})");
        for chip in CHIPS {
            let _ = writeln!(table, "   {chip:<9} {}", line(&path, chip, &options, &trains, None));
        }
    }
    insta::assert_snapshot!(table);
}

/// A recurrent CubaLIF network of which no input is at hand: what each preset makes of it.
#[test]
fn mean_rates_by_preset() {
    let path = Network::file("nir", "braille_noDelay_bias_zero.nir");
    let mut table = String::new();
    for preset in PRESETS {
        let options = Options { semantics: preset.into(), effort: Effort::Fast, ..Options::default() };
        let (source, _) = pipeline::read_network(&path).unwrap();
        let (step, _) = pipeline::to_steps(source, &options).unwrap();
        let trains = random_trains(&options, &path, 4, 256);
        let recording = simulate(&step, &trains, trains.steps, &[]).unwrap();
        let _ = write!(table, "{preset:<12}");
        for (population, spikes) in step.network.populations.iter().zip(&recording.spikes) {
            let total: u64 = spikes.iter().map(|s| u64::from(*s)).sum();
            if !spikes.is_empty() {
                let rate = total as f64 / spikes.len() as f64;
                let _ = write!(table, " {} {rate:.4} spikes a neuron and step", population.name);
            }
        }
        table.push('\n');
    }
    insta::assert_snapshot!(table);
}
