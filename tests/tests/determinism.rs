//! The trained networks: images and texts byte for byte the same when made again, emulations on 1, 2 and 8 threads.

use spikeloom_driver::pipeline::{Options, compile};
use spikeloom_emulator::{Probe, RunOptions, run_spikes};
use spikeloom_ir::text::{self, Style};
use spikeloom_tests::TRAINED;

#[test]
fn trained_networks_give_the_same_bytes() {
    for network in TRAINED {
        let chip = if network.semantics.contains("subtract") { "ranc" } else { "loihi1" };
        let options = Options { semantics: network.semantics.into(), ..Options::default() };
        let first = compile(&network.path(), chip, &options).unwrap();
        let again = compile(&network.path(), chip, &options).unwrap();
        assert_eq!(first.image_bytes, again.image_bytes, "{}", network.name);
        let placed =
            |c: &spikeloom_driver::pipeline::Compiled| text::placed(&c.placed, &c.chip, Style::default());
        assert_eq!(placed(&first).text, placed(&again).text);
        assert_eq!(placed(&first).tensors, placed(&again).tensors);

        let trains = network.first_trains(24);
        let run = |threads| {
            let probe = |variable: Option<&str>| Probe {
                name: network.layers[0].1.into(),
                variable: variable.map(String::from),
            };
            let options = RunOptions { steps: None, probes: vec![probe(None), probe(Some("v"))], threads };
            let result = run_spikes(&first.image, &trains, &options).unwrap();
            (result.outputs, result.probes, result.counters)
        };
        let one = run(1);
        assert!(one.2.spikes > 0);
        assert_eq!(one, run(2), "{}", network.name);
        assert_eq!(one, run(8), "{}", network.name);
    }
}
