//! What must hold of a Program for its chip.
//!
//! 1. The digest of the chip is the one that the program names.
//! 2. Populations have names, and no two the same; so have outputs.
//! 3. A population has at least one element, and all together have at most 2^28.
//! 4. Connections and outputs name populations that are there; no connection leads into an input, and no output shows
//!    one.
//! 5. A population's core type is one of the chip's, and has as many parameters and states as the population gives.
//! 6. A list of values has one for each element of its population.
//! 7. Parameters lie within the ranges that the neuron program declares.
//! 8. Initial states lie within the ranges of their variables.
//! 9. Scales are finite and above 0.
//! 10. Delays lie within the chip's range: for inputs the host's, else that of the slots.
//! 11. Inputs have lag 0, and every delay is at least the target's lag less the source's: nothing is heard before the
//!     network sends it.
//! 12. A matrix has the sizes of its populations; of a sparse one the targets of each source ascend and no value is 0.
//! 13. The store of the target's cores can hold every value. (In a bit crossbar: as a sum of one value a type. Whether
//!     one set of types makes all values of a neuron is seen in Cores.)
//! 14. Spikes of a calibration are given for every population or for none, and are counts.
//! 15. A readout names a state that the host may read, and no connection leaves it.

use super::{Count, Findings, Labels, common};
use crate::program::{Integers, PopulationKind, Program, Synapses};
use crate::text::{Places, Site};
use spikeloom_chip::Chip;
use spikeloom_chip::neuron::Interval;
use spikeloom_chip::schema::{Compose, CoreType, Delay, Store, WeightCode};
use spikeloom_diagnostics::Diagnostic;

/// Every violation in a program.
pub fn program(program: &Program, chip: &Chip, places: Option<&Places>) -> Vec<Diagnostic> {
    let mut findings = Findings::new(places, labels(program));
    check(&mut findings, program, chip);
    findings.found
}

pub(super) fn labels(program: &Program) -> Labels<'_> {
    Labels {
        source: &program.origin.source_name,
        populations: program.populations.iter().map(|p| p.name.as_str()).collect(),
        connections: program.connections.iter().map(|c| (c.source.index(), c.target.index())).collect(),
        outputs: program.outputs.iter().map(|o| o.name.as_str()).collect(),
        cores: Vec::new(),
    }
}

/// Reports all; whether what builds on the program can be looked at (its sizes hold and its ids lead somewhere).
pub(super) fn check(findings: &mut Findings<'_>, program: &Program, chip: &Chip) -> bool {
    if program.origin.chip_digest != chip.digest {
        findings.add(Site::Header, "SL1106", "the program was made for another chip".to_string());
    }
    let shapes = program.populations.iter().map(|p| (p.name.as_str(), p.shape.as_slice()));
    let sizes = common::populations(findings, shapes);
    for (i, size) in sizes.iter().enumerate() {
        population(findings, program, i, *size, chip);
    }
    fired(findings, program, &sizes);
    let is_input = |p: usize| program.populations[p].kind == PopulationKind::Input;
    let before = findings.found.len();
    let mut is_sound = sizes.iter().all(Option::is_some);
    for (i, connection) in program.connections.iter().enumerate() {
        let ends = (connection.source.index(), connection.target.index());
        if common::ends(findings, i, ends, sizes.len(), is_input)
            && let (Some(sources), Some(targets)) = (sizes[ends.0], sizes[ends.1])
        {
            delay(findings, program, i, chip);
            if synapses(findings, i, &connection.synapses, sources, targets) {
                values(findings, program, i, chip);
            } else {
                is_sound = false;
            }
        } else {
            is_sound = false;
        }
    }
    common::outputs(findings, &program.outputs, sizes.len(), |p| !is_input(p));
    is_sound && findings.found[before..].iter().all(|d| d.code != "SL1122")
}

fn population(findings: &mut Findings<'_>, program: &Program, i: usize, size: Option<usize>, chip: &Chip) {
    let population = &program.populations[i];
    let site = Site::Population(i);
    let PopulationKind::Neurons { core_type, parameters, initial, scale, readout } = &population.kind else {
        if population.lag != 0 {
            findings.add(
                site,
                "SL1134",
                format!("input `{}` has lag {}, and inputs have none", population.name, population.lag),
            );
        }
        return;
    };
    if !(scale.is_finite() && *scale > 0.0) {
        findings.add(
            site,
            "SL1125",
            format!("the scale of `{}` is {scale:?}, not a finite number above 0", population.name),
        );
    }
    if let Some(state) = readout.as_ref().filter(|state| !chip.description.io.host_read.contains(state)) {
        let message = format!("`{}` is read by its `{state}`, which the host can't read", population.name);
        findings.add(site, "SL1130", message);
    }
    let Some(neuron) = chip.programs.get(core_type) else {
        return findings.add(site, "SL1130", format!("`{}` has no core type `{core_type}`", chip.name()));
    };
    for (what, given, known) in [
        ("parameters", parameters.len(), neuron.parameters.len()),
        ("states", initial.len(), neuron.states.len()),
    ] {
        if given != known {
            findings.add(
                site,
                "SL1130",
                format!("`{}` gives {given} {what}, its core type has {known}", population.name),
            );
        }
    }
    for (f, (values, parameter)) in parameters.iter().zip(&neuron.parameters).enumerate() {
        within(findings, Site::Field(i, f), "SL1131", &parameter.name, values, size, parameter.range());
    }
    for (f, (values, state)) in initial.iter().zip(&neuron.states).enumerate() {
        let site = Site::Field(i, parameters.len() + f);
        within(findings, site, "SL1132", &state.name, values, size, state.range());
    }
}

/// Spikes of each population, or of none.
fn fired(findings: &mut Findings<'_>, program: &Program, sizes: &[Option<usize>]) {
    if !program.fired.is_empty() && program.fired.len() != sizes.len() {
        let message = format!("{} of {} populations have their spikes", program.fired.len(), sizes.len());
        findings.add(Site::Header, "SL1110", message);
    }
    let counts = Interval::new(0, i128::from(u32::MAX));
    for (i, (spikes, size)) in program.fired.iter().zip(sizes).enumerate() {
        within(findings, Site::Population(i), "SL1104", "fired", spikes, *size, counts);
    }
}

fn within(
    findings: &mut Findings<'_>,
    site: Site,
    code: &'static str,
    name: &str,
    values: &Integers,
    size: Option<usize>,
    range: Interval,
) {
    let values = match values {
        Integers::Uniform(value) => std::slice::from_ref(value),
        Integers::Each(values) => {
            common::length(findings, site, name, values.len(), size);
            values
        }
    };
    let mut outside = Count::new();
    for value in values.iter().filter(|v| !range.contains(i128::from(**v))) {
        outside.add(|| *value);
    }
    if let Some(value) = outside.first {
        let message = format!("`{name}` can't be {value}{}", outside.more());
        let range = format!("{} to {}", range.low, range.high);
        findings.report(
            site,
            Diagnostic::error(code, message).need_have(value, range).field(format!("neuron: {name}")),
        );
    }
}

fn delay(findings: &mut Findings<'_>, program: &Program, i: usize, chip: &Chip) {
    let connection = &program.connections[i];
    let (source, target) =
        (&program.populations[connection.source.index()], &program.populations[connection.target.index()]);
    let host = &chip.description.io.host_in;
    let core_type = match (&source.kind, &target.kind) {
        (PopulationKind::Neurons { core_type, .. }, _) | (_, PopulationKind::Neurons { core_type, .. }) => {
            core_type
        }
        _ => return,
    };
    let (least, most, field) = match (&source.kind, chip.description.core_types.get(core_type)) {
        (PopulationKind::Input, _) => (host.delay_least, host.delay_most, "io.host_in"),
        (_, None) => return,
        (_, Some(core)) => {
            let (Delay::Source { least, most } | Delay::Synapse { least, most, .. }) = core.delay;
            (least, most, "delay")
        }
    };
    if !(least..=most).contains(&connection.delay) {
        let message =
            format!("no connection from `{}` can have a delay of {}", source.name, connection.delay);
        let fault = Diagnostic::error("SL1133", message);
        let fault = fault.need_have(connection.delay, format!("{least} to {most} steps")).field(field);
        findings.report(Site::Connection(i), fault);
    }
    if matches!(&source.kind, PopulationKind::Neurons { readout: Some(_), .. }) {
        let message = format!("`{}` is a readout, and a connection leaves it", source.name);
        findings.add(Site::Connection(i), "SL1134", message);
    }
    let apart = i64::from(target.lag) - i64::from(source.lag);
    if i64::from(connection.delay) < apart {
        let message = format!(
            "with a delay of {} step(s) `{}` (lag {}) hears `{}` (lag {}) before it spikes in the network",
            connection.delay, target.name, target.lag, source.name, source.lag
        );
        findings.add(Site::Connection(i), "SL1134", message);
    }
}

/// Sizes and order; whether the synapses can be walked through.
fn synapses(
    findings: &mut Findings<'_>,
    i: usize,
    synapses: &Synapses,
    sources: usize,
    of_target: usize,
) -> bool {
    let site = Site::Connection(i);
    match synapses {
        Synapses::Dense { targets, values } => {
            let holds = *targets == of_target && values.len() == sources * of_target;
            if !holds {
                let (count, rows) = (values.len(), values.len() / (*targets).max(1));
                let message = format!(
                    "a matrix of {rows} x {targets} ({count} values) leads from {sources} elements to {of_target}"
                );
                findings.add(site, "SL1124", message);
            }
            holds
        }
        Synapses::Sparse { offsets, targets, values } => {
            let ends = (offsets.first(), offsets.last().map(|end| *end as usize));
            let holds = offsets.len() == sources + 1
                && offsets.is_sorted()
                && targets.len() == values.len()
                && ends == (Some(&0), Some(targets.len()));
            if !holds {
                let rows = offsets.len().saturating_sub(1);
                let message =
                    format!("the synapses of {rows} sources do not make a matrix from {sources} elements");
                findings.add(site, "SL1124", message);
                return false;
            }
            let (mut order, mut beyond) = (Count::new(), Count::new());
            for (source, row) in offsets.windows(2).enumerate() {
                let row = &targets[row[0] as usize..row[1] as usize];
                if !row.is_sorted_by(|a, b| a < b) {
                    order.add(|| source);
                }
                if let Some(target) = row.iter().find(|target| **target as usize >= of_target) {
                    beyond.add(|| (source, *target));
                }
            }
            if let Some(source) = order.first {
                findings.add(
                    site,
                    "SL1135",
                    format!("the targets of source {source} do not ascend{}", order.more()),
                );
            }
            if let Some((source, target)) = beyond.first {
                findings.add(
                    site,
                    "SL1124",
                    format!("source {source} has a target {target} of {of_target}{}", beyond.more()),
                );
            }
            let zeros = values.iter().filter(|value| **value == 0).count();
            if zeros > 0 {
                findings.add(
                    site,
                    "SL1135",
                    format!("{zeros} synapse(s) have the value 0, which is no synapse"),
                );
            }
            beyond.first.is_none()
        }
        Synapses::Shared { patterns, bases, offsets, steps, values } => {
            let fault = shared_fault((patterns, bases), offsets, steps, values, (sources, of_target));
            let is_whole = fault.is_none();
            if let Some(message) = fault {
                findings.add(site, "SL1124", message);
            }
            is_whole
        }
    }
}

/// What keeps patterns and those who share them from being a matrix of these sizes.
fn shared_fault(
    (patterns, bases): (&[u32], &[u32]),
    offsets: &[u32],
    steps: &[u32],
    values: &[i32],
    (sources, of_target): (usize, usize),
) -> Option<String> {
    let count = offsets.len().saturating_sub(1);
    let ends = (offsets.first(), offsets.last().map(|end| *end as usize));
    if patterns.len() != sources || bases.len() != sources {
        return Some(format!(
            "{} patterns begin at {} bases for {sources} sources",
            patterns.len(),
            bases.len()
        ));
    }
    if !offsets.is_sorted() || ends != (Some(&0), Some(steps.len())) || steps.len() != values.len() {
        return Some("there are not as many steps and values as the offsets of patterns say".into());
    }
    if values.contains(&0) {
        return Some("a pattern has a synapse of value 0, which is none".into());
    }
    let of_pattern = |p: usize| &steps[offsets[p] as usize..offsets[p + 1] as usize];
    if let Some(p) = (0..count).find(|p| !of_pattern(*p).is_sorted_by(|a, b| a < b)) {
        return Some(format!("the steps of pattern {p} do not ascend"));
    }
    for (source, (pattern, base)) in patterns.iter().zip(bases).enumerate() {
        if *pattern as usize >= count {
            return Some(format!("source {source} has pattern {pattern} of {count}"));
        }
        let last = of_pattern(*pattern as usize).last().map_or(0, |step| u64::from(*step) + 1);
        if u64::from(*base) + last > of_target as u64 {
            return Some(format!("source {source} has a target beyond {of_target}"));
        }
    }
    None
}

fn values(findings: &mut Findings<'_>, program: &Program, i: usize, chip: &Chip) {
    let connection = &program.connections[i];
    let PopulationKind::Neurons { core_type, .. } = &program.populations[connection.target.index()].kind
    else {
        return;
    };
    let Some(core) = chip.description.core_types.get(core_type) else { return };
    let (Synapses::Dense { values, .. } | Synapses::Sparse { values, .. } | Synapses::Shared { values, .. }) =
        &connection.synapses;
    let mut held = Held::new(core);
    let mut lost = Count::new();
    for value in values.iter().filter(|value| **value != 0) {
        if !held.holds(*value) {
            lost.add(|| *value);
        }
    }
    if let Some(value) = lost.first {
        let message =
            format!("no synapse of core type `{core_type}` can have the value {value}{}", lost.more());
        findings.report(Site::Connection(i), Diagnostic::error("SL1136", message).field("store"));
    }
}

/// What values a store holds. Few values are asked for often, so those found good are kept.
struct Held {
    range: (i64, i64),
    code: Option<WeightCode>,
    good: Vec<i32>,
}

impl Held {
    fn new(core: &CoreType) -> Held {
        let (range, code) = match &core.store {
            Store::BitCrossbar { types, value_bits, compose } => {
                let times = if *compose == Compose::RowTypes { i64::from(*types) } else { 1 };
                let half = 1i64 << value_bits.saturating_sub(1).min(31);
                ((-half * times, (half - 1) * times), None)
            }
            Store::BlockLists { weight, .. } => ((i64::MIN, i64::MAX), Some(*weight)),
        };
        Held { range, code, good: vec![0; 1024] }
    }

    fn holds(&mut self, value: i32) -> bool {
        let place = value.cast_unsigned() as usize % self.good.len();
        if self.good[place] == value {
            return true;
        }
        let wide = i64::from(value);
        let holds = (self.range.0..=self.range.1).contains(&wide)
            && self.code.is_none_or(|code| code.exponents().any(|e| code.mantissa(wide, e).is_some()));
        if holds {
            self.good[place] = value;
        }
        holds
    }
}
