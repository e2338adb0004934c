//! `.npz` files: zip archives of `.npy` arrays, as `np.savez` and `np.savez_compressed` write them.
//!
//! The files come from outside: nothing is allocated because a length field says so. The headers of all
//! members are read and checked first, against each other and against the size of the file, and a member is
//! inflated no further than its header says.

use std::collections::HashSet;
use std::fmt;
use std::io::{Cursor, Read, Write};

use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::npy::{self, AnyHeader, Fault, Header, TextHeader};
use crate::files::seems_to_be;

/// The most bytes that the arrays of one file may have together when inflated.
pub const MAX_BYTES: u64 = 8 << 30;

/// The most bytes of text that one array may have, and the most elements: they cost more than their bytes.
const MOST_TEXT: u64 = 1 << 15;
const MOST_TEXTS: usize = 64;

/// Deflate cannot do better than 258 bytes for two bits; what claims more is a lie.
const DEFLATE_RATIO: u64 = 1032;

/// A named array; its elements are in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// The name, without `.npy`.
    pub name: String,
    /// The size of each axis, slowest first; empty for a scalar.
    pub shape: Vec<usize>,
    /// The elements.
    pub data: Data,
}

/// A named array of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The name, without `.npy`.
    pub name: String,
    /// The size of each axis, slowest first; empty for a single one.
    pub shape: Vec<usize>,
    /// The elements in row-major order, without the zeros that fill them up.
    pub elements: Vec<String>,
}

/// An array of an npz file that holds text beside numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Member {
    /// Numbers.
    Numbers(Array),
    /// Text.
    Text(Text),
}

macro_rules! dtypes {
    ($($variant:ident $type:ty, $kind:literal, $name:literal, $doc:literal;)*) => {
        /// The elements of an array.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Data {
            $(#[doc = $doc] $variant(Vec<$type>),)*
        }

        /// The type of an array's elements.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Dtype {
            $(#[doc = $doc] $variant,)*
        }

        impl Data {
            /// The number of elements.
            pub fn len(&self) -> usize {
                match self { $(Data::$variant(elements) => elements.len(),)* }
            }

            /// Whether there are none.
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// The type of the elements.
            pub fn dtype(&self) -> Dtype {
                match self { $(Data::$variant(_) => Dtype::$variant,)* }
            }
        }

        impl Dtype {
            pub(super) const ALL: [Dtype; 11] = [$(Dtype::$variant,)*];

            /// The letter and size in a `.npy` header.
            pub(super) fn kind(self) -> &'static str {
                match self { $(Dtype::$variant => $kind,)* }
            }

            /// Bytes of an element.
            pub fn size(self) -> usize {
                match self { $(Dtype::$variant => size_of::<$type>(),)* }
            }

            /// The name that numpy gives it.
            pub fn name(self) -> &'static str {
                match self { $(Dtype::$variant => $name,)* }
            }
        }
    };
}

dtypes! {
    Bool bool, "b1", "bool", "One byte, 0 or 1.";
    U8 u8, "u1", "uint8", "Unsigned, 8 bits.";
    U16 u16, "u2", "uint16", "Unsigned, 16 bits.";
    U32 u32, "u4", "uint32", "Unsigned, 32 bits.";
    U64 u64, "u8", "uint64", "Unsigned, 64 bits.";
    I8 i8, "i1", "int8", "Signed, 8 bits.";
    I16 i16, "i2", "int16", "Signed, 16 bits.";
    I32 i32, "i4", "int32", "Signed, 32 bits.";
    I64 i64, "i8", "int64", "Signed, 64 bits.";
    F32 f32, "f4", "float32", "Floating point, 32 bits.";
    F64 f64, "f8", "float64", "Floating point, 64 bits.";
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Every array of an npz file, in the order of the archive; `file` is the name for messages.
///
/// # Errors
///
/// `SL0501` to `SL0506`: no zip archive, damage, members that are no arrays of plain numbers, names that
/// stand twice, arrays that are too large.
pub fn read_npz(bytes: &[u8], file: &str) -> Result<Vec<Array>> {
    let mut archive = Archive::open(bytes, file)?;
    (0..archive.members.len()).map(|index| archive.load(index)).collect()
}

/// Every array of an npz file that may hold text (numpy's `U` and `S`) beside numbers; `limit` is for the bytes of
/// all of them when inflated.
///
/// # Errors
///
/// As [`read_npz`]; text of more than 32,768 bytes or 64 elements in one array is refused with `SL0506`, text that
/// is no Unicode with `SL0504`.
pub fn read_members(bytes: &[u8], file: &str, limit: u64) -> Result<Vec<Member>> {
    let mut archive = Archive::open_within(bytes, file, limit, true)?;
    let mut members = Vec::with_capacity(archive.members.len() + archive.texts.len());
    for index in 0..archive.members.len() {
        members.push(Member::Numbers(archive.load(index)?));
    }
    for (entry, name, header) in std::mem::take(&mut archive.texts) {
        let raw = archive.raw(entry, &name, header.start, header.length)?;
        let elements = npy::decode_text(&header, &raw).ok_or_else(|| {
            let error = Diagnostic::error("SL0504", format!("array {name:?} has text that is no Unicode"));
            error.at_node(file, &name).hint("save text as str: `np.array(\"text\")`")
        })?;
        members.push(Member::Text(Text { name, shape: header.shape, elements }));
    }
    Ok(members)
}

/// An npz file with these arrays, deflated. The same arrays give the same bytes.
///
/// # Errors
///
/// `SL0515` for names that a zip archive cannot hold: twice the same, or longer than 65,000 bytes.
///
/// # Panics
///
/// If the elements of an array are not as many as its shape says.
pub fn write_npz(arrays: &[Array]) -> Result<Vec<u8>> {
    write_all(arrays.iter().map(|array| (array.name.as_str(), array_bytes(array))))
}

/// As [`write_npz`], with text beside numbers.
///
/// # Errors
///
/// As [`write_npz`].
///
/// # Panics
///
/// As [`write_npz`].
pub fn write_members(members: &[Member]) -> Result<Vec<u8>> {
    write_all(members.iter().map(|member| match member {
        Member::Numbers(array) => (array.name.as_str(), array_bytes(array)),
        Member::Text(text) => (text.name.as_str(), npy::text_bytes(&text.shape, &text.elements)),
    }))
}

fn array_bytes(array: &Array) -> Vec<u8> {
    let elements: usize = array.shape.iter().product();
    assert_eq!(elements, array.data.len(), "array {} is not of the shape {:?}", array.name, array.shape);
    let mut bytes = npy::header_bytes(array);
    bytes.extend(npy::encode(&array.data));
    bytes
}

fn write_all<'n>(members: impl Iterator<Item = (&'n str, Vec<u8>)>) -> Result<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(6))
        // All that would depend on the clock or the machine.
        .last_modified_time(DateTime::default())
        .system(zip::System::Unix)
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        let options = options.large_file(bytes.len() as u64 >= zip::ZIP64_BYTES_THR / 2);
        zip.start_file(format!("{name}.npy"), options)
            .and_then(|()| Ok(zip.write_all(&bytes)?))
            .map_err(|error| unwritable(name, &error))?;
    }
    let done = zip.finish().map_err(|error| unwritable("(end of the archive)", &error))?;
    Ok(done.into_inner())
}

fn unwritable(name: &str, error: &zip::result::ZipError) -> Diagnostic {
    let name: String = name.chars().take(80).collect();
    Diagnostic::error("SL0515", format!("array {name:?} cannot be written into an npz file: {error}"))
        .hint("give the node another name")
}

/// An npz file whose headers have been read and checked; the elements are still packed.
pub(super) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    file: &'a str,
    /// Name and header of each array of numbers, in the order of the archive.
    pub(super) members: Vec<(String, Header)>,
    /// Which entry of the archive each of them is.
    entries: Vec<usize>,
    /// Arrays of text, each with its entry.
    texts: Vec<(usize, String, TextHeader)>,
}

impl<'a> Archive<'a> {
    pub(super) fn open(bytes: &'a [u8], file: &'a str) -> Result<Self> {
        Self::open_within(bytes, file, MAX_BYTES, false)
    }

    fn open_within(bytes: &'a [u8], file: &'a str, limit: u64, with_text: bool) -> Result<Self> {
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| not_a_zip(bytes, file, &error))?;
        let (members, entries, texts) = (Vec::new(), Vec::new(), Vec::new());
        let mut archive = Archive { zip, file, members, entries, texts };
        archive.check_layout(bytes)?;
        let mut faults = Vec::new();
        for index in 0..archive.zip.len() {
            match archive.read_header(index, bytes.len() as u64, with_text) {
                Ok((name, AnyHeader::Numbers(header))) => {
                    archive.members.push((name, header));
                    archive.entries.push(index);
                }
                Ok((name, AnyHeader::Text(header))) => archive.texts.push((index, name, header)),
                Err(fault) => faults.extend(fault.0),
            }
        }
        // Members are different files in the archive yet may have one name as arrays.
        let mut seen = HashSet::new();
        let texts = archive.texts.iter().map(|(_, name, _)| name);
        for name in archive.members.iter().map(|(name, _)| name).chain(texts) {
            if !seen.insert(name.as_str()) {
                faults.push(twice(file, &format!("array {name:?}")));
            }
        }
        let numbers = archive.members.iter().map(|(_, header)| header.length);
        let lengths = numbers.chain(archive.texts.iter().map(|(_, _, header)| header.length));
        let total = lengths.fold(0, u64::saturating_add);
        if total > limit {
            let error = Diagnostic::error("SL0506", "the arrays are too large together").at_file(file);
            let error = error.need_have(format!("at most {limit} bytes"), format!("{total} bytes"));
            faults.push(error.hint("split the samples over several files"));
        }
        if faults.is_empty() { Ok(archive) } else { Err(Diagnostics(faults)) }
    }

    /// Two entries must not share a name, nor bytes: overlapping entries are how small bombs are made.
    fn check_layout(&mut self, bytes: &[u8]) -> Result<()> {
        if self.zip.has_duplicate_names() {
            let name = duplicate_entry(bytes, self.zip.central_directory_start());
            let what = name.map_or("a member".into(), |name| format!("member {name:?}"));
            return Err(twice(self.file, &what).into());
        }
        match self.zip.has_overlapping_files() {
            Ok(false) => Ok(()),
            Ok(true) => Err(not_a_zip(bytes, self.file, &"entries overlap").into()),
            Err(error) => Err(not_a_zip(bytes, self.file, &error).into()),
        }
    }

    fn read_header(&mut self, index: usize, file_size: u64, with_text: bool) -> Result<(String, AnyHeader)> {
        let file = self.file;
        let entry = self.zip.by_index(index).map_err(|error| {
            let message = format!("member {index} of the archive cannot be read: {error}");
            Diagnostic::error("SL0502", message).at_file(file).hint("write it again with np.savez_compressed")
        });
        let mut entry = entry?;
        let member = entry.name().map_err(|error| {
            let message = format!("member {index} of the archive has an unreadable name: {error}");
            Diagnostic::error("SL0503", message).at_file(file)
        })?;
        let Some(name) = member.strip_suffix(".npy").map(str::to_string) else {
            let message = format!("member {member:?} is no numpy array: its name does not end in .npy");
            let error = Diagnostic::error("SL0503", message).at_node(file, member);
            return Err(error.hint("write the file with np.savez or np.savez_compressed").into());
        };
        let (size, packed) = (entry.size(), entry.compressed_size());
        let header = AnyHeader::read(&mut entry, with_text).map_err(|fault| refused(file, &name, fault))?;
        let (start, length) = header.extent();
        let need = length.saturating_add(start as u64);
        if need != size {
            let error = damaged(file, &name, "its header does not fit its size");
            let what = format!("{need} bytes for {}{:?}", header.words(), header.shape());
            return Err(error.need_have(what, format!("{size} bytes")).into());
        }
        // Before anything is reserved for it.
        if packed > file_size || need > packed.saturating_mul(DEFLATE_RATIO).saturating_add(DEFLATE_RATIO) {
            let error = damaged(file, &name, "it claims more than its packed bytes can hold");
            return Err(error.need_have(format!("{need} bytes"), format!("{packed} packed bytes")).into());
        }
        if matches!(header, AnyHeader::Text(_)) {
            // Without characters an element has no bytes, and any number of them would do.
            let count = header.shape().iter().try_fold(1usize, |all, n| all.checked_mul(*n));
            if length > MOST_TEXT || count.is_none_or(|count| count > MOST_TEXTS) {
                let error = Diagnostic::error("SL0506", format!("array {name:?} has too much text"));
                let error = error.at_node(file, &name).need_have(
                    format!("at most {MOST_TEXT} bytes in {MOST_TEXTS} elements"),
                    format!("{length} bytes in the shape {:?}", header.shape()),
                );
                return Err(error.hint("save one short text: `np.array(\"text\")`").into());
            }
        }
        Ok((name, header))
    }

    /// Inflates an array whose header was found good; its checksum is checked.
    pub(super) fn load(&mut self, index: usize) -> Result<Array> {
        let (name, header) = self.members[index].clone();
        let raw = self.raw(self.entries[index], &name, header.start, header.length)?;
        let data = npy::decode(&header, raw);
        Ok(Array { name, shape: header.shape, data })
    }

    /// The elements of an entry, of which header and length were found good.
    fn raw(&mut self, entry: usize, name: &str, start: usize, length: u64) -> Result<Vec<u8>> {
        let fault = |why: String| Diagnostics::from(damaged(self.file, name, &why));
        let mut entry = self.zip.by_index(entry).map_err(|error| fault(error.to_string()))?;
        let length = usize::try_from(length).map_err(|_| fault("it is too large".into()))?;
        let mut raw = Vec::new();
        raw.try_reserve_exact(length.max(start)).map_err(|_| {
            let message = format!("there is no memory for array {name:?}, {length} bytes");
            Diagnostic::error("SL0506", message).at_node(self.file, name)
        })?;
        let mut unread = |raw: &mut Vec<u8>, length: usize| {
            raw.clear();
            let have =
                entry.by_ref().take(length as u64).read_to_end(raw).map_err(|e| fault(e.to_string()))?;
            if have == length { Ok(()) } else { Err(fault("it is cut off".into())) }
        };
        unread(&mut raw, start)?;
        unread(&mut raw, length)?;
        // The checksum is compared at the end of the member, so the end must be seen.
        match entry.read(&mut [0]) {
            Ok(0) => Ok(raw),
            Ok(_) => Err(fault("it is longer than its header says".into())),
            Err(error) => Err(fault(error.to_string())),
        }
    }
}

fn not_a_zip(bytes: &[u8], file: &str, why: &dyn fmt::Display) -> Diagnostic {
    let (message, hint) = if bytes.starts_with(b"PK") {
        (format!("the npz file is damaged: {why}"), "write or fetch it again")
    } else if bytes.starts_with(b"\x93NUMPY") {
        let hint = "name the array: `np.savez_compressed(file, NODE=array)`";
        ("this is a single array (.npy), which says no node's name".into(), hint)
    } else {
        let message = format!("this is no npz file: it seems to be {}", seems_to_be(bytes));
        (message, "spikes are npz files: `np.savez_compressed(file, NODE=array)`")
    };
    Diagnostic::error("SL0501", message).at_file(file).hint(hint)
}

fn damaged(file: &str, name: &str, why: &str) -> Diagnostic {
    let error = Diagnostic::error("SL0502", format!("array {name:?} is damaged: {why}"));
    error.at_node(file, name).hint("write or fetch the file again")
}

fn twice(file: &str, what: &str) -> Diagnostic {
    let error = Diagnostic::error("SL0505", format!("{what} stands twice in the file")).at_file(file);
    error.hint("write the file again, with each array once")
}

fn refused(file: &str, name: &str, fault: Fault) -> Diagnostic {
    match fault {
        Fault::Malformed(why) => {
            Diagnostic::error("SL0503", format!("array {name:?} is no numpy array: {why}"))
                .hint("write the file with np.savez or np.savez_compressed")
        }
        Fault::Dtype(descr, meaning, hint) => {
            let message = format!("array {name:?} has elements that are no plain numbers: {meaning}");
            let error = Diagnostic::error("SL0504", message);
            error.need_have("bool, an integer, float32 or float64", format!("dtype {descr}")).hint(hint)
        }
        Fault::Large(what) => {
            Diagnostic::error("SL0506", format!("array {name:?} claims an impossible size: {what}"))
                .hint("write the file again")
        }
    }
    .at_node(file, name)
}

/// The first name that stands twice in the central directory; for the message only.
fn duplicate_entry(bytes: &[u8], start: u64) -> Option<String> {
    let mut rest = bytes.get(usize::try_from(start).ok()?..)?;
    let mut seen = HashSet::new();
    while rest.starts_with(b"PK\x01\x02") && rest.len() >= 46 {
        let length = |at: usize| usize::from(u16::from_le_bytes([rest[at], rest[at + 1]]));
        let name = rest.get(46..46 + length(28))?;
        if !seen.insert(name) {
            return Some(String::from_utf8_lossy(name).into_owned());
        }
        rest = rest.get(46 + length(28) + length(30) + length(32)..)?;
    }
    None
}

#[cfg(test)]
#[path = "npz_tests.rs"]
mod tests;
