//! `verify`: the emulator on the image against the interpreter on the program (T2), the program against the
//! network (T3), and both against recorded spikes.

pub use crate::expectations::{Expected, read_expected};

use crate::divergence::{self, History, Point};
use crate::expectations::compare_expected;
use crate::numerics::{Trains, describe, numerics};
use crate::order::{self, OrderReport};
use crate::pipeline::Compiled;
use crate::simulation::Inputs;
use spikeloom_chip::schema::{Overrun, Step};
use spikeloom_diagnostics::{Diagnostic, Result};
use spikeloom_emulator::{Engine, GlobalSlot, HostEvents, HostSpike, RunOptions, refuse_counts, run_spikes};
use spikeloom_image::spikes::SpikeTrains;
use spikeloom_ir::network::PopulationId;
use spikeloom_ir::program::PopulationKind;
use spikeloom_verify::{Coverage, Difference, Interpreter};
use std::fmt::Write as _;

/// What `verify` found.
pub struct Verdict {
    /// For people.
    pub text: String,
    /// Notes, and the first divergence if there is one.
    pub notes: Vec<Diagnostic>,
    /// Whether T2 and every expectation hold.
    pub is_good: bool,
    /// Comparison of the program with the network, by population.
    pub numerics: Vec<Difference>,
    /// Comparison with recorded spikes.
    pub expectations: Vec<Difference>,
    /// What the run exercised.
    pub coverage: Coverage,
    /// What other orders of events would change; `None` where no order can change anything.
    pub order: Option<OrderReport>,
    /// Spikes on the chip, by population: `[samples, steps, neurons]`, step t being the network's.
    pub chip_spikes: Vec<Vec<u32>>,
}

/// Verifies a compile on these inputs.
pub fn verify(
    compiled: &Compiled,
    inputs: &SpikeTrains,
    steps: Option<usize>,
    expected: Option<&Expected>,
) -> Result<Verdict> {
    verify_on(1, compiled, inputs, steps, expected)
}

/// The same with so many threads for the image's own run; the verdict does not depend on them.
pub fn verify_on(
    threads: usize,
    compiled: &Compiled,
    inputs: &SpikeTrains,
    steps: Option<usize>,
    expected: Option<&Expected>,
) -> Result<Verdict> {
    refuse_counts(&compiled.image, inputs)?;
    let steps = steps.unwrap_or(inputs.steps);
    let program = compiled.program();
    let mut lockstep = Lockstep::new(compiled, inputs, steps)?;
    lockstep.run();
    let outputs =
        run_spikes(&compiled.image, inputs, &RunOptions { steps: Some(steps), probes: Vec::new(), threads })?;
    let mut output_differences = 0;
    for output in &program.outputs {
        let p = output.population.index();
        if let Some(node) = outputs.outputs.iter().find(|node| node.name == output.name) {
            let wanted = &lockstep.program_trains.spikes[p];
            output_differences += wanted.iter().zip(&node.counts).filter(|(a, b)| a != b).count();
        }
        if let Some(node) = outputs.readouts.iter().find(|node| node.name == output.name) {
            let wanted = &lockstep.readouts[p];
            output_differences += wanted.iter().zip(&node.values).filter(|(a, b)| a != b).count();
        }
    }
    let coverage = lockstep.interpreter.coverage().clone();
    let is_equal = lockstep.divergence.is_none() && output_differences == 0;
    let mut text = String::new();
    let mut notes = Vec::new();
    let is_sensitive = order::is_sensitive(program, &compiled.chip);
    let word = verdict_word(compiled, is_equal, coverage.is_weak(), is_sensitive);
    let _ = writeln!(
        text,
        "T2 execution: {word}\n   image emulated = program interpreted over {} sample(s) x {} steps: every spike and state of every neuron, and the outputs as the host sees them",
        inputs.samples,
        steps + program.largest_lag() as usize
    );
    for line in coverage.to_string().lines() {
        let _ = writeln!(text, "   {line}");
    }
    let mut order = None;
    if is_sensitive {
        let report = order::experiment(compiled, inputs, steps, &lockstep.program_trains.spikes)?;
        let _ = writeln!(text, "   {report}");
        order = Some(report);
    }
    if let Some(divergence) = lockstep.divergence.take() {
        notes.push(divergence);
    }
    if output_differences > 0 {
        notes.push(Diagnostic::error(
            "SL0911",
            format!(
                "{output_differences} output value(s) differ between what leaves the chip and the program"
            ),
        ));
    }
    let numerics = numerics(compiled, inputs, &lockstep.program_trains, &lockstep.readouts, &mut text)?;
    let mut is_good = is_equal;
    let mut expectations = Vec::new();
    if let Some(expected) = expected {
        expectations =
            compare_expected(program, expected, &lockstep.chip_trains, inputs.samples, &mut notes)?;
        text.push_str("Recorded spikes:\n");
        for difference in &expectations {
            let _ = writeln!(text, "   {}", describe(difference, program));
            is_good &= difference.is_equal();
        }
    }
    Ok(Verdict {
        text,
        notes,
        is_good,
        numerics,
        expectations,
        coverage,
        order,
        chip_spikes: lockstep.chip_trains.spikes,
    })
}

fn verdict_word(compiled: &Compiled, is_equal: bool, is_weak: bool, is_sensitive: bool) -> String {
    if !is_equal {
        return "NOT equal".into();
    }
    let mut word = String::from(if is_sensitive { "equal under this order" } else { "equal" });
    if is_weak {
        word.push_str(", weakly tested");
    }
    // Where a tick may be dropped, packets may come late: only timing can show that none does.
    if matches!(compiled.chip.description.step, Step::Tick { overrun: Overrun::Dropped, .. }) {
        word.push_str(", timing not checked");
    }
    word
}

/// Emulator and interpreter side by side, compared after every step.
struct Lockstep<'a> {
    compiled: &'a Compiled,
    inputs: Inputs<'a>,
    samples: usize,
    steps: usize,
    engine: Engine,
    interpreter: Interpreter<'a>,
    /// Slot of the primary of each neuron, by population.
    primaries: Vec<Vec<GlobalSlot>>,
    program_trains: Trains,
    chip_trains: Trains,
    /// States of readouts of the program, by population, shifted like spikes.
    readouts: Vec<Vec<i64>>,
    divergence: Option<Diagnostic>,
    history: History,
}

impl<'a> Lockstep<'a> {
    fn new(compiled: &'a Compiled, inputs: &'a SpikeTrains, steps: usize) -> Result<Lockstep<'a>> {
        let program = compiled.program();
        let engine = Engine::new(&compiled.image)?;
        let mut interpreter = Interpreter::new(program, &compiled.chip)?;
        if order::is_sensitive(program, &compiled.chip) {
            interpreter.set_order(order::of_placed(&compiled.placed, &compiled.chip)?)?;
        }
        let mut primaries: Vec<Vec<Option<GlobalSlot>>> = program
            .populations
            .iter()
            .map(|p| if p.kind == PopulationKind::Input { Vec::new() } else { vec![None; p.len()] })
            .collect();
        for (core, slot, role) in compiled.image.debug.iter().flat_map(|d| &d.witness) {
            if role.is_primary {
                primaries[role.population as usize][role.index as usize] = engine.slot(*core, *slot);
            }
        }
        let complete: Option<Vec<Vec<GlobalSlot>>> =
            primaries.into_iter().map(|slots| slots.into_iter().collect()).collect();
        let primaries = complete
            .ok_or_else(|| Diagnostic::error("SL0911", "a neuron of the program has no slot in the image"))?;
        let width = |p: &spikeloom_ir::program::Population| {
            if p.kind == PopulationKind::Input { 0 } else { inputs.samples * steps * p.len() }
        };
        let trains =
            || Trains { steps, spikes: program.populations.iter().map(|p| vec![0; width(p)]).collect() };
        Ok(Lockstep {
            compiled,
            inputs: Inputs::new(inputs, program.populations.iter().map(|p| p.name.as_str())),
            samples: inputs.samples,
            steps,
            engine,
            interpreter,
            primaries,
            program_trains: trains(),
            chip_trains: trains(),
            readouts: vec![Vec::new(); program.populations.len()],
            divergence: None,
            history: History::default(),
        })
    }

    fn run(&mut self) {
        let tail = self.compiled.program().largest_lag() as usize;
        for sample in 0..self.samples {
            self.engine.reset();
            self.interpreter.reset();
            self.history = History::default();
            for t in 0..self.steps + tail {
                let inputs = self.inputs.at(sample, Some(t).filter(|t| *t < self.steps));
                self.interpreter.step(&inputs);
                let spikes = self.host_spikes(&inputs);
                self.engine.step(HostEvents::Spikes(&spikes));
                if self.divergence.is_none() {
                    let of = |id| self.interpreter.spikes(id).iter().map(|s| u32::from(*s)).collect();
                    self.history.program.push(divergence::program_step(self.compiled.program(), of, &inputs));
                    let hosts = spikes.iter().map(|spike| (spike.input, spike.element)).collect();
                    self.history.image.push((self.engine.spiking_slots().to_vec(), hosts));
                }
                self.compare(sample, t);
            }
        }
    }

    fn host_spikes(&self, inputs: &[(PopulationId, &[u32])]) -> Vec<HostSpike> {
        let hosts = self.compiled.image.host.iter().flat_map(|h| &h.inputs).enumerate();
        let mut spikes = Vec::new();
        for (input, node) in hosts {
            let population = self.compiled.program().populations.iter().position(|p| p.name == node.name);
            let counts = inputs
                .iter()
                .find(|(p, _)| Some(p.index()) == population)
                .map_or(&[][..], |(_, counts)| counts);
            let fired = counts.iter().enumerate().filter(|(_, count)| **count > 0);
            spikes.extend(fired.map(|(element, count)| HostSpike { input, element, count: *count }));
        }
        spikes
    }

    fn compare(&mut self, sample: usize, t: usize) {
        let program = self.compiled.program();
        let spiking = self.engine.spiking_slots();
        for (p, population) in program.populations.iter().enumerate() {
            let PopulationKind::Neurons { core_type, .. } = &population.kind else { continue };
            let id = PopulationId(p as u32);
            let wanted = self.interpreter.spikes(id);
            let states = &self.compiled.chip.programs[core_type].states;
            let network_step = t.checked_sub(population.lag as usize).filter(|s| *s < self.steps);
            if let (Some(state), Some(_)) = (program.readout(id), network_step) {
                let variable = states.iter().position(|s| s.name == state).unwrap_or(0);
                self.readouts[p].extend_from_slice(self.interpreter.state(id, variable));
            }
            for (i, slot) in self.primaries[p].iter().enumerate() {
                let actual =
                    (spiking.partition_point(|s| s <= slot) - spiking.partition_point(|s| s < slot)) as u32;
                if let Some(step) = network_step {
                    let at = (sample * self.steps + step) * population.len() + i;
                    self.program_trains.spikes[p][at] = wanted[i].into();
                    self.chip_trains.spikes[p][at] = actual;
                }
                if self.divergence.is_some() {
                    continue;
                }
                let both = |(variable, state): (usize, &spikeloom_chip::neuron::StateVariable)| {
                    (
                        state.name.clone(),
                        self.interpreter.state(id, variable)[i],
                        self.engine.state(*slot, variable),
                    )
                };
                let state = (0..states.len())
                    .find(|k| self.interpreter.state(id, *k)[i] != self.engine.state(*slot, *k));
                let spikes = (i64::from(wanted[i]), i64::from(actual));
                let (what, values) = match state {
                    _ if spikes.0 != spikes.1 => ("spikes".to_string(), spikes),
                    Some(k) => {
                        let values = (self.interpreter.state(id, k)[i], self.engine.state(*slot, k));
                        (format!("state `{}`", states[k].name), values)
                    }
                    None => continue,
                };
                let states = states.iter().enumerate().map(both).collect();
                let point =
                    Point { sample, step: t, population: p, index: i, slot: *slot, what, values, states };
                self.divergence =
                    Some(divergence::explain(self.compiled, &self.engine, &self.history, &point));
            }
        }
    }
}
