//! Images small enough to follow by hand, on the chip `tiny`: 8 slots and 16 in-axons a core, v := v + w, then
//! v := v + bias and a spike at v >= vth, which sets v to 0. Packets that meet act as one; delays are 1 to 3.

mod support;

use spikeloom_emulator::{Engine, HostEvents, HostSpike, Probe, RunOptions, run_packets, run_spikes};
use spikeloom_image::Image;
use spikeloom_image::host::{Debug, Host, HostInput, HostOutput, SlotRole, Symbol, Tap};
use spikeloom_image::spikes::packets::Packets;
use spikeloom_image::spikes::{NodeTrain, SpikeTrains};
use support::{Maker, chip_with, raster, tiny_packet};

const VTH: usize = 1;

fn maker() -> Maker {
    Maker::new(spikeloom_chip::load("tiny").unwrap(), 2)
}

/// An input node with these packets for each element.
fn input(packets: &[&[u64]]) -> HostInput {
    let packets: Vec<Vec<u64>> = packets.iter().map(|packets| packets.to_vec()).collect();
    HostInput { name: "in".into(), shape: vec![packets.len()], packets }
}

fn with_input(mut image: Image, packets: &[&[u64]]) -> Image {
    image.host =
        Some(Host { inputs: vec![input(packets)], outputs: Vec::new(), readouts: Vec::new(), tail_steps: 0 });
    image
}

/// Three slots of core 1 hear slot 0 of core 0 after 1, 2 and 3 steps.
fn fan() -> Maker {
    (0..3).fold(maker().parameter(0, VTH, 0, 1).synapse(0, 0, 0, 1), |maker, i| {
        let maker = maker.parameter(1, VTH, i, 1).synapse(1, i, i, 1);
        maker.sends(0, 0, 1, i as u32, i as u32 + 1)
    })
}

#[test]
fn delays_of_slots_and_of_the_host() {
    let expected: [&[(u32, u32)]; 10] =
        [&[], &[], &[(0, 0)], &[(1, 0)], &[(1, 1)], &[(0, 0), (1, 2)], &[(1, 0)], &[(1, 1)], &[(1, 2)], &[]];
    let mut engine = Engine::new(&fan().image).unwrap();
    // Delay 0 acts in the tick that follows, delay 3 three later.
    let packets = [(2, tiny_packet(0, 0, 0)), (2, tiny_packet(0, 0, 3))];
    assert_eq!(raster(&mut engine, &packets, 10), expected);
    let counters = *engine.counters();
    assert_eq!((counters.steps, counters.spikes, counters.synaptic_events), (10, 8, 8));
    assert_eq!((counters.neuron_updates, counters.host_packets, counters.merged), (160, 2, 0));
    engine.reset();
    assert_eq!(raster(&mut engine, &packets, 10), expected, "the same after a reset");

    // The same with a host table, so that in-axons with one writer are fused.
    let image = with_input(fan().image, &[&[tiny_packet(0, 0, 0), tiny_packet(0, 0, 3)]]);
    let mut engine = Engine::new(&image).unwrap();
    for (step, expected) in expected.iter().enumerate() {
        let spike = HostSpike { input: 0, element: 0, count: u32::from(step == 2) };
        engine.step(HostEvents::Spikes(&[spike]));
        let spikes: Vec<_> = engine.spiking_slots().iter().map(|slot| engine.place(*slot)).collect();
        assert_eq!(spikes, *expected, "step {step}");
    }
    assert_eq!(*engine.counters(), counters);
}

#[test]
fn packets_that_meet_act_once() {
    // Slots 0 and 1 of core 0 both write in-axon 7 of core 1, whose slot needs two events.
    let pair = || {
        let maker =
            maker().parameter(0, VTH, 0, 1).parameter(0, VTH, 1, 1).synapse(0, 0, 0, 1).synapse(0, 0, 1, 1);
        let maker = maker.sends(0, 0, 1, 7, 1).sends(0, 1, 1, 7, 1);
        maker.parameter(1, VTH, 0, 2).synapse(1, 7, 0, 1)
    };
    let mut engine = Engine::new(&pair().image).unwrap();
    let once = raster(&mut engine, &[(0, tiny_packet(0, 0, 0))], 3);
    assert_eq!(once, [&[(0, 0), (0, 1)][..], &[], &[]]);
    assert_eq!(engine.counters().merged, 1);
    assert_eq!(engine.state(engine.slot(1, 0).unwrap(), 0), 1);
    // A second pair, and the host in the same step: two of three packets are lost.
    engine.reset();
    let packets = [(0, tiny_packet(0, 0, 0)), (1, tiny_packet(1, 7, 0)), (2, tiny_packet(1, 7, 0))];
    assert_eq!(raster(&mut engine, &packets, 3)[2], [(1, 0)]);
    assert_eq!(engine.counters().merged, 3);
    // Counts of the host above 1 merge too, also where the in-axon has no other writer.
    let mut engine = Engine::new(&with_input(pair().image, &[&[tiny_packet(0, 0, 0)]])).unwrap();
    engine.step(HostEvents::Spikes(&[HostSpike { input: 0, element: 0, count: 5 }]));
    assert_eq!(
        (engine.counters().merged, engine.counters().spikes, engine.counters().host_packets),
        (4, 2, 5)
    );
    // Where packets add up, all act.
    let mut image = pair().image;
    image.chip = chip_with("tiny", &[("merge: Or", "merge: Sum")]);
    let mut engine = Engine::new(&with_input(image, &[&[tiny_packet(1, 7, 0)]])).unwrap();
    engine.step(HostEvents::Spikes(&[HostSpike { input: 0, element: 0, count: 2 }]));
    assert_eq!(
        (engine.counters().merged, engine.counters().spikes, engine.counters().synaptic_events),
        (0, 1, 2)
    );
}

#[test]
fn a_slot_that_hears_itself() {
    let image = maker().parameter(0, VTH, 0, 1).synapse(0, 3, 0, 1).sends(0, 0, 0, 3, 2).image;
    let mut engine = Engine::new(&image).unwrap();
    let spikes = raster(&mut engine, &[(1, tiny_packet(0, 3, 0))], 8);
    let steps: Vec<usize> = (0..8).filter(|step| !spikes[*step].is_empty()).collect();
    assert_eq!(steps, [1, 3, 5, 7]);
}

#[test]
fn a_bias_fires_without_events_and_wraps_are_counted() {
    let image = maker().parameter(0, 0, 2, 3).parameter(0, VTH, 2, 7).initial(0, 0, 2, 1).image;
    let spikes = raster(&mut Engine::new(&image).unwrap(), &[], 6);
    let steps: Vec<usize> = (0..6).filter(|step| spikes[*step] == [(0, 2)]).collect();
    assert_eq!(steps, [1, 4], "4, 7 and then 3, 6, 9");
    // v = 120 and six events of 31, out of range at 306 and back to 50: one step that wraps.
    let image = (0..6).fold(maker().initial(0, 0, 0, 120), |maker, axon| maker.synapse(0, axon, 0, 31)).image;
    let packets: Vec<_> = (0..6).map(|axon| (0, tiny_packet(0, axon, 0))).collect();
    let mut engine = Engine::new(&image).unwrap();
    raster(&mut engine, &packets, 2);
    assert_eq!(engine.state(engine.slot(0, 0).unwrap(), 0), 50);
    assert_eq!(engine.counters().wraps, 1);
    assert_eq!((engine.overflows()[0].variable.as_str(), engine.overflows()[0].count), ("v", 1));
}

#[test]
fn packets_without_an_end_are_counted_and_named() {
    // Core 3 has no content. An idle slot's packets do not matter.
    let image =
        fan().sends(0, 0, 3, 0, 1).sends(0, 5, 3, 0, 1).sends(0, 0, 1, 99, 1).sends(0, 0, 9, 0, 1).image;
    let engine = Engine::new(&image).unwrap();
    let warnings: Vec<String> = engine.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    assert!(warnings.iter().all(|w| w.contains("SL1002") && w.contains("core 0 slot 0")), "{warnings:?}");
    let packet = vec![tiny_packet(0, 0, 0), tiny_packet(3, 0, 0), tiny_packet(0, 0, 0)];
    let result = run_packets(&image, &Packets { packet, step: vec![0, 0, 5] }, 4).unwrap();
    assert_eq!(result.counters.unreachable, 4);
    let codes: Vec<_> = result.warnings.iter().map(|w| w.code).collect();
    assert_eq!(codes, ["SL1002", "SL1002", "SL1002", "SL1002", "SL1005"]);
    // Delays that no file could hold: 0 acts a step later, and a huge one makes no huge queue.
    let image = fan().sends(0, 0, 1, 0, 0).sends(0, 0, 1, 1, u32::MAX).image;
    let mut engine = Engine::new(&image).unwrap();
    assert_eq!(engine.warnings()[0].code, "SL1003");
    assert_eq!(raster(&mut engine, &[(0, tiny_packet(0, 0, 0))], 2)[1], [(1, 0)]);
    assert_eq!(engine.counters().merged, 1);
}

/// The fan with an input, an output of the three late slots with lag 1 (as if they were one population that fires
/// a step later), and symbols.
fn network() -> Image {
    let mut image = with_input(fan().image, &[&[tiny_packet(0, 0, 0)]]);
    let taps = (0..3).map(|slot| Tap::Slot { core: 1, slot }).collect();
    let host = image.host.as_mut().unwrap();
    host.outputs.push(HostOutput { name: "out".into(), shape: vec![3], lag: 1, taps });
    host.tail_steps = 1;
    let symbol =
        |name: &str, size, lag, is_input| Symbol { name: name.into(), shape: vec![size], lag, is_input };
    let role = |population, index| SlotRole { is_primary: true, population, index };
    image.debug = Some(Debug {
        symbols: vec![symbol("in", 1, 0, true), symbol("hid", 1, 0, false), symbol("out", 3, 1, false)],
        witness: vec![(0, 0, role(1, 0)), (1, 0, role(2, 0)), (1, 1, role(2, 1)), (1, 2, role(2, 2))],
    });
    image
}

fn trains(samples: usize, steps: usize, spikes: &[(usize, usize)]) -> SpikeTrains {
    let mut counts = vec![0; samples * steps];
    spikes.iter().for_each(|(sample, step)| counts[sample * steps + step] = 1);
    let nodes = vec![NodeTrain { name: "in".into(), shape: vec![1], counts }];
    SpikeTrains { samples, steps, batched: samples > 1, nodes }
}

#[test]
fn samples_start_afresh_and_lags_are_taken_away() {
    let probe =
        |name: &str, variable: Option<&str>| Probe { name: name.into(), variable: variable.map(Into::into) };
    let probes = vec![probe("hid", None), probe("out", None), probe("out", Some("v"))];
    let image = network();
    let run = |threads| {
        let options = RunOptions { steps: None, probes: probes.clone(), threads };
        run_spikes(&image, &trains(3, 3, &[(0, 0), (1, 2), (2, 1)]), &options).unwrap()
    };
    let result = run(1);
    // A spike in step s gives one of element i in step s + i, if the sample is long enough; none from before.
    let out = &result.outputs[0];
    assert_eq!((out.name.as_str(), &out.shape[..]), ("out", &[3][..]));
    assert_eq!(out.counts[..9], [1, 0, 0, 0, 1, 0, 0, 0, 1]);
    assert_eq!(out.counts[9..18], [0, 0, 0, 0, 0, 0, 1, 0, 0]);
    assert_eq!(out.counts[18..], [0, 0, 0, 1, 0, 0, 0, 1, 0]);
    assert_eq!(result.probes[0].values, [1, 0, 0, 0, 0, 1, 0, 1, 0]);
    assert_eq!(result.probes[1].values, out.counts.iter().map(|c| i64::from(*c)).collect::<Vec<_>>());
    assert!(result.probes[2].values.iter().all(|v| *v == 0), "vth is 1");
    assert_eq!(result.counters.steps, 12, "three samples of 3 + 1 steps");
    assert_eq!((result.samples, result.steps, result.batched), (3, 3, true));
    let parallel = run(2);
    assert_eq!(
        (parallel.outputs, parallel.probes, parallel.counters),
        (result.outputs, result.probes, result.counters)
    );
    // More steps than the data is silence, fewer cut.
    let run = |steps| {
        let options = RunOptions { steps: Some(steps), ..RunOptions::default() };
        run_spikes(&image, &trains(1, 3, &[(0, 2)]), &options).unwrap().outputs[0].counts.clone()
    };
    assert_eq!(run(5), [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]);
    assert_eq!(run(2), [0; 6]);
}

#[test]
fn what_can_not_run_is_refused() {
    let fault = |image: &Image, inputs: &SpikeTrains, probe: Option<(&str, Option<&str>)>| {
        let probes =
            probe.iter().map(|(name, v)| Probe { name: (*name).into(), variable: v.map(Into::into) });
        let options = RunOptions { probes: probes.collect(), ..RunOptions::default() };
        let faults = run_spikes(image, inputs, &options).unwrap_err();
        (faults.0[0].code, faults.0[0].hint.clone().unwrap_or_default())
    };
    let (image, good) = (network(), trains(1, 3, &[]));
    assert_eq!(
        fault(&image, &good, Some(("hat", None))),
        ("SL1007", "populations of this image: hid, out".into())
    );
    assert_eq!(fault(&image, &good, Some(("in", None))).0, "SL1007");
    assert_eq!(fault(&image, &good, Some(("out", Some("u")))), ("SL1009", "their variables: v".into()));
    assert_eq!(fault(&fan().image, &good, None).0, "SL1004");
    assert_eq!(run_packets(&image, &Packets::default(), 1).unwrap_err().0[0].code, "SL1004");
    let mut other = good.clone();
    other.nodes[0].name = "on".into();
    assert_eq!(fault(&image, &other, None).0, "SL1010");
    let mut stripped = image.clone();
    stripped.debug = None;
    assert_eq!(fault(&stripped, &good, Some(("out", None))).0, "SL1006");
    assert!(run_spikes(&stripped, &good, &RunOptions::default()).is_ok());
    let mut image = image;
    image.debug.as_mut().unwrap().witness.pop();
    assert_eq!(fault(&image, &good, Some(("out", None))).0, "SL1008");
    image.chip = chip_with("tiny", &[("reset: HostWrite", "reset: Never")]);
    assert_eq!(fault(&image, &trains(2, 3, &[]), None).0, "SL1011");
    image.host.as_mut().unwrap().outputs[0].taps[0] = Tap::Slot { core: 3, slot: 0 };
    assert_eq!(fault(&image, &good, None).0, "SL1001");
}
