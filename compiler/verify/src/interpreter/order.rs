//! In which order a neuron takes in the events of a step, and the events as they wait for their turn.
//!
//! It matters only to programs that are no accumulators. Which order a chip has follows from the mapping, so the
//! Program does not say it: whoever compares with a chip gives the order of that chip.

use spikeloom_diagnostics::{Diagnostic, Result};
use spikeloom_ir::program::Program;

/// The order of the events that a neuron takes in within a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// By connection, then source, then as the synapses of a source are listed.
    #[default]
    Listed,
    /// By rank. For each connection the ranks of its synapses, by source and then as they are listed; a value of 0
    /// is no synapse and has none.
    Ranked(Vec<Vec<Rank>>),
    /// By chance: each synapse has one place for the whole run, which follows from this seed.
    Random(u64),
}

/// The place of a synapse among those of its target; the lowest comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    /// Synapses of a target that act on one packet have the same number here. If the packet comes several times
    /// in a step, all of them act, then all of them again.
    pub packet: u64,
    /// Their order among themselves.
    pub place: u32,
}

/// An event that waits for its turn.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    population: u32,
    neuron: u32,
    rank: Rank,
    value: i64,
    count: u32,
}

/// The events of a step, for an order that is not that of the lists.
#[derive(Clone, Debug)]
pub(super) struct Turns {
    order: Order,
    /// Number of each source's first synapse, by connection.
    firsts: Vec<Vec<u32>>,
    waiting: Vec<Waiting>,
}

impl Turns {
    /// `None` for the order of the lists, which needs no sorting.
    pub(super) fn new(order: Order, program: &Program) -> Result<Option<Turns>> {
        if order == Order::Listed {
            return Ok(None);
        }
        let firsts: Vec<Vec<u32>> = program
            .connections
            .iter()
            .map(|connection| {
                let mut next = 0;
                let sources = 0..program.populations[connection.source.index()].len();
                let each = sources.map(|source| {
                    let first = next;
                    connection.synapses.for_each_of(source, |_, w| next += u32::from(w != 0));
                    first
                });
                let mut firsts: Vec<u32> = each.collect();
                firsts.push(next);
                firsts
            })
            .collect();
        if let Order::Ranked(ranks) = &order {
            let needed = |i: usize| firsts.get(i).and_then(|f| f.last()).map_or(0, |n| *n as usize);
            let wrong = (0..firsts.len().max(ranks.len()))
                .find(|i| ranks.get(*i).map(Vec::len) != firsts.get(*i).map(|_| needed(*i)));
            if let Some(i) = wrong {
                let message = format!("the ranks of connection {i} are not as many as its synapses");
                let have = ranks.get(i).map_or(0, Vec::len);
                return Err(Diagnostic::error("SL0908", message).need_have(needed(i), have).into());
            }
        }
        Ok(Some(Turns { order, firsts, waiting: Vec::new() }))
    }

    /// Number of a source's first synapse.
    pub(super) fn first(&self, connection: usize, source: usize) -> usize {
        self.firsts[connection][source] as usize
    }

    /// Puts an event of the connection's synapse `synapse` in the queue.
    pub(super) fn wait(
        &mut self,
        (connection, synapse): (usize, usize),
        (population, neuron): (usize, usize),
        value: i64,
        count: u32,
    ) {
        let rank = match &self.order {
            Order::Listed => Rank::default(),
            Order::Ranked(ranks) => ranks[connection][synapse],
            Order::Random(seed) => Rank {
                packet: scatter(scatter(scatter(*seed) ^ connection as u64) ^ synapse as u64),
                place: 0,
            },
        };
        let (population, neuron) = (population as u32, neuron as u32);
        self.waiting.push(Waiting { population, neuron, rank, value, count });
    }

    /// Calls `f(population, neuron, value)` for every event in its turn, and forgets them.
    pub(super) fn each(&mut self, mut f: impl FnMut(usize, usize, i64)) {
        self.waiting.sort_by_key(|w| (w.population, w.neuron, w.rank));
        let together = |a: &Waiting, b: &Waiting| {
            (a.population, a.neuron, a.rank.packet) == (b.population, b.neuron, b.rank.packet)
        };
        for packet in self.waiting.chunk_by(together) {
            for round in 0..packet.iter().map(|w| w.count).max().unwrap_or(0) {
                for event in packet.iter().filter(|w| w.count > round) {
                    f(event.population as usize, event.neuron as usize, event.value);
                }
            }
        }
        self.waiting.clear();
    }

    /// Forgets the events.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }
}

/// Numbers that lie close together become numbers that do not (the finaliser of MurmurHash3).
fn scatter(z: u64) -> u64 {
    let z = (z ^ (z >> 33)).wrapping_add(1).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let z = (z ^ (z >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    z ^ (z >> 33)
}
