//! The house stands as docs/architecture.md draws it: arrows point down, and no chip's or model's name stands
//! in the code of the compiler or the runtime.

use spikeloom_tests::{files, root};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Every arrow that there may be: a crate and the crates that it may use.
const ARROWS: [(&str, &[&str]); 10] = [
    ("diagnostics", &[]),
    ("chip", &["diagnostics"]),
    ("image", &["diagnostics", "chip"]),
    ("emulator", &["diagnostics", "chip", "image"]),
    ("ir", &["diagnostics", "chip"]),
    ("mapping", &[]),
    ("import", &["diagnostics", "image", "ir", "mapping"]),
    ("passes", &["diagnostics", "chip", "image", "ir", "mapping"]),
    ("verify", &["diagnostics", "chip", "image", "ir"]),
    ("driver", &["diagnostics", "chip", "image", "emulator", "ir", "import", "mapping", "passes", "verify"]),
];

#[test]
fn arrows_point_down() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    let mut seen = BTreeSet::new();
    for package in metadata["packages"].as_array().expect("packages") {
        let name = package["name"].as_str().unwrap_or("").trim_start_matches("spikeloom-").to_string();
        if ["tests", "examples"].contains(&name.as_str()) {
            continue;
        }
        let may =
            allowed.get(name.as_str()).unwrap_or_else(|| panic!("crate {name} has no place in the plan"));
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let is_for_tests = dependency["kind"].as_str() == Some("dev");
            let Some(used) = dependency["name"].as_str().and_then(|n| n.strip_prefix("spikeloom-")) else {
                continue;
            };
            assert!(is_for_tests || may.contains(&used), "{name} may not use {used}");
        }
        seen.insert(name);
    }
    assert_eq!(seen, allowed.keys().map(|k| k.to_string()).collect(), "every room of the plan stands");
}

/// Identifiers of a Rust source: comments and strings are read too.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|w| !w.is_empty())
}

#[test]
fn no_chip_is_known_by_name() {
    let mut names: BTreeSet<String> = BTreeSet::new();
    for (name, _) in spikeloom_chip::builtin() {
        let chip = spikeloom_chip::load(name).expect("shipped chips are good");
        names.insert(name.to_string());
        for core in chip.description.core_types.values() {
            names.insert(core.neuron.name.replace('-', "_"));
            names.insert(core.neuron.name.clone());
        }
    }
    let mut found = Vec::new();
    for folder in ["compiler", "runtime"] {
        for path in files(&root().join(folder), &["rs"]) {
            let is_test = path
                .components()
                .any(|c| ["tests", "examples", "benches"].iter().any(|f| c.as_os_str() == *f))
                || path.ends_with("tests.rs");
            let text = std::fs::read_to_string(&path).expect("sources are readable");
            // What stands under `#[cfg(test)]` at the end of a file is a test.
            let code = text.split("#[cfg(test)]").next().unwrap_or("");
            for (i, line) in code.lines().enumerate().filter(|_| !is_test) {
                let hit = words(line).any(|w| names.iter().any(|n| n.eq_ignore_ascii_case(w)))
                    || names.iter().any(|n| n.contains('-') && line.contains(n.as_str()));
                if hit {
                    found.push(format!("{}:{}: {}", path.display(), i + 1, line.trim()));
                }
            }
        }
    }
    assert!(found.is_empty(), "chips are data:\n{}", found.join("\n"));
}
