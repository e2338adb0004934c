//! The README tells the truth: its first command works and prints what the page shows.

use clap::Parser;
use spikeloom_driver::cli::Cli;
use spikeloom_driver::execute;
use spikeloom_tests::root;

#[test]
fn the_first_command_prints_what_the_page_shows() {
    let page = std::fs::read_to_string(root().join("README.md")).unwrap();
    let command = page.lines().find(|line| line.starts_with("cargo run --release -- verify")).unwrap();
    let arguments: Vec<String> = command
        .trim_start_matches("cargo run --release --")
        .split_whitespace()
        .map(|word| {
            if word.starts_with("examples/") { root().join(word).display().to_string() } else { word.into() }
        })
        .collect();
    let image = std::env::temp_dir().join(format!("spikeloom-readme-{}.loom", std::process::id()));
    let arguments =
        arguments.into_iter().map(|a| if a == "digits.loom" { image.display().to_string() } else { a });
    let cli = Cli::try_parse_from(std::iter::once("spikeloom".to_string()).chain(arguments)).unwrap();
    let outcome = execute(&cli.verb).unwrap();
    assert!(outcome.is_good);
    assert!(image.is_file());
    std::fs::remove_file(&image).unwrap();
    let shown = page.split("```").nth(1).unwrap();
    for line in shown.lines().filter(|line| !line.is_empty()) {
        assert!(
            outcome.text.contains(line),
            "the page shows a line that the command does not print:\n{line}\n{}",
            outcome.text
        );
    }
}
