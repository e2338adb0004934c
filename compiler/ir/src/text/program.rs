//! The Program level, which opens the text of the later levels too.

use super::names;
use super::printer::{INLINE, Names, Printer};
use crate::network::PopulationId;
use crate::program::{Integers, Population, PopulationKind, Program, Synapses};
use spikeloom_chip::Chip;

impl Printer {
    /// Prints a program under the header of `level`; gives the populations' names.
    pub(super) fn program(&mut self, level: &str, program: &Program, chip: &Chip) -> Names {
        let origin = &program.origin;
        self.line(&format!(
            "loom 1 level={level} chip={} chip-digest={} source={} source-digest={}",
            names::string(&origin.chip_name),
            names::digest(&origin.chip_digest),
            names::string(&origin.source_name),
            names::digest(&origin.source_digest)
        ));
        self.options(&origin.options);
        for population in &program.populations {
            self.program_population(population, chip);
        }
        let populations = Names(program.populations.iter().map(|p| names::node(&p.name)).collect());
        for (p, spikes) in program.fired.iter().enumerate() {
            self.integers(&format!("fired {}", populations.of(PopulationId(p as u32))), spikes);
        }
        for connection in &program.connections {
            let lead = format!(
                "connect {} -> {}{} delay={}",
                populations.of(connection.source),
                populations.of(connection.target),
                names::path(&connection.path),
                connection.delay
            );
            let targets = program.populations.get(connection.target.index()).map_or(0, Population::len);
            self.synapses(&lead, &connection.synapses, targets);
        }
        self.outputs(&program.outputs, &populations);
        populations
    }

    fn program_population(&mut self, population: &Population, chip: &Chip) {
        let name = format!("{}{}", names::node(&population.name), names::shape(&population.shape));
        let (lag, location) = (population.lag, names::string(&population.location));
        let PopulationKind::Neurons { core_type, parameters, initial, scale, readout } = &population.kind
        else {
            return self.line(&format!("input {name} lag={lag} loc({location})"));
        };
        let core = names::string(core_type);
        let neuron = chip.programs.get(core_type);
        let readout =
            readout.as_ref().map_or(String::new(), |state| format!(" readout={}", names::string(state)));
        let lead = format!("pop {name} core={core} lag={lag} scale={scale:?}{readout} loc({location})");
        self.block(&lead, |p| {
            for (i, values) in parameters.iter().enumerate() {
                let known = neuron.and_then(|n| n.parameters.get(i)).map(|v| v.name.clone());
                p.integers(&known.unwrap_or_else(|| format!("parameter.{i}")), values);
            }
            for (i, values) in initial.iter().enumerate() {
                let known = neuron.and_then(|n| n.states.get(i)).map(|v| v.name.clone());
                p.integers(&format!("start {}", known.unwrap_or_else(|| format!("state.{i}"))), values);
            }
        });
    }

    fn integers(&mut self, name: &str, values: &Integers) {
        match values {
            Integers::Uniform(value) => self.line(&format!("{name} = {value}")),
            Integers::Each(values) => self.list(name, values),
        }
    }

    fn synapses(&mut self, lead: &str, synapses: &Synapses, of_target: usize) {
        match synapses {
            Synapses::Dense { targets, values } => {
                let sources = values.len() / (*targets).max(1);
                self.matrix(&format!("{lead} dense"), [sources, *targets], values);
            }
            Synapses::Sparse { offsets, targets, values } => {
                let sources = offsets.len().saturating_sub(1);
                let lead = format!("{lead} sparse {}", names::shape(&[sources, of_target]));
                let of_source = |s: usize| offsets[s] as usize..offsets[s + 1] as usize;
                if self.full || values.len() <= INLINE {
                    return self.block(&lead, |p| {
                        for source in 0..sources {
                            let entries = of_source(source).map(|i| (targets[i], values[i]));
                            p.entries(&format!("from {source}"), entries);
                        }
                    });
                }
                let triples: Vec<i32> = (0..sources)
                    .flat_map(|s| of_source(s).flat_map(move |i| [s as i32, targets[i] as i32, values[i]]))
                    .collect();
                let reference = self.file(&[values.len(), 3], &triples);
                self.line(&format!("{lead} {reference}"));
            }
            Synapses::Shared { patterns, bases, offsets, steps, values } => {
                let lead = format!("{lead} shared {}", names::shape(&[patterns.len(), of_target]));
                self.block(&lead, |p| {
                    p.list("patterns", patterns);
                    p.list("bases", bases);
                    p.list("offsets", offsets);
                    p.list("steps", steps);
                    p.list("values", values);
                });
            }
        }
    }
}
