//! Spike trains in, spike trains out.

use crate::counters::Counters;
use crate::engine::{Engine, HostEvents, HostSpike};
use crate::link::GlobalSlot;
use crate::probe::{self, Found, Probe, ProbeTrain};
use rayon::prelude::*;
use spikeloom_chip::schema::{Merge, Reset};
use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};
use spikeloom_image::Image;
use spikeloom_image::host::{Host, Tap};
use spikeloom_image::spikes::{NodeTrain, SpikeTrains};

/// How to run.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Steps of each sample: beyond the data is silence, below it cuts. As many as the data has if not given.
    pub steps: Option<usize>,
    /// What to look at besides the outputs.
    pub probes: Vec<Probe>,
    /// Threads; samples run side by side. 0 takes as many as the machine has.
    pub threads: usize,
}

/// What a run gives.
#[derive(Clone, Debug)]
pub struct RunResult {
    /// Spikes of each output node, without its lag: step t is the network's step t.
    pub outputs: Vec<NodeTrain>,
    /// What was read of each output node that does not spike, likewise, in the chip's units.
    pub readouts: Vec<ProbeTrain>,
    /// What the probes saw, likewise.
    pub probes: Vec<ProbeTrain>,
    /// What was counted over all samples, the steps after the last one of a sample included.
    pub counters: Counters,
    /// Samples.
    pub samples: usize,
    /// Steps of each.
    pub steps: usize,
    /// Whether the input had a sample axis.
    pub batched: bool,
    /// What was found wrong and did not stop the run.
    pub warnings: Vec<Diagnostic>,
}

/// What one sample gives: `[steps, ...shape]` of each output and probe.
struct Sample {
    outputs: Vec<Vec<u32>>,
    /// Of the probes, then of the readouts.
    probes: Vec<Vec<i64>>,
    counters: Counters,
}

/// Runs every sample from the initial state. The result does not depend on the number of threads.
///
/// # Errors
///
/// `SL1001` as [`Engine::new`]; `SL1004` for an image without host tables; `SL1006` to `SL1009` for probes that
/// can't be found; `SL1010` for trains that are not those of the image's inputs; `SL1011` for several samples on
/// a chip that can't be reset; `SL1012` as [`refuse_counts`].
pub fn run_spikes(image: &Image, inputs: &SpikeTrains, options: &RunOptions) -> Result<RunResult> {
    refuse_counts(image, inputs)?;
    let Some(host) = &image.host else {
        return Err(Diagnostic::error("SL1004", "this image has no host tables and takes raw packets")
            .hint("give an npz with the arrays `packet` and `step`")
            .into());
    };
    if image.reset() == Reset::Never && inputs.samples > 1 {
        return Err(Diagnostic::error("SL1011", "nothing resets this chip between samples")
            .need_have(format!("{} samples", inputs.samples), "1 sample")
            .field("neuron.reset")
            .hint("run the samples one by one")
            .into());
    }
    let engine = Engine::new(image)?;
    let mut probes = probe::find(image, &engine, &options.probes)?;
    probes.extend(probe::readouts(host, &engine)?);
    let runner = Runner {
        host,
        trains: match_inputs(host, inputs)?,
        inputs,
        probes,
        watch: Watch::new(host, &engine)?,
        steps: options.steps.unwrap_or(inputs.steps),
    };
    let samples = runner.all(&engine, options.threads);
    let mut result = RunResult {
        outputs: Vec::new(),
        readouts: Vec::new(),
        probes: Vec::new(),
        counters: Counters::default(),
        samples: inputs.samples,
        steps: runner.steps,
        batched: inputs.batched,
        warnings: engine.warnings().to_vec(),
    };
    samples.iter().for_each(|sample| result.counters.add(&sample.counters));
    for (i, output) in host.outputs.iter().enumerate() {
        let counts = samples.iter().flat_map(|sample| sample.outputs[i].iter().copied()).collect();
        result.outputs.push(NodeTrain { name: output.name.clone(), shape: output.shape.clone(), counts });
    }
    let values = |i: usize| samples.iter().flat_map(|sample| sample.probes[i].iter().copied()).collect();
    for (i, (probe, found)) in options.probes.iter().zip(&runner.probes).enumerate() {
        let (name, variable) = (probe.name.clone(), probe.variable.clone());
        result.probes.push(ProbeTrain { name, variable, shape: found.shape.clone(), values: values(i) });
    }
    for (i, readout) in (options.probes.len()..).zip(&host.readouts) {
        let (name, variable) = (readout.name.clone(), Some(readout.state.clone()));
        result.readouts.push(ProbeTrain { name, variable, shape: readout.shape.clone(), values: values(i) });
    }
    Ok(result)
}

/// Input counts above one are an error where in-axons merge: the chip would take them for one spike.
///
/// # Errors
///
/// `SL1012` with the first such count of each node.
pub fn refuse_counts(image: &Image, inputs: &SpikeTrains) -> Result<()> {
    if !image.chip.description.core_types.values().any(|core| core.in_axons.merge == Merge::Or) {
        return Ok(());
    }
    let mut faults = Vec::new();
    for node in &inputs.nodes {
        let Some(at) = node.counts.iter().position(|count| *count > 1) else { continue };
        let size = node.shape.iter().product::<usize>().max(1);
        let (step, element) = (at / size, at % size);
        let place = format!(
            "{}[{element}] in sample {} step {}",
            node.name,
            step / inputs.steps.max(1),
            step % inputs.steps.max(1)
        );
        faults.push(
            Diagnostic::error(
                "SL1012",
                "an input spikes several times in one step, and the chip merges such spikes into one",
            )
            .at_node("", place)
            .need_have(format!("{} spikes", node.counts[at]), "1 spike")
            .field("in_axons.merge")
            .hint("give counts of 0 and 1, or use a chip whose in-axons add up"),
        );
    }
    if faults.is_empty() { Ok(()) } else { Err(Diagnostics(faults)) }
}

/// The train of each input node of the image.
fn match_inputs<'a>(host: &Host, inputs: &'a SpikeTrains) -> Result<Vec<&'a NodeTrain>> {
    let (mut trains, mut faults) = (Vec::new(), Vec::new());
    for input in &host.inputs {
        let size = input.packets.len() * inputs.samples * inputs.steps;
        match inputs.nodes.iter().find(|node| node.name == input.name) {
            None => faults
                .push(Diagnostic::error("SL1010", format!("there are no spikes for input `{}`", input.name))),
            Some(train) if train.shape != input.shape || train.counts.len() != size => {
                let fault = Diagnostic::error(
                    "SL1010",
                    format!("the spikes for input `{}` have the wrong shape", input.name),
                );
                faults.push(fault.need_have(format!("{:?}", input.shape), format!("{:?}", train.shape)));
            }
            Some(train) => trains.push(train),
        }
    }
    for node in inputs.nodes.iter().filter(|node| host.inputs.iter().all(|input| input.name != node.name)) {
        faults.push(Diagnostic::error("SL1010", format!("the image has no input `{}`", node.name)));
    }
    if faults.is_empty() { Ok(trains) } else { Err(Diagnostics(faults)) }
}

/// Which outputs a spike belongs to: (slot or channel, output, element), sorted.
struct Watch {
    slots: Vec<(GlobalSlot, u32, u32)>,
    channels: Vec<(u32, u32, u32)>,
}

impl Watch {
    fn new(host: &Host, engine: &Engine) -> Result<Watch> {
        let mut watch = Watch { slots: Vec::new(), channels: Vec::new() };
        let mut faults = Vec::new();
        for (output, node) in host.outputs.iter().enumerate() {
            for (element, tap) in node.taps.iter().enumerate() {
                let place = (output as u32, element as u32);
                match *tap {
                    Tap::Channel(channel) => watch.channels.push((channel, place.0, place.1)),
                    Tap::Slot { core, slot } => match engine.slot(core, slot) {
                        Some(slot) => watch.slots.push((slot, place.0, place.1)),
                        None => {
                            let message = format!(
                                "output `{}` is read from core {core} slot {slot}, which the image lacks",
                                node.name
                            );
                            faults.push(Diagnostic::error("SL1001", message));
                        }
                    },
                }
            }
        }
        watch.slots.sort_unstable();
        watch.channels.sort_unstable();
        if faults.is_empty() { Ok(watch) } else { Err(Diagnostics(faults)) }
    }
}

/// The entries of a sorted list with this key.
fn entries<K: Ord + Copy>(list: &[(K, u32, u32)], key: K) -> impl Iterator<Item = (usize, usize)> {
    let start = list.partition_point(|entry| entry.0 < key);
    let found = list[start..].iter().take_while(move |entry| entry.0 == key);
    found.map(|(_, output, element)| (*output as usize, *element as usize))
}

struct Runner<'a> {
    host: &'a Host,
    inputs: &'a SpikeTrains,
    trains: Vec<&'a NodeTrain>,
    probes: Vec<Found>,
    watch: Watch,
    steps: usize,
}

impl Runner<'_> {
    fn all(&self, engine: &Engine, threads: usize) -> Vec<Sample> {
        let samples = 0..self.inputs.samples;
        if threads != 1
            && samples.len() > 1
            && let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(threads).build()
        {
            // One engine for each thread; samples are independent, so it does not matter which runs where.
            return pool.install(|| {
                samples
                    .into_par_iter()
                    .map_init(|| engine.fresh(), |engine, sample| self.sample(engine, sample))
                    .collect()
            });
        }
        let mut engine = engine.fresh();
        samples.map(|sample| self.sample(&mut engine, sample)).collect()
    }

    fn sample(&self, engine: &mut Engine, sample: usize) -> Sample {
        let before = *engine.counters();
        engine.reset();
        let sizes = self.host.outputs.iter().map(|output| output.taps.len() * self.steps);
        let mut outputs: Vec<Vec<u32>> = sizes.map(|size| vec![0; size]).collect();
        let mut probes: Vec<Vec<i64>> =
            self.probes.iter().map(|p| vec![0; p.slots.len() * self.steps]).collect();
        let lags = self
            .host
            .outputs
            .iter()
            .map(|output| output.lag as usize)
            .chain(self.probes.iter().map(|p| p.lag));
        let tail = lags.max().unwrap_or(0).max(self.host.tail_steps as usize);
        let mut spikes = Vec::new();
        for step in 0..self.steps + tail {
            spikes.clear();
            if step < self.inputs.steps.min(self.steps) {
                self.host_spikes(sample, step, &mut spikes);
            }
            engine.step(HostEvents::Spikes(&spikes));
            self.read_outputs(engine, step, &mut outputs);
            for (probe, values) in self.probes.iter().zip(&mut probes) {
                if let Some(step) = step.checked_sub(probe.lag).filter(|step| *step < self.steps) {
                    read_probe(engine, probe, &mut values[step * probe.slots.len()..][..probe.slots.len()]);
                }
            }
        }
        Sample { outputs, probes, counters: since(engine.counters(), &before) }
    }

    fn host_spikes(&self, sample: usize, step: usize, spikes: &mut Vec<HostSpike>) {
        for (input, (train, node)) in self.trains.iter().zip(&self.host.inputs).enumerate() {
            let size = node.packets.len();
            let counts = &train.counts[(sample * self.inputs.steps + step) * size..][..size];
            let fired = counts.iter().enumerate().filter(|(_, count)| **count > 0);
            spikes.extend(fired.map(|(element, count)| HostSpike { input, element, count: *count }));
        }
    }

    fn read_outputs(&self, engine: &Engine, step: usize, outputs: &mut [Vec<u32>]) {
        let mut count = |(output, element): (usize, usize)| {
            let node = &self.host.outputs[output];
            if let Some(step) = step.checked_sub(node.lag as usize).filter(|step| *step < self.steps) {
                outputs[output][step * node.taps.len() + element] += 1;
            }
        };
        if !self.watch.slots.is_empty() {
            engine
                .spiking_slots()
                .iter()
                .for_each(|slot| entries(&self.watch.slots, *slot).for_each(&mut count));
        }
        engine
            .output_channels()
            .iter()
            .for_each(|channel| entries(&self.watch.channels, *channel).for_each(&mut count));
    }
}

fn read_probe(engine: &Engine, probe: &Found, values: &mut [i64]) {
    let spiking = engine.spiking_slots();
    for (i, (slot, value)) in probe.slots.iter().zip(values).enumerate() {
        *value = match &probe.variables {
            Some(variables) => engine.state(*slot, variables[i]),
            None => (spiking.partition_point(|s| s <= slot) - spiking.partition_point(|s| s < slot)) as i64,
        };
    }
}

/// What was counted between two looks.
fn since(after: &Counters, before: &Counters) -> Counters {
    Counters {
        steps: after.steps - before.steps,
        spikes: after.spikes - before.spikes,
        synaptic_events: after.synaptic_events - before.synaptic_events,
        neuron_updates: after.neuron_updates - before.neuron_updates,
        wraps: after.wraps - before.wraps,
        saturations: after.saturations - before.saturations,
        traps: after.traps - before.traps,
        merged: after.merged - before.merged,
        unreachable: after.unreachable - before.unreachable,
        host_packets: after.host_packets - before.host_packets,
        output_packets: after.output_packets - before.output_packets,
    }
}
