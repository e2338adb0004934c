//! Networks as explicit npz files.

use super::MAX_BYTES;
use super::populations::MODELS;
use super::unfold::{is_single, unfold};
use spikeloom_diagnostics::{Diagnostic, Result};
use spikeloom_image::spikes::npz::{Array, Data, Member, Text, write_members};
use spikeloom_ir::network::{
    Connection, Network, NeuronModel, Population, PopulationKind, Stage, Tensor, Values,
};
use std::collections::BTreeSet;

/// Bytes of a synapse in a list: two indices, a weight and a delay.
const SYNAPSE_BYTES: u64 = 24;

/// Writes a network as an explicit npz file; `dt_s` is the length of a step that it is meant for.
///
/// Reading it gives the same network but for the places in the file, with three exceptions: the names on a path become
/// one name, a chain of stages other than a delay before one matrix (or before a scale) becomes a list of synapses, of
/// which a note tells, and the delay of a source without synapses is lost.
///
/// # Errors
///
/// `SL0464` if the file would be larger than one that is read; `SL0515` for names that npz can't hold.
pub fn write_explicit(network: &Network, dt_s: Option<f64>) -> Result<(Vec<u8>, Vec<Diagnostic>)> {
    let mut file = Writer { members: Vec::new(), bytes: 0, unfolded: Vec::new() };
    file.numbers("spikeloom", vec![], Data::I64(vec![1]))?;
    if let Some(dt) = dt_s {
        file.numbers("dt", vec![], Data::F64(vec![dt]))?;
    }
    for population in &network.populations {
        file.population(population)?;
    }
    let mut names = BTreeSet::new();
    for connection in &network.connections {
        let name = name_of(network, connection, &mut names);
        file.connection(network, connection, &name)?;
    }
    for output in &network.outputs {
        let shown = &network.populations[output.population.index()].name;
        file.text(format!("output/{}", output.name), shown);
    }
    let notes = file.notes(&network.source_name);
    Ok((write_members(&file.members)?, notes))
}

/// A name that no other connection has.
fn name_of(network: &Network, connection: &Connection, names: &mut BTreeSet<String>) -> String {
    let end = |id: spikeloom_ir::network::PopulationId| network.populations[id.index()].name.as_str();
    let mut name = connection.path.join(".");
    if name.is_empty() {
        name = format!("{}.{}", end(connection.source), end(connection.target));
    }
    let plain = name.clone();
    let mut number = 1;
    while !names.insert(name.clone()) {
        number += 1;
        name = format!("{plain}.{number}");
    }
    name
}

struct Writer {
    members: Vec<Member>,
    bytes: u64,
    /// Names of connections that became lists, and how many synapses they have.
    unfolded: Vec<(String, usize)>,
}

impl Writer {
    fn text(&mut self, name: String, text: &str) {
        self.members.push(Member::Text(Text { name, shape: vec![], elements: vec![text.to_string()] }));
    }

    fn numbers(&mut self, name: impl Into<String>, shape: Vec<usize>, data: Data) -> Result<()> {
        self.bytes += data.len() as u64 * data.dtype().size() as u64;
        self.members.push(Member::Numbers(Array { name: name.into(), shape, data }));
        if self.bytes > MAX_BYTES { Err(too_large(self.bytes)) } else { Ok(()) }
    }

    fn values(&mut self, name: String, values: &Values, shape: &[usize]) -> Result<()> {
        match values {
            Values::Uniform(value) => self.numbers(name, vec![], Data::F64(vec![*value])),
            Values::Each(each) => self.numbers(name, shape.to_vec(), Data::F64(each.clone())),
        }
    }

    fn population(&mut self, population: &Population) -> Result<()> {
        // A shape without axes is that of one element.
        let shape = if population.shape.is_empty() { &[1][..] } else { &population.shape };
        let sizes = Data::I64(shape.iter().map(|size| *size as i64).collect());
        let PopulationKind::Neurons(model) = &population.kind else {
            return self.numbers(format!("input/{}", population.name), vec![shape.len()], sizes);
        };
        let key = |field: &str| format!("population/{}/{field}", population.name);
        self.text(key("model"), model_name(model));
        self.numbers(key("shape"), vec![shape.len()], sizes)?;
        for (field, values) in model.fields() {
            self.values(key(field), values, shape)?;
        }
        if !matches!(population.bias, Values::Uniform(bias) if bias.to_bits() == 0) {
            self.values(key("bias"), &population.bias, shape)?;
        }
        if !population.rules.is_empty() {
            self.text(key("rules"), &population.rules);
        }
        Ok(())
    }

    fn connection(&mut self, network: &Network, connection: &Connection, name: &str) -> Result<()> {
        let end = |id: spikeloom_ir::network::PopulationId| &network.populations[id.index()];
        let (source, target) = (end(connection.source), end(connection.target));
        let key = |field: &str| format!("connection/{name}/{field}");
        self.text(key("source"), &source.name);
        self.text(key("target"), &target.name);
        let (delay, linear) = match connection.stages.as_slice() {
            [Stage::Delay { seconds, .. }, linear @ ..] => (Some(seconds), linear),
            linear => (None, linear),
        };
        match linear {
            [] => {}
            [Stage::Dense { outputs, inputs, weights }] => {
                self.numbers(key("weight"), vec![*outputs, *inputs], tensor(weights.clone()))?;
            }
            [Stage::Scale { size, factors }] => {
                let factors = (0..*size).map(|i| factors.get(i)).collect();
                self.numbers(key("weight"), vec![*size], Data::F64(factors))?;
            }
            [Stage::Sparse { offsets, targets, weights, .. }] => {
                let sources = sources_of(offsets);
                let seconds = delay.map(|delay| match delay {
                    Values::Uniform(seconds) => vec![*seconds],
                    Values::Each(each) => sources.iter().map(|source| each[*source as usize]).collect(),
                });
                return self.synapses(name, sources, targets.clone(), tensor(weights.clone()), seconds);
            }
            _ => return self.unfold(name, connection, source.len()),
        }
        match delay {
            Some(delay) => self.values(key("delay_s"), delay, &[source.len()]),
            None => Ok(()),
        }
    }

    /// A list of synapses, with one delay or one each.
    fn synapses(
        &mut self,
        name: &str,
        sources: Vec<u32>,
        targets: Vec<u32>,
        weights: Data,
        seconds: Option<Vec<f64>>,
    ) -> Result<()> {
        let key = |field: &str| format!("connection/{name}/{field}");
        let count = sources.len();
        self.numbers(key("source_index"), vec![count], Data::U32(sources))?;
        self.numbers(key("target_index"), vec![count], Data::U32(targets))?;
        self.numbers(key("weight"), vec![count], weights)?;
        match seconds {
            Some(one) if one.len() == 1 => self.numbers(key("delay_s"), vec![], Data::F64(one)),
            Some(each) => self.numbers(key("delay_s"), vec![count], Data::F64(each)),
            None => Ok(()),
        }
    }

    fn unfold(&mut self, name: &str, connection: &Connection, inputs: usize) -> Result<()> {
        let most = (MAX_BYTES / SYNAPSE_BYTES) as usize;
        let Some(all) = unfold(&connection.stages, inputs, most) else {
            return Err(too_large(MAX_BYTES + 1));
        };
        self.unfolded.push((name.to_string(), all.sources.len()));
        let weights = if is_single(&connection.stages) {
            Data::F32(all.weights.iter().map(|weight| *weight as f32).collect())
        } else {
            Data::F64(all.weights)
        };
        let seconds = match all.delays.split_first() {
            _ if !connection.stages.iter().any(|stage| matches!(stage, Stage::Delay { .. })) => None,
            Some((first, rest)) if rest.iter().all(|other| other == first) => Some(vec![*first]),
            _ => Some(all.delays),
        };
        self.synapses(name, all.sources, all.targets, weights, seconds)
    }

    fn notes(&self, source_name: &str) -> Vec<Diagnostic> {
        if self.unfolded.is_empty() {
            return Vec::new();
        }
        let names = super::fields::list(self.unfolded.iter().map(|(name, _)| name.as_str()));
        let synapses: usize = self.unfolded.iter().map(|(_, synapses)| synapses).sum();
        let message = format!(
            "{} connection(s) became lists of synapses, {synapses} in all: {names}",
            self.unfolded.len()
        );
        let note = Diagnostic::note("SL0462", message).at_file(source_name);
        vec![note.hint("an explicit network has no convolutions, pools or chains; NIR and the text have")]
    }
}

/// The source of each entry of a matrix by columns.
fn sources_of(offsets: &[u32]) -> Vec<u32> {
    let runs = offsets.windows(2).zip(0u32..);
    runs.flat_map(|(ends, source)| std::iter::repeat_n(source, (ends[1] - ends[0]) as usize)).collect()
}

fn tensor(weights: Tensor) -> Data {
    match weights {
        Tensor::F32(weights) => Data::F32(weights),
        Tensor::F64(weights) => Data::F64(weights),
    }
}

/// The model's name in the file.
fn model_name(model: &NeuronModel) -> &'static str {
    let plain = model.name().to_lowercase();
    MODELS.iter().find(|(name, _)| name.replace('_', "") == plain).map_or("", |(name, _)| name)
}

fn too_large(bytes: u64) -> spikeloom_diagnostics::Diagnostics {
    Diagnostic::error("SL0464", "the network is too large for an explicit network")
        .need_have(format!("at most {MAX_BYTES} bytes of arrays"), format!("{bytes} bytes or more"))
        .hint("keep it as the text of level network: any other ending")
        .into()
}
