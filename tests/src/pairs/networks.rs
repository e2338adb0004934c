//! Random networks: dense and sparse, recurrent, skips, self loops, extreme parameters, several inputs and
//! outputs, populations of one neuron.

use proptest::prelude::*;
use spikeloom_ir::network::{
    Connection, Convolution, Network, NeuronModel, Output, Pool, Population, PopulationId, PopulationKind,
    Stage, Tensor, Values, Window,
};

/// What a network is made of.
#[derive(Clone, Debug)]
pub struct Knobs {
    /// Sizes of the inputs.
    pub inputs: Vec<usize>,
    /// The populations.
    pub layers: Vec<Layer>,
    /// Connections beyond the chain: (from, to), among inputs and layers, taken modulo their number.
    pub extra: Vec<(usize, usize)>,
    /// Populations that are shown, modulo their number.
    pub outputs: Vec<usize>,
    /// Largest weight in units; weights are whole units.
    pub weight_most: i32,
    /// Out of 8 weights, how many are 0.
    pub zeros: u32,
    /// A power of two that scales everything.
    pub unit: i32,
    /// Whether weights are real numbers instead.
    pub is_real: bool,
    /// Out of 8 connections, how many are more than one matrix: delays by source or target, convolutions, pools, factors,
    /// matrices with gaps.
    pub fancy: u32,
    /// Whether populations fix their own resets, in turn.
    pub has_rules: bool,
    /// Which semantics.
    pub semantics: usize,
    /// What the weights and spikes are drawn from.
    pub seed: u64,
    /// Steps of a run.
    pub steps: usize,
}

/// A population.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Neurons.
    pub size: usize,
    /// 18: LIF, 19: CubaLIF, else IF.
    pub model: u32,
    /// Threshold in units.
    pub theta: i32,
    /// Whether thresholds differ from neuron to neuron.
    pub varied: bool,
    /// Bias in units.
    pub bias: i32,
}

/// The semantics that networks are read with.
pub const SEMANTICS: [&str; 7] = [
    "spikingjelly",
    "nir",
    "snntorch",
    "spikingjelly,reset=subtract",
    "snntorch,reset=subtract,reset_at=next",
    "nir,refractory=2",
    "spikingjelly,delay=1",
];

/// All networks.
pub fn knobs() -> impl Strategy<Value = Knobs> {
    let layer = (1usize..24, 0u32..20, 1i32..12, any::<bool>(), prop_oneof![3 => Just(0), 1 => -2i32..3])
        .prop_map(|(size, model, theta, varied, bias)| Layer { size, model, theta, varied, bias });
    let shape = (
        prop::collection::vec(1usize..20, 1..3),
        prop::collection::vec(layer, 1..5),
        prop::collection::vec((0usize..8, 0usize..8), 0..3),
        prop::collection::vec(0usize..8, 1..3),
    );
    let numbers = (
        prop_oneof![3 => Just(1), 2 => Just(2), 1 => 3i32..9, 1 => Just(300)],
        0u32..8,
        -6i32..3,
        prop_oneof![3 => Just(false), 1 => Just(true)],
        prop_oneof![4 => Just(0usize), 1 => Just(1), 2 => Just(3), 1 => Just(6), 1 => 0usize..SEMANTICS.len()],
        (prop_oneof![2 => Just(0u32), 1 => 1u32..9], prop_oneof![5 => Just(false), 1 => Just(true)]),
        any::<u64>(),
        1usize..14,
    );
    (shape, numbers).prop_map(
        |(
            (inputs, layers, extra, outputs),
            (weight_most, zeros, unit, is_real, semantics, (fancy, has_rules), seed, steps),
        )| {
            Knobs {
                inputs,
                layers,
                extra,
                outputs,
                weight_most,
                zeros,
                unit,
                is_real,
                fancy,
                has_rules,
                semantics,
                seed,
                steps,
            }
        },
    )
}

/// SplitMix64: the tests' own stream of numbers.
pub struct Stream(pub u64);

impl Stream {
    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        self.draw() % n.max(1)
    }
}

impl Knobs {
    /// The semantics' text.
    pub fn semantics(&self) -> &'static str {
        SEMANTICS[self.semantics]
    }

    /// The network that these numbers make.
    pub fn build(&self) -> Network {
        let mut stream = Stream(self.seed);
        let unit = 2f64.powi(self.unit);
        // Names sort as the populations stand: `in0`, `in1`, `p0`, ...
        let mut populations: Vec<Population> = self
            .inputs
            .iter()
            .enumerate()
            .map(|(i, size)| population(format!("in{i}"), *size, PopulationKind::Input, 0.0))
            .collect();
        for (i, layer) in self.layers.iter().enumerate() {
            let model = self.model(layer, unit, &mut stream);
            populations.push(population(
                format!("p{i}"),
                layer.size,
                PopulationKind::Neurons(model),
                f64::from(layer.bias) * unit,
            ));
            if let (true, Some(last)) = (self.has_rules, populations.last_mut()) {
                last.rules = ["reset=zero", "reset=subtract", "compare=ge,reset=zero"][i % 3].into();
            }
        }
        let first = self.inputs.len();
        let mut pairs: Vec<(usize, usize)> = (0..first).map(|i| (i, first)).collect();
        pairs.extend((1..self.layers.len()).map(|l| (first + l - 1, first + l)));
        pairs.extend(self.extra.iter().map(|(a, b)| (a % populations.len(), first + b % self.layers.len())));
        pairs.sort_unstable();
        let connections = pairs
            .iter()
            .enumerate()
            .map(|(i, (from, to))| Connection {
                source: PopulationId(*from as u32),
                target: PopulationId(*to as u32),
                stages: self.stages(populations[*from].len(), populations[*to].len(), unit, &mut stream),
                path: vec![format!("w{i}")],
            })
            .collect();
        let outputs = self
            .outputs
            .iter()
            .enumerate()
            .map(|(i, o)| Output {
                name: format!("out{i}"),
                population: PopulationId((first + o % self.layers.len()) as u32),
                location: format!("/node/nodes/out{i}"),
            })
            .collect();
        Network {
            source_name: "random".into(),
            source_digest: "0".repeat(64),
            populations,
            connections,
            outputs,
        }
    }

    fn model(&self, layer: &Layer, unit: f64, stream: &mut Stream) -> NeuronModel {
        let theta = f64::from(layer.theta) * unit;
        let threshold = if layer.varied {
            Values::compact((0..layer.size).map(|_| theta * (1 + stream.below(4)) as f64).collect())
        } else {
            Values::Uniform(theta)
        };
        let (zero, reset) = (Values::Uniform(0.0), Values::Uniform(0.0));
        match layer.model {
            0..=17 => NeuronModel::If { resistance: Values::Uniform(1e4), threshold, reset },
            18 => NeuronModel::Lif {
                tau_s: Values::Uniform(1e-3),
                resistance: Values::Uniform(10.0),
                leak: zero,
                threshold,
                reset,
            },
            _ => NeuronModel::CubaLif {
                tau_synapse_s: Values::Uniform(5e-4),
                tau_membrane_s: Values::Uniform(1e-3),
                resistance: Values::Uniform(10.0),
                leak: zero,
                threshold,
                reset,
                input_weight: Values::Uniform(5.0),
            },
        }
    }

    fn stages(&self, inputs: usize, outputs: usize, unit: f64, stream: &mut Stream) -> Vec<Stage> {
        if stream.below(8) >= u64::from(self.fancy) {
            return vec![self.weights(inputs, outputs, unit, stream)];
        }
        let delay = |size: usize, stream: &mut Stream| Stage::Delay {
            size,
            seconds: Values::compact((0..size).map(|_| (1 + stream.below(4)) as f64 * 1e-4).collect()),
        };
        match stream.below(6) {
            0 => vec![delay(inputs, stream), self.weights(inputs, outputs, unit, stream)],
            1 => vec![self.weights(inputs, outputs, unit, stream), delay(outputs, stream)],
            2 => {
                let factors = (0..inputs).map(|_| stream.below(4) as f64 - 1.0).collect();
                let scale = Stage::Scale { size: inputs, factors: Values::compact(factors) };
                vec![scale, self.weights(inputs, outputs, unit, stream)]
            }
            3 => vec![gaps(&self.weights(inputs, outputs, unit, stream))],
            4 => {
                let window = line(inputs, 1 + stream.below(3) as usize, 1 + stream.below(2) as usize);
                let pool = Stage::Pool(Pool { channels: 1, window, divisor: 1.0 });
                let pooled = pool.outputs();
                vec![pool, self.weights(pooled, outputs, unit, stream)]
            }
            _ => {
                let window = line(inputs, 1 + stream.below(4) as usize, 1 + stream.below(2) as usize);
                let weights = (0..2 * window.kernel[1]).map(|_| stream.below(3) as f64 - 1.0).collect();
                let convolution = Stage::Convolution(Convolution {
                    channels_in: 1,
                    channels_out: 2,
                    groups: 1,
                    window,
                    weights: Tensor::F64(weights),
                });
                let seen = convolution.outputs();
                vec![convolution, self.weights(seen, outputs, unit, stream)]
            }
        }
    }

    fn weights(&self, inputs: usize, outputs: usize, unit: f64, stream: &mut Stream) -> Stage {
        let most = self.weight_most as u64;
        let mut one = || {
            if stream.below(8) < u64::from(self.zeros) {
                return 0.0;
            }
            let weight = stream.below(2 * most + 1) as f64 - most as f64;
            let fraction =
                if self.is_real { (stream.below(1 << 20) as f64 / f64::from(1 << 20)) - 0.5 } else { 0.0 };
            ((weight + fraction) * unit) as f32
        };
        let weights = Tensor::F32((0..inputs * outputs).map(|_| one()).collect());
        Stage::Dense { outputs, inputs, weights }
    }
}

/// Windows of a kernel over a line, with padding of one before.
fn line(length: usize, kernel: usize, stride: usize) -> Window {
    Window {
        input: [1, length],
        kernel: [1, kernel],
        stride: [1, stride],
        padding: [0, 1],
        dilation: [1, 1],
        output: [1, length.div_ceil(stride)],
    }
}

/// The same matrix, its zeros left out.
fn gaps(dense: &Stage) -> Stage {
    let (mut offsets, mut targets, mut weights) = (vec![0], Vec::new(), Vec::new());
    for input in 0..dense.inputs() {
        dense.for_each_of(input, |output, weight| {
            if weight != 0.0 {
                targets.push(output as u32);
                weights.push(weight);
            }
        });
        offsets.push(targets.len() as u32);
    }
    Stage::Sparse { outputs: dense.outputs(), offsets, targets, weights: Tensor::F64(weights) }
}

fn population(name: String, size: usize, kind: PopulationKind, bias: f64) -> Population {
    let is_current = matches!(kind, PopulationKind::Neurons(NeuronModel::CubaLif { .. }));
    let location = format!("/node/nodes/{name}");
    let bias = Values::Uniform(if is_current { 0.0 } else { bias });
    Population { name, shape: vec![size], kind, bias, rules: String::new(), location }
}
