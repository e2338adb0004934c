//! docs/chip-files.md is true: its whole files are good, and it names all that the schema has.

use spikeloom_chip::{check_text, load, read_text};
use spikeloom_diagnostics::render;

const PAGE: &str = include_str!("../../../docs/chip-files.md");

/// The blocks of the page that are whole chip files.
fn blocks() -> Vec<&'static str> {
    PAGE.split("```ron\n").skip(1).map(|rest| rest.split("\n```").next().unwrap_or("")).collect()
}

#[test]
fn whole_files_on_the_page_have_no_fault() {
    assert!(!blocks().is_empty());
    for block in blocks() {
        let faults: Vec<_> =
            check_text(block, "docs/chip-files.md").iter().map(|f| render(f, false)).collect();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}

#[test]
fn the_walk_is_through_the_file_that_ships() {
    let on_page = read_text(blocks()[0], "docs/chip-files.md", None, &[]).expect("a good file");
    assert_eq!(on_page.text, load("tiny").expect("a shipped chip").text);
}

/// The schema's source, all files of it.
fn schema() -> &'static str {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let parts =
        std::fs::read_dir(root.join("schema")).expect("a folder").map(|file| file.expect("a file").path());
    let files = std::iter::once(root.join("schema.rs")).chain(parts);
    files.map(|file| std::fs::read_to_string(file).expect("text")).collect::<String>().leak()
}

/// Fields and variants that the schema declares.
fn schema_names() -> Vec<&'static str> {
    let word =
        |text: &'static str| text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("");
    let declarations = schema().lines().map(str::trim).filter(|line| !line.starts_with("//"));
    declarations
        .filter_map(|line| match line.strip_prefix("pub ") {
            Some(rest) => Some(rest).filter(|rest| rest.contains(": ")),
            None => Some(line).filter(|line| {
                let is_variant = line.starts_with(char::is_uppercase) && line.ends_with([',', '{']);
                let is_field = line.ends_with(',') && word(line).len() + 1 == line.find(' ').unwrap_or(0);
                is_variant || is_field && line[word(line).len()..].starts_with(": ")
            }),
        })
        .map(word)
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn the_page_names_every_field_and_variant() {
    let names = schema_names();
    assert!(names.len() > 120 && names.contains(&"accumulators") && names.contains(&"OutCount"), "{names:?}");
    let words: std::collections::BTreeSet<_> =
        PAGE.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let missing: Vec<_> = names.into_iter().filter(|name| !words.contains(name)).collect();
    assert!(missing.is_empty(), "not on the page: {missing:?}");
}
