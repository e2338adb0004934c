//! What the tests of the whole house share: where its files are, and the networks that they run.

pub mod pairs;

use std::path::{Path, PathBuf};

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Every file below a folder with one of these endings, sorted.
pub fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| endings.iter().any(|wanted| e == *wanted)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A network of the tests: its file, its input, and what it means.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    /// Name without ending.
    pub name: &'static str,
    /// Input file.
    pub input: &'static str,
    /// Semantics under which the framework ran it.
    pub semantics: &'static str,
    /// Recorded arrays with the population that each shows.
    pub layers: &'static [(&'static str, &'static str)],
}

const PLAIN: &[(&str, &str)] = &[("hidden", "hidden"), ("out", "out")];

/// The trained networks with recorded spikes.
pub const TRAINED: [Network; 6] = [
    Network {
        name: "digits_if_int8",
        input: "input_1",
        semantics: "spikingjelly",
        layers: &[("hidden", "_1"), ("out", "_3")],
    },
    Network { name: "digits_tern", input: "input", semantics: "spikingjelly", layers: PLAIN },
    Network { name: "digits_w2", input: "input", semantics: "spikingjelly", layers: PLAIN },
    Network { name: "digits_ternb", input: "input", semantics: "spikingjelly,reset=subtract", layers: PLAIN },
    Network { name: "digits_w2z", input: "input", semantics: "spikingjelly,reset=subtract", layers: PLAIN },
    Network {
        name: "digits_lif_ff",
        input: "input",
        semantics: "snntorch",
        layers: &[("hidden", "1"), ("out", "3")],
    },
];

/// The network of this name.
///
/// # Panics
///
/// If there is none: the name is a test's own.
pub fn network(name: &str) -> Network {
    *TRAINED.iter().find(|n| n.name == name).unwrap_or_else(|| panic!("no network {name}"))
}

impl Network {
    /// Path of a file beside the networks.
    pub fn file(name: &str) -> PathBuf {
        root().join("tests/networks/digits").join(name)
    }

    /// The network file.
    pub fn path(&self) -> PathBuf {
        Self::file(&format!("{}.nir", self.name))
    }

    /// The recorded spikes.
    pub fn recorded(&self) -> PathBuf {
        Self::file(&format!("{}_ref.npz", self.name))
    }

    /// The input spikes.
    pub fn input(&self) -> PathBuf {
        Self::file(&format!("{}.npz", self.input))
    }
}
