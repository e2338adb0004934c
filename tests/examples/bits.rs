//! What fewer bits of weight cost: `cargo run --release -p spikeloom-tests --example bits`. Prints, for two networks with
//! float weights on a chip with room, bits against accuracy and differing spikes over 200 samples, with and without
//! calibration. The table stands in docs/numerics.md.

#![allow(clippy::print_stdout)]

use spikeloom_diagnostics::Result;
use spikeloom_driver::calibration::CalibrationFile;
use spikeloom_driver::pipeline::{Options, compile};
use spikeloom_driver::verification::verify;
use spikeloom_tests::{Network, bytes_of, network};
use spikeloom_verify::decisions;

fn main() -> Result<()> {
    println!("| network | bits | right, by weights | differing | right, calibrated | differing |");
    println!("|---|---|---|---|---|---|");
    for name in ["digits_lif_ff", "digits_lif_conv"] {
        let network = network(name);
        let recorded = network.layers.last().map_or(Vec::new(), |(array, _)| network.recorded_spikes(array));
        println!("| {name} | float | {} of 200 | 0 | | |", right(&recorded));
        for bits in [8, 6, 5, 4, 3, 2] {
            let [plain, calibrated] = [false, true].map(|calibrates| line(&network, bits, calibrates));
            println!("| {name} | {bits} | {} | {} |", plain?, calibrated?);
        }
    }
    Ok(())
}

fn line(network: &Network, bits: u32, calibrates: bool) -> Result<String> {
    let calibrate = calibrates.then(|| CalibrationFile::read(&network.input())).transpose()?;
    let options =
        Options { semantics: network.semantics.into(), bits: Some(bits), calibrate, ..Options::default() };
    let compiled = compile(&network.path(), "ample", &options)?;
    let verdict = verify(&compiled, &network.trains(), None, None)?;
    let node = network.layers.last().map_or("", |(_, node)| node);
    let out = compiled.program().populations.iter().position(|p| p.name == node).unwrap_or(0);
    let differing: u64 = verdict.numerics.iter().map(|d| d.differing).sum();
    let compared: u64 = verdict.numerics.iter().map(|d| d.compared).sum();
    let share = 100.0 * differing as f64 / compared as f64;
    Ok(format!("{} of 200 | {share:.2} %", right(&verdict.chip_spikes[out])))
}

/// Samples of which the most active output is the label.
fn right(spikes: &[u32]) -> usize {
    let labels = bytes_of(&Network::file("digits", "labels.npz"), "labels");
    let decided = decisions(spikes, 200, 32, 10);
    decided.iter().zip(&labels).filter(|(decision, label)| **decision == **label as usize).count()
}
