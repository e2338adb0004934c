//! What the structural check costs: 5,000 neurons with 1,000 synapses each, recurrent, laid out by hand over two
//! cores with lists, written to bytes and read back.
//!
//! `cargo run --release -p spikeloom-verify --example structure_cost`

#![allow(clippy::print_stdout, reason = "it is there to print")]

use spikeloom_chip::Chip;
use spikeloom_chip::schema::{CoreType, Delay, Store};
use spikeloom_image::Image;
use spikeloom_image::host::{Debug, Host, HostInput, HostOutput, SlotRole, Symbol, Tap};
use spikeloom_image::memory::{
    Block, CoreMemory, Destination, ListFormat, StoreMemory, StoredAddress, StoredSynapse,
};
use spikeloom_image::packet;
use spikeloom_ir::network::{Output, PopulationId};
use spikeloom_ir::program::{Connection, Integers, Origin, Population, PopulationKind, Program, Synapses};
use spikeloom_verify::structure::check;
use std::time::Instant;

const NEURONS: usize = 5000;
const FAN_OUT: usize = 1000;
/// Neurons on a core.
const SHARE: usize = 2500;

fn main() {
    let chip = spikeloom_chip::load("ample").unwrap_or_else(|error| panic!("{error}"));
    let program = program(&chip);
    let image = image(&chip, &program);
    let clock = Instant::now();
    let bytes = image.to_bytes().unwrap_or_else(|error| panic!("{error}"));
    println!("{} bytes written in {:.2} s", bytes.len(), clock.elapsed().as_secs_f64());
    let clock = Instant::now();
    let image = Image::from_bytes(&bytes, "cost.loom").unwrap_or_else(|error| panic!("{error}"));
    println!("read in {:.2} s", clock.elapsed().as_secs_f64());
    for _ in 0..3 {
        let clock = Instant::now();
        let checked = check(&image, &program, 1000);
        let seconds = clock.elapsed().as_secs_f64();
        assert!(checked.faults.is_empty(), "{:#?}", checked.faults);
        println!("{} synapses of {} slots checked in {seconds:.2} s", checked.synapses, checked.slots);
    }
}

/// A simple generator of numbers, so that an example needs no crate.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

/// Slots without bias and leak that never fire: what they compute is not looked at.
fn program(chip: &Chip) -> Program {
    let core = chip.core_type("core");
    let mut random = 1;
    let (mut offsets, mut targets, mut values) = (vec![0], Vec::new(), Vec::new());
    for _ in 0..NEURONS {
        let every = NEURONS / FAN_OUT;
        let first = next(&mut random) as usize % every;
        targets.extend((0..FAN_OUT).map(|i| (first + i * every) as u32));
        values.extend((0..FAN_OUT).map(|_| (next(&mut random) % 1000) as i32 + 1));
        offsets.push(targets.len() as u32);
    }
    let population = |name: &str, kind| Population {
        name: name.into(),
        shape: vec![NEURONS],
        kind,
        lag: 0,
        location: String::new(),
    };
    let idle = core.neuron.parameters.iter().map(|p| core.neuron.idle.get(&p.name).copied().unwrap_or(0));
    let neurons = PopulationKind::Neurons {
        core_type: "core".into(),
        parameters: idle.map(Integers::Uniform).collect(),
        initial: core.neuron.state.iter().map(|_| Integers::Uniform(0)).collect(),
        readout: None,
        scale: 1.0,
    };
    let one_each = Synapses::Sparse {
        offsets: (0..=NEURONS as u32).collect(),
        targets: (0..NEURONS as u32).collect(),
        values: vec![1; NEURONS],
    };
    let connection = |source, delay, synapses| Connection {
        source: PopulationId(source),
        target: PopulationId(1),
        path: Vec::new(),
        delay,
        synapses,
    };
    let many = Synapses::Sparse { offsets, targets, values };
    Program {
        origin: Origin {
            chip_name: chip.name().into(),
            chip_digest: chip.digest.clone(),
            source_name: "made up".into(),
            source_digest: String::new(),
            options: Vec::new(),
        },
        populations: vec![population("in", PopulationKind::Input), population("ring", neurons)],
        fired: Vec::new(),
        connections: vec![connection(0, 1, one_each), connection(1, 3, many)],
        outputs: vec![Output { name: "out".into(), population: PopulationId(1), location: String::new() }],
    }
}

/// Source `s` has in-axon `s` on every core; the elements of the input come after the neurons.
fn image(chip: &Chip, program: &Program) -> Image {
    let core = chip.core_type("core");
    let cores = NEURONS.div_ceil(SHARE);
    let mut memories: Vec<CoreMemory> = (0..cores).map(|_| empty(core)).collect();
    for (c, connection) in program.connections.iter().enumerate() {
        let first_axon = if c == 0 { NEURONS } else { 0 };
        for source in 0..NEURONS {
            let mut of_core: Vec<Vec<StoredSynapse>> = vec![Vec::new(); cores];
            connection.synapses.for_each_of(source, |target, value| {
                let (slot, delay_field) = ((target % SHARE) as u32, connection.delay - 1);
                of_core[target / SHARE].push(StoredSynapse { slot, mantissa: value.into(), delay_field });
            });
            for (memory, synapses) in memories.iter_mut().zip(of_core) {
                let StoreMemory::Lists { lists, .. } = &mut memory.store else { continue };
                if !synapses.is_empty() {
                    lists[first_axon + source] = vec![Block { format: 0, synapses }];
                }
            }
        }
    }
    let to = |core: usize, axon: usize| Destination {
        address: StoredAddress::Core(core as u32),
        axon: axon as u32,
        delay: 0,
    };
    for (c, memory) in memories.iter_mut().enumerate() {
        for slot in 0..SHARE {
            memory.destinations[slot] = (0..cores).map(|core| to(core, c * SHARE + slot)).collect();
        }
    }
    Image {
        chip: chip.clone(),
        meta: Vec::new(),
        cores: (0..).zip(memories).collect(),
        host: Some(host(chip, to)),
        debug: Some(debug()),
    }
}

/// Core number and slot of a neuron.
fn place(neuron: usize) -> (u32, u32) {
    ((neuron / SHARE) as u32, (neuron % SHARE) as u32)
}

fn host(chip: &Chip, to: impl Fn(usize, usize) -> Destination) -> Host {
    let layout = chip.host_packet();
    let packet = |i: usize| {
        let end = to(i / SHARE, NEURONS + i);
        vec![packet::pack(&layout, &end).unwrap_or_else(|field| panic!("{field}"))]
    };
    let tap = |i: usize| Tap::Slot { core: place(i).0, slot: place(i).1 };
    let shape = vec![NEURONS];
    let packets = (0..NEURONS).map(packet).collect();
    let taps = (0..NEURONS).map(tap).collect();
    Host {
        inputs: vec![HostInput { name: "in".into(), shape: shape.clone(), packets }],
        readouts: Vec::new(),
        outputs: vec![HostOutput { name: "out".into(), shape, lag: 0, taps }],
        tail_steps: 0,
    }
}

fn debug() -> Debug {
    let symbol = |name: &str, is_input| Symbol { name: name.into(), shape: vec![NEURONS], lag: 0, is_input };
    let role = |i: usize| SlotRole { is_primary: true, population: 1, index: i as u32 };
    Debug {
        symbols: vec![symbol("in", true), symbol("ring", false)],
        witness: (0..NEURONS).map(|i| (place(i).0, place(i).1, role(i))).collect(),
    }
}

/// A core whose slots are all idle, with the one format that the synapses use.
fn empty(core: &CoreType) -> CoreMemory {
    let mut memory = CoreMemory::empty(core);
    for (parameter, values) in core.neuron.parameters.iter().zip(&mut memory.parameters) {
        values.fill(core.neuron.idle.get(&parameter.name).copied().unwrap_or(0));
    }
    let (Store::BlockLists { index_bits, .. }, Delay::Synapse { bits, .. }) = (&core.store, core.delay)
    else {
        return memory;
    };
    if let StoreMemory::Lists { formats, .. } = &mut memory.store {
        let index_code = index_bits.len() as u32 - 1;
        *formats = vec![ListFormat { exponent: 0, index_code, delay_bits: bits }];
    }
    memory
}
