//! What became of a pair.

use super::Pair;
use super::networks::{self, Stream};
use spikeloom_chip::Chip;
use spikeloom_chip::schema::{Delay, Description, Layout, Level, OutOrganisation, Store};
use spikeloom_diagnostics::Diagnostics;
use spikeloom_driver::pipeline::{Compiled, Laps, Options, compile_network};
use spikeloom_driver::verification::verify;
use spikeloom_image::spikes::{NodeTrain, SpikeTrains};
use spikeloom_ir::network::{Network, PopulationKind};
use spikeloom_passes::partition::Effort;

/// What became of a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Compiled, and equal over so many steps.
    Equal {
        /// Steps compared.
        steps: u64,
    },
    /// Refused, for this code and field.
    Refused {
        /// Code of the first diagnostic.
        code: String,
        /// The field that forbids it.
        field: String,
        /// How often advice was applied before.
        advice: u32,
    },
}

/// Raises that a refusal's advice may ask for, one after the other.
const MOST_ADVICE: u32 = 64;

/// Compiles a pair and checks what comes of it; the error says what should not have happened.
pub fn outcome(pair: &Pair) -> Result<Outcome, String> {
    let network = pair.network.build();
    let mut description = pair.chip.describe();
    let mut first: Option<Outcome> = None;
    for advice in 0..MOST_ADVICE {
        match compile(&network, pair, &description) {
            Ok(compiled) => {
                let steps = check(&compiled, &pair.network)?;
                return Ok(first.unwrap_or(Outcome::Equal { steps }));
            }
            Err(Diagnostics(faults)) => {
                let fault = &faults[0];
                let field =
                    fault.field.clone().ok_or_else(|| format!("a refusal names no field: {fault}"))?;
                if !REFUSALS.contains(&fault.code) {
                    return Err(format!("this is no refusal but a failure: {fault:?}"));
                }
                first.get_or_insert(Outcome::Refused {
                    code: fault.code.into(),
                    field: field.clone(),
                    advice,
                });
                // Where refusals say how much is needed, giving that much must lead on.
                let raised = faults.iter().all(|fault| {
                    let need =
                        fault.need.as_ref().and_then(|need| need.split(' ').next()?.parse::<u32>().ok());
                    let field = fault.field.as_deref().unwrap_or_default();
                    need.is_some_and(|need| raise(&mut description, field, need))
                });
                if !raised {
                    return first.ok_or_else(|| "no outcome".into());
                }
            }
        }
    }
    Err(format!("advice was followed {MOST_ADVICE} times and led nowhere"))
}

/// Codes with which a network may be refused for a chip.
pub const REFUSALS: [&str; 15] = [
    "SL0604", "SL0610", "SL0611", "SL0702", "SL0703", "SL0704", "SL0705", "SL0706", "SL0801", "SL0802",
    "SL0803", "SL0804", "SL0806", "SL0807", "SL0808",
];

/// Compiles a network for a chip.
///
/// # Errors
///
/// What the chip file or the compiler says.
pub fn compile(
    network: &Network,
    pair: &Pair,
    description: &Description,
) -> spikeloom_diagnostics::Result<Compiled> {
    let chip = super::chips::Knobs::resolve(description)?;
    let options =
        Options { semantics: pair.network.semantics().into(), effort: Effort::Fast, ..Options::default() };
    compile_network(network.clone(), chip, &options, Vec::new(), Laps::new())
}

/// Compiles a network for a chip and checks it; a refusal by one of [`REFUSALS`] is 0 steps.
///
/// # Errors
///
/// What should not have happened.
pub fn on_chip(network: &networks::Knobs, chip: Chip) -> Result<u64, String> {
    let options =
        Options { semantics: network.semantics().into(), effort: Effort::Fast, ..Options::default() };
    match compile_network(network.build(), chip, &options, Vec::new(), Laps::new()) {
        Ok(compiled) => check(&compiled, network),
        Err(Diagnostics(faults)) if REFUSALS.contains(&faults[0].code) => Ok(0),
        Err(faults) => Err(format!("this is no refusal but a failure: {faults}")),
    }
}

/// T1 and T2 on a compiled network.
fn check(compiled: &Compiled, network: &networks::Knobs) -> Result<u64, String> {
    let again =
        spikeloom_image::Image::from_bytes(&compiled.image_bytes, "image").map_err(|e| e.to_string())?;
    if again.to_bytes().map_err(|e| e.to_string())? != compiled.image_bytes {
        return Err("the image does not read back the same".into());
    }
    bounds_hold(compiled)?;
    let trains = inputs(network);
    let verdict = verify(compiled, &trains, None, None).map_err(|e| e.to_string())?;
    if !verdict.is_good {
        return Err(format!("not equal:\n{}\n{:?}", verdict.text, verdict.notes));
    }
    let is_exact = compiled.layers.iter().all(|layer| layer.exact);
    let leaves = compiled.reach.iter().any(|r| r.first_step.is_some());
    if is_exact && !leaves && verdict.numerics.iter().any(|d| d.differing > 0) {
        return Err(format!(
            "exact, no state leaves its range, and yet spikes differ from the network's:\n{}",
            verdict.text
        ));
    }
    Ok((trains.samples * (trains.steps + compiled.program().largest_lag() as usize)) as u64)
}

/// What no division can be better than, no division is.
fn bounds_hold(compiled: &Compiled) -> Result<(), String> {
    let Some(partition) = &compiled.partition else { return Err("the partition said nothing".into()) };
    let cores = compiled.placed.cores.cores.len();
    let traffic = spikeloom_driver::traffic::count(&compiled.placed).between_cores as f64;
    if partition.cores_lower_bound > cores || partition.traffic_lower_bound > traffic {
        return Err(format!(
            "{cores} cores, at least {}; {traffic} packets between them, at least {}",
            partition.cores_lower_bound, partition.traffic_lower_bound
        ));
    }
    Ok(())
}

fn inputs(network: &networks::Knobs) -> SpikeTrains {
    let mut stream = Stream(network.seed ^ 0x5eed);
    let (samples, steps) = (2, network.steps);
    let nodes = network
        .build()
        .populations
        .iter()
        .filter(|p| p.kind == PopulationKind::Input)
        .map(|p| NodeTrain {
            name: p.name.clone(),
            shape: p.shape.clone(),
            counts: (0..samples * steps * p.len()).map(|_| u32::from(stream.below(10) < 4)).collect(),
        })
        .collect();
    SpikeTrains { samples, steps, batched: true, nodes }
}

/// Gives a chip as much of a resource as a refusal asked for; false if the field is no number that can be raised.
fn raise(description: &mut Description, field: &str, need: u32) -> bool {
    let Some(core) = description.core_types.values_mut().next() else { return false };
    let widen = |core: &mut spikeloom_chip::schema::CoreType, names: &[&str], bits: u32| {
        for field in
            core.records.iter_mut().flat_map(|r| &mut r.fields).filter(|f| names.contains(&f.name.as_str()))
        {
            field.bits = field.bits.max(bits);
        }
    };
    // What was raised by an earlier neuron's need is not lowered by a later one's.
    let bits = 33 - need.leading_zeros();
    match field {
        "slots" => {
            core.slots = need.max(core.slots);
            if let Store::BlockLists { index_bits, .. } = &mut core.store {
                index_bits[0] = index_bits[0].max(bits);
            }
        }
        "in_axons.count" => {
            let need = need.max(core.in_axons.count);
            core.in_axons.count = need;
            core.records
                .iter_mut()
                .flat_map(|r| &mut r.fields)
                .filter(|f| f.name == "conn")
                .for_each(|f| f.count = need);
            widen(core, &["axon"], bits);
            description
                .io
                .host_in
                .packet
                .iter_mut()
                .filter(|f| f.name == "axon")
                .for_each(|f| f.bits = f.bits.max(bits));
        }
        "out_axons.organisation" => {
            let OutOrganisation::Table { entries } = &mut core.out_axons.organisation else { return false };
            *entries = need.max(*entries);
            widen(core, &["out_start", "out_count"], bits);
        }
        "store.words" => {
            let Store::BlockLists { words, .. } = &mut core.store else { return false };
            *words = need.max(*words);
            widen(core, &["start", "blocks"], bits);
        }
        "store.formats" => {
            let Store::BlockLists { formats, format_bits, .. } = &mut core.store else { return false };
            *formats = need.max(*formats);
            *format_bits = bits.max(*format_bits);
        }
        "profiles.th" => {
            let entries = core.profiles.entry("th".into()).or_default();
            *entries = need.max(*entries);
            widen(core, &["th"], bits);
        }
        "delay.accumulators" => {
            let Delay::Synapse { accumulators, .. } = &mut core.delay else { return false };
            *accumulators = Some(need);
        }
        "fabric.levels" => {
            let members = description
                .fabric
                .levels
                .iter()
                .map(|l| if let Level::Star { members } = l { *members } else { 1 })
                .product::<u32>();
            let nodes = need.div_ceil(members) + 1;
            for level in &mut description.fabric.levels {
                if let Level::Mesh { width, height, .. } = level {
                    // A relative address reaches 7 columns: the mesh grows upwards and must stay in reach.
                    (*width, *height) = (nodes.div_ceil(7).max(*width), 7.max(*height));
                    if *width > 7 {
                        return false;
                    }
                    let (x, y) = (*width - 1, *height - 1);
                    for rule in &mut description.fabric.layout {
                        if let Layout::OutputNode { x: ox, y: oy, .. } = rule {
                            (*ox, *oy) = (x, y);
                        }
                    }
                }
            }
            widen(core, &["core"], 8);
            description
                .io
                .host_in
                .packet
                .iter_mut()
                .filter(|f| f.name == "core")
                .for_each(|f| f.bits = f.bits.max(8));
        }
        "fabric.layout: OutputNode.channels" => {
            for rule in &mut description.fabric.layout {
                if let Layout::OutputNode { channels, .. } = rule {
                    *channels = need;
                }
            }
            widen(core, &["axon"], bits);
        }
        _ => return false,
    }
    true
}
