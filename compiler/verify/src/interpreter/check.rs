//! What must hold before a program can be run; after it nothing in the interpreter can fail.

use spikeloom_chip::Chip;
use spikeloom_chip::neuron::{Interval, NeuronProgram};
use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};
use spikeloom_ir::program::{Connection, Integers, Population, PopulationKind, Program, Synapses};

/// Every fault that keeps the program from running on the chip.
pub(super) fn check(program: &Program, chip: &Chip) -> Result<()> {
    let mut found = Diagnostics::default();
    for population in &program.populations {
        let at = |d: Diagnostic| d.at_node(&program.origin.source_name, &population.location);
        found.0.extend(population_faults(population, chip).into_iter().map(at));
    }
    for connection in &program.connections {
        found.0.extend(connection_fault(program, connection));
    }
    for output in &program.outputs {
        if output.population.index() >= program.populations.len() {
            let message = format!("output `{}` shows a population that does not exist", output.name);
            found.0.push(
                Diagnostic::error("SL0904", message).at_node(&program.origin.source_name, &output.location),
            );
        }
    }
    found.into_result().map(|_| ())
}

/// The seed of the random draws, 0 if the program does not say it.
pub(super) fn seed(program: &Program, chip: &Chip) -> Result<u64> {
    let draws = program.populations.iter().any(|population| match &population.kind {
        PopulationKind::Neurons { core_type, .. } => {
            chip.programs.get(core_type).is_some_and(|p| p.draws > 0)
        }
        PopulationKind::Input => false,
    });
    let said = program.origin.options.iter().find(|(name, _)| draws && name == "seed");
    said.map_or(Ok(0), |(_, value)| {
        let wrong = |_| Diagnostic::error("SL0909", format!("the seed of the random draws is `{value}`"));
        Ok(value.parse().map_err(wrong)?)
    })
}

fn population_faults(population: &Population, chip: &Chip) -> Vec<Diagnostic> {
    let PopulationKind::Neurons { core_type, parameters, initial, .. } = &population.kind else {
        return Vec::new();
    };
    let name = &population.name;
    let Some(neuron) = chip.programs.get(core_type) else {
        let message =
            format!("population `{name}` runs on core type `{core_type}`, which the chip does not have");
        let names: Vec<&str> = chip.programs.keys().map(String::as_str).collect();
        return vec![Diagnostic::error("SL0901", message).need_have(core_type, names.join(", "))];
    };
    let (parameter_ranges, state_ranges) = ranges(neuron);
    let mut found = Vec::new();
    for (what, values, ranges) in
        [("parameters", parameters, parameter_ranges), ("initial states", initial, state_ranges)]
    {
        if values.len() != ranges.len() {
            let message = format!("population `{name}` does not have the {what} of `{}`", neuron.name);
            found.push(Diagnostic::error("SL0902", message).need_have(ranges.len(), values.len()));
            continue;
        }
        for (values, (variable, range)) in values.iter().zip(ranges) {
            found.extend(values_fault(values, population, variable, range));
        }
    }
    found
}

/// A declaration's name and range.
type Declared<'a> = Vec<(&'a str, Interval)>;

fn ranges(neuron: &NeuronProgram) -> (Declared<'_>, Declared<'_>) {
    (
        neuron.parameters.iter().map(|p| (p.name.as_str(), p.range())).collect(),
        neuron.states.iter().map(|s| (s.name.as_str(), s.range())).collect(),
    )
}

fn values_fault(
    values: &Integers,
    population: &Population,
    variable: &str,
    range: Interval,
) -> Option<Diagnostic> {
    let (name, count) = (&population.name, population.len());
    let values = match values {
        Integers::Uniform(value) => std::slice::from_ref(value),
        Integers::Each(values) if values.len() == count => values.as_slice(),
        Integers::Each(values) => {
            let message = format!("population `{name}` does not have one `{variable}` for each neuron");
            return Some(Diagnostic::error("SL0902", message).need_have(count, values.len()));
        }
    };
    let outside = values.iter().find(|&&value| !range.contains(i128::from(value)))?;
    let message = format!("`{variable}` of population `{name}` does not fit its declaration");
    Some(Diagnostic::error("SL0903", message).need_have(range, outside))
}

fn connection_fault(program: &Program, connection: &Connection) -> Option<Diagnostic> {
    let fault = |code, message: String| {
        Some(Diagnostic::error(code, message).at_node(&program.origin.source_name, connection.path.join(" ")))
    };
    let find = |id: spikeloom_ir::network::PopulationId| program.populations.get(id.index());
    let (Some(source), Some(target)) = (find(connection.source), find(connection.target)) else {
        return fault("SL0904", "a connection has an end that does not exist".to_string());
    };
    let ends = format!("the connection from `{}` to `{}`", source.name, target.name);
    if target.kind == PopulationKind::Input {
        return fault("SL0904", format!("{ends} leads into an input"));
    }
    if !fits(&connection.synapses, source.len(), target.len()) {
        return fault(
            "SL0904",
            format!("the synapses of {ends} do not fit {} by {}", source.len(), target.len()),
        );
    }
    if connection.delay == 0 && source.kind != PopulationKind::Input {
        return fault("SL0905", format!("{ends} has delay 0, and its source is not an input"));
    }
    None
}

fn fits(synapses: &Synapses, sources: usize, targets: usize) -> bool {
    match synapses {
        Synapses::Dense { targets: columns, values } => {
            *columns == targets && values.len() == sources * targets
        }
        Synapses::Sparse { offsets, targets: ids, values } => {
            offsets.len() == sources + 1
                && offsets.first() == Some(&0)
                && offsets.is_sorted()
                && offsets.last().map(|last| *last as usize) == Some(ids.len())
                && ids.len() == values.len()
                && ids.iter().all(|id| (*id as usize) < targets)
        }
        Synapses::Shared { patterns, bases, offsets, steps, values } => {
            let is_whole = patterns.len() == sources
                && bases.len() == sources
                && offsets.first() == Some(&0)
                && offsets.is_sorted()
                && offsets.last().map(|last| *last as usize) == Some(steps.len())
                && steps.len() == values.len();
            let largest = |p: &u32| {
                let ends = offsets.get(*p as usize..*p as usize + 2)?;
                Some(steps[ends[0] as usize..ends[1] as usize].iter().max().map_or(0, |s| u64::from(*s) + 1))
            };
            is_whole
                && patterns
                    .iter()
                    .zip(bases)
                    .all(|(p, base)| largest(p).is_some_and(|end| u64::from(*base) + end <= targets as u64))
        }
    }
}
