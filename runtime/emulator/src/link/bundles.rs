//! Bundles of synapses, from the ways of packets.

use super::layout::Layout;
use super::targets::Arrival;
use super::{Bundle, Lists, Push};
use crate::synapses::{Event, Run, Synapses};
use spikeloom_chip::schema::CoreType;
use spikeloom_image::Image;
use std::collections::BTreeMap;

pub(super) struct Builder<'a> {
    image: &'a Image,
    layout: &'a Layout,
    /// By in-axon of all cores: its writers, as far as it matters whether there is one.
    writers: Vec<u8>,
    /// By in-axon: its own bundles, once it has them.
    shared: Vec<Option<Vec<Push>>>,
    pub(super) bundles: Vec<Bundle>,
    pub(super) runs: Vec<Run>,
    pub(super) synapses: Synapses,
}

/// Synapses that may become one bundle.
#[derive(Default)]
struct Fused {
    axons: u32,
    /// By core type.
    events: BTreeMap<u16, Vec<Event>>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(image: &'a Image, layout: &'a Layout) -> Self {
        let axons = layout.cores.last().map_or(0, |core| (core.axons_before + core.axons) as usize);
        Builder {
            image,
            layout,
            writers: vec![0; axons],
            shared: vec![None; axons],
            bundles: Vec::new(),
            runs: Vec::new(),
            synapses: Synapses::default(),
        }
    }

    /// Someone unknown may write to every in-axon.
    pub(super) fn share_all(&mut self) {
        self.writers.fill(2);
    }

    /// Counts the writers of each in-axon. A source that writes twice counts twice.
    pub(super) fn count_writers(&mut self, arrivals: &Lists<Arrival>) {
        for arrival in &arrivals.items {
            let writers = &mut self.writers
                [(self.layout.cores[arrival.core as usize].axons_before + arrival.axon) as usize];
            *writers = writers.saturating_add(1);
        }
    }

    /// What a source's spike does.
    pub(super) fn source(&mut self, arrivals: &[Arrival]) -> Vec<Push> {
        let mut pushes = Vec::new();
        let mut fused: BTreeMap<(u32, bool), Fused> = BTreeMap::new();
        for arrival in arrivals {
            let core = &self.layout.cores[arrival.core as usize];
            let axon = (core.axons_before + arrival.axon) as usize;
            if self.writers[axon] > 1 || core.is_ordered {
                let later = |push: &Push| Push { delay: push.delay.saturating_add(arrival.delay), ..*push };
                pushes.extend(self.axon(arrival.core, arrival.axon).iter().map(later));
                continue;
            }
            let (memory, core_type) = self.core(arrival.core);
            let mut counted = false;
            for event in memory.events(core_type, arrival.axon as usize) {
                let part = fused.entry((arrival.delay.saturating_add(event.delay), core.merges)).or_default();
                part.axons += u32::from(!std::mem::replace(&mut counted, true));
                part.events
                    .entry(core.group)
                    .or_default()
                    .push((self.layout.lane(core, event.slot), event.value));
            }
        }
        for ((delay, merges), part) in fused {
            let first = self.runs.len() as u32;
            for (group, mut events) in part.events {
                self.synapses.pack(group, &mut events, &mut self.runs);
            }
            pushes.push(Push { delay, bundle: self.bundle(first, merges, part.axons, None) });
        }
        pushes
    }

    /// The pushes of every in-axon.
    pub(super) fn all_axons(&mut self) -> Lists<Push> {
        let mut lists = Lists::default();
        for (core, info) in self.layout.cores.iter().enumerate() {
            for axon in 0..info.axons {
                lists.push(self.axon(core as u32, axon).iter().copied());
            }
        }
        lists
    }

    /// The bundles of one in-axon, one for each delay of its synapses.
    fn axon(&mut self, core_index: u32, axon: u32) -> &[Push] {
        let core = &self.layout.cores[core_index as usize];
        let index = (core.axons_before + axon) as usize;
        if self.shared[index].is_none() {
            let (memory, core_type) = self.core(core_index);
            let mut by_delay: BTreeMap<u32, Vec<Event>> = BTreeMap::new();
            for event in memory.events(core_type, axon as usize) {
                by_delay
                    .entry(event.delay)
                    .or_default()
                    .push((self.layout.lane(core, event.slot), event.value));
            }
            let mut pushes = Vec::new();
            for (delay, mut events) in by_delay {
                let first = self.runs.len() as u32;
                let order = core.is_ordered.then_some((core_index, axon));
                if core.is_ordered {
                    self.synapses.pack_ordered(core.group, &events, &mut self.runs);
                } else {
                    self.synapses.pack(core.group, &mut events, &mut self.runs);
                }
                // A packet counts once, in the first of its bundles.
                let axons = u32::from(pushes.is_empty());
                pushes.push(Push { delay, bundle: self.bundle(first, core.merges, axons, order) });
            }
            self.shared[index] = Some(pushes);
        }
        self.shared[index].as_deref().unwrap_or_default()
    }

    fn core(&self, index: u32) -> (&'a spikeloom_image::memory::CoreMemory, &'a CoreType) {
        let (number, memory) = &self.image.cores[index as usize];
        let core = &self.layout.cores[index as usize];
        let name = &self.layout.groups[usize::from(core.group)].core_type;
        debug_assert_eq!(*number, core.number);
        (memory, self.image.chip.core_type(name))
    }

    fn bundle(&mut self, first: u32, merges: bool, axons: u32, order: Option<(u32, u32)>) -> u32 {
        self.bundles.push(Bundle { runs: first..self.runs.len() as u32, merges, axons, order });
        (self.bundles.len() - 1) as u32
    }
}
