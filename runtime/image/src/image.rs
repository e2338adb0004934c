//! An image: a chip, the contents of its memories, and the host's tables.

use crate::bits::MemoryBits;
use crate::container::{self, Section};
use crate::decode::decode_core;
use crate::encode::encode_core;
use crate::host::{Debug, Host};
use crate::memory::CoreMemory;
use crate::wire::{Reader, Writer};
use spikeloom_chip::Chip;
use spikeloom_chip::layout::Layout;
use spikeloom_chip::schema::{CoreType, OutOrganisation, Per, Record, Reset, Store};
use spikeloom_diagnostics::{Diagnostic, Result};

/// Everything that an emulator needs, and nothing of the compiler.
#[derive(Clone, Debug)]
pub struct Image {
    /// The chip, from the text that the image carries.
    pub chip: Chip,
    /// Where it comes from: `(name, value)`, only what can change the result.
    pub meta: Vec<(String, String)>,
    /// Core number and memories of each core, ascending.
    pub cores: Vec<(u32, CoreMemory)>,
    /// The host's tables; a foreign image has none and takes and gives raw packets.
    pub host: Option<Host>,
    /// Names and roles.
    pub debug: Option<Debug>,
}

impl Image {
    /// The bytes of the `.loom` file.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut sections = vec![
            Section { name: "META".into(), bytes: self.write_meta() },
            Section { name: "CHIP".into(), bytes: self.chip.text.clone().into_bytes() },
            Section { name: "MEM".into(), bytes: self.write_memories()? },
        ];
        if let Some(host) = &self.host {
            sections.push(Section { name: "HOST.IN".into(), bytes: host.write_inputs() });
            sections.push(Section { name: "HOST.OUT".into(), bytes: host.write_outputs() });
            if !host.readouts.is_empty() {
                sections.push(Section { name: "HOSTREAD".into(), bytes: host.write_readouts() });
            }
        }
        if let Some(debug) = &self.debug {
            sections.push(Section { name: "SYMBOLS".into(), bytes: debug.write_symbols() });
            sections.push(Section { name: "WITNESS".into(), bytes: debug.write_witness() });
        }
        Ok(container::write(&sections))
    }

    /// Reads a `.loom` file.
    pub fn from_bytes(bytes: &[u8], file: &str) -> Result<Image> {
        let sections = container::read(bytes, file)?;
        let section = |name: &str| sections.iter().find(|s| s.name == name).map(|s| s.bytes.as_slice());
        let needed = |name: &str| -> Result<&[u8]> {
            let missing = || Diagnostic::error("SL0354", format!("section {name} is missing")).at_file(file);
            Ok(section(name).ok_or_else(missing)?)
        };
        let chip_text = std::str::from_utf8(needed("CHIP")?)
            .map_err(|_| Diagnostic::error("SL0354", "section CHIP is not UTF-8").at_file(file))?;
        let chip = spikeloom_chip::read_canonical(chip_text, &format!("{file} (section CHIP)"))?;
        let meta = read_meta(needed("META")?, file)?;
        if let Some((_, digest)) = meta.iter().find(|(name, _)| name == "chip-digest")
            && *digest != chip.digest
        {
            return Err(Diagnostic::error(
                "SL0355",
                "the image was made for another description of its chip",
            )
            .at_file(file)
            .need_have(digest, &chip.digest)
            .hint("compile it anew")
            .into());
        }
        let cores = read_memories(&chip, needed("MEM")?, file)?;
        let host = match (section("HOST.IN"), section("HOST.OUT")) {
            (None, None) => None,
            _ => Some(Host::read(needed("HOST.IN")?, needed("HOST.OUT")?, section("HOSTREAD"), file)?),
        };
        let debug = match (section("SYMBOLS"), section("WITNESS")) {
            (None, None) => None,
            _ => Some(Debug::read(needed("SYMBOLS")?, needed("WITNESS")?, file)?),
        };
        Ok(Image { chip, meta, cores, host, debug })
    }

    /// What brings state back between samples: the weakest means among the cores' types.
    pub fn reset(&self) -> Reset {
        let types = self.chip.description.core_types.values();
        types.map(|core| core.neuron.reset).find(|reset| *reset == Reset::Never).unwrap_or(Reset::HostWrite)
    }

    fn write_meta(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u32(self.meta.len() as u32);
        for (name, value) in &self.meta {
            writer.text(name);
            writer.text(value);
        }
        writer.0
    }

    fn write_memories(&self) -> Result<Vec<u8>> {
        let mut writer = Writer::default();
        writer.u32(self.cores.len() as u32);
        for (number, memory) in &self.cores {
            let (_, core) =
                self.chip.core_at(*number as usize).ok_or_else(|| no_core(*number, "the image"))?;
            writer.u32(*number);
            for bits in encode_core(core, memory, &format!("core {number}"))? {
                writer.u32(bits.rows() as u32);
                writer.0.extend(bits.to_bytes());
            }
        }
        Ok(writer.0)
    }
}

fn no_core(number: u32, file: &str) -> Diagnostic {
    Diagnostic::error("SL0356", format!("the chip has no core {number}")).at_file(file).field("fabric")
}

fn read_meta(bytes: &[u8], file: &str) -> Result<Vec<(String, String)>> {
    let mut reader = Reader::new("META", file, bytes);
    let count = reader.count(8)?;
    let meta = (0..count).map(|_| Ok((reader.text()?, reader.text()?))).collect::<Result<_>>()?;
    reader.end()?;
    Ok(meta)
}

fn read_memories(chip: &Chip, bytes: &[u8], file: &str) -> Result<Vec<(u32, CoreMemory)>> {
    let mut reader = Reader::new("MEM", file, bytes);
    let mut cores: Vec<(u32, CoreMemory)> = Vec::new();
    for _ in 0..reader.count(4)? {
        let number = reader.u32()?;
        let (_, core) = chip.core_at(number as usize).ok_or_else(|| no_core(number, file))?;
        if cores.last().is_some_and(|(last, _)| *last >= number) {
            return reader.fault("its cores are out of order");
        }
        let mut memories = Vec::new();
        for record in &core.records {
            let layout = Layout::new(&record.fields, Some(&core.neuron));
            let rows = reader.u32()? as usize;
            if rows > capacity(core, record) {
                return reader.fault(&format!("core {number} has {rows} rows of `{}`", record.name));
            }
            let bytes = reader.bytes(rows * MemoryBits::row_bytes(layout.width))?;
            match MemoryBits::from_bytes(&layout, rows, bytes) {
                Some(bits) => memories.push(bits),
                None => return reader.fault(&format!("unused bits of `{}` are set", record.name)),
            }
        }
        cores.push((number, decode_core(core, &memories, &format!("core {number}"))?));
    }
    reader.end()?;
    Ok(cores)
}

/// Rows that a memory has at most.
pub(crate) fn capacity(core: &CoreType, record: &Record) -> usize {
    (match (&record.per, &core.store, core.out_axons.organisation) {
        (Per::Slot, _, _) => core.slots,
        (Per::InAxon, _, _) => core.in_axons.count,
        (Per::Profile(name), _, _) => core.profiles.get(name).copied().unwrap_or(0),
        (Per::Core, _, _) => 1,
        (Per::OutEntry, _, OutOrganisation::Table { entries }) => entries,
        (Per::OutEntry, _, OutOrganisation::PerSlot { .. }) => 0,
        (Per::Format, Store::BlockLists { formats, .. }, _) => *formats,
        (Per::SynapseWord, Store::BlockLists { words, .. }, _) => *words,
        (Per::Format | Per::SynapseWord, Store::BitCrossbar { .. }, _) => 0,
    }) as usize
}
