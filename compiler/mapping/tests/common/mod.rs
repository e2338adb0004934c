//! Small graphs, the same on every machine.

use spikeloom_mapping::Graph;
use spikeloom_mapping::random::Random;

/// Rates from 1 to 9 spikes per second.
fn rates(n: usize, random: &mut Random) -> Vec<f64> {
    (0..n).map(|_| 1.0 + random.below(9) as f64).collect()
}

fn graph(targets_of: Vec<Vec<u32>>, populations: Vec<u32>, random: &mut Random) -> Graph {
    let (mut offsets, mut targets) = (vec![0], Vec::new());
    for mut of in targets_of {
        of.sort_unstable();
        of.dedup();
        targets.extend(of);
        offsets.push(targets.len());
    }
    let rates = rates(populations.len(), random);
    Graph::plain(offsets, targets, rates, populations)
}

/// Neurons on a square of `side`, each with so many targets a few steps away.
pub(crate) fn local(side: usize, fan_out: usize, seed: u64) -> Graph {
    let mut random = Random::new(seed);
    let n = side * side;
    let of = (0..n)
        .map(|u| {
            let mut of = Vec::new();
            while of.len() < fan_out {
                let (x, y) = (u % side + random.below(7), u / side + random.below(7));
                let v = (y + side - 3) % side * side + (x + side - 3) % side;
                if v != u {
                    of.push(v as u32);
                }
            }
            of
        })
        .collect();
    graph(of, vec![0; n], &mut random)
}

/// Layers of planes, each neuron feeding a window of 3 x 3 in all channels of the next.
pub(crate) fn layered(side: usize, channels: &[usize], seed: u64) -> Graph {
    let mut random = Random::new(seed);
    let plane = side * side;
    let first: Vec<usize> =
        channels.iter().scan(0, |at, c| Some(std::mem::replace(at, *at + c * plane))).collect();
    let (mut of, mut populations) = (Vec::new(), Vec::new());
    for (layer, count) in channels.iter().enumerate() {
        for _ in 0..*count {
            for at in 0..plane {
                let mut targets = Vec::new();
                let (x, y) = (at % side, at / side);
                for c in 0..channels.get(layer + 1).copied().unwrap_or(0) {
                    for (dy, dx) in (0..9).map(|i| (i / 3, i % 3)) {
                        if (1..=side).contains(&(y + dy)) && (1..=side).contains(&(x + dx)) {
                            let to = (y + dy - 1) * side + x + dx - 1;
                            targets.push((first[layer + 1] + c * plane + to) as u32);
                        }
                    }
                }
                of.push(targets);
                populations.push(layer as u32);
            }
        }
    }
    graph(of, populations, &mut random)
}

/// Neurons with targets anywhere.
pub(crate) fn anywhere(n: usize, fan_out: usize, seed: u64) -> Graph {
    let mut random = Random::new(seed);
    let of = (0..n)
        .map(|u| (0..fan_out).map(|_| random.below(n) as u32).filter(|v| *v as usize != u).collect())
        .collect();
    graph(of, vec![0; n], &mut random)
}
