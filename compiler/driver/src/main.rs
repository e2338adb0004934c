//! The command `spikeloom`: parses, calls, prints.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use clap::Parser;
use spikeloom_diagnostics::{Diagnostic, render, to_json};
use spikeloom_driver::cli::Cli;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let json = cli.json;
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let show = |diagnostics: &[Diagnostic]| {
        for diagnostic in diagnostics {
            let text = if json { to_json(diagnostic) } else { render(diagnostic, colour) };
            eprintln!("{text}");
        }
    };
    match spikeloom_driver::execute(&cli.verb) {
        Ok(outcome) => {
            show(&outcome.notes);
            // A reader that has seen enough (`| head`) is no fault of ours.
            let _ = std::io::stdout().write_all(outcome.text.as_bytes());
            if outcome.is_good { ExitCode::SUCCESS } else { ExitCode::from(1) }
        }
        Err(diagnostics) => {
            show(&diagnostics.0);
            ExitCode::from(1)
        }
    }
}
