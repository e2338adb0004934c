//! A foreign image, against traces of the hardware description that it was made for: tests/oracles/ranc_tea128.

mod support;

use spikeloom_emulator::{Engine, HostEvents, run_packets};
use spikeloom_image::Image;
use spikeloom_image::memory::{CoreMemory, StoreMemory, StoredAddress};
use spikeloom_image::spikes::packets::Packets;
use std::collections::BTreeSet;
use support::{oracle, read, rows};

const STEPS: usize = 14;

fn image() -> Image {
    let chip = spikeloom_chip::load("ranc/tea128").unwrap();
    spikeloom_image::read_folder(&oracle("ranc_tea128"), &chip).unwrap()
}

fn numbers(name: &str) -> Vec<usize> {
    read(oracle("ranc_tea128").join(name)).split_whitespace().map(|word| word.parse().unwrap()).collect()
}

fn binary(name: &str) -> Vec<u64> {
    let text = read(oracle("ranc_tea128").join(name));
    text.split_whitespace().map(|word| u64::from_str_radix(word, 2).unwrap()).collect()
}

/// The packets of sample g in step g.
fn input() -> Packets {
    let packet = binary("tb_input.txt");
    let counts = numbers("tb_num_inputs.txt");
    let step =
        counts.iter().enumerate().flat_map(|(g, count)| std::iter::repeat_n(g as i64, *count)).collect();
    Packets { packet, step }
}

fn axon(packet: u64) -> i64 {
    (packet >> 4 & 127) as i64
}

/// Which tick a cycle belongs to.
fn tick_of(cycle: i64) -> usize {
    let ticks = rows(oracle("ranc_tea128").join("rtl_trace/ticks.csv"));
    ticks.iter().filter(|row| row[1] <= cycle).count() - 1
}

#[test]
fn outputs_equal_the_bench() {
    let result = run_packets(&image(), &input(), STEPS).unwrap();
    let of_step = |step: i64| {
        let packets = result.packets.packet.iter().zip(&result.packets.step);
        packets.filter(move |(_, s)| **s == step).map(|(packet, _)| axon(*packet))
    };
    let mut correct = binary("tb_correct.txt").into_iter().map(|value| value as i64);
    let mut compared = 0;
    for (group, count) in numbers("tb_num_outputs.txt").into_iter().enumerate() {
        let expected: Vec<i64> = correct.by_ref().take(count).collect();
        assert_eq!(of_step(group as i64 + 2).collect::<Vec<_>>(), expected, "group {group}");
        compared += count;
    }
    assert_eq!(compared, 220);
    let mut traced = vec![Vec::new(); STEPS];
    for row in rows(oracle("ranc_tea128").join("rtl_trace/output.csv")) {
        traced[tick_of(row[0])].push(row[1]);
    }
    for (step, expected) in traced.iter().enumerate() {
        assert_eq!(of_step(step as i64).collect::<Vec<_>>(), *expected, "step {step}");
    }
    assert!(result.warnings.is_empty(), "{:?}", result.warnings);
    assert_eq!((result.counters.unreachable, result.counters.host_packets), (0, 1347));
}

#[test]
fn every_spike_equals_the_hardware_description() {
    let mut traced = vec![BTreeSet::new(); STEPS];
    for row in rows(oracle("ranc_tea128").join("rtl_trace/emit.csv")) {
        traced[tick_of(row[0])].insert((row[1] as u32, row[2] as u32));
    }
    let input = input();
    let mut engine = Engine::new(&image()).unwrap();
    // The second time after a reset.
    for _ in 0..2 {
        engine.reset();
        for (step, expected) in traced.iter().enumerate() {
            let packets = input.packet.iter().zip(&input.step).filter(|(_, s)| **s == step as i64);
            let packets: Vec<u64> = packets.map(|(packet, _)| *packet).collect();
            engine.step(HostEvents::Packets(&packets));
            let spikes: BTreeSet<_> = engine.spiking_slots().iter().map(|slot| engine.place(*slot)).collect();
            assert_eq!(spikes, *expected, "step {step}");
        }
    }
    let traced: usize = traced.iter().map(BTreeSet::len).sum();
    assert_eq!(engine.counters().spikes as usize, 2 * traced);
    assert_eq!(engine.footprint().1, [16], "9-bit states take 16-bit lanes");
}

fn crossbar(memory: &mut CoreMemory) -> (&mut Vec<u32>, &mut Vec<Vec<i64>>, &mut Vec<Vec<u64>>) {
    let StoreMemory::Crossbar { row_types, values, rows } = &mut memory.store else { panic!("a crossbar") };
    (row_types, values, rows)
}

fn outputs(image: &Image) -> (Vec<u64>, Vec<i64>) {
    let result = run_packets(image, &input(), STEPS).unwrap();
    (result.packets.packet, result.packets.step)
}

/// Changes core 16 (the last layer) or core 0 (the first), and looks at every packet that leaves the chip.
#[test]
fn one_field_changes_show() {
    const LEAK: usize = 0;
    const PTH: usize = 1;
    const NTH: usize = 2;
    const VR: usize = 3;
    const MODE: usize = 4;
    type Change = fn(&mut CoreMemory);
    let changes: &[(&str, usize, bool, Change)] = &[
        ("one connection bit", 16, true, |m| crossbar(m).2[1][0] ^= 2),
        ("a type's value", 16, true, |m| crossbar(m).1[0][1] = 0),
        ("the type of a row", 16, true, |m| crossbar(m).0[5] ^= 1),
        ("upper threshold", 16, true, |m| m.parameters[PTH][1] = 200),
        ("leak", 16, true, |m| m.parameters[LEAK][1] -= 3),
        ("lower threshold", 16, true, |m| m.parameters[NTH][1] = -256),
        ("reset value", 16, true, |m| m.parameters[VR][1] = 100),
        ("reset mode", 16, true, |m| m.parameters[MODE][1] = 1),
        ("delay (the packet leaves the chip at once, but carries it)", 16, true, |m| {
            m.destinations[1][0].delay = 2
        }),
        ("delay on the way to another core", 8, true, |m| m.destinations[0][0].delay = 2),
        ("destination in-axon", 16, true, |m| m.destinations[1][0].axon = 119),
        ("x offset", 16, true, |m| set_offset(m, 1, 1, 1)),
        ("y offset", 16, true, |m| set_offset(m, 1, 0, 0)),
        ("initial state", 16, true, |m| m.states[0][1] = -1),
        // Slot 3 fires in tick 0 only. In all later ticks its events add up to less than 0 even from v = 0, so
        // that it does not matter whether v is cut off at 0 or stays below.
        ("lower threshold of slot 3", 16, false, |m| m.parameters[NTH][3] = -256),
        ("reset mode of slot 3", 16, false, |m| m.parameters[MODE][3] = 1),
        // An unused slot hears nothing, and nobody sends to an unused core.
        ("upper threshold of an unused slot", 16, false, |m| m.parameters[PTH][127] = 200),
        ("connection in an unused core", 20, false, |m| crossbar(m).2[7][0] ^= 1),
    ];
    let image = image();
    let before = outputs(&image);
    let mut wrong = Vec::new();
    for (name, core, shows, change) in changes {
        let mut changed = image.clone();
        let memory = &mut changed.cores.iter_mut().find(|(number, _)| *number as usize == *core).unwrap().1;
        let old = memory.clone();
        change(memory);
        assert_ne!(*memory, old, "{name}");
        if (outputs(&changed) != before) != *shows {
            wrong.push(name);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(changes.len() >= 12);
}

fn set_offset(memory: &mut CoreMemory, slot: usize, dx: i64, dy: i64) {
    memory.destinations[slot][0].address = StoredAddress::Offset { x: dx, y: dy };
}
