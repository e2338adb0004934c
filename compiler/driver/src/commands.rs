//! The verbs: each reads its files, calls the library, and gives back what to print.

use crate::calibration::CalibrationFile;
use crate::cli::{ChipVerb, CompileResults, Meaning, Source, Verb};
use crate::convert;
use crate::level_text::LevelText;
use crate::pipeline::{self, Compiled, Options};
use crate::{diff, map, resume, simulation, summary, verification};
use spikeloom_chip::Chip;
use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result, codes};
use spikeloom_emulator::{Probe, ProbeTrain, RunOptions, RunResult, run_packets, run_spikes};
use spikeloom_image::files;
use spikeloom_image::spikes::npz::{Array, Data, write_npz};
use spikeloom_image::spikes::packets::Packets;
use spikeloom_image::spikes::{ExpectedNode, output_array, read_inputs};
use spikeloom_image::{Image, disassemble, read_folder};
use spikeloom_ir::program::PopulationKind;
use spikeloom_ir::text::{self, Printed, Style};
use spikeloom_passes::partition::Effort;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// What a verb has to say.
#[derive(Debug)]
pub struct Outcome {
    /// For standard output.
    pub text: String,
    /// For standard error.
    pub notes: Vec<Diagnostic>,
    /// Whether the exit status is 0.
    pub is_good: bool,
}

impl Outcome {
    fn good(text: String, notes: Vec<Diagnostic>) -> Outcome {
        Outcome { text, notes, is_good: true }
    }
}

/// Does what a verb says.
pub fn execute(verb: &Verb) -> Result<Outcome> {
    match verb {
        Verb::Compile { source, output, results } => {
            let requests = level_requests(results)?;
            let compiled = compile(source)?;
            write_results(&compiled, output.as_deref(), results, &requests)?;
            Ok(Outcome::good(summary::compiled(&compiled), compiled.notes))
        }
        Verb::Verify { source, results, output, input, steps, expect, matches } => {
            let requests = level_requests(results)?;
            let expected =
                expect.as_deref().map(|path| verification::read_expected(path, matches)).transpose()?;
            let bytes = files::read(input)?;
            let compiled = compile(source)?;
            let trains = read_inputs(&bytes, &input.display().to_string(), &input_nodes(&compiled.image)?)?;
            let widest = compiled.program().populations.iter().map(|p| p.len()).sum();
            refuse_length(trains.samples, steps.unwrap_or(trains.steps), widest)?;
            let verdict =
                verification::verify_on(source.threads, &compiled, &trains, *steps, expected.as_ref())?;
            write_results(&compiled, output.as_deref(), results, &requests)?;
            let text = format!("{}\n{}", summary::compiled(&compiled), verdict.text);
            let mut notes = compiled.notes;
            notes.extend(verdict.notes);
            Ok(Outcome { text, notes, is_good: verdict.is_good })
        }
        Verb::Run { image, input, chip, steps, engine: _, output, metrics, probe, threads } => {
            run(image, input, chip.as_deref(), *steps, output.as_deref(), metrics.as_deref(), probe, *threads)
        }
        Verb::Simulate { network, meaning, input, output, steps, probe } => {
            let (file, options) = convert::read_with(network, meaning)?;
            let (step, found) = pipeline::to_steps(file.network, &options)?;
            let mut notes = file.notes;
            notes.extend(found);
            let text = simulation::simulate_file(&step, input, output, *steps, probe)?;
            Ok(Outcome::good(text, notes))
        }
        Verb::Map { graph, cores, mapping, effort, time_limit, seed, threads, metrics } => {
            let search = map::Search { effort: (*effort).into(), time_limit_s: *time_limit, seed: *seed };
            on_threads(*threads, || map::map(graph, cores, mapping, &search, metrics.as_deref()))
        }
        Verb::Chip { verb } => chip(verb),
        Verb::Show { image, chip, core } => {
            let image = read_image(image, chip.as_deref())?;
            let text = match core {
                None => disassemble::overview(&image),
                Some(number) => disassemble::core(&image, *number)?,
            };
            Ok(Outcome::good(text, Vec::new()))
        }
        Verb::Check { image, program, steps } => check(image, program, *steps),
        Verb::Convert { input, chip, output, strip, meaning } => {
            convert::convert(input, chip.as_deref(), output, *strip, meaning)
        }
        Verb::Diff { a, b, chip } => diff::diff(a, b, chip.as_deref()),
        Verb::Explain { code } => match codes::find(code) {
            Some(entry) => {
                Ok(Outcome::good(format!("{}: {}\n\n{}\n", entry.code, entry.title, entry.story), Vec::new()))
            }
            None => Err(Diagnostic::error("SL0004", format!("there is no diagnostic `{code}`"))
                .hint("codes are SL and four digits; docs/diagnostics.md lists them")
                .into()),
        },
    }
}

fn meaning_options(meaning: &Meaning) -> Options {
    let defaults = Options::default();
    Options {
        semantics: meaning.semantics.clone().unwrap_or(defaults.semantics),
        dt_s: meaning.dt,
        ..Options::default()
    }
}

/// Does work with so many threads to share it; what comes out does not depend on them.
fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    match rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build() {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}

fn compile(source: &Source) -> Result<Compiled> {
    if let Some(level) = &source.from {
        return on_threads(source.threads, || resume::resume(source, level));
    }
    let options = Options {
        seed: source.seed.unwrap_or(0),
        effort: source.effort.map_or(Effort::Default, Effort::from),
        time_limit_s: source.time_limit,
        deny_lossy: source.deny.is_some(),
        bits: source.bits,
        calibrate: source.calibrate.as_deref().map(CalibrationFile::read).transpose()?,
        ..meaning_options(&source.meaning)
    };
    on_threads(source.threads, || pipeline::compile(&source.network, &source.chip, &options))
}

/// Levels and files of `--emit`, checked before any long work.
fn level_requests(results: &CompileResults) -> Result<Vec<(&str, PathBuf)>> {
    let requests = results.emit.iter().map(|request| {
        let (level, path) = request.split_once('=').ok_or_else(|| unknown_level(request))?;
        if !LEVELS.contains(&level) {
            return Err(unknown_level(level).into());
        }
        Ok((level, PathBuf::from(path)))
    });
    requests.collect()
}

/// Writes all that was asked for.
fn write_results(
    compiled: &Compiled,
    output: Option<&Path>,
    results: &CompileResults,
    requests: &[(&str, PathBuf)],
) -> Result<()> {
    let mut texts = Vec::new();
    for (level, path) in requests {
        texts.push((path.clone(), print_level(compiled, level)?));
    }
    for (path, printed) in texts {
        convert::write_text(&path, &printed)?;
    }
    if let Some(path) = &results.mapping {
        files::write_atomically(path, &write_npz(&mapping(compiled))?)?;
    }
    if let Some(path) = &results.metrics {
        files::write_atomically(path, summary::compile_metrics(compiled).as_bytes())?;
    }
    match output {
        Some(path) => files::write_atomically(path, &compiled.image_bytes),
        None => Ok(()),
    }
}

/// The levels that can be printed.
const LEVELS: [&str; 4] = ["network", "program", "cores", "placed"];

/// The text of a level.
pub(crate) fn print_level(compiled: &Compiled, level: &str) -> Result<Printed> {
    let style = Style::default();
    let (program, chip) = (compiled.program(), &compiled.chip);
    match level {
        "network" => match &compiled.step {
            Some(step) => Ok(text::network(&step.network, &program.origin.options, style)),
            None => {
                Err(Diagnostic::error("SL0005", "the network is not at hand: a later level was the start")
                    .field("--emit")
                    .into())
            }
        },
        "program" => Ok(text::program(program, chip, style)),
        "cores" => Ok(text::cores(&compiled.placed.cores, chip, style)),
        "placed" => Ok(text::placed(&compiled.placed, chip, style)),
        other => Err(unknown_level(other).into()),
    }
}

fn unknown_level(request: &str) -> Diagnostic {
    Diagnostic::error("SL0005", format!("`{request}` names no level"))
        .field("--emit")
        .hint("LEVEL=FILE with LEVEL one of network, program, cores, placed")
}

/// The core of each neuron (populations by the bytes of their names), copies, and the cores' places.
fn mapping(compiled: &Compiled) -> Vec<Array> {
    let (program, placed) = (compiled.program(), &compiled.placed);
    let mut first = Vec::new();
    let mut neurons = 0u32;
    for population in &program.populations {
        first.push(neurons);
        neurons += if population.kind == PopulationKind::Input { 0 } else { population.len() as u32 };
    }
    let mut neuron_core = vec![0i64; neurons as usize];
    let mut copies = Vec::new();
    for (core, entry) in placed.cores.cores.iter().enumerate() {
        for slot in &entry.slots {
            match slot.role {
                spikeloom_ir::cores::Role::Primary(id) => {
                    neuron_core[(first[id.population.index()] + id.index) as usize] = core as i64;
                }
                spikeloom_ir::cores::Role::Copy(id) => {
                    copies.extend([i64::from(first[id.population.index()] + id.index), core as i64]);
                }
                spikeloom_ir::cores::Role::Idle => {}
            }
        }
    }
    let sites = placed.sites.iter().map(|site| &compiled.chip.sites[*site as usize]);
    let core_xy: Vec<i64> = sites.flat_map(|site| [i64::from(site.x), i64::from(site.y)]).collect();
    let mut arrays = vec![
        integers("neuron_core", vec![neuron_core.len()], neuron_core),
        integers("copies", vec![copies.len() / 2, 2], copies),
    ];
    if compiled.chip.mesh != (1, 1) {
        arrays.push(integers("core_xy", vec![core_xy.len() / 2, 2], core_xy));
        arrays.push(integers(
            "mesh",
            vec![2],
            vec![compiled.chip.mesh.0.into(), compiled.chip.mesh.1.into()],
        ));
    }
    arrays
}

/// An array of a mapping.
pub(crate) fn integers(name: &str, shape: Vec<usize>, data: Vec<i64>) -> Array {
    Array { name: name.into(), shape, data: Data::I64(data) }
}

fn input_nodes(image: &Image) -> Result<Vec<ExpectedNode>> {
    let host = image.host.as_ref().ok_or_else(|| {
        Diagnostic::error("SL0006", "the image has no host tables")
            .hint("it takes raw packets: arrays `packet` and `step`")
    })?;
    Ok(host.inputs.iter().map(|i| ExpectedNode { name: i.name.clone(), shape: i.shape.clone() }).collect())
}

pub(crate) fn read_image(path: &Path, chip: Option<&str>) -> Result<Image> {
    let name = path.display().to_string();
    if path.is_dir() {
        let chip: Chip = spikeloom_chip::load(chip.ok_or_else(|| {
            Diagnostic::error("SL0006", "a folder of memory files does not say which chip it is for")
                .at_file(&name)
                .field("--chip")
                .hint("name the chip and its variant, for example `--chip NAME/VARIANT`")
        })?)?;
        return read_folder(path, &chip);
    }
    Image::from_bytes(&files::read(path)?, &name)
}

#[allow(clippy::too_many_arguments)]
fn run(
    path: &Path,
    input: &Path,
    chip: Option<&str>,
    steps: Option<usize>,
    output: Option<&Path>,
    metrics: Option<&Path>,
    probes: &[String],
    threads: usize,
) -> Result<Outcome> {
    let image = read_image(path, chip)?;
    let clock = std::time::Instant::now();
    let (input_bytes, input_name) = (files::read(input)?, input.display().to_string());
    let (arrays, counters, text, notes) = if image.host.is_some() {
        let trains = read_inputs(&input_bytes, &input_name, &input_nodes(&image)?)?;
        let widest = image.host.iter().flat_map(|h| &h.outputs).map(|o| o.taps.len()).sum();
        refuse_length(trains.samples, steps.unwrap_or(trains.steps), widest)?;
        let probes = each_once(probes).map(|text| parse_probe(text)).collect();
        let result = run_spikes(&image, &trains, &RunOptions { steps, probes, threads })?;
        let mut arrays = Vec::new();
        for node in &result.outputs {
            arrays.push(output_array(
                &node.name,
                &node.shape,
                &node.counts,
                result.samples,
                result.steps,
                result.batched,
            ));
        }
        for (readout, node) in result.readouts.iter().zip(image.host.iter().flat_map(|h| &h.readouts)) {
            arrays.extend(readout_arrays(readout, node.scale, &result));
        }
        // A readout shows its state already.
        let shown: Vec<_> = result.readouts.iter().map(|readout| &readout.name).collect();
        for probe in result.probes.iter().filter(|p| p.variable.is_some() || !shown.contains(&&p.name)) {
            add_probe(&mut arrays, probe_array(probe, result.samples, result.steps, result.batched))?;
        }
        let text = summary::run(&result);
        (arrays, result.counters, text, result.warnings)
    } else {
        if !probes.is_empty() {
            return Err(Diagnostic::error("SL0006", "a foreign image has no names to probe")
                .field("--probe")
                .into());
        }
        let packets = Packets::read(&input_bytes, &input_name)?;
        let last = packets.step.last().map_or(0, |s| (*s as usize).saturating_add(1));
        refuse_length(1, steps.unwrap_or(last), 1)?;
        let result = run_packets(&image, &packets, steps.unwrap_or(last))?;
        let text = format!(
            "{} output packets\n{}",
            result.packets.packet.len(),
            summary::counters(&result.counters)
        );
        (result.packets.to_arrays(), result.counters, text, result.warnings)
    };
    if let Some(path) = output {
        files::write_atomically(path, &write_npz(&arrays)?)?;
    }
    if let Some(path) = metrics {
        files::write_atomically(
            path,
            summary::run_metrics(&counters, clock.elapsed().as_secs_f64()).as_bytes(),
        )?;
    }
    Ok(Outcome::good(text, notes))
}

/// Steps of a run, and values of its recording, at most.
const MOST_STEPS: usize = 1 << 24;
const MOST_VALUES: usize = 1 << 31;

/// A run that would never end, or whose recording would fit no memory, is refused.
pub(crate) fn refuse_length(samples: usize, steps: usize, width: usize) -> Result<()> {
    let values = samples.saturating_mul(steps).saturating_mul(width.max(1));
    if steps <= MOST_STEPS && values <= MOST_VALUES {
        return Ok(());
    }
    Err(Diagnostic::error("SL0010", "this run is too long")
        .need_have(
            format!("{steps} steps, {values} recorded values"),
            format!("{MOST_STEPS} steps, {MOST_VALUES} values"),
        )
        .field("--steps")
        .hint("run it in parts")
        .into())
}

fn check(image: &Path, program: &Path, steps: u64) -> Result<Outcome> {
    let image = read_image(image, None)?;
    let program = LevelText::read(program)?.program(&image.chip)?;
    let checked = spikeloom_verify::structure::check(&image, &program, steps);
    let is_good = checked.holds();
    Ok(Outcome { text: summary::structure(&checked), notes: checked.faults, is_good })
}

/// `NAME` with the state of a readout in the chip's units, and `NAME.scale`: units of it for one of the network.
fn readout_arrays(readout: &ProbeTrain, scale: f64, result: &RunResult) -> [Array; 2] {
    let lead = if result.batched { vec![result.samples, result.steps] } else { vec![result.steps] };
    let shape = [lead, readout.shape.clone()].concat();
    let (name, values) = (readout.name.clone(), readout.values.clone());
    [
        Array { name: name.clone(), shape, data: Data::I64(values) },
        Array { name: format!("{name}.scale"), shape: Vec::new(), data: Data::F64(vec![scale]) },
    ]
}

/// `NAME` with counts, or `NAME.VAR` with states.
fn probe_array(probe: &ProbeTrain, samples: usize, steps: usize, is_batched: bool) -> Array {
    let Some(variable) = &probe.variable else {
        let counts: Vec<u32> = probe.values.iter().map(|v| *v as u32).collect();
        return output_array(&probe.name, &probe.shape, &counts, samples, steps, is_batched);
    };
    let lead = if is_batched { vec![samples, steps] } else { vec![steps] };
    let shape = [lead, probe.shape.clone()].concat();
    Array { name: format!("{}.{variable}", probe.name), shape, data: Data::I64(probe.values.clone()) }
}

/// Adds the array of a probe. An output may be called like the population that it shows: that is one array.
pub(crate) fn add_probe(arrays: &mut Vec<Array>, probe: Array) -> Result<()> {
    match arrays.iter().find(|array| array.name == probe.name) {
        None => arrays.push(probe),
        Some(array) if array.shape == probe.shape && array.data == probe.data => {}
        Some(_) => {
            let message = format!("an output and a probe are both called `{}`", probe.name);
            let fault = Diagnostic::error("SL0007", message).field("--probe");
            return Err(fault.hint("leave the probe out, or give the output another name").into());
        }
    }
    Ok(())
}

/// Each text once, where it comes first: what was asked for twice is given once.
pub(crate) fn each_once(texts: &[String]) -> impl Iterator<Item = &String> {
    texts.iter().enumerate().filter(|(i, text)| !texts[..*i].contains(text)).map(|(_, text)| text)
}

/// `NAME` or `NAME:VAR`; the last colon separates.
pub(crate) fn parse_probe(text: &str) -> Probe {
    match text.rsplit_once(':') {
        Some((name, variable)) => Probe { name: name.into(), variable: Some(variable.into()) },
        None => Probe { name: text.into(), variable: None },
    }
}

fn chip(verb: &ChipVerb) -> Result<Outcome> {
    match verb {
        ChipVerb::List => {
            let mut text = String::new();
            for (name, source) in spikeloom_chip::builtin() {
                let chip = spikeloom_chip::load(name)?;
                let variants = spikeloom_chip::variants(source);
                let _ = writeln!(text, "{name:<8} {}", chip.description.about);
                if !variants.is_empty() {
                    let _ = writeln!(text, "{:<8} variants: {}", "", variants.join(", "));
                }
            }
            Ok(Outcome::good(text, Vec::new()))
        }
        ChipVerb::Show { chip } => {
            let chip = spikeloom_chip::load(chip)?;
            Ok(Outcome::good(
                format!("// {}, digest {}\n{}\n", chip.name(), chip.digest, chip.text),
                Vec::new(),
            ))
        }
        ChipVerb::Check { file } => {
            let bytes = files::read(file)?;
            let name = file.display().to_string();
            let text = String::from_utf8(bytes)
                .map_err(|_| Diagnostic::error("SL0101", "a chip file is UTF-8 text").at_file(&name))?;
            let faults = spikeloom_chip::check_text(&text, &name);
            if faults.is_empty() {
                return Ok(Outcome::good(format!("{name}: no faults\n"), Vec::new()));
            }
            Err(Diagnostics(faults))
        }
    }
}
