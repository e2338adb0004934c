//! Small networks and inputs for the tests beside this file, made from a seed.

use spikeloom_chip::Chip;
use spikeloom_driver::pipeline::{self, Compiled, Laps, Options};
use spikeloom_driver::verification::{self, Verdict};
use spikeloom_image::spikes::{NodeTrain, SpikeTrains};
use spikeloom_ir::network::{
    Connection, Network, NeuronModel, Output, Population, PopulationId, PopulationKind, Stage, Tensor, Values,
};
use spikeloom_ir::program::Program;
use spikeloom_ir::verify::verified_placed;
use spikeloom_passes::legalise::wiring::Wiring;
use spikeloom_passes::{emit, legalise, partition, place};
use spikeloom_tests::root;

/// xorshift64*: small, seeded, and nobody else's.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 16) % n
    }
}

/// The text of a chip file of the tests.
pub(crate) fn chip_text(name: &str) -> String {
    std::fs::read_to_string(root().join("tests/chips").join(name)).expect("a chip file of the tests")
}

/// A chip of the tests, by its file and variant.
pub(crate) fn chip(spec: &str) -> Chip {
    spikeloom_chip::load(&root().join("tests/chips").join(spec).display().to_string())
        .expect("a good chip file")
}

/// A chip of the tests whose file was changed in one place.
pub(crate) fn changed_chip(name: &str, from: &str, to: &str) -> Chip {
    let text = chip_text(name);
    assert_eq!(text.matches(from).count(), 1, "{from}");
    spikeloom_chip::read_text(&text.replace(from, to), name, None, &[]).expect("still a good chip file")
}

/// `in` -> `hidden` -> `out`, all to all, and `hidden` to itself, every weight from the list by chance.
pub(crate) fn network(
    [inputs, hidden, out]: [usize; 3],
    weights: &[f64],
    threshold: f64,
    seed: u64,
) -> Network {
    let mut random = Random(seed);
    let population = |name: &str, size: usize, kind| Population {
        name: name.into(),
        shape: vec![size],
        kind,
        bias: Values::Uniform(0.0),
        rules: String::new(),
        location: format!("/{name}"),
    };
    let neurons = || {
        // One over the step: a weight is what a spike adds.
        let resistance = Values::Uniform(10_000.0);
        let (threshold, reset) = (Values::Uniform(threshold), Values::Uniform(0.0));
        PopulationKind::Neurons(NeuronModel::If { resistance, threshold, reset })
    };
    let mut connection = |(source, from): (u32, usize), (target, to): (u32, usize), name: &str| {
        let drawn = (0..from * to).map(|_| weights[random.below(weights.len() as u64) as usize]);
        let stage = Stage::Dense { outputs: to, inputs: from, weights: Tensor::F64(drawn.collect()) };
        let (source, target) = (PopulationId(source), PopulationId(target));
        Connection { source, target, stages: vec![stage], path: vec![name.into()] }
    };
    // Populations and connections in the order of their names: hidden, in, out.
    let connections = vec![
        connection((0, hidden), (0, hidden), "loop"),
        connection((0, hidden), (2, out), "up"),
        connection((1, inputs), (0, hidden), "first"),
    ];
    Network {
        source_name: "made.nir".into(),
        source_digest: "0".repeat(64),
        populations: vec![
            population("hidden", hidden, neurons()),
            population("in", inputs, PopulationKind::Input),
            population("out", out, neurons()),
        ],
        connections,
        outputs: vec![Output {
            name: "result".into(),
            population: PopulationId(2),
            location: "/result".into(),
        }],
    }
}

/// Two samples of random spikes, each with a chance of a half, up to `most` at once.
pub(crate) fn spikes(inputs: usize, steps: usize, most: u64, seed: u64) -> SpikeTrains {
    let mut random = Random(seed);
    let counts =
        (0..2 * steps * inputs).map(|_| (random.below(2) * (1 + random.below(most))) as u32).collect();
    let node = NodeTrain { name: "in".into(), shape: vec![inputs], counts };
    SpikeTrains { samples: 2, steps, batched: true, nodes: vec![node] }
}

pub(crate) fn compile(network: &Network, chip: Chip, seed: u64) -> Compiled {
    let options = Options { semantics: "spikingjelly".into(), seed, ..Options::default() };
    match pipeline::compile_network(network.clone(), chip, &options, Vec::new(), Laps::new()) {
        Ok(compiled) => compiled,
        Err(faults) => panic!("{faults}"),
    }
}

/// The same compile with another program in the place of its own, mapped anew.
pub(crate) fn remap(compiled: Compiled, program: Program) -> Compiled {
    let chip = &compiled.chip;
    let wiring = Wiring::new(&program, chip).expect("values that the store holds");
    let division =
        partition::partition(&program, chip, &wiring, partition::Options::default()).expect("it fits").0;
    let (cores, channels) = legalise::to_cores(&program, chip, &wiring, &division).expect("it is legal");
    let placed = place::place(cores, channels, chip).expect("there is room");
    let placed = verified_placed(placed, chip, None).expect("well formed");
    let image = emit::emit(&placed, chip).expect("it fits its fields");
    let image_bytes = image.to_bytes().expect("it can be written");
    Compiled { placed: placed.into_inner(), image, image_bytes, ..compiled }
}

/// T2 on random spikes; it must hold, in these words.
pub(crate) fn verify(compiled: &Compiled, inputs: &SpikeTrains, word: &str) -> Verdict {
    let verdict = verification::verify(compiled, inputs, None, None).expect("inputs that fit");
    assert!(verdict.is_good, "{}\n{:?}", verdict.text, verdict.notes);
    assert!(verdict.text.contains(&format!("T2 execution: {word}\n")), "{word}:\n{}", verdict.text);
    verdict
}
