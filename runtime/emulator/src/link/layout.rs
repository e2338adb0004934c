//! Cores as ranges of slots, and their programs compiled.

use super::{GroupInfo, NO_LANE};
use crate::draw;
use crate::kernel::{Contents, LaneChoice, group, interval};
use spikeloom_chip::neuron::{EVENT_RANGE, Interval, NeuronProgram, ranges};
use spikeloom_chip::schema::{CoreType, Merge};
use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};
use spikeloom_image::Image;
use spikeloom_image::memory::{CoreMemory, StoreMemory};
use std::collections::BTreeMap;

/// A core of the image.
#[derive(Clone, Debug)]
pub(crate) struct Core {
    pub(crate) number: u32,
    /// Column and row of its node.
    pub(crate) node: (u32, u32),
    /// Global number of its first slot.
    pub(crate) start: u32,
    pub(crate) slots: u32,
    /// Its core type, and its first slot among those of that type.
    pub(crate) group: u16,
    pub(crate) local: u32,
    pub(crate) axons: u32,
    /// In-axons of the cores before it.
    pub(crate) axons_before: u32,
    /// Whether packets that meet on an in-axon act as one.
    pub(crate) merges: bool,
    /// Whether the order of its events matters.
    pub(crate) is_ordered: bool,
}

pub(super) struct Layout {
    pub(super) cores: Vec<Core>,
    pub(super) groups: Vec<GroupInfo>,
    pub(super) slots: u32,
    /// By slot: it hears nothing and rests for ever.
    pub(super) silent: Vec<bool>,
}

/// What is collected of the cores of one type.
struct Members<'a> {
    name: &'a str,
    core_type: &'a CoreType,
    memories: Vec<&'a CoreMemory>,
    cores: Vec<(u32, u32)>,
    slots: u32,
}

impl Layout {
    pub(super) fn new(image: &Image) -> Result<Layout> {
        let mut cores: Vec<Core> = Vec::with_capacity(image.cores.len());
        let mut members: Vec<Members<'_>> = Vec::new();
        let (mut start, mut axons_before) = (0u32, 0u32);
        for (number, memory) in &image.cores {
            let Some((name, core_type)) = image.chip.core_at(*number as usize) else {
                return Err(broken(format!("the chip has no core {number}")));
            };
            let (Some(after), Some(axons_after)) =
                (start.checked_add(core_type.slots), axons_before.checked_add(core_type.in_axons.count))
            else {
                return Err(broken("the image has more than 2^32 slots or in-axons".into()));
            };
            let group = members.iter().position(|m| m.name == name).unwrap_or_else(|| {
                members.push(Members { name, core_type, memories: Vec::new(), cores: Vec::new(), slots: 0 });
                members.len() - 1
            });
            let member = &mut members[group];
            let site = &image.chip.sites[*number as usize];
            cores.push(Core {
                number: *number,
                node: (site.x, site.y),
                start,
                slots: core_type.slots,
                group: group as u16,
                local: member.slots,
                axons: core_type.in_axons.count,
                axons_before,
                merges: core_type.in_axons.merge == Merge::Or,
                is_ordered: spikeloom_chip::neuron::facts::accumulator(&image.chip.programs[name]).is_none(),
            });
            member.cores.push((member.slots, start));
            member.slots += core_type.slots;
            member.memories.push(memory);
            (start, axons_before) = (after, axons_after);
        }
        let mut groups = Vec::new();
        let mut silent = vec![false; start as usize];
        for member in &members {
            let (info, rests) = compile(image, member)?;
            for ((local, global), memory) in member.cores.iter().zip(&member.memories) {
                let count = memory.destinations.len();
                silent[*global as usize..][..count].copy_from_slice(&rests[*local as usize..][..count]);
            }
            groups.push(info);
        }
        Ok(Layout { cores, groups, slots: start, silent })
    }

    /// The lane of a slot that hears something.
    pub(super) fn lane(&self, core: &Core, slot: u32) -> u32 {
        self.groups[usize::from(core.group)].lanes[(core.local + slot) as usize]
    }
}

/// Compiles the program of a core type for all its slots; also which of them rest for ever.
fn compile(image: &Image, member: &Members<'_>) -> Result<(GroupInfo, Vec<bool>)> {
    let program = &image.chip.programs[member.name];
    let slots = member.core_type.slots as usize;
    let parameters: Vec<Vec<i64>> = (0..program.parameters.len())
        .map(|parameter| {
            let of_core = |memory: &&CoreMemory| -> Vec<i64> {
                (0..slots).map(|slot| memory.parameter(member.core_type, parameter, slot)).collect()
            };
            member.memories.iter().flat_map(of_core).collect()
        })
        .collect();
    let initial: Vec<Vec<i64>> = (0..program.states.len())
        .map(|state| member.memories.iter().flat_map(|memory| memory.states[state].iter().copied()).collect())
        .collect();
    let mut values = vec![0];
    let mut hears = vec![false; member.slots as usize];
    for (memory, (local, _)) in member.memories.iter().zip(&member.cores) {
        survey(member.core_type, memory, &mut hears[*local as usize..][..slots], &mut values);
    }
    let w: Interval = interval(&values);
    if !EVENT_RANGE.covers(w) {
        return Err(broken(format!(
            "an event of a core of type `{}` is worth more than 32 bits",
            member.name
        )));
    }
    let prefixes = if program.draws == 0 { Vec::new() } else { prefixes(image, member)? };
    let contents =
        Contents { parameters: &parameters, initial: &initial, prefixes: &prefixes, slots: hears.len() };
    let silent = if !hears.contains(&false) {
        vec![false; hears.len()]
    } else if program.draws == 0 {
        group(program, contents, w, LaneChoice::Narrowest).silent(&hears)
    } else {
        silent_whatever_is_drawn(program, contents, &hears)
    };
    // Only the others get a lane, so that neither time nor width is spent on what never changes.
    let awake: Vec<usize> = (0..hears.len()).filter(|slot| !silent[*slot]).collect();
    let of_awake = |values: &Vec<i64>| awake.iter().map(|slot| values[*slot]).collect::<Vec<i64>>();
    let lane_parameters: Vec<Vec<i64>> = parameters.iter().map(of_awake).collect();
    let lane_initial: Vec<Vec<i64>> = initial.iter().map(of_awake).collect();
    let of_lane = |slot: &usize| prefixes.get(*slot).copied();
    let lane_prefixes: Vec<u64> = awake.iter().filter_map(of_lane).collect();
    let lane_contents = Contents {
        parameters: &lane_parameters,
        initial: &lane_initial,
        prefixes: &lane_prefixes,
        slots: awake.len(),
    };
    let mut lanes = vec![NO_LANE; hears.len()];
    awake.iter().enumerate().for_each(|(lane, slot)| lanes[*slot] = lane as u32);
    let global = |slot: usize| {
        let (local, global) =
            member.cores[member.cores.partition_point(|(local, _)| *local as usize <= slot) - 1];
        global + (slot as u32 - local)
    };
    let info = GroupInfo {
        core_type: member.name.into(),
        program: program.clone(),
        slots: group(program, lane_contents, w, LaneChoice::Narrowest),
        lanes,
        owners: awake.iter().map(|slot| global(*slot)).collect(),
        initial,
    };
    Ok((info, silent))
}

/// The hash of seed and stream of each slot.
fn prefixes(image: &Image, member: &Members<'_>) -> Result<Vec<u64>> {
    let seed = draw::seed(image).map_err(|said| {
        broken(format!("the seed of the image's random draws is `{said}`, which is no number"))
    })?;
    let streams = member.memories.iter().flat_map(|memory| &memory.streams);
    Ok(streams.map(|stream| draw::prefix(seed, *stream)).collect())
}

/// Which of the slots that hear nothing rest for ever, by interval arithmetic: whatever is drawn, a tick leaves the
/// initial state as it is, without a spike and with nothing to count.
fn silent_whatever_is_drawn(program: &NeuronProgram, contents: Contents<'_>, hears: &[bool]) -> Vec<bool> {
    let mut known: BTreeMap<(Vec<i64>, Vec<i64>), bool> = BTreeMap::new();
    let points = |values: &[i64]| values.iter().map(|v| Interval::point((*v).into())).collect::<Vec<_>>();
    let of =
        |columns: &[Vec<i64>], slot: usize| columns.iter().map(|column| column[slot]).collect::<Vec<i64>>();
    let mut rests = |slot: usize| {
        *known.entry((of(contents.parameters, slot), of(contents.initial, slot))).or_insert_with_key(
            |(parameters, states)| {
                let states = points(states);
                let after = ranges::tick(program, &states, &points(parameters));
                !after.may_spike && after.states == states && !after.may_overflow.contains(&true)
            },
        )
    };
    hears.iter().enumerate().map(|(slot, hears)| !hears && rests(slot)).collect()
}

/// Marks the slots that have a synapse, and widens the range of values.
fn survey(core_type: &CoreType, memory: &CoreMemory, hears: &mut [bool], range: &mut Vec<i64>) {
    match &memory.store {
        StoreMemory::Crossbar { values, rows, .. } => {
            for (slot, hears) in hears.iter_mut().enumerate() {
                *hears = rows.iter().any(|row| row[slot / 64] >> (slot % 64) & 1 == 1);
                if *hears {
                    range.extend(values.iter().map(|of_type| of_type[slot]));
                }
            }
        }
        StoreMemory::Lists { lists, .. } => {
            for axon in (0..lists.len()).filter(|axon| !lists[*axon].is_empty()) {
                for event in memory.events(core_type, axon) {
                    hears[event.slot as usize] = true;
                    range.push(event.value);
                }
                *range = ends(range);
            }
        }
    }
    *range = ends(range);
}

fn ends(values: &[i64]) -> Vec<i64> {
    [values.iter().min(), values.iter().max()].into_iter().flatten().copied().collect()
}

fn broken(message: String) -> Diagnostics {
    Diagnostic::error("SL1001", message)
        .hint("the image does not fit its own chip description: make it anew")
        .into()
}
