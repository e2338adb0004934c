//! Neurons onto cores in order.
//!
//! Populations are taken from the last (the one that runs latest) to the first, neurons from the last to the
//! first, and a core is filled until a limit is met. Going backwards, the cores that a feed-forward neuron must
//! reach are known when it is placed, and with them the copies that it needs. In recurrent networks they are
//! not: then the whole is repeated with the numbers of the pass before until nothing changes.

use super::core::{OpenCore, Shortage};
use super::{Partition, Task, slots_for};
use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};
use spikeloom_ir::program::PopulationKind;
use std::collections::BTreeMap;

/// Passes over a recurrent network before giving up.
const MOST_PASSES: usize = 24;

/// Partitions in order, whatever the number of cores.
pub(super) fn partition(task: &Task<'_>) -> Result<Partition> {
    let mut floor = vec![0u32; task.elements()];
    for _ in 0..MOST_PASSES {
        let filled = fill(task, &floor)?;
        let destinations = task.destinations(&filled.members);
        if let Some(held) = task.held(filled.core_types, filled.members, &destinations) {
            return Ok(held);
        }
        floor.iter_mut().zip(&destinations).for_each(|(floor, actual)| *floor = (*floor).max(*actual));
    }
    Err(Diagnostic::error(
        "SL0803",
        "no division was found in which every neuron's copies and destinations fit its core",
    )
    .field("out_axons.organisation")
    .hint("a chip with more destinations per neuron, or more of them in a core, could hold it")
    .into())
}

fn fill(task: &Task<'_>, floor: &[u32]) -> Result<Partition> {
    let Task { program, chip, wiring } = *task;
    let mut order: Vec<usize> = (0..program.populations.len()).collect();
    order.sort_by_key(|p| std::cmp::Reverse((program.populations[*p].lag, *p)));
    let mut destinations = task.output_channels();
    let mut closed: Vec<(String, Vec<u32>)> = Vec::new();
    let mut open: Option<OpenCore<'_>> = None;
    for population in order {
        let PopulationKind::Neurons { core_type, .. } = &program.populations[population].kind else {
            continue;
        };
        let core = chip.core_type(core_type);
        for element in (wiring.base[population]..wiring.base[population + 1]).rev() {
            let need = task.need(core, element);
            let demand = |destinations: &[u32]| {
                let reached = destinations[element as usize].max(floor[element as usize]);
                (slots_for(core, reached), reached)
            };
            let fits_open = open
                .as_ref()
                .is_some_and(|o| o.core_type == core_type && o.fits(&need, demand(&destinations)));
            if !fits_open {
                if let Some(full) = open.take() {
                    closed.push((full.core_type.to_string(), full.members));
                }
                let fresh = OpenCore::new(core_type, core);
                if !fresh.fits(&need, demand(&destinations)) {
                    let reached = destinations.iter().zip(floor).map(|(a, b)| *a.max(b)).collect::<Vec<_>>();
                    return Err(does_not_fit(task, &reached));
                }
                open = Some(fresh);
            }
            if let Some(core) = &mut open {
                core.add(element, &need, demand(&destinations), &mut destinations);
            }
        }
    }
    closed.extend(open.map(|full| (full.core_type.to_string(), full.members)));
    closed.reverse();
    closed.iter_mut().for_each(|(_, members)| members.sort_unstable());
    let (core_types, members) = closed.into_iter().unzip();
    Ok(Partition { core_types, members, slots: Vec::new() })
}

/// Everything that no core can hold, a diagnostic for each population and resource, with the neuron that needs
/// most of it. `reached` are the destinations of each element as far as they are known.
fn does_not_fit(task: &Task<'_>, reached: &[u32]) -> Diagnostics {
    let Task { program, chip, wiring } = *task;
    let mut worst: BTreeMap<(usize, String), (u32, Shortage)> = BTreeMap::new();
    for (p, population) in program.populations.iter().enumerate() {
        let PopulationKind::Neurons { core_type, .. } = &population.kind else { continue };
        let core = chip.core_type(core_type);
        for element in wiring.base[p]..wiring.base[p + 1] {
            let need = task.need(core, element);
            let reached = reached[element as usize];
            for shortage in
                OpenCore::new(core_type, core).shortages(&need, (slots_for(core, reached), reached))
            {
                let entry = worst
                    .entry((p, shortage.resource.clone()))
                    .or_insert_with(|| (element, shortage.clone()));
                if shortage.need > entry.1.need {
                    *entry = (element, shortage);
                }
            }
        }
    }
    let faults = worst.into_values().map(|(element, shortage)| {
        let Shortage { resource, need, have, field } = shortage;
        Diagnostic::error(
            "SL0802",
            format!("neuron {} needs more {resource} than a core has", wiring.name(element)),
        )
        .at_node(&program.origin.source_name, &program.populations[wiring.population(element)].location)
        .need_have(format!("{need} {resource}"), have)
        .field(field)
        .hint(format!("a chip whose cores have {need} {resource} or more could hold it"))
    });
    Diagnostics(faults.collect())
}
