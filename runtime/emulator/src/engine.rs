//! The tick engine: steps of an image, functional and as fast as memory allows.
//!
//! A step takes in the host's packets, then the events that are due, then runs the tick of every slot, and sends
//! what spiked. One engine runs on one thread; samples run side by side (see [`crate::run_spikes`]).

use crate::counters::{Counters, Overflows};
use crate::kernel::Slots;
use crate::link::{GlobalSlot, Linked, NO_LANE, OutputPacket, RawTarget};
use crate::queue::{Due, Queue};
use spikeloom_chip::neuron::Overflow;
use spikeloom_diagnostics::{Diagnostic, Result};
use spikeloom_image::Image;
use std::collections::HashMap;
use std::sync::Arc;

/// Spikes of an input element in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostSpike {
    /// Position of its node among the image's inputs.
    pub input: usize,
    /// Its position in the node, row-major.
    pub element: usize,
    /// How many.
    pub count: u32,
}

/// What the host sends in a step, before its tick.
#[derive(Clone, Copy, Debug)]
pub enum HostEvents<'a> {
    /// Spikes of input elements; none is silence.
    Spikes(&'a [HostSpike]),
    /// Raw packets, for images without host tables. Elsewhere they lead nowhere.
    Packets(&'a [u64]),
}

/// Runs an image, step by step.
pub struct Engine {
    linked: Arc<Linked>,
    groups: Vec<Box<dyn Slots>>,
    queue: Queue,
    /// By bundle: the step after that in which it last acted, so that packets that meet can merge.
    acted: Vec<u64>,
    now: u64,
    due: Vec<Due>,
    ordered: Vec<Due>,
    local: Vec<u32>,
    spiking: Vec<GlobalSlot>,
    packets: Vec<u64>,
    channels: Vec<u32>,
    /// Raw packets seen before.
    known: HashMap<u64, RawTarget>,
    counters: Counters,
    /// By core type: changes by overflow rules that the counters know of.
    counted: Vec<Vec<u64>>,
}

impl Engine {
    /// Links and compiles an image; the engine is in its initial state.
    ///
    /// # Errors
    ///
    /// `SL1001`: the image does not fit its own chip description.
    pub fn new(image: &Image) -> Result<Engine> {
        Ok(Engine::of(Arc::new(Linked::new(image)?)))
    }

    /// Another engine on the same image, in its initial state, with counters at zero.
    pub fn fresh(&self) -> Engine {
        Engine::of(self.linked.clone())
    }

    fn of(linked: Arc<Linked>) -> Engine {
        Engine {
            groups: linked.groups.iter().map(|group| group.slots.fresh()).collect(),
            queue: Queue::new(linked.longest),
            acted: vec![0; linked.bundles.len()],
            now: 0,
            due: Vec::new(),
            ordered: Vec::new(),
            local: Vec::new(),
            spiking: Vec::new(),
            packets: Vec::new(),
            channels: Vec::new(),
            known: HashMap::new(),
            counters: Counters::default(),
            counted: linked.groups.iter().map(|group| vec![0; group.program.states.len()]).collect(),
            linked,
        }
    }

    /// What was found wrong when the image was linked.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.linked.warnings
    }

    /// Initial states, empty queues, step 0. Counters go on.
    pub fn reset(&mut self) {
        self.groups.iter_mut().for_each(|group| group.reset());
        self.queue.clear();
        self.acted.fill(0);
        self.now = 0;
        self.spiking.clear();
        self.packets.clear();
        self.channels.clear();
    }

    /// One step: the packets of the host, then the events that are due, then the tick.
    pub fn step(&mut self, host: HostEvents<'_>) {
        self.spiking.clear();
        self.packets.clear();
        self.channels.clear();
        match host {
            HostEvents::Spikes(spikes) => spikes.iter().for_each(|spike| self.host_spike(*spike)),
            HostEvents::Packets(packets) => packets.iter().for_each(|packet| self.host_packet(*packet)),
        }
        self.take_in();
        let linked = self.linked.clone();
        let mut sorted = self.spiking.is_empty();
        for index in 0..self.groups.len() {
            self.local.clear();
            self.groups[index].tick(&mut self.local);
            sorted &= self.spiking.is_empty() || self.local.is_empty();
            self.found_spikes(index);
        }
        if !sorted {
            self.spiking.sort_unstable();
        }
        for index in 0..self.spiking.len() {
            self.send(&linked, self.spiking[index].index(), 1);
        }
        self.now += 1;
        self.counters.steps += 1;
        self.counters.spikes += self.spiking.len() as u64;
        self.counters.neuron_updates += u64::from(self.linked.slots);
        self.counters.output_packets += self.packets.len() as u64;
        self.count_overflows();
    }

    fn host_spike(&mut self, spike: HostSpike) {
        let sources = self.linked.inputs.get(spike.input).cloned().unwrap_or_default();
        let source = sources.start as usize + spike.element;
        if spike.count == 0 || source >= sources.end as usize {
            return;
        }
        let packets = self.linked.host_packets[source - self.linked.slots as usize];
        self.counters.host_packets += u64::from(packets) * u64::from(spike.count);
        let linked = self.linked.clone();
        self.send(&linked, source, spike.count);
    }

    fn host_packet(&mut self, packet: u64) {
        let linked = &self.linked;
        self.counters.host_packets += 1;
        match *self.known.entry(packet).or_insert_with(|| linked.packet(packet)) {
            RawTarget::Axon { delay, index } => {
                let pushes = linked.axons.as_ref().map_or(&[][..], |axons| axons.get(index as usize));
                for push in pushes {
                    let due = Due { bundle: push.bundle, count: 1 };
                    self.queue.push(self.now, u64::from(delay) + u64::from(push.delay), due);
                }
            }
            RawTarget::Output(packet) => self.emit(packet, 1),
            RawTarget::Nowhere => self.counters.unreachable += 1,
        }
    }

    /// Whether a raw packet leads anywhere.
    pub fn leads_somewhere(&self, packet: u64) -> bool {
        !matches!(self.linked.packet(packet), RawTarget::Nowhere)
    }

    /// Sends what a source sends when it spikes `count` times.
    fn send(&mut self, linked: &Linked, source: usize, count: u32) {
        for push in linked.pushes.get(source) {
            self.queue.push(self.now, u64::from(push.delay), Due { bundle: push.bundle, count });
        }
        for packet in linked.outputs.get(source) {
            self.emit(*packet, count);
        }
        self.counters.unreachable += u64::from(linked.unreachable[source]) * u64::from(count);
    }

    fn emit(&mut self, packet: OutputPacket, count: u32) {
        for _ in 0..count {
            self.packets.push(packet.bits);
            self.channels.push(packet.channel);
        }
    }

    /// Takes in the events that are due.
    fn take_in(&mut self) {
        let linked = &self.linked;
        let mut due = std::mem::take(&mut self.due);
        self.queue.take(self.now, &mut due);
        self.ordered.clear();
        for item in &due {
            let bundle = &linked.bundles[item.bundle as usize];
            let mut count = item.count;
            if bundle.merges {
                let acted = &mut self.acted[item.bundle as usize];
                let first = std::mem::replace(acted, self.now + 1) != self.now + 1;
                self.counters.merged += u64::from(bundle.axons) * u64::from(count - u32::from(first));
                if !first {
                    continue;
                }
                count = 1;
            }
            if bundle.order.is_some() {
                self.ordered.push(Due { bundle: item.bundle, count });
                continue;
            }
            for run in &linked.runs[bundle.runs.start as usize..bundle.runs.end as usize] {
                self.groups[usize::from(run.group)].add(&linked.synapses, run, count);
                self.counters.synaptic_events += u64::from(run.events) * u64::from(count);
            }
        }
        self.due = due;
        if !self.ordered.is_empty() {
            self.take_in_ordered();
        }
    }

    /// Events whose order matters, one by one: by core, then in-axon; packets of one in-axon in the order of their
    /// synapses' delays; then as the synapses are stored, which for a crossbar is by slot.
    fn take_in_ordered(&mut self) {
        let linked = self.linked.clone();
        let mut ordered = std::mem::take(&mut self.ordered);
        ordered.sort_by_key(|due| (linked.bundles[due.bundle as usize].order, due.bundle));
        for due in &ordered {
            let bundle = &linked.bundles[due.bundle as usize];
            for _ in 0..due.count {
                for run in &linked.runs[bundle.runs.start as usize..bundle.runs.end as usize] {
                    let group = usize::from(run.group);
                    self.local.clear();
                    for (slot, value) in linked.synapses.events(run) {
                        self.groups[group].event(slot, value, &mut self.local);
                    }
                    self.counters.synaptic_events += u64::from(run.events);
                    self.found_spikes(group);
                }
            }
        }
        self.ordered = ordered;
    }

    /// Notes the slots of a core type that spiked.
    fn found_spikes(&mut self, group: usize) {
        let owners = &self.linked.groups[group].owners;
        self.spiking.extend(self.local.iter().map(|lane| GlobalSlot(owners[*lane as usize])));
    }

    fn count_overflows(&mut self) {
        for ((group, info), counted) in self.groups.iter().zip(&self.linked.groups).zip(&mut self.counted) {
            for ((changed, counted), state) in group.changed().iter().zip(counted).zip(&info.program.states) {
                let new = changed - *counted;
                *counted = *changed;
                match state.overflow {
                    Overflow::Wrap => self.counters.wraps += new,
                    Overflow::Saturate => self.counters.saturations += new,
                    Overflow::Trap | Overflow::Forbid => self.counters.traps += new,
                }
            }
        }
    }

    /// Slots that spiked in the last step, ascending; one that spiked more than once stands there as often.
    pub fn spiking_slots(&self) -> &[GlobalSlot] {
        &self.spiking
    }

    /// Packets that reached the output node in the last step: those of the host first, then in the order of the
    /// scan (core, slot). Their fields are those of a host packet, the way gone, in-axon and delay as stored.
    pub fn output_packets(&self) -> &[u64] {
        &self.packets
    }

    /// The channels of [`Engine::output_packets`].
    pub fn output_channels(&self) -> &[u32] {
        &self.channels
    }

    /// The number of a slot, if the image has it.
    pub fn slot(&self, core: u32, slot: u32) -> Option<GlobalSlot> {
        self.linked.slot(core, slot)
    }

    /// Core number and slot of a slot.
    pub fn place(&self, slot: GlobalSlot) -> (u32, u32) {
        let core = self.linked.core_of(slot);
        (core.number, slot.0 - core.start)
    }

    /// Number of slots of all cores.
    pub fn slots(&self) -> usize {
        self.linked.slots as usize
    }

    /// Names of a slot's state variables.
    pub fn variables(&self, slot: GlobalSlot) -> impl Iterator<Item = &str> {
        let group = usize::from(self.linked.core_of(slot).group);
        self.linked.groups[group].program.states.iter().map(|state| state.name.as_str())
    }

    /// A state variable of a slot after the last step, by its position in the program.
    pub fn state(&self, slot: GlobalSlot, variable: usize) -> i64 {
        let core = self.linked.core_of(slot);
        let local = (core.local + (slot.0 - core.start)) as usize;
        let (group, info) =
            (&self.groups[usize::from(core.group)], &self.linked.groups[usize::from(core.group)]);
        match info.lanes[local] {
            NO_LANE => info.initial[variable][local],
            lane => group.state(variable, lane as usize),
        }
    }

    /// What was counted since the engine was made.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Values changed by the overflow rules, by core type and state variable.
    pub fn overflows(&self) -> Vec<Overflows> {
        let groups = self.groups.iter().zip(&self.linked.groups);
        groups
            .flat_map(|(group, info)| {
                group.changed().iter().zip(&info.program.states).map(|(count, state)| Overflows {
                    core_type: info.core_type.clone(),
                    variable: state.name.clone(),
                    rule: state.overflow,
                    count: *count,
                })
            })
            .collect()
    }

    /// Bytes that the synapses take, and the width of the lanes of each core type.
    pub fn footprint(&self) -> (usize, Vec<u32>) {
        let runs = std::mem::size_of_val(self.linked.runs.as_slice());
        (self.linked.synapses.size() + runs, self.groups.iter().map(|group| group.lane_bits()).collect())
    }
}
