//! Damaged NIR files without end: `fuzz_nir [--seconds N] [--seed S] [FILE.nir]...`.
//!
//! Takes the files of the tests and those named, damages one in each case (bytes, cuts, pieces of other files, numbers,
//! words) and reads it. A case is a find if it panics, takes 5 seconds or more memory than four times its size and 64 MiB, or
//! gives a network that does not hold together. Finds are written to the temporary folder.

#![allow(clippy::print_stdout)]

#[path = "watched/mod.rs"]
mod watched;
#[path = "../tests/nir/whole.rs"]
mod whole;

use std::path::PathBuf;
use std::process::ExitCode;
use watched::Watched;

fn main() -> ExitCode {
    let (mut seconds, mut seed) = (10, 1);
    let mut files = samples();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|n| n.parse().ok()).expect("a number");
        match argument.as_str() {
            "--seconds" => seconds = number(),
            "--seed" => seed = number(),
            file => files.push(PathBuf::from(file)),
        }
    }
    let corpus: Vec<Vec<u8>> = files.iter().map(|f| std::fs::read(f).expect("a readable file")).collect();
    let mut wild = Wild(2 * seed + 1);
    let mut cases = Watched::new("nir", 64 << 20);
    while cases.is_before(seconds) {
        let read = |case: &[u8]| spikeloom_import::read_nir(case, "case.nir");
        cases.run(damaged(&corpus, &mut wild), read, |read| match read {
            Ok((network, _)) => {
                whole::check(&network);
                true
            }
            Err(_) => false,
        });
    }
    cases.finish()
}

fn samples() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/files");
    let entries = std::fs::read_dir(folder).expect("the files of the tests");
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "nir"));
    files.sort();
    files
}

/// Numbers in a wild order that the seed fixes (xorshift).
struct Wild(u64);

impl Wild {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end.max(1)
    }

    fn of<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }
}

/// Words of a length, so that one can stand in the place of another.
const WORDS: [&[&[u8]]; 7] = [
    &[b"Conv1d", b"Conv2d", b"Linear", b"Affine", b"CubaLI", b"Output"],
    &[b"SumPool2d", b"AvgPool2d", b"Threshold"],
    &[b"Input", b"Scale", b"Delay"],
    &[b"Flatten", b"CubaLIF"],
    &[b"stride", b"groups", b"weight"],
    &[b"LIF", b"tau"],
    &[b"NIRGraph", b"dilation", b"metadata"],
];

/// Numbers that a limit may forget.
const NUMBERS: [i64; 12] = [0, -1, 1, 2, 3, 255, 4096, 1 << 24, (1 << 24) + 1, 1 << 32, i64::MAX, i64::MIN];

fn damaged(corpus: &[Vec<u8>], wild: &mut Wild) -> Vec<u8> {
    let mut case = corpus[wild.below(corpus.len())].clone();
    for _ in 0..1 + wild.below(3) {
        let at = wild.below(case.len());
        match wild.below(12) {
            0..=2 => case[at] ^= 1 << wild.below(8),
            3 => case[at] = *wild.of(&[&0x00, &0xff, &0x7f, &0x80]),
            4 => {
                let end = (at + 8).min(case.len());
                case[at..end].fill(*wild.of(&[&0x00, &0xff]));
            }
            5 if wild.below(4) == 0 => case.truncate(at.max(1)),
            5 | 6 => splice(&mut case, corpus, at, wild),
            7 | 8 => whole_number(&mut case, at, wild),
            9 => real_number(&mut case, at, wild),
            _ => word(&mut case, at, wild),
        }
    }
    case
}

/// Puts a piece of a file in the place of another, at a multiple of 8 as HDF5 has its structures.
fn splice(case: &mut [u8], corpus: &[Vec<u8>], at: usize, wild: &mut Wild) {
    let source = &corpus[wild.below(corpus.len())];
    let from = wild.below(source.len()) & !7;
    let at = at & !7;
    let length = (8 << wild.below(8)).min(case.len() - at).min(source.len() - from);
    case[at..at + length].copy_from_slice(&source[from..from + length]);
}

/// Changes the next small whole number of eight bytes.
fn whole_number(case: &mut [u8], at: usize, wild: &mut Wild) {
    let next = case[at..].windows(8).position(|b| (1..=64).contains(&b[0]) && b[1..].iter().all(|b| *b == 0));
    if let Some(next) = next {
        let number = NUMBERS[wild.below(NUMBERS.len())];
        case[at + next..at + next + 8].copy_from_slice(&number.to_le_bytes());
    }
}

/// Changes the next single-precision 1.
fn real_number(case: &mut [u8], at: usize, wild: &mut Wild) {
    if let Some(next) = case[at..].windows(4).position(|bytes| bytes == 1f32.to_le_bytes()) {
        let number = [0.0, -1.0, f32::NAN, f32::INFINITY, f32::MAX, 1e-45][wild.below(6)];
        case[at + next..at + next + 4].copy_from_slice(&number.to_le_bytes());
    }
}

/// Changes the next word that has another of its length.
fn word(case: &mut [u8], at: usize, wild: &mut Wild) {
    let alike = WORDS[wild.below(WORDS.len())];
    let old = wild.of(alike);
    if let Some(next) = case[at..].windows(old.len()).position(|bytes| bytes == old) {
        case[at + next..at + next + old.len()].copy_from_slice(wild.of(alike));
    }
}
