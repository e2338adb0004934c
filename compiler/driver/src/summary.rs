//! What the verbs print, and the metrics files. Keys of metrics stay stable (docs/metrics in the contract).

use crate::pipeline::Compiled;
use crate::traffic;
use serde_json::{Value, json};
use spikeloom_emulator::{Counters, RunResult};
use spikeloom_image::files::sha256_hex;
use spikeloom_ir::cores::Role;
use spikeloom_ir::network::PopulationId;
use spikeloom_passes::partition::Stage;
use spikeloom_passes::quantise::LayerReport;
use spikeloom_verify::structure::Checked;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Slots by role.
struct Slots {
    primary: usize,
    copy: usize,
    idle: usize,
}

fn slots(compiled: &Compiled) -> Slots {
    let mut slots = Slots { primary: 0, copy: 0, idle: 0 };
    for slot in compiled.placed.cores.cores.iter().flat_map(|core| &core.slots) {
        match slot.role {
            Role::Primary(_) => slots.primary += 1,
            Role::Copy(_) => slots.copy += 1,
            Role::Idle => slots.idle += 1,
        }
    }
    slots
}

/// Fewest cores that there could be; that neurons alone would need where the partition was read.
fn cores_lower_bound(compiled: &Compiled) -> usize {
    let largest =
        compiled.chip.description.core_types.values().map(|core| core.slots as usize).max().unwrap_or(1);
    let by_neurons = compiled.program().neurons().div_ceil(largest);
    compiled.partition.as_ref().map_or(by_neurons, |partition| partition.cores_lower_bound.max(by_neurons))
}

/// Packets that the host sends if every input element fires once.
fn host_packets(compiled: &Compiled) -> usize {
    compiled.image.host.iter().flat_map(|h| &h.inputs).flat_map(|i| &i.packets).map(Vec::len).sum()
}

/// What the partition came to and how.
fn partition(compiled: &Compiled) -> String {
    let traffic = traffic::count(&compiled.placed);
    let mut text = String::new();
    if compiled.placed.cores.cores.len() < 2 {
        return text;
    }
    let least = compiled
        .partition
        .as_ref()
        .map_or(String::new(), |partition| format!(" (at least {:.0})", partition.traffic_lower_bound));
    let is_measured = !compiled.program().fired.is_empty();
    let _ = writeln!(
        text,
        "   packets if every neuron and input fires once: {} between cores{}, {} in all, {} from the host",
        traffic.axon_copies,
        if is_measured { "" } else { &least },
        traffic.packets,
        host_packets(compiled)
    );
    if is_measured {
        let packets = traffic.between_cores;
        let _ = writeln!(text, "   packets on the calibration spikes: {packets} between cores{least}");
    }
    if let Some(partition) = &compiled.partition {
        // The start, and what made it better.
        let mut last: Option<&Stage> = None;
        for stage in &partition.stages {
            if last.is_none_or(|last| (stage.cores, stage.traffic) != (last.cores, last.traffic)) {
                let _ = writeln!(
                    text,
                    "      {}: {} cores, {:.0} packets",
                    stage.what, stage.cores, stage.traffic
                );
                last = Some(stage);
            }
        }
        if partition.was_cut {
            text.push_str("   the partition was cut by the time limit: not reproducible\n");
        }
    }
    text
}

/// The report of a compile.
pub(crate) fn compiled(compiled: &Compiled) -> String {
    let program = compiled.program();
    let slots = slots(compiled);
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{} on {}: {} neurons, {} synapses",
        program.origin.source_name,
        program.origin.chip_name,
        program.neurons(),
        program.synapses()
    );
    let _ = writeln!(
        text,
        "   {} of {} cores (at least {}): {} primaries, {} copies, {} idle slots",
        compiled.placed.cores.cores.len(),
        compiled.chip.core_numbers().count(),
        cores_lower_bound(compiled),
        slots.primary,
        slots.copy,
        slots.idle
    );
    text.push_str(&partition(compiled));
    text.push_str(&lags(compiled));
    for layer in &compiled.layers {
        let _ = writeln!(
            text,
            "   {}: scale {}, {}",
            layer.population,
            layer.scale,
            if layer.exact {
                "exact".to_string()
            } else {
                format!(
                    "rounded: of {} weights {} saturated, {} clipped, {} vanished, rms error {:.2e} of the largest{}{}",
                    layer.weights,
                    layer.saturated,
                    layer.clipped,
                    layer.vanished,
                    layer.weight_error,
                    rounding(&layer.rounding),
                    calibration(layer)
                )
            }
        );
    }
    let leaving: Vec<_> = compiled.reach.iter().filter(|r| r.first_step.is_some()).collect();
    for reach in &leaving {
        let _ = writeln!(text, "   {reach}");
    }
    if leaving.is_empty() {
        let horizon = compiled.reach.iter().filter(|r| !r.is_settled).map(|r| r.steps).min();
        let horizon = horizon.map_or(String::new(), |steps| format!(" within {steps} steps"));
        let _ = writeln!(text, "   no state can leave its range{horizon}, for any input");
    }
    text.push_str(&structure(&compiled.structure));
    let _ = writeln!(
        text,
        "   image: {} bytes, sha256 {}",
        compiled.image_bytes.len(),
        sha256_hex(&compiled.image_bytes)
    );
    text
}

/// Lags of populations, and delays of connections: in the network and on the chip.
fn lags(compiled: &Compiled) -> String {
    let program = compiled.program();
    let lags: Vec<String> = program.populations.iter().map(|p| format!("{} {}", p.name, p.lag)).collect();
    let mut text = format!("   lags in steps: {}\n", lags.join(", "));
    let mut delays: BTreeMap<(&str, &str), BTreeSet<u32>> = BTreeMap::new();
    let name = |id: PopulationId| program.populations[id.index()].name.as_str();
    for connection in &program.connections {
        delays
            .entry((name(connection.source), name(connection.target)))
            .or_default()
            .insert(connection.delay);
    }
    for ((source, target), chip) in delays {
        let lag = |name: &str| program.populations.iter().find(|p| p.name == name).map_or(0, |p| p.lag);
        let list = |steps: &mut dyn Iterator<Item = i64>| {
            steps.map(|step| step.to_string()).collect::<Vec<_>>().join(", ")
        };
        let apart = i64::from(lag(target)) - i64::from(lag(source));
        let network = list(&mut chip.iter().map(|d| i64::from(*d) - apart));
        let chip = list(&mut chip.iter().map(|d| i64::from(*d)));
        let _ = writeln!(text, "   delay {source} -> {target}: {network} in the network, {chip} on the chip");
    }
    text
}

/// The structural check, a line.
pub(crate) fn structure(checked: &Checked) -> String {
    if !checked.holds() {
        return "T1 structure: does NOT hold\n".into();
    }
    let horizon = |holds: bool, steps: Option<u64>, what: &str| match (holds, steps) {
        (true, None) => format!("{what} for ever"),
        (_, Some(steps)) => format!("{what} for {steps} steps"),
        (false, None) => format!("not {what}"),
    };
    format!(
        "T1 structure: holds for every input ({} synapses at {} slots followed from the image's bytes); {}, {}\n",
        checked.synapses,
        checked.slots,
        horizon(checked.order_free, checked.order_free_steps, "order-free"),
        horizon(checked.no_trap, checked.no_trap_steps, "no trap")
    )
}

/// What calibration found: the cost of this layer alone, its sources firing as in the network.
fn calibration(layer: &LayerReport) -> String {
    layer.calibration.map_or(String::new(), |c| {
        // A readout has no spikes to count.
        if c.spikes_wanted == 0 && c.spikes == 0 {
            return "; calibrated".into();
        }
        format!(
            "; calibrated: {} spikes of {} differ, firing rate {:+.2} %",
            c.differing,
            c.spikes_wanted,
            100.0 * c.rate_error()
        )
    })
}

fn rounding(rounding: &[(String, f64)]) -> String {
    let parts: Vec<String> = rounding.iter().map(|(name, error)| format!("{name} {error:.3}")).collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!("; rounded parameters (largest, in their units): {}", parts.join(", "))
    }
}

/// The metrics of a compile.
pub(crate) fn compile_metrics(compiled: &Compiled) -> String {
    let slots = slots(compiled);
    let lossy: Vec<Value> = compiled
        .layers
        .iter()
        .map(|l| {
            json!({
                "population": l.population, "exact": l.exact, "scale": l.scale, "weights": l.weights,
                "saturated": l.saturated, "clipped": l.clipped, "vanished": l.vanished,
                "weight_error_share": l.weight_error,
                "firing_rate_error_share": l.calibration.map(|c| c.rate_error()),
            })
        })
        .collect();
    let passes: Vec<Value> =
        compiled.passes.iter().map(|p| json!({ "name": p.name, "wall_s": p.wall_s })).collect();
    let traffic = traffic::count(&compiled.placed);
    let metrics = json!({
        "chip": compiled.program().origin.chip_name,
        "neurons": compiled.program().neurons(),
        "synapses": compiled.program().synapses(),
        "cores": compiled.placed.cores.cores.len(),
        "cores_lower_bound": cores_lower_bound(compiled),
        "slots": { "primary": slots.primary, "copy": slots.copy, "idle": slots.idle },
        "traffic": traffic.between_cores,
        "traffic_lower_bound": compiled.partition.as_ref().map(|p| p.traffic_lower_bound),
        "packets": traffic.packets,
        "host_packets": host_packets(compiled),
        "host_packet_routes": host_packets(compiled),
        "axon_copies": traffic.axon_copies,
        "rates": if compiled.program().fired.is_empty() {
            "every neuron and input fires once a second: not measured"
        } else {
            "spikes of the calibration, all samples that were used"
        },
        "partition": compiled.partition.as_ref().map(|p| json!({ "stages": stages(&p.stages), "cut": p.was_cut })),
        "lossy": lossy,
        "passes": passes,
        "peak_rss_bytes": peak_rss_bytes(),
        "image_bytes": compiled.image_bytes.len(),
        "image_sha256": sha256_hex(&compiled.image_bytes),
    });
    pretty(&metrics)
}

/// What a search did.
pub(crate) fn stages(stages: &[Stage]) -> Vec<Value> {
    stages.iter().map(|s| json!({ "stage": s.what, "cores": s.cores, "traffic": s.traffic })).collect()
}

/// Peak resident memory, where the system says it.
fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1024)
}

/// The report of a run.
pub(crate) fn run(result: &RunResult) -> String {
    let mut text = format!("{} sample(s) of {} steps\n", result.samples, result.steps);
    for node in &result.outputs {
        let total: u64 = node.counts.iter().map(|c| u64::from(*c)).sum();
        let _ = writeln!(text, "   {}: {total} spikes", node.name);
    }
    for node in &result.readouts {
        let range = node.values.iter().min().zip(node.values.iter().max());
        let range = range.map_or("no values".into(), |(low, high)| format!("{low} to {high}"));
        let _ = writeln!(text, "   {}: readout, {range} in the chip's units", node.name);
    }
    text.push_str(&self::counters(&result.counters));
    text
}

/// Counters, a line.
pub(crate) fn counters(counters: &Counters) -> String {
    format!(
        "   {} spikes, {} synaptic events, {} neuron updates; {} wraps, {} saturations, {} traps, {} merged, {} packets to nowhere\n",
        counters.spikes,
        counters.synaptic_events,
        counters.neuron_updates,
        counters.wraps,
        counters.saturations,
        counters.traps,
        counters.merged,
        counters.unreachable
    )
}

/// The metrics of a run.
pub(crate) fn run_metrics(counters: &Counters, wall_s: f64) -> String {
    pretty(&json!({
        "steps": counters.steps,
        "spikes": counters.spikes,
        "synaptic_events": counters.synaptic_events,
        "neuron_updates": counters.neuron_updates,
        "wall_s": wall_s,
        "wraps": counters.wraps,
        "saturations": counters.saturations,
        "traps": counters.traps,
        "merged_packets": counters.merged,
        "unreachable_packets": counters.unreachable,
        "host_packets": counters.host_packets,
        "output_packets": counters.output_packets,
        "late_packets": "unknown",
        "emulated_cycles": "unknown",
        "energy_j": "unknown",
    }))
}

pub(crate) fn pretty(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
