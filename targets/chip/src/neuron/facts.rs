//! What can be derived about a checked program.

use super::ast::{BinaryOperator, Expression, NeuronProgram, Overflow, StateId, Statement};
use super::interval::Interval;
use super::{EVENT_RANGE, widths};

/// The program only adds up its events, modulo 2^bits: their order does not matter and they can be summed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accumulator {
    /// Where they are added up.
    pub state: StateId,
}

/// Whether `on_event` is exactly `x := x + w` (or `w + x`) on a state that wraps, with nothing after it.
pub fn accumulator(program: &NeuronProgram) -> Option<Accumulator> {
    if program.after.as_ref().is_some_and(|block| !block.is_empty()) {
        return None;
    }
    let [Statement::Assign { state, value: Expression::Binary(BinaryOperator::Add, x, y) }] =
        program.on_event.as_slice()
    else {
        return None;
    };
    let sum = matches!(
        (&**x, &**y),
        (Expression::State(read), Expression::Event) | (Expression::Event, Expression::State(read)) if read == state
    );
    let wraps = program.states.get(state.index())?.overflow == Overflow::Wrap;
    (sum && wraps).then_some(Accumulator { state: *state })
}

/// Signed bits that hold every state, parameter and intermediate value, for any parameters and events.
///
/// Conditions are not trusted: it also holds for an evaluator that runs both branches in all lanes and masks
/// the assignments. An accumulator over many events summed at once needs its own bound.
pub fn widest(program: &NeuronProgram) -> u32 {
    widths::widest(program, &widths::declared(program), EVENT_RANGE)
}

/// As [`widest`], for parameters and events that are known to lie in these intervals.
pub fn widest_within(program: &NeuronProgram, parameters: &[Interval], w: Interval) -> u32 {
    widths::widest(program, parameters, w)
}
