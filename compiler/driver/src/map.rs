//! `map`: a bare graph onto cores of a plain constraint set.

use crate::commands::{Outcome, integers};
use crate::summary;
use serde_json::json;
use spikeloom_diagnostics::{Diagnostic, Result};
use spikeloom_image::files;
use spikeloom_image::spikes::npz::write_npz;
use spikeloom_import::{is_workload, read_hmetis, read_workload};
use spikeloom_mapping::graph::Load;
use spikeloom_mapping::{Effort, Graph, Limits, Options, Partition, bounds, deadline, partition};
use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

/// Reads a graph, told by its content, else by its ending.
fn read_graph(path: &Path) -> Result<Graph> {
    let (bytes, file) = (files::read(path)?, path.display().to_string());
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    if is_workload(&bytes) {
        return read_workload(&bytes, &file, &|name| files::read(&folder.join(name)));
    }
    let is_hgr = path.extension().is_some_and(|ending| ending == "hgr");
    match String::from_utf8(bytes) {
        Ok(text) if is_hgr => read_hmetis(&text, &file),
        _ => Err(Diagnostic::error("SL0480", "this is no graph")
            .at_file(file)
            .hint("`map` reads workloads of mapbench (.json) and hMETIS files (.hgr)")
            .into()),
    }
}

/// Reads `N,A,S`.
fn read_limits(text: &str) -> Result<Limits> {
    let numbers: Vec<u64> = text.split(',').filter_map(|word| word.trim().parse().ok()).collect();
    let limits = match numbers[..] {
        [n, a, s] if text.split(',').count() == 3 => u32::try_from(n)
            .ok()
            .zip(u32::try_from(a).ok())
            .map(|(neurons, axons)| Limits { neurons, axons, synapses: s }),
        _ => None,
    };
    limits.filter(|l| l.neurons > 0 && l.axons > 0 && l.synapses > 0).ok_or_else(|| {
        Diagnostic::error("SL0486", format!("`{text}` is no set of limits"))
            .field("--cores")
            .hint("neurons, distinct in-axons and synapses of a core, each at least 1: `--cores 1024,4096,131072`")
            .into()
    })
}

/// How to search.
pub(crate) struct Search {
    pub(crate) effort: Effort,
    pub(crate) time_limit_s: Option<f64>,
    pub(crate) seed: u64,
}

/// The verb.
pub(crate) fn map(
    path: &Path,
    cores: &str,
    mapping: &Path,
    search: &Search,
    metrics: Option<&Path>,
) -> Result<Outcome> {
    let deadline = deadline::after(search.time_limit_s);
    let limits = read_limits(cores)?;
    let graph = read_graph(path)?;
    refuse_giants(&graph, &limits, path)?;
    let options = Options { effort: search.effort, seed: search.seed, deadline, ..Options::default() };
    let clock = Instant::now();
    let found = partition(&graph, &limits, options);
    let wall_s = clock.elapsed().as_secs_f64();
    let neuron_core: Vec<i64> = found.cores.iter().map(|core| i64::from(*core)).collect();
    let arrays =
        [integers("neuron_core", vec![graph.len()], neuron_core), integers("copies", vec![0, 2], Vec::new())];
    files::write_atomically(mapping, &write_npz(&arrays)?)?;
    let judged = Judged {
        loads: graph.loads(&found.cores),
        least_cores: bounds::cores(&graph, &limits),
        least_traffic: bounds::traffic(&graph, &limits),
    };
    if let Some(path) = metrics {
        files::write_atomically(path, figures(&graph, &found, &judged, wall_s).as_bytes())?;
    }
    Ok(Outcome { text: report(&graph, &limits, &found, &judged), notes: Vec::new(), is_good: true })
}

/// What a partition comes to, and what it can't be better than.
struct Judged {
    loads: Vec<Load>,
    least_cores: usize,
    least_traffic: f64,
}

/// A neuron that no core can hold makes every partition infeasible.
fn refuse_giants(graph: &Graph, limits: &Limits, path: &Path) -> Result<()> {
    let fan_in = graph.fan_in();
    let is_giant = |count: u32| count > limits.axons || u64::from(count) > limits.synapses;
    let giants = fan_in.iter().filter(|count| is_giant(**count)).count();
    let Some(first) = fan_in.iter().position(|count| is_giant(*count)) else { return Ok(()) };
    let field = if fan_in[first] > limits.axons { "A" } else { "S" };
    let more = if giants > 1 { format!(" (and {} more)", giants - 1) } else { String::new() };
    Err(Diagnostic::error("SL0487", format!("no core can hold neuron {first}{more}"))
        .at_file(path.display().to_string())
        .need_have(
            format!("{} in-axons and synapses", fan_in[first]),
            format!("{} in-axons, {} synapses", limits.axons, limits.synapses),
        )
        .field(format!("--cores: {field}"))
        .hint(format!("cores of {} in-axons and synapses or more", fan_in.iter().max().unwrap_or(&0)))
        .into())
}

fn report(graph: &Graph, limits: &Limits, found: &Partition, judged: &Judged) -> String {
    let loads = &judged.loads;
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{} neurons, {} synapses on {} cores (at least {}): {:.0} packets/s between cores (at least {:.0})",
        graph.len(),
        graph.targets.len(),
        loads.len(),
        judged.least_cores,
        found.traffic,
        judged.least_traffic
    );
    let most = |f: fn(&Load) -> u64| loads.iter().map(f).max().unwrap_or(0);
    let _ = writeln!(
        text,
        "   fullest core: {} of {} neurons, {} of {} in-axons, {} of {} synapses",
        most(|l| l.neurons.into()),
        limits.neurons,
        most(|l| l.axons.into()),
        limits.axons,
        most(|l| l.synapses),
        limits.synapses
    );
    if found.was_cut {
        text.push_str("   cut by the time limit: not reproducible\n");
    }
    for stage in &found.stages {
        let _ = writeln!(text, "   {}: {} cores, {:.0}", stage.what, stage.cores, stage.traffic);
    }
    if found.front.len() > 1 {
        let front: Vec<String> = found.front.iter().map(|(k, t)| format!("{k} cores {t:.0}")).collect();
        let _ = writeln!(text, "   fewer cores cost: {}", front.join(", "));
    }
    text
}

fn figures(graph: &Graph, found: &Partition, judged: &Judged, wall_s: f64) -> String {
    let loads = &judged.loads;
    let metrics = json!({
        "neurons": graph.len(),
        "synapses": graph.targets.len(),
        "cores": loads.len(),
        "cores_lower_bound": judged.least_cores,
        "traffic": found.traffic,
        "traffic_lower_bound": judged.least_traffic,
        "max_neurons": loads.iter().map(|l| l.neurons).max(),
        "max_inaxons": loads.iter().map(|l| l.axons).max(),
        "max_synapses": loads.iter().map(|l| l.synapses).max(),
        "traffic_proven_least": found.proven_least,
        "front": found.front.iter().map(|(cores, traffic)| json!({ "cores": cores, "traffic": traffic })).collect::<Vec<_>>(),
        "stages": summary::stages(&found.stages),
        "cut": found.was_cut,
        "wall_s": wall_s,
    });
    summary::pretty(&metrics)
}
