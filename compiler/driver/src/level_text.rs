//! Texts of levels, read with their side files. Nothing comes out of a text that its level's verifier finds fault with:
//! what walks through synapses or stages may trust them.

use spikeloom_chip::Chip;
use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result, Severity};
use spikeloom_image::files;
use spikeloom_ir::cores::{Cores, Placed};
use spikeloom_ir::program::Program;
use spikeloom_ir::text::{self, Header, NetworkText};
use spikeloom_ir::verify;
use std::path::Path;

/// The text of a level with its side files.
pub(crate) struct LevelText {
    /// The text.
    pub(crate) text: String,
    /// Its file, for messages.
    pub(crate) file: String,
    folder: std::path::PathBuf,
}

impl LevelText {
    /// Reads it.
    pub(crate) fn read(path: &Path) -> Result<LevelText> {
        let file = path.display().to_string();
        let text = String::from_utf8(files::read(path)?)
            .map_err(|_| Diagnostic::error("SL0008", "the text of a level is UTF-8").at_file(&file))?;
        Ok(LevelText { text, file, folder: path.parent().map(Path::to_path_buf).unwrap_or_default() })
    }

    /// A side file, by digest.
    pub(crate) fn tensor(&self, digest: &str) -> Option<Vec<u8>> {
        std::fs::read(self.folder.join(format!("{digest}.npy"))).ok()
    }

    /// Its header.
    pub(crate) fn header(&self) -> Result<Header> {
        text::header_of(&self.text).ok_or_else(|| {
            Diagnostic::error("SL0008", "this is no text of a level")
                .at_file(&self.file)
                .hint("it begins with `loom 1 level=...`")
                .into()
        })
    }

    /// What it says, if it is of level network and nothing is wrong with it.
    pub(crate) fn network(&self) -> Result<NetworkText> {
        let parsed = text::parse_network(&self.text, &self.file, &|digest: &str| self.tensor(digest))?;
        refuse(verify::network(&parsed.value.network, Some(&parsed.places)))?;
        Ok(parsed.value)
    }

    /// The same of level program.
    pub(crate) fn program(&self, chip: &Chip) -> Result<Program> {
        let parsed = text::parse_program(&self.text, &self.file, chip, &|digest: &str| self.tensor(digest))?;
        refuse(verify::program(&parsed.value, chip, Some(&parsed.places)))?;
        Ok(parsed.value)
    }

    /// The same of level cores.
    pub(crate) fn cores(&self, chip: &Chip) -> Result<Cores> {
        let parsed = text::parse_cores(&self.text, &self.file, chip, &|digest: &str| self.tensor(digest))?;
        refuse(verify::cores(&parsed.value, chip, Some(&parsed.places)))?;
        Ok(parsed.value)
    }

    /// The same of level placed.
    pub(crate) fn placed(&self, chip: &Chip) -> Result<Placed> {
        let parsed = text::parse_placed(&self.text, &self.file, chip, &|digest: &str| self.tensor(digest))?;
        refuse(verify::placed(&parsed.value, chip, Some(&parsed.places)))?;
        Ok(parsed.value)
    }
}

fn refuse(found: Vec<Diagnostic>) -> Result<()> {
    let is_bad = found.iter().any(|d| d.severity == Severity::Error);
    if is_bad { Err(Diagnostics(found)) } else { Ok(()) }
}
