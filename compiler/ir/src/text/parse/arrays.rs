//! Arrays: written out, or named by the digest of their file.

use super::cursor::{Cursor, Step};
use super::lexer::{digest_len, number_len};
use crate::text::npy::{self, Element};
use sha2::{Digest, Sha256};

impl Cursor<'_> {
    /// One number of an array.
    pub(super) fn element<E: Element>(&mut self) -> Step<E> {
        let Some(text) = self.bare().filter(|text| number_len(text) == text.len()) else {
            return Err(self.unexpected("a number"));
        };
        match E::parse(text) {
            Some(value) => {
                self.advance();
                Ok(value)
            }
            None => {
                let at = self.at();
                Err(self.fault("SL1104", at, format!("`{text}` is no number of type {}", E::TYPE), ""))
            }
        }
    }

    /// `[1, 7 x 64]`, appended.
    pub(super) fn items<E: Element>(&mut self, values: &mut Vec<E>) -> Step<()> {
        self.sign("[")?;
        let mut is_first = true;
        while !self.takes_sign("]") {
            if !std::mem::take(&mut is_first) {
                self.sign(",")?;
            }
            let at = self.at();
            let value: E = self.element()?;
            let times = if self.takes_word("x") { self.integer::<u64>()? } else { 1 };
            let times = self.charge(times, at)?;
            values.extend(std::iter::repeat_n(value, times));
        }
        Ok(())
    }

    /// A list, written out or in a file.
    pub(super) fn list<E: Element>(&mut self) -> Step<Vec<E>> {
        if self.is_sign("[") {
            let mut values = Vec::new();
            self.items(&mut values)?;
            return Ok(values);
        }
        let at = self.at();
        let (shape, values) = self.file()?;
        if shape.len() != 1 {
            return Err(self.fault("SL1101", at, "a list has one dimension".to_string(), ""));
        }
        Ok(values)
    }

    /// `TYPE [SHAPE] sha256=DIGEST`.
    pub(super) fn file<E: Element>(&mut self) -> Step<(Vec<usize>, Vec<E>)> {
        self.keyword(E::TYPE)?;
        let shape = self.shape()?;
        let values = self.tensor(&shape)?;
        Ok((shape, values))
    }

    /// A file of two dimensions, as `(rows, columns, values)`.
    pub(super) fn table<E: Element>(&mut self) -> Step<(usize, usize, Vec<E>)> {
        let at = self.at();
        let (shape, values) = self.file()?;
        match shape[..] {
            [rows, columns] => Ok((rows, columns, values)),
            _ => Err(self.fault("SL1101", at, "this array has two dimensions".to_string(), "")),
        }
    }

    /// What follows the type of a matrix: its shape, and its rows or its file.
    pub(super) fn matrix<E: Element>(&mut self) -> Step<(usize, usize, Vec<E>)> {
        let at = self.at();
        let [rows, columns] = self.shape()?[..] else {
            return Err(self.fault("SL1101", at, "a matrix has two dimensions".to_string(), ""));
        };
        if self.is_word("sha256") {
            let values = self.tensor(&[rows, columns])?;
            return Ok((rows, columns, values));
        }
        self.sign("{")?;
        let (mut values, mut count) = (Vec::new(), 0);
        while !self.takes_sign("}") {
            let (at, before) = (self.at(), values.len());
            self.items(&mut values)?;
            count += 1;
            if values.len() - before != columns || count > rows {
                let message = format!("row {} has {} numbers", count - 1, values.len() - before);
                let hint = format!("the matrix has {rows} rows of {columns}");
                return Err(self.fault("SL1109", at, message, &hint));
            }
        }
        // Without columns, no row is written.
        if count != rows && columns > 0 {
            let message = format!("the matrix has {count} rows, and should have {rows}");
            return Err(self.fault("SL1109", at, message, ""));
        }
        Ok((rows, columns, values))
    }

    /// `sha256=DIGEST`: the file of that digest, which must hold an array of this shape.
    fn tensor<E: Element>(&mut self, shape: &[usize]) -> Step<Vec<E>> {
        self.keyword("sha256")?;
        self.sign("=")?;
        let at = self.at();
        let Some(digest) = self.bare().filter(|text| digest_len(text) == text.len()) else {
            return Err(self.unexpected("a digest of 64 hexadecimal digits"));
        };
        self.advance();
        let count = shape.iter().try_fold(1u64, |product, n| product.checked_mul(*n as u64));
        let count = self.charge(count.unwrap_or(u64::MAX), at)?;
        let Some(bytes) = (self.tensors)(digest) else {
            let hint = format!("it should lie beside the text as {digest}.npy");
            return Err(self.fault("SL1107", at, "the file of this array is not there".to_string(), &hint));
        };
        let actual: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        if actual != digest {
            let message = format!("the file of this array has another digest: {actual}");
            return Err(self.fault("SL1107", at, message, "it was changed after the text was written"));
        }
        // The digest was that of a file in this one form, so that a text read and printed again stays the same.
        let header = npy::header::<E>(shape);
        let data = bytes.strip_prefix(&header[..]).filter(|data| data.len() == count * E::SIZE);
        let Some(data) = data else {
            let message = format!("the file of this array does not hold {} {shape:?}", E::TYPE);
            let hint = "numpy's format 1.0, little endian, row-major";
            return Err(self.fault("SL1107", at, message, hint));
        };
        Ok(data.chunks_exact(E::SIZE).map(E::load).collect())
    }
}
