//! The cases in tests/cases, one file each. The first line holds the command as a comment, `// compile --from
//! program --chip tiny --emit placed` or `// chip check`; the rest is the file that it is given. What the command
//! says and writes is held by the snapshot beside it.
//!
//! In a case `CHIP` stands for the digest of the chip, `CHIPS/` for the folder tests/chips. A case that is added or
//! changed is looked at, then taken with `INSTA_UPDATE=always cargo test -p spikeloom-tests --test cases`.

use clap::Parser;
use spikeloom_diagnostics::{Diagnostic, render};
use spikeloom_driver::cli::Cli;
use spikeloom_tests::{Folder, files, root};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// Endings of cases: texts of levels, chip files.
const ENDINGS: [&str; 2] = ["loomtext", "ron"];

#[test]
fn every_case_gives_what_its_snapshot_says() {
    let folder = root().join("tests/cases");
    let cases = files(&folder, &ENDINGS);
    assert!(cases.len() >= 40, "only {} cases", cases.len());
    let is_wrong = |case: &&PathBuf| catch_unwind(AssertUnwindSafe(|| check(case))).is_err();
    let wrong: Vec<_> =
        cases.iter().filter(is_wrong).map(|case| case.strip_prefix(&folder).unwrap()).collect();
    assert!(wrong.is_empty(), "{} of {} cases differ: {wrong:?}", wrong.len(), cases.len());
}

#[test]
fn every_snapshot_has_its_case() {
    for snapshot in files(&root().join("tests/cases"), &["snap"]) {
        let has_case = ENDINGS.iter().any(|ending| snapshot.with_extension(ending).exists());
        assert!(has_case, "{} is left over", snapshot.display());
    }
}

/// Runs a case and compares with its snapshot.
fn check(case: &Path) {
    let text = std::fs::read_to_string(case).unwrap();
    let (first, rest) = text.split_once('\n').unwrap();
    let flags = first.strip_prefix("// ").unwrap_or_else(|| panic!("{} has no flags", case.display()));
    let name = case.file_stem().unwrap().to_str().unwrap();
    let found = run(flags, rest, case.file_name().unwrap().to_str().unwrap(), name);
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(case.parent().unwrap());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(flags);
    settings.bind(|| insta::assert_snapshot!(name, found));
}

/// What a command says of a file, and the level that it writes.
fn run(flags: &str, text: &str, file: &str, name: &str) -> String {
    let folder = Folder::new(name);
    let chips = format!("{}/", root().join("tests/chips").display());
    let flags: Vec<String> = flags.split_whitespace().map(|flag| flag.replace("CHIPS/", &chips)).collect();
    let after = |flag: &str| flags.iter().position(|f| f == flag).map(|i| flags[i + 1].clone());
    let digest = after("--chip").and_then(|spec| spikeloom_chip::load(&spec).ok()).map(|chip| chip.digest);
    let text = digest.as_ref().map_or(text.to_string(), |digest| {
        text.replace("chip-digest=CHIP", &format!("chip-digest={digest}"))
    });
    let (input, emitted) = (folder.path(file), folder.path("emitted"));
    std::fs::write(&input, &text).unwrap();
    let level = after("--emit");
    let is_level = |i: usize| i > 0 && flags[i - 1] == "--emit";
    let written = |flag: &str| format!("{flag}={}", emitted.display());
    let flags =
        flags.iter().enumerate().map(|(i, flag)| if is_level(i) { written(flag) } else { flag.clone() });
    let arguments = ["spikeloom".to_string()].into_iter().chain(flags).chain([input.display().to_string()]);
    let cli = Cli::try_parse_from(arguments).unwrap_or_else(|error| panic!("{file}: {error}"));
    let rendered =
        |found: &[Diagnostic]| found.iter().map(|d| format!("{}\n", render(d, false))).collect::<String>();
    let mut said = match spikeloom_driver::execute(&cli.verb) {
        Ok(outcome) => {
            let exit = u8::from(!outcome.is_good);
            format!("exit {exit}\n\n{}\n{}", masked(&outcome.text), rendered(&outcome.notes))
        }
        Err(found) => format!("exit 1\n\n{}", rendered(&found.0)),
    };
    if let (Some(level), Ok(text)) = (level, std::fs::read_to_string(&emitted)) {
        said.push_str(&format!("\n----- {level}\n{text}"));
    }
    let said = said.replace(&folder.path("").display().to_string(), "").replace(&chips, "CHIPS/");
    digest.map_or(said.clone(), |digest| said.replace(&digest, "CHIP"))
}

/// Without the size and digest of the image: they hold the text of the chip, too.
fn masked(text: &str) -> String {
    let lines = text.lines().map(|line| if line.starts_with("   image: ") { "   image: ..." } else { line });
    lines.map(|line| format!("{line}\n")).collect()
}
