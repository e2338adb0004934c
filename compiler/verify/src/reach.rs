//! Whether a state can leave its range: interval arithmetic over the steps of a run, for all inputs that spike
//! at most once a step and element.

use spikeloom_chip::Chip;
use spikeloom_chip::neuron::{Interval, NeuronProgram, Overflow, facts, ranges};
use spikeloom_ir::program::{PopulationKind, Program};
use std::collections::BTreeSet;
use std::fmt;

/// What a state variable of a population can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Name of the population.
    pub population: String,
    /// Name of the state variable.
    pub variable: String,
    /// Its overflow rule.
    pub rule: Overflow,
    /// The first step, counted from 1, in which its rule may change a value; `None` if never.
    pub first_step: Option<u64>,
    /// Whether the search ended because nothing changes any more, so that `None` holds for ever.
    pub is_settled: bool,
    /// Steps looked at.
    pub steps: u64,
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.rule {
            Overflow::Wrap => "wrap",
            Overflow::Saturate => "saturate",
            Overflow::Trap | Overflow::Forbid => "overflow",
        };
        let (population, variable) = (&self.population, &self.variable);
        match (self.first_step, self.is_settled) {
            (Some(step), _) => {
                write!(f, "{population}.{variable} may {verb} from step {step} on, for some input")
            }
            (None, true) => write!(f, "{population}.{variable} can't {verb}, for any input"),
            (None, false) => {
                write!(f, "{population}.{variable} can't {verb} within {} steps, for any input", self.steps)
            }
        }
    }
}

/// Kinds of neurons beyond this are looked at as one whose parameters span all of theirs.
const MOST_KINDS: usize = 512;

/// Looks at every state variable that can overflow, over so many steps.
pub fn reach(program: &Program, chip: &Chip, steps: u64) -> Vec<Reach> {
    let mut sums: Vec<Vec<(i128, i128)>> =
        program.populations.iter().map(|p| vec![(0, 0); p.len()]).collect();
    for connection in &program.connections {
        let sums = &mut sums[connection.target.index()];
        for source in 0..program.populations[connection.source.index()].len() {
            connection.synapses.for_each_of(source, |target, value| {
                if value < 0 {
                    sums[target].0 += i128::from(value)
                } else {
                    sums[target].1 += i128::from(value)
                }
            });
        }
    }
    let mut found = Vec::new();
    for (population, sums) in program.populations.iter().zip(&sums) {
        let PopulationKind::Neurons { core_type, parameters, initial, .. } = &population.kind else {
            continue;
        };
        let neuron = &chip.programs[core_type];
        let mut kinds: BTreeSet<KindKey> = BTreeSet::new();
        for (i, sum) in sums.iter().enumerate() {
            let of = |columns: &[spikeloom_ir::program::Integers]| columns.iter().map(|c| c.get(i)).collect();
            kinds.insert((of(parameters), of(initial), *sum));
        }
        let points = |values: &[i64]| values.iter().map(|v| Interval::point((*v).into())).collect::<Vec<_>>();
        let kinds = kinds.iter().map(|(p, s, w)| Kind {
            parameters: points(p),
            start: points(s),
            w: Interval::new(w.0, w.1),
        });
        let mut first = vec![None; neuron.states.len()];
        let mut is_settled = true;
        for kind in merged(kinds.collect()) {
            let (steps_to, settled) = first_overflows(neuron, &kind, steps);
            is_settled &= settled;
            for (first, step) in first.iter_mut().zip(steps_to) {
                *first = [*first, step].into_iter().flatten().min();
            }
        }
        for (state, first_step) in neuron.states.iter().zip(first) {
            if state.overflow != Overflow::Forbid {
                let (population, variable) = (population.name.clone(), state.name.clone());
                found.push(Reach {
                    population,
                    variable,
                    rule: state.overflow,
                    first_step,
                    is_settled,
                    steps,
                });
            }
        }
    }
    found
}

/// Parameters, start, and sums of negative and of positive values.
type KindKey = (Vec<i64>, Vec<i64>, (i128, i128));

struct Kind {
    parameters: Vec<Interval>,
    start: Vec<Interval>,
    w: Interval,
}

fn merged(kinds: Vec<Kind>) -> Vec<Kind> {
    if kinds.len() <= MOST_KINDS {
        return kinds;
    }
    let join = |a: Vec<Interval>, b: Vec<Interval>| a.into_iter().zip(b).map(|(a, b)| a.join(b)).collect();
    let one = kinds.into_iter().reduce(|a, b| Kind {
        parameters: join(a.parameters, b.parameters),
        start: join(a.start, b.start),
        w: a.w.join(b.w),
    });
    one.into_iter().collect()
}

/// First step in which each state may overflow, and whether the states came to rest.
fn first_overflows(neuron: &NeuronProgram, kind: &Kind, steps: u64) -> (Vec<Option<u64>>, bool) {
    let mut first = vec![None; neuron.states.len()];
    let mut states = kind.start.clone();
    // Any part of a step's events may have come when a state is looked at, so nothing is one of the cases.
    let w = kind.w.join(Interval::point(0));
    // Where events are added up, all of a step are one event of their sum.
    let sums = facts::accumulator(neuron).is_some();
    for step in 1..=steps {
        let event = if sums {
            ranges::event(neuron, &states, &kind.parameters, w)
        } else {
            // What some events of a step do, one after the other, is not followed: anything in range.
            let states = neuron.states.iter().map(|state| state.range()).collect();
            let may_overflow = neuron.states.iter().map(|state| state.overflow != Overflow::Forbid).collect();
            ranges::Outcome { states, may_spike: true, must_spike: false, may_overflow }
        };
        let tick = ranges::tick(neuron, &event.states, &kind.parameters);
        for (i, first) in first.iter_mut().enumerate() {
            if event.may_overflow[i] || tick.may_overflow[i] {
                first.get_or_insert(step);
            }
        }
        let next: Vec<Interval> = states.iter().zip(&tick.states).map(|(a, b)| a.join(*b)).collect();
        if next == states {
            return (first, true);
        }
        if first.iter().all(Option::is_some) {
            return (first, false);
        }
        states = next;
    }
    (first, false)
}
