//! The syntax tree of a checked neuron program: names resolved, types and widths proven.

use super::interval::Interval;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// The index in the program's list.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id! {
    /// A state variable: an index in [`NeuronProgram::states`].
    StateId
}
id! {
    /// A parameter: an index in [`NeuronProgram::parameters`].
    ParameterId
}
id! {
    /// A local: an index in [`NeuronProgram::locals`].
    LocalId
}

/// A checked program; made by [`super::parse`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeuronProgram {
    /// Its name in the chip file.
    pub name: String,
    /// What a neuron remembers.
    pub states: Vec<StateVariable>,
    /// What configures it.
    pub parameters: Vec<Parameter>,
    /// Every `let` of every text; two lets of one name in different blocks are two locals.
    pub locals: Vec<Local>,
    /// Run for each event.
    pub on_event: Block,
    /// Run once a step.
    pub on_tick: Block,
    /// Run after every `on_event` and after every `on_tick`.
    pub after: Option<Block>,
    /// Number of `if`s; their ids are `0..branch_count`.
    pub branch_count: u32,
    /// Number of `random` expressions; their ordinals are `0..draws`.
    pub draws: u32,
    /// The texts it was read from.
    pub texts: ProgramTexts,
}

/// The source texts of a program.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ProgramTexts {
    /// Run for each event.
    pub on_event: String,
    /// Run once a step.
    pub on_tick: String,
    /// Run after either.
    pub after: Option<String>,
}

/// What an assignment does with a value outside of the state's range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Overflow {
    /// Keep the low bits.
    Wrap,
    /// Move to the nearest end of the range.
    Saturate,
    /// A fault of the network: counted, and the value wrapped.
    Trap,
    /// Proven by the checker not to happen.
    Forbid,
}

/// A variable that a neuron keeps between triggers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateVariable {
    /// Its name.
    pub name: String,
    /// Its width, 1..=62.
    pub bits: u32,
    /// Two's complement, or unsigned.
    pub signed: bool,
    /// The rule for values that do not fit.
    pub overflow: Overflow,
}

impl StateVariable {
    /// Every value that it can hold.
    pub fn range(&self) -> Interval {
        declared(self.bits, self.signed)
    }
}

/// A number that the compiler sets and no program changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its width, 1..=62.
    pub bits: u32,
    /// Two's complement, or unsigned.
    pub signed: bool,
    /// Who shares it.
    pub scope: Scope,
}

impl Parameter {
    /// Every value that it can hold.
    pub fn range(&self) -> Interval {
        declared(self.bits, self.signed)
    }
}

fn declared(bits: u32, signed: bool) -> Interval {
    let bits = bits.clamp(1, super::WIDEST_DECLARATION);
    if signed { Interval::signed(bits) } else { Interval::unsigned(bits) }
}

/// Who shares a parameter's value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub enum Scope {
    /// Each slot has its own.
    #[default]
    Slot,
    /// All slots of a profile; the name is that of the profile table.
    Profile(String),
    /// All slots of a core.
    Core,
}

/// A `let`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// Its name.
    pub name: String,
    /// Every value it can have, also in lanes that do not take its branch (see [`super::facts::widest`]).
    pub range: Interval,
}

/// Statements in order.
pub type Block = Vec<Statement>;

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// `NAME := expr;`
    Assign {
        /// The state that changes, by its overflow rule.
        state: StateId,
        /// An integer.
        value: Expression,
    },
    /// `let NAME := expr;`
    Let {
        /// The local that is set.
        local: LocalId,
        /// An integer.
        value: Expression,
    },
    /// `if e { } else { }`; an `else if` is an `If` alone in `otherwise`.
    If {
        /// Unique over the whole program, for coverage; counted through on_event, on_tick, after.
        branch: u32,
        /// A boolean.
        condition: Expression,
        /// Run if it holds.
        then: Block,
        /// Run if it does not.
        otherwise: Block,
    },
    /// `spike;`
    Spike,
}

/// An expression. Which ones are boolean follows from the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// A literal, 0..2^62.
    Integer(i64),
    /// The state's present value.
    State(StateId),
    /// The parameter's value.
    Parameter(ParameterId),
    /// The local's value.
    Local(LocalId),
    /// `w`, the event's value.
    Event,
    /// `-x`
    Negate(Box<Expression>),
    /// `!b`
    Not(Box<Expression>),
    /// `x op y`
    Binary(BinaryOperator, Box<Expression>, Box<Expression>),
    /// `wrap(x, bits)`: two's complement to `bits` bits, 1..=62.
    Wrap(Box<Expression>, u32),
    /// `saturate(x, bits)`: to the signed range of `bits` bits, 1..=62.
    Saturate(Box<Expression>, u32),
    /// `tz(x, k)` = sign(x) * (|x| >> k)
    TowardZero(Box<Expression>, Box<Expression>),
    /// `clamp(x, lo, hi)` = max(lo, min(x, hi))
    Clamp(Box<Expression>, Box<Expression>, Box<Expression>),
    /// `min(x, y)`
    Minimum(Box<Expression>, Box<Expression>),
    /// `max(x, y)`
    Maximum(Box<Expression>, Box<Expression>),
    /// `abs(x)`
    Absolute(Box<Expression>),
    /// `random(bits)`: a draw from 0..2^bits, 1..=32.
    Random {
        /// Its width.
        bits: u32,
        /// Its ordinal among the draws of the program, in the order of the text.
        draw: u32,
    },
}

impl Expression {
    /// The operands, as they stand in the text.
    pub fn children(&self) -> impl Iterator<Item = &Expression> {
        let children: [Option<&Expression>; 3] = match self {
            Expression::Integer(_)
            | Expression::State(_)
            | Expression::Parameter(_)
            | Expression::Local(_)
            | Expression::Event
            | Expression::Random { .. } => [None, None, None],
            Expression::Negate(x)
            | Expression::Not(x)
            | Expression::Wrap(x, _)
            | Expression::Saturate(x, _)
            | Expression::Absolute(x) => [Some(x), None, None],
            Expression::Binary(_, x, y)
            | Expression::TowardZero(x, y)
            | Expression::Minimum(x, y)
            | Expression::Maximum(x, y) => [Some(x), Some(y), None],
            Expression::Clamp(x, low, high) => [Some(x), Some(low), Some(high)],
        };
        children.into_iter().flatten()
    }

    /// Whether its value is a boolean.
    pub fn is_boolean(&self) -> bool {
        match self {
            Expression::Not(_) => true,
            Expression::Binary(operator, ..) => operator.is_comparison() || operator.is_logical(),
            _ => false,
        }
    }
}

/// An operator between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOperator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `<<`
    ShiftLeft,
    /// `>>`, toward minus infinity
    ShiftRight,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `&&`
    And,
    /// `||`
    Or,
}

impl BinaryOperator {
    /// Integers in, a boolean out.
    pub fn is_comparison(self) -> bool {
        use BinaryOperator::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
        matches!(self, Equal | NotEqual | Less | LessEqual | Greater | GreaterEqual)
    }

    /// Booleans in, a boolean out.
    pub fn is_logical(self) -> bool {
        matches!(self, BinaryOperator::And | BinaryOperator::Or)
    }

    /// As it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            BinaryOperator::Add => "+",
            BinaryOperator::Subtract => "-",
            BinaryOperator::Multiply => "*",
            BinaryOperator::ShiftLeft => "<<",
            BinaryOperator::ShiftRight => ">>",
            BinaryOperator::Equal => "==",
            BinaryOperator::NotEqual => "!=",
            BinaryOperator::Less => "<",
            BinaryOperator::LessEqual => "<=",
            BinaryOperator::Greater => ">",
            BinaryOperator::GreaterEqual => ">=",
            BinaryOperator::And => "&&",
            BinaryOperator::Or => "||",
        }
    }
}
