//! Rounding by what comes out: each weight goes up or down so that the errors of a neuron's weights cancel on the inputs
//! that it has, as layer-wise reconstruction does for ordinary networks (Nagel et al. 2020, arXiv 2004.10568).
//!
//! With x the leaky sums of a neuron's inputs over time and e the errors of its weights, the membrane is wrong by e x.
//! The mean of its square is e R e, R being the mean of x x'. Moving one weight by a step changes that by
//! 2 step (R e) + step^2 R; moves that lower it are made until there is none.

use super::Layer;
use crate::scale::Scale;
use spikeloom_chip::schema::WeightCode;

/// Spikes of the source of each connection, `[samples x steps, elements]`, and how many steps a sample has.
pub struct Heard {
    /// By connection, in the layer's order.
    pub spikes: Vec<Vec<u32>>,
    /// Steps of a sample.
    pub steps: usize,
}

/// Inputs of a neuron at most: R grows with their square.
const MOST_INPUTS: usize = 2048;
/// Rounds over all weights of a neuron at most.
const ROUNDS: usize = 20;
/// The membrane of a neuron without leak remembers until its next spike; so long, for the purpose of this.
const LONGEST_MEMORY: f64 = 0.9;

/// Moves weights by single steps of their grid; `false` if there is nothing that could be moved.
pub(super) fn round(
    layer: &Layer<'_>,
    code: WeightCode,
    scale: Scale,
    heard: &Heard,
    weights: &mut [Vec<i32>],
) -> bool {
    let is_shared = layer.uses.iter().flatten().any(|uses| *uses > 1);
    let widths: Vec<usize> = layer.incoming.iter().map(|c| c.matrix.sources()).collect();
    let inputs: usize = widths.iter().sum();
    if is_shared || inputs == 0 || inputs > MOST_INPUTS {
        return false;
    }
    let moments = moments(layer, heard, &widths, inputs);
    let grids: Vec<Grid> = weights.iter().map(|values| Grid::of(code, values, layer.bits)).collect();
    let mut first = 0;
    let mut of_target: Vec<Vec<Synapse>> = vec![Vec::new(); layer.neurons];
    for (c, connection) in layer.incoming.iter().enumerate() {
        for source in 0..widths[c] {
            for (target, place) in connection.matrix.places(source) {
                of_target[target as usize].push(Synapse { input: first + source, connection: c, place });
            }
        }
        first += widths[c];
    }
    for synapses in &of_target {
        neuron(layer, scale, &moments, inputs, synapses, &grids, weights);
    }
    true
}

/// A synapse of one neuron.
#[derive(Clone, Copy)]
struct Synapse {
    input: usize,
    connection: usize,
    place: usize,
}

fn neuron(
    layer: &Layer<'_>,
    scale: Scale,
    moments: &[f64],
    inputs: usize,
    synapses: &[Synapse],
    grids: &[Grid],
    weights: &mut [Vec<i32>],
) {
    let wanted = |s: &Synapse| scale.apply(layer.incoming[s.connection].matrix.weights[s.place]);
    // R e, for every input.
    let mut pull = vec![0.0; inputs];
    let mut errors = vec![0.0; synapses.len()];
    for (synapse, error) in synapses.iter().zip(&mut errors) {
        *error = f64::from(weights[synapse.connection][synapse.place]) - wanted(synapse);
        add(&mut pull, moments, inputs, synapse.input, *error);
    }
    for _ in 0..ROUNDS {
        let mut has_moved = false;
        for (synapse, error) in synapses.iter().zip(&mut errors) {
            let Grid { step: grid, most } = grids[synapse.connection];
            let own = moments[synapse.input * inputs + synapse.input];
            // The one way that can help, and only to a neighbour of what was wanted.
            let step = if pull[synapse.input] > 0.0 { -grid } else { grid };
            let gain = 2.0 * step as f64 * pull[synapse.input] + (step as f64).powi(2) * own;
            let value = &mut weights[synapse.connection][synapse.place];
            let moved = i64::from(*value) + step;
            let is_near = (*error + step as f64).abs() < grid as f64;
            if gain < 0.0 && is_near && moved.abs() <= most {
                *value = moved as i32;
                *error += step as f64;
                add(&mut pull, moments, inputs, synapse.input, step as f64);
                has_moved = true;
            }
        }
        if !has_moved {
            break;
        }
    }
}

fn add(pull: &mut [f64], moments: &[f64], inputs: usize, input: usize, by: f64) {
    if by != 0.0 {
        let row = &moments[input * inputs..][..inputs];
        pull.iter_mut().zip(row).for_each(|(pull, moment)| *pull += by * moment);
    }
}

/// The values that a connection's weights may take.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Grid {
    step: i64,
    most: i64,
}

impl Grid {
    /// The coarsest grid of the store on which all these values lie; with fewer bits than the store has, the coarsest
    /// of all, which ends at the largest.
    fn of(code: WeightCode, values: &[i32], bits: Option<u32>) -> Grid {
        let largest = values.iter().map(|v| i64::from(*v).abs()).max().unwrap_or(0);
        let divisor = values.iter().fold(0, |divisor, v| common_divisor(divisor, i64::from(*v).abs()));
        if bits.is_some() && divisor > 0 {
            return Grid { step: divisor, most: largest };
        }
        let (_, most) = code.mantissas();
        let quanta = code.exponents().filter_map(|e| code.quantum(e));
        let step = quanta.filter(|q| divisor % q == 0 && largest / q <= most).max().unwrap_or(1);
        Grid { step, most: most * step }
    }
}

fn common_divisor(mut a: i64, mut b: i64) -> i64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// The mean of x x' over all steps of all samples.
fn moments(layer: &Layer<'_>, heard: &Heard, widths: &[usize], inputs: usize) -> Vec<f64> {
    let dynamics = layer.dynamics;
    let slowest = (0..layer.neurons).map(|i| dynamics.beta.get(i).max(dynamics.alpha.get(i)));
    let keep = slowest.fold(0.0, f64::max).min(LONGEST_MEMORY);
    let rows = heard.spikes.iter().zip(widths).map(|(spikes, width)| spikes.len() / width.max(&1)).max();
    let mut moments = vec![0.0; inputs * inputs];
    let mut sums = vec![0.0; inputs];
    for row in 0..rows.unwrap_or(0) {
        let t = row % heard.steps.max(1);
        if t == 0 {
            sums.fill(0.0);
        }
        sums.iter_mut().for_each(|sum| *sum *= keep);
        let mut first = 0;
        for ((connection, spikes), width) in layer.incoming.iter().zip(&heard.spikes).zip(widths) {
            if let Some(past) =
                row.checked_sub(connection.delay as usize).filter(|_| t >= connection.delay as usize)
            {
                let counts = &spikes[past * width..][..*width];
                sums[first..].iter_mut().zip(counts).for_each(|(sum, count)| *sum += f64::from(*count));
            }
            first += width;
        }
        for (i, sum) in sums.iter().enumerate().filter(|(_, sum)| **sum > 1e-9) {
            let of_input = &mut moments[i * inputs..][..inputs];
            of_input.iter_mut().zip(&sums).for_each(|(moment, other)| *moment += sum * other);
        }
    }
    moments
}

#[cfg(test)]
mod tests {
    use super::Grid;
    use spikeloom_chip::schema::WeightCode;

    #[test]
    fn the_grid_of_stored_values() {
        let code = WeightCode::MantissaExponent { bits: 8, align: 8, exponents: (-7, 7), shift: 6 };
        let of = |values, bits| Grid::of(code, values, bits);
        assert_eq!(of(&[128, -256, 127 * 128], None), Grid { step: 128, most: 127 * 128 });
        assert_eq!(of(&[64, 192], None), Grid { step: 64, most: 127 * 64 });
        assert_eq!(of(&[3 * 64, -9 * 64], Some(3)), Grid { step: 3 * 64, most: 9 * 64 });
    }
}
