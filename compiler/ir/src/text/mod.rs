//! The canonical text of the levels: one grammar, described with examples in docs/ir.md.
//!
//! Printing loses nothing and depends on nothing but its arguments. One thing stands on a line, in the order
//! of the data; runs are written as ranges. Long arrays are written by the SHA-256 of their `.npy` file, and
//! those files come along with the text. Reading takes them through a function, and gives the places of all
//! things along with the data.

mod cores;
mod names;
mod network;
mod npy;
mod parse;
mod places;
mod printer;
mod program;
mod runs;
#[cfg(test)]
mod tests;

pub(crate) use parse::MOST_ELEMENTS;
pub use parse::{
    Header, Level, NetworkText, Parsed, Tensors, header_of, level_of, parse_cores, parse_network,
    parse_placed, parse_program,
};
pub use places::{Places, Site};

use crate::cores::{Cores, Placed};
use crate::network::Network;
use crate::program::Program;
use printer::Printer;
use spikeloom_chip::Chip;

/// The text of a level and the files that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// The text.
    pub text: String,
    /// Arrays that the text names by digest: SHA-256 of the file in hex, and the file in the npy format.
    /// Sorted by digest, each once.
    pub tensors: Vec<(String, Vec<u8>)>,
}

/// Choices in printing. None of them changes what the text means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Writes long arrays into the text instead of naming files.
    pub full: bool,
}

/// Prints a network, with the options (step length, semantics) that go with it.
pub fn network(network: &Network, options: &[(String, String)], style: Style) -> Printed {
    let mut printer = Printer::new(style);
    printer.network(network, options);
    printer.finish()
}

/// Prints a program; the chip gives the names of parameters and state variables.
pub fn program(program: &Program, chip: &Chip, style: Style) -> Printed {
    let mut printer = Printer::new(style);
    printer.program("program", program, chip);
    printer.finish()
}

/// Prints a program with its cores.
pub fn cores(cores: &Cores, chip: &Chip, style: Style) -> Printed {
    let mut printer = Printer::new(style);
    printer.cores(cores, chip);
    printer.finish()
}

/// Prints a program with its cores, their tiles, and the routes between them (which follow from the tiles and
/// are there for the reader).
pub fn placed(placed: &Placed, chip: &Chip, style: Style) -> Printed {
    let mut printer = Printer::new(style);
    printer.placed(placed, chip);
    printer.finish()
}
