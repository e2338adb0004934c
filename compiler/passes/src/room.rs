//! Room: what a chip can't hold by count alone, said before any long work.
//!
//! A small network is looked at in full instead, so that everything is named that does not fit.

use spikeloom_chip::Chip;
use spikeloom_chip::schema::{CoreType, Store};
use spikeloom_diagnostics::{Diagnostic, Result};
use spikeloom_ir::program::Program;

/// Neurons and synapses of a network that is looked at in full.
const SMALL: (usize, usize) = (1 << 14, 1 << 24);

/// Refuses more neurons than the chip has slots.
pub fn for_neurons(neurons: usize, source_name: &str, chip: &Chip) -> Result<()> {
    if neurons <= SMALL.0 {
        return Ok(());
    }
    let needed = neurons.div_ceil(most(chip, |core| core.slots as usize));
    refuse(needed, &format!("{neurons} neurons"), source_name, chip)
}

/// Refuses more synapses than the chip can store.
pub fn for_synapses(program: &Program, chip: &Chip) -> Result<()> {
    let key = |i: usize| {
        let connection = &program.connections[i];
        (connection.source, connection.target, connection.delay)
    };
    // Those that lie side by side may be added up.
    let others = |i: usize| (0..program.connections.len()).filter(move |other| *other != i);
    let alone = (0..program.connections.len()).filter(|i| others(*i).all(|other| key(other) != key(*i)));
    let synapses: usize = alone.map(|i| program.connections[i].synapses.len()).sum();
    if synapses <= SMALL.1 {
        return Ok(());
    }
    let needed = synapses.div_ceil(most(chip, synapses_of));
    refuse(needed, &format!("{synapses} synapses"), &program.origin.source_name, chip)
}

fn most(chip: &Chip, of: impl Fn(&CoreType) -> usize) -> usize {
    chip.description.core_types.values().map(of).max().unwrap_or(0).max(1)
}

/// More than that no core stores.
fn synapses_of(core: &CoreType) -> usize {
    match &core.store {
        Store::BitCrossbar { .. } => core.slots as usize * core.in_axons.count as usize,
        Store::BlockLists { words, word_bits, index_bits, weight, .. } => {
            let least = weight.bits() + index_bits.iter().min().copied().unwrap_or(0);
            (u64::from(*words) * u64::from(*word_bits) / u64::from(least.max(1))) as usize
        }
    }
}

fn refuse(needed: usize, what: &str, source_name: &str, chip: &Chip) -> Result<()> {
    let available = chip.core_numbers().count();
    if needed <= available {
        return Ok(());
    }
    let fault = Diagnostic::error("SL0801", format!("the network needs {needed} cores or more: {what}"));
    Err(fault
        .at_node(source_name, "network")
        .need_have(format!("{needed} cores"), format!("{available} cores"))
        .field("fabric.levels")
        .hint(format!(
            "use a larger chip or variant: `spikeloom chip show {}` lists its parameters",
            chip.name()
        ))
        .into())
}
