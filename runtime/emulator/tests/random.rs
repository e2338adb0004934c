//! Random images on `tiny` against a simulation that is too simple to be wrong: one set of in-axons that are due for
//! each step, one event after the other.

mod support;

use spikeloom_emulator::{Engine, HostEvents, HostSpike};
use spikeloom_image::Image;
use spikeloom_image::host::{Host, HostInput};
use spikeloom_image::memory::{StoreMemory, StoredAddress};
use std::collections::BTreeSet;
use support::{Maker, raster, tiny_packet};

const CORES: u32 = 4;
const STEPS: usize = 40;

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as u64) as i64
    }
}

fn image(random: &mut Random) -> Image {
    let mut maker = Maker::new(spikeloom_chip::load("tiny").unwrap(), CORES);
    for core in 0..CORES {
        for axon in 0..16 {
            maker = maker.row_type(core, axon, random.below(2) as u32);
            for slot in 0..8 {
                if random.below(4) == 0 {
                    let value = random.between(-20, 31);
                    maker = maker.synapse(core, axon, slot, value);
                }
            }
        }
        for slot in 0..8 {
            // Some stay idle.
            if random.below(4) > 0 {
                maker = maker.parameter(core, 0, slot, random.between(-3, 4));
                maker = maker.parameter(core, 1, slot, random.between(5, 60));
                maker = maker.initial(core, 0, slot, random.between(-50, 50));
            }
            for _ in 0..random.below(4) {
                let (to, axon) = (random.below(CORES.into()) as u32, random.below(16) as u32);
                maker = maker.sends(core, slot, to, axon, random.between(1, 3) as u32);
            }
        }
    }
    maker.image
}

/// Slots that spike in each step, and packets that merged.
fn simulate(image: &Image, packets: &[(usize, u64)]) -> (Vec<Vec<(u32, u32)>>, u64) {
    let mut due: Vec<BTreeSet<(u32, u32)>> = vec![BTreeSet::new(); STEPS + 4];
    let mut v: Vec<Vec<i64>> = image.cores.iter().map(|(_, memory)| memory.states[0].clone()).collect();
    let wrap = |x: i64| i64::from(x as i8);
    let (mut spikes, mut merged) = (Vec::new(), 0);
    // A merge counts in the step in which it acts, if anything hears it.
    let counts = |step: usize, (core, axon): (u32, u32)| match &image.cores[core as usize].1.store {
        StoreMemory::Crossbar { rows, .. } => u64::from(step < STEPS && rows[axon as usize][0] != 0),
        StoreMemory::Lists { .. } => 0,
    };
    for step in 0..STEPS {
        for (_, packet) in packets.iter().filter(|(s, _)| *s == step) {
            let target = ((packet >> 4 & 3) as u32, (packet & 15) as u32);
            let at = step + (packet >> 6) as usize;
            merged += if due[at].insert(target) { 0 } else { counts(at, target) };
        }
        for (core, axon) in due[step].clone() {
            let memory = &image.cores[core as usize].1;
            let StoreMemory::Crossbar { row_types, values, rows } = &memory.store else { panic!() };
            for slot in (0..8).filter(|slot| rows[axon as usize][0] >> slot & 1 == 1) {
                let v = &mut v[core as usize][slot];
                *v = wrap(*v + values[row_types[axon as usize] as usize][slot]);
            }
        }
        let mut now = Vec::new();
        for (core, memory) in &image.cores {
            for slot in 0..8 {
                let v = &mut v[*core as usize][slot];
                *v = wrap(*v + memory.parameters[0][slot]);
                if *v >= memory.parameters[1][slot] {
                    *v = 0;
                    now.push((*core, slot as u32));
                    for destination in &memory.destinations[slot] {
                        let StoredAddress::Core(to) = destination.address else { panic!() };
                        let (at, target) = (step + destination.delay as usize, (to, destination.axon));
                        merged += if due[at].insert(target) { 0 } else { counts(at, target) };
                    }
                }
            }
        }
        spikes.push(now);
    }
    (spikes, merged)
}

#[test]
fn random_images_run_as_a_simple_simulation_does() {
    let mut random = Random(7);
    let (mut total, mut merges) = (0, 0);
    for case in 0..60 {
        let mut image = image(&mut random);
        let elements: Vec<u64> =
            (0..6).map(|_| tiny_packet(random.below(4), random.below(16), random.below(4))).collect();
        let input: Vec<(usize, usize)> =
            (0..STEPS).flat_map(|s| (0..6).map(move |e| (s, e))).filter(|_| random.below(5) == 0).collect();
        let packets: Vec<(usize, u64)> = input.iter().map(|(step, e)| (*step, elements[*e])).collect();
        let (expected, merged) = simulate(&image, &packets);
        let mut raw = Engine::new(&image).unwrap();
        assert_eq!(raster(&mut raw, &packets, STEPS), expected, "case {case}, raw");

        let packets = elements.iter().map(|packet| vec![*packet]).collect();
        let inputs = vec![HostInput { name: "in".into(), shape: vec![6], packets }];
        image.host = Some(Host { inputs, outputs: Vec::new(), readouts: Vec::new(), tail_steps: 0 });
        let mut fused = Engine::new(&image).unwrap();
        for (step, expected) in expected.iter().enumerate() {
            let now = input.iter().filter(|(s, _)| *s == step);
            let now: Vec<_> =
                now.map(|(_, element)| HostSpike { input: 0, element: *element, count: 1 }).collect();
            fused.step(HostEvents::Spikes(&now));
            let spikes: Vec<_> = fused.spiking_slots().iter().map(|slot| fused.place(*slot)).collect();
            assert_eq!(spikes, *expected, "case {case}, with host tables, step {step}");
        }
        for (number, memory) in &image.cores {
            for slot in 0..memory.destinations.len() as u32 {
                let slot = raw.slot(*number, slot).unwrap();
                assert_eq!(raw.state(slot, 0), fused.state(slot, 0), "case {case}");
            }
        }
        assert_eq!(raw.counters(), fused.counters(), "case {case}");
        assert_eq!(raw.counters().merged, merged, "case {case}");
        total += expected.iter().map(Vec::len).sum::<usize>();
        merges += raw.counters().merged;
    }
    assert!(total > 5000 && merges > 500, "{total} spikes, {merges} merges: too few to mean anything");
}
