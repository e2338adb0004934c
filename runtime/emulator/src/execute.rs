//! Runs bytecode over a range of slots.

use crate::bytecode::{BLOCK, Binary, Code, Fit, Operand, Operation, Unary};
use crate::draw;
use crate::lane::Lane;

/// A unary operation on one lane.
#[inline(always)]
pub(crate) fn unary<L: Lane>(operator: Unary, x: L) -> L {
    match operator {
        Unary::Copy => x,
        Unary::Negate => L::ZERO.subtract(x),
        Unary::Absolute => x.max(L::ZERO.subtract(x)),
        Unary::Not => x.not(),
        Unary::ShiftLeft(k) => x.shift_left(k),
        Unary::ShiftRight(k) => x.shift_right(k),
        Unary::TowardZero(k) => x.toward_zero(i64::from(k)),
        Unary::Wrap(bits) => x.wrap_signed(bits),
    }
}

/// A binary operation on one lane.
#[inline(always)]
pub(crate) fn binary<L: Lane>(operator: Binary, x: L, y: L) -> L {
    match operator {
        Binary::Add => x.add(y),
        Binary::Subtract => x.subtract(y),
        Binary::Multiply => x.multiply(y),
        Binary::ShiftLeft => x.shift_left(y.amount()),
        Binary::ShiftRight => x.shift_right(y.amount()),
        Binary::TowardZero => x.toward_zero(y.to_i64()),
        Binary::Minimum => x.min(y),
        Binary::Maximum => x.max(y),
        Binary::Equal => L::mask(x == y),
        Binary::NotEqual => L::mask(x != y),
        Binary::Less => L::mask(x < y),
        Binary::LessEqual => L::mask(x <= y),
        Binary::And => x.and(y),
        Binary::Or => x.or(y),
        Binary::AndNot => x.and(y.not()),
    }
}

/// Registers for one code.
#[derive(Clone, Debug)]
pub(crate) struct Registers<L> {
    /// Each constant, spread over a block.
    constants: Vec<Vec<L>>,
    temporaries: Vec<Vec<L>>,
    /// Lanes that spiked in the last run.
    pub(crate) fired: Vec<L>,
}

impl<L: Lane> Registers<L> {
    /// Registers that are enough for a code.
    pub(crate) fn new(code: &Code<L>) -> Self {
        Registers {
            constants: code.constants.iter().map(|value| vec![*value; BLOCK]).collect(),
            temporaries: vec![vec![L::ZERO; BLOCK]; code.temporaries],
            fired: vec![L::ZERO; BLOCK],
        }
    }
}

/// The slots that a code runs on: at most [`BLOCK`] of them, from `start` in every array.
pub(crate) struct Lanes<'a, L> {
    /// `[state][slot]`
    pub(crate) states: &'a mut [Vec<L>],
    /// `[parameter][slot]`; empty where the code knows the value.
    pub(crate) parameters: &'a [Vec<L>],
    /// Values changed by the overflow rule, by state.
    pub(crate) changed: &'a mut [u64],
    /// First slot.
    pub(crate) start: usize,
    /// Number of slots.
    pub(crate) count: usize,
    /// Hash of seed and stream by slot; empty where the code draws nothing.
    pub(crate) prefixes: &'a [u64],
    /// Ticks since the last reset.
    pub(crate) step: u64,
}

/// Runs a code; `events` holds the event's value for each lane. Spikes are left in `registers.fired`.
pub(crate) fn run<L: Lane>(
    code: &Code<L>,
    registers: &mut Registers<L>,
    lanes: &mut Lanes<'_, L>,
    events: &[L],
) {
    if code.can_spike {
        registers.fired[..lanes.count].fill(L::ZERO);
    }
    for operation in &code.operations {
        match *operation {
            Operation::Unary { operator, to, x } => {
                let mut target = std::mem::take(&mut registers.temporaries[usize::from(to)]);
                let x = operand(registers, lanes, events, x);
                apply_unary(operator, &mut target[..lanes.count], x);
                registers.temporaries[usize::from(to)] = target;
            }
            Operation::Binary { operator, to, x, y } => {
                let mut target = std::mem::take(&mut registers.temporaries[usize::from(to)]);
                let (x, y) = (operand(registers, lanes, events, x), operand(registers, lanes, events, y));
                apply_binary(operator, &mut target[..lanes.count], x, y);
                registers.temporaries[usize::from(to)] = target;
            }
            Operation::Random { to, bits, draw } => {
                let prefixes = &lanes.prefixes[lanes.start..][..lanes.count];
                for (to, prefix) in registers.temporaries[usize::from(to)].iter_mut().zip(prefixes) {
                    *to = L::from_i64(draw::value(*prefix, lanes.step, draw, bits));
                }
            }
            Operation::Store { state, value, mask, fit } => {
                let mut target = std::mem::take(&mut lanes.states[usize::from(state)]);
                let value = operand(registers, lanes, events, value);
                let mask = mask.map(|mask| operand(registers, lanes, events, mask));
                let changed = store(fit, &mut target[lanes.start..][..lanes.count], value, mask);
                lanes.changed[usize::from(state)] += changed;
                lanes.states[usize::from(state)] = target;
            }
            Operation::Spike { mask } => {
                let mut fired = std::mem::take(&mut registers.fired);
                match mask {
                    None => fired[..lanes.count].fill(L::ONES),
                    Some(mask) => {
                        let mask = operand(registers, lanes, events, mask);
                        fired.iter_mut().zip(mask).for_each(|(fired, mask)| *fired = fired.or(*mask));
                    }
                }
                registers.fired = fired;
            }
        }
    }
}

#[inline]
fn operand<'a, L: Lane>(
    registers: &'a Registers<L>,
    lanes: &'a Lanes<'_, L>,
    events: &'a [L],
    operand: Operand,
) -> &'a [L] {
    let here = lanes.start..lanes.start + lanes.count;
    match operand {
        Operand::Parameter(i) => &lanes.parameters[usize::from(i)][here],
        Operand::Constant(i) => &registers.constants[usize::from(i)][..lanes.count],
        Operand::State(i) => &lanes.states[usize::from(i)][here],
        Operand::Event => &events[..lanes.count],
        Operand::Temporary(i) => &registers.temporaries[usize::from(i)][..lanes.count],
    }
}

/// Chooses the operation outside of the loop, so that each loop is simple enough to become vector code.
fn apply_unary<L: Lane>(operator: Unary, target: &mut [L], x: &[L]) {
    macro_rules! each {
        ($($pattern:pat => $operator:expr),* $(,)?) => {
            match operator {
                $($pattern => target.iter_mut().zip(x).for_each(|(to, x)| *to = unary($operator, *x)),)*
            }
        };
    }
    each! {
        Unary::Copy => Unary::Copy,
        Unary::Negate => Unary::Negate,
        Unary::Absolute => Unary::Absolute,
        Unary::Not => Unary::Not,
        Unary::ShiftLeft(k) => Unary::ShiftLeft(k),
        Unary::ShiftRight(k) => Unary::ShiftRight(k),
        Unary::TowardZero(k) => Unary::TowardZero(k),
        Unary::Wrap(bits) => Unary::Wrap(bits),
    }
}

fn apply_binary<L: Lane>(operator: Binary, target: &mut [L], x: &[L], y: &[L]) {
    macro_rules! each {
        ($($operator:ident)*) => {
            match operator {
                $(Binary::$operator => {
                    for ((to, x), y) in target.iter_mut().zip(x).zip(y) {
                        *to = binary(Binary::$operator, *x, *y);
                    }
                })*
            }
        };
    }
    each! {
        Add Subtract Multiply ShiftLeft ShiftRight TowardZero Minimum Maximum
        Equal NotEqual Less LessEqual And Or AndNot
    }
}

/// Assigns, and counts the values that the overflow rule changed.
fn store<L: Lane>(fit: Fit<L>, target: &mut [L], value: &[L], mask: Option<&[L]>) -> u64 {
    match fit {
        Fit::Always => {
            match mask {
                None => target.copy_from_slice(value),
                Some(mask) => {
                    for ((to, value), mask) in target.iter_mut().zip(value).zip(mask) {
                        *to = value.select(*mask, *to);
                    }
                }
            }
            0
        }
        Fit::WrapSigned(bits) => store_fitted(target, value, mask, |x| x.wrap_signed(bits)),
        Fit::WrapUnsigned(keep) => store_fitted(target, value, mask, |x| x.and(keep)),
        Fit::Saturate(low, high) => store_fitted(target, value, mask, |x| x.max(low).min(high)),
    }
}

#[inline(always)]
fn store_fitted<L: Lane>(target: &mut [L], value: &[L], mask: Option<&[L]>, fit: impl Fn(L) -> L) -> u64 {
    // A mask is -1; the sum of at most 256 of them fits every lane type.
    let mut changed = L::ZERO;
    match mask {
        None => {
            for (to, value) in target.iter_mut().zip(value) {
                *to = fit(*value);
                changed = changed.subtract(L::mask(*to != *value));
            }
        }
        Some(mask) => {
            for ((to, value), mask) in target.iter_mut().zip(value).zip(mask) {
                let fitted = fit(*value);
                *to = fitted.select(*mask, *to);
                changed = changed.subtract(L::mask(fitted != *value).and(*mask));
            }
        }
    }
    changed.to_i64() as u64
}
