//! The register of codes, the sources and docs/diagnostics.md agree.
//!
//! `SPIKELOOM_BLESS=1 cargo test -p spikeloom-diagnostics` writes docs/diagnostics.md anew.

use spikeloom_diagnostics::codes;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Titles of the ranges of codes: the first two digits, and what they are about.
const RANGES: [(&str, &str); 12] = [
    ("00", "Command line and files"),
    ("01", "Chip files"),
    ("02", "Neuron programs"),
    ("03", "Images"),
    ("04", "Networks"),
    ("05", "Spikes"),
    ("06", "Semantics and bindings"),
    ("07", "Quantisation and legalisation"),
    ("08", "Partition, placement, fit"),
    ("09", "Verification"),
    ("10", "Emulation"),
    ("11", "Texts of levels"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The Rust files of the workspace, except this crate's.
fn sources() -> Vec<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).file_name().expect("a name").to_owned();
    let mut folders: Vec<_> =
        ["compiler", "runtime", "targets", "tests"].map(|name| root().join(name)).into();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if path.is_dir() && name != own && name != "target" {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files
}

/// Code literals, `"SL` and four digits in quotes, of a text.
fn codes_in(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("\"SL").filter_map(|(at, _)| {
        let code = text.get(at + 1..at + 7)?;
        let is_code = code[2..].bytes().all(|byte| byte.is_ascii_digit()) && text[at + 7..].starts_with('"');
        is_code.then_some(code)
    })
}

#[test]
fn every_code_is_registered_and_used() {
    let mut used: BTreeMap<String, PathBuf> = BTreeMap::new();
    let files = sources();
    assert!(files.len() > 50, "the sources were not found");
    for file in files {
        let text = fs::read_to_string(&file).unwrap_or_default();
        codes_in(&text).for_each(|code| drop(used.insert(code.to_string(), file.clone())));
    }
    let unregistered: Vec<_> = used.iter().filter(|(code, _)| codes::find(code).is_none()).collect();
    assert!(unregistered.is_empty(), "used and not registered: {unregistered:#?}");
    let unused: Vec<_> =
        codes::all().map(|entry| entry.code).filter(|code| !used.contains_key(*code)).collect();
    assert!(unused.is_empty(), "registered and used nowhere: {unused:?}");
}

#[test]
fn entries_are_whole() {
    let mut titles = BTreeSet::new();
    for entry in codes::all() {
        let (title, story) = (entry.title, entry.story);
        assert!(titles.insert(title), "{}: the title stands twice: {title}", entry.code);
        assert!(!title.ends_with('.') && title.len() < 90, "{}: a title is a short line", entry.code);
        assert!(story.ends_with('.') && story.len() > 40, "{}: a story is a paragraph", entry.code);
        assert!(RANGES.iter().any(|(digits, _)| entry.code[2..4] == **digits), "{}: no range", entry.code);
    }
}

fn page() -> String {
    let mut page = String::from(
        "# Diagnostics\n\nEvery fault has a code that never changes its meaning. `spikeloom explain CODE` prints the same \
         story.\nThis page is written by a test from `targets/diagnostics/src/codes`\n\
         (`SPIKELOOM_BLESS=1 cargo test -p spikeloom-diagnostics`).\n",
    );
    for (digits, title) in RANGES {
        page.push_str(&format!("\n## {digits}: {title}\n\n| code | title | story |\n|---|---|---|\n"));
        for entry in codes::all().filter(|entry| entry.code[2..4] == *digits) {
            let cell = |text: &str| text.replace('|', "\\|");
            page.push_str(&format!("| {} | {} | {} |\n", entry.code, cell(entry.title), cell(entry.story)));
        }
    }
    page
}

#[test]
fn the_page_lists_every_code() {
    let path = root().join("docs/diagnostics.md");
    let page = page();
    if std::env::var_os("SPIKELOOM_BLESS").is_some_and(|value| value == "1") {
        fs::write(&path, &page).expect("docs can be written");
    }
    let found = fs::read_to_string(&path).unwrap_or_default().replace('\r', "");
    assert!(found == page, "docs/diagnostics.md is not up to date: run with SPIKELOOM_BLESS=1");
}
