//! `verify`: the emulator on the image against the interpreter on the program (T2), the program against the
//! network (T3), and both against recorded spikes.

use crate::divergence::{self, History, Point};
use crate::order::{self, OrderReport};
use crate::pipeline::Compiled;
use crate::simulation::{self, Inputs};
use spikeloom_chip::schema::{Overrun, Step};
use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};
use spikeloom_emulator::{Engine, GlobalSlot, HostEvents, HostSpike, RunOptions, refuse_counts, run_spikes};
use spikeloom_image::files;
use spikeloom_image::spikes::SpikeTrains;
use spikeloom_image::spikes::npz::{Array, Data, read_npz};
use spikeloom_ir::network::PopulationId;
use spikeloom_ir::program::{PopulationKind, Program};
use spikeloom_verify::{Coverage, Difference, Interpreter, compare, decisions, neuron_name};
use std::fmt::Write as _;
use std::path::Path;

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

/// Recorded spikes: the file's arrays with the node that each stands for.
pub struct Expected {
    file: String,
    arrays: Vec<(Array, String)>,
    has_matches: Vec<String>,
}

/// Reads recorded spikes; `matches` are `ARRAY=NODE`.
pub fn read_expected(path: &Path, matches: &[String]) -> Result<Expected> {
    let file = path.display().to_string();
    let arrays = read_npz(&files::read(path)?, &file)?;
    let mut pairs = Vec::new();
    for text in matches {
        let (array, node) = text.split_once('=').ok_or_else(|| {
            Diagnostic::error("SL0910", format!("`{text}` matches nothing"))
                .field("--match")
                .hint("write ARRAY=NODE")
        })?;
        if !arrays.iter().any(|a| a.name == array) {
            let names: Vec<_> = arrays.iter().map(|a| a.name.as_str()).collect();
            return Err(Diagnostic::error("SL0910", format!("there is no array `{array}`"))
                .at_file(&file)
                .field("--match")
                .hint(format!("arrays: {}", names.join(", ")))
                .into());
        }
        pairs.push((array.to_string(), node.to_string()));
    }
    let has_matches = pairs.iter().map(|(_, node)| node.clone()).collect();
    let arrays = arrays
        .into_iter()
        .map(|array| {
            let node = pairs
                .iter()
                .find(|(name, _)| *name == array.name)
                .map_or(array.name.clone(), |(_, node)| node.clone());
            (array, node)
        })
        .collect();
    Ok(Expected { file, arrays, has_matches })
}

/// Spikes by population, `[samples, steps, neurons]`, shifted back by the lags.
struct Trains {
    steps: usize,
    spikes: Vec<Vec<u32>>,
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
    for (output, node) in program.outputs.iter().zip(&outputs.outputs) {
        let wanted = &lockstep.program_trains.spikes[output.population.index()];
        output_differences += wanted.iter().zip(&node.counts).filter(|(a, b)| a != b).count();
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
    let numerics = numerics(compiled, inputs, &lockstep.program_trains, &mut text)?;
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

fn describe(difference: &Difference, program: &Program) -> String {
    let mut text =
        format!("{}: {} of {} values differ", difference.node, difference.differing, difference.compared);
    if let Some(first) = &difference.first {
        let shape =
            program.populations.iter().find(|p| p.name == difference.node).map_or(&[][..], |p| &p.shape);
        let neuron = neuron_name(&difference.node, shape, first.index);
        let _ = write!(
            text,
            "; first in sample {} step {} at {neuron}: expected {}, got {}",
            first.sample, first.step, first.expected, first.actual
        );
    }
    text
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

/// T3: the network in double precision against the program.
fn numerics(
    compiled: &Compiled,
    inputs: &SpikeTrains,
    trains: &Trains,
    text: &mut String,
) -> Result<Vec<Difference>> {
    let Some(step) = &compiled.step else {
        text.push_str("T3 numerics: the network is not at hand, a later level was the start\n");
        return Ok(Vec::new());
    };
    let recording = simulation::simulate(step, inputs, trains.steps, &[])?;
    let program = compiled.program();
    let is_exact = compiled.layers.iter().all(|layer| layer.exact);
    let mut differences = Vec::new();
    for (p, population) in program.populations.iter().enumerate() {
        if population.kind != PopulationKind::Input {
            differences.push(compare(
                &population.name,
                &recording.spikes[p],
                &trains.spikes[p],
                inputs.samples,
                trains.steps,
                population.len(),
            ));
        }
    }
    let total: u64 = differences.iter().map(|d| d.differing).sum();
    let class = match (is_exact, total) {
        (true, 0) => "every scaling exact, no spike differs on this input",
        (true, _) => "every scaling exact, and yet spikes differ: a state left its range",
        (false, 0) => "scalings rounded, no spike differs on this input",
        (false, _) => "scalings rounded",
    };
    let _ = writeln!(text, "T3 numerics, measured: {class}");
    for difference in &differences {
        let _ = writeln!(text, "   {}", describe(difference, program));
    }
    for output in &program.outputs {
        let population = &program.populations[output.population.index()];
        let p = output.population.index();
        let of = |spikes: &[u32]| decisions(spikes, inputs.samples, trains.steps, population.len());
        let (network, chip) = (of(&recording.spikes[p]), of(&trains.spikes[p]));
        let same = network.iter().zip(&chip).filter(|(a, b)| a == b).count();
        let _ = writeln!(
            text,
            "   {}: most active neuron the same in {same} of {} sample(s)",
            output.name, inputs.samples
        );
    }
    Ok(differences)
}

fn compare_expected(
    program: &Program,
    expected: &Expected,
    trains: &Trains,
    samples: usize,
    notes: &mut Vec<Diagnostic>,
) -> Result<Vec<Difference>> {
    let mut faults = Vec::new();
    let mut differences = Vec::new();
    let mut left_out = Vec::new();
    for (array, node) in &expected.arrays {
        let by_output = program.outputs.iter().find(|o| o.name == *node).map(|o| o.population.index());
        let by_population =
            program.populations.iter().position(|p| p.name == *node && p.kind != PopulationKind::Input);
        let Some(p) = by_population.or(by_output) else {
            if expected.has_matches.contains(node) {
                let names: Vec<_> = program
                    .populations
                    .iter()
                    .filter(|p| p.kind != PopulationKind::Input)
                    .map(|p| p.name.as_str())
                    .collect();
                faults.push(
                    Diagnostic::error("SL0910", format!("there is no node `{node}`"))
                        .field("--match")
                        .hint(format!("nodes: {}", names.join(", "))),
                );
            } else {
                left_out.push(array.name.as_str());
            }
            continue;
        };
        match expected_counts(array, &program.populations[p].shape, trains.steps) {
            Ok((recorded, counts)) => {
                let compared = recorded.min(samples);
                let width = program.populations[p].len();
                differences.push(compare(
                    &program.populations[p].name,
                    &counts,
                    &trains.spikes[p],
                    compared,
                    trains.steps,
                    width,
                ));
            }
            Err(fault) => faults.push(fault.at_file(&expected.file)),
        }
    }
    if !left_out.is_empty() {
        notes.push(
            Diagnostic::note(
                "SL0912",
                format!("arrays that name no node are left out: {}", left_out.join(", ")),
            )
            .at_file(&expected.file),
        );
    }
    if differences.is_empty() && faults.is_empty() {
        faults.push(
            Diagnostic::error("SL0910", "no array names a node")
                .at_file(&expected.file)
                .hint("say which with --match ARRAY=NODE"),
        );
    }
    if faults.is_empty() { Ok(differences) } else { Err(Diagnostics(faults)) }
}

/// Number of samples and counts of an array `[steps, ...shape]` or `[samples, steps, ...shape]`.
fn expected_counts(
    array: &Array,
    shape: &[usize],
    steps: usize,
) -> std::result::Result<(usize, Vec<u32>), Diagnostic> {
    let tail = [&[steps], shape].concat();
    let wrong = || {
        Diagnostic::error("SL0910", format!("array `{}` does not have the shape of its node", array.name))
            .need_have(
                format!(
                    "[samples, steps, ...] = [any, {}]",
                    tail.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")
                ),
                format!("{:?}", array.shape),
            )
    };
    // A recording of more steps than were run is cut, like an input.
    let is_cut = |of_sample: &[usize]| of_sample[0] >= steps && of_sample[1..] == *shape;
    let samples = match array.shape.len().checked_sub(tail.len()) {
        Some(0) if is_cut(&array.shape) => 1,
        Some(1) if is_cut(&array.shape[1..]) => array.shape[0],
        _ => return Err(wrong()),
    };
    let counts: Vec<u32> = match &array.data {
        Data::Bool(values) => values.iter().map(|v| u32::from(*v)).collect(),
        Data::U8(values) => values.iter().map(|v| u32::from(*v)).collect(),
        Data::U16(values) => values.iter().map(|v| u32::from(*v)).collect(),
        Data::U32(values) => values.clone(),
        other => {
            return Err(Diagnostic::error(
                "SL0910",
                format!("array `{}` holds {}, not spike counts", array.name, other.dtype()),
            )
            .hint("bool, uint8, uint16 or uint32"));
        }
    };
    let recorded = array.shape[array.shape.len() - shape.len() - 1];
    let width: usize = shape.iter().product();
    let counts = counts
        .chunks_exact((recorded * width).max(1))
        .flat_map(|sample| &sample[..steps * width])
        .copied()
        .collect();
    Ok((samples, counts))
}
