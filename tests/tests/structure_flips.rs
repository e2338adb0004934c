//! What the structural check lets pass must run the same: single bits of memories and host tables are flipped, and
//! wherever the check still holds, a run on recorded input may not differ. And every flipped bit that a run shows,
//! the check has found.

// The long form prints its figures.
#![allow(clippy::print_stdout)]

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use spikeloom_driver::pipeline::{self, Compiled, Options};
use spikeloom_driver::verification;
use spikeloom_image::Image;
use spikeloom_image::container;
use spikeloom_image::spikes::SpikeTrains;
use spikeloom_tests::network;
use spikeloom_verify::structure::check;

const SAMPLES: usize = 5;
const SECTIONS: [&str; 3] = ["MEM", "HOST.IN", "HOST.OUT"];

fn subject(name: &str, chip: &str) -> (Compiled, SpikeTrains) {
    let network = network(name);
    let options = Options { semantics: network.semantics.into(), ..Options::default() };
    let compiled = pipeline::compile(&network.path(), chip, &options).unwrap();
    (compiled, network.first_trains(SAMPLES))
}

/// The image with one bit of a section flipped, if it can be read.
fn flipped(bytes: &[u8], section: &str, at: u32, bit: u32) -> Option<Image> {
    let mut sections = container::read(bytes, "good.loom").unwrap();
    let payload = &mut sections.iter_mut().find(|s| s.name == section).unwrap().bytes;
    // The first number of HOST.IN says how long a run goes on: longer than it must be is allowed, and takes as long.
    let first = if section == "HOST.IN" { 4 } else { 0 };
    let index = first + at as usize % (payload.len() - first);
    payload[index] ^= 1 << bit;
    Image::from_bytes(&container::write(&sections), "flipped.loom").ok()
}

fn flips(name: &str, chip: &str, cases: u32) {
    let (mut compiled, inputs) = subject(name, chip);
    let good = compiled.image.clone();
    let (mut refused, mut found, mut passed) = (0, 0, 0);
    let mut runner = TestRunner::new_with_rng(
        Config { cases, failure_persistence: None, ..Config::default() },
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let cell = std::cell::RefCell::new((&mut compiled, &mut refused, &mut found, &mut passed));
    let flip = (prop::sample::select(&SECTIONS[..]), any::<u32>(), 0..8u32);
    let outcome = runner.run(&flip, |(section, at, bit)| {
        let (compiled, refused, found, passed) = &mut *cell.borrow_mut();
        let Some(image) = flipped(&compiled.image_bytes, section, at, bit) else {
            **refused += 1;
            return Ok(());
        };
        if !check(&image, compiled.program(), 1000).holds() {
            **found += 1;
            return Ok(());
        }
        **passed += 1;
        compiled.image = image;
        let verdict = verification::verify(compiled, &inputs, None, None);
        compiled.image = good.clone();
        prop_assert!(verdict.is_ok_and(|verdict| verdict.is_good), "the check holds and a run differs");
        Ok(())
    });
    assert!(outcome.is_ok(), "{name} on {chip}: {outcome:?}");
    println!(
        "{name} on {chip}: of {cases} flipped bits {refused} unreadable, {found} found, {passed} harmless and run the same"
    );
    assert!(found > 0);
}

#[test]
fn what_passes_runs_the_same_on_crossbars() {
    flips("digits_tern", "ranc", 300);
}

#[test]
fn what_passes_runs_the_same_on_lists() {
    flips("digits_if_int8", "loihi1", 300);
}
