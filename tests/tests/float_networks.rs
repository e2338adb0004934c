//! Networks with float weights: what they lose on a chip of small integers, by accuracy.

use spikeloom_driver::calibration::CalibrationFile;
use spikeloom_driver::pipeline::{self, Compiled, Options};
use spikeloom_driver::verification::{self, Verdict};
use spikeloom_passes::partition::Effort;
use spikeloom_tests::{Network, bytes_of, network};
use spikeloom_verify::decisions;

fn options(network: &Network, semantics: &str) -> Options {
    let calibrate = Some(CalibrationFile::read(&network.input()).unwrap());
    Options { semantics: semantics.into(), calibrate, effort: Effort::Fast, ..Options::default() }
}

fn verify(network: &Network, compiled: &Compiled) -> Verdict {
    let verdict = verification::verify(compiled, &network.trains(), None, None).unwrap();
    assert!(verdict.text.contains("T2 execution: equal"), "{}", verdict.text);
    verdict
}

/// Of 200 samples, those whose most active output is their label: as the framework recorded them, and on the chip.
fn right(network: &Network, compiled: &Compiled, verdict: &Verdict) -> (i64, i64) {
    let labels = bytes_of(&Network::file("digits", "labels.npz"), "labels");
    let count = |spikes: &[u32]| {
        let decided = decisions(spikes, 200, 32, 10);
        decided.iter().zip(&labels).filter(|(decision, label)| **decision == **label as usize).count() as i64
    };
    let (array, node) = network.layers.last().unwrap();
    let out = compiled.program().populations.iter().position(|p| p.name == *node).unwrap();
    (count(&network.recorded_spikes(array)), count(&verdict.chip_spikes[out]))
}

#[test]
fn accuracy_stays_on_eight_bits() {
    for name in ["digits_lif_ff", "digits_lif_conv"] {
        let network = network(name);
        let compiled =
            pipeline::compile(&network.path(), "loihi1", &options(&network, network.semantics)).unwrap();
        assert!(compiled.layers.iter().all(|layer| layer.calibration.is_some()), "{name} is calibrated");
        let verdict = verify(&network, &compiled);
        let (framework, chip) = right(&network, &compiled, &verdict);
        assert!((framework - chip).abs() <= 1, "{name}: within 0.5 points: {framework} and {chip} of 200");
    }
}

#[test]
fn a_reset_that_the_chip_lacks_is_named_and_another_one_tried() {
    let network = network("digits_lif_ffsub");
    let refused = pipeline::compile(&network.path(), "loihi1", &options(&network, network.semantics));
    let Err(faults) = refused else { panic!("the chip has no such reset") };
    for fault in &faults.0 {
        assert_eq!(fault.code, "SL0611");
        assert!(fault.message.contains("resets by subtraction in the next step"), "{}", fault.message);
        assert!(fault.hint.as_ref().is_some_and(|hint| hint.contains("reset=zero")));
    }
    let compiled =
        pipeline::compile(&network.path(), "loihi1", &options(&network, "snntorch,reset=zero")).unwrap();
    let verdict = verify(&network, &compiled);
    let (framework, chip) = right(&network, &compiled, &verdict);
    assert!((framework - chip).abs() <= 2, "within 1 point: {framework} and {chip} of 200");
}

#[test]
fn its_own_reset_where_there_is_one() {
    let network = network("digits_lif_ffsub");
    let compiled =
        pipeline::compile(&network.path(), "ample", &options(&network, network.semantics)).unwrap();
    let verdict = verify(&network, &compiled);
    let (framework, chip) = right(&network, &compiled, &verdict);
    assert_eq!(framework, chip);
    // Sixteen bits of weight and twelve of decay: fewer than 1 in 200 spikes' places differ.
    for layer in &verdict.numerics {
        assert!(layer.differing * 200 < layer.compared, "{}: {}", layer.node, layer.differing);
    }
}
