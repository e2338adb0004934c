//! The Network level.

use super::names;
use super::printer::{Names, Printer};
use crate::network::{Network, Output, Population, PopulationKind, Stage, Tensor, Values, Window};

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
                let rules = match population.rules.as_str() {
                    "" => String::new(),
                    rules => format!(" rules={}", names::string(rules)),
                };
                (format!("pop {name} model={}{rules} loc({location})", model.name()), model.fields())
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
            Stage::Dense { outputs, inputs, weights } => self.tensor("dense", [*outputs, *inputs], weights),
            Stage::Sparse { outputs, offsets, targets, weights } => {
                let shape = names::shape(&[*outputs, stage.inputs()]);
                self.block(&format!("sparse {shape}"), |p| {
                    p.list("offsets", offsets);
                    p.list("targets", targets);
                    match weights {
                        Tensor::F32(weights) => p.list("weights f32", weights),
                        Tensor::F64(weights) => p.list("weights f64", weights),
                    }
                });
            }
            Stage::Scale { size, factors } => self.values(&format!("scale [{size}]"), factors),
            Stage::Delay { size, seconds } => self.values(&format!("delay [{size}]"), seconds),
            Stage::Convolution(c) => {
                let rows = c.channels_out;
                let lead =
                    format!("convolution in={} groups={} {}", c.channels_in, c.groups, window(&c.window));
                self.tensor(&lead, [rows, c.weights.len() / rows.max(1)], &c.weights);
            }
            Stage::Pool(pool) => {
                let window = window(&pool.window);
                self.line(&format!("pool in={} {window} divisor={:?}", pool.channels, pool.divisor));
            }
        }
    }

    fn tensor(&mut self, lead: &str, shape: [usize; 2], weights: &Tensor) {
        match weights {
            Tensor::F32(weights) => self.matrix(lead, shape, weights),
            Tensor::F64(weights) => self.matrix(lead, shape, weights),
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

fn window(window: &Window) -> String {
    let Window { input, kernel, stride, padding, dilation, output } = window;
    let parts = [
        ("plane", input),
        ("kernel", kernel),
        ("stride", stride),
        ("padding", padding),
        ("dilation", dilation),
        ("windows", output),
    ];
    parts.map(|(name, sizes)| format!("{name}={}", names::shape(sizes))).join(" ")
}
