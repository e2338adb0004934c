//! The built command in a temporary folder.
#![allow(dead_code, reason = "each test file uses its own part")]

use spikeloom_image::spikes::npz::{Array, Data, read_npz, write_npz};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder of its own, removed at the end.
pub(crate) struct Folder(PathBuf);

/// What a run of the command gave.
pub(crate) struct Ran {
    /// Exit status.
    pub(crate) status: i32,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error, in which paths of the workspace are placeholders.
    pub(crate) stderr: String,
}

/// What stands for folders of the workspace in command lines and in what is printed.
const PLACES: [(&str, &str); 5] = [
    ("DIGITS", "tests/networks/digits"),
    ("SMALL", "tests/networks/small"),
    ("FAULTS", "compiler/import/tests/files"),
    ("CHIPS", "targets/chips"),
    ("ORACLES", "tests/oracles"),
];

/// A path in the workspace.
pub(crate) fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap().join(path)
}

impl Folder {
    pub(crate) fn new() -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("spikeloom-command-{}-{number}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        Folder(path)
    }

    /// Runs the command in this folder. Arguments are separated by blanks; `DIGITS/x` and the like are paths of
    /// the workspace.
    pub(crate) fn run(&self, command: &str) -> Ran {
        let arguments = command.split_whitespace().map(|argument| {
            let place = PLACES.iter().find(|(name, _)| argument.starts_with(&format!("{name}/")));
            place.map_or(argument.to_string(), |(name, path)| {
                argument.replacen(name, &workspace(path).display().to_string(), 1)
            })
        });
        let output = Command::new(env!("CARGO_BIN_EXE_spikeloom"))
            .args(arguments)
            .current_dir(&self.0)
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| {
            let mut text = String::from_utf8(bytes).unwrap();
            for (name, path) in PLACES {
                text = text.replace(&workspace(path).display().to_string(), name);
            }
            text
        };
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        assert!(!stderr.contains("panicked"), "{command}\n{stderr}");
        let status =
            output.status.code().unwrap_or_else(|| panic!("{command} was killed: {}", output.status));
        Ran { status, stdout, stderr }
    }

    /// As [`Folder::run`], with exit status 0.
    pub(crate) fn good(&self, command: &str) -> Ran {
        let ran = self.run(command);
        assert_eq!(ran.status, 0, "{command}\n{}", ran.stderr);
        ran
    }

    /// A command that can't do its work: exit status 1, these codes in the order printed, these words somewhere
    /// in what it says, nothing on standard output and no file more than before. Gives what it says.
    pub(crate) fn refused(&self, command: &str, codes: &[&str], words: &[&str]) -> String {
        let before = self.names();
        let Ran { status, stdout, stderr } = self.run(command);
        assert_eq!((status, stdout.as_str()), (1, ""), "{command}\n{stderr}");
        let heads = stderr.lines().filter_map(|line| line.strip_prefix("error["));
        let found: Vec<&str> = heads.filter_map(|head| head.get(..6)).collect();
        assert_eq!(found, codes, "{command}\n{stderr}");
        for word in words {
            assert!(stderr.contains(word), "{command}: `{word}` is not in\n{stderr}");
        }
        assert_eq!(self.names(), before, "{command} left something behind");
        stderr
    }

    /// A command line that is no command: exit status 2 and nothing else.
    pub(crate) fn misused(&self, command: &str, words: &[&str]) {
        let before = self.names();
        let Ran { status, stdout, stderr } = self.run(command);
        assert_eq!((status, stdout.as_str()), (2, ""), "{command}\n{stderr}");
        for word in words {
            assert!(stderr.contains(word), "{command}: `{word}` is not in\n{stderr}");
        }
        assert_eq!(self.names(), before);
    }

    /// Names of all files, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    pub(crate) fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_slice(&self.read(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn write_npz(&self, name: &str, arrays: &[(&str, &[usize], Data)]) {
        let arrays: Vec<Array> = arrays
            .iter()
            .map(|(name, shape, data)| Array {
                name: (*name).into(),
                shape: shape.to_vec(),
                data: data.clone(),
            })
            .collect();
        self.write(name, &write_npz(&arrays).unwrap());
    }

    pub(crate) fn npz(&self, name: &str) -> Vec<Array> {
        read_npz(&self.read(name), name).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The arrays of a file beside the networks.
pub(crate) fn digits(name: &str) -> Vec<Array> {
    let path = workspace("tests/networks/digits").join(name);
    read_npz(&std::fs::read(path).unwrap(), name).unwrap()
}

/// The array of this name.
pub(crate) fn array<'a>(arrays: &'a [Array], name: &str) -> &'a Array {
    let names: Vec<&str> = arrays.iter().map(|a| a.name.as_str()).collect();
    arrays.iter().find(|a| a.name == name).unwrap_or_else(|| panic!("no array {name} among {names:?}"))
}

/// Compiles the ternary network for crossbars, as `a.loom`.
pub(crate) const COMPILE: &str =
    "compile DIGITS/digits_tern.nir --chip ranc --semantics spikingjelly -o a.loom";
