//! Network files of every kind, told by content, and `convert` between them.

use crate::cli::Meaning;
use crate::commands::{Outcome, read_image};
use crate::level_text::LevelText;
use crate::pipeline::{DEFAULT_DT_S, Options};
use spikeloom_diagnostics::{Diagnostic, Result};
use spikeloom_image::files;
use spikeloom_ir::network::Network;
use spikeloom_ir::text::{self, Level, Printed, Style};
use spikeloom_passes::semantics::Semantics;
use std::path::Path;

/// A network with what its file says of it.
pub struct NetworkFile {
    /// The network.
    pub network: Network,
    /// Length of a step in seconds, if the file has one.
    pub dt_s: Option<f64>,
    /// Notes and warnings.
    pub notes: Vec<Diagnostic>,
}

impl NetworkFile {
    /// Reads a NIR file or an explicit network.
    pub fn read(path: &Path) -> Result<NetworkFile> {
        NetworkFile::of(files::read(path)?, path)
    }

    fn of(bytes: Vec<u8>, path: &Path) -> Result<NetworkFile> {
        let name = path.display().to_string();
        if spikeloom_import::is_nir(&bytes) {
            let (network, notes) = spikeloom_import::read_nir(&bytes, &name)?;
            return Ok(NetworkFile { network, dt_s: None, notes });
        }
        if spikeloom_import::is_explicit(&bytes) {
            let (network, dt_s, notes) = spikeloom_import::read_explicit(&bytes, &name)?;
            return Ok(NetworkFile { network, dt_s, notes });
        }
        let message = format!("this is no network: it seems to be {}", files::seems_to_be(&bytes));
        let fault = Diagnostic::error("SL0003", message).at_file(name);
        if let Some(header) = std::str::from_utf8(&bytes).ok().and_then(text::header_of) {
            return Err(fault.hint(format!("`--from {}` reads this text", header.level.word())).into());
        }
        Err(fault.hint("networks are read from NIR files (HDF5) and explicit networks (npz)").into())
    }

    /// The options with the length of a step that holds: the one given, else the file's.
    pub fn options(&mut self, options: &Options) -> Options {
        if let (Some(given), Some(own)) = (options.dt_s, self.dt_s)
            && given != own
        {
            let message = format!("--dt {given:?} stands above the {own:?} of the file");
            let note = Diagnostic::note("SL0469", message).at_file(&self.network.source_name);
            self.notes
                .push(note.field("--dt").hint("delays keep their seconds, whatever they were counted in"));
        }
        Options { dt_s: options.dt_s.or(self.dt_s), ..options.clone() }
    }
}

/// Does what `convert` says.
pub(crate) fn convert(
    input: &Path,
    chip: Option<&str>,
    output: &Path,
    strip: bool,
    meaning: &Meaning,
) -> Result<Outcome> {
    let is_image = input.is_dir() || strip || chip.is_some();
    let found = if is_image { None } else { read(input)? };
    let Some(mut source) = found else {
        return convert_image(input, chip, output, strip, meaning);
    };
    source.mean(meaning)?;
    let SourceFile { file, semantics, seed } = source;
    let NetworkFile { network, dt_s, mut notes } = file;
    let bytes = match output.extension().and_then(|ending| ending.to_str()) {
        Some("nir") => {
            let (bytes, found) = spikeloom_import::write_nir(&network, dt_s)?;
            notes.extend(found);
            bytes
        }
        Some("npz") => {
            let (bytes, found) = spikeloom_import::write_explicit(&network, dt_s)?;
            notes.extend(found);
            bytes
        }
        _ => {
            let options = [
                ("semantics".to_string(), semantics),
                ("dt".to_string(), format!("{:?}", dt_s.unwrap_or(DEFAULT_DT_S))),
                ("seed".to_string(), seed),
            ];
            write_text(output, &text::network(&network, &options, Style::default()))?;
            return Ok(Outcome { text: String::new(), notes, is_good: true });
        }
    };
    if semantics != "nir" {
        let message = format!("the file that is written does not hold the semantics `{semantics}`");
        let warning = Diagnostic::warning("SL0468", message).at_file(output.display().to_string());
        notes.push(warning.hint(format!("say it with the file: --semantics \"{semantics}\"")));
    }
    files::write_atomically(output, &bytes)?;
    Ok(Outcome { text: String::new(), notes, is_good: true })
}

/// A network to convert, with the options that its text may have had.
struct SourceFile {
    file: NetworkFile,
    semantics: String,
    seed: String,
}

impl SourceFile {
    /// What is given stands above what the file says.
    fn mean(&mut self, meaning: &Meaning) -> Result<()> {
        if let Some(semantics) = &meaning.semantics {
            self.semantics = Semantics::parse(semantics)?.text;
        }
        let options = Options { dt_s: meaning.dt, ..Options::default() };
        self.file.dt_s = self.file.options(&options).dt_s;
        match self.file.dt_s {
            Some(dt) if !(dt.is_finite() && dt > 0.0) => {
                let fault = Diagnostic::error("SL0604", format!("a step can't last {dt:?} s"));
                Err(fault.field("--dt").need_have("a length above 0 seconds", dt).into())
            }
            _ => Ok(()),
        }
    }
}

/// A network from a file of any kind, with the options that hold for it: those given, else the file's.
pub(crate) fn read_with(path: &Path, meaning: &Meaning) -> Result<(NetworkFile, Options)> {
    let Some(mut source) = read(path)? else {
        return Ok((NetworkFile::read(path)?, Options::default()));
    };
    source.mean(meaning)?;
    let SourceFile { file, semantics, .. } = source;
    let options = Options { semantics, dt_s: file.dt_s, ..Options::default() };
    Ok((file, options))
}

/// Reads a file that holds a network; nothing if it is something else, which then is taken for an image.
fn read(path: &Path) -> Result<Option<SourceFile>> {
    let bytes = files::read(path)?;
    if spikeloom_import::is_nir(&bytes) || spikeloom_import::is_explicit(&bytes) {
        let file = NetworkFile::of(bytes, path)?;
        return Ok(Some(SourceFile { file, semantics: "nir".into(), seed: "0".into() }));
    }
    let Some(header) = std::str::from_utf8(&bytes).ok().and_then(text::header_of) else { return Ok(None) };
    let input = LevelText::read(path)?;
    if header.level != Level::Network {
        let message = format!("a text of level {} holds no network any more", header.level.word());
        let fault = Diagnostic::error("SL0003", message).at_file(&input.file);
        return Err(fault.need_have("a text of level network", header.level.word()).into());
    }
    let network = input.network()?.network;
    let option = |name: &str| {
        let mut options = header.options.iter().filter(|(key, _)| key == name);
        options.next().map(|(_, value)| value.clone())
    };
    let dt_s = option("dt").and_then(|dt| dt.parse().ok());
    let file = NetworkFile { network, dt_s, notes: Vec::new() };
    let semantics = option("semantics").unwrap_or_else(|| "nir".into());
    Ok(Some(SourceFile { file, semantics, seed: option("seed").unwrap_or_else(|| "0".into()) }))
}

fn convert_image(
    input: &Path,
    chip: Option<&str>,
    output: &Path,
    strip: bool,
    meaning: &Meaning,
) -> Result<Outcome> {
    let for_networks = [("--semantics", meaning.semantics.is_some()), ("--dt", meaning.dt.is_some())];
    if let Some((option, _)) = for_networks.iter().find(|(_, is_given)| *is_given) {
        let fault = Diagnostic::error("SL0470", format!("`{option}` is for networks only"));
        return Err(fault.at_file(input.display().to_string()).field(*option).hint("leave it out").into());
    }
    let mut image = read_image(input, chip)?;
    if strip {
        image.debug = None;
    }
    files::write_atomically(output, &image.to_bytes()?)?;
    Ok(Outcome { text: String::new(), notes: Vec::new(), is_good: true })
}

/// Writes the text of a level with its side files.
pub(crate) fn write_text(path: &Path, printed: &Printed) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new(""));
    for (digest, bytes) in &printed.tensors {
        files::write_atomically(&folder.join(format!("{digest}.npy")), bytes)?;
    }
    files::write_atomically(path, printed.text.as_bytes())
}
