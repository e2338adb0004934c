//! Where the things of a level stand in its text, so that what is found wrong with them can be shown there.

use spikeloom_diagnostics::{Diagnostic, Place};

/// A thing of a level that can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// The header.
    Header,
    /// A population.
    Population(usize),
    /// A field of a population: parameters in order, then states; in a network the bias, then the model's.
    Field(usize, usize),
    /// A connection.
    Connection(usize),
    /// An output.
    Output(usize),
    /// The channels of an output.
    Channels(usize),
    /// A core.
    Core(usize),
    /// The place of a core.
    Tile(usize),
    /// A slot of a core.
    Slot(usize, usize),
    /// The type values of a slot of a core.
    TypeValues(usize, usize),
    /// A format of a core.
    Format(usize, usize),
    /// An in-axon of a core.
    Axon(usize, usize),
    /// The synapses of an in-axon of a core.
    Synapses(usize, usize),
    /// The destinations of a slot of a core.
    Out(usize, usize),
}

/// A text with its lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Source {
    file: String,
    text: String,
    lines: Vec<usize>,
}

impl Source {
    pub(super) fn new(file: &str, text: &str) -> Source {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(i, _)| i + 1)).collect();
        Source { file: file.to_string(), text: text.to_string(), lines }
    }

    /// Like [`Diagnostic::at_offset`], but without counting lines anew for each diagnostic.
    pub(super) fn place(&self, offset: usize) -> Place {
        let offset = self.text.floor_char_boundary(offset);
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or(0);
        let column = self.text[start..offset].chars().count() + 1;
        let source_line = self.text[start..].lines().next().unwrap_or("").to_string();
        Place::Text { file: self.file.clone(), line, column, source_line }
    }
}

/// Lines that begin at a number (of a slot, of an in-axon), with their offsets; numbers never fall.
pub(super) type Lines = Vec<(u32, usize)>;

/// Where the lines of a core stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CorePlaces {
    pub(super) at: usize,
    pub(super) tile: usize,
    pub(super) slots: Lines,
    pub(super) values: Lines,
    pub(super) formats: Vec<usize>,
    pub(super) axons: Lines,
    pub(super) synapses: Lines,
    pub(super) out: Lines,
}

/// Where everything stands in a text that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    pub(super) source: Source,
    pub(super) populations: Vec<usize>,
    pub(super) fields: Vec<Vec<usize>>,
    pub(super) connections: Vec<usize>,
    pub(super) outputs: Vec<usize>,
    pub(super) channels: Vec<usize>,
    pub(super) cores: Vec<CorePlaces>,
}

impl Places {
    /// The place of a thing, or of what holds it.
    pub fn place(&self, site: Site) -> Place {
        self.source.place(self.offset(site).unwrap_or(0))
    }

    /// A diagnostic at the place of a thing.
    pub fn at(&self, site: Site, diagnostic: Diagnostic) -> Diagnostic {
        diagnostic.at(self.place(site))
    }

    fn offset(&self, site: Site) -> Option<usize> {
        let core = |c: usize| self.cores.get(c);
        let line = |c: usize, lines: fn(&CorePlaces) -> &Lines, number: usize| {
            let core = core(c)?;
            let lines = lines(core);
            let after = lines.partition_point(|(first, _)| *first as usize <= number);
            Some(after.checked_sub(1).map_or(core.at, |i| lines[i].1))
        };
        match site {
            Site::Header => Some(0),
            Site::Population(i) => self.populations.get(i).copied(),
            Site::Field(i, f) => {
                let field = self.fields.get(i).and_then(|fields| fields.get(f));
                field.or(self.populations.get(i)).copied()
            }
            Site::Connection(i) => self.connections.get(i).copied(),
            Site::Output(i) => self.outputs.get(i).copied(),
            Site::Channels(i) => self.channels.get(i).or(self.outputs.get(i)).copied(),
            Site::Core(c) => core(c).map(|core| core.at),
            Site::Tile(c) => core(c).map(|core| core.tile),
            Site::Format(c, f) => core(c).map(|core| core.formats.get(f).copied().unwrap_or(core.at)),
            Site::Slot(c, s) => line(c, |core| &core.slots, s),
            Site::TypeValues(c, s) => line(c, |core| &core.values, s),
            Site::Axon(c, a) => line(c, |core| &core.axons, a),
            Site::Synapses(c, a) => line(c, |core| &core.synapses, a),
            Site::Out(c, s) => line(c, |core| &core.out, s),
        }
    }
}
