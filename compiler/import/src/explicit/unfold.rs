//! Chains of stages, walked through to the synapses that they amount to.

use spikeloom_ir::network::{Stage, Tensor};

/// A list of synapses, by source and then by delay and target.
#[derive(Default)]
pub(super) struct Unfolded {
    pub(super) sources: Vec<u32>,
    pub(super) targets: Vec<u32>,
    pub(super) weights: Vec<f64>,
    /// Seconds.
    pub(super) delays: Vec<f64>,
}

/// Where a way through the stages has come to.
#[derive(Clone, Copy)]
struct Way {
    element: usize,
    seconds: f64,
    factor: f64,
}

/// Walks through stages from each of `inputs` elements; `None` where that gives more than `most` synapses.
pub(super) fn unfold(stages: &[Stage], inputs: usize, most: usize) -> Option<Unfolded> {
    let mut unfolded = Unfolded::default();
    for source in 0..inputs {
        let mut ways = vec![Way { element: source, seconds: 0.0, factor: 1.0 }];
        for stage in stages {
            ways = through(stage, ways, most)?;
        }
        if unfolded.sources.len() + ways.len() > most {
            return None;
        }
        for way in ways {
            unfolded.sources.push(source as u32);
            unfolded.targets.push(way.element as u32);
            unfolded.weights.push(way.factor);
            unfolded.delays.push(way.seconds);
        }
    }
    Some(unfolded)
}

fn through(stage: &Stage, ways: Vec<Way>, most: usize) -> Option<Vec<Way>> {
    if let Stage::Delay { seconds, .. } = stage {
        let later = |way: Way| Way { seconds: way.seconds + seconds.get(way.element), ..way };
        return Some(ways.into_iter().map(later).collect());
    }
    let mut onward = Vec::new();
    for way in ways {
        stage.for_each_of(way.element, |element, weight| {
            onward.push(Way { element, seconds: way.seconds, factor: way.factor * weight });
        });
        if onward.len() > most {
            return None;
        }
    }
    let place = |way: &Way| (way.seconds.to_bits(), way.element);
    if !onward.is_sorted_by(|a, b| place(a) < place(b)) {
        onward.sort_by_key(place);
        onward.dedup_by(|next, kept| {
            let is_same = place(next) == place(kept);
            if is_same {
                kept.factor += next.factor;
            }
            is_same
        });
    }
    Some(onward)
}

/// Whether the stages do nothing to a weight of single precision that would need more.
pub(super) fn is_single(stages: &[Stage]) -> bool {
    let mut linear = stages.iter().filter(|stage| !matches!(stage, Stage::Delay { .. }));
    let first = linear.next();
    let weights = match first {
        Some(Stage::Dense { weights, .. } | Stage::Sparse { weights, .. }) => weights,
        Some(Stage::Convolution(convolution)) => &convolution.weights,
        _ => return false,
    };
    linear.next().is_none() && matches!(weights, Tensor::F32(_))
}
