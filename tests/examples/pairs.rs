//! The long form of random networks on random chips: `cargo run --release -p spikeloom-tests --example pairs -- 10000`.
//! Prints how many pairs were compiled, how many refused and by which field, steps compared, and time.

#![allow(clippy::print_stdout)]

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use spikeloom_tests::pairs::outcome::{Outcome, outcome};
use spikeloom_tests::pairs::pair;
use std::cell::RefCell;
use std::collections::BTreeMap;

fn main() {
    let cases = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(10_000);
    let seed: u8 = std::env::args().nth(2).and_then(|n| n.parse().ok()).unwrap_or(1);
    let clock = std::time::Instant::now();
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 2000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]));
    let tally: RefCell<(u64, u64, u64, BTreeMap<String, u64>)> = RefCell::default();
    let result = runner.run(&pair(), |pair| {
        let mut tally = tally.borrow_mut();
        match outcome(&pair) {
            Ok(Outcome::Equal { steps }) => {
                tally.0 += 1;
                tally.1 += steps;
            }
            Ok(Outcome::Refused { code, field, .. }) => {
                tally.2 += 1;
                *tally.3.entry(format!("{code} {field}")).or_default() += 1;
            }
            Err(message) => return Err(proptest::test_runner::TestCaseError::fail(message)),
        }
        Ok(())
    });
    let tally = tally.borrow();
    println!(
        "{} compiled and equal ({} steps), {} refused, {:.1} s",
        tally.0,
        tally.1,
        tally.2,
        clock.elapsed().as_secs_f64()
    );
    for (field, count) in &tally.3 {
        println!("{count:>7}  {field}");
    }
    if let Err(failure) = result {
        println!("{failure}");
        std::process::exit(1);
    }
}
