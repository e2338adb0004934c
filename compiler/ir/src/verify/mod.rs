//! Verifiers: what must hold of each level, all of it checked, every violation reported.
//!
//! The head of each module numbers its invariants; the messages say which thing breaks one, and where it stands if the
//! places of a text are given. A level of a text and one made by a pass are held to the same.
//! What is verified is so by its type: [`Verified`] comes from nowhere else.

mod common;
mod cores;
mod network;
mod placed;
mod program;

pub use cores::cores;
pub use network::network;
pub use placed::placed;
pub use program::program;

use crate::cores::Placed;
use crate::text::{Places, Site};
use spikeloom_chip::Chip;
use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};
use std::ops::Deref;

/// What a verifier found nothing wrong with.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified<T>(T);

impl<T> Verified<T> {
    /// Gives it away; it may be changed again, and is no longer verified.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// Verifies placed cores for a chip: what an image may be written of.
pub fn verified_placed(level: Placed, chip: &Chip, places: Option<&Places>) -> Result<Verified<Placed>> {
    let found = placed(&level, chip, places);
    if found.is_empty() { Ok(Verified(level)) } else { Err(Diagnostics(found)) }
}

/// What was found so far, and how the things are called.
struct Findings<'a> {
    places: Option<&'a Places>,
    labels: Labels<'a>,
    found: Vec<Diagnostic>,
}

/// Names for things where there is no text to point into.
#[derive(Default)]
struct Labels<'a> {
    source: &'a str,
    populations: Vec<&'a str>,
    connections: Vec<(usize, usize)>,
    outputs: Vec<&'a str>,
    cores: Vec<&'a str>,
}

impl Labels<'_> {
    fn population(&self, i: usize) -> &str {
        self.populations.get(i).copied().unwrap_or("?")
    }

    fn path(&self, site: Site) -> String {
        let core = |c: usize| format!("core @{}", self.cores.get(c).copied().unwrap_or("?"));
        match site {
            Site::Header => "header".to_string(),
            Site::Population(i) | Site::Field(i, _) => format!("population {}", self.population(i)),
            Site::Connection(i) => {
                let (source, target) = self.connections.get(i).copied().unwrap_or((usize::MAX, usize::MAX));
                format!("connection {} -> {}", self.population(source), self.population(target))
            }
            Site::Output(i) | Site::Channels(i) => {
                format!("output {}", self.outputs.get(i).copied().unwrap_or("?"))
            }
            Site::Core(c) | Site::Tile(c) => core(c),
            Site::Slot(c, s) | Site::TypeValues(c, s) | Site::Out(c, s) => format!("{} slot {s}", core(c)),
            Site::Format(c, f) => format!("{} format {f}", core(c)),
            Site::Axon(c, a) | Site::Synapses(c, a) => format!("{} in-axon {a}", core(c)),
        }
    }
}

impl<'a> Findings<'a> {
    fn new(places: Option<&'a Places>, labels: Labels<'a>) -> Findings<'a> {
        Findings { places, labels, found: Vec::new() }
    }

    fn report(&mut self, site: Site, diagnostic: Diagnostic) {
        self.found.push(match self.places {
            Some(places) => places.at(site, diagnostic),
            None => diagnostic.at_node(self.labels.source, self.labels.path(site)),
        });
    }

    fn add(&mut self, site: Site, code: &'static str, message: String) {
        self.report(site, Diagnostic::error(code, message));
    }
}

/// Counts faults of one kind in one thing: the first is shown, and how many there are.
struct Count<T> {
    first: Option<T>,
    count: u64,
}

impl<T> Count<T> {
    fn new() -> Count<T> {
        Count { first: None, count: 0 }
    }

    fn add(&mut self, fault: impl FnOnce() -> T) {
        self.count += 1;
        if self.first.is_none() {
            self.first = Some(fault());
        }
    }

    /// ` (and N more like it)`, or nothing.
    fn more(&self) -> String {
        if self.count < 2 { String::new() } else { format!(" (and {} more like it)", self.count - 1) }
    }
}
