//! Neuron programs on concrete values, by a walk over the syntax tree.
//!
//! Written from docs/neuron-language.md alone, and kept free of every cleverness: values are 128 bits wide, so
//! that no intermediate is ever in doubt, and each width that matters is applied where the specification
//! applies it. The emulator has its own implementation; that both agree is the point.

use spikeloom_chip::neuron::{BinaryOperator, Expression, NeuronProgram, Overflow, Statement};

/// What happened in the runs of a program, for the coverage of a test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Values that were wrapped: in assignments to states under `Wrap`, and by `wrap(..)`.
    pub wraps: u64,
    /// Values that were moved to the end of a range: under `Saturate`, and by `saturate(..)`.
    pub saturations: u64,
    /// Values that did not fit a state under `Trap`.
    pub traps: u64,
    /// For each `if`, by number: how often its condition did not hold, and how often it did.
    pub branches: Vec<[u64; 2]>,
}

impl Seen {
    /// Nothing seen yet.
    pub fn new(program: &NeuronProgram) -> Seen {
        Seen { branches: vec![[0; 2]; program.branch_count as usize], ..Seen::default() }
    }

    /// Ways out of an `if`, two for each: those that were taken, and all.
    pub fn branch_sides(&self) -> (usize, usize) {
        (self.branches.iter().flatten().filter(|count| **count > 0).count(), self.branches.len() * 2)
    }
}

/// Runs one program, one neuron at a time.
#[derive(Clone, Debug)]
pub struct Evaluator<'p> {
    program: &'p NeuronProgram,
    /// Kept between calls to save the allocation; a local is always set before it is read.
    locals: Vec<i128>,
    /// Seed, stream, and step of the next tick.
    draws: [u64; 3],
}

impl<'p> Evaluator<'p> {
    /// An evaluator of this program.
    pub fn new(program: &'p NeuronProgram) -> Evaluator<'p> {
        Evaluator { program, locals: vec![0; program.locals.len()], draws: [0; 3] }
    }

    /// Whose random draws the ticks from here on make: seed of the run, stream of the neuron, and ticks since the
    /// last reset. All are 0 at first.
    pub fn set_draws(&mut self, seed: u64, stream: u32, step: u64) {
        self.draws = [seed, stream.into(), step];
    }

    /// The program.
    pub fn program(&self) -> &'p NeuronProgram {
        self.program
    }

    /// One event with value `w`: on_event, then after. Spikes emitted: 0 or 1.
    ///
    /// # Panics
    ///
    /// If there are fewer states or parameters than the program has. Each must lie in its declared range.
    pub fn run_event(&mut self, states: &mut [i64], parameters: &[i64], w: i64, seen: &mut Seen) -> u32 {
        self.trigger(&self.program.on_event, states, parameters, w, seen)
    }

    /// One tick: on_tick, then after. Spikes emitted: 0 or 1.
    ///
    /// # Panics
    ///
    /// As [`Evaluator::run_event`].
    pub fn run_tick(&mut self, states: &mut [i64], parameters: &[i64], seen: &mut Seen) -> u32 {
        self.trigger(&self.program.on_tick, states, parameters, 0, seen)
    }

    fn trigger(
        &mut self,
        text: &'p [Statement],
        states: &mut [i64],
        parameters: &[i64],
        w: i64,
        seen: &mut Seen,
    ) -> u32 {
        let (program, locals, draws) = (self.program, self.locals.as_mut_slice(), self.draws);
        let w = i128::from(w);
        let mut run = Run { program, states, parameters, locals, draws, w, seen, spiked: false };
        run.block(text);
        if let Some(after) = &program.after {
            run.block(after);
        }
        u32::from(run.spiked)
    }
}

/// One trigger of one neuron.
struct Run<'r> {
    program: &'r NeuronProgram,
    states: &'r mut [i64],
    parameters: &'r [i64],
    locals: &'r mut [i128],
    draws: [u64; 3],
    w: i128,
    seen: &'r mut Seen,
    spiked: bool,
}

impl Run<'_> {
    fn block(&mut self, statements: &[Statement]) {
        for statement in statements {
            match statement {
                Statement::Assign { state, value } => {
                    let value = self.integer(value);
                    self.assign(state.index(), value);
                }
                Statement::Let { local, value } => self.locals[local.index()] = self.integer(value),
                Statement::If { branch, condition, then, otherwise } => {
                    let holds = self.boolean(condition);
                    if let Some(counts) = self.seen.branches.get_mut(*branch as usize) {
                        counts[usize::from(holds)] += 1;
                    }
                    self.block(if holds { then } else { otherwise });
                }
                Statement::Spike => self.spiked = true,
            }
        }
    }

    fn assign(&mut self, index: usize, value: i128) {
        let state = &self.program.states[index];
        let (low, high) = if state.signed { signed_range(state.bits) } else { (0, power(state.bits) - 1) };
        let fitting = if (low..=high).contains(&value) {
            value
        } else {
            match state.overflow {
                Overflow::Wrap => self.seen.wraps += 1,
                Overflow::Saturate => self.seen.saturations += 1,
                Overflow::Trap => self.seen.traps += 1,
                Overflow::Forbid => {
                    debug_assert!(false, "{value} assigned to {}, proven not to happen", state.name)
                }
            }
            match state.overflow {
                Overflow::Saturate => value.clamp(low, high),
                _ => congruent(value, low, state.bits),
            }
        };
        self.states[index] = narrow(fitting);
    }

    fn boolean(&mut self, expression: &Expression) -> bool {
        use BinaryOperator as Op;
        match expression {
            Expression::Not(x) => !self.boolean(x),
            Expression::Binary(Op::And, x, y) => self.boolean(x) && self.boolean(y),
            Expression::Binary(Op::Or, x, y) => self.boolean(x) || self.boolean(y),
            Expression::Binary(operator, x, y) if operator.is_comparison() => {
                let (x, y) = (self.integer(x), self.integer(y));
                match operator {
                    Op::Equal => x == y,
                    Op::NotEqual => x != y,
                    Op::Less => x < y,
                    Op::LessEqual => x <= y,
                    Op::Greater => x > y,
                    _ => x >= y,
                }
            }
            // The type checker lets no integer come here.
            _ => self.integer(expression) != 0,
        }
    }

    fn integer(&mut self, expression: &Expression) -> i128 {
        let value = match expression {
            Expression::Integer(value) => i128::from(*value),
            Expression::State(id) => i128::from(self.states[id.index()]),
            Expression::Parameter(id) => i128::from(self.parameters[id.index()]),
            Expression::Local(id) => self.locals[id.index()],
            Expression::Event => self.w,
            Expression::Negate(x) => -self.integer(x),
            Expression::Binary(operator, x, y) if !operator.is_comparison() && !operator.is_logical() => {
                let (x, y) = (self.integer(x), self.integer(y));
                arithmetic(*operator, x, y)
            }
            Expression::Wrap(x, bits) => {
                let (x, (low, high)) = (self.integer(x), signed_range(*bits));
                if (low..=high).contains(&x) {
                    x
                } else {
                    self.seen.wraps += 1;
                    congruent(x, low, *bits)
                }
            }
            Expression::Saturate(x, bits) => {
                let (x, (low, high)) = (self.integer(x), signed_range(*bits));
                self.seen.saturations += u64::from(!(low..=high).contains(&x));
                x.clamp(low, high)
            }
            Expression::TowardZero(x, k) => {
                let (x, k) = (self.integer(x), self.integer(k));
                x.signum() * floor_shift(x.abs(), k)
            }
            Expression::Clamp(x, low, high) => {
                let (x, low, high) = (self.integer(x), self.integer(low), self.integer(high));
                x.min(high).max(low)
            }
            Expression::Minimum(x, y) => self.integer(x).min(self.integer(y)),
            Expression::Maximum(x, y) => self.integer(x).max(self.integer(y)),
            Expression::Absolute(x) => self.integer(x).abs(),
            Expression::Random { bits, draw } => {
                let [seed, stream, step] = self.draws.map(u128::from);
                random(&[seed, stream, step, u128::from(*draw)], *bits)
            }
            // The type checker lets no boolean come here.
            Expression::Not(_) | Expression::Binary(..) => i128::from(self.boolean(expression)),
        };
        debug_assert!((-power(62)..power(62)).contains(&value), "{value} is wider than the checker proved");
        value
    }
}

fn arithmetic(operator: BinaryOperator, x: i128, y: i128) -> i128 {
    match operator {
        BinaryOperator::Add => x + y,
        BinaryOperator::Subtract => x - y,
        BinaryOperator::Multiply => x * y,
        BinaryOperator::ShiftLeft => x * power(shift_amount(y)),
        _ => floor_shift(x, y),
    }
}

/// The greatest integer not above x / 2^k; Rust's shift of a signed number is just that.
fn floor_shift(x: i128, k: i128) -> i128 {
    x >> shift_amount(k)
}

fn shift_amount(k: i128) -> u32 {
    debug_assert!((0..=62).contains(&k), "shift amount {k} is outside of what the checker proved");
    k.clamp(0, 62) as u32
}

/// A draw with so many bits, from its four words; modulo 2^64 in numbers that are wide enough not to wrap.
fn random(words: &[u128], bits: u32) -> i128 {
    const MODULUS: u128 = 1 << 64;
    let mix = |z: u128| {
        let z = (z ^ (z >> 30)) * 0xbf58_476d_1ce4_e5b9 % MODULUS;
        let z = (z ^ (z >> 27)) * 0x94d0_49bb_1331_11eb % MODULUS;
        z ^ (z >> 31)
    };
    let hash = words.iter().fold(0, |hash, word| mix((hash + word + 0x9e37_79b9_7f4a_7c15) % MODULUS));
    (hash / (1 << (64 - bits))) as i128
}

fn power(bits: u32) -> i128 {
    1 << bits
}

/// The ends of the signed range of so many bits.
fn signed_range(bits: u32) -> (i128, i128) {
    (-power(bits - 1), power(bits - 1) - 1)
}

/// The value in `low .. low + 2^bits` that differs from x by a multiple of 2^bits.
fn congruent(x: i128, low: i128, bits: u32) -> i128 {
    low + (x - low).rem_euclid(power(bits))
}

/// States are at most 62 bits wide.
fn narrow(value: i128) -> i64 {
    debug_assert!(i64::try_from(value).is_ok());
    value as i64
}
