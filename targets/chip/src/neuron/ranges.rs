//! The interval interpreter: which values a program can produce.
//!
//! It is sound (every concrete result lies in the intervals) and, if all inputs are points, exact. An `if`
//! whose condition is not decided joins both branches, after narrowing in each what the condition says about
//! single states, locals and parameters.

use super::ast::{
    BinaryOperator, Expression, LocalId, NeuronProgram, Overflow, StateId, StateVariable, Statement,
};
use super::interval::Interval;
use super::narrow::narrow;

/// What one trigger can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Each state afterwards.
    pub states: Vec<Interval>,
    /// Whether some input spikes.
    pub may_spike: bool,
    /// Whether every input spikes.
    pub must_spike: bool,
    /// Per state: whether its overflow rule may have changed a value.
    pub may_overflow: Vec<bool>,
}

/// `on_event`, then `after`, for every event value in `w`.
///
/// The intervals must lie within the declared ranges and `w` within [`super::EVENT_RANGE`]; the slices have
/// one entry per declaration.
pub fn event(program: &NeuronProgram, states: &[Interval], parameters: &[Interval], w: Interval) -> Outcome {
    trigger(program, &program.on_event, states, parameters, w)
}

/// `on_tick`, then `after`. Inputs as for [`event`].
pub fn tick(program: &NeuronProgram, states: &[Interval], parameters: &[Interval]) -> Outcome {
    trigger(program, &program.on_tick, states, parameters, Interval::point(0))
}

fn trigger(
    program: &NeuronProgram,
    first: &[Statement],
    states: &[Interval],
    parameters: &[Interval],
    w: Interval,
) -> Outcome {
    let mut environment = Environment::new(program, states, parameters, w);
    let mut nobody = Nobody;
    let mut machine = Machine::new(&program.states, Mode::Taken, &mut nobody);
    machine.block(&mut environment, first);
    machine.block(&mut environment, program.after.as_deref().unwrap_or_default());
    Outcome {
        states: environment.states,
        may_spike: environment.may_spike,
        must_spike: environment.must_spike,
        may_overflow: machine.may_overflow,
    }
}

/// How conditions are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// A decided condition takes one branch; an undecided one narrows and joins.
    Taken,
    /// As an evaluator with lanes does it: all branches run one after the other in all lanes, and only the
    /// assignments are masked. Holds for every evaluator, whether it branches or not.
    EveryLane,
}

/// Is told what the interpreter finds.
pub(super) trait Observer {
    /// An integer expression's range. What is returned is used instead.
    fn value(&mut self, _expression: &Expression, range: Interval) -> Interval {
        range
    }
    /// A shift amount. What is returned is used instead.
    fn shift(&mut self, _amount: &Expression, range: Interval) -> Interval {
        range
    }
    /// An assignment, and whether the value fits its state for sure.
    fn assign(&mut self, _state: StateId, _value: &Expression, _range: Interval, _fits: bool) {}
    /// A local.
    fn local(&mut self, _local: LocalId, _range: Interval) {}
}

pub(super) struct Nobody;

impl Observer for Nobody {}

/// What is known at one point of a program.
#[derive(Clone, Debug)]
pub(super) struct Environment {
    states: Vec<Interval>,
    parameters: Vec<Interval>,
    locals: Vec<Interval>,
    w: Interval,
    may_spike: bool,
    must_spike: bool,
}

impl Environment {
    pub(super) fn new(
        program: &NeuronProgram,
        states: &[Interval],
        parameters: &[Interval],
        w: Interval,
    ) -> Environment {
        Environment {
            states: states.to_vec(),
            parameters: parameters.to_vec(),
            locals: vec![Interval::point(0); program.locals.len()],
            w,
            may_spike: false,
            must_spike: false,
        }
    }

    fn join(mut self, other: &Environment) -> Environment {
        for (mine, theirs) in [
            (&mut self.states, &other.states),
            (&mut self.parameters, &other.parameters),
            (&mut self.locals, &other.locals),
        ] {
            for (mine, theirs) in mine.iter_mut().zip(theirs) {
                *mine = mine.join(*theirs);
            }
        }
        self.w = self.w.join(other.w);
        self.may_spike |= other.may_spike;
        self.must_spike &= other.must_spike;
        self
    }

    /// Where the value of a plain name is kept, so that a condition can narrow it.
    pub(super) fn place(&mut self, expression: &Expression) -> Option<&mut Interval> {
        match expression {
            Expression::State(id) => self.states.get_mut(id.index()),
            Expression::Parameter(id) => self.parameters.get_mut(id.index()),
            Expression::Local(id) => self.locals.get_mut(id.index()),
            Expression::Event => Some(&mut self.w),
            _ => None,
        }
    }
}

/// Which truth values a condition can have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Truth {
    pub(super) yes: bool,
    pub(super) no: bool,
}

/// Walks a program over intervals.
pub(super) struct Machine<'a, O> {
    declared: &'a [StateVariable],
    mode: Mode,
    observer: &'a mut O,
    may_overflow: Vec<bool>,
}

impl<'a, O: Observer> Machine<'a, O> {
    pub(super) fn new(declared: &'a [StateVariable], mode: Mode, observer: &'a mut O) -> Self {
        Machine { declared, mode, observer, may_overflow: vec![false; declared.len()] }
    }

    pub(super) fn block(&mut self, environment: &mut Environment, block: &[Statement]) {
        for statement in block {
            match statement {
                Statement::Spike => {
                    environment.may_spike = true;
                    environment.must_spike = true;
                }
                Statement::Let { local, value } => {
                    let range = self.value(environment, value);
                    self.observer.local(*local, range);
                    environment.locals[local.index()] = range;
                }
                Statement::Assign { state, value } => {
                    let range = self.value(environment, value);
                    let kept = self.keep(*state, value, range);
                    environment.states[state.index()] = kept;
                }
                Statement::If { condition, then, otherwise, .. } => {
                    let truth = self.truth(environment, condition);
                    *environment = match self.mode {
                        Mode::Taken => self.branch(environment, condition, truth, [then, otherwise]),
                        Mode::EveryLane => self.masked(environment, [then, otherwise]),
                    };
                }
            }
        }
    }

    fn branch(
        &mut self,
        environment: &Environment,
        condition: &Expression,
        truth: Truth,
        [then, otherwise]: [&[Statement]; 2],
    ) -> Environment {
        let mut arms = [(true, truth.yes, then), (false, truth.no, otherwise)].into_iter().filter_map(
            |(holds, possible, block)| {
                let mut inside = environment.clone();
                (possible && narrow(&mut inside, condition, holds)).then(|| {
                    self.block(&mut inside, block);
                    inside
                })
            },
        );
        match (arms.next(), arms.next()) {
            (Some(first), Some(second)) => first.join(&second),
            (Some(only), None) => only,
            // Narrowing found both sides empty, which no concrete state allows: claim nothing.
            _ => environment.clone(),
        }
    }

    /// Both blocks in turn over all lanes; a lane may have taken part in either.
    fn masked(&mut self, environment: &Environment, blocks: [&[Statement]; 2]) -> Environment {
        let mut all = environment.clone();
        for block in blocks {
            for statement in block {
                let before = all.clone();
                self.block(&mut all, std::slice::from_ref(statement));
                all = all.join(&before);
            }
        }
        all
    }

    /// The state's value after an assignment.
    fn keep(&mut self, state: StateId, value: &Expression, range: Interval) -> Interval {
        let declared = &self.declared[state.index()];
        let (bits, whole, overflow) = (declared.bits, declared.range(), declared.overflow);
        let fits = whole.covers(range);
        self.observer.assign(state, value, range, fits);
        self.may_overflow[state.index()] |= !fits;
        match overflow {
            Overflow::Saturate => range.saturate_into(whole),
            // A lane that is off may compute what does not fit, but does not store it.
            Overflow::Forbid if self.mode == Mode::EveryLane => range.meet(whole).unwrap_or(whole),
            Overflow::Wrap | Overflow::Trap | Overflow::Forbid => range.wrap_into(whole, bits),
        }
    }

    /// The range of an integer expression.
    pub(super) fn value(&mut self, environment: &Environment, expression: &Expression) -> Interval {
        use Expression as E;
        let range = match expression {
            E::Integer(value) => Interval::point(i128::from(*value)),
            E::State(id) => environment.states[id.index()],
            E::Parameter(id) => environment.parameters[id.index()],
            E::Local(id) => environment.locals[id.index()],
            E::Event => environment.w,
            E::Random { bits, .. } => Interval::unsigned(*bits),
            E::Negate(x) => self.value(environment, x).negate(),
            E::Absolute(x) => self.value(environment, x).absolute(),
            E::Wrap(x, bits) => self.value(environment, x).wrap_into(Interval::signed(*bits), *bits),
            E::Saturate(x, bits) => self.value(environment, x).saturate_into(Interval::signed(*bits)),
            E::TowardZero(x, k) => {
                let x = self.value(environment, x);
                x.toward_zero(self.amount(environment, k))
            }
            E::Clamp(x, low, high) => {
                let (x, low) = (self.value(environment, x), self.value(environment, low));
                x.minimum(self.value(environment, high)).maximum(low)
            }
            E::Minimum(x, y) => self.value(environment, x).minimum(self.value(environment, y)),
            E::Maximum(x, y) => self.value(environment, x).maximum(self.value(environment, y)),
            E::Binary(BinaryOperator::Add, x, y) => {
                self.value(environment, x).add(self.value(environment, y))
            }
            E::Binary(BinaryOperator::Subtract, x, y) => {
                self.value(environment, x).subtract(self.value(environment, y))
            }
            E::Binary(BinaryOperator::Multiply, x, y) => {
                self.value(environment, x).multiply(self.value(environment, y))
            }
            E::Binary(BinaryOperator::ShiftLeft, x, k) => {
                let x = self.value(environment, x);
                x.shift_left(self.amount(environment, k))
            }
            E::Binary(BinaryOperator::ShiftRight, x, k) => {
                let x = self.value(environment, x);
                x.shift_right(self.amount(environment, k))
            }
            // Not of integers: the checker lets none through. Claim all that a number could be.
            E::Not(_) | E::Binary(..) => Interval::new(0, 1),
        };
        self.observer.value(expression, range)
    }

    fn amount(&mut self, environment: &Environment, expression: &Expression) -> Interval {
        let range = self.value(environment, expression);
        self.observer.shift(expression, range).saturate_into(Interval::new(0, 62))
    }

    pub(super) fn truth(&mut self, environment: &Environment, condition: &Expression) -> Truth {
        match condition {
            Expression::Not(x) => {
                let truth = self.truth(environment, x);
                Truth { yes: truth.no, no: truth.yes }
            }
            Expression::Binary(BinaryOperator::And, x, y) => {
                let (x, y) = (self.truth(environment, x), self.truth(environment, y));
                Truth { yes: x.yes && y.yes, no: x.no || y.no }
            }
            Expression::Binary(BinaryOperator::Or, x, y) => {
                let (x, y) = (self.truth(environment, x), self.truth(environment, y));
                Truth { yes: x.yes || y.yes, no: x.no && y.no }
            }
            Expression::Binary(operator, x, y) => {
                let (x, y) = (self.value(environment, x), self.value(environment, y));
                compare(*operator, x, y)
            }
            _ => Truth { yes: true, no: true },
        }
    }
}

fn compare(operator: BinaryOperator, x: Interval, y: Interval) -> Truth {
    use BinaryOperator as B;
    let less = Truth { yes: x.low < y.high, no: x.high >= y.low };
    let less_equal = Truth { yes: x.low <= y.high, no: x.high > y.low };
    let equal = Truth { yes: x.meet(y).is_some(), no: !(x.is_point() && x == y) };
    let not = |truth: Truth| Truth { yes: truth.no, no: truth.yes };
    match operator {
        B::Less => less,
        B::LessEqual => less_equal,
        B::Greater => not(less_equal),
        B::GreaterEqual => not(less),
        B::Equal => equal,
        B::NotEqual => not(equal),
        _ => Truth { yes: true, no: true },
    }
}
