//! The command line, as clap reads it.

use clap::{Args, Parser, Subcommand, ValueEnum};
use spikeloom_passes::partition::Effort;
use std::path::PathBuf;

/// Compiles spiking networks to neuromorphic chips that are described in files, and runs the result.
#[derive(Parser, Debug)]
#[command(name = "spikeloom", version, about, disable_help_subcommand = true)]
pub struct Cli {
    /// Diagnostics as JSON, one object a line, on standard error.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// The verbs.
#[derive(Subcommand, Debug)]
pub enum Verb {
    /// Compile a network for a chip.
    Compile {
        /// The network and its chip.
        #[command(flatten)]
        source: Source,
        /// Where the image goes.
        #[arg(short, long, value_name = "OUT.loom")]
        output: Option<PathBuf>,
        /// What else to write.
        #[command(flatten)]
        results: CompileResults,
    },
    /// Run an image, or a folder of foreign memory files.
    Run {
        /// The image: a .loom file, or a folder.
        image: PathBuf,
        /// Input spikes (npz), or raw host packets for a foreign image.
        #[arg(long, value_name = "SPIKES.npz")]
        input: PathBuf,
        /// The chip, for a folder.
        #[arg(long)]
        chip: Option<String>,
        /// How many steps: beyond the data is silence, below it cuts.
        #[arg(long)]
        steps: Option<usize>,
        /// Which engine.
        #[arg(long, value_enum, default_value_t = EngineKind::Tick)]
        engine: EngineKind,
        /// Where output spikes go.
        #[arg(long, value_name = "OUT.npz")]
        output: Option<PathBuf>,
        /// Where counters go, as JSON.
        #[arg(long, value_name = "FILE.json")]
        metrics: Option<PathBuf>,
        /// Record a population's spikes, or one of its state variables.
        #[arg(long, value_name = "NAME[:VAR]")]
        probe: Vec<String>,
        /// Worker threads.
        #[arg(long, default_value_t = 1)]
        threads: usize,
    },
    /// Run the network itself in double precision, without a chip.
    Simulate {
        /// The network.
        network: PathBuf,
        /// What the network means in steps.
        #[command(flatten)]
        meaning: Meaning,
        /// Input spikes.
        #[arg(long, value_name = "SPIKES.npz")]
        input: PathBuf,
        /// Where output spikes go.
        #[arg(long, value_name = "OUT.npz")]
        output: PathBuf,
        /// How many steps: beyond the data is silence, below it cuts.
        #[arg(long)]
        steps: Option<usize>,
        /// Record a population's spikes, or its state `v` or `i`.
        #[arg(long, value_name = "NAME[:VAR]")]
        probe: Vec<String>,
    },
    /// Compile, execute, and compare with the program, the network, and recorded spikes.
    Verify {
        /// The network and its chip.
        #[command(flatten)]
        source: Source,
        /// What else to write.
        #[command(flatten)]
        results: CompileResults,
        /// Where the image goes, if it is to be kept.
        #[arg(short, long, value_name = "OUT.loom")]
        output: Option<PathBuf>,
        /// Input spikes.
        #[arg(long, value_name = "SPIKES.npz")]
        input: PathBuf,
        /// How many steps: beyond the data is silence, below it cuts.
        #[arg(long)]
        steps: Option<usize>,
        /// Recorded spikes to compare with.
        #[arg(long, value_name = "REF.npz")]
        expect: Option<PathBuf>,
        /// Which node an array of REF.npz stands for.
        #[arg(long = "match", value_name = "ARRAY=NODE", requires = "expect")]
        matches: Vec<String>,
    },
    /// Map a bare graph onto cores of a plain constraint set.
    Map {
        /// The graph: a workload of mapbench (.json), or hMETIS (.hgr; first pin of a net its source, weight its rate).
        graph: PathBuf,
        /// What a core holds at most: neurons, distinct in-axons, synapses.
        #[arg(long, value_name = "N,A,S")]
        cores: String,
        /// Where the mapping goes.
        #[arg(long, value_name = "OUT.npz")]
        mapping: PathBuf,
        /// How much work to do; counted in moves, so that the result does not depend on the machine.
        #[arg(long, value_enum, default_value_t = EffortKind::Default)]
        effort: EffortKind,
        /// Seconds after which the search must be done; a result that this ended is marked as not reproducible.
        #[arg(long, value_name = "SECONDS", value_parser = seconds)]
        time_limit: Option<f64>,
        /// Seed of every random choice.
        #[arg(long, default_value_t = 0)]
        seed: u64,
        /// Worker threads; the result does not depend on them.
        #[arg(long, default_value_t = 1)]
        threads: usize,
        /// Where figures go, as JSON.
        #[arg(long, value_name = "FILE.json")]
        metrics: Option<PathBuf>,
    },
    /// Chip files: list, show, check.
    Chip {
        /// What to do with them.
        #[command(subcommand)]
        verb: ChipVerb,
    },
    /// Disassemble an image.
    Show {
        /// The image.
        image: PathBuf,
        /// The chip, for a folder.
        #[arg(long)]
        chip: Option<String>,
        /// Every slot and in-axon of this core.
        #[arg(long)]
        core: Option<u32>,
    },
    /// Check an image against a program: for every input, by structure.
    Check {
        /// The image.
        image: PathBuf,
        /// The text of level program that it must equal.
        #[arg(long, value_name = "FILE")]
        program: PathBuf,
        /// Steps for which the certificates are to hold.
        #[arg(long, default_value_t = 1000)]
        steps: u64,
    },
    /// Convert a network (NIR, explicit npz, text), or an image: a folder to a .loom file, or without debug sections.
    Convert {
        /// What to convert: a network, a .loom file, or a folder.
        input: PathBuf,
        /// The chip, for a folder.
        #[arg(long)]
        chip: Option<String>,
        /// Where it goes: a network as NIR to .nir, explicit to .npz, as text to any other ending.
        #[arg(short, long)]
        output: PathBuf,
        /// Leave the debug sections out.
        #[arg(long)]
        strip: bool,
        /// What a network means in steps.
        #[command(flatten)]
        meaning: Meaning,
    },
    /// Compare two images, or two texts of one level, in the words of the network.
    Diff {
        /// An image (a .loom file or a folder), or the text of a level.
        a: PathBuf,
        /// Another of the same kind.
        b: PathBuf,
        /// The chip, for folders and for texts of a chip that does not ship.
        #[arg(long)]
        chip: Option<String>,
    },
    /// The story of a diagnostic.
    Explain {
        /// Its code, such as SL0802.
        code: String,
    },
}

/// A network, a chip and what the network means.
#[derive(Args, Debug)]
pub struct Source {
    /// The network (NIR or explicit npz), or with --from the text of a level.
    pub network: PathBuf,
    /// A shipped chip or the path of a chip file, with variant and parameters.
    #[arg(long, value_name = "NAME[/VARIANT][,PARAM=VALUE]")]
    pub chip: String,
    /// What the network means in steps.
    #[command(flatten)]
    pub meaning: Meaning,
    /// Seed of every random choice; 0 unless given.
    #[arg(long)]
    pub seed: Option<u64>,
    /// Worker threads: samples are emulated side by side, passes use one. No result depends on it.
    #[arg(long, default_value_t = 1)]
    pub threads: usize,
    /// How much work the partition is worth; counted in moves, so that the result does not depend on the machine.
    #[arg(long, value_enum)]
    pub effort: Option<EffortKind>,
    /// Seconds after which the partition must be done; a result that this ended is marked as not reproducible.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub time_limit: Option<f64>,
    /// NETWORK is the text of this level (network, program, cores, placed).
    #[arg(long, value_name = "LEVEL")]
    pub from: Option<String>,
    /// Refuse what loses precision.
    #[arg(long, value_enum)]
    pub deny: Option<Deny>,
    /// Choose scales by what neurons fire on these input spikes (the first 32 samples), not by weights alone.
    #[arg(long, value_name = "SPIKES.npz")]
    pub calibrate: Option<PathBuf>,
    /// What weights of so many bits would cost, sign included; the chip's own limits hold as well.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=16))]
    pub bits: Option<u32>,
}

/// What a network means in steps.
#[derive(Args, Debug)]
pub struct Meaning {
    /// How neurons become steps.
    ///
    /// `nir` unless given.
    #[arg(long, value_name = "PRESET[,KEY=VALUE]")]
    pub semantics: Option<String>,
    /// Length of a step; that of the network's file unless given, else 1e-4.
    #[arg(long, value_name = "SECONDS")]
    pub dt: Option<f64>,
}

/// What a compile may write.
#[derive(Args, Debug)]
pub struct CompileResults {
    /// Write the text of a level (network, program, cores, placed).
    #[arg(long, value_name = "LEVEL=FILE")]
    pub emit: Vec<String>,
    /// Write figures as JSON.
    #[arg(long, value_name = "FILE.json")]
    pub metrics: Option<PathBuf>,
    /// Write the core of each neuron.
    #[arg(long, value_name = "FILE.npz")]
    pub mapping: Option<PathBuf>,
}

/// What to refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    /// Any loss of precision.
    Lossy,
}

/// Which engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EngineKind {
    /// Functional, step by step.
    Tick,
}

/// Seconds, none or more.
fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds >= 0.0 && seconds.is_finite() => Ok(seconds),
        _ => Err("a number of seconds from 0 up".into()),
    }
}

/// How much work to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EffortKind {
    /// Starts and a short refinement.
    Fast,
    /// What pays.
    Default,
    /// Whatever helps.
    Max,
}

impl From<EffortKind> for Effort {
    fn from(kind: EffortKind) -> Effort {
        match kind {
            EffortKind::Fast => Effort::Fast,
            EffortKind::Default => Effort::Default,
            EffortKind::Max => Effort::Max,
        }
    }
}

/// Verbs on chip files.
#[derive(Subcommand, Debug)]
pub enum ChipVerb {
    /// The chips that ship.
    List,
    /// The resolved description of a chip.
    Show {
        /// The chip.
        chip: String,
    },
    /// Every fault of a chip file.
    Check {
        /// The file.
        file: PathBuf,
    },
}
