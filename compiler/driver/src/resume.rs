//! `--from LEVEL`: going on from the text of a level, to the same bytes.

use crate::calibration::CalibrationFile;
use crate::cli::Source;
use crate::level_text::LevelText;
use crate::pipeline::{self, Compiled, Laps, Options};
use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};
use spikeloom_ir::text::{Header, Level};
use spikeloom_passes::partition::Effort;
use spikeloom_passes::{legalise, place};

/// Compiles from the text of a level.
pub(crate) fn resume(source: &Source, level: &str) -> Result<Compiled> {
    let mut laps = Laps::new();
    let chip = spikeloom_chip::load(&source.chip)?;
    laps.lap("chip");
    let input = LevelText::read(&source.network)?;
    let header = input.header()?;
    if header.level.word() != level {
        return Err(Diagnostic::error(
            "SL0008",
            format!("the text is of level {}, not {level}", header.level.word()),
        )
        .at_file(&input.file)
        .field("--from")
        .into());
    }
    let options = options_of(source, &header, &input.file)?;
    match header.level {
        Level::Network => {
            let network = input.network()?.network;
            laps.lap("read");
            pipeline::compile_network(network, chip, &options, Vec::new(), laps)
        }
        Level::Program => {
            let program = input.program(&chip)?;
            laps.lap("read");
            let (placed, statistics) = pipeline::map(program, &chip, &options, &mut laps)?;
            pipeline::finish(placed, Some(statistics), chip, None, Vec::new(), Vec::new(), laps)
        }
        Level::Cores => {
            let cores = input.cores(&chip)?;
            laps.lap("read");
            let channels = legalise::channels_of(&cores);
            let placed = place::place(cores, channels, &chip)?;
            pipeline::finish(placed, None, chip, None, Vec::new(), Vec::new(), laps)
        }
        Level::Placed => {
            let placed = input.placed(&chip)?;
            laps.lap("read");
            pipeline::finish(placed, None, chip, None, Vec::new(), Vec::new(), laps)
        }
    }
}

/// What stands for the effort that a text does not name.
const DEFAULT_EFFORT: &str = "default";

/// The header's options; one that is given beside them must repeat them.
fn options_of(source: &Source, header: &Header, file: &str) -> Result<Options> {
    let recorded =
        |name: &str| header.options.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
    let mut faults = Vec::new();
    let mut contradicts = |name: &str, given: Option<String>| {
        // A default effort is not recorded.
        let recorded = recorded(name).or((name == "effort").then_some(DEFAULT_EFFORT));
        if let (Some(given), Some(recorded)) = (given, recorded)
            && given != recorded
        {
            faults.push(
                Diagnostic::error(
                    "SL0009",
                    format!("`--{name} {given}` contradicts the text, which was made with {recorded}"),
                )
                .at_file(file)
                .field(format!("--{name}"))
                .hint("leave the option out, or start from the network"),
            );
        }
    };
    let semantics = source.meaning.semantics.as_deref();
    let canonical =
        semantics.map(|s| spikeloom_passes::semantics::Semantics::parse(s).map(|s| s.text)).transpose()?;
    contradicts("semantics", canonical);
    contradicts("dt", source.meaning.dt.map(|dt| format!("{dt:?}")));
    contradicts("seed", source.seed.map(|seed| seed.to_string()));
    let effort = source.effort.map(Effort::from);
    contradicts(
        "effort",
        effort.map(|effort| pipeline::effort_name(effort).unwrap_or(DEFAULT_EFFORT).to_string()),
    );
    contradicts("bits", source.bits.map(|bits| bits.to_string()));
    let calibrate = source.calibrate.as_deref().map(CalibrationFile::read).transpose()?;
    contradicts("calibrate", calibrate.as_ref().map(|file| file.digest.clone()));
    let is_late = header.level != Level::Network;
    for (name, is_given) in [("bits", source.bits.is_some()), ("calibrate", calibrate.is_some())] {
        if is_late && is_given && recorded(name).is_none() {
            faults.push(
                Diagnostic::error(
                    "SL0009",
                    format!("`--{name}` comes too late: the text has its integers already"),
                )
                .at_file(file)
                .field(format!("--{name}"))
                .hint("leave the option out, or start from the network"),
            );
        }
    }
    if let (Some(digest), None, Level::Network) = (recorded("calibrate"), &calibrate, header.level) {
        faults.push(
            Diagnostic::error("SL0009", "the text was made with calibration spikes, which are needed again")
                .at_file(file)
                .need_have(format!("the file of SHA-256 {digest}"), "none")
                .field("--calibrate")
                .hint("give the same file by --calibrate"),
        );
    }
    if !faults.is_empty() {
        return Err(Diagnostics(faults));
    }
    let defaults = Options::default();
    Ok(Options {
        semantics: recorded("semantics").map_or(defaults.semantics, str::to_string),
        dt_s: recorded("dt").and_then(|dt| dt.parse().ok()),
        seed: recorded("seed").and_then(|seed| seed.parse().ok()).unwrap_or(defaults.seed),
        effort: pipeline::recorded_effort(recorded("effort")),
        time_limit_s: source.time_limit,
        deny_lossy: source.deny.is_some(),
        bits: recorded("bits").and_then(|bits| bits.parse().ok()).or(source.bits),
        calibrate,
    })
}
