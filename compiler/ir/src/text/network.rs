//! The Network level.

use super::names;
use super::printer::{Names, Printer};
use crate::network::{Network, Output, Population, PopulationKind, Stage, Tensor, Values};

impl Printer {
    pub(super) fn network(&mut self, network: &Network, options: &[(String, String)]) {
        self.line(&format!(
            "loom 1 level=network source={} source-digest={}",
            names::string(&network.source_name),
            names::digest(&network.source_digest)
        ));
        self.options(options);
        for population in &network.populations {
            self.network_population(population);
        }
        let populations = Names(network.populations.iter().map(|p| names::node(&p.name)).collect());
        for connection in &network.connections {
            let lead = format!(
                "connect {} -> {}{}",
                populations.of(connection.source),
                populations.of(connection.target),
                names::path(&connection.path)
            );
            if connection.stages.is_empty() {
                self.line(&lead);
            } else {
                self.block(&lead, |p| connection.stages.iter().for_each(|stage| p.stage(stage)));
            }
        }
        self.outputs(&network.outputs, &populations);
    }

    fn network_population(&mut self, population: &Population) {
        let name = format!("{}{}", names::node(&population.name), names::shape(&population.shape));
        let location = names::string(&population.location);
        let (lead, fields) = match &population.kind {
            PopulationKind::Input => (format!("input {name} loc({location})"), Vec::new()),
            PopulationKind::Neurons(model) => {
                (format!("pop {name} model={} loc({location})", model.name()), model.fields())
            }
        };
        let has_bias = !matches!(&population.bias, Values::Uniform(bias) if bias.to_bits() == 0);
        if fields.is_empty() && !has_bias {
            return self.line(&lead);
        }
        self.block(&lead, |p| {
            if has_bias {
                p.values("bias", &population.bias);
            }
            fields.iter().for_each(|(name, values)| p.values(name, values));
        });
    }

    fn values(&mut self, name: &str, values: &Values) {
        match values {
            Values::Uniform(value) => self.line(&format!("{name} = {value:?}")),
            Values::Each(values) => self.list(name, values),
        }
    }

    fn stage(&mut self, stage: &Stage) {
        match stage {
            Stage::Dense { outputs, inputs, weights } => match weights {
                Tensor::F32(weights) => self.matrix("dense", [*outputs, *inputs], weights),
                Tensor::F64(weights) => self.matrix("dense", [*outputs, *inputs], weights),
            },
        }
    }

    pub(super) fn outputs(&mut self, outputs: &[Output], populations: &Names) {
        for output in outputs {
            self.line(&format!(
                "output {} = {} loc({})",
                names::node(&output.name),
                populations.of(output.population),
                names::string(&output.location)
            ));
        }
    }
}
