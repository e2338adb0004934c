//! What each core has of each net: a table where it is small, lists of the cores that have anything where it would be large.

use crate::level::Level;

/// What a core has of a net.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Cell {
    /// Nodes with a target of it.
    pub(crate) targets: u32,
    /// Rate of its sources there.
    pub(crate) rate: f32,
}

/// A cell in a list.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Listed {
    pub(crate) core: u32,
    /// Nodes with a part in the net.
    pins: u32,
    pub(crate) cell: Cell,
}

/// Cells that are added up at once.
pub(crate) const LANES: usize = 8;
/// Cells of a table at most, of 6 bytes each; beyond there are lists.
const MOST_IN_TABLE: usize = 1 << 27;
/// Cells of lists at most, of 16 bytes each.
const MOST_IN_LISTS: usize = 1 << 27;

/// Whether cells of a level's nets in so many cores can be afforded, as a table or as lists.
pub(crate) fn have_room(level: &Level, cores: usize) -> bool {
    is_table(level, cores) || level.pins.len() <= MOST_IN_LISTS
}

/// Whether a table of them would be small enough.
pub(crate) fn is_small(level: &Level, cores: usize) -> bool {
    level.nets().saturating_mul(cores) <= MOST_IN_TABLE
}

/// Whether they would be a table: it counts targets in two bytes.
fn is_table(level: &Level, cores: usize) -> bool {
    let is_countable = |ends: &[u32]| ends[1] - ends[0] <= u32::from(u16::MAX);
    is_small(level, cores) && level.pin_first.windows(2).all(is_countable)
}

/// The cells.
#[derive(Clone, Debug)]
pub(crate) enum Cells {
    /// `[net][core]`, in rows of a multiple of `LANES`: targets, and what of the net's rate does not come from the core itself:
    /// as it is where no target is, and a first one would add it to traffic, below zero where there are targets, and it is part of traffic.
    Table { width: usize, targets: Vec<u16>, foreign: Vec<f32> },
    /// Of net `g` those of `lists[pin_first[g]..][..used[g]]`, in no order: no net is in more cores than it has pins.
    Lists { used: Vec<u32>, lists: Vec<Listed> },
}

impl Cells {
    pub(crate) fn none(level: &Level, cores: usize) -> Cells {
        if is_table(level, cores) {
            let width = cores.next_multiple_of(LANES);
            let foreign = level.rate.iter().flat_map(|rate| std::iter::repeat_n(*rate, width)).collect();
            return Cells::Table { width, targets: vec![0; level.nets() * width], foreign };
        }
        Cells::Lists { used: vec![0; level.nets()], lists: vec![Listed::default(); level.pins.len()] }
    }
}

/// The cells of a net that are listed.
#[inline]
pub(crate) fn listed<'a>(level: &Level, used: &[u32], lists: &'a [Listed], net: usize) -> &'a [Listed] {
    &lists[level.pin_first[net] as usize..][..used[net] as usize]
}

/// What a core has of a net, by its list.
#[inline]
pub(crate) fn find(list: &[Listed], core: u32) -> Cell {
    list.iter().find(|listed| listed.core == core).map_or(Cell::default(), |listed| listed.cell)
}

/// Adds a pin to a list; gives whether the core had no target before.
pub(crate) fn put(list: &mut [Listed], used: &mut u32, core: u32, is_target: bool, own: f32) -> bool {
    let at = match list[..*used as usize].iter().position(|listed| listed.core == core) {
        Some(at) => at,
        None => {
            list[*used as usize] = Listed { core, ..Listed::default() };
            *used += 1;
            *used as usize - 1
        }
    };
    let listed = &mut list[at];
    let is_first = listed.cell.targets == 0;
    listed.pins += 1;
    listed.cell.targets += u32::from(is_target);
    listed.cell.rate += own;
    is_first
}

/// Takes a pin off a list; gives whether the core has no target any more.
pub(crate) fn take(list: &mut [Listed], used: &mut u32, core: u32, is_target: bool, own: f32) -> bool {
    let Some(at) = list[..*used as usize].iter().position(|listed| listed.core == core) else { return false };
    let listed = &mut list[at];
    listed.pins -= 1;
    listed.cell.targets -= u32::from(is_target);
    listed.cell.rate -= own;
    let is_last = listed.cell.targets == 0;
    if listed.pins == 0 {
        *used -= 1;
        list[at] = list[*used as usize];
    }
    is_last
}
