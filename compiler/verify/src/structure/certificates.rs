//! The two certificates under which equal structure means equal spikes: the order of events within a step does
//! not matter, and no state overflows where that is a fault.

use super::faults::Faults;
use super::world::World;
use crate::reach::{Reach, reach};
use spikeloom_chip::neuron::{
    BinaryOperator, EVENT_RANGE, Expression, Interval, NeuronProgram, Overflow, StateId, Statement, ranges,
};
use spikeloom_diagnostics::Diagnostic;
use spikeloom_ir::program::{Integers, Population, PopulationKind};

/// For how many steps something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Certificate {
    /// For as many as were asked for.
    pub(super) holds: bool,
    /// `None` for ever.
    pub(super) steps: Option<u64>,
}

impl Certificate {
    const FOR_EVER: Certificate = Certificate { holds: true, steps: None };
    const NEVER: Certificate = Certificate { holds: false, steps: Some(0) };

    fn and(self, other: Certificate) -> Certificate {
        let steps = [self.steps, other.steps].into_iter().flatten().min();
        Certificate { holds: self.holds && other.holds, steps }
    }

    fn from_reach(reach: &Reach, steps: u64) -> Certificate {
        match reach.first_step {
            Some(first) => Certificate { holds: first > steps, steps: Some(first.saturating_sub(1)) },
            None if reach.is_settled => Certificate::FOR_EVER,
            None => Certificate { holds: reach.steps >= steps, steps: Some(reach.steps) },
        }
    }
}

/// Order-free and no-trap, for a run of so many steps.
pub(super) fn certify(world: &World<'_>, steps: u64, faults: &mut Faults) -> (Certificate, Certificate) {
    let mut bounds = Bounds { world, steps, found: None };
    let (mut order_free, mut no_trap) = (Certificate::FOR_EVER, Certificate::FOR_EVER);
    for population in &world.program.populations {
        let PopulationKind::Neurons { core_type, parameters, .. } = &population.kind else { continue };
        if population.is_empty() {
            continue;
        }
        let neuron = &world.chip().programs[core_type];
        let mut own = match added_to(neuron) {
            None => Certificate::NEVER,
            Some(states) => {
                let bounded = states.iter().filter(|id| {
                    matches!(neuron.states[id.index()].overflow, Overflow::Saturate | Overflow::Trap)
                });
                bounded.fold(Certificate::FOR_EVER, |all, id| {
                    all.and(bounds.of(population, &neuron.states[id.index()].name))
                })
            }
        };
        if !own.holds {
            tell(population, "the order of events within a step may matter", own, steps, faults);
        }
        order_free = order_free.and(own);
        own = Certificate::FOR_EVER;
        let may_trap = traps(neuron, parameters);
        for (state, _) in neuron.states.iter().zip(may_trap).filter(|(_, may)| *may) {
            own = own.and(bounds.of(population, &state.name));
        }
        if !own.holds {
            tell(
                population,
                "a state may overflow where the chip does not say what happens",
                own,
                steps,
                faults,
            );
        }
        no_trap = no_trap.and(own);
    }
    (order_free, no_trap)
}

fn tell(population: &Population, what: &str, certificate: Certificate, steps: u64, faults: &mut Faults) {
    faults.add("SL0939", || {
        Diagnostic::warning("SL0939", format!("in population `{}` {what}", population.name))
            .at_node("", &population.name)
            .need_have(format!("{steps} steps"), format!("{} steps", certificate.steps.unwrap_or(steps)))
            .hint("equal structure means equal spikes within those steps only; `verify` compares a run")
    });
}

/// The states to which `on_event` adds, if adding what does not depend on any state is all that it does: sums do
/// not depend on their order while none of them leaves its range, or wraps.
fn added_to(neuron: &NeuronProgram) -> Option<Vec<StateId>> {
    if neuron.after.as_ref().is_some_and(|block| !block.is_empty()) {
        return None;
    }
    neuron
        .on_event
        .iter()
        .map(|statement| match statement {
            Statement::Assign { state, value: Expression::Binary(BinaryOperator::Add, x, y) } => {
                let is_own = |e: &Expression| matches!(e, Expression::State(read) if read == state);
                (is_own(x) && is_fixed(y) || is_own(y) && is_fixed(x)).then_some(*state)
            }
            Statement::Assign { state, value: Expression::Binary(BinaryOperator::Subtract, x, y) } => {
                (matches!(&**x, Expression::State(read) if read == state) && is_fixed(y)).then_some(*state)
            }
            _ => None,
        })
        .collect()
}

/// Whether a value is the same whatever happened before.
fn is_fixed(expression: &Expression) -> bool {
    match expression {
        Expression::State(_) | Expression::Local(_) => false,
        _ => expression.children().all(is_fixed),
    }
}

/// By state: whether it may overflow under the rule `Trap`, from any state and for any events.
fn traps(neuron: &NeuronProgram, parameters: &[Integers]) -> Vec<bool> {
    let states: Vec<Interval> = neuron.states.iter().map(|state| state.range()).collect();
    let parameters: Vec<Interval> = parameters.iter().map(span).collect();
    let event = ranges::event(neuron, &states, &parameters, EVENT_RANGE);
    let tick = ranges::tick(neuron, &states, &parameters);
    let may = |i: usize| event.may_overflow[i] || tick.may_overflow[i];
    neuron.states.iter().enumerate().map(|(i, state)| state.overflow == Overflow::Trap && may(i)).collect()
}

fn span(values: &Integers) -> Interval {
    match values {
        Integers::Uniform(value) => Interval::point((*value).into()),
        Integers::Each(values) => {
            let (low, high) =
                (values.iter().min().copied().unwrap_or(0), values.iter().max().copied().unwrap_or(0));
            Interval::new(low.into(), high.into())
        }
    }
}

/// First overflows, worked out only if somebody asks.
struct Bounds<'a> {
    world: &'a World<'a>,
    steps: u64,
    found: Option<Vec<Reach>>,
}

impl Bounds<'_> {
    fn of(&mut self, population: &Population, variable: &str) -> Certificate {
        let (world, steps) = (self.world, self.steps);
        let found = self.found.get_or_insert_with(|| reach(world.program, world.chip(), steps));
        let reach =
            found.iter().find(|reach| reach.population == population.name && reach.variable == variable);
        reach.map_or(Certificate::NEVER, |reach| Certificate::from_reach(reach, steps))
    }
}
