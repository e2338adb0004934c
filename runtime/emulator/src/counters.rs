//! What a run counts.

use spikeloom_chip::neuron::Overflow;

/// Sums over all steps since the engine was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Steps emulated.
    pub steps: u64,
    /// Spikes of slots.
    pub spikes: u64,
    /// Events taken in by slots.
    pub synaptic_events: u64,
    /// Ticks of slots: every slot of every core in every step, whether or not it had to be worked out.
    pub neuron_updates: u64,
    /// Values wrapped by their state's overflow rule. Where events are summed first, a step counts once.
    pub wraps: u64,
    /// Values saturated by their state's overflow rule.
    pub saturations: u64,
    /// Values that did not fit a state which must not overflow.
    pub traps: u64,
    /// Packets that met another on their in-axon in their step and acted as one with it.
    pub merged: u64,
    /// Packets that lead nowhere.
    pub unreachable: u64,
    /// Packets from the host.
    pub host_packets: u64,
    /// Packets at the output node.
    pub output_packets: u64,
}

impl Counters {
    /// Adds those of another run.
    pub fn add(&mut self, other: &Counters) {
        self.steps += other.steps;
        self.spikes += other.spikes;
        self.synaptic_events += other.synaptic_events;
        self.neuron_updates += other.neuron_updates;
        self.wraps += other.wraps;
        self.saturations += other.saturations;
        self.traps += other.traps;
        self.merged += other.merged;
        self.unreachable += other.unreachable;
        self.host_packets += other.host_packets;
        self.output_packets += other.output_packets;
    }
}

/// Values of one state variable that its overflow rule changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overflows {
    /// Core type.
    pub core_type: String,
    /// State variable.
    pub variable: String,
    /// Its rule.
    pub rule: Overflow,
    /// How many.
    pub count: u64,
}
