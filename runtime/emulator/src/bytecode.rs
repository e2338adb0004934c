//! Bytecode: a neuron program as a list of operations on blocks of lanes.
//!
//! There are no jumps. Both branches of an `if` run in all lanes and only assignments and spikes are masked, which the
//! language's proof allows. A boolean is a mask: all bits of its lane, or none.

/// Lanes that run together at most.
pub(crate) const BLOCK: usize = 256;

/// Where an operation finds an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operand {
    /// A parameter that differs between slots.
    Parameter(u16),
    /// A constant of the code, spread over a block.
    Constant(u16),
    /// A state variable as it is now.
    State(u16),
    /// The value of the event.
    Event,
    /// A temporary.
    Temporary(u16),
}

/// Integers in, an integer or a mask out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    Add,
    Subtract,
    Multiply,
    ShiftLeft,
    ShiftRight,
    TowardZero,
    Minimum,
    Maximum,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    And,
    Or,
    /// The first and not the second.
    AndNot,
}

/// One operand in; amounts and widths are part of the operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unary {
    Copy,
    Negate,
    Absolute,
    Not,
    ShiftLeft(u32),
    ShiftRight(u32),
    TowardZero(u32),
    /// Two's complement to so many bits.
    Wrap(u32),
}

/// What an assignment does with a value that does not fit its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit<L> {
    /// It was proven to fit.
    Always,
    /// Two's complement to so many bits.
    WrapSigned(u32),
    /// Only these bits are kept.
    WrapUnsigned(L),
    /// The nearest value within.
    Saturate(L, L),
}

/// One operation. A destination is never one of its own operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation<L> {
    /// `to := operator x`
    Unary { operator: Unary, to: u16, x: Operand },
    /// `to := x operator y`
    Binary { operator: Binary, to: u16, x: Operand, y: Operand },
    /// `to :=` a random draw
    Random { to: u16, bits: u32, draw: u32 },
    /// `state := value`, where the mask holds.
    Store { state: u16, value: Operand, mask: Option<Operand>, fit: Fit<L> },
    /// A spike, where the mask holds.
    Spike { mask: Option<Operand> },
}

/// The code of one trigger.
#[derive(Clone, Debug, Default)]
pub(crate) struct Code<L> {
    /// What it does, in order.
    pub(crate) operations: Vec<Operation<L>>,
    /// Values of its constants.
    pub(crate) constants: Vec<L>,
    /// Temporaries that it needs.
    pub(crate) temporaries: usize,
    /// Whether it can spike.
    pub(crate) can_spike: bool,
}
