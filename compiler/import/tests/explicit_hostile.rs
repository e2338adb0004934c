//! Damaged explicit networks: a fault at worst, never a panic, and what comes in holds together.

#[path = "explicit/wild.rs"]
mod wild;

use proptest::prelude::*;
use spikeloom_diagnostics::Severity;
use spikeloom_import::{read_explicit, write_explicit, write_nir};
use spikeloom_ir::network::Network;
use spikeloom_ir::verify;

const CORPUS: [&[u8]; 2] = [include_bytes!("explicit/small.npz"), include_bytes!("explicit/models.npz")];

/// A network that came in must be one that the other levels may be made of, and must go out again.
fn check(network: &Network, dt_s: Option<f64>) {
    assert_eq!(verify::network(network, None), []);
    let Ok((bytes, _)) = write_explicit(network, dt_s) else { return };
    let (again, again_dt, _) = read_explicit(&bytes, "again.npz").unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(again_dt, dt_s);
    assert_eq!(again.populations, network.populations);
    let _ = write_nir(network, dt_s);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damaged_files_never_panic(seed: u64) {
        let bytes = wild::damaged(&CORPUS, &mut wild::Wild::new(seed));
        match read_explicit(&bytes, "damaged.npz") {
            Ok((network, dt_s, _)) => check(&network, dt_s),
            Err(faults) => prop_assert!(faults.0.iter().any(|d| d.severity == Severity::Error)),
        }
    }
}

#[test]
fn every_truncation_is_refused() {
    for whole in CORPUS {
        for length in (0..whole.len()).step_by(7) {
            assert!(read_explicit(&whole[..length], "cut.npz").is_err(), "{length} bytes");
        }
    }
}
