//! The whole way from a network file to an image, pass by pass, with times and notes.

use crate::calibration::{Calibration, CalibrationFile};
use crate::convert::NetworkFile;
use spikeloom_chip::Chip;
use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};
use spikeloom_image::Image;
use spikeloom_ir::cores::Placed;
use spikeloom_ir::discrete::StepNetwork;
use spikeloom_ir::network::Network;
use spikeloom_ir::program::Program;
use spikeloom_ir::verify;
use spikeloom_passes::legalise::wiring::Wiring;
use spikeloom_passes::partition::Effort;
use spikeloom_passes::quantise::LayerReport;
use spikeloom_passes::semantics::Semantics;
use spikeloom_passes::{discretise, emit, legalise, partition, place, program, room};
use spikeloom_verify::structure::{self, Checked};
use spikeloom_verify::{Reach, reach};
use std::cell::RefCell;
use std::path::Path;
use std::time::Instant;

/// What can change the result of a compile.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Preset and overrides.
    pub semantics: String,
    /// Length of a step in seconds; `None` for that of the network's file, or else [`DEFAULT_DT_S`].
    pub dt_s: Option<f64>,
    /// Seed of every random choice.
    pub seed: u64,
    /// How much work the partition is worth.
    pub effort: Effort,
    /// Seconds of wall time after which the partition must be done with what it has.
    pub time_limit_s: Option<f64>,
    /// Whether a loss is an error.
    pub deny_lossy: bool,
    /// Bits of a weight, sign included, if fewer than the chip has.
    pub bits: Option<u32>,
    /// Spikes by which scales are chosen.
    pub calibrate: Option<CalibrationFile>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            semantics: "nir".into(),
            dt_s: None,
            seed: 0,
            effort: Effort::Default,
            time_limit_s: None,
            deny_lossy: false,
            bits: None,
            calibrate: None,
        }
    }
}

/// Time of one pass.
#[derive(Clone, Debug)]
pub struct PassTime {
    /// Name of the pass.
    pub name: &'static str,
    /// Seconds of wall time.
    pub wall_s: f64,
}

/// Everything that a compile makes.
pub struct Compiled {
    /// The chip.
    pub chip: Chip,
    /// The network in steps (the Network level stands in it); `None` where a later level was the start.
    pub step: Option<StepNetwork>,
    /// What became of each population's numbers.
    pub layers: Vec<LayerReport>,
    /// The mapped program.
    pub placed: Placed,
    /// What the partition did; `None` where a later level was the start.
    pub partition: Option<partition::Statistics>,
    /// The image.
    pub image: Image,
    /// Its bytes.
    pub image_bytes: Vec<u8>,
    /// Which states can leave their range.
    pub reach: Vec<Reach>,
    /// The structural check of the image against the program.
    pub structure: Checked,
    /// Times.
    pub passes: Vec<PassTime>,
    /// Notes and warnings.
    pub notes: Vec<Diagnostic>,
}

impl Compiled {
    /// The program.
    pub fn program(&self) -> &Program {
        &self.placed.cores.program
    }
}

/// Steps for which states are followed to see whether they can leave their range.
const REACH_STEPS: u64 = 1000;

/// Length of a step in seconds where nothing says another.
pub const DEFAULT_DT_S: f64 = 1e-4;

/// Reads a network file.
pub fn read_network(path: &Path) -> Result<(Network, Vec<Diagnostic>)> {
    let file = NetworkFile::read(path)?;
    Ok((file.network, file.notes))
}

/// Turns a network into steps.
pub fn to_steps(network: Network, options: &Options) -> Result<(StepNetwork, Vec<Diagnostic>)> {
    discretise::discretise(
        network,
        &Semantics::parse(&options.semantics)?,
        options.dt_s.unwrap_or(DEFAULT_DT_S),
    )
}

/// Compiles a network file for a chip.
pub fn compile(path: &Path, chip_spec: &str, options: &Options) -> Result<Compiled> {
    let mut laps = Laps::new();
    let chip = spikeloom_chip::load(chip_spec)?;
    laps.lap("chip");
    let mut file = NetworkFile::read(path)?;
    let options = file.options(options);
    laps.lap("import");
    compile_network(file.network, chip, &options, file.notes, laps)
}

/// Compiles a network for a chip.
pub fn compile_network(
    network: Network,
    chip: Chip,
    options: &Options,
    mut notes: Vec<Diagnostic>,
    mut laps: Laps,
) -> Result<Compiled> {
    let (step, mut found) = to_steps(network, options)?;
    notes.append(&mut found);
    laps.lap("discretise");
    let recorded = recorded_options(&step, options);
    let calibration =
        options.calibrate.as_ref().map(|file| Calibration::new(&step, &chip, file)).transpose()?;
    if calibration.is_some() {
        laps.lap("calibrate");
    }
    let (program, layers) = match calibration.map(RefCell::new) {
        None => {
            let choice = program::Choice { bits: options.bits, calibration: None };
            program::to_program(&step, &chip, &recorded, choice)?
        }
        Some(calibration) => {
            let steps = calibration.borrow().steps();
            let mut judge = |p: usize, program: &Program| calibration.borrow_mut().judge(p, program);
            let heard = |p: usize| calibration.borrow().spikes_of(p).to_vec();
            let calibration = program::Calibration { judge: &mut judge, heard: &heard, steps };
            let choice = program::Choice { bits: options.bits, calibration: Some(calibration) };
            program::to_program(&step, &chip, &recorded, choice)?
        }
    };
    laps.lap("bind");
    report_loss(&layers, options, &step, &mut notes)?;
    let (placed, statistics) = map(program, &chip, options, &mut laps)?;
    finish(placed, Some(statistics), chip, Some(step), layers, notes, laps)
}

/// From a Program to its place on the chip.
pub(crate) fn map(
    mut program: Program,
    chip: &Chip,
    options: &Options,
    laps: &mut Laps,
) -> Result<(Placed, partition::Statistics)> {
    let deadline = partition::deadline::after(options.time_limit_s);
    // What an earlier run was cut by says nothing of this one.
    program.origin.options.retain(|(name, _)| name != CUT.0);
    room::for_synapses(&program, chip)?;
    let wiring = Wiring::new(&program, chip)?;
    let search = partition::Options { effort: options.effort, seed: options.seed, deadline };
    let (division, statistics) = partition::partition(&program, chip, &wiring, search)?;
    laps.lap("partition");
    let (mut cores, channels) = legalise::to_cores(&program, chip, &wiring, &division)?;
    if statistics.was_cut {
        // Another run may be cut elsewhere: whoever reads the image must know.
        cores.program.origin.options.push((CUT.0.into(), CUT.1.into()));
    }
    laps.lap("legalise");
    let placed = place::place(cores, channels, chip)?;
    laps.lap("place");
    Ok((placed, statistics))
}

/// What the options say of a partition that the clock ended.
const CUT: (&str, &str) = ("partition", "cut by the time limit, not reproducible");

/// From Placed to the image, and the structural check of its bytes.
pub(crate) fn finish(
    placed: Placed,
    partition: Option<partition::Statistics>,
    chip: Chip,
    step: Option<StepNetwork>,
    layers: Vec<LayerReport>,
    notes: Vec<Diagnostic>,
    mut laps: Laps,
) -> Result<Compiled> {
    let placed = verify::verified_placed(placed, &chip, None)?;
    laps.lap("verify");
    let image_bytes = emit::emit(&placed, &chip)?.to_bytes()?;
    // What is checked and executed is what the bytes say, not what was meant to be written.
    let image = Image::from_bytes(&image_bytes, "the new image")?;
    laps.lap("emit");
    let reach = reach(&placed.cores.program, &chip, REACH_STEPS);
    laps.lap("reach");
    let structure = structure::check(&image, &placed.cores.program, REACH_STEPS);
    laps.lap("check");
    if !structure.holds() {
        return Err(Diagnostics(structure.faults));
    }
    let placed = placed.into_inner();
    Ok(Compiled {
        chip,
        step,
        layers,
        placed,
        partition,
        image,
        image_bytes,
        reach,
        structure,
        passes: laps.passes,
        notes,
    })
}

/// A stopwatch for passes.
pub struct Laps {
    passes: Vec<PassTime>,
    clock: Instant,
}

impl Laps {
    /// Starts it.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Laps {
        Laps { passes: Vec::new(), clock: Instant::now() }
    }

    /// Writes down the time since the last lap.
    pub(crate) fn lap(&mut self, name: &'static str) {
        self.passes.push(PassTime { name, wall_s: self.clock.elapsed().as_secs_f64() });
        self.clock = Instant::now();
    }
}

/// The options that every level and the image carry.
pub fn recorded_options(step: &StepNetwork, options: &Options) -> Vec<(String, String)> {
    let mut recorded = vec![
        ("semantics".into(), step.semantics.clone()),
        ("dt".into(), format!("{:?}", step.dt_s)),
        ("seed".into(), options.seed.to_string()),
    ];
    recorded.extend(effort_name(options.effort).map(|name| ("effort".into(), name.into())));
    recorded.extend(options.bits.map(|bits| ("bits".into(), bits.to_string())));
    recorded.extend(options.calibrate.as_ref().map(|file| ("calibrate".into(), file.digest.clone())));
    recorded
}

/// The efforts that are not what one gets unasked.
const EFFORTS: [(Effort, &str); 2] = [(Effort::Fast, "fast"), (Effort::Max, "max")];

/// The name of an effort, if it is worth recording.
pub(crate) fn effort_name(effort: Effort) -> Option<&'static str> {
    EFFORTS.iter().find(|(known, _)| *known == effort).map(|(_, name)| *name)
}

/// The effort of a recorded name.
pub(crate) fn recorded_effort(name: Option<&str>) -> Effort {
    EFFORTS.iter().find(|(_, known)| Some(*known) == name).map_or(Effort::Default, |(effort, _)| *effort)
}

/// Says what is lost beyond rounding; with `deny_lossy` any loss is an error.
fn report_loss(
    layers: &[LayerReport],
    options: &Options,
    step: &StepNetwork,
    notes: &mut Vec<Diagnostic>,
) -> Result<()> {
    let mut denied = Vec::new();
    for layer in layers.iter().filter(|layer| !layer.exact) {
        let message = format!(
            "population `{}` loses precision: of {} weights {} saturated, {} clipped, {} vanished, rms error {:.2e} of the largest",
            layer.population,
            layer.weights,
            layer.saturated,
            layer.clipped,
            layer.vanished,
            layer.weight_error
        );
        if options.deny_lossy {
            let fault = Diagnostic::error("SL0708", message).field("--deny lossy");
            denied.push(fault.at_node(&step.network.source_name, &layer.population));
        } else if layer.saturated > 0 || layer.vanished * 10 > layer.weights {
            notes.push(
                Diagnostic::warning("SL0709", message)
                    .at_node(&step.network.source_name, &layer.population)
                    .hint("`verify` shows what that does to the spikes; `--deny lossy` refuses it"),
            );
        }
    }
    if denied.is_empty() { Ok(()) } else { Err(Diagnostics(denied)) }
}
