//! What several tests need.
#![allow(dead_code, unreachable_pub)]

use spikeloom_chip::Chip;
use spikeloom_emulator::{Engine, HostEvents};
use spikeloom_image::Image;
use spikeloom_image::memory::{CoreMemory, Destination, StoreMemory, StoredAddress};
use std::path::PathBuf;

/// A folder of the workspace's oracles.
pub fn oracle(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracles").join(name)
}

pub fn read(path: PathBuf) -> String {
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Rows of a CSV file without its header.
pub fn rows(path: PathBuf) -> Vec<Vec<i64>> {
    let row = |line: &str| line.split(',').map(|cell| cell.parse().unwrap_or(0)).collect();
    read(path).lines().skip(1).map(row).collect()
}

/// A shipped chip file with pieces of its text replaced.
pub fn chip_with(name: &str, changes: &[(&str, &str)]) -> Chip {
    let (_, text) = spikeloom_chip::builtin().iter().find(|(known, _)| *known == name).unwrap();
    let mut text = text.to_string();
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replace(old, new);
    }
    spikeloom_chip::read_text(&text, "made up", None, &[]).unwrap_or_else(|faults| panic!("{faults}"))
}

/// An image by hand.
pub struct Maker {
    pub image: Image,
}

impl Maker {
    /// Cores 0.. of a chip, all of whose slots are idle.
    pub fn new(chip: Chip, cores: u32) -> Maker {
        let mut made = Vec::new();
        for number in 0..cores {
            let (_, core) = chip.core_at(number as usize).unwrap();
            let mut memory = CoreMemory::empty(core);
            for (values, parameter) in memory.parameters.iter_mut().zip(&core.neuron.parameters) {
                values.fill(core.neuron.idle.get(&parameter.name).copied().unwrap_or(0));
            }
            made.push((number, memory));
        }
        Maker { image: Image { chip, meta: Vec::new(), cores: made, host: None, debug: None } }
    }

    pub fn core(&mut self, core: u32) -> &mut CoreMemory {
        &mut self.image.cores[core as usize].1
    }

    /// Sets a parameter by position.
    pub fn parameter(mut self, core: u32, parameter: usize, slot: usize, value: i64) -> Maker {
        self.core(core).parameters[parameter][slot] = value;
        self
    }

    pub fn initial(mut self, core: u32, state: usize, slot: usize, value: i64) -> Maker {
        self.core(core).states[state][slot] = value;
        self
    }

    /// Sets a bit of a crossbar, and the slot's value for rows of type 0.
    pub fn synapse(mut self, core: u32, axon: usize, slot: usize, value: i64) -> Maker {
        let StoreMemory::Crossbar { rows, values, row_types } = &mut self.core(core).store else { panic!() };
        rows[axon][slot / 64] |= 1 << (slot % 64);
        values[row_types[axon] as usize][slot] = value;
        self
    }

    pub fn row_type(mut self, core: u32, axon: usize, row_type: u32) -> Maker {
        let StoreMemory::Crossbar { row_types, .. } = &mut self.core(core).store else { panic!() };
        row_types[axon] = row_type;
        self
    }

    /// Sends the slot's spikes to an in-axon of a core.
    pub fn sends(mut self, core: u32, slot: usize, to: u32, axon: u32, delay: u32) -> Maker {
        self.core(core).destinations[slot].push(Destination {
            address: StoredAddress::Core(to),
            axon,
            delay,
        });
        self
    }
}

/// A host packet of `tiny` and chips made from it.
pub fn tiny_packet(core: u64, axon: u64, delay: u64) -> u64 {
    axon | core << 4 | delay << 6
}

/// Slots (core, slot) that spike in each of some steps, with raw packets (step, packet).
pub fn raster(engine: &mut Engine, packets: &[(usize, u64)], steps: usize) -> Vec<Vec<(u32, u32)>> {
    (0..steps)
        .map(|step| {
            let now: Vec<u64> =
                packets.iter().filter(|(s, _)| *s == step).map(|(_, packet)| *packet).collect();
            engine.step(HostEvents::Packets(&now));
            engine.spiking_slots().iter().map(|slot| engine.place(*slot)).collect()
        })
        .collect()
}
