//! The memories of a core as rows of bits, and rows as bytes.

use spikeloom_chip::layout::Layout;

/// One memory: equal rows, each in whole words of 64 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryBits {
    /// Width of a row in bits.
    pub width: u32,
    /// Words per row.
    pub row_words: usize,
    /// The rows, one after the other.
    pub words: Vec<u64>,
}

impl MemoryBits {
    /// So many rows of zeros.
    pub fn zeros(layout: &Layout, rows: usize) -> MemoryBits {
        let row_words = layout.row_words();
        MemoryBits { width: layout.width, row_words, words: vec![0; rows * row_words] }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.words.len().checked_div(self.row_words).unwrap_or(0)
    }

    /// One row.
    pub fn row(&self, i: usize) -> &[u64] {
        &self.words[i * self.row_words..(i + 1) * self.row_words]
    }

    /// One row, to be written.
    pub fn row_mut(&mut self, i: usize) -> &mut [u64] {
        &mut self.words[i * self.row_words..(i + 1) * self.row_words]
    }

    /// Leaves out rows of zeros at the end: a memory starts as zeros, so they say nothing.
    pub fn trim(&mut self) {
        while self.rows() > 0 && self.row(self.rows() - 1).iter().all(|word| *word == 0) {
            self.words.truncate(self.words.len() - self.row_words);
        }
    }

    /// Bytes of a row in the image.
    pub fn row_bytes(width: u32) -> usize {
        width.div_ceil(8) as usize
    }

    /// The rows as bytes, little endian, each row in whole bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let row_bytes = Self::row_bytes(self.width);
        let mut bytes = Vec::with_capacity(self.rows() * row_bytes);
        for row in 0..self.rows() {
            let row = self.row(row);
            bytes.extend((0..row_bytes).map(|i| (row[i / 8] >> (i % 8 * 8)) as u8));
        }
        bytes
    }

    /// Reads rows; `None` if the length or the unused bits of a row's last byte are wrong.
    pub fn from_bytes(layout: &Layout, rows: usize, bytes: &[u8]) -> Option<MemoryBits> {
        let row_bytes = Self::row_bytes(layout.width);
        if bytes.len() != rows.checked_mul(row_bytes)? {
            return None;
        }
        let mut memory = MemoryBits::zeros(layout, rows);
        for (row, chunk) in bytes.chunks_exact(row_bytes.max(1)).enumerate() {
            let words = memory.row_mut(row);
            for (i, byte) in chunk.iter().enumerate() {
                words[i / 8] |= u64::from(*byte) << (i % 8 * 8);
            }
            let used = layout.width % 64;
            if used != 0 && words[words.len() - 1] >> used != 0 {
                return None;
            }
        }
        Some(memory)
    }
}
