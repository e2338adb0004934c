//! Lists of synapses, sorted into matrices by columns.

use spikeloom_ir::network::{Stage, Tensor, Values};

/// A list of synapses whose indices fit.
pub(super) struct Synapses {
    pub(super) sources: Vec<u32>,
    pub(super) targets: Vec<u32>,
    /// One, or one each.
    pub(super) weights: Tensor,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
}

/// How delays lie over the synapses.
enum Delays {
    None,
    /// One for all.
    One(f64),
    /// All synapses of a source have the same.
    BySource,
    /// The order is by delay first.
    BySynapse,
}

/// Synapses in the order in which their matrices hold them.
pub(super) struct Plan<'d> {
    synapses: Synapses,
    seconds: &'d [f64],
    delays: Delays,
    order: Vec<u32>,
}

/// Orders synapses; `seconds` holds no delay, one, or one for each.
pub(super) fn plan(synapses: Synapses, seconds: &[f64]) -> Plan<'_> {
    let ends = |i: u32| (synapses.sources[i as usize], synapses.targets[i as usize]);
    let mut order: Vec<u32> = (0..synapses.sources.len() as u32).collect();
    order.sort_by_key(|i| ends(*i));
    let delay = |i: u32| seconds[i as usize].to_bits();
    let mut by_source = order.chunk_by(|a, b| ends(*a).0 == ends(*b).0);
    let delays = match seconds {
        [] => Delays::None,
        [first, rest @ ..] if rest.iter().all(|other| other == first) => Delays::One(*first),
        _ if by_source.all(|run| run.iter().all(|i| delay(*i) == delay(run[0]))) => Delays::BySource,
        _ => {
            // Delays are not negative: their bits are in their order. What is equal keeps its order.
            order.sort_by_key(|i| delay(*i));
            Delays::BySynapse
        }
    };
    Plan { synapses, seconds, delays, order }
}

impl Plan<'_> {
    fn groups(&self) -> impl Iterator<Item = &[u32]> {
        let delay = |i: u32| match self.delays {
            Delays::BySynapse => self.seconds[i as usize].to_bits(),
            _ => 0,
        };
        // A list of no synapse is a connection too.
        let none = self.order.is_empty().then_some(&[][..]);
        none.into_iter().chain(self.order.chunk_by(move |a, b| delay(*a) == delay(*b)))
    }

    /// Number of matrices.
    pub(super) fn delays(&self) -> usize {
        self.groups().count()
    }

    /// Entries of the tables by source that the matrices will have.
    pub(super) fn entries(&self) -> usize {
        let by_source = if matches!(self.delays, Delays::BySource) { 2 * self.synapses.inputs } else { 0 };
        self.delays().saturating_mul(self.synapses.inputs + 1).saturating_add(by_source)
    }

    /// Names and stages of the connections, and how many synapses were added to others.
    pub(super) fn stages(self, name: &str) -> (Vec<(String, Vec<Stage>)>, usize) {
        let (mut made, mut merged) = (Vec::new(), 0);
        for group in self.groups() {
            let first = group.first().map_or(0.0, |i| self.seconds.get(*i as usize).copied().unwrap_or(0.0));
            let delay = match &self.delays {
                Delays::None => None,
                Delays::One(seconds) => Some(Values::Uniform(*seconds)),
                Delays::BySynapse => Some(Values::Uniform(first)),
                Delays::BySource => Some(self.by_source()),
            };
            let path = match self.delays {
                Delays::BySynapse => format!("{name}.{first:?}_s"),
                _ => name.to_string(),
            };
            let size = self.synapses.inputs;
            let mut stages: Vec<Stage> =
                delay.map(|seconds| Stage::Delay { size, seconds }).into_iter().collect();
            let matrix = self.synapses.matrix(group);
            merged += group.len() - matrix.numbers();
            stages.push(matrix);
            made.push((path, stages));
        }
        (made, merged)
    }

    /// The delay of each source. Those without synapses have the least of the others: at 0 they might seem to close
    /// a cycle.
    fn by_source(&self) -> Values {
        let least = self.seconds.iter().copied().reduce(f64::min).unwrap_or(0.0);
        let mut each = vec![least; self.synapses.inputs];
        for (source, seconds) in self.synapses.sources.iter().zip(self.seconds) {
            each[*source as usize] = *seconds;
        }
        Values::compact(each)
    }
}

impl Synapses {
    /// The matrix of some synapses, sorted by source and target; parallel ones are added up.
    fn matrix(&self, order: &[u32]) -> Stage {
        let ends = |i: u32| (self.sources[i as usize], self.targets[i as usize]);
        let mut offsets = vec![0u32; self.inputs + 1];
        let mut targets = Vec::with_capacity(order.len());
        for run in order.chunk_by(|a, b| ends(*a) == ends(*b)) {
            let (source, target) = ends(run[0]);
            offsets[source as usize + 1] += 1;
            targets.push(target);
        }
        for i in 1..offsets.len() {
            offsets[i] += offsets[i - 1];
        }
        let weight = |i: &u32| self.weights.get(if self.weights.len() == 1 { 0 } else { *i as usize });
        let is_plain = targets.len() == order.len();
        let weights = match &self.weights {
            // No sum: each is what the file has.
            Tensor::F32(_) if is_plain => Tensor::F32(order.iter().map(|i| weight(i) as f32).collect()),
            _ => {
                let runs = order.chunk_by(|a, b| ends(*a) == ends(*b));
                Tensor::F64(runs.map(|run| run.iter().map(weight).sum()).collect())
            }
        };
        Stage::Sparse { outputs: self.outputs, offsets, targets, weights }
    }
}
