//! Trained networks, compiled and executed from their images, against the spikes that the framework recorded:
//! 200 samples, every spike of every layer.

use spikeloom_driver::pipeline::{self, Compiled, Options};
use spikeloom_driver::verification::{self, Verdict};
use spikeloom_image::spikes::npz::{Data, read_npz};
use spikeloom_image::spikes::{ExpectedNode, SpikeTrains, read_inputs};
use spikeloom_ir::cores::Role;
use spikeloom_tests::{Network, network};
use spikeloom_verify::decisions;

fn compile(network: &Network, chip: &str) -> Compiled {
    let options = Options { semantics: network.semantics.into(), ..Options::default() };
    pipeline::compile(&network.path(), chip, &options).unwrap()
}

fn inputs(network: &Network) -> SpikeTrains {
    let bytes = std::fs::read(network.input()).unwrap();
    read_inputs(&bytes, network.input, &[ExpectedNode { name: network.input.into(), shape: vec![64] }])
        .unwrap()
}

fn verify(network: &Network, compiled: &Compiled) -> Verdict {
    let matches: Vec<String> = network.layers.iter().map(|(array, node)| format!("{array}={node}")).collect();
    let expected = verification::read_expected(&network.recorded(), &matches).unwrap();
    verification::verify(compiled, &inputs(network), None, Some(&expected)).unwrap()
}

/// Compiles, verifies, and asserts that not one spike differs from the recorded ones.
fn assert_exact(name: &str, chip: &str) -> Compiled {
    let network = network(name);
    let compiled = compile(&network, chip);
    assert!(compiled.layers.iter().all(|layer| layer.exact), "{name} on {chip}: every scaling is exact");
    let verdict = verify(&network, &compiled);
    assert!(verdict.is_good, "{name} on {chip}:\n{}", verdict.text);
    assert_eq!(verdict.expectations.len(), 2, "both layers are compared");
    for difference in verdict.expectations.iter().chain(&verdict.numerics) {
        assert_eq!(difference.differing, 0, "{name} on {chip}: {}", difference.node);
        assert!(difference.compared >= 200 * 32 * 10);
    }
    assert!(!verdict.coverage.is_weak(), "the input reaches most synapses");
    compiled
}

#[test]
fn int8_on_lists() {
    assert_exact("digits_if_int8", "loihi1");
}

#[test]
fn ternary_on_crossbars() {
    let compiled = assert_exact("digits_tern", "ranc");
    let count = |wanted: fn(&Role) -> bool| {
        compiled.placed.cores.cores.iter().flat_map(|c| &c.slots).filter(|s| wanted(&s.role)).count()
    };
    assert_eq!(compiled.placed.cores.cores.len(), 2);
    assert_eq!(count(|r| matches!(r, Role::Primary(_))), 138);
    assert_eq!(
        count(|r| matches!(r, Role::Copy(_))),
        128,
        "one core is exactly full: 128 primaries and 128 copies"
    );
    let wraps: Vec<_> =
        compiled.reach.iter().map(|r| (r.population.as_str(), r.first_step.is_some())).collect();
    assert_eq!(
        wraps,
        [("hidden", true), ("out", true)],
        "the 9-bit wrap is reachable for some input, and said so"
    );
}

#[test]
fn four_levels_on_crossbars() {
    assert_exact("digits_w2", "ranc");
}

#[test]
fn a_bias_does_not_act_before_its_lag() {
    let compiled = assert_exact("digits_ternb", "ranc");
    let out = compiled.program().populations.iter().find(|p| p.name == "out").unwrap();
    assert_eq!(out.lag, 1);
}

#[test]
fn sums_may_pass_the_wrap_on_their_way() {
    assert_exact("digits_w2z", "ranc");
}

#[test]
fn exact_networks_stay_exact_on_the_other_chips() {
    for (name, chip) in [
        ("digits_tern", "loihi1"),
        ("digits_w2", "loihi1"),
        ("digits_if_int8", "ample"),
        ("digits_tern", "ample"),
        ("digits_ternb", "ample"),
        ("digits_w2z", "ample"),
        ("digits_tern", "ranc/4x4"),
    ] {
        assert_exact(name, chip);
    }
}

#[test]
fn float_weights_keep_their_accuracy() {
    let network = network("digits_lif_ff");
    let compiled = compile(&network, "loihi1");
    let verdict = verify(&network, &compiled);
    assert!(verdict.text.contains("T2 execution: equal"), "{}", verdict.text);
    assert_eq!(verdict.numerics.len(), 2, "reported by layer");
    let labels = match &read_npz(&std::fs::read(Network::file("labels.npz")).unwrap(), "labels.npz").unwrap()
        [0]
    .data
    {
        Data::U8(labels) => labels.iter().map(|l| *l as usize).collect::<Vec<_>>(),
        other => panic!("labels are {}", other.dtype()),
    };
    let out = compiled.program().populations.iter().position(|p| p.name == "3").unwrap();
    let right = |counts: &[u32]| {
        decisions(counts, 200, 32, 10)
            .iter()
            .zip(&labels)
            .filter(|(decision, label)| decision == label)
            .count() as i64
    };
    let recorded = read_npz(&std::fs::read(network.recorded()).unwrap(), "recorded").unwrap();
    let recorded = match &recorded.iter().find(|a| a.name == "out").unwrap().data {
        Data::U8(counts) => counts.iter().map(|c| u32::from(*c)).collect::<Vec<_>>(),
        other => panic!("spikes are {}", other.dtype()),
    };
    let (framework, chip) = (right(&recorded), right(&verdict.chip_spikes[out]));
    assert!(
        (framework - chip).abs() <= 2,
        "within 1 point of 200 samples: framework {framework}, chip {chip}"
    );
}
