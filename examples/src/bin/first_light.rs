//! First light, as a library: compiles a trained network onto a chip, reads the image back from its bytes, runs it on
//! recorded input, and prints how often each output neuron spiked for the first samples.
//!
//! `cargo run --release -p spikeloom-examples --bin first_light [CHIP]`

#![allow(clippy::print_stdout)]

use spikeloom_diagnostics::Result;
use spikeloom_driver::pipeline::{Options, compile};
use spikeloom_emulator::{RunOptions, run_spikes};
use spikeloom_image::spikes::{ExpectedNode, read_inputs};
use spikeloom_image::{Image, files};
use std::path::Path;

fn main() -> Result<()> {
    let chip = std::env::args().nth(1).unwrap_or_else(|| "ranc".into());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("digits");
    let options = Options { semantics: "spikingjelly".into(), ..Options::default() };
    let compiled = compile(&folder.join("digits_tern.nir"), &chip, &options)?;
    println!("{chip}: {} cores, {} bytes", compiled.placed.cores.cores.len(), compiled.image_bytes.len());

    // From here on nothing of the compiler is used: the image says it all.
    let image = Image::from_bytes(&compiled.image_bytes, "digits.loom")?;
    let input = files::read(&folder.join("digits_input.npz"))?;
    let spikes =
        read_inputs(&input, "digits_input.npz", &[ExpectedNode { name: "input".into(), shape: vec![64] }])?;
    let result = run_spikes(&image, &spikes, &RunOptions::default())?;
    let output = &result.outputs[0];
    for sample in output.counts.chunks_exact(result.steps * 10).take(5) {
        let sum = |neuron: usize| sample.iter().skip(neuron).step_by(10).sum::<u32>();
        println!("{:?}", (0..10).map(sum).collect::<Vec<_>>());
    }
    Ok(())
}
