//! 300 random networks on random chips: compiled and equal by T1 and T2, or refused with the field that forbids it.
//! The long form is the example `pairs` (docs/claims.md). Failures stay in pairs.proptest-regressions.

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use spikeloom_emulator::{RunOptions, run_spikes};
use spikeloom_image::spikes::{NodeTrain, SpikeTrains};
use spikeloom_tests::pairs::networks::{self, Stream};
use spikeloom_tests::pairs::outcome::{compile, on_chip, outcome};
use spikeloom_tests::pairs::pair;

fn config(cases: u32) -> ProptestConfig {
    let persistence = FileFailurePersistence::Direct("tests/pairs.proptest-regressions");
    ProptestConfig { cases, failure_persistence: Some(Box::new(persistence)), ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn every_pair_is_equal_or_refused(pair in pair()) {
        let result = outcome(&pair);
        prop_assert!(result.is_ok(), "{}", result.unwrap_err());
    }
}

proptest! {
    #![proptest_config(config(200))]

    /// A chip with room and range for all of them: what it refuses is told, what it takes is equal.
    #[test]
    fn networks_on_a_chip_with_room(network in networks::knobs()) {
        let chip = spikeloom_chip::load("ample").unwrap();
        let result = on_chip(&network, chip);
        prop_assert!(result.is_ok(), "{}", result.unwrap_err());
    }
}

proptest! {
    #![proptest_config(config(100))]

    /// Images and emulations are the same bytes, however often they are made and on however many threads.
    #[test]
    fn the_same_bytes_on_any_number_of_threads(pair in pair()) {
        let network = pair.network.build();
        let Ok(first) = compile(&network, &pair, &pair.chip.describe()) else { return Ok(()) };
        let again = compile(&network, &pair, &pair.chip.describe()).unwrap();
        prop_assert_eq!(&first.image_bytes, &again.image_bytes);
        let mut stream = Stream(pair.network.seed);
        let host = first.image.host.as_ref().unwrap();
        let (samples, steps) = (5, 9);
        let mut node = |name: &str, shape: &[usize]| NodeTrain {
            name: name.into(),
            shape: shape.to_vec(),
            counts: (0..samples * steps * shape.iter().product::<usize>()).map(|_| (stream.below(3) == 0).into()).collect(),
        };
        let nodes = host.inputs.iter().map(|input| node(&input.name, &input.shape)).collect();
        let trains = SpikeTrains { samples, steps, batched: true, nodes };
        let run = |threads| {
            let result = run_spikes(&first.image, &trains, &RunOptions { threads, ..RunOptions::default() }).unwrap();
            (result.outputs, result.counters)
        };
        let one = run(1);
        prop_assert_eq!(&one, &run(2));
        prop_assert_eq!(&one, &run(8));
    }
}
