//! The heart of the check: for each slot the multiset of (source, total delay, value) that its in-axons make,
//! against the one that the program asks for. Flat arrays, sorted; nothing is looked up synapse by synapse.

use super::claims::Claims;
use super::differences::{Difference, differences, sums};
use super::ways::{Way, Ways};
use super::world::World;
use spikeloom_chip::neuron::facts;
use spikeloom_ir::program::Program;

/// A synapse as its target sees it. Sorted by source, then delay, then value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) key: u64,
    pub(super) value: i64,
}

impl Entry {
    pub(super) fn new(element: u32, delay: u32, value: i64) -> Entry {
        Entry { key: u64::from(element) << 32 | u64::from(delay), value }
    }

    /// The source.
    pub(super) fn element(self) -> u32 {
        (self.key >> 32) as u32
    }

    /// Steps from the spike to the event.
    pub(super) fn delay(self) -> u32 {
        self.key as u32
    }

    /// Source and delay.
    pub(super) fn key(self) -> u64 {
        self.key
    }
}

/// Lists of entries in one array.
pub(super) struct Table {
    /// Start of each list, then the number of entries.
    starts: Vec<usize>,
    entries: Vec<Entry>,
}

impl Table {
    fn with_counts(counts: impl Iterator<Item = usize>) -> (Table, Vec<usize>) {
        let mut starts = vec![0];
        let mut total = 0;
        for count in counts {
            total += count;
            starts.push(total);
        }
        let next = starts.clone();
        (Table { starts, entries: vec![Entry { key: 0, value: 0 }; total] }, next)
    }

    fn sort(&mut self) {
        for i in 1..self.starts.len() {
            let list = &mut self.entries[self.starts[i - 1]..self.starts[i]];
            if !list.is_sorted() {
                list.sort_unstable();
            }
        }
    }

    /// List `index`, sorted.
    pub(super) fn get(&self, index: usize) -> &[Entry] {
        &self.entries[self.starts[index]..self.starts[index + 1]]
    }

    /// The synapses of the program by target element.
    pub(super) fn of_program(world: &World<'_>) -> Table {
        let mut counts = vec![0; world.elements() as usize];
        each_synapse(world.program, |connection, _, target, _| {
            let target_population = world.program.connections[connection].target.index();
            counts[world.start(target_population) as usize + target] += 1;
        });
        let (mut table, mut next) = Table::with_counts(counts.into_iter());
        each_synapse(world.program, |connection, source, target, value| {
            let connection = &world.program.connections[connection];
            let at = &mut next[world.start(connection.target.index()) as usize + target];
            let element = world.start(connection.source.index()) + source as u32;
            table.entries[*at] = Entry::new(element, connection.delay, value.into());
            *at += 1;
        });
        table.sort();
        table
    }
}

/// Calls `f(connection, source, target, value)`.
fn each_synapse(program: &Program, mut f: impl FnMut(usize, usize, usize, i32)) {
    for (c, connection) in program.connections.iter().enumerate() {
        for source in 0..program.populations[connection.source.index()].len() {
            connection.synapses.for_each_of(source, |target, value| {
                // A value of 0 is no synapse, in either form.
                if value != 0 {
                    f(c, source, target, value);
                }
            });
        }
    }
}

/// What is wrong with the events of a slot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mismatch {
    /// Counted through all cores.
    pub(super) slot: u32,
    /// The source.
    pub(super) element: u32,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Of a slot that stands for a neuron.
    Differs(Difference),
    /// A slot that stands for nothing hears this in-axon.
    Hears { axon: u32 },
    /// So many events that they were not looked at; the source is the first of them.
    Swamped { events: u64, synapses: usize },
}

/// Mismatches that are kept.
const MOST_KEPT: usize = 100_000;

/// What the comparison found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) mismatches: Vec<Mismatch>,
    /// Those that were not kept.
    pub(super) left_out: u64,
    /// Events that were compared.
    pub(super) events: u64,
}

impl Found {
    fn add(&mut self, mismatch: Mismatch) {
        if self.mismatches.len() < MOST_KEPT { self.mismatches.push(mismatch) } else { self.left_out += 1 }
    }
}

/// Compares all slots of all cores.
pub(super) fn compare(world: &World<'_>, claims: &Claims, ways: &Ways, wanted: &Table) -> Found {
    let mut found = Found::default();
    for core in 0..world.cores.len() {
        compare_core(world, claims, ways, wanted, core, &mut found);
    }
    found
}

/// Events of a slot beyond this are not laid out: a broken image may let every packet of a chip meet at one
/// in-axon, which would be more than memory holds.
fn most_events(wanted: usize) -> u64 {
    wanted as u64 * 64 + 1024
}

fn compare_core(
    world: &World<'_>,
    claims: &Claims,
    ways: &Ways,
    wanted: &Table,
    core: usize,
    found: &mut Found,
) {
    let view = &world.cores[core];
    let slots = view.core.slots as usize;
    let groups = || ways.to_core(core).chunk_by(|a, b| a.axon == b.axon);
    let mut counts = vec![0u64; slots];
    let mut first_heard: Vec<Option<&Way>> = vec![None; slots];
    let mut is_swamped = vec![false; slots];
    for group in groups() {
        for event in view.memory.events(view.core, group[0].axon as usize) {
            counts[event.slot as usize] += group.len() as u64;
            first_heard[event.slot as usize].get_or_insert(&group[0]);
        }
    }
    for (slot, count) in counts.iter_mut().enumerate() {
        let global = view.first + slot as u32;
        let mismatch = |way: &Way, kind| Mismatch { slot: global, element: way.element, kind };
        match (claims.element(global), first_heard[slot]) {
            (None, Some(way)) => {
                found.add(mismatch(way, Kind::Hears { axon: way.axon }));
                *count = 0;
            }
            (Some(element), Some(way)) => {
                let synapses = wanted.get(element as usize).len();
                if *count > most_events(synapses) {
                    found.add(mismatch(way, Kind::Swamped { events: *count, synapses }));
                    is_swamped[slot] = true;
                    *count = 0;
                }
            }
            _ => {}
        }
    }
    let (mut table, mut next) = Table::with_counts(counts.iter().map(|count| *count as usize));
    for group in groups() {
        let mut events = view.memory.events(view.core, group[0].axon as usize);
        events.retain(|event| counts[event.slot as usize] > 0);
        for way in group {
            for event in &events {
                let at = &mut next[event.slot as usize];
                table.entries[*at] =
                    Entry::new(way.element, way.delay.saturating_add(event.delay), event.value);
                *at += 1;
            }
        }
    }
    table.sort();
    found.events += table.entries.len() as u64;
    let may_sum = facts::accumulator(view.neuron).is_some();
    for (slot, _) in is_swamped.iter().enumerate().filter(|(_, is_swamped)| !**is_swamped) {
        let global = view.first + slot as u32;
        let Some(element) = claims.element(global) else { continue };
        let (need, have) = (wanted.get(element as usize), table.get(slot));
        if need == have || may_sum && sums(need).eq(sums(have)) {
            continue;
        }
        for difference in differences(need, have, may_sum) {
            found.add(Mismatch {
                slot: global,
                element: difference.element(),
                kind: Kind::Differs(difference),
            });
        }
    }
}

/// The in-axon through which a slot hears a source with this total delay, and with this value if given.
pub(super) fn find_way<'w>(
    world: &World<'_>,
    ways: &'w Ways,
    slot: u32,
    element: u32,
    delay: u32,
    value: Option<i64>,
) -> Option<&'w Way> {
    let (core, slot) = world.slot(slot);
    let view = &world.cores[core];
    let mut of_element = ways.to_core(core).iter().filter(|way| way.element == element);
    of_element.find(|way| {
        view.memory.events(view.core, way.axon as usize).iter().any(|event| {
            let total = way.delay.saturating_add(event.delay);
            event.slot == slot && total == delay && value.is_none_or(|value| event.value == value)
        })
    })
}
