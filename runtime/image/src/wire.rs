//! Numbers and texts of the host tables and debug sections: little endian, lengths as u32.

use spikeloom_diagnostics::{Diagnostic, Result};

/// Writes a section.
#[derive(Default)]
pub(crate) struct Writer(pub(crate) Vec<u8>);

impl Writer {
    pub(crate) fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.0.extend(value.to_le_bytes());
    }

    pub(crate) fn u64(&mut self, value: u64) {
        self.0.extend(value.to_le_bytes());
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.u32(text.len() as u32);
        self.0.extend(text.as_bytes());
    }

    pub(crate) fn shape(&mut self, shape: &[usize]) {
        self.u32(shape.len() as u32);
        shape.iter().for_each(|side| self.u32(*side as u32));
    }
}

/// Reads a section; every fault is the same: the section does not say what it should.
pub(crate) struct Reader<'a> {
    section: &'a str,
    file: &'a str,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(section: &'a str, file: &'a str, rest: &'a [u8]) -> Self {
        Reader { section, file, rest }
    }

    pub(crate) fn fault<T>(&self, what: &str) -> Result<T> {
        Err(Diagnostic::error("SL0354", format!("section {} is broken: {what}", self.section))
            .at_file(self.file)
            .hint("the file was not written by this version of spikeloom: compile it anew")
            .into())
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Result<&'a [u8]> {
        match self.rest.split_at_checked(length) {
            Some((head, tail)) => {
                self.rest = tail;
                Ok(head)
            }
            None => self.fault("it ends too early"),
        }
    }

    pub(crate) fn u8(&mut self) -> Result<u8> {
        Ok(self.bytes(1)?[0])
    }

    pub(crate) fn flag(&mut self) -> Result<bool> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => self.fault("a yes or no is neither"),
        }
    }

    pub(crate) fn u32(&mut self) -> Result<u32> {
        let bytes = self.bytes(4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    pub(crate) fn u64(&mut self) -> Result<u64> {
        let (low, high) = (self.u32()?, self.u32()?);
        Ok(u64::from(high) << 32 | u64::from(low))
    }

    /// A count of things that take at least `least` bytes each, so that no count asks for more than there is.
    pub(crate) fn count(&mut self, least: usize) -> Result<usize> {
        let count = self.u32()? as usize;
        if count.saturating_mul(least) > self.rest.len() {
            return self.fault("a count exceeds what follows");
        }
        Ok(count)
    }

    pub(crate) fn text(&mut self) -> Result<String> {
        let length = self.count(1)?;
        match std::str::from_utf8(self.bytes(length)?) {
            Ok(text) => Ok(text.to_string()),
            Err(_) => self.fault("a text is not UTF-8"),
        }
    }

    pub(crate) fn shape(&mut self) -> Result<Vec<usize>> {
        let rank = self.count(4)?;
        let shape: Vec<usize> = (0..rank).map(|_| Ok(self.u32()? as usize)).collect::<Result<_>>()?;
        match shape.iter().try_fold(1usize, |product, side| product.checked_mul(*side)) {
            Some(product) if product <= 1 << 28 => Ok(shape),
            _ => self.fault("a shape is too large"),
        }
    }

    pub(crate) fn end(&self) -> Result<()> {
        if self.rest.is_empty() { Ok(()) } else { self.fault("it goes on after its end") }
    }
}
