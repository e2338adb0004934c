//! The `.loom` container: named sections, every byte of them under a checksum. See docs/image.md.
//!
//! The table's offsets and lengths are redundant on purpose: they must say exactly what the order of the
//! payloads says, so there is one way to write a given list of sections and no byte that nothing looks at.

use std::collections::BTreeSet;

use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};

use crate::files::seems_to_be;

/// The first eight bytes. As in PNG, the first is not ASCII and the line ends show a text-mode transfer.
pub const MAGIC: [u8; 8] = *b"\x89LOOM\r\n\x1a";

/// The version of the container that this crate writes, and the only one that it reads.
pub const VERSION: u32 = 1;

/// Magic, version, number of sections.
const HEADER: usize = 16;
/// Name, offset, length, checksum.
const ENTRY: usize = 28;
/// The checksum of header and table.
const CHECK: usize = 4;

/// A named run of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// One to eight printable ASCII characters without space.
    pub name: String,
    /// The payload.
    pub bytes: Vec<u8>,
}

/// The container with these sections, in this order.
///
/// # Panics
///
/// If a name is not one to eight printable ASCII characters or stands twice: names are the program's own.
pub fn write(sections: &[Section]) -> Vec<u8> {
    let table = HEADER + sections.len() * ENTRY + CHECK;
    let mut out = Vec::with_capacity(table + sections.iter().map(|s| s.bytes.len()).sum::<usize>());
    out.extend(MAGIC);
    out.extend(VERSION.to_le_bytes());
    out.extend(u32::try_from(sections.len()).expect("fewer than 2^32 sections").to_le_bytes());
    let mut offset = table as u64;
    for (index, section) in sections.iter().enumerate() {
        let name = pad(&section.name).expect("a section name is 1 to 8 printable ASCII characters");
        assert!(sections[..index].iter().all(|s| s.name != section.name), "section {} twice", section.name);
        out.extend(name);
        out.extend(offset.to_le_bytes());
        out.extend((section.bytes.len() as u64).to_le_bytes());
        out.extend(crc32fast::hash(&section.bytes).to_le_bytes());
        offset += section.bytes.len() as u64;
    }
    out.extend(crc32fast::hash(&out).to_le_bytes());
    for section in sections {
        out.extend(&section.bytes);
    }
    out
}

/// The sections of a container; `file` is the name for messages.
///
/// # Errors
///
/// `SL0301` to `SL0306`; damaged sections are all named at once.
pub fn read(bytes: &[u8], file: &str) -> Result<Vec<Section>> {
    let end = check_header(bytes, file)?;
    let mut sections: Vec<Section> = Vec::new();
    let mut damaged = Vec::new();
    let mut names = BTreeSet::new();
    let mut offset = end as u64;
    for entry in bytes[HEADER..end - CHECK].chunks_exact(ENTRY) {
        let table = |message: String| Diagnostic::error("SL0305", message).at_file(file);
        let name = unpad(&entry[..8])
            .ok_or_else(|| table(format!("a section has the ill-formed name {:?}", text(&entry[..8]))))?;
        let (start, length) = (u64_at(entry, 8), u64_at(entry, 16));
        if !names.insert(name.clone()) {
            return Err(table(format!("the table lists section {name} twice")).into());
        }
        if start != offset {
            let message = format!("section {name} does not begin where the one before it ends");
            return Err(table(message)
                .need_have(format!("offset {offset}"), format!("offset {start}"))
                .into());
        }
        offset = start
            .checked_add(length)
            .ok_or_else(|| table(format!("the length of section {name}, {length} bytes, is impossible")))?;
        // The end of the file is judged below, where the whole length that the table asks for is known.
        let Some(payload) = bytes.get(start as usize..).and_then(|rest| rest.get(..length as usize)) else {
            continue;
        };
        let crc = u32_at(entry, 24);
        if crc32fast::hash(payload) != crc {
            let message = format!("section {name} is damaged: its checksum does not match its content");
            let have = format!("CRC-32 {:08x}", crc32fast::hash(payload));
            damaged.push(
                Diagnostic::error("SL0306", message)
                    .at_node(file, format!("section {name}"))
                    .need_have(format!("CRC-32 {crc:08x}"), have)
                    .hint("fetch or compile the image again"),
            );
        }
        sections.push(Section { name, bytes: payload.to_vec() });
    }
    check_length(bytes, file, offset)?;
    if damaged.is_empty() { Ok(sections) } else { Err(Diagnostics(damaged)) }
}

/// Checks everything before the payloads but the meaning of the table; gives the place where they begin.
fn check_header(bytes: &[u8], file: &str) -> Result<usize> {
    if bytes.len() < MAGIC.len() && !bytes.is_empty() && MAGIC.starts_with(bytes) {
        check_length(bytes, file, (HEADER + CHECK) as u64)?;
    }
    if !bytes.starts_with(&MAGIC) {
        let message = format!("this is no Spikeloom image: it seems to be {}", seems_to_be(bytes));
        let error = Diagnostic::error("SL0301", message).at_file(file);
        return Err(error
            .hint("images are made by `spikeloom compile NETWORK --chip CHIP -o OUT.loom`")
            .into());
    }
    check_length_at_least(bytes, file, (HEADER + CHECK) as u64)?;
    let version = u32_at(bytes, 8);
    if version != VERSION {
        let message = format!("the image has container version {version}; this Spikeloom reads {VERSION}");
        let error = Diagnostic::error("SL0302", message).at_file(file);
        let error = error.need_have(format!("version {VERSION}"), format!("version {version}"));
        return Err(error.hint("compile the network again with this Spikeloom").into());
    }
    let end = HEADER as u64 + u64::from(u32_at(bytes, 12)) * ENTRY as u64 + CHECK as u64;
    check_length_at_least(bytes, file, end)?;
    let end = end as usize;
    let (need, have) = (u32_at(bytes, end - CHECK), crc32fast::hash(&bytes[..end - CHECK]));
    if need != have {
        let message = "the header or the section table is damaged: its checksum does not match";
        let error = Diagnostic::error("SL0304", message).at_file(file);
        let error = error.need_have(format!("CRC-32 {need:08x}"), format!("CRC-32 {have:08x}"));
        return Err(error.hint("fetch or compile the image again").into());
    }
    Ok(end)
}

fn check_length_at_least(bytes: &[u8], file: &str, need: u64) -> Result<()> {
    if (bytes.len() as u64) < need { check_length(bytes, file, need) } else { Ok(()) }
}

/// The file must be exactly as long as its table says.
fn check_length(bytes: &[u8], file: &str, need: u64) -> Result<()> {
    let have = bytes.len() as u64;
    let message = match have.cmp(&need) {
        std::cmp::Ordering::Equal => return Ok(()),
        std::cmp::Ordering::Less => format!("the image is cut off: {} bytes are missing", need - have),
        std::cmp::Ordering::Greater => format!("{} bytes follow the last section", have - need),
    };
    let error = Diagnostic::error("SL0303", message).at_file(file);
    Err(error
        .need_have(format!("{need} bytes"), format!("{have} bytes"))
        .hint("fetch or compile it again")
        .into())
}

fn pad(name: &str) -> Option<[u8; 8]> {
    let mut padded = [0; 8];
    padded.get_mut(..name.len())?.copy_from_slice(name.as_bytes());
    unpad(&padded).filter(|unpadded| unpadded == name).map(|_| padded)
}

fn unpad(padded: &[u8]) -> Option<String> {
    let length = padded.iter().position(|&byte| byte == 0).unwrap_or(padded.len());
    let (name, zeros) = padded.split_at(length);
    let good = length > 0 && name.iter().all(u8::is_ascii_graphic) && zeros.iter().all(|&byte| byte == 0);
    good.then(|| text(name))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The caller has checked that the bytes are there.
fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(std::array::from_fn(|i| bytes[at + i]))
}

/// The caller has checked that the bytes are there.
fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(std::array::from_fn(|i| bytes[at + i]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn section(name: &str, bytes: &[u8]) -> Section {
        Section { name: name.into(), bytes: bytes.into() }
    }

    fn small() -> Vec<u8> {
        write(&[section("META", b"digest"), section("EMPTY", b""), section("HOST.OUT", &[0, 1, 2, 255])])
    }

    fn refusal(bytes: &[u8]) -> Diagnostic {
        read(bytes, "x.loom").expect_err("a fault").0.remove(0)
    }

    /// The container with something in its table changed and the checksum made good again.
    fn forged(change: impl FnOnce(&mut [u8])) -> Vec<u8> {
        let mut bytes = small();
        let check = HEADER + 3 * ENTRY;
        change(&mut bytes[..check]);
        let crc = crc32fast::hash(&bytes[..check]).to_le_bytes();
        bytes[check..check + CHECK].copy_from_slice(&crc);
        bytes
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            sections in prop::collection::btree_map("[!-~]{1,8}", prop::collection::vec(any::<u8>(), 0..200), 0..8)
        ) {
            let sections: Vec<_> = sections.iter().map(|(name, bytes)| section(name, bytes)).collect();
            prop_assert_eq!(read(&write(&sections), "x").unwrap(), sections);
        }

        #[test]
        fn no_bytes_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..200), headed: bool) {
            if headed {
                bytes.splice(0..0, MAGIC.into_iter().chain(VERSION.to_le_bytes()));
            }
            prop_assert!(read(&bytes, "x").is_err());
        }
    }

    #[test]
    fn the_layout_is_the_documented_one() {
        let mut expected = b"\x89LOOM\r\n\x1a\x01\0\0\0\x01\0\0\0META\0\0\0\0\x30\0\0\0\0\0\0\0\x09".to_vec();
        expected.extend(b"\0\0\0\0\0\0\0\x26\x39\xf4\xcb");
        expected.extend(crc32fast::hash(&expected).to_le_bytes());
        expected.extend(b"123456789");
        // CRC-32 of 123456789 is cbf43926, by the catalogue of such checks.
        assert_eq!(write(&[section("META", b"123456789")]), expected);
    }

    #[test]
    fn every_flipped_bit_is_refused() {
        let good = small();
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(read(&bad, "x").is_err(), "bit {bit}");
        }
    }

    #[test]
    fn every_truncation_and_every_addition_is_refused() {
        let good = small();
        for length in 1..good.len() {
            assert_eq!(refusal(&good[..length]).code, "SL0303", "{length} bytes");
        }
        assert_eq!(refusal(b"").code, "SL0301");
        assert_eq!(refusal(&[&good[..], b"\0"].concat()).code, "SL0303");
    }

    #[test]
    fn tables_that_lie_are_refused() {
        let entry = |index: usize| HEADER + index * ENTRY;
        let duplicate = forged(|b| b[entry(1)..entry(1) + 8].copy_from_slice(b"META\0\0\0\0"));
        assert!(refusal(&duplicate).message.contains("section META twice"));
        let overlapping = forged(|b| b[entry(2) + 8] -= 1);
        assert!(refusal(&overlapping).message.contains("HOST.OUT does not begin"));
        let misordered = forged(|b| b[entry(0)..entry(3)].rotate_left(ENTRY));
        assert_eq!(refusal(&misordered).code, "SL0305");
        let unnamed = forged(|b| b[entry(0)..entry(0) + 8].fill(0));
        assert_eq!(refusal(&unnamed).code, "SL0305");
        let inner_zero = forged(|b| b[entry(0) + 1] = 0);
        assert_eq!(refusal(&inner_zero).code, "SL0305");
        let endless = forged(|b| b[entry(2) + 16..entry(2) + 24].fill(0xff));
        assert_eq!(refusal(&endless).code, "SL0305");
        let long = forged(|b| b[entry(2) + 22] = 1);
        assert_eq!(refusal(&long).code, "SL0303");
    }

    #[test]
    fn damaged_sections_are_all_named() {
        let mut bytes = small();
        let (first, last) = (HEADER + 3 * ENTRY + CHECK, bytes.len() - 1);
        bytes[first] ^= 1;
        bytes[last] ^= 1;
        let faults = read(&bytes, "x.loom").unwrap_err().0;
        let places: Vec<_> = faults.iter().map(|fault| fault.place.to_string()).collect();
        assert_eq!(places, ["x.loom section META", "x.loom section HOST.OUT"]);
    }

    #[test]
    fn other_files_are_called_by_their_kind() {
        for (bytes, kind) in [
            (&b"\x89HDF\r\n\x1a\n...."[..], "HDF5"),
            (b"PK\x03\x04..........", "zip"),
            (b"network nir {", "text"),
            (b"\x89LOOM\n\x1a\x01\0\0\0", "text-mode transfer"),
            (b"", "empty"),
        ] {
            let error = refusal(bytes);
            assert!(error.code == "SL0301" && error.message.contains(kind), "{error}");
        }
        let mut newer = small();
        newer[8] = 2;
        assert_eq!(refusal(&newer).code, "SL0302");
    }

    #[test]
    #[should_panic(expected = "twice")]
    fn writing_a_name_twice_is_a_bug() {
        write(&[section("A", b""), section("A", b"")]);
    }
}
