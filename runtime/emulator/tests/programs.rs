//! Programs whose events can't be summed, on chips made up from `tiny`; and synapses in lists, with delays.

mod support;

use spikeloom_chip::neuron::{Overflow, StateVariable, ast, parse};
use spikeloom_emulator::{Engine, LaneChoice, evaluate_block};
use spikeloom_image::memory::{Block, ListFormat, StoreMemory, StoredSynapse};
use support::{Maker, chip_with, raster, tiny_packet};

const VTH: usize = 1;

/// Slot 0 of core 0 hears +31 on in-axon 0 and -32 on in-axon 1, and has v = 120.
fn two_events(maker: Maker) -> Maker {
    maker.row_type(0, 1, 1).synapse(0, 0, 0, 31).synapse(0, 1, 0, -32).initial(0, 0, 0, 120)
}

#[test]
fn saturating_events_come_in_the_order_of_in_axons() {
    let chip = chip_with("tiny", &[("overflow: Wrap", "overflow: Saturate")]);
    let maker = two_events(Maker::new(chip, 1));
    for order in [[0, 1], [1, 0]] {
        let mut engine = Engine::new(&maker.image).unwrap();
        let packets = order.map(|axon| (0, tiny_packet(0, axon, 0)));
        raster(&mut engine, &packets, 1);
        // 120 + 31 saturates to 127, then 127 - 32; the other order would give 119.
        assert_eq!(engine.state(engine.slot(0, 0).unwrap(), 0), 95);
        assert_eq!(engine.counters().saturations, 1);
        assert_eq!(engine.counters().synaptic_events, 2);
    }
    // One after the other, by delays: the order is that of the steps.
    let mut engine = Engine::new(&maker.image).unwrap();
    raster(&mut engine, &[(0, tiny_packet(0, 0, 1)), (0, tiny_packet(0, 1, 0))], 2);
    assert_eq!(engine.state(engine.slot(0, 0).unwrap(), 0), 119);
}

#[test]
fn a_wrapping_sum_is_the_same_in_any_order() {
    let maker = two_events(Maker::new(spikeloom_chip::load("tiny").unwrap(), 1));
    let mut engine = Engine::new(&maker.image).unwrap();
    raster(&mut engine, &[(0, tiny_packet(0, 0, 0)), (0, tiny_packet(0, 1, 0))], 1);
    assert_eq!(engine.state(engine.slot(0, 0).unwrap(), 0), 119);
    assert_eq!(engine.counters().wraps, 0, "the sum of the step fits");
}

#[test]
fn after_runs_after_every_event_and_after_the_tick() {
    let on_tick = "on_tick: r#\"\n                    v := v + bias;\n                    \
                   if v >= vth { spike; v := 0; }\n                \"#,";
    let after = "on_tick: \"v := v + bias;\", after: Some(\"if v >= vth { spike; v := 0; }\"),";
    let relay = "relay: Some((parameters: {\"vth\": 1}, value: 1)),";
    let chip = chip_with("tiny", &[(on_tick, after), (relay, "")]);
    // Both events of core 0 reach the threshold alone, and the bias in the tick does too.
    let maker = Maker::new(chip, 2).parameter(0, VTH, 0, 5).parameter(0, 0, 0, 5);
    let maker = maker.synapse(0, 0, 0, 5).synapse(0, 1, 0, 5);
    let maker = maker.sends(0, 0, 1, 0, 2).parameter(1, VTH, 0, 1).synapse(1, 0, 0, 1);
    let mut engine = Engine::new(&maker.image).unwrap();
    let spikes = raster(&mut engine, &[(0, tiny_packet(0, 0, 0)), (0, tiny_packet(0, 1, 0))], 3);
    assert_eq!(spikes[0], [(0, 0); 3]);
    assert_eq!(spikes[1], [(0, 0)]);
    // The three packets of step 0 met on their in-axon: the event fires core 1 once.
    assert_eq!(spikes[2], [(0, 0), (1, 0)]);
    assert_eq!(engine.counters().merged, 2);
}

#[test]
fn lists_delay_each_synapse() {
    let chip = spikeloom_chip::load("loihi1").unwrap();
    let mut maker = Maker::new(chip, 2);
    for core in 0..2 {
        let memory = maker.core(core);
        memory.profiles = vec![vec![vec![4095, 4095, 0]], vec![vec![1]]];
        memory.core_parameters = vec![-(1 << 23), (1 << 23) - 1];
    }
    // In-axon 9 of core 0: slot 4 after 1 step, slots 5 and 6 after 3. Of core 1: slot 0 after 2.
    let synapse = |slot, delay_field| StoredSynapse { slot, mantissa: 100, delay_field };
    let format = ListFormat { exponent: 0, index_code: 4, delay_bits: 3 };
    let blocks = [vec![synapse(4, 0), synapse(5, 2), synapse(6, 2)], vec![synapse(0, 1)]];
    for (core, synapses) in blocks.into_iter().enumerate() {
        let StoreMemory::Lists { formats, lists } = &mut maker.core(core as u32).store else { panic!() };
        formats.push(format);
        lists[9].push(Block { format: 0, synapses });
    }
    // Slot 4 sends to core 1 within the step.
    let maker = maker.sends(0, 4, 1, 9, 0);
    let mut engine = Engine::new(&maker.image).unwrap();
    let packet = 9;
    let spikes = raster(&mut engine, &[(0, packet), (0, packet), (2, packet)], 6);
    let expected: [&[(u32, u32)]; 6] =
        [&[], &[(0, 4)], &[], &[(0, 4), (0, 5), (0, 6), (1, 0)], &[], &[(0, 5), (0, 6), (1, 0)]];
    assert_eq!(spikes, expected);
    assert_eq!(engine.counters().merged, 0, "packets add up");
    assert_eq!(engine.counters().synaptic_events, 11);
    assert_eq!(engine.state(engine.slot(0, 5).unwrap(), 1), 100 << 7, "u of the last step");
}

#[test]
fn a_block_through_the_bytecode() {
    let state = |name: &str, overflow| StateVariable { name: name.into(), bits: 8, signed: true, overflow };
    let parameter =
        |name: &str| ast::Parameter { name: name.into(), bits: 8, signed: true, scope: ast::Scope::Slot };
    let texts = ast::ProgramTexts {
        on_event: "v := v + w;".into(),
        on_tick:
            "let i := tz(v, 1) + p; if i > 3 && !(p == 0) { s := s + i; if s >= 100 { spike; v := -v; } \
                  else { v := i; } } else { s := min(s, clamp(v << 2, -5, 5)); v := wrap(abs(v) * 3, 7); }"
                .into(),
        after: None,
    };
    let states = vec![state("v", Overflow::Wrap), state("s", Overflow::Saturate)];
    let program = parse("made-up", states, vec![parameter("p")], texts).unwrap();
    // By hand, in the order v, s, p, w -> v, s, spike.
    let cases = [
        [10, 90, 6, 4, -14, 103, 1],       // v 14, i 13, s 103, fires
        [-10, 9, 9, 0, 4, 13, 0],          // tz(-10, 1) = -5, i 4, s 13, v = 4
        [120, 0, 0, 10, 378 - 384, -5, 0], // v 130 - 256 = -126, p is 0: s = min(0, -5); wrap(378, 7) = 378 - 384
        [127, 127, 127, 0, -127, 127, 1],  // i 190, s saturates
        [3, 1, 0, 0, 9, 1, 0],             // s = min(1, 5)
    ];
    let column = |i: usize| cases.iter().map(|case| case[i]).collect::<Vec<i64>>();
    for lane in [LaneChoice::Narrowest, LaneChoice::I16, LaneChoice::I32, LaneChoice::I64] {
        let mut states = vec![column(0), column(1)];
        let spikes = evaluate_block(&program, &[column(2)], &mut states, lane, Some(&column(3)));
        assert_eq!(states, [column(4), column(5)], "{lane:?}");
        assert_eq!(spikes, column(6).iter().map(|spike| *spike == 1).collect::<Vec<_>>(), "{lane:?}");
    }
}
