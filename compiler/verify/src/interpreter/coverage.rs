//! How much of a program a run has touched: what its agreement with another run is worth.

use std::collections::BTreeMap;
use std::fmt;

use spikeloom_ir::program::Program;

use crate::tree_walk::Seen;

/// What runs of a program have covered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Synapses there are.
    pub synapses: usize,
    /// Those that carried a spike: its event was taken in within the run.
    pub synapses_used: usize,
    /// Neurons there are.
    pub neurons: usize,
    /// Those that spiked.
    pub neurons_fired: usize,
    /// Spikes of the populations that outputs show.
    pub output_spikes: u64,
    /// Neurons that are read instead and whose state changed.
    pub readouts_moved: usize,
    /// Events taken in: spikes times synapses.
    pub events: u64,
    /// What happened in the neuron programs, by core type.
    pub seen: BTreeMap<String, Seen>,
}

impl Coverage {
    pub(super) fn new(program: &Program, seen: BTreeMap<String, Seen>) -> Coverage {
        Coverage {
            synapses: program.synapses(),
            synapses_used: 0,
            neurons: program.neurons(),
            neurons_fired: 0,
            output_spikes: 0,
            readouts_moved: 0,
            events: 0,
            seen,
        }
    }

    /// Share of the synapses that carried a spike, 1 if there are none.
    pub fn synapse_share(&self) -> f64 {
        if self.synapses == 0 { 1.0 } else { self.synapses_used as f64 / self.synapses as f64 }
    }

    /// Whether agreement says little: no output spiked and no readout moved, or less than half of the synapses carried a spike.
    pub fn is_weak(&self) -> bool {
        (self.output_spikes == 0 && self.readouts_moved == 0) || self.synapses_used * 2 < self.synapses
    }
}

/// One line for the network and one for each core type, with no line end after the last.
impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Rounded down: 100 % is said only where it is all.
        let percent = (self.synapses_used * 100).checked_div(self.synapses).unwrap_or(100);
        write!(
            f,
            "{} of {} synapses carried a spike ({percent} %), {} of {} neurons fired, {} events, \
             {} output spikes",
            self.synapses_used,
            self.synapses,
            self.neurons_fired,
            self.neurons,
            self.events,
            self.output_spikes
        )?;
        if self.readouts_moved > 0 {
            write!(f, ", {} readouts moved", self.readouts_moved)?;
        }
        for (core_type, seen) in &self.seen {
            let (taken, all) = seen.branch_sides();
            write!(
                f,
                "\n{core_type}: {taken} of {all} sides of branches taken, {} wraps, {} saturations, {} traps",
                seen.wraps, seen.saturations, seen.traps
            )?;
        }
        Ok(())
    }
}
