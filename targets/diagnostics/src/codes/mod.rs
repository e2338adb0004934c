//! The register of codes. A code is never reused; its story is what `spikeloom explain CODE` prints.
//!
//! Ranges: 00 command line and files, 01 chip files, 02 neuron language, 03 images, 04 networks (import),
//! 05 spikes, 06 semantics and binding, 07 quantisation and legalisation, 08 partition, placement and fit,
//! 09 verification, 10 emulation, 11 texts of levels.

mod bare;
mod chip;
mod command;
mod emulate;
mod explicit;
mod fit;
mod image;
mod legalise;
mod network;
mod neuron;
mod semantics;
mod spikes;
mod text;
mod verify;

/// One code and its story.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// `SL` and four digits.
    pub code: &'static str,
    /// One line: what it means.
    pub title: &'static str,
    /// A paragraph: why it happens and what to do.
    pub story: &'static str,
}

/// Every code, in ascending order.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    [
        command::CODES,
        chip::CODES,
        neuron::CODES,
        image::CODES,
        network::CODES,
        explicit::CODES,
        bare::CODES,
        spikes::CODES,
        semantics::CODES,
        legalise::CODES,
        fit::CODES,
        verify::CODES,
        emulate::CODES,
        text::CODES,
    ]
    .into_iter()
    .flatten()
}

/// The entry of a code, if there is one.
pub fn find(code: &str) -> Option<&'static Entry> {
    all().find(|entry| entry.code.eq_ignore_ascii_case(code))
}

/// An entry; the register files are lists of these.
pub(crate) const fn entry(code: &'static str, title: &'static str, story: &'static str) -> Entry {
    Entry { code, title, story }
}

#[cfg(test)]
mod tests {
    #[test]
    fn codes_ascend_and_none_is_given_twice() {
        let codes: Vec<_> = super::all().map(|entry| entry.code).collect();
        for pair in codes.windows(2) {
            assert!(pair[0] < pair[1], "{} before {}", pair[0], pair[1]);
        }
    }
}
