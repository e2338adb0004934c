//! Bind: which of the chip's bindings a population uses, and its parameters at a scale.

use crate::scale::Scale;
use spikeloom_chip::schema::{self, Binding, Bound};
use spikeloom_chip::{Chip, neuron};
use spikeloom_diagnostics::Diagnostic;
use spikeloom_ir::discrete::{Compare, Dynamics, Hands, Reset, ResetAt, Spikes};
use spikeloom_ir::program::Integers;

/// Parameters of a population at one scale.
#[derive(Clone, Debug, PartialEq)]
pub struct BoundParameters {
    /// One entry for each parameter of the program, in its order.
    pub values: Vec<Integers>,
    /// Whether every parameter that is to be met exactly is.
    pub exact: bool,
    /// Largest rounding of each parameter, in its own units, where there is any.
    pub rounding: Vec<(String, f64)>,
}

/// A parameter that no value in range can meet.
#[derive(Clone, Debug, PartialEq)]
pub struct OutOfRange {
    /// The parameter.
    pub parameter: String,
    /// The value that it would need.
    pub need: f64,
    /// Least and greatest value that it has.
    pub have: (i64, i64),
    /// Index of the neuron.
    pub index: usize,
}

/// Real values of one neuron, as formulas know them.
#[derive(Clone, Copy, PartialEq)]
struct Facts {
    theta: f64,
    v_reset: f64,
    start: f64,
    drive: f64,
    current_bias: f64,
    alpha: f64,
    beta: f64,
    refractory: f64,
}

impl Facts {
    fn of(dynamics: &Dynamics, i: usize, scale: Scale) -> Facts {
        Facts {
            theta: scale.apply(dynamics.theta.get(i)),
            v_reset: scale.apply(dynamics.v_reset.get(i)),
            start: scale.apply(dynamics.start.get(i)),
            drive: scale.apply(dynamics.drive.get(i)),
            current_bias: scale.apply(dynamics.current_bias.get(i)),
            alpha: dynamics.alpha.get(i),
            beta: dynamics.beta.get(i),
            refractory: f64::from(dynamics.refractory),
        }
    }

    fn get(&self, name: &str) -> Option<f64> {
        Some(match name {
            "theta" => self.theta,
            "v_reset" => self.v_reset,
            "start" => self.start,
            "drive" => self.drive,
            "current_bias" => self.current_bias,
            "alpha" => self.alpha,
            "beta" => self.beta,
            "refractory" => self.refractory,
            _ => return None,
        })
    }
}

/// The first binding of the chip that gives exactly this comparator and reset and whose requirements hold, or
/// a diagnostic that says for the nearest ones what stands against them. Where a membrane keeps nothing of the step
/// before, a binding with another reset gives the same spikes, and is taken if there is none with its own.
pub fn choose<'a>(chip: &'a Chip, dynamics: &Dynamics, neurons: usize) -> Result<&'a Binding, Diagnostic> {
    if dynamics.hands == Hands::Membrane {
        return readout(chip, dynamics, neurons);
    }
    let wanted = (compare(dynamics.compare), reset(dynamics.reset), reset_at(dynamics.reset_at));
    if dynamics.spikes == Spikes::Many {
        return Err(Diagnostic::error(
            "SL0603",
            format!("the neuron program `{}` has no neuron that fires several spikes a step", programs(chip)),
        )
        .field("bindings")
        .hint("`--semantics PRESET,spikes=one` would fit, if the network can do with it"));
    }
    let mut reasons = Vec::new();
    let mut lacks_current = false;
    // What a step leaves behind is forgotten in the next: any reset will do.
    let is_forgetful = wanted.2 == schema::ResetAt::Same
        && dynamics.refractory == 0
        && (0..neurons).all(|i| dynamics.beta.get(i) == 0.0);
    let kind = |b: &Binding| (b.compare, if is_forgetful { wanted.1 } else { b.reset }, b.reset_at);
    let of_spikes = || chip.description.bindings.iter().filter(|b| b.hands == schema::Hands::Spikes);
    let fitting = of_spikes().filter(|b| kind(b) == wanted);
    let (own, other): (Vec<_>, Vec<_>) = fitting.partition(|b| b.reset == wanted.1);
    for binding in own.into_iter().chain(other) {
        if !takes_current(binding, dynamics, neurons) {
            lacks_current = true;
            continue;
        }
        let failed = binding.requires.iter().find_map(|(formula, words)| {
            let holds = |i: usize| {
                formula.evaluate(&|name| Facts::of(dynamics, i, Scale::of_factor(1.0)).get(name)) == Ok(1.0)
            };
            (0..neurons).find(|i| !holds(*i)).map(|i| (formula, words, i))
        });
        match failed {
            None => return Ok(binding),
            Some((formula, words, i)) => {
                let facts = Facts::of(dynamics, i, Scale::of_factor(1.0));
                let values: Vec<_> = formula
                    .expression
                    .names()
                    .iter()
                    .filter_map(|name| facts.get(name).map(|value| format!("{name} = {value}")))
                    .collect();
                reasons.push(format!(
                    "its neuron {words} (needs `{}`, has {})",
                    formula.text,
                    values.join(", ")
                ));
            }
        }
    }
    let programs = programs(chip);
    if lacks_current {
        return Err(no_current());
    }
    if !reasons.is_empty() {
        return Err(Diagnostic::error(
            "SL0610",
            format!("the neuron program `{programs}` can't give this neuron: {}", reasons[0]),
        )
        .field("bindings")
        .hint("another chip may have it: `spikeloom chip list`"));
    }
    let offers: Vec<String> = of_spikes().map(|b| overrides(wanted, kind(b))).collect();
    let nearest = offers.iter().min_by_key(|offer| offer.matches('=').count()).cloned().unwrap_or_default();
    Err(Diagnostic::error(
        "SL0611",
        format!("the neuron program `{programs}` has no neuron that {}", describe(wanted)),
    )
    .field("bindings")
    .hint(format!("`--semantics PRESET,{nearest}` would fit, if the network can do with it")))
}

/// The binding for a population that shows its membrane: the host must be able to read it.
fn readout<'a>(chip: &'a Chip, dynamics: &Dynamics, neurons: usize) -> Result<&'a Binding, Diagnostic> {
    let mut bindings = chip.description.bindings.iter().filter(|b| b.hands == schema::Hands::Membrane);
    match bindings.next() {
        None => Err(Diagnostic::error(
            "SL0612",
            "this population does not spike, and the host can't read the state of a neuron of this chip",
        )
        .field("io.host_read")
        .hint("end the network in spiking neurons, or choose a chip with readouts")),
        Some(binding) if takes_current(binding, dynamics, neurons) => Ok(binding),
        Some(_) => Err(no_current()),
    }
}

fn programs(chip: &Chip) -> String {
    let names: Vec<_> = chip.description.core_types.values().map(|core| core.neuron.name.as_str()).collect();
    names.join(", ")
}

/// Whether a constant input to the synaptic current, if there is one, has a parameter.
fn takes_current(binding: &Binding, dynamics: &Dynamics, neurons: usize) -> bool {
    let has_current = (0..neurons).any(|i| dynamics.current_bias.get(i) != 0.0);
    let names_it = |bound: &Bound| {
        let (Bound::Nearest(formula) | Bound::Down(formula) | Bound::Up(formula)) = bound;
        formula.expression.names().contains(&"current_bias")
    };
    !has_current || binding.parameters.iter().any(|(_, bound)| names_it(bound))
}

fn no_current() -> Diagnostic {
    Diagnostic::error(
        "SL0706",
        "a bias enters the synaptic current of this population, and the chip has no constant input to it",
    )
    .field("bindings")
    .hint("train without the bias, or give it to the membrane (v_leak)")
}

type Kind = (schema::Compare, schema::ResetKind, schema::ResetAt);

fn describe((compare, reset, at): Kind) -> String {
    let compare = match compare {
        schema::Compare::Ge => "fires at v >= threshold",
        schema::Compare::Gt => "fires at v > threshold",
    };
    let reset = match reset {
        schema::ResetKind::Zero => "resets to a value",
        schema::ResetKind::Subtract => "resets by subtraction",
        schema::ResetKind::None => "is not reset",
    };
    let at = match at {
        schema::ResetAt::Same => "in the same step",
        schema::ResetAt::Next => "in the next step",
    };
    format!("{compare} and {reset} {at}")
}

fn overrides(wanted: Kind, offered: Kind) -> String {
    let mut keys = Vec::new();
    if wanted.0 != offered.0 {
        keys.push(format!("compare={}", if offered.0 == schema::Compare::Ge { "ge" } else { "gt" }));
    }
    if wanted.1 != offered.1 {
        let word = match offered.1 {
            schema::ResetKind::Zero => "zero",
            schema::ResetKind::Subtract => "subtract",
            schema::ResetKind::None => "none",
        };
        keys.push(format!("reset={word}"));
    }
    if wanted.2 != offered.2 {
        keys.push(format!("reset_at={}", if offered.2 == schema::ResetAt::Same { "same" } else { "next" }));
    }
    keys.join(",")
}

fn compare(compare: Compare) -> schema::Compare {
    match compare {
        Compare::Ge => schema::Compare::Ge,
        Compare::Gt => schema::Compare::Gt,
    }
}

fn reset(reset: Reset) -> schema::ResetKind {
    match reset {
        Reset::Zero => schema::ResetKind::Zero,
        Reset::Subtract => schema::ResetKind::Subtract,
        Reset::None => schema::ResetKind::None,
    }
}

fn reset_at(at: ResetAt) -> schema::ResetAt {
    match at {
        ResetAt::Same => schema::ResetAt::Same,
        ResetAt::Next => schema::ResetAt::Next,
    }
}

/// The parameters of every neuron at this scale of the membrane.
pub fn parameters(
    program: &neuron::NeuronProgram,
    binding: &Binding,
    dynamics: &Dynamics,
    neurons: usize,
    scale: Scale,
) -> Result<BoundParameters, OutOfRange> {
    let count = program.parameters.len();
    let mut columns = vec![Vec::with_capacity(neurons); count];
    let mut rounding = vec![0f64; count];
    let mut exact = true;
    let mut last: Option<(Facts, Vec<i64>)> = None;
    for i in 0..neurons {
        let facts = Facts::of(dynamics, i, scale);
        let row = match &last {
            Some((known, row)) if *known == facts => row.clone(),
            _ => {
                let row = neuron_parameters(program, binding, &facts, i, &mut rounding, &mut exact)?;
                last = Some((facts, row.clone()));
                row
            }
        };
        columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
    }
    let names = program.parameters.iter().map(|p| p.name.clone());
    Ok(BoundParameters {
        values: columns.into_iter().map(Integers::compact).collect(),
        exact,
        rounding: names.zip(rounding).filter(|(_, error)| *error > 0.0).collect(),
    })
}

fn neuron_parameters(
    program: &neuron::NeuronProgram,
    binding: &Binding,
    facts: &Facts,
    index: usize,
    rounding: &mut [f64],
    exact: &mut bool,
) -> Result<Vec<i64>, OutOfRange> {
    let mut row = vec![0i64; program.parameters.len()];
    let mut bound: Vec<(&str, f64)> = Vec::new();
    for (name, value) in &binding.parameters {
        let Some(position) = program.parameters.iter().position(|p| p.name == *name) else { continue };
        let (Bound::Nearest(formula) | Bound::Down(formula) | Bound::Up(formula)) = value;
        let lookup = |wanted: &str| {
            facts
                .get(wanted)
                .or_else(|| bound.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value))
        };
        let real = formula.evaluate(&lookup).unwrap_or(f64::NAN);
        let rounded = match value {
            Bound::Nearest(_) => real.round_ties_even(),
            Bound::Down(_) => real.floor(),
            Bound::Up(_) => real.ceil(),
        };
        let range = program.parameters[position].range();
        let have = (range.low as i64, range.high as i64);
        if !(rounded >= have.0 as f64 && rounded <= have.1 as f64) {
            return Err(OutOfRange { parameter: name.clone(), need: real, have, index });
        }
        rounding[position] = rounding[position].max((rounded - real).abs());
        // Rounding a threshold up or down to the grid of the membrane changes no comparison.
        *exact &= !matches!(value, Bound::Nearest(_)) || rounded == real;
        row[position] = rounded as i64;
        bound.push((name, rounded));
    }
    Ok(row)
}
