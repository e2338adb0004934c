//! Damaged explicit networks without end: `fuzz_npz [--seconds N] [--seed S]`.
//!
//! A case is a find if it panics, takes 5 seconds or more memory than four times its size (its arrays are small) and 160 MiB
//! (tables by source of a size that is only claimed), or gives a network that does not hold together or does not go out and
//! come in again. Finds are written to the temporary folder.

#![allow(clippy::print_stdout)]

#[path = "watched/mod.rs"]
mod watched;
#[path = "../tests/explicit/wild.rs"]
mod wild;

use spikeloom_diagnostics::Diagnostic;
use spikeloom_import::{read_explicit, write_explicit, write_nir};
use spikeloom_ir::network::Network;
use spikeloom_ir::verify;
use std::process::ExitCode;
use watched::Watched;

const CORPUS: [&[u8]; 3] = [
    include_bytes!("../tests/explicit/small.npz"),
    include_bytes!("../tests/explicit/models.npz"),
    include_bytes!("../../../examples/python/winner.npz"),
];

fn main() -> ExitCode {
    let (mut seconds, mut seed) = (10, 1);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let number = arguments.next().and_then(|n| n.parse().ok()).expect("a number");
        match argument.as_str() {
            "--seconds" => seconds = number,
            "--seed" => seed = number,
            other => panic!("`{other}` is no option"),
        }
    }
    let mut wild = wild::Wild::new(seed);
    let mut cases = Watched::new("npz", 160 << 20);
    while cases.is_before(seconds) {
        let read = |case: &[u8]| read_explicit(case, "case.npz");
        cases.run(wild::damaged(&CORPUS, &mut wild), read, |read| match read {
            Ok(read) => goes_out_and_in(read),
            Err(_) => false,
        });
    }
    cases.finish()
}

fn goes_out_and_in((network, dt_s, _): (Network, Option<f64>, Vec<Diagnostic>)) -> bool {
    assert_eq!(verify::network(&network, None), []);
    if let Ok((bytes, _)) = write_explicit(&network, dt_s) {
        let (again, again_dt, _) = read_explicit(&bytes, "again.npz").expect("what was written");
        assert!(again.populations == network.populations && again_dt == dt_s);
    }
    // Full matrices of sizes that are only claimed would take long.
    if network.populations.iter().map(|p| p.len()).sum::<usize>() < 10_000 {
        let _ = write_nir(&network, dt_s);
    }
    true
}
