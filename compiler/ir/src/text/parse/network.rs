//! The Network level.

use super::cursor::{Cursor, Step};
use super::structure::{Field, Reader};
use super::{Level, NetworkText};
use crate::network::{
    Connection, Convolution, Network, NeuronModel, Pool, Population, PopulationKind, Stage, Tensor, Values,
    Window,
};
use std::collections::BTreeMap;

pub(super) fn read(reader: &mut Reader<'_>) -> NetworkText {
    let [(source_name, _), (source_digest, _)] = reader.header(Level::Network, ["source", "source-digest"]);
    let (mut populations, mut connections) = (Vec::new(), Vec::new());
    reader.parts(Level::Network, |reader, word| {
        match word {
            "connect" => connections.push(connection(reader)?),
            _ => populations.push(population(reader)?),
        }
        Ok(())
    });
    let outputs = std::mem::take(&mut reader.outputs);
    let network = Network { source_name, source_digest, populations, connections, outputs };
    NetworkText { network, options: std::mem::take(&mut reader.options) }
}

fn values(cursor: &mut Cursor<'_>) -> Step<Values> {
    if cursor.is_number() { cursor.real().map(Values::Uniform) } else { cursor.list().map(Values::Each) }
}

fn population(reader: &mut Reader<'_>) -> Step<Population> {
    let mut head = reader.head()?;
    let model =
        if head.is_input { None } else { Some(head.attributes.text(&mut reader.cursor, head.at, "model")) };
    let rules = if head.is_input { None } else { head.attributes.optional(&mut reader.cursor, "rules")? };
    let rules = rules.unwrap_or_default();
    head.attributes.finish(&mut reader.cursor);
    let fields = reader.fields(values);
    let mut given = Given::new(reader, head.at, fields);
    let bias = given.take("bias").unwrap_or(Values::Uniform(0.0));
    let kind = match model.transpose()? {
        None => PopulationKind::Input,
        Some((at, model)) => PopulationKind::Neurons(given.model(at, &model)?),
    };
    given.finish();
    Ok(Population { name: head.name, shape: head.shape, kind, bias, rules, location: head.location })
}

/// Fields that were given and not yet taken.
struct Given<'r, 'a> {
    reader: &'r mut Reader<'a>,
    at: usize,
    fields: BTreeMap<String, (usize, Option<Values>)>,
}

impl<'r, 'a> Given<'r, 'a> {
    fn new(reader: &'r mut Reader<'a>, at: usize, fields: Vec<Field<Values>>) -> Given<'r, 'a> {
        let mut given = BTreeMap::new();
        for field in fields {
            if field.is_start {
                let message = "a network has no states to start with `start`".to_string();
                reader.cursor.fault("SL1110", field.at, message, "");
            } else {
                given.insert(field.name, (field.at, field.value));
            }
        }
        Given { reader, at, fields: given }
    }

    /// A field; its place goes to the table whether it is there or not, so that positions hold.
    fn take(&mut self, name: &str) -> Option<Values> {
        let (at, value) = self.fields.remove(name).unwrap_or((self.at, None));
        if let Some(places) = self.reader.places.fields.last_mut() {
            places.push(at);
        }
        value
    }

    fn needed(&mut self, name: &str) -> Values {
        if !self.fields.contains_key(name) {
            let message = format!("the population has no `{name}`");
            self.reader.cursor.fault("SL1110", self.at, message, "");
        }
        self.take(name).unwrap_or(Values::Uniform(0.0))
    }

    fn model(&mut self, at: usize, model: &str) -> Step<NeuronModel> {
        let mut take = |name| self.needed(name);
        Ok(match model {
            "IF" => NeuronModel::If {
                resistance: take("resistance"),
                threshold: take("threshold"),
                reset: take("reset"),
            },
            "LIF" => NeuronModel::Lif {
                tau_s: take("tau_s"),
                resistance: take("resistance"),
                leak: take("leak"),
                threshold: take("threshold"),
                reset: take("reset"),
            },
            "CubaLIF" => NeuronModel::CubaLif {
                tau_synapse_s: take("tau_synapse_s"),
                tau_membrane_s: take("tau_membrane_s"),
                resistance: take("resistance"),
                leak: take("leak"),
                threshold: take("threshold"),
                reset: take("reset"),
                input_weight: take("input_weight"),
            },
            "LI" => {
                NeuronModel::Li { tau_s: take("tau_s"), resistance: take("resistance"), leak: take("leak") }
            }
            "CubaLI" => NeuronModel::CubaLi {
                tau_synapse_s: take("tau_synapse_s"),
                tau_membrane_s: take("tau_membrane_s"),
                resistance: take("resistance"),
                leak: take("leak"),
                input_weight: take("input_weight"),
            },
            "I" => NeuronModel::Integrator { resistance: take("resistance") },
            "Threshold" => NeuronModel::Threshold { threshold: take("threshold") },
            "Sum" => NeuronModel::Sum,
            "Stepped" => NeuronModel::Stepped {
                current_decay: take("current_decay"),
                membrane_decay: take("membrane_decay"),
                threshold: take("threshold"),
                reset: take("reset"),
                start: take("start"),
            },
            _ => {
                let message = format!("there is no neuron model `{model}`");
                let hint = "models: IF, LIF, CubaLIF, LI, CubaLI, I, Threshold, Sum, Stepped";
                return Err(self.reader.cursor.fault("SL1105", at, message, hint));
            }
        })
    }

    fn finish(self) {
        for (name, (at, _)) in self.fields {
            let message = format!("`{name}` is no field of this population");
            self.reader.cursor.fault("SL1110", at, message, "docs/ir.md has the fields by model");
        }
    }
}

fn connection(reader: &mut Reader<'_>) -> Step<Connection> {
    let (at, source, target, path) = reader.connection()?;
    let mut stages = Vec::new();
    if reader.cursor.takes_sign("{") {
        while !reader.cursor.takes_sign("}") {
            stages.push(stage(&mut reader.cursor)?);
        }
    }
    reader.places.connections.push(at);
    Ok(Connection { source, target, stages, path })
}

fn stage(cursor: &mut Cursor<'_>) -> Step<Stage> {
    if cursor.takes_word("dense") {
        let (outputs, inputs, weights) = tensor(cursor)?;
        return Ok(Stage::Dense { outputs, inputs, weights });
    }
    if cursor.takes_word("sparse") {
        return sparse(cursor);
    }
    if cursor.takes_word("scale") {
        let (size, factors) = elementwise(cursor)?;
        return Ok(Stage::Scale { size, factors });
    }
    if cursor.takes_word("delay") {
        let (size, seconds) = elementwise(cursor)?;
        return Ok(Stage::Delay { size, seconds });
    }
    if cursor.takes_word("convolution") {
        let (at, channels_in) = (cursor.at(), needed(cursor, "in")?);
        let groups: usize = needed(cursor, "groups")?;
        let window = window(cursor)?;
        let (channels_out, _, weights) = tensor(cursor)?;
        let is_whole = |channels: usize| channels > 0 && channels.is_multiple_of(groups);
        if groups == 0 || !is_whole(channels_in) || !is_whole(channels_out) {
            let message = format!("{groups} groups do not divide {channels_in} and {channels_out} channels");
            return Err(cursor.fault("SL1109", at, message, ""));
        }
        return Ok(Stage::Convolution(Convolution { channels_in, channels_out, groups, window, weights }));
    }
    if cursor.takes_word("pool") {
        let channels = needed(cursor, "in")?;
        let window = window(cursor)?;
        cursor.keyword("divisor")?;
        cursor.sign("=")?;
        return Ok(Stage::Pool(Pool { channels, window, divisor: cursor.real()? }));
    }
    Err(cursor.unexpected("dense, sparse, scale, delay, convolution or pool"))
}

fn tensor(cursor: &mut Cursor<'_>) -> Step<(usize, usize, Tensor)> {
    if cursor.takes_word("f32") {
        let (rows, columns, weights) = cursor.matrix()?;
        return Ok((rows, columns, Tensor::F32(weights)));
    }
    if cursor.takes_word("f64") {
        let (rows, columns, weights) = cursor.matrix()?;
        return Ok((rows, columns, Tensor::F64(weights)));
    }
    Err(cursor.unexpected("f32 or f64"))
}

/// `[outputs,inputs] { offsets = ... targets = ... weights TYPE = ... }`.
fn sparse(cursor: &mut Cursor<'_>) -> Step<Stage> {
    let at = cursor.at();
    let [outputs, inputs] = cursor.shape()?[..] else {
        return Err(cursor.fault("SL1101", at, "a matrix has two dimensions".to_string(), ""));
    };
    let wrong = |cursor: &mut Cursor<'_>, message: &str| {
        Err(cursor.fault("SL1109", at, message.to_string(), "docs/ir.md has the form of a sparse matrix"))
    };
    cursor.sign("{")?;
    cursor.keyword("offsets")?;
    cursor.sign("=")?;
    let offsets: Vec<u32> = cursor.list()?;
    cursor.keyword("targets")?;
    cursor.sign("=")?;
    let targets: Vec<u32> = cursor.list()?;
    cursor.keyword("weights")?;
    let weights = if cursor.takes_word("f32") {
        cursor.sign("=")?;
        Tensor::F32(cursor.list()?)
    } else {
        cursor.keyword("f64")?;
        cursor.sign("=")?;
        Tensor::F64(cursor.list()?)
    };
    cursor.sign("}")?;
    if offsets.len() != inputs + 1 || !offsets.is_sorted() || offsets.first() != Some(&0) {
        return wrong(cursor, "the offsets do not ascend from 0, one for each input and one more");
    }
    if offsets.last().is_none_or(|last| *last as usize != targets.len()) || targets.len() != weights.len() {
        return wrong(cursor, "there are not as many targets and weights as the offsets say");
    }
    let ascends = |columns: &[u32]| {
        columns.windows(2).all(|ends| targets[ends[0] as usize..ends[1] as usize].is_sorted_by(|a, b| a < b))
    };
    if !ascends(&offsets) || targets.iter().any(|target| *target as usize >= outputs) {
        return wrong(cursor, "the targets of an input do not ascend below the number of outputs");
    }
    Ok(Stage::Sparse { outputs, offsets, targets, weights })
}

/// `[size] = values`.
fn elementwise(cursor: &mut Cursor<'_>) -> Step<(usize, Values)> {
    let at = cursor.at();
    let [size] = cursor.shape()?[..] else {
        return Err(cursor.fault("SL1101", at, "here stands one number of elements".to_string(), ""));
    };
    cursor.sign("=")?;
    let values = values(cursor)?;
    if matches!(&values, Values::Each(each) if each.len() != size) {
        let message = format!("there is not one value for each of {size} elements");
        return Err(cursor.fault("SL1109", at, message, ""));
    }
    Ok((size, values))
}

fn needed(cursor: &mut Cursor<'_>, name: &str) -> Step<usize> {
    match cursor.fact::<u32>(name)? {
        Some(value) => Ok(value as usize),
        None => Err(cursor.unexpected(&format!("`{name}=`"))),
    }
}

fn window(cursor: &mut Cursor<'_>) -> Step<Window> {
    let mut pair = |name: &str, least: usize| {
        cursor.keyword(name)?;
        cursor.sign("=")?;
        let at = cursor.at();
        match cursor.shape()?[..] {
            [height, width] if height >= least && width >= least => Ok([height, width]),
            _ => {
                let message = format!("`{name}` is a height and a width of at least {least}");
                Err(cursor.fault("SL1109", at, message, ""))
            }
        }
    };
    Ok(Window {
        input: pair("plane", 1)?,
        kernel: pair("kernel", 1)?,
        stride: pair("stride", 1)?,
        padding: pair("padding", 0)?,
        dilation: pair("dilation", 1)?,
        output: pair("windows", 1)?,
    })
}
