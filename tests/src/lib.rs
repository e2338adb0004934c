//! What the tests of the whole house share: where its files are, and the networks that they run.

pub mod pairs;

use spikeloom_image::spikes::npz::{Data, read_npz};
use spikeloom_image::spikes::{ExpectedNode, SpikeTrains, read_inputs};
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

/// A temporary folder of its own, removed at the end.
pub struct Folder(PathBuf);

impl Folder {
    /// Makes it; `name` tells those of one process apart.
    pub fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("spikeloom-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Folder(path)
    }

    /// A file in it.
    pub fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A network of the tests: its file, its input, and what it means.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    /// Folder below `tests/networks`.
    pub folder: &'static str,
    /// Name without ending.
    pub name: &'static str,
    /// Input file without ending.
    pub input: &'static str,
    /// Shape of its one input node.
    pub shape: &'static [usize],
    /// Semantics under which the framework ran it.
    pub semantics: &'static str,
    /// Recorded arrays with the population that each shows.
    pub layers: &'static [(&'static str, &'static str)],
}

const PLAIN: &[(&str, &str)] = &[("hidden", "hidden"), ("out", "out")];

const fn digits(
    name: &'static str,
    input: &'static str,
    semantics: &'static str,
    layers: &'static [(&'static str, &'static str)],
) -> Network {
    Network { folder: "digits", name, input, shape: &[64], semantics, layers }
}

/// The trained networks of dense layers without cycles, with recorded spikes.
pub const TRAINED: [Network; 6] = [
    digits("digits_if_int8", "input_1", "spikingjelly", &[("hidden", "_1"), ("out", "_3")]),
    digits("digits_tern", "input", "spikingjelly", PLAIN),
    digits("digits_w2", "input", "spikingjelly", PLAIN),
    digits("digits_ternb", "input", "spikingjelly,reset=subtract", PLAIN),
    digits("digits_w2z", "input", "spikingjelly,reset=subtract", PLAIN),
    digits("digits_lif_ff", "input", "snntorch", &[("hidden", "1"), ("out", "3")]),
];

/// More of them: convolutions, delays, cycles, other resets, other data.
pub const TRAINED_TOO: [Network; 7] = [
    digits(
        "digits_lif_ffsub",
        "input",
        "snntorch,reset=subtract,reset_at=next",
        &[("hidden", "1"), ("out", "3")],
    ),
    digits("digits_rec_delay", "input", "spikingjelly", &[("a", "a"), ("b", "b"), ("out", "out")]),
    Network {
        shape: &[1, 8, 8],
        ..digits(
            "digits_conv_int8",
            "image",
            "spikingjelly",
            &[("conv1_if", "conv1_if"), ("dw_if", "dw_if"), ("conv3_if", "conv3_if"), ("out", "out")],
        )
    },
    Network {
        shape: &[1, 8, 8],
        ..digits(
            "digits_lif_conv",
            "image",
            "snntorch",
            &[("lif1", "lif1"), ("lif2", "lif2"), ("out", "lif3")],
        )
    },
    Network { shape: &[128], ..digits("digits_odin", "onoff", "spikingjelly,reset=subtract", PLAIN) },
    Network {
        folder: "vowels",
        name: "vowels_rec_int8",
        input: "input",
        shape: &[48],
        semantics: "spikingjelly",
        layers: &[("rec", "rec"), ("out", "out")],
    },
    Network {
        folder: "mnist5k",
        name: "mnist_patch_tern",
        input: "input",
        shape: &[784],
        semantics: "spikingjelly",
        layers: &[("hidden1", "hidden1"), ("hidden2", "hidden2"), ("out", "out")],
    },
];

/// The network of this name.
///
/// # Panics
///
/// If there is none: the name is a test's own.
pub fn network(name: &str) -> Network {
    let mut all = TRAINED.iter().chain(&TRAINED_TOO);
    *all.find(|n| n.name == name).unwrap_or_else(|| panic!("no network {name}"))
}

impl Network {
    /// Path of a file beside the networks of a folder.
    pub fn file(folder: &str, name: &str) -> PathBuf {
        root().join("tests/networks").join(folder).join(name)
    }

    /// The network file.
    pub fn path(&self) -> PathBuf {
        Self::file(self.folder, &format!("{}.nir", self.name))
    }

    /// The recorded spikes.
    pub fn recorded(&self) -> PathBuf {
        Self::file(self.folder, &format!("{}_ref.npz", self.name))
    }

    /// The input spikes.
    pub fn input(&self) -> PathBuf {
        Self::file(self.folder, &format!("{}.npz", self.input))
    }

    /// The name of its input node, which is that of the array in the input file.
    pub fn node(&self) -> &'static str {
        if self.input == "input_1" { "input_1" } else { "input" }
    }

    /// The input spikes, read.
    ///
    /// # Panics
    ///
    /// If the file is not there or not right: it is a test's own.
    pub fn trains(&self) -> SpikeTrains {
        let node = ExpectedNode { name: self.node().into(), shape: self.shape.to_vec() };
        let read = std::fs::read(self.input()).map(|bytes| read_inputs(&bytes, self.input, &[node]));
        match read {
            Ok(Ok(trains)) => trains,
            Ok(Err(faults)) => panic!("{}: {faults}", self.name),
            Err(error) => panic!("{}: {error}", self.name),
        }
    }

    /// Recorded spikes of a layer over all samples, as the file has them.
    ///
    /// # Panics
    ///
    /// As for [`Network::trains`].
    pub fn recorded_spikes(&self, array: &str) -> Vec<u32> {
        bytes_of(&self.recorded(), array)
    }

    /// The same of the first samples only.
    pub fn first_trains(&self, samples: usize) -> SpikeTrains {
        let mut trains = self.trains();
        trains.samples = trains.samples.min(samples);
        let length = trains.samples * trains.steps * self.shape.iter().product::<usize>();
        trains.nodes[0].counts.truncate(length);
        trains
    }

    /// `ARRAY=NODE` for each recorded array.
    pub fn matches(&self) -> Vec<String> {
        self.layers.iter().map(|(array, node)| format!("{array}={node}")).collect()
    }
}

/// An array of bytes in an npz file.
///
/// # Panics
///
/// If it is not there: it is a test's own.
pub fn bytes_of(path: &Path, array: &str) -> Vec<u32> {
    let arrays = std::fs::read(path).ok().and_then(|bytes| read_npz(&bytes, array).ok()).unwrap_or_default();
    match arrays.iter().find(|a| a.name == array).map(|a| &a.data) {
        Some(Data::U8(values)) => values.iter().map(|v| u32::from(*v)).collect(),
        _ => panic!("{}: no bytes `{array}`", path.display()),
    }
}
