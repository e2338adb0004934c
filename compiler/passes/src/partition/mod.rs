//! Partition: neurons onto logical cores, under every limit of the chip.
//!
//! First in order (`in_order`), which says what does not fit; then by search (`search`), with the same limits. What is taken
//! was checked by the chip's own rules (`core`), and the search's result only if it is better.

mod core;
mod in_order;
mod search;

pub use self::core::list_format;
use self::core::{Need, OpenCore};
use crate::legalise::wiring::Wiring;
use spikeloom_chip::Chip;
use spikeloom_chip::schema::{CoreType, HostOut, OutOrganisation};
use spikeloom_diagnostics::{Diagnostic, Result};
use spikeloom_ir::program::{PopulationKind, Program};
pub use spikeloom_mapping::deadline::{self, Deadline};
pub use spikeloom_mapping::{Effort, Stage};

/// The core of each neuron.
#[derive(Clone, Debug, PartialEq)]
pub struct Partition {
    /// Type of each core.
    pub core_types: Vec<String>,
    /// Neurons of each core, by number among all elements of all populations, ascending.
    pub members: Vec<Vec<u32>>,
    /// Slots that each element takes, copies included (0 for inputs).
    pub slots: Vec<u32>,
}

/// How to search.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How much work to do.
    pub effort: Effort,
    /// Seed of every random choice.
    pub seed: u64,
    /// When to stop, whatever is unfinished.
    pub deadline: Deadline,
}

impl Default for Options {
    fn default() -> Self {
        Options { effort: Effort::Default, seed: 0, deadline: None }
    }
}

/// What the pass did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistics {
    /// What the search did and why; cores and packets after it. Packets are those of the calibration spikes, or those of every
    /// neuron and input firing once, where nobody measured.
    pub stages: Vec<Stage>,
    /// Fewest cores that there could be.
    pub cores_lower_bound: usize,
    /// Least packets between cores that there could be, on the same spikes.
    pub traffic_lower_bound: f64,
    /// Whether the deadline ended the search, so that another run may give another result.
    pub was_cut: bool,
}

/// Partitions, in order and by search.
pub fn partition(
    program: &Program,
    chip: &Chip,
    wiring: &Wiring<'_>,
    options: Options,
) -> Result<(Partition, Statistics)> {
    let task = Task { program, chip, wiring };
    let (found, statistics) = search::partition(&task, in_order::partition(&task), options)?;
    let available = chip.core_numbers().count();
    if found.members.len() > available {
        return Err(too_many(&task, &found, available, statistics.cores_lower_bound).into());
    }
    Ok((found, statistics))
}

fn too_many(task: &Task<'_>, found: &Partition, available: usize, least: usize) -> Diagnostic {
    let Task { program, chip, .. } = *task;
    let copies: u64 = found.slots.iter().map(|s| u64::from(s.saturating_sub(1))).sum();
    Diagnostic::error(
        "SL0801",
        format!(
            "the network needs {} cores: {} neurons and {copies} copies, {} synapses",
            found.members.len(),
            program.neurons(),
            program.synapses()
        ),
    )
    .at_node(&program.origin.source_name, "network")
    .need_have(
        format!("{} cores (no division needs fewer than {least})", found.members.len()),
        format!("{available} cores"),
    )
    .field("fabric.levels")
    .hint(format!("use a larger chip or variant: `spikeloom chip show {}` lists its parameters", chip.name()))
}

/// A program that is to be partitioned.
#[derive(Clone, Copy)]
struct Task<'a> {
    program: &'a Program,
    chip: &'a Chip,
    wiring: &'a Wiring<'a>,
}

impl Task<'_> {
    /// Number of elements of all populations.
    fn elements(&self) -> usize {
        self.wiring.base[self.wiring.base.len() - 1] as usize
    }

    /// The partition, if each core can hold its members with the copies and destinations that they really have, as
    /// [`Task::destinations`] says.
    fn held(
        &self,
        core_types: Vec<String>,
        members: Vec<Vec<u32>>,
        destinations: &[u32],
    ) -> Option<Partition> {
        let mut slots = vec![0; destinations.len()];
        for (members, core_type) in members.iter().zip(&core_types) {
            self.filled(core_type, members, destinations)?;
            for member in members {
                let reached = destinations[*member as usize];
                slots[*member as usize] = slots_for(self.chip.core_type(core_type), reached);
            }
        }
        Some(Partition { core_types, members, slots })
    }

    /// A core with these neurons, if it can hold them.
    fn filled<'b>(&self, core_type: &'b str, members: &[u32], destinations: &[u32]) -> Option<OpenCore<'b>>
    where
        Self: 'b,
    {
        let core = self.chip.core_type(core_type);
        let mut open = OpenCore::new(core_type, core);
        let mut ignored = vec![0; destinations.len()];
        for member in members {
            let reached = destinations[*member as usize];
            let (need, demand) = (self.need(core, *member), (slots_for(core, reached), reached));
            if !open.fits(&need, demand) {
                return None;
            }
            open.add(*member, &need, demand, &mut ignored);
        }
        Some(open)
    }

    /// What an element needs in a core.
    fn need(&self, core: &CoreType, element: u32) -> Need {
        let id = self.wiring.id(element);
        let parameters: Vec<i64> = match &self.program.populations[id.population.index()].kind {
            PopulationKind::Neurons { parameters, .. } => {
                parameters.iter().map(|p| p.get(id.index as usize)).collect()
            }
            PopulationKind::Input => Vec::new(),
        };
        Need::of(core, self.wiring, element, &parameters)
    }

    /// How often an element fired on the calibration spikes; once, where nobody measured.
    fn spikes(&self, element: u32) -> f64 {
        let id = self.wiring.id(element);
        self.program.spikes(id.population.index(), id.index as usize) as f64
    }

    /// In-axons that each element reaches, and channels of the way out.
    fn destinations(&self, members: &[Vec<u32>]) -> Vec<u32> {
        let mut destinations = self.output_channels();
        for key in members.iter().flat_map(|members| self.wiring.in_axons(members)) {
            destinations[key.source as usize] += 1;
        }
        destinations
    }

    fn output_channels(&self) -> Vec<u32> {
        let mut channels = vec![0u32; self.elements()];
        if self.chip.description.io.host_out == HostOut::OutputNode {
            for output in &self.program.outputs {
                let population = output.population.index();
                for element in self.wiring.base[population]..self.wiring.base[population + 1] {
                    channels[element as usize] += 1;
                }
            }
        }
        channels
    }
}

/// Slots that a neuron with so many destinations takes.
pub fn slots_for(core: &CoreType, destinations: u32) -> u32 {
    match core.out_axons.organisation {
        OutOrganisation::PerSlot { destinations: each } => destinations.div_ceil(each).max(1),
        OutOrganisation::Table { .. } => 1,
    }
}
