//! Start: initial states such that a population that runs late does not move before its lag.
//!
//! A population with lag k ticks k times before its step 0. If its state at the start is a fixed point of a tick
//! without input, nothing needs to be done. If not (bias, leak), the chip's `hold` is set to k where it has one;
//! else the state before is solved for: from a first guess, what k ticks add too much is taken away, until they
//! lead to the start. Whatever the means, the ticks are run, and must end exactly there without a spike.

use spikeloom_chip::neuron::{Interval, NeuronProgram, ranges};

/// Rounds of the search.
const ROUNDS: usize = 16;

/// The state from which `lag` ticks without input lead to `wanted` without a spike, if one is found. `hold` is
/// the position of the state variable that keeps a slot still.
pub fn solve(
    program: &NeuronProgram,
    parameters: &[i64],
    wanted: &[i64],
    lag: u32,
    hold: Option<usize>,
) -> Option<Vec<i64>> {
    let parameters: Vec<Interval> = parameters.iter().map(|v| Interval::point((*v).into())).collect();
    if !program.states.iter().zip(wanted).all(|(state, value)| state.range().contains((*value).into())) {
        return None;
    }
    let mut guess = wanted.to_vec();
    if after(program, &parameters, &guess, lag).as_deref() == Some(wanted) {
        return Some(guess);
    }
    if let Some(hold) = hold.filter(|h| program.states[*h].range().contains(lag.into())) {
        let mut held = wanted.to_vec();
        held[hold] = lag.into();
        if after(program, &parameters, &held, lag).as_deref() == Some(wanted) {
            return Some(held);
        }
    }
    for _ in 0..ROUNDS {
        let reached = after(program, &parameters, &guess, lag)?;
        if reached == wanted {
            return Some(guess);
        }
        for (i, state) in program.states.iter().enumerate() {
            let corrected = i128::from(guess[i]) - i128::from(reached[i]) + i128::from(wanted[i]);
            if !state.range().contains(corrected) {
                return None;
            }
            guess[i] = corrected as i64;
        }
    }
    None
}

/// The state after `lag` ticks, or `None` if a spike may have been fired.
fn after(program: &NeuronProgram, parameters: &[Interval], from: &[i64], lag: u32) -> Option<Vec<i64>> {
    let mut states: Vec<Interval> = from.iter().map(|v| Interval::point((*v).into())).collect();
    for _ in 0..lag {
        let outcome = ranges::tick(program, &states, parameters);
        if outcome.may_spike {
            return None;
        }
        if outcome.states == states {
            break;
        }
        states = outcome.states;
    }
    states.iter().map(|s| s.is_point().then_some(s.low as i64)).collect()
}

#[cfg(test)]
mod tests {
    use super::solve;

    #[test]
    fn a_leak_is_made_up_for() {
        let chip = spikeloom_chip::load("ranc").unwrap();
        let program = &chip.programs["core"];
        // leak 1, threshold 8: two ticks early from -2 end at 0.
        assert_eq!(solve(program, &[1, 8, -256, 0, 0], &[0], 2, None), Some(vec![-2]));
        assert_eq!(solve(program, &[0, 8, -256, 0, 0], &[0], 5, None), Some(vec![0]));
        // A downward leak starts above 0.
        assert_eq!(solve(program, &[-3, 8, -256, 0, 0], &[0], 2, None), Some(vec![6]));
        // Here it would fire on the way.
        assert_eq!(solve(program, &[-9, 8, -256, 0, 0], &[0], 2, None), None);
    }

    #[test]
    fn a_hold_keeps_still() {
        let chip = spikeloom_chip::load("loihi1").unwrap();
        let program = &chip.programs["neurocore"];
        let hold = program.states.iter().position(|s| s.name == "ref");
        // du 0, dv 0, refd 0, vth 1, bm 9, be 4: the bias alone would fire in the first tick.
        let parameters = [0, 0, 0, 1, 9, 4, -100, 8_388_607];
        assert_eq!(solve(program, &parameters, &[0; 4], 3, None), None);
        assert_eq!(solve(program, &parameters, &[0; 4], 3, hold), Some(vec![0, 0, 0, 3]));
    }
}
