//! The Network level.

use super::cursor::{Cursor, Step};
use super::structure::{Field, Reader};
use super::{Level, NetworkText};
use crate::network::{Connection, Network, NeuronModel, Population, PopulationKind, Stage, Tensor, Values};
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
    head.attributes.finish(&mut reader.cursor);
    let fields = reader.fields(values);
    let mut given = Given::new(reader, head.at, fields);
    let bias = given.take("bias").unwrap_or(Values::Uniform(0.0));
    let kind = match model.transpose()? {
        None => PopulationKind::Input,
        Some((at, model)) => PopulationKind::Neurons(given.model(at, &model)?),
    };
    given.finish();
    Ok(Population { name: head.name, shape: head.shape, kind, bias, location: head.location })
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
            _ => {
                let message = format!("there is no neuron model `{model}`");
                return Err(self.reader.cursor.fault("SL1105", at, message, "models: IF, LIF, CubaLIF"));
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
    cursor.keyword("dense")?;
    let (outputs, inputs, weights) = if cursor.takes_word("f32") {
        let (outputs, inputs, weights) = cursor.matrix()?;
        (outputs, inputs, Tensor::F32(weights))
    } else if cursor.takes_word("f64") {
        let (outputs, inputs, weights) = cursor.matrix()?;
        (outputs, inputs, Tensor::F64(weights))
    } else {
        return Err(cursor.unexpected("f32 or f64"));
    };
    Ok(Stage::Dense { outputs, inputs, weights })
}
