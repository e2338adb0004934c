//! What must hold of Cores for their chip. (That of their program, see [`super::program`], is reported first.)
//!
//! 1. Cores have names, and no two the same; their types are the chip's, and each has as many slots as its type.
//! 2. Every neuron of the program is the primary of exactly one slot; a slot's neuron is one, and of its core's type.
//! 3. There are copies only where the chip file says that they are exact.
//! 4. A core has at most as many in-axons, destinations, sets of values for each profile, formats, words of synapse
//!    memory and accumulators as its type; where each slot keeps its own destinations, it has exactly so many.
//! 5. All slots in use of a core agree in the parameters that the core has once.
//! 6. In a bit crossbar every slot has a value of the store's width for each type; elsewhere there are none. Rows have
//!    one of the types, other in-axons type 0.
//! 7. Formats have an exponent and a width of delays that the store knows; a bit crossbar has none.
//! 8. In a bit crossbar the value of a synapse is that of its slot for the type of the row, and a row holds a slot once.
//! 9. In a store of lists the format of a synapse can hold its value and its delay.
//! 10. Synapses lead to slots of the core that are in use.
//! 11. Delays stand with the packets or with the synapses, as the chip has it, and lie within its range.
//! 12. A destination is an in-axon that there is, for spikes of that neuron, with the delay that the packet carries.
//! 13. An in-axon for spikes of a neuron is the destination of exactly one slot; one for an element of an input, of none.
//! 14. What sends nowhere is not heard, and idle slots send nowhere.
//! 15. A channel is one of the output node's, for one slot only; without an output node there is none.
//! 16. The synapses onto a slot add up to those of its neuron in the program, for each source and delay.

mod limits;
mod synapses;
mod traffic;

use super::{Findings, program};
use crate::cores::{Core, Cores, NeuronId, Role};
use crate::network::PopulationId;
use crate::program::{PopulationKind, Program};
use crate::text::{Places, Site};
use spikeloom_chip::Chip;
use spikeloom_chip::schema::{Copies, CoreType};
use spikeloom_diagnostics::Diagnostic;
use std::collections::BTreeSet;

/// Every violation in cores, and in their program.
pub fn cores(cores: &Cores, chip: &Chip, places: Option<&Places>) -> Vec<Diagnostic> {
    let mut findings = Findings::new(places, labels(cores));
    check(&mut findings, cores, chip);
    findings.found
}

pub(super) fn labels(cores: &Cores) -> super::Labels<'_> {
    let mut labels = program::labels(&cores.program);
    labels.cores = cores.cores.iter().map(|core| core.name.as_str()).collect();
    labels
}

/// Reports all; whether all ids lead somewhere, so that what builds on the cores can be looked at.
pub(super) fn check(findings: &mut Findings<'_>, cores: &Cores, chip: &Chip) -> bool {
    if !program::check(findings, &cores.program, chip) {
        return false;
    }
    let neurons = Neurons::new(&cores.program);
    let mut is_sound = true;
    let (mut names, mut primaries) = (BTreeSet::new(), vec![0u32; neurons.total()]);
    for (c, core) in cores.cores.iter().enumerate() {
        if core.name.is_empty() || !names.insert(core.name.as_str()) {
            findings.add(
                Site::Core(c),
                "SL1120",
                format!("the name `{}` of a core is empty or not its own", core.name),
            );
        }
        is_sound &= slots(findings, cores, c, &neurons, &mut primaries, chip);
        is_sound &= sources(findings, c, core, &neurons);
    }
    each_primary(findings, &neurons, &primaries);
    if !is_sound {
        return false;
    }
    for (c, core) in cores.cores.iter().enumerate() {
        let Some(core_type) = chip.description.core_types.get(&core.core_type) else { continue };
        limits::check(findings, &cores.program, c, core, core_type);
        synapses::store(findings, c, core, core_type);
        traffic::delays(findings, &cores.program, c, core, core_type, chip);
    }
    traffic::destinations(findings, cores, &neurons, chip);
    synapses::sums(findings, cores, &neurons);
    true
}

/// Numbers for all elements of all populations, and back.
pub(super) struct Neurons<'p> {
    program: &'p Program,
    base: Vec<usize>,
}

impl<'p> Neurons<'p> {
    /// The sizes of the populations must have been verified.
    fn new(program: &'p Program) -> Neurons<'p> {
        let mut base = vec![0];
        for population in &program.populations {
            base.push(base[base.len() - 1] + population.len());
        }
        Neurons { program, base }
    }

    fn total(&self) -> usize {
        self.base[self.base.len() - 1]
    }

    /// The number of an element, if it is one.
    fn number(&self, id: NeuronId) -> Option<usize> {
        let population = id.population.index();
        let (start, end) = (*self.base.get(population)?, *self.base.get(population + 1)?);
        (start..end).contains(&(start + id.index as usize)).then_some(start + id.index as usize)
    }

    fn id(&self, number: usize) -> NeuronId {
        let population = self.base.partition_point(|first| *first <= number) - 1;
        NeuronId {
            population: PopulationId(population as u32),
            index: (number - self.base[population]) as u32,
        }
    }

    fn is_input(&self, id: NeuronId) -> bool {
        self.program.populations.get(id.population.index()).is_none_or(|p| p.kind == PopulationKind::Input)
    }

    /// `%name[i]`.
    fn name(&self, id: NeuronId) -> String {
        let name = self.program.populations.get(id.population.index()).map_or("?", |p| p.name.as_str());
        format!("%{name}[{}]", id.index)
    }
}

/// The neuron of a slot in use.
pub(super) fn neuron(role: Role) -> Option<NeuronId> {
    match role {
        Role::Primary(id) | Role::Copy(id) => Some(id),
        Role::Idle => None,
    }
}

fn slots(
    findings: &mut Findings<'_>,
    cores: &Cores,
    c: usize,
    neurons: &Neurons<'_>,
    primaries: &mut [u32],
    chip: &Chip,
) -> bool {
    let core = &cores.cores[c];
    let Some(core_type) = chip.description.core_types.get(&core.core_type) else {
        findings.add(
            Site::Core(c),
            "SL1130",
            format!("`{}` has no core type `{}`", chip.name(), core.core_type),
        );
        return false;
    };
    if core.slots.len() != core_type.slots as usize {
        let message =
            format!("core @{} has {} slots, its type {}", core.name, core.slots.len(), core_type.slots);
        findings.report(
            Site::Core(c),
            Diagnostic::error("SL1140", message).need_have(core.slots.len(), core_type.slots).field("slots"),
        );
    }
    let mut is_sound = true;
    for (s, slot) in core.slots.iter().enumerate() {
        let Some(id) = neuron(slot.role) else { continue };
        let Some(number) = neurons.number(id) else {
            is_sound = false;
            findings.add(
                Site::Slot(c, s),
                "SL1122",
                format!("slot {s} is for {}, which is no neuron", neurons.name(id)),
            );
            continue;
        };
        match &neurons.program.populations[id.population.index()].kind {
            PopulationKind::Input => {
                is_sound = false;
                findings.add(
                    Site::Slot(c, s),
                    "SL1122",
                    format!("slot {s} is for {}, an element of an input", neurons.name(id)),
                );
            }
            PopulationKind::Neurons { core_type, .. } if *core_type != core.core_type => {
                let message =
                    format!("slot {s} is for {}, a neuron of core type `{core_type}`", neurons.name(id));
                findings.add(Site::Slot(c, s), "SL1141", message);
            }
            PopulationKind::Neurons { .. } => {}
        }
        match slot.role {
            Role::Primary(_) => {
                primaries[number] += 1;
                if primaries[number] == 2 {
                    let message = format!("slot {s} is another primary of {}", neurons.name(id));
                    findings.add(Site::Slot(c, s), "SL1141", message);
                }
            }
            _ if core_type.out_axons.copies != Copies::Exact => {
                let message = format!("slot {s} is a copy of {}, and copies may differ", neurons.name(id));
                findings
                    .report(Site::Slot(c, s), Diagnostic::error("SL1141", message).field("out_axons.copies"));
            }
            _ => {}
        }
    }
    is_sound
}

/// Whether all in-axons are for elements that there are.
fn sources(findings: &mut Findings<'_>, c: usize, core: &Core, neurons: &Neurons<'_>) -> bool {
    let mut is_sound = true;
    for (a, axon) in core.axons.iter().enumerate() {
        if neurons.number(axon.source).is_none() {
            is_sound = false;
            let message = format!("in-axon {a} is for {}, which is none", neurons.name(axon.source));
            findings.add(Site::Axon(c, a), "SL1122", message);
        }
    }
    is_sound
}

fn each_primary(findings: &mut Findings<'_>, neurons: &Neurons<'_>, primaries: &[u32]) {
    for (p, population) in neurons.program.populations.iter().enumerate() {
        if population.kind == PopulationKind::Input {
            continue;
        }
        let of_population = &primaries[neurons.base[p]..neurons.base[p + 1]];
        let missing = of_population.iter().filter(|count| **count == 0).count();
        if let Some(first) = of_population.iter().position(|count| *count == 0) {
            let message =
                format!("{missing} neuron(s) of `{}` have no primary, the first is {first}", population.name);
            findings.add(Site::Population(p), "SL1141", message);
        }
    }
}

/// Reports that a core holds more than its type.
fn at_most(findings: &mut Findings<'_>, site: Site, what: &str, need: u64, have: u64, field: &str) {
    if need > have {
        let fault = Diagnostic::error("SL1142", format!("the core holds more {what} than its type has"));
        findings.report(site, fault.need_have(format!("{need} {what}"), have).field(field));
    }
}

/// The least and greatest delay of a core's type, and whether synapses hold it.
fn delay_range(core_type: &CoreType) -> (u32, u32, bool) {
    use spikeloom_chip::schema::Delay;
    match core_type.delay {
        Delay::Source { least, most } => (least, most, false),
        Delay::Synapse { least, most, .. } => (least, most, true),
    }
}
