//! Reading texts back: what the printer wrote gives the same data, and what can't be read is said by line and column.
//!
//! One reader serves all levels. It keeps no tree: each line is turned into data at once. It never looks further
//! than a token ahead and never calls itself, and memory for what a text only claims to hold (`7 x 4000000000`) is
//! counted before it is taken. After a fault it goes on at a line that opens with a word it knows, so that one
//! reading finds all faults. What is well-formed but can't be right is the business of [`crate::verify`].

mod arrays;
mod cores;
mod cursor;
mod lexer;
mod lines;
mod network;
mod placed;
mod program;
mod structure;

use super::Places;
use crate::cores::{Cores, Placed};
use crate::network::Network;
use crate::program::Program;
use cursor::Cursor;
use spikeloom_chip::Chip;
use spikeloom_diagnostics::{Diagnostics, Result};
use structure::Reader;

/// Elements of all arrays, slots and in-axons that a text may ask for.
pub(crate) const MOST_ELEMENTS: u64 = 1 << 28;

/// Gives the `.npy` file of a digest, if it is there.
pub type Tensors<'a> = &'a dyn Fn(&str) -> Option<Vec<u8>>;

/// A level that was read, and where its things stand in the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed<T> {
    /// The level.
    pub value: T,
    /// Where its things stand.
    pub places: Places,
}

/// A network with the options that its text carries.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkText {
    /// The network.
    pub network: Network,
    /// Options as `(name, value)`, in their order.
    pub options: Vec<(String, String)>,
}

/// The levels that have a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Populations and connections as the framework has them.
    Network,
    /// Bound to a chip.
    Program,
    /// Spread over logical cores.
    Cores,
    /// With their sites.
    Placed,
}

impl Level {
    /// Its word in the header.
    pub fn word(self) -> &'static str {
        match self {
            Level::Network => "network",
            Level::Program => "program",
            Level::Cores => "cores",
            Level::Placed => "placed",
        }
    }

    /// Whether its texts have parts that open with this word.
    fn has(self, word: &str) -> bool {
        match word {
            "fired" => self >= Level::Program,
            "core" => self >= Level::Cores,
            "channels" | "route" => self == Level::Placed,
            _ => true,
        }
    }
}

/// The head of a text: what it says of itself before a chip is needed to read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its level.
    pub level: Level,
    /// Facts of the header (`chip`, `source`, their digests), in their order.
    pub facts: Vec<(String, String)>,
    /// Options, in their order.
    pub options: Vec<(String, String)>,
}

impl Header {
    /// The value of a fact.
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.facts.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The level of a text, if it is the text of one.
pub fn level_of(text: &str) -> Option<Level> {
    header_of(text).map(|header| header.level)
}

/// The head of a text, if it is the text of a level. Faults in it are left to the reading proper.
pub fn header_of(text: &str) -> Option<Header> {
    // The head ends with its options; only so much is read, and no line of it is long.
    let mut lines = text.split_inclusive('\n').enumerate();
    let is_head = |(i, line): &(usize, &str)| *i == 0 || line.trim_start().starts_with("option");
    let len: usize = lines.by_ref().take_while(is_head).map(|(_, line)| line.len()).sum();
    let head = &text[..len];
    let none = |_: &str| None;
    let mut cursor = Cursor::new(head, "", &none);
    cursor.keyword("loom").ok()?;
    cursor.integer::<u32>().ok()?;
    cursor.keyword("level").ok()?;
    cursor.sign("=").ok()?;
    let word = cursor.word("a level").ok()?;
    let levels = [Level::Network, Level::Program, Level::Cores, Level::Placed];
    let level = levels.into_iter().find(|level| level.word() == word)?;
    let (mut facts, mut options) = (Vec::new(), Vec::new());
    while !cursor.is_at_end() {
        let is_option = cursor.takes_word("option");
        let (Some(name), true) = (string_or_bare(&mut cursor), cursor.takes_sign("=")) else { break };
        let Some(value) = string_or_bare(&mut cursor) else { break };
        if is_option { options.push((name, value)) } else { facts.push((name, value)) }
    }
    Some(Header { level, facts, options })
}

fn string_or_bare(cursor: &mut Cursor<'_>) -> Option<String> {
    if cursor.is_quoted() {
        return cursor.string().ok();
    }
    let text = cursor.bare().map(String::from);
    cursor.advance();
    text
}

/// Reads a network. `file` is the name that diagnostics show.
pub fn parse_network(text: &str, file: &str, tensors: Tensors<'_>) -> Result<Parsed<NetworkText>> {
    read(text, file, tensors, network::read)
}

/// Reads a program for a chip, whose digest must be the one in the header.
pub fn parse_program(text: &str, file: &str, chip: &Chip, tensors: Tensors<'_>) -> Result<Parsed<Program>> {
    read(text, file, tensors, |reader| program::read(reader, Level::Program, chip, |_, _| Ok(())))
}

/// Reads a program with its cores.
pub fn parse_cores(text: &str, file: &str, chip: &Chip, tensors: Tensors<'_>) -> Result<Parsed<Cores>> {
    read(text, file, tensors, |reader| cores::read(reader, chip))
}

/// Reads a program with its cores and their tiles. Routes must be those that follow from the tiles.
pub fn parse_placed(text: &str, file: &str, chip: &Chip, tensors: Tensors<'_>) -> Result<Parsed<Placed>> {
    read(text, file, tensors, |reader| placed::read(reader, chip))
}

fn read<T>(
    text: &str,
    file: &str,
    tensors: Tensors<'_>,
    read: impl FnOnce(&mut Reader<'_>) -> T,
) -> Result<Parsed<T>> {
    let mut reader = Reader::new(Cursor::new(text, file, tensors));
    let value = read(&mut reader);
    let Reader { cursor, mut places, .. } = reader;
    if !cursor.found.is_empty() {
        return Err(Diagnostics(cursor.found));
    }
    places.source = cursor.source;
    Ok(Parsed { value, places })
}
