//! Events per second on the loads of shared/emubench, in one thread: `cargo run --release --example throughput
//! -p spikeloom-emulator [rec|ff]`.
//!
//! `rec` is 10,000 neurons of 100 random synapses each, `ff` a dense 784-512-512-10; both lie on several cores.

#![allow(clippy::print_stdout)]

use spikeloom_emulator::{Engine, HostEvents, HostSpike};
use spikeloom_image::Image;
use spikeloom_image::host::{Host, HostInput};
use spikeloom_image::memory::{
    Block, CoreMemory, Destination, ListFormat, StoreMemory, StoredAddress, StoredSynapse,
};
use spikeloom_image::packet::pack;
use std::time::Instant;

const STEPS: usize = 1000;

/// Numbers that look random (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31) % bound
    }
}

/// Neurons dealt out to the cores of a chip with lists, `per_core` each.
struct Network {
    image: Image,
    per_core: usize,
    next_axon: Vec<u32>,
}

impl Network {
    fn new(cores: u32, per_core: usize) -> Network {
        let chip = spikeloom_chip::load("ample").expect("a shipped chip");
        let mut made = Vec::new();
        for number in 0..cores {
            let (_, core) = chip.core_at(number as usize).expect("a core");
            let mut memory = CoreMemory::empty(core);
            for (values, parameter) in memory.parameters.iter_mut().zip(&core.neuron.parameters) {
                values.fill(core.neuron.idle.get(&parameter.name).copied().unwrap_or(0));
            }
            let StoreMemory::Lists { formats, .. } = &mut memory.store else { panic!("lists") };
            formats.push(ListFormat { exponent: 0, index_code: 3, delay_bits: 0 });
            made.push((number, memory));
        }
        let image = Image { chip, meta: Vec::new(), cores: made, host: None, debug: None };
        Network { image, per_core, next_axon: vec![0; cores as usize] }
    }

    fn neuron(&mut self, neuron: usize, values: &[(&str, i64)], v: i64) {
        let (_, core) = self.image.chip.core_at(0).expect("a core");
        let position = |name: &str| core.neuron.parameters.iter().position(|p| p.name == name);
        let positions: Vec<_> =
            values.iter().map(|(name, value)| (position(name).expect("a parameter"), *value)).collect();
        let membrane = core.neuron.state.iter().position(|s| s.name == "v").expect("v");
        let memory = &mut self.image.cores[neuron / self.per_core].1;
        for (position, value) in positions {
            memory.parameters[position][neuron % self.per_core] = value;
        }
        memory.states[membrane][neuron % self.per_core] = v;
    }

    /// One in-axon in each core that has a target.
    fn fan(&mut self, targets: &[(usize, i64)]) -> Vec<Destination> {
        let per_core = self.per_core;
        let parts = targets.chunk_by(|a, b| a.0 / per_core == b.0 / per_core);
        parts
            .map(|part| {
                let core = part[0].0 / per_core;
                let axon = self.next_axon[core];
                self.next_axon[core] += 1;
                let synapse = |(target, weight): &(usize, i64)| StoredSynapse {
                    slot: (target % per_core) as u32,
                    mantissa: *weight,
                    delay_field: 0,
                };
                let synapses = part.iter().map(synapse).collect();
                let StoreMemory::Lists { lists, .. } = &mut self.image.cores[core].1.store else {
                    panic!("lists")
                };
                lists[axon as usize].push(Block { format: 0, synapses });
                Destination { address: StoredAddress::Core(core as u32), axon, delay: 0 }
            })
            .collect()
    }

    fn connect(&mut self, source: usize, targets: &[(usize, i64)]) {
        let destinations = self.fan(targets);
        self.image.cores[source / self.per_core].1.destinations[source % self.per_core] = destinations;
    }
}

fn rec() -> (Image, Vec<Vec<HostSpike>>) {
    let mut random = Random(2);
    let mut network = Network::new(16, 625);
    for i in 0..10_000 {
        let bias = 20 + random.below(40) as i64;
        network.neuron(i, &[("ku", 0), ("kv", 3840), ("bias", bias), ("vth", 640)], random.below(512) as i64);
    }
    for i in 0..10_000 {
        let weight = |random: &mut Random| {
            if i < 8000 { 1 + random.below(32) as i64 } else { -1 - random.below(127) as i64 }
        };
        let mut targets: Vec<_> =
            (0..100).map(|_| (random.below(10_000) as usize, weight(&mut random))).collect();
        targets.sort_unstable();
        network.connect(i, &targets);
    }
    network.image.host = Some(Host::default());
    (network.image, vec![Vec::new(); STEPS])
}

fn ff() -> (Image, Vec<Vec<HostSpike>>) {
    let mut random = Random(1);
    let mut network = Network::new(5, 256);
    let layers = [0..512, 512..1024, 1024..1034];
    for i in 0..1034 {
        network.neuron(i, &[("ku", 0), ("kv", 3840), ("vth", 1150)], 0);
    }
    let row = |layer: std::ops::Range<usize>, random: &mut Random| -> Vec<(usize, i64)> {
        layer.map(|target| (target, random.below(255) as i64 - 127)).collect()
    };
    let layout = network.image.chip.host_packet();
    let mut packets = Vec::new();
    for _ in 0..784 {
        let targets = row(layers[0].clone(), &mut random);
        packets.push(network.fan(&targets).iter().map(|d| pack(&layout, d).expect("a packet")).collect());
    }
    for (from, to) in [(0, 1), (1, 2)] {
        for source in layers[from].clone() {
            let targets = row(layers[to].clone(), &mut random);
            network.connect(source, &targets);
        }
    }
    let inputs = vec![HostInput { name: "in".into(), shape: vec![784], packets }];
    network.image.host = Some(Host { inputs, outputs: Vec::new(), readouts: Vec::new(), tail_steps: 0 });
    let spikes = (0..STEPS).map(|_| {
        let fired: Vec<usize> = (0..784).filter(|_| random.below(100) < 3).collect();
        fired.into_iter().map(|element| HostSpike { input: 0, element, count: 1 }).collect()
    });
    (network.image, spikes.collect())
}

fn main() {
    let only = std::env::args().nth(1);
    type Load = fn() -> (Image, Vec<Vec<HostSpike>>);
    for (name, load) in [("rec", rec as Load), ("ff", ff)] {
        if only.as_deref().is_some_and(|only| only != name) {
            continue;
        }
        let (image, spikes) = load();
        let start = Instant::now();
        let mut engine = Engine::new(&image).expect("an image");
        let link = start.elapsed();
        let mut seconds: Vec<f64> = (0..9)
            .map(|_| {
                engine.reset();
                let start = Instant::now();
                spikes.iter().for_each(|spikes| engine.step(HostEvents::Spikes(spikes)));
                start.elapsed().as_secs_f64()
            })
            .collect();
        seconds.sort_by(f64::total_cmp);
        let events = engine.counters().synaptic_events as f64 / 9.0;
        println!(
            "{name}: {:.1} M events, {:.0} spikes in {:.4} s (median of 9): {:.0} M events/s; linked in {:.3} s, {:?}",
            events / 1e6,
            engine.counters().spikes as f64 / 9.0,
            seconds[4],
            events / seconds[4] / 1e6,
            link.as_secs_f64(),
            engine.footprint(),
        );
    }
}
