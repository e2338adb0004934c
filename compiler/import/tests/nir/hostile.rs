//! Damaged and hostile files: a fault at worst, never a panic.

use super::bytes;
use spikeloom_diagnostics::Severity;
use spikeloom_import::read_nir;

#[test]
fn a_chunk_of_four_gigabytes_in_a_small_file_is_not_asked_for() {
    let mut damaged = bytes("digits_tern");
    // In every index of chunks, the stored size in the first key; the keys stand behind 24 bytes of header.
    for at in 0..damaged.len() - 28 {
        if damaged[at..].starts_with(b"TREE\x01") {
            damaged[at + 24..at + 28].fill(0xff);
        }
    }
    let Err(faults) = read_nir(&damaged, "f") else { panic!("came in") };
    let message = "parameter `weight` can't be read: one of its chunks claims more than the file can hold";
    assert!(faults.0.iter().any(|d| d.message == message), "{faults}");
}

/// Numbers in a fixed but wild order (xorshift), so that a failure can be met again.
fn wild(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 16) as usize
}

#[test]
fn damaged_files_never_panic() {
    let mut state = 0x5eed;
    for name in ["digits_tern", "hdf5_110", "recurrent"] {
        let whole = bytes(name);
        for round in 0..400 {
            let mut damaged = whole.clone();
            let at = wild(&mut state) % whole.len();
            match round % 4 {
                0 => damaged.truncate(at),
                1 => damaged[at] ^= 1 << (wild(&mut state) % 8),
                2 => damaged[at] = 0xff,
                _ => (0..8).for_each(|i| {
                    let byte = [0x00, 0xff, 0x7f][wild(&mut state) % 3];
                    damaged[(at + i) % whole.len()] = byte;
                }),
            }
            // A panic fails the test by itself; an error must bring at least one finding of severity error.
            if let Err(faults) = read_nir(&damaged, "damaged.nir") {
                assert!(faults.0.iter().any(|d| d.severity == Severity::Error), "{name} round {round}");
            }
        }
    }
}
