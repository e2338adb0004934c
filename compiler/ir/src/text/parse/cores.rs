//! The Cores level: its program, then the cores.

use super::Level;
use super::cursor::{Cursor, Step};
use super::lines::Lines;
use super::program;
use super::structure::{Names, Reader};
use crate::cores::{Core, Cores, Destination};
use crate::text::places::CorePlaces;
use spikeloom_chip::Chip;

pub(super) fn read(reader: &mut Reader<'_>, chip: &Chip) -> Cores {
    let mut block = Block::default();
    let program = program::read(reader, Level::Cores, chip, |reader, _| block.core(reader, |_| Ok(())));
    block.resolve(&mut reader.cursor);
    Cores { program, cores: block.cores }
}

/// The cores as they are read.
#[derive(Default)]
pub(super) struct Block {
    pub(super) cores: Vec<Core>,
    pub(super) labels: Names,
    waiting: Vec<Waiting>,
}

/// Destinations in a core that may stand further down.
pub(super) struct Waiting {
    /// Core that sends.
    pub(super) core: usize,
    /// Slots that send.
    pub(super) slots: std::ops::Range<usize>,
    /// Position among the destinations of each.
    pub(super) position: usize,
    /// Name of the core that hears.
    pub(super) label: String,
    /// Where it stands.
    pub(super) at: usize,
}

impl Block {
    /// Reads a core; `place` reads what stands between its type and its lines.
    pub(super) fn core<'a>(
        &mut self,
        reader: &mut Reader<'a>,
        place: impl FnOnce(&mut Cursor<'a>) -> Step<()>,
    ) -> Step<()> {
        let number = self.cores.len();
        let at = reader.cursor.advance().start;
        reader.places.cores.push(CorePlaces { at, tile: at, ..CorePlaces::default() });
        let nothing = Vec::new;
        self.cores.push(Core {
            name: String::new(),
            core_type: String::new(),
            slots: Vec::new(),
            axons: Vec::new(),
            type_values: nothing(),
            formats: Vec::new(),
        });
        let (name, _) = reader.cursor.label()?;
        // Known by its name from here on, whatever is wrong with it.
        self.labels.insert(&name, number as u32);
        self.cores[number].name = name;
        reader.cursor.keyword("type")?;
        reader.cursor.sign("=")?;
        self.cores[number].core_type = reader.cursor.string()?;
        reader.places.cores[number].tile = reader.cursor.at();
        place(&mut reader.cursor)?;
        reader.cursor.sign("{")?;
        let mut lines = Lines::new(number, &mut self.cores[number], &mut self.waiting);
        lines.read(reader);
        Ok(())
    }

    /// Finds the cores that destinations name.
    pub(super) fn resolve(&mut self, cursor: &mut Cursor<'_>) {
        for waiting in std::mem::take(&mut self.waiting) {
            let Some(found) = self.labels.get(&waiting.label) else {
                let message = format!("there is no core @{}", waiting.label);
                cursor.fault("SL1105", waiting.at, message, &self.labels.hint("cores"));
                continue;
            };
            for slot in &mut self.cores[waiting.core].slots[waiting.slots] {
                if let Some(Destination::Axon { core, .. }) = slot.destinations.get_mut(waiting.position) {
                    *core = found;
                }
            }
        }
    }
}
