//! The order of events in a mapped program, and what difference another order would make.
//!
//! A neuron takes in the events of a step by in-axon, then by the delay that synapses hold, then as its core stores
//! them. To programs that only add up their events that is all the same; for others T2 gives the interpreter this
//! order, and says how much hangs on it.

use crate::pipeline::Compiled;
use crate::simulation::Inputs;
use spikeloom_chip::Chip;
use spikeloom_chip::neuron::facts;
use spikeloom_diagnostics::{Diagnostic, Result};
use spikeloom_image::spikes::SpikeTrains;
use spikeloom_ir::cores::{Core, NeuronId, Placed, Role, Synapse};
use spikeloom_ir::network::PopulationId;
use spikeloom_ir::program::{PopulationKind, Program};
use spikeloom_verify::{Interpreter, Order, Rank};
use std::collections::{BTreeMap, VecDeque};

/// Random orders that are tried.
pub const RANDOM_ORDERS: u64 = 8;

/// What other orders of events would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderReport {
    /// Spikes of all neurons under the order of the mapping.
    pub spikes: u64,
    /// Under each random order: by how many spikes the counts of all neurons and steps differ.
    pub changed: Vec<u64>,
}

/// Whether the order of events may matter to a population, and so to the program.
pub fn is_sensitive(program: &Program, chip: &Chip) -> bool {
    program.populations.iter().any(|population| is_sensitive_population(&population.kind, chip))
}

fn is_sensitive_population(kind: &PopulationKind, chip: &Chip) -> bool {
    let PopulationKind::Neurons { core_type, .. } = kind else { return false };
    chip.programs.get(core_type).is_some_and(|program| facts::accumulator(program).is_none())
}

/// The order in which the cores take in events: ranks for populations to which it matters.
///
/// # Errors
///
/// `SL0911`: a synapse of the program stands in no core.
pub fn of_placed(placed: &Placed, chip: &Chip) -> Result<Order> {
    let program = &placed.cores.program;
    let matters: Vec<bool> =
        program.populations.iter().map(|p| is_sensitive_population(&p.kind, chip)).collect();
    let mut found: BTreeMap<Key, VecDeque<Rank>> = BTreeMap::new();
    for core in &placed.cores.cores {
        each_synapse(core, |key, rank| {
            if matters[key.target.population.index()] {
                found.entry(key).or_default().push_back(rank);
            }
        });
    }
    let mut ranks = Vec::new();
    for connection in &program.connections {
        let mut of_connection = Vec::new();
        for source in 0..program.populations[connection.source.index()].len() {
            let mut missing = None;
            connection.synapses.for_each_of(source, |target, value| {
                let id =
                    |population: PopulationId, index: usize| NeuronId { population, index: index as u32 };
                let target = id(connection.target, target);
                let key =
                    Key { target, source: id(connection.source, source), delay: connection.delay, value };
                if value == 0 {
                    return;
                }
                if !matters[target.population.index()] {
                    return of_connection.push(Rank::default());
                }
                // Synapses that are alike in all else may stand for each other.
                match found.get_mut(&key).and_then(VecDeque::pop_front) {
                    Some(rank) => of_connection.push(rank),
                    None => missing = Some(key),
                }
            });
            if let Some(key) = missing {
                let message = format!("a synapse of value {} stands in no core", key.value);
                return Err(Diagnostic::error("SL0911", message)
                    .at_node(&program.origin.source_name, connection.path.join(" "))
                    .into());
            }
        }
        ranks.push(of_connection);
    }
    Ok(Order::Ranked(ranks))
}

/// A synapse, by all that its event is told by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    target: NeuronId,
    source: NeuronId,
    delay: u32,
    value: i32,
}

/// The synapses of a core onto neurons themselves (copies have the same), with their ranks.
fn each_synapse(core: &Core, mut f: impl FnMut(Key, Rank)) {
    for (axon, in_axon) in core.axons.iter().enumerate() {
        // Lists are stored format by format.
        let mut stored: Vec<&Synapse> = in_axon.synapses.iter().collect();
        stored.sort_by_key(|synapse| synapse.format);
        for (place, synapse) in stored.into_iter().enumerate() {
            if let Role::Primary(target) = core.slots[synapse.slot as usize].role {
                let delay = in_axon.delay + synapse.delay;
                let packet = (axon as u64) << 32 | u64::from(synapse.delay);
                let key = Key { target, source: in_axon.source, delay, value: synapse.value };
                f(key, Rank { packet, place: place as u32 });
            }
        }
    }
}

/// Runs the program under random orders of events. `reference` has the spikes under the order of the mapping,
/// `[samples, steps, neurons]` by population.
pub(crate) fn experiment(
    compiled: &Compiled,
    inputs: &SpikeTrains,
    steps: usize,
    reference: &[Vec<u32>],
) -> Result<OrderReport> {
    let program = compiled.program();
    let inputs_at = Inputs::new(inputs, program.populations.iter().map(|p| p.name.as_str()));
    let mut interpreter = Interpreter::new(program, &compiled.chip)?;
    let mut changed = Vec::new();
    for seed in 0..RANDOM_ORDERS {
        interpreter.set_order(Order::Random(seed))?;
        let mut differing = 0;
        for sample in 0..inputs.samples {
            interpreter.reset();
            for t in 0..steps + program.largest_lag() as usize {
                interpreter.step(&inputs_at.at(sample, Some(t).filter(|t| *t < steps)));
                for (p, population) in program.populations.iter().enumerate() {
                    let step = t.checked_sub(population.lag as usize).filter(|s| *s < steps);
                    let (Some(step), PopulationKind::Neurons { .. }) = (step, &population.kind) else {
                        continue;
                    };
                    let wanted = &reference[p][(sample * steps + step) * population.len()..];
                    let now = interpreter.spikes(PopulationId(p as u32));
                    let differences =
                        now.iter().zip(wanted).map(|(a, b)| u64::from(u32::from(*a).abs_diff(*b)));
                    differing += differences.sum::<u64>();
                }
            }
        }
        changed.push(differing);
    }
    let spikes = reference.iter().flatten().map(|count| u64::from(*count)).sum();
    Ok(OrderReport { spikes, changed })
}

impl std::fmt::Display for OrderReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let each: Vec<String> = self.changed.iter().map(u64::to_string).collect();
        let most = self.changed.iter().max().copied().unwrap_or(0);
        let orders = self.changed.len();
        if most == 0 {
            return write!(
                f,
                "order of events: none of {} spikes changes under {orders} random orders",
                self.spikes
            );
        }
        write!(
            f,
            "order of events: up to {most} of {} spikes change under {orders} random orders ({})",
            self.spikes,
            each.join(", ")
        )
    }
}
