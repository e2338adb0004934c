//! What a core has only so much of.

use super::{at_most, neuron};
use crate::cores::{Core, InAxon};
use crate::program::{PopulationKind, Program};
use crate::text::Site;
use crate::verify::Findings;
use spikeloom_chip::schema::{CoreType, Delay, OutOrganisation, Scope, Store};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(
    findings: &mut Findings<'_>,
    program: &Program,
    c: usize,
    core: &Core,
    core_type: &CoreType,
) {
    let site = Site::Core(c);
    at_most(
        findings,
        site,
        "in-axons",
        core.axons.len() as u64,
        core_type.in_axons.count.into(),
        "in_axons.count",
    );
    destinations(findings, c, core, core_type);
    parameters(findings, program, c, core, core_type);
    if let Store::BlockLists { words, formats, .. } = &core_type.store {
        at_most(findings, site, "formats", core.formats.len() as u64, (*formats).into(), "store.formats");
        let need = core.axons.iter().map(|axon| words_of(axon, core, core_type)).sum();
        at_most(findings, site, "words of synapse memory", need, (*words).into(), "store.words");
    }
    if let Delay::Synapse { least, accumulators: Some(most), .. } = core_type.delay {
        let longest =
            core.axons.iter().flat_map(|axon| &axon.synapses).map(|s| s.delay.saturating_sub(least)).max();
        let in_use = core.slots.iter().filter(|slot| neuron(slot.role).is_some()).count() as u64;
        let need = (u64::from(longest.unwrap_or(0)) + 1) * in_use;
        at_most(findings, site, "accumulators of delays", need, most.into(), "delay.accumulators");
    }
}

fn destinations(findings: &mut Findings<'_>, c: usize, core: &Core, core_type: &CoreType) {
    match core_type.out_axons.organisation {
        OutOrganisation::Table { entries } => {
            let need = core.slots.iter().map(|slot| slot.destinations.len() as u64).sum();
            at_most(findings, Site::Core(c), "destinations", need, entries.into(), "out_axons.organisation");
        }
        OutOrganisation::PerSlot { destinations } => {
            for (s, slot) in core.slots.iter().enumerate() {
                let count = slot.destinations.len() as u64;
                let field = "out_axons.organisation";
                at_most(
                    findings,
                    Site::Out(c, s),
                    "destinations in a slot",
                    count,
                    destinations.into(),
                    field,
                );
                if count < destinations.into() {
                    let message = format!(
                        "slot {s} has {count} of {destinations} destinations: the others would be read as in-axon 0"
                    );
                    findings.add(Site::Slot(c, s), "SL1144", message);
                }
            }
        }
    }
}

/// Parameters that slots share.
fn parameters(findings: &mut Findings<'_>, program: &Program, c: usize, core: &Core, core_type: &CoreType) {
    let declared = &core_type.neuron.parameters;
    let of_scope = |scope: &Scope| -> Vec<usize> {
        (0..declared.len()).filter(|i| declared[*i].scope == *scope).collect()
    };
    let mut shared: Vec<(String, u64, Vec<usize>)> = core_type
        .profiles
        .iter()
        .map(|(name, most)| (name.clone(), u64::from(*most), of_scope(&Scope::Profile(name.clone()))))
        .collect();
    shared.push((String::new(), 1, of_scope(&Scope::Core)));
    for (profile, most, places) in shared.into_iter().filter(|(_, _, places)| !places.is_empty()) {
        let mut sets: BTreeSet<Vec<i64>> = BTreeSet::new();
        for (s, slot) in core.slots.iter().enumerate() {
            let Some(id) = neuron(slot.role) else { continue };
            let PopulationKind::Neurons { parameters, .. } = &program.populations[id.population.index()].kind
            else {
                continue;
            };
            // A list that is too short was reported with the program.
            let value = |place: &usize| {
                parameters.get(*place).and_then(|values| match values {
                    crate::program::Integers::Uniform(value) => Some(*value),
                    crate::program::Integers::Each(values) => values.get(id.index as usize).copied(),
                })
            };
            let is_new = sets.insert(places.iter().filter_map(value).collect());
            if profile.is_empty() && is_new && sets.len() == 2 {
                let names: Vec<&str> = places.iter().map(|p| declared[*p].name.as_str()).collect();
                let message =
                    format!("slot {s} has another value than the slots before, for {}", names.join(" or "));
                findings.add(Site::Slot(c, s), "SL1143", format!("{message}: the core has one for all"));
            }
        }
        if !profile.is_empty() {
            let what = format!("sets of values of profile `{profile}`");
            at_most(findings, Site::Core(c), &what, sets.len() as u64, most, &format!("profiles.{profile}"));
        }
    }
}

/// Words that the lists of an in-axon take: a chain of blocks for each format.
fn words_of(axon: &InAxon, core: &Core, core_type: &CoreType) -> u64 {
    let Store::BlockLists { word_bits, block_most, count_bits, format_bits, index_bits, weight, .. } =
        &core_type.store
    else {
        return 0;
    };
    // The narrowest index that reaches every slot.
    let reaches = |bits: &u32| 1u64 << (*bits).min(63) >= u64::from(core_type.slots);
    let index = index_bits
        .iter()
        .copied()
        .filter(|bits| reaches(bits))
        .min()
        .or(index_bits.first().copied())
        .unwrap_or(0);
    let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
    for run in axon.synapses.chunk_by(|a, b| a.format == b.format) {
        *counts.entry(run[0].format).or_default() += run.len() as u64;
    }
    let words = |format: u32, synapses: u64| {
        let delay_bits = core.formats.get(format as usize).map_or(0, |format| format.delay_bits);
        let each = u64::from(index) + u64::from(weight.bits()) + u64::from(delay_bits);
        (u64::from(count_bits + format_bits) + synapses * each).div_ceil(u64::from((*word_bits).max(1)))
    };
    let most = u64::from((*block_most).max(1));
    let blocks = counts.into_iter().map(|(format, count)| {
        let rest = if count % most == 0 { 0 } else { words(format, count % most) };
        count / most * words(format, most) + rest
    });
    blocks.sum()
}
