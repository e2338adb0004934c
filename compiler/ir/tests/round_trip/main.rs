//! What is printed is read back as it was: random levels with odd names, numbers and shapes, written out and with files.

#[path = "../common/mod.rs"]
mod common;
mod levels;

use common::{FULL, Read, SHORT, files, nothing, read};
use levels::{cores, network_text, placed, program};
use proptest::prelude::*;
use spikeloom_chip::Chip;
use spikeloom_ir::text::{self, Level, Printed};

/// Prints both ways and reads back.
fn comes_back(
    level: Level,
    chip: &Chip,
    print: impl Fn(text::Style) -> Printed,
    is_it: impl Fn(&Read) -> bool,
) -> Result<(), TestCaseError> {
    for style in [SHORT, FULL] {
        let printed = print(style);
        let parsed = if style.full {
            read(level, &printed.text, chip, &nothing)
        } else {
            read(level, &printed.text, chip, &files(&printed))
        };
        prop_assert!(parsed.is_ok(), "{}\n{}", parsed.unwrap_err(), printed.text);
        let parsed = parsed.unwrap();
        prop_assert!(is_it(&parsed), "read otherwise:\n{}\n{parsed:?}", printed.text);
        prop_assert_eq!(parsed.print(chip, style), printed);
        prop_assert_eq!(text::level_of(&print(style).text), Some(level));
        let _ = parsed.verify(chip);
    }
    Ok(())
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, max_shrink_iters: 2000, ..ProptestConfig::with_cases(cases) }
}

fn chips() -> [Chip; 3] {
    ["tiny", "ranc", "loihi1"].map(common::chip)
}

/// A value of what a strategy makes for one of the chips, with the chip.
fn with_chip<T: std::fmt::Debug + 'static, S: Strategy<Value = T> + 'static>(
    make: impl Fn(&Chip) -> S,
) -> impl Strategy<Value = (usize, T)> {
    let [a, b, c] = chips().map(|chip| make(&chip).boxed());
    prop_oneof![a.prop_map(|v| (0, v)), b.prop_map(|v| (1, v)), c.prop_map(|v| (2, v))]
}

#[test]
fn networks_come_back() {
    let chip = common::chip("tiny");
    proptest!(config(200), |(network in network_text())| {
        let print = |style| text::network(&network.network, &network.options, style);
        comes_back(Level::Network, &chip, print, |read| matches!(read, Read::Network(n) if n.value == network))?;
    });
}

#[test]
fn programs_come_back() {
    let chips = chips();
    proptest!(config(200), |((chip, program) in with_chip(program))| {
        let print = |style| text::program(&program, &chips[chip], style);
        comes_back(Level::Program, &chips[chip], print, |read| matches!(read, Read::Program(p) if p.value == program))?;
    });
}

#[test]
fn cores_come_back() {
    let chips = chips();
    proptest!(config(200), |((chip, cores) in with_chip(cores))| {
        let print = |style| text::cores(&cores, &chips[chip], style);
        comes_back(Level::Cores, &chips[chip], print, |read| matches!(read, Read::Cores(c) if c.value == cores))?;
    });
}

#[test]
fn placed_cores_come_back() {
    let chips = chips();
    proptest!(config(200), |((chip, placed) in with_chip(placed))| {
        let print = |style| text::placed(&placed, &chips[chip], style);
        comes_back(Level::Placed, &chips[chip], print, |read| matches!(read, Read::Placed(p) if p.value == placed))?;
    });
}
