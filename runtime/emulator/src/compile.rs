//! From the syntax tree to bytecode, for parameters of which some are known to be the same in every slot.
//!
//! Known parameters are constants: what follows from them is worked out here, and branches that they rule out are
//! left away. Assignments that interval arithmetic proves to fit need no check.

use crate::bytecode::{Binary, Code, Fit, Operand, Operation, Unary};
use crate::execute::{binary, unary};
use crate::lane::Lane;
use spikeloom_chip::neuron::ast::{BinaryOperator, Expression, NeuronProgram, Overflow, Statement};

/// A parameter, as the compiler sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Known<L> {
    /// The same in every slot.
    Everywhere(L),
    /// An array with a value for each slot.
    BySlot,
}

/// The code of a trigger: its text, then `after`. `may_overflow` says which states need their overflow rule.
pub(crate) fn compile<L: Lane>(
    program: &NeuronProgram,
    text: &[Statement],
    known: &[Known<L>],
    may_overflow: &[bool],
) -> Code<L> {
    let mut compiler = Compiler {
        program,
        known,
        may_overflow,
        code: Code { operations: Vec::new(), constants: Vec::new(), temporaries: 0, can_spike: false },
        free: Vec::new(),
        locals: vec![Value::Constant(L::ZERO); program.locals.len()],
    };
    compiler.block(text, None);
    compiler.block(program.after.as_deref().unwrap_or_default(), None);
    compiler.code
}

/// A value: known now, or somewhere at run time.
#[derive(Clone, Copy, Debug)]
enum Value<L> {
    Constant(L),
    At(Operand),
}

struct Compiler<'a, L> {
    program: &'a NeuronProgram,
    known: &'a [Known<L>],
    may_overflow: &'a [bool],
    code: Code<L>,
    /// Temporaries that can be used again.
    free: Vec<u16>,
    locals: Vec<Value<L>>,
}

impl<L: Lane> Compiler<'_, L> {
    fn block(&mut self, block: &[Statement], mask: Option<Operand>) {
        for statement in block {
            match statement {
                Statement::Spike => {
                    self.code.can_spike = true;
                    self.code.operations.push(Operation::Spike { mask });
                }
                Statement::Let { local, value } => {
                    // A local keeps its register for good; a state's value now must outlive the state.
                    let value = match self.value(value) {
                        Value::At(Operand::State(state)) => {
                            let to = self.temporary();
                            let x = Operand::State(state);
                            self.code.operations.push(Operation::Unary { operator: Unary::Copy, to, x });
                            Value::At(Operand::Temporary(to))
                        }
                        value => value,
                    };
                    self.locals[local.index()] = value;
                }
                Statement::Assign { state, value } => {
                    let value = self.value(value);
                    let operand = self.operand(value);
                    let state = state.0 as u16;
                    if operand != Operand::State(state) {
                        let fit = self.fit(usize::from(state));
                        self.code.operations.push(Operation::Store { state, value: operand, mask, fit });
                    }
                    self.release(value);
                }
                Statement::If { condition, then, otherwise, .. } => {
                    self.branch(condition, then, otherwise, mask)
                }
            }
        }
    }

    fn branch(
        &mut self,
        condition: &Expression,
        then: &[Statement],
        otherwise: &[Statement],
        mask: Option<Operand>,
    ) {
        match self.value(condition) {
            Value::Constant(holds) => self.block(if holds == L::ZERO { otherwise } else { then }, mask),
            Value::At(condition) => {
                // Both masks are made before the first block changes what the condition read. They keep their
                // registers: conditions nest a few levels deep at most.
                let (yes, no) = match mask {
                    None if otherwise.is_empty() => (condition, condition),
                    None => (condition, self.emit_unary(Unary::Not, condition)),
                    Some(mask) => {
                        let yes = self.emit_binary(Binary::And, condition, mask);
                        if otherwise.is_empty() {
                            (yes, yes)
                        } else {
                            (yes, self.emit_binary(Binary::AndNot, mask, condition))
                        }
                    }
                };
                self.block(then, Some(yes));
                if !otherwise.is_empty() {
                    self.block(otherwise, Some(no));
                }
                for used in [condition, yes, no] {
                    self.release(Value::At(used));
                }
            }
        }
    }

    fn fit(&self, state: usize) -> Fit<L> {
        let declared = &self.program.states[state];
        if !self.may_overflow[state] {
            return Fit::Always;
        }
        let range = declared.range();
        let bound = |value: i128| L::from_i64(value as i64);
        match (declared.overflow, declared.signed) {
            (Overflow::Forbid, _) => Fit::Always,
            (Overflow::Saturate, _) => Fit::Saturate(bound(range.low), bound(range.high)),
            (Overflow::Wrap | Overflow::Trap, true) => Fit::WrapSigned(declared.bits),
            (Overflow::Wrap | Overflow::Trap, false) => Fit::WrapUnsigned(bound(range.high)),
        }
    }

    fn value(&mut self, expression: &Expression) -> Value<L> {
        use Expression as E;
        match expression {
            E::Integer(value) => Value::Constant(L::from_i64(*value)),
            E::State(state) => Value::At(Operand::State(state.0 as u16)),
            E::Parameter(parameter) => match self.known[parameter.index()] {
                Known::Everywhere(value) => Value::Constant(value),
                Known::BySlot => Value::At(Operand::Parameter(parameter.0 as u16)),
            },
            E::Local(local) => self.locals[local.index()],
            E::Event => Value::At(Operand::Event),
            E::Random { bits, draw } => {
                let to = self.temporary();
                self.code.operations.push(Operation::Random { to, bits: *bits, draw: *draw });
                Value::At(Operand::Temporary(to))
            }
            E::Negate(x) => self.unary(Unary::Negate, x),
            E::Not(x) => self.unary(Unary::Not, x),
            E::Absolute(x) => self.unary(Unary::Absolute, x),
            E::Wrap(x, bits) => {
                // What fits the lane fits as many bits.
                if *bits >= L::BITS { self.value(x) } else { self.unary(Unary::Wrap(*bits), x) }
            }
            E::Saturate(x, bits) => {
                let x = self.value(x);
                if *bits >= L::BITS {
                    return x;
                }
                let high = (1i64 << (bits - 1)) - 1;
                let low = self.apply(Binary::Maximum, x, Value::Constant(L::from_i64(-high - 1)));
                self.apply(Binary::Minimum, low, Value::Constant(L::from_i64(high)))
            }
            E::TowardZero(x, k) => self.shift(Binary::TowardZero, x, k),
            E::Clamp(x, low, high) => {
                let (x, low, high) = (self.value(x), self.value(low), self.value(high));
                let below = self.apply(Binary::Minimum, x, high);
                self.apply(Binary::Maximum, below, low)
            }
            E::Minimum(x, y) => self.binary(Binary::Minimum, x, y),
            E::Maximum(x, y) => self.binary(Binary::Maximum, x, y),
            E::Binary(operator, x, y) => match operator {
                BinaryOperator::Add => self.binary(Binary::Add, x, y),
                BinaryOperator::Subtract => self.binary(Binary::Subtract, x, y),
                BinaryOperator::Multiply => self.binary(Binary::Multiply, x, y),
                BinaryOperator::ShiftLeft => self.shift(Binary::ShiftLeft, x, y),
                BinaryOperator::ShiftRight => self.shift(Binary::ShiftRight, x, y),
                BinaryOperator::Equal => self.binary(Binary::Equal, x, y),
                BinaryOperator::NotEqual => self.binary(Binary::NotEqual, x, y),
                BinaryOperator::Less => self.binary(Binary::Less, x, y),
                BinaryOperator::LessEqual => self.binary(Binary::LessEqual, x, y),
                BinaryOperator::Greater => self.binary(Binary::Less, y, x),
                BinaryOperator::GreaterEqual => self.binary(Binary::LessEqual, y, x),
                BinaryOperator::And => self.binary(Binary::And, x, y),
                BinaryOperator::Or => self.binary(Binary::Or, x, y),
            },
        }
    }

    fn unary(&mut self, operator: Unary, x: &Expression) -> Value<L> {
        let x = self.value(x);
        self.apply_unary(operator, x)
    }

    fn apply_unary(&mut self, operator: Unary, x: Value<L>) -> Value<L> {
        match x {
            Value::Constant(x) => Value::Constant(unary(operator, x)),
            Value::At(operand) => {
                let to = self.emit_unary(operator, operand);
                self.release(x);
                Value::At(to)
            }
        }
    }

    fn binary(&mut self, operator: Binary, x: &Expression, y: &Expression) -> Value<L> {
        let (x, y) = (self.value(x), self.value(y));
        self.apply(operator, x, y)
    }

    /// A shift; one by a known amount is an operation of its own, since few machines shift each lane by its own amount.
    fn shift(&mut self, operator: Binary, x: &Expression, k: &Expression) -> Value<L> {
        let (x, k) = (self.value(x), self.value(k));
        match (k, operator) {
            (Value::Constant(k), Binary::ShiftLeft) => self.apply_unary(Unary::ShiftLeft(k.amount()), x),
            (Value::Constant(k), Binary::ShiftRight) => self.apply_unary(Unary::ShiftRight(k.amount()), x),
            (Value::Constant(k), _) if k.to_i64() >= i64::from(L::BITS) => {
                self.release(x);
                Value::Constant(L::ZERO)
            }
            (Value::Constant(k), _) => self.apply_unary(Unary::TowardZero(k.amount()), x),
            _ => self.apply(operator, x, k),
        }
    }

    fn apply(&mut self, operator: Binary, x: Value<L>, y: Value<L>) -> Value<L> {
        match (operator, x, y) {
            (_, Value::Constant(x), Value::Constant(y)) => Value::Constant(binary(operator, x, y)),
            (Binary::Add | Binary::Or, value, Value::Constant(zero))
            | (Binary::Add | Binary::Or, Value::Constant(zero), value)
            | (Binary::Subtract, value, Value::Constant(zero))
                if zero == L::ZERO =>
            {
                value
            }
            (Binary::Multiply, value, Value::Constant(zero))
            | (Binary::Multiply, Value::Constant(zero), value)
                if zero == L::ZERO =>
            {
                self.release(value);
                Value::Constant(L::ZERO)
            }
            (Binary::And, value, Value::Constant(ones)) | (Binary::And, Value::Constant(ones), value)
                if ones == L::ONES =>
            {
                value
            }
            _ => {
                let (left, right) = (self.operand(x), self.operand(y));
                let to = self.emit_binary(operator, left, right);
                self.release(x);
                self.release(y);
                Value::At(to)
            }
        }
    }

    fn emit_unary(&mut self, operator: Unary, x: Operand) -> Operand {
        let to = self.temporary();
        self.code.operations.push(Operation::Unary { operator, to, x });
        Operand::Temporary(to)
    }

    fn emit_binary(&mut self, operator: Binary, x: Operand, y: Operand) -> Operand {
        let to = self.temporary();
        self.code.operations.push(Operation::Binary { operator, to, x, y });
        Operand::Temporary(to)
    }

    fn operand(&mut self, value: Value<L>) -> Operand {
        match value {
            Value::At(operand) => operand,
            Value::Constant(value) => {
                let known = self.code.constants.iter().position(|c| *c == value);
                let index = known.unwrap_or_else(|| {
                    self.code.constants.push(value);
                    self.code.constants.len() - 1
                });
                Operand::Constant(index as u16)
            }
        }
    }

    fn temporary(&mut self) -> u16 {
        self.free.pop().unwrap_or_else(|| {
            self.code.temporaries += 1;
            (self.code.temporaries - 1) as u16
        })
    }

    /// Gives a temporary back, unless a local holds it.
    fn release(&mut self, value: Value<L>) {
        let Value::At(Operand::Temporary(register)) = value else { return };
        let is_local = |local: &Value<L>| matches!(local, Value::At(Operand::Temporary(r)) if *r == register);
        if !self.free.contains(&register) && !self.locals.iter().any(is_local) {
            self.free.push(register);
        }
    }
}
