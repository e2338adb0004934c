//! Images that others wrote: a folder with a text file of bits for each memory of each core.
//!
//! The text is that of Verilog's `$readmemb`: words of binary digits (`_` between them) separated by white
//! space, `//` and `/* */` comments, `@ADDRESS` in hex to go on elsewhere. Which files hold which memory, and
//! what their bits mean, says the chip file. A core none of whose files is there has no content and is left
//! out; a slot that its file leaves out is idle.

use crate::bits::MemoryBits;
use crate::decode::decode_core;
use crate::image::{Image, capacity};
use crate::memory::CoreMemory;
use spikeloom_chip::Chip;
use spikeloom_chip::layout::{Layout, set_bits};
use spikeloom_chip::schema::{CoreType, Holds, Per, Record};
use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};
use std::path::Path;

/// Reads a folder of memory texts as an image of this chip.
pub fn read_folder(folder: &Path, chip: &Chip) -> Result<Image> {
    let mut cores = Vec::new();
    let mut faults = Vec::new();
    for number in chip.core_numbers() {
        match read_core(folder, chip, number) {
            Ok(Some(memory)) => cores.push((number as u32, memory)),
            Ok(None) => {}
            Err(Diagnostics(more)) => faults.extend(more),
        }
    }
    if cores.is_empty() && faults.is_empty() {
        let fault = Diagnostic::error(
            "SL0360",
            format!("no memory of a core of `{}` stands in this folder", chip.name()),
        );
        faults.push(
            fault
                .at_file(folder.display().to_string())
                .hint("name the chip (and variant) that the files are for with --chip"),
        );
    }
    if !faults.is_empty() {
        return Err(Diagnostics(faults));
    }
    let meta = vec![("chip".into(), chip.name().into()), ("chip-digest".into(), chip.digest.clone())];
    Ok(Image { chip: chip.clone(), meta, cores, host: None, debug: None })
}

fn read_core(folder: &Path, chip: &Chip, number: usize) -> Result<Option<CoreMemory>> {
    let Some((_, core)) = chip.core_at(number) else { return Ok(None) };
    let mut memories = Vec::new();
    let mut found = false;
    for record in &core.records {
        let layout = Layout::new(&record.fields, Some(&core.neuron));
        let rows = capacity(core, record);
        let mut bits = MemoryBits::zeros(&layout, rows);
        if record.per == Per::Slot {
            (0..rows).for_each(|slot| write_idle(core, &layout, bits.row_mut(slot)));
        }
        if let Some(pattern) = &record.text_file {
            let path = folder.join(pattern.replace("{core}", &format!("{number:03}")));
            if path.exists() {
                found = true;
                let bytes = crate::files::read(&path)?;
                read_text(&bytes, &path.display().to_string(), record, &layout, &mut bits)?;
            }
        }
        memories.push(bits);
    }
    if !found {
        return Ok(None);
    }
    let name = format!("{} core {number}", folder.display());
    decode_core(core, &memories, &name).map(Some)
}

fn write_idle(core: &CoreType, layout: &Layout, row: &mut [u64]) {
    for field in &layout.fields {
        if let Holds::Parameter(name) = &field.holds {
            field.write(row, 0, core.neuron.idle.get(name).copied().unwrap_or(0));
        }
    }
}

fn read_text(
    bytes: &[u8],
    file: &str,
    record: &Record,
    layout: &Layout,
    bits: &mut MemoryBits,
) -> Result<()> {
    let text = String::from_utf8_lossy(bytes);
    let fault =
        |offset: usize, message: String| Diagnostic::error("SL0361", message).at_offset(file, &text, offset);
    let mut row = 0usize;
    for (offset, word) in words(&text) {
        if let Some(address) = word.strip_prefix('@') {
            // The number's own reader would take a sign.
            let digits = address.chars().all(|c| c.is_ascii_hexdigit()).then_some(address);
            row = digits
                .and_then(|digits| usize::from_str_radix(digits, 16).ok())
                .ok_or_else(|| fault(offset, format!("`{word}` is no address")))?;
            continue;
        }
        let digits: Vec<char> = word.chars().filter(|c| *c != '_').collect();
        if let Some(other) = digits.iter().find(|c| !matches!(**c, '0' | '1')) {
            return Err(fault(offset, format!("`{other}` is no binary digit")).into());
        }
        if digits.len() != layout.width as usize {
            return Err(fault(offset, format!("this row of `{}` has the wrong width", record.name))
                .need_have(format!("{} digits", layout.width), digits.len())
                .field(format!("records.{}", record.name))
                .hint("the files belong to another variant of the chip, or its parameters differ")
                .into());
        }
        if row >= bits.rows() {
            return Err(fault(offset, format!("`{}` has more rows than the core", record.name))
                .need_have(row.saturating_add(1), bits.rows())
                .into());
        }
        let words = bits.row_mut(row);
        words.fill(0);
        for (i, digit) in digits.iter().rev().enumerate() {
            set_bits(words, i as u32, 1, u64::from(*digit == '1'));
        }
        row += 1;
    }
    Ok(())
}

/// Words with their byte offsets, comments left out.
fn words(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let first = rest.chars().next().unwrap_or(' ');
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            at += rest.find("*/").map_or(rest.len(), |i| i + 2);
        } else if first.is_whitespace() {
            at += first.len_utf8();
        } else {
            let end = rest
                .find(|c: char| c.is_whitespace() || c == '/')
                .unwrap_or(rest.len())
                .max(first.len_utf8());
            found.push((at, &rest[..end]));
            at += end;
        }
    }
    found
}
