//! Link: every packet that a slot or the host can send is followed once, to the synapses where it ends.
//!
//! What a source sends with one delay to in-axons that nobody else uses becomes one *bundle* of synapses over all
//! cores; an in-axon with several writers has a bundle of its own, where packets that meet can merge. Slots that
//! hear nothing and rest for ever send nothing, so an idle slot's destination does not count as a writer.

mod bundles;
mod layout;
mod targets;

pub(crate) use layout::Core;

use crate::kernel::Slots;
use crate::synapses::{Run, Synapses};
use bundles::Builder;
use layout::Layout;
use spikeloom_chip::Chip;
use spikeloom_chip::neuron::NeuronProgram;
use spikeloom_diagnostics::{Diagnostic, Result};
use spikeloom_image::Image;
use std::ops::Range;
use targets::{Follower, Target};

/// A slot of any core: slots are numbered through all cores of an image, by core number and slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GlobalSlot(pub u32);

impl GlobalSlot {
    /// As an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A spike of a source: `delay` steps later a bundle acts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Push {
    pub(crate) delay: u32,
    pub(crate) bundle: u32,
}

/// A packet for the output node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OutputPacket {
    pub(crate) channel: u32,
    pub(crate) bits: u64,
}

/// Synapses that act together.
#[derive(Clone, Debug)]
pub(crate) struct Bundle {
    pub(crate) runs: Range<u32>,
    /// Packets that meet here act as one.
    pub(crate) merges: bool,
    /// Packets that it stands for, when merges are counted.
    pub(crate) axons: u32,
    /// Core and in-axon, where the order of events matters.
    pub(crate) order: Option<(u32, u32)>,
}

/// Lists of lists in one array.
#[derive(Debug)]
pub(crate) struct Lists<T> {
    ends: Vec<u32>,
    items: Vec<T>,
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Lists { ends: Vec::new(), items: Vec::new() }
    }
}

impl<T> Lists<T> {
    fn push(&mut self, items: impl IntoIterator<Item = T>) {
        self.items.extend(items);
        self.ends.push(self.items.len() as u32);
    }

    /// List `index`.
    pub(crate) fn get(&self, index: usize) -> &[T] {
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize };
        &self.items[start..self.ends[index] as usize]
    }
}

/// All slots of one core type.
pub(crate) struct GroupInfo {
    pub(crate) core_type: String,
    pub(crate) program: NeuronProgram,
    /// Those of its slots that do not rest for ever, in their initial state.
    pub(crate) slots: Box<dyn Slots>,
    /// By slot of the type: its lane, or [`NO_LANE`].
    pub(crate) lanes: Vec<u32>,
    /// By lane: its slot's global number.
    pub(crate) owners: Vec<u32>,
    /// `[state][slot]`, for those that rest.
    pub(crate) initial: Vec<Vec<i64>>,
}

/// No lane: the slot rests for ever.
pub(crate) const NO_LANE: u32 = u32::MAX;

/// An image, ready to run.
pub(crate) struct Linked {
    pub(crate) chip: Chip,
    pub(crate) cores: Vec<Core>,
    pub(crate) groups: Vec<GroupInfo>,
    /// By source: slots by global number, then the elements of the host's inputs.
    pub(crate) pushes: Lists<Push>,
    pub(crate) outputs: Lists<OutputPacket>,
    /// By source: packets that lead nowhere.
    pub(crate) unreachable: Vec<u32>,
    pub(crate) bundles: Vec<Bundle>,
    pub(crate) runs: Vec<Run>,
    pub(crate) synapses: Synapses,
    /// Sources of each input node.
    pub(crate) inputs: Vec<Range<u32>>,
    /// Packets of each of the host's sources.
    pub(crate) host_packets: Vec<u32>,
    /// By in-axon of all cores; filled only where the host may send any packet.
    pub(crate) axons: Option<Lists<Push>>,
    pub(crate) slots: u32,
    pub(crate) longest: u32,
    pub(crate) warnings: Vec<Diagnostic>,
}

impl Linked {
    /// Compiles and links.
    pub(crate) fn new(image: &Image) -> Result<Linked> {
        let chip = &image.chip;
        let layout = Layout::new(image)?;
        let mut follower = Follower::new(chip, &layout.cores);
        for (index, (_, memory)) in image.cores.iter().enumerate() {
            let core = &layout.cores[index];
            for (slot, destinations) in memory.destinations.iter().enumerate().take(core.slots as usize) {
                let silent = layout.silent[core.start as usize + slot];
                follower.slot(core, slot as u32, if silent { &[] } else { destinations });
            }
        }
        let mut inputs = Vec::new();
        let mut host_packets = Vec::new();
        for input in image.host.iter().flat_map(|host| &host.inputs) {
            let first = follower.sources();
            for packets in &input.packets {
                follower.host(&input.name, packets);
                host_packets.push(packets.len() as u32);
            }
            inputs.push(first..follower.sources());
        }
        let mut builder = Builder::new(image, &layout);
        let is_raw = image.host.is_none();
        if is_raw {
            builder.share_all();
        }
        builder.count_writers(&follower.arrivals);
        let mut pushes = Lists::default();
        let mut late = 0usize;
        for source in 0..follower.sources() as usize {
            let mut of_source = builder.source(follower.arrivals.get(source));
            // A slot spikes in its tick, after the events of the step: what it sends can't act before the next.
            for push in of_source.iter_mut().filter(|push| push.delay == 0 && source < layout.slots as usize)
            {
                push.delay = 1;
                late += 1;
            }
            pushes.push(of_source);
        }
        let axons = is_raw.then(|| builder.all_axons());
        let reach = |lists: &Lists<Push>| lists.items.iter().map(|push| push.delay).max().unwrap_or(0);
        let longest = reach(&pushes).max(axons.as_ref().map_or(0, reach));
        let mut warnings = follower.warnings();
        if late > 0 {
            let message =
                format!("{late} ways from slots have a delay of 0; what they carry acts a step later");
            warnings.push(Diagnostic::warning("SL1003", message));
        }
        Ok(Linked {
            chip: chip.clone(),
            pushes,
            outputs: follower.outputs,
            unreachable: follower.unreachable,
            bundles: builder.bundles,
            runs: builder.runs,
            synapses: builder.synapses,
            inputs,
            host_packets,
            axons,
            slots: layout.slots,
            groups: layout.groups,
            cores: layout.cores,
            longest,
            warnings,
        })
    }

    /// Where a raw packet of the host leads.
    pub(crate) fn packet(&self, packet: u64) -> RawTarget {
        match (Follower::new(&self.chip, &self.cores).packet(packet), &self.axons) {
            (Target::Axon { core, axon, delay }, Some(_)) => {
                RawTarget::Axon { delay, index: self.cores[core as usize].axons_before + axon }
            }
            (Target::Output(packet), Some(_)) => RawTarget::Output(packet),
            _ => RawTarget::Nowhere,
        }
    }

    /// The global number of a slot.
    pub(crate) fn slot(&self, core: u32, slot: u32) -> Option<GlobalSlot> {
        let index = self.cores.binary_search_by_key(&core, |core| core.number).ok()?;
        let core = &self.cores[index];
        (slot < core.slots).then(|| GlobalSlot(core.start + slot))
    }

    /// The core of a slot.
    pub(crate) fn core_of(&self, slot: GlobalSlot) -> &Core {
        &self.cores[self.cores.partition_point(|core| core.start <= slot.0) - 1]
    }
}

/// Where a raw packet of the host leads.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RawTarget {
    /// To an in-axon, by its index in [`Linked::axons`], so much later.
    Axon { delay: u32, index: u32 },
    /// Straight to the output node.
    Output(OutputPacket),
    /// Nowhere.
    Nowhere,
}
