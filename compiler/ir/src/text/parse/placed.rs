//! The Placed level: cores with their tiles, channels, and routes that are only checked.

use super::Level;
use super::cores::Block;
use super::cursor::{Cursor, Step};
use super::program;
use super::structure::Reader;
use crate::cores::{Cores, Placed};
use crate::text::cores::routes;
use spikeloom_chip::Chip;

/// A route as it was read.
struct Read {
    at: usize,
    from: (String, usize),
    /// `None` for the way out.
    to: Option<(String, usize)>,
    hops: String,
}

pub(super) fn read(reader: &mut Reader<'_>, chip: &Chip) -> Placed {
    let (mut block, mut sites) = (Block::default(), Vec::new());
    let (mut channels, mut found) = (Vec::new(), Vec::new());
    let program = program::read(reader, Level::Placed, chip, |reader, word| {
        match word {
            "channels" => channels.push(of_output(reader, channels.len())?),
            "core" => {
                let place = |cursor: &mut Cursor<'_>| {
                    sites.push(site(cursor, chip)?);
                    Ok(())
                };
                block.core(reader, place)?;
            }
            _ => found.push(route(&mut reader.cursor)?),
        }
        Ok(())
    });
    block.resolve(&mut reader.cursor);
    let cores = Cores { program, cores: std::mem::take(&mut block.cores) };
    let placed = Placed { cores, sites, channels };
    if reader.cursor.found.is_empty() {
        check(&mut reader.cursor, &placed, chip, &block, found);
    }
    placed
}

/// `channels %output = [0..10]`.
fn of_output(reader: &mut Reader<'_>, number: usize) -> Step<Vec<u32>> {
    let at = reader.cursor.advance().start;
    let (name, name_at) = reader.cursor.name()?;
    let wanted = reader.outputs.get(number).map(|output| output.name.as_str());
    if wanted != Some(&name) {
        let hint = wanted.map_or("every output has had its channels".to_string(), |name| {
            format!("the next output is {name}")
        });
        reader.cursor.fault("SL1105", name_at, format!("the channels of `{name}` do not come here"), &hint);
    }
    reader.places.channels.push(at);
    let cursor = &mut reader.cursor;
    cursor.sign("=")?;
    cursor.sign("[")?;
    let mut channels = Vec::new();
    let mut is_first = true;
    while !cursor.takes_sign("]") {
        if !std::mem::take(&mut is_first) {
            cursor.sign(",")?;
        }
        let range = cursor.range()?;
        cursor.charge(range.len, range.at)?;
        channels.extend((range.start..range.start + range.len).map(|channel| channel as u32));
    }
    Ok(channels)
}

/// `tile=(x,y)`, with the member where nodes hold several cores; or `site=N`.
fn site(cursor: &mut Cursor<'_>, chip: &Chip) -> Step<u32> {
    if let Some(site) = cursor.fact("site")? {
        return Ok(site);
    }
    let at = cursor.at();
    cursor.keyword("tile")?;
    cursor.sign("=")?;
    cursor.sign("(")?;
    let x = cursor.integer::<u32>()?;
    cursor.sign(",")?;
    let y = cursor.integer::<u32>()?;
    cursor.sign(")")?;
    let member = cursor.fact::<u32>("member")?;
    let (width, height) = chip.mesh;
    if x >= width || y >= height {
        let message = format!("there is no tile ({x},{y})");
        return Err(cursor.fault("SL1160", at, message, &format!("the mesh has {width} x {height} nodes")));
    }
    if member.unwrap_or(0) >= chip.members || (chip.members > 1 && member.is_none()) {
        let message = format!("the tile does not say which of its {} cores is meant", chip.members);
        return Err(cursor.fault("SL1160", at, message, "write tile=(x,y) member=N"));
    }
    Ok(chip.site_number(x, y, member.unwrap_or(0)) as u32)
}

/// `route @a -> @b : E local`.
fn route(cursor: &mut Cursor<'_>) -> Step<Read> {
    let at = cursor.advance().start;
    let from = cursor.label()?;
    cursor.sign("->")?;
    let to = if cursor.takes_word("output") { None } else { Some(cursor.label()?) };
    cursor.sign(":")?;
    let mut hops = String::new();
    loop {
        let hop = cursor.word("E, W, N, S or local")?;
        hops.push_str(hop);
        if hop == "local" {
            return Ok(Read { at, from, to, hops });
        }
        hops.push(' ');
    }
}

/// Holds the routes against those that follow from the tiles.
fn check(cursor: &mut Cursor<'_>, placed: &Placed, chip: &Chip, block: &Block, found: Vec<Read>) {
    let follow = routes(placed, chip);
    for route in found {
        let mut known = |(label, at): &(String, usize)| {
            let number = block.labels.get(label);
            if number.is_none() {
                let message = format!("there is no core @{label}");
                cursor.fault("SL1105", *at, message, &block.labels.hint("cores"));
            }
            number
        };
        let from = known(&route.from);
        let to = route.to.as_ref().map(known);
        let (Some(from), true) = (from, to != Some(None)) else { continue };
        // The routes follow each other by core, then by target.
        let of_core = follow.partition_point(|r| r.from < from)..follow.partition_point(|r| r.from <= from);
        let right = follow[of_core].iter().find(|r| r.to == to.flatten());
        if right.is_none_or(|right| right.hops != route.hops) {
            let hint = match right {
                Some(right) => format!("it is {}", right.hops),
                None => "no slot of the core sends there".to_string(),
            };
            let message = "the route does not follow from the tiles".to_string();
            cursor.fault("SL1111", route.at, message, &hint);
        }
    }
}
