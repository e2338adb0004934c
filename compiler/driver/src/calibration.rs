//! `--calibrate`: the scales of a population chosen by what it fires, not by its weights alone.
//!
//! The network runs in double precision on calibration spikes. Then, from the input on, each way to quantise a population
//! runs as a program of its own on the spikes of its sources as they are quantised already (those of populations that
//! come later, in cycles, as in the network), and is judged by how near its spikes are to the network's.

use crate::simulation::{self, Recording, input_nodes};
use spikeloom_chip::Chip;
use spikeloom_diagnostics::{Diagnostic, Result};
use spikeloom_image::files;
use spikeloom_image::spikes::{SpikeTrains, read_inputs};
use spikeloom_ir::discrete::{Emit, Hands, StepNetwork};
use spikeloom_ir::network::PopulationId;
use spikeloom_ir::program::{PopulationKind, Program};
use spikeloom_passes::quantise::Judgement;
use spikeloom_verify::Interpreter;
use std::path::Path;

/// Spikes to calibrate with, not yet matched to a network.
#[derive(Clone, Debug, PartialEq)]
pub struct CalibrationFile {
    bytes: Vec<u8>,
    name: String,
    /// SHA-256 of the file, which images and texts carry.
    pub digest: String,
}

impl CalibrationFile {
    /// Reads the file.
    pub fn read(path: &Path) -> Result<CalibrationFile> {
        let bytes = files::read(path)?;
        let digest = files::sha256_hex(&bytes);
        Ok(CalibrationFile { bytes, name: path.display().to_string(), digest })
    }
}

/// Samples that are used, the first ones: as many ways as there are for a layer each run over all of them.
const MOST_SAMPLES: usize = 32;

/// Share of the leaky count of spikes that stays over a step: it remembers about eight.
const KEEP: f64 = 0.875;

#[derive(Clone, Copy)]
struct Moment {
    sample: usize,
    step: usize,
}

/// A network's own run on the calibration spikes.
pub(crate) struct Calibration<'a> {
    step: &'a StepNetwork,
    chip: &'a Chip,
    trains: SpikeTrains,
    samples: usize,
    recording: Recording,
    /// Spikes of populations in integers, as of their last trial.
    quantised: Vec<Option<Vec<u32>>>,
}

impl<'a> Calibration<'a> {
    pub(crate) fn new(
        step: &'a StepNetwork,
        chip: &'a Chip,
        file: &CalibrationFile,
    ) -> Result<Calibration<'a>> {
        let mut trains = read_inputs(&file.bytes, &file.name, &input_nodes(step))?;
        let samples = trains.samples.min(MOST_SAMPLES);
        for node in &mut trains.nodes {
            node.counts.truncate(node.counts.len() / trains.samples.max(1) * samples);
        }
        trains.samples = samples;
        let states: Vec<(PopulationId, bool)> = readouts(step).map(|p| (p, false)).collect();
        let recording = simulation::simulate(step, &trains, trains.steps, &states)?;
        let quantised = vec![None; step.network.populations.len()];
        Ok(Calibration { step, chip, trains, samples, recording, quantised })
    }

    /// Runs one population, given as a program whose other populations are inputs.
    pub(crate) fn judge(
        &mut self,
        population: usize,
        program: &Program,
    ) -> std::result::Result<Judgement, Diagnostic> {
        let mut interpreter = Interpreter::new(program, self.chip)
            .map_err(|faults| faults.0.into_iter().next().unwrap_or_else(impossible))?;
        let own = PopulationId(program.populations.len() as u32 - 1);
        let sources: Vec<Source<'_>> = program.populations[..own.index()]
            .iter()
            .enumerate()
            .map(|(i, p)| Source { id: PopulationId(i as u32), width: p.len(), counts: self.counts(&p.name) })
            .collect();
        let mut judgement = Judgement { distance: 0.0, differing: 0, spikes_wanted: 0, spikes: 0 };
        let mut fired = Vec::new();
        let mut leaky = vec![0.0; program.populations[own.index()].len()];
        for sample in 0..self.samples {
            interpreter.reset();
            leaky.fill(0.0);
            for t in 0..self.trains.steps {
                let at = sample * self.trains.steps + t;
                let inputs: Vec<(PopulationId, &[u32])> =
                    sources.iter().map(|s| (s.id, &s.counts[at * s.width..][..s.width])).collect();
                interpreter.step(&inputs);
                fired.extend(interpreter.spikes(own).iter().map(|count| u32::from(*count)));
                let now = Moment { sample, step: t };
                self.compare(population, program, &interpreter, now, &mut leaky, &mut judgement);
            }
        }
        self.quantised[population] = Some(self.as_seen(population, fired, leaky.len()));
        Ok(judgement)
    }

    /// What others see of these spikes: a step later, if the population emits late.
    fn as_seen(&self, population: usize, mut fired: Vec<u32>, width: usize) -> Vec<u32> {
        let is_late = self.step.dynamics[population].as_ref().is_some_and(|d| d.emit == Emit::Next);
        if is_late {
            for sample in fired.chunks_exact_mut((self.trains.steps * width).max(1)) {
                sample.rotate_right(width);
                sample[..width].fill(0);
            }
        }
        fired
    }

    fn compare(
        &self,
        population: usize,
        program: &Program,
        interpreter: &Interpreter<'_>,
        now: Moment,
        leaky: &mut [f64],
        judgement: &mut Judgement,
    ) {
        let own = PopulationId(program.populations.len() as u32 - 1);
        let width = leaky.len();
        let Some(dynamics) = &self.step.dynamics[population] else { return };
        if dynamics.hands == Hands::Membrane {
            return self.compare_membrane(population, program, interpreter, now, judgement);
        }
        // What is fired in step t is seen in the step after, if the population emits late.
        let seen = now.step + usize::from(dynamics.emit == Emit::Next);
        if seen >= self.trains.steps {
            return;
        }
        let at = (now.sample * self.trains.steps + seen) * width;
        let wanted = &self.recording.spikes[population][at..][..width];
        for ((wanted, have), leaky) in wanted.iter().zip(interpreter.spikes(own)).zip(leaky) {
            let have = u64::from(*have);
            *leaky = KEEP * *leaky + have as f64 - f64::from(*wanted);
            judgement.distance += leaky.powi(2);
            judgement.differing += u64::from(*wanted).abs_diff(have);
            judgement.spikes_wanted += u64::from(*wanted);
            judgement.spikes += have;
        }
    }

    /// A readout is judged by the squares of its errors.
    fn compare_membrane(
        &self,
        population: usize,
        program: &Program,
        interpreter: &Interpreter<'_>,
        now: Moment,
        judgement: &mut Judgement,
    ) {
        let own = PopulationId(program.populations.len() as u32 - 1);
        let Some(place) = readouts(self.step).position(|id| id.index() == population) else { return };
        let PopulationKind::Neurons { core_type, scale, .. } = &program.populations[own.index()].kind else {
            return;
        };
        let read = program.readout(own);
        let state = self.chip.programs[core_type].states.iter().position(|s| Some(s.name.as_str()) == read);
        let width = program.populations[own.index()].len();
        let at = (now.sample * self.trains.steps + now.step) * width;
        let wanted = &self.recording.states[place][at..][..width];
        for (wanted, have) in wanted.iter().zip(interpreter.state(own, state.unwrap_or(0))) {
            judgement.distance += (*have as f64 / scale - wanted).powi(2);
        }
    }

    /// Spikes of a population over all samples and steps, in integers if it has them.
    fn counts(&self, name: &str) -> &[u32] {
        let index = self.step.network.populations.iter().position(|p| p.name == name);
        index.map_or(&[], |i| self.spikes_of(i))
    }

    /// The same by index.
    pub(crate) fn spikes_of(&self, population: usize) -> &[u32] {
        let name = &self.step.network.populations[population].name;
        match self.trains.nodes.iter().find(|node| node.name == *name) {
            Some(node) => &node.counts,
            None => self.quantised[population].as_ref().unwrap_or(&self.recording.spikes[population]),
        }
    }

    /// Steps of a sample.
    pub(crate) fn steps(&self) -> usize {
        self.trains.steps
    }
}

struct Source<'a> {
    id: PopulationId,
    width: usize,
    counts: &'a [u32],
}

fn readouts(step: &StepNetwork) -> impl Iterator<Item = PopulationId> + '_ {
    let each = step.dynamics.iter().enumerate();
    each.filter(|(_, d)| d.as_ref().is_some_and(|d| d.hands == Hands::Membrane))
        .map(|(i, _)| PopulationId(i as u32))
}

fn impossible() -> Diagnostic {
    Diagnostic::error("SL0704", "a population can't be tried on its own")
}
