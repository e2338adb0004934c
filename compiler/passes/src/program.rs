//! From a network in steps to a Program: bind, quantise, retime, start.

use crate::calibrate;
use crate::fold::{Folded, fold};
use crate::quantise::{Heard, Judgement, Layer, LayerReport, Quantised, Trial, quantise};
use crate::retime::{Retimed, retime, shown_later};
use crate::{bind, room, start};
use spikeloom_chip::Chip;
use spikeloom_chip::schema::{CoreType, Holds, Per};
use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};
use spikeloom_ir::discrete::{Hands, StepNetwork};
use spikeloom_ir::network;
use spikeloom_ir::program::{Connection, Integers, Origin, Population, PopulationKind, Program};
use std::collections::BTreeMap;

/// How numbers are chosen where they can't be exact.
#[derive(Default)]
pub struct Choice<'a> {
    /// Bits of a weight, sign included, if fewer than the chip has.
    pub bits: Option<u32>,
    /// What ways to quantise are judged by; without it, weights alone.
    pub calibration: Option<Calibration<'a>>,
}

/// Runs on calibration spikes.
pub struct Calibration<'a> {
    /// Measures one population in integers, given as a program of its own (see [`calibrate::trial`]). From then on the
    /// population is heard as it fired in its last trial.
    pub judge: &'a mut LayerJudge<'a>,
    /// The spikes of a population (its index in the network) as others hear them, `[samples x steps, elements]`.
    pub heard: &'a dyn Fn(usize) -> Vec<u32>,
    /// Steps of a sample.
    pub steps: usize,
}

/// Measures a population (its index in the network) as a program of its own.
pub type LayerJudge<'a> = dyn FnMut(usize, &Program) -> std::result::Result<Judgement, Diagnostic> + 'a;

/// Makes the Program of a network for a chip, with a report for each population of neurons.
pub fn to_program(
    step: &StepNetwork,
    chip: &Chip,
    options: &[(String, String)],
    choice: Choice<'_>,
) -> Result<(Program, Vec<LayerReport>)> {
    let populations = &step.network.populations;
    let neurons = populations.iter().zip(&step.dynamics).filter(|(_, dynamics)| dynamics.is_some());
    room::for_neurons(neurons.map(|(p, _)| p.len()).sum(), &step.network.source_name, chip)?;
    let folded = fold(step)?;
    let mut faults = Vec::new();
    let retimed = retime(step, &folded, chip).unwrap_or_else(|Diagnostics(more)| {
        faults.extend(more);
        Retimed { lags: vec![0; step.network.populations.len()], delays: vec![0; folded.len()] }
    });
    let mut builder = Builder {
        step,
        chip,
        folded: &folded,
        retimed: &retimed,
        choice,
        values: vec![None; folded.len()],
        reports: Vec::new(),
    };
    // From the input on, so that what a population hears is known when it is judged.
    let mut order: Vec<usize> = (0..step.network.populations.len()).collect();
    order.sort_by_key(|i| retimed.lags[*i]);
    let (mut populations, mut refused) = (Vec::new(), Vec::new());
    for i in order {
        match builder.population(i) {
            Ok(population) => populations.push((i, population)),
            Err(fault) => {
                let location = &step.network.populations[i].location;
                refused.push((i, fault.at_node(&step.network.source_name, location)));
            }
        }
    }
    refused.sort_by_key(|(i, _)| *i);
    faults.extend(refused.into_iter().map(|(_, fault)| fault));
    if !faults.is_empty() {
        return Err(Diagnostics(faults));
    }
    populations.sort_by_key(|(i, _)| *i);
    let fired = builder.fired();
    builder.reports.sort_by_key(|(i, _)| *i);
    let reports = builder.reports.into_iter().map(|(_, report)| report).collect();
    let populations = populations.into_iter().map(|(_, population)| population).collect();
    let connections = folded
        .iter()
        .zip(builder.values)
        .zip(&retimed.delays)
        .map(|((connection, values), delay)| Connection {
            source: connection.source,
            target: connection.target,
            path: connection.path.clone(),
            delay: *delay,
            synapses: connection.matrix.in_integers(
                step.network.populations[connection.target.index()].len(),
                &values.unwrap_or_default(),
            ),
        })
        .collect();
    let origin = Origin {
        chip_name: chip.name().to_string(),
        chip_digest: chip.digest.clone(),
        source_name: step.network.source_name.clone(),
        source_digest: step.network.source_digest.clone(),
        options: options.to_vec(),
    };
    Ok((Program { origin, populations, fired, connections, outputs: step.network.outputs.clone() }, reports))
}

struct Builder<'a, 'c> {
    step: &'a StepNetwork,
    chip: &'a Chip,
    folded: &'a [Folded],
    retimed: &'a Retimed,
    choice: Choice<'c>,
    values: Vec<Option<Vec<i32>>>,
    /// With the index of the population.
    reports: Vec<(usize, LayerReport)>,
}

impl Builder<'_, '_> {
    /// Spikes of each population on the calibration spikes, as it fires in integers.
    fn fired(&self) -> Vec<Integers> {
        let Some(calibration) = &self.choice.calibration else { return Vec::new() };
        let sum = |(p, population): (usize, &network::Population)| {
            let mut sums = vec![0; population.len()];
            for spikes in (calibration.heard)(p).chunks_exact(population.len().max(1)) {
                sums.iter_mut().zip(spikes).for_each(|(sum, spikes)| *sum += i64::from(*spikes));
            }
            Integers::compact(sums)
        };
        self.step.network.populations.iter().enumerate().map(sum).collect()
    }

    fn population(&mut self, i: usize) -> std::result::Result<Population, Diagnostic> {
        let source = &self.step.network.populations[i];
        let kind = match &self.step.dynamics[i] {
            None => PopulationKind::Input,
            Some(_) => self.neurons(i)?,
        };
        Ok(Population {
            name: source.name.clone(),
            shape: source.shape.clone(),
            kind,
            lag: self.retimed.lags[i],
            location: source.location.clone(),
        })
    }

    fn neurons(&mut self, i: usize) -> std::result::Result<PopulationKind, Diagnostic> {
        let source = &self.step.network.populations[i];
        let Some(dynamics) = &self.step.dynamics[i] else { return Ok(PopulationKind::Input) };
        let Some((type_name, core)) = self.chip.description.core_types.iter().next() else {
            return Err(Diagnostic::error("SL0610", "the chip has no cores"));
        };
        let program = &self.chip.programs[type_name];
        let neurons = source.len();
        let feeds_others = || self.folded.iter().any(|c| c.source.index() == i);
        if dynamics.hands == Hands::Membrane && feeds_others() {
            return Err(Diagnostic::error(
                "SL0613",
                "this population does not spike and feeds others: only spikes travel on a chip",
            )
            .field("network")
            .hint("let it spike, or make it an output only"));
        }
        let binding = bind::choose(self.chip, dynamics, neurons)?;
        let ids: Vec<usize> =
            (0..self.folded.len()).filter(|c| self.folded[*c].target.index() == i).collect();
        let layer = Layer {
            name: &source.name,
            neurons,
            dynamics,
            incoming: ids.iter().map(|c| &self.folded[*c]).collect(),
            uses: ids.iter().map(|c| self.folded[*c].matrix.uses()).collect(),
            bits: self.choice.bits,
        };
        let (step, chip) = (self.step, self.chip);
        let quantised = match &mut self.choice.calibration {
            None => quantise(&layer, core, program, binding, None)?,
            Some(calibration) => {
                let heard = Heard {
                    spikes: layer.incoming.iter().map(|c| (calibration.heard)(c.source.index())).collect(),
                    steps: calibration.steps,
                };
                let mut judge = |quantised: &Quantised| {
                    (calibration.judge)(
                        i,
                        &calibrate::trial(step, chip, type_name, binding, &layer, i, quantised),
                    )
                };
                let trial = Trial { judge: &mut judge, heard };
                quantise(&layer, core, program, binding, Some(trial))?
            }
        };
        for (id, values) in ids.iter().zip(quantised.weights) {
            self.values[*id] = Some(values);
        }
        let membrane = program.states.iter().position(|s| s.name == binding.membrane).unwrap_or(0);
        // One that shows its spikes a step later also ticks a step later.
        let lag = self.retimed.lags[i] + shown_later(self.step, i);
        let hold = program.states.iter().position(|s| core.neuron.hold.as_ref() == Some(&s.name));
        let mut solved: BTreeMap<(Vec<i64>, i64), Vec<i64>> = BTreeMap::new();
        let mut initial = vec![Vec::with_capacity(neurons); program.states.len()];
        for n in 0..neurons {
            let parameters: Vec<i64> = quantised.parameters.iter().map(|p| p.get(n)).collect();
            let key = (parameters, quantised.start[n]);
            if !solved.contains_key(&key) {
                let mut wanted = vec![0; program.states.len()];
                wanted[membrane] = key.1;
                let states =
                    start::solve(program, &key.0, &wanted, lag, hold).ok_or_else(|| still(lag, n))?;
                check_stored(core, &states)?;
                solved.insert(key.clone(), states);
            }
            initial.iter_mut().zip(&solved[&key]).for_each(|(column, value)| column.push(*value));
        }
        let scale = quantised.report.scale;
        self.reports.push((i, quantised.report));
        Ok(PopulationKind::Neurons {
            core_type: type_name.clone(),
            parameters: quantised.parameters,
            initial: initial.into_iter().map(Integers::compact).collect(),
            scale,
            readout: (dynamics.hands == Hands::Membrane).then(|| binding.membrane.clone()),
        })
    }
}

fn still(lag: u32, neuron: usize) -> Diagnostic {
    Diagnostic::error(
        "SL0705",
        format!("this population runs {lag} step(s) late, and its bias or leak would move neuron {neuron} before its first step"),
    )
    .field("neuron.hold")
    .hint("no initial state was found that leads to the network's; a chip with a `hold` keeps such neurons still")
}

/// A state that no memory holds starts at 0.
fn check_stored(core: &CoreType, states: &[i64]) -> std::result::Result<(), Diagnostic> {
    let slot = core.records.iter().find(|record| record.per == Per::Slot);
    for (declared, value) in core.neuron.state.iter().zip(states) {
        let held =
            slot.is_some_and(|r| r.fields.iter().any(|f| f.holds == Holds::State(declared.name.clone())));
        if *value != 0 && !held {
            return Err(Diagnostic::error(
                "SL0705",
                format!("state `{}` must start at {value}, and no memory holds it", declared.name),
            )
            .field("records"));
        }
    }
    Ok(())
}
