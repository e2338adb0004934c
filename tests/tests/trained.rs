//! Trained networks, compiled and executed from their images, against the spikes that the framework recorded:
//! 200 samples, every spike of every layer.

use spikeloom_driver::pipeline::{self, Compiled, Options};
use spikeloom_driver::verification::{self, Verdict};
use spikeloom_ir::cores::Role;
use spikeloom_tests::{Network, network};

fn compile(network: &Network, chip: &str) -> Compiled {
    let options = Options { semantics: network.semantics.into(), ..Options::default() };
    pipeline::compile(&network.path(), chip, &options).unwrap()
}

fn verify(network: &Network, compiled: &Compiled) -> Verdict {
    let expected = verification::read_expected(&network.recorded(), &network.matches()).unwrap();
    verification::verify(compiled, &network.trains(), None, Some(&expected)).unwrap()
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
