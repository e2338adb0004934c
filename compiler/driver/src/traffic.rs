//! What a mapping costs between cores, counted from the Placed level.

use spikeloom_ir::cores::{Destination, NeuronId, Placed, Role};
use spikeloom_ir::program::PopulationKind;
use std::collections::{BTreeMap, BTreeSet};

/// Packets, by who sends them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// For each neuron its spikes times the cores, other than its primary's, with a target of it: its spikes are those of the
    /// calibration, or one, where nobody measured.
    pub between_cores: u64,
    /// The same for every neuron firing once.
    pub axon_copies: u64,
    /// What slots send, every neuron firing once, copies, packets to the own core and to the host included.
    pub packets: u64,
}

/// Counts them.
pub fn count(placed: &Placed) -> Traffic {
    let cores = &placed.cores;
    let mut home = BTreeMap::new();
    let mut traffic = Traffic::default();
    for (number, core) in cores.cores.iter().enumerate() {
        for slot in &core.slots {
            if let Role::Primary(id) = slot.role {
                home.insert(id, number);
            }
            let is_sent = |d: &&Destination| !matches!(d, Destination::Nowhere { .. });
            traffic.packets += slot.destinations.iter().filter(is_sent).count() as u64;
        }
    }
    for (number, core) in cores.cores.iter().enumerate() {
        let is_input =
            |population: usize| cores.program.populations[population].kind == PopulationKind::Input;
        let neurons =
            core.axons.iter().map(|axon| axon.source).filter(|source| !is_input(source.population.index()));
        let heard: BTreeSet<_> = neurons.filter(|id| home.get(id) != Some(&number)).collect();
        let spikes = |id: &NeuronId| cores.program.spikes(id.population.index(), id.index as usize);
        traffic.between_cores += heard.iter().map(|id| spikes(id).unsigned_abs()).sum::<u64>();
        traffic.axon_copies += heard.len() as u64;
    }
    traffic
}
