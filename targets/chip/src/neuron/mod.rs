//! The neuron language: small integer programs that say what a chip's neuron does.
//!
//! The specification is docs/neuron-language.md. This module holds the syntax tree ([`ast`]), the parser and
//! the checker behind [`parse`], the interval interpreter ([`ranges`]) which the checker and the compiler use
//! for proofs, and what can be derived about a program ([`facts`]). Evaluators are written by others,
//! several times and apart, so that their agreement means something.

pub mod ast;
mod check;
pub mod facts;
pub mod interval;
mod lexer;
mod names;
mod narrow;
mod parser;
pub mod ranges;
#[cfg(test)]
mod tests;
mod tree;
mod types;
mod widths;

pub use ast::{
    BinaryOperator, Block, Expression, Local, LocalId, NeuronProgram, Overflow, Parameter, ParameterId,
    ProgramTexts, Scope, StateId, StateVariable, Statement,
};
pub use interval::Interval;

/// The widest state, parameter, and width argument, in bits.
pub const WIDEST_DECLARATION: u32 = 62;

/// The widest random draw, in bits.
pub const WIDEST_DRAW: u32 = 32;

/// Every intermediate value is proven to fit in this many signed bits, so that 64-bit lanes are safe.
pub const WIDEST_INTERMEDIATE: u32 = 63;

/// The values that the checker assumes an event may carry: signed 32 bits. A store must keep to them.
pub const EVENT_RANGE: Interval = Interval::signed(32);

/// One fault in a neuron program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramFault {
    /// `SL02xx`, listed in `spikeloom_diagnostics::codes`.
    pub code: &'static str,
    /// Which text: `on_event`, `on_tick`, `after`, or the declarations: `state`, `parameters`.
    pub text: &'static str,
    /// Byte offset in the text; for declarations the index in their list.
    pub offset: usize,
    /// What is wrong.
    pub message: String,
    /// A way out.
    pub hint: Option<String>,
}

/// Parses and checks a program. On failure all faults that could be found, in order of text and offset.
///
/// A syntax error ends the reading of its own text only; widths are checked in each text that has no other
/// fault.
///
/// # Errors
///
/// Any fault in the declarations or the texts; a returned program has none.
pub fn parse(
    name: &str,
    states: Vec<StateVariable>,
    parameters: Vec<Parameter>,
    texts: ProgramTexts,
) -> Result<NeuronProgram, Vec<ProgramFault>> {
    check::check(name, states, parameters, texts)
}
