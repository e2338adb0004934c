//! Reading and writing whole files, with errors that name the file, and digests.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};
use spikeloom_diagnostics::{Diagnostic, Result};

/// The bytes of a file.
///
/// # Errors
///
/// `SL0001`, naming the path and the reason.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| {
        let mut diagnostic = fault("SL0001", "cannot read", path, &error);
        if path.is_dir() {
            diagnostic = diagnostic.hint("this is a folder: name a file in it");
        } else if error.kind() == io::ErrorKind::NotFound {
            diagnostic = diagnostic.hint("check the spelling and the folder that the command runs in");
        }
        diagnostic.into()
    })
}

/// Writes a file so that there is either the old content or the new one at any moment, never a part.
///
/// The bytes go to a temporary file in the same folder, are flushed to the disk and take the name of the
/// target by a rename; the temporary file is removed on failure. A link is followed, and something that is
/// no regular file (`/dev/null`, a pipe) is written to, not replaced.
///
/// # Errors
///
/// `SL0002`, naming the path and the reason.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    write_by_rename(path, bytes).map_err(|error| {
        let mut diagnostic = fault("SL0002", "cannot write", path, &error);
        if error.kind() == io::ErrorKind::NotFound {
            diagnostic = diagnostic.hint("the folder must exist: make it first");
        }
        diagnostic.into()
    })
}

/// The SHA-256 digest in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the beginning of a file looks like, for messages about the wrong kind of file.
pub fn seems_to_be(bytes: &[u8]) -> &'static str {
    let known: [(&[u8], &str); 9] = [
        (&crate::container::MAGIC, "a Spikeloom image (.loom)"),
        // What a transfer in text mode or a decoding as UTF-8 leaves of the magic.
        (b"\x89LOOM\n", "a Spikeloom image damaged by a text-mode transfer"),
        (b"\xEF\xBF\xBDLOOM", "a Spikeloom image damaged by a text-mode transfer"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file (.nir, .h5)"),
        (b"PK\x03\x04", "a zip archive (.npz, .zip)"),
        (b"PK\x05\x06", "an empty zip archive"),
        (b"\x93NUMPY", "a single numpy array (.npy)"),
        (b"\x1f\x8b", "a gzip file"),
        (b"\x7fELF", "a program (ELF)"),
    ];
    if let Some((_, words)) = known.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return words;
    }
    // A character may be cut at the end of the part that is looked at; that is no reason to doubt a text.
    let start = &bytes[..bytes.len().min(512)];
    let text = match std::str::from_utf8(start) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && bytes.len() > start.len(),
    };
    match (start.is_empty(), text && !start.contains(&0)) {
        (true, _) => "an empty file",
        (_, true) => "a text file",
        _ => "an unknown binary file",
    }
}

fn fault(code: &'static str, what: &str, path: &Path, error: &io::Error) -> Diagnostic {
    let path = path.display().to_string();
    Diagnostic::error(code, format!("{what} {path}: {error}")).at_file(path)
}

fn write_by_rename(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let old = fs::metadata(path).ok();
    if old.as_ref().is_some_and(|old| old.is_dir()) {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
    }
    if old.as_ref().is_some_and(|old| !old.is_file()) {
        // Renaming over a device or a pipe would replace it by a file.
        return OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    let target = if old.is_some() { fs::canonicalize(path)? } else { path.to_path_buf() };
    let (temporary, mut file) = create_beside(&target)?;
    let result = (|| {
        file.write_all(bytes)?;
        if let Some(old) = &old {
            file.set_permissions(old.permissions())?;
        }
        file.sync_all()?;
        drop(file);
        fs::rename(&temporary, &target)
    })();
    if result.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(&temporary);
    } else if let Some(Ok(folder)) = target.parent().map(|folder| File::open(or_here(folder))) {
        // Makes the rename itself durable; some file systems cannot, and the content is safe already.
        let _ = folder.sync_all();
    }
    result
}

/// A new file in the same folder, so that the rename stays within one file system.
fn create_beside(target: &Path) -> io::Result<(PathBuf, File)> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    if target.file_name().is_none() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it names no file"));
    }
    let folder = or_here(target.parent().unwrap_or(Path::new("")));
    loop {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        // Not made from the target's name: that may be as long as the file system allows already.
        let temporary = folder.join(format!(".spikeloom-{}-{number}.tmp", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&temporary) {
            Ok(file) => return Ok((temporary, file)),
            // Left by a killed process that had the same id.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(error),
        }
    }
}

fn or_here(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("spikeloom-files-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_written_replaced_and_read_and_nothing_is_left_beside_it() {
        let folder = folder("replace");
        let path = folder.join("a.loom");
        write_atomically(&path, b"one, the longer").unwrap();
        write_atomically(&path, b"two").unwrap();
        assert_eq!(read(&path).unwrap(), b"two");
        assert_eq!(names(&folder), ["a.loom"]);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn failures_name_the_path_and_leave_nothing() {
        let folder = folder("failures");
        let taken = folder.join("taken");
        fs::create_dir(&taken).unwrap();
        for path in [taken.clone(), folder.join("absent/a.loom"), folder.join("..")] {
            let error = write_atomically(&path, b"x").unwrap_err().0.remove(0);
            assert_eq!(error.code, "SL0002");
            assert!(error.message.contains(&path.display().to_string()), "{error}");
        }
        for path in [taken, folder.join("absent")] {
            let error = read(&path).unwrap_err().0.remove(0);
            assert_eq!(error.code, "SL0001");
            assert!(error.message.contains(&path.display().to_string()) && error.hint.is_some(), "{error}");
        }
        assert_eq!(names(&folder), ["taken"]);
        fs::remove_dir_all(folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_devices_are_not_replaced() {
        use std::os::unix::fs::PermissionsExt;
        let folder = folder("links");
        let (real, link) = (folder.join("real"), folder.join("link"));
        fs::write(&real, b"old").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        write_atomically(&link, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(read(&real).unwrap(), b"new");
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
        fs::remove_dir_all(folder).unwrap();

        write_atomically(Path::new("/dev/null"), b"nothing").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn the_digest_is_that_of_fips_180() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_hex(b"abc"), abc);
    }

    #[test]
    fn kinds_of_file_are_told_apart() {
        assert_eq!(seems_to_be(b""), "an empty file");
        assert_eq!(seems_to_be("(name: \"ä\")".as_bytes()), "a text file");
        assert_eq!(seems_to_be("ä".repeat(400).as_bytes()), "a text file");
        // 511 ASCII characters, then one of two bytes over the border of what is looked at.
        assert_eq!(seems_to_be(format!("{}ä", "a".repeat(511)).as_bytes()), "a text file");
        assert_eq!(seems_to_be(&[1, 0, 2]), "an unknown binary file");
        assert_eq!(seems_to_be(b"PK\x03\x04.."), "a zip archive (.npz, .zip)");
    }
}
