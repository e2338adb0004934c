//! The table of partitions: every workload of mapbench that a folder holds, on its cores.
//!
//! `cargo run --release -p spikeloom-import --example mapbench -- FOLDER [--effort fast|default|max] [--seeds 1,2,3,4,5]
//! [--only WORKLOAD[/CORES]] [--threads N] [--without INGREDIENT] [--peer]`. A row is printed as soon as it is done: the least, the median and the greatest
//! traffic over the seeds, the cores of the median, CPU seconds of the median; beside them what others reach and what is asked
//! of `default` and `max`; with `--peer` a row of what Mt-KaHyPar's default does on the same graph, for as many cores, where its
//! Python package is installed (`pip install mtkahypar`). Every partition is judged anew: limits and traffic are counted from the graph.

#![allow(clippy::print_stdout)]

use spikeloom_import::read_workload;
use spikeloom_mapping::{Effort, Graph, Ingredient, Limits, Options, partition};
use std::path::Path;

/// Sets of limits.
const CORES: [(&str, Limits); 3] = [
    ("xbar256", Limits { neurons: 256, axons: 256, synapses: 65536 }),
    ("mid256", Limits { neurons: 256, axons: 4096, synapses: 65536 }),
    ("loihi1024", Limits { neurons: 1024, axons: 4096, synapses: 131072 }),
];

/// Workload, cores, best feasible result of others (packets/s, cores), what is asked of `default` and of `max`: for seed 1
/// of the generator.
const ROWS: [(&str, &str, f64, usize, f64, f64); 13] = [
    ("mlp", "loihi1024", 30238.0, 6, 30200.0, 30110.0),
    ("mlp", "mid256", 62165.0, 14, 60150.0, 60000.0),
    ("lenet", "loihi1024", 19905.0, 11, 19900.0, 18900.0),
    ("lenet", "mid256", 39341.0, 36, 39340.0, 38400.0),
    ("lenet_xb", "xbar256", 88498.0, 66, 63000.0, 58700.0),
    ("local16k", "loihi1024", 53946.0, 17, 53940.0, 53500.0),
    ("local16k", "xbar256", 425083.0, 290, 309000.0, 293600.0),
    ("local50k", "loihi1024", 3266742.0, 125, 2370000.0, 2240000.0),
    ("er10k", "loihi1024", 5514881.0, 167, 5055000.0, 5012000.0),
    ("pd01", "loihi1024", 4337651.0, 356, 3980000.0, 3937000.0),
    ("vgg11h", "loihi1024", 2380848.0, 268, 2600000.0, 2350000.0),
    ("alexnet", "loihi1024", 2601621.0, 321, 2850000.0, 2570000.0),
    ("big1m", "loihi1024", 28890000.0, 977, 28800000.0, 28000000.0),
];

/// What can be left out, by name.
const INGREDIENTS: [(&str, Ingredient); 11] = [
    ("growth", Ingredient::Growth),
    ("flat", Ingredient::Flat),
    ("groups", Ingredient::Groups),
    ("regions", Ingredient::Regions),
    ("levels", Ingredient::Levels),
    ("twins", Ingredient::Twins),
    ("recombination", Ingredient::Recombination),
    ("band", Ingredient::Band),
    ("dissolving", Ingredient::Dissolving),
    ("swaps", Ingredient::Swaps),
    ("windows", Ingredient::Windows),
];

struct Run {
    traffic: f64,
    cores: usize,
    cpu_s: f64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(folder) = arguments.first().map(Path::new) else {
        println!("which folder holds the workloads?");
        std::process::exit(2);
    };
    let option = |name: &str| arguments.iter().position(|a| a == name).and_then(|at| arguments.get(at + 1));
    let effort = match option("--effort").map(String::as_str) {
        Some("fast") => Effort::Fast,
        Some("max") => Effort::Max,
        _ => Effort::Default,
    };
    let seeds = option("--seeds").map_or("1,2,3,4,5", String::as_str).split(',');
    let seeds: Vec<u64> = seeds.map(|seed| seed.parse().expect("a seed is a number")).collect();
    let threads = option("--threads").map_or(1, |threads| threads.parse().expect("threads are a number"));
    let only = option("--only");
    let without = option("--without").map(|name| {
        let known = INGREDIENTS.iter().find(|(known, _)| known == name);
        known.unwrap_or_else(|| panic!("ingredients are {:?}", INGREDIENTS.map(|(known, _)| known))).1
    });
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().expect("threads");
    println!(
        "| workload, cores | peer (cores) | asked | least | median (cores) | greatest | CPU s | peak MB |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for (name, set, peer, peer_cores, default, max) in ROWS {
        let is_wanted = only.is_none_or(|only| only == name || *only == format!("{name}/{set}"));
        let file = folder.join(format!("{name}.json"));
        if !is_wanted || !file.exists() {
            continue;
        }
        let bytes = std::fs::read(&file).expect("a workload");
        let graph = read_workload(&bytes, name, &|other| spikeloom_image::files::read(&folder.join(other)))
            .unwrap_or_else(|faults| panic!("{faults:?}"));
        let limits = CORES.iter().find(|(known, _)| *known == set).expect("a set of limits").1;
        let mut runs: Vec<Run> = seeds
            .iter()
            .map(|seed| run(&graph, &limits, Options { effort, seed: *seed, without, ..Options::default() }))
            .collect();
        runs.sort_by(|a, b| a.traffic.total_cmp(&b.traffic));
        let median = &runs[runs.len() / 2];
        let asked = if effort == Effort::Max { max } else { default };
        let verdict = if median.traffic <= asked && median.cores <= peer_cores { "" } else { " MISSED" };
        println!(
            "| {name}, {set} | {peer:.0} ({peer_cores}) | {asked:.0}{verdict} | {:.0} | {:.0} ({}) | {:.0} | {:.1} | {} |",
            runs[0].traffic,
            median.traffic,
            median.cores,
            runs[runs.len() - 1].traffic,
            median.cpu_s,
            peak_mb(),
        );
        if arguments.iter().any(|argument| argument == "--peer") {
            match beside(&graph, &limits, median.cores, &seeds) {
                Ok(row) => println!("| {name}, {set} | Mt-KaHyPar default, beside it | {row}"),
                Err(why) => println!("Mt-KaHyPar gave nothing: {why}"),
            }
        }
    }
}

/// Mt-KaHyPar on the same graph: its row of the table from the third column on.
fn beside(graph: &Graph, limits: &Limits, cores: usize, seeds: &[u64]) -> Result<String, String> {
    let file = std::env::temp_dir().join(format!("mapbench-{}.hgr", std::process::id()));
    std::fs::write(&file, hmetis(graph)).map_err(|error| error.to_string())?;
    let row = beside_on(&file, graph, limits, cores, seeds);
    std::fs::remove_file(&file).map_err(|error| error.to_string())?;
    row
}

fn beside_on(
    file: &Path,
    graph: &Graph,
    limits: &Limits,
    cores: usize,
    seeds: &[u64],
) -> Result<String, String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/peer.py");
    let mut runs: Vec<(Run, usize)> = Vec::new();
    for seed in seeds {
        let mut command = std::process::Command::new("python3");
        command.arg(&script).arg(file).args([
            cores.to_string(),
            limits.neurons.to_string(),
            seed.to_string(),
        ]);
        let output = command.output().map_err(|error| error.to_string())?;
        let told = String::from_utf8_lossy(&output.stdout);
        let mut lines = told.lines();
        let cpu_s = lines.next().and_then(|line| line.parse().ok());
        let found: Vec<u32> = lines.filter_map(|line| line.parse().ok()).collect();
        let Some(cpu_s) = cpu_s.filter(|_| found.len() == graph.len()) else {
            return Err(String::from_utf8_lossy(&output.stderr)
                .lines()
                .last()
                .unwrap_or("no partition")
                .into());
        };
        let loads = graph.loads(&found);
        let over = loads.iter().filter(|load| !load.fits(limits)).count();
        runs.push((Run { traffic: graph.traffic(&found), cores: loads.len(), cpu_s }, over));
    }
    runs.sort_by(|a, b| a.0.traffic.total_cmp(&b.0.traffic));
    let (median, over) = &runs[runs.len() / 2];
    Ok(format!(
        "{over} cores over a limit | {:.0} | {:.0} ({}) | {:.0} | {:.1} | |",
        runs[0].0.traffic,
        median.traffic,
        median.cores,
        runs[runs.len() - 1].0.traffic,
        median.cpu_s
    ))
}

/// The graph as hMETIS text: the first pin of a net is its source, its weight the rate.
fn hmetis(graph: &Graph) -> String {
    let nets = (0..graph.rates.len()).filter(|axon| !graph.of(*axon).is_empty());
    let mut text = format!("{} {} 1\n", nets.clone().count(), graph.len());
    for axon in nets {
        text.push_str(&format!("{} {}", graph.rates[axon], graph.sources[axon] + 1));
        graph.of(axon).iter().for_each(|target| text.push_str(&format!(" {}", target + 1)));
        text.push('\n');
    }
    text
}

fn run(graph: &Graph, limits: &Limits, options: Options<'_>) -> Run {
    let before = cpu_s();
    let found = partition(graph, limits, options);
    let cpu_s = cpu_s() - before;
    let loads = graph.loads(&found.cores);
    assert!(loads.iter().all(|load| load.fits(limits) && load.neurons > 0), "a core is over its limits");
    if std::env::var_os("STAGES").is_some() {
        for stage in &found.stages {
            println!("   {:<70} {:>5} {:>14.0}", stage.what, stage.cores, stage.traffic);
        }
    }
    Run { traffic: graph.traffic(&found.cores), cores: loads.len(), cpu_s }
}

/// CPU seconds of this process, all threads, as Linux counts them (hundredths).
fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or("");
    let ticks: u64 =
        after.split_whitespace().skip(11).take(2).filter_map(|word| word.parse::<u64>().ok()).sum();
    ticks as f64 / 100.0
}

/// Peak resident memory so far, where the system says it.
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).unwrap_or(0) / 1024
}
