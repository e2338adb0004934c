//! Stored texts, and reading and printing by level.

#![allow(dead_code, reason = "each test binary uses some of it")]

use spikeloom_chip::Chip;
use spikeloom_diagnostics::{Diagnostic, Place, Result};
use spikeloom_ir::text::{self, Level, Parsed, Printed, Style};
use spikeloom_ir::{cores, program, verify};
use std::collections::BTreeMap;
use std::path::Path;

pub(crate) const SHORT: Style = Style { full: false };
pub(crate) const FULL: Style = Style { full: true };

pub(crate) fn chip(name: &str) -> Chip {
    spikeloom_chip::load(name).expect("the chip ships")
}

/// A level that was read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Read {
    Network(Parsed<text::NetworkText>),
    Program(Parsed<program::Program>),
    Cores(Parsed<cores::Cores>),
    Placed(Parsed<cores::Placed>),
}

pub(crate) fn read(level: Level, text: &str, chip: &Chip, tensors: text::Tensors<'_>) -> Result<Read> {
    Ok(match level {
        Level::Network => Read::Network(text::parse_network(text, "t", tensors)?),
        Level::Program => Read::Program(text::parse_program(text, "t", chip, tensors)?),
        Level::Cores => Read::Cores(text::parse_cores(text, "t", chip, tensors)?),
        Level::Placed => Read::Placed(text::parse_placed(text, "t", chip, tensors)?),
    })
}

impl Read {
    pub(crate) fn print(&self, chip: &Chip, style: Style) -> Printed {
        match self {
            Read::Network(n) => text::network(&n.value.network, &n.value.options, style),
            Read::Program(p) => text::program(&p.value, chip, style),
            Read::Cores(c) => text::cores(&c.value, chip, style),
            Read::Placed(p) => text::placed(&p.value, chip, style),
        }
    }

    pub(crate) fn verify(&self, chip: &Chip) -> Vec<Diagnostic> {
        match self {
            Read::Network(n) => verify::network(&n.value.network, Some(&n.places)),
            Read::Program(p) => verify::program(&p.value, chip, Some(&p.places)),
            Read::Cores(c) => verify::cores(&c.value, chip, Some(&c.places)),
            Read::Placed(p) => verify::placed(&p.value, chip, Some(&p.places)),
        }
    }
}

/// No files.
pub(crate) fn nothing(_: &str) -> Option<Vec<u8>> {
    None
}

/// Looks files up among those of a printed text.
pub(crate) fn files(printed: &Printed) -> impl Fn(&str) -> Option<Vec<u8>> {
    let files: BTreeMap<String, Vec<u8>> = printed.tensors.iter().cloned().collect();
    move |digest| files.get(digest).cloned()
}

/// Every stored text with its chip: those of docs/ir.md and tests/texts, placeholders for digests filled in.
pub(crate) fn stored() -> Vec<(String, String, Chip)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(folder.join("../../docs/ir.md")).expect("the page is there");
    let mut texts: Vec<(String, String)> = page
        .split("```text\n")
        .skip(1)
        .filter_map(|part| part.split("```").next())
        .map(|text| {
            text.replace("chip-digest=abab...abab", "chip-digest=CHIP")
                .replace("abab...abab", &"ab".repeat(32))
        })
        .enumerate()
        .map(|(i, text)| (format!("docs/ir.md, example {i}"), text))
        .collect();
    assert_eq!(texts.len(), 4, "one example a level");
    let entries = std::fs::read_dir(folder.join("tests/texts")).expect("the folder is there");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "loomtext"));
    paths.sort();
    texts.extend(
        paths.iter().map(|path| (path.display().to_string(), std::fs::read_to_string(path).expect("a text"))),
    );
    let with_chip = |(name, text): (String, String)| {
        let header = text::header_of(&text.replace("CHIP", "\"CHIP\"")).expect("it has a header");
        let chip = chip(header.fact("chip").unwrap_or("tiny"));
        let text = text.replace("CHIP", &chip.digest);
        (name, text, chip)
    };
    texts.into_iter().map(with_chip).collect()
}

/// The stored text whose name ends so, with its chip.
pub(crate) fn text_named(ending: &str) -> (String, Chip) {
    let found = stored().into_iter().find(|(name, ..)| name.ends_with(ending));
    let (_, text, chip) = found.unwrap_or_else(|| panic!("there is no text {ending}"));
    (text, chip)
}

/// A stored text with single places changed, what must be wrong with it, and where.
pub(crate) struct Case {
    /// End of the name of the stored text.
    pub(crate) of: &'static str,
    /// What is replaced (its first occurrence, which must be there), and by what.
    pub(crate) edits: &'static [(&'static str, &'static str)],
    /// Codes, each with the text of its line from its column on.
    pub(crate) finds: &'static [(&'static str, &'static str)],
}

/// A case of one edit and one finding.
pub(crate) const fn case(
    of: &'static str,
    edits: &'static [(&'static str, &'static str)],
    finds: &'static [(&'static str, &'static str)],
) -> Case {
    Case { of, edits, finds }
}

/// Compares findings with those of the cases: code, line and column, no more and no fewer.
pub(crate) fn assert_cases(cases: &[Case], check: impl Fn(Level, &str, &Chip) -> Vec<Diagnostic>) {
    let wrong: Vec<String> = cases.iter().filter_map(|case| wrong_with(case, &check)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn wrong_with(case: &Case, check: impl Fn(Level, &str, &Chip) -> Vec<Diagnostic>) -> Option<String> {
    let (mut text, chip) = text_named(case.of);
    for (from, to) in case.edits {
        assert!(text.contains(from), "`{from}` is not in {}", case.of);
        text = text.replacen(from, to, 1);
    }
    let level = text::level_of(&text).unwrap_or(Level::Placed);
    let found = check(level, &text, &chip);
    let place = |d: &Diagnostic| match &d.place {
        Place::Text { line, column, source_line, .. } => {
            assert_eq!(text.lines().nth(line - 1).unwrap_or(""), source_line, "the line is that of the text");
            source_line.chars().skip(column - 1).collect::<String>()
        }
        place => panic!("{d} has no place in the text: {place:?}"),
    };
    let is_it = |(d, (code, at)): (&Diagnostic, &(&str, &str))| d.code == *code && place(d).starts_with(at);
    if found.len() == case.finds.len() && found.iter().zip(case.finds).all(is_it) {
        return None;
    }
    let listing: String = found.iter().map(|d| format!("\n  {d}\n    at {}", place(d))).collect();
    Some(format!("{} {:?} should give {:?}, and gives{listing}", case.of, case.edits, case.finds))
}
