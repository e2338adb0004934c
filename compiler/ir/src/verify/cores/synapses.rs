//! Synapses: what the store can hold, and whether they are the program's.

use super::{Neurons, neuron};
use crate::cores::{Core, Cores};
use crate::text::Site;
use crate::verify::{Count, Findings};
use spikeloom_chip::schema::{CoreType, Delay, Store};
use spikeloom_diagnostics::Diagnostic;

pub(super) fn store(findings: &mut Findings<'_>, c: usize, core: &Core, core_type: &CoreType) {
    match &core_type.store {
        Store::BitCrossbar { types, value_bits, .. } => {
            type_values(findings, c, core, *types as usize, *value_bits);
            if !core.formats.is_empty() {
                findings.add(Site::Format(c, 0), "SL1147", "a bit crossbar has no formats".to_string());
            }
        }
        Store::BlockLists { .. } => {
            if !core.type_values.is_empty() {
                findings.add(
                    Site::TypeValues(c, 0),
                    "SL1146",
                    "a store of lists has no type values".to_string(),
                );
            }
            formats(findings, c, core, core_type);
        }
    }
    for a in 0..core.axons.len() {
        row(findings, c, a, core, core_type);
    }
}

fn type_values(findings: &mut Findings<'_>, c: usize, core: &Core, types: usize, value_bits: u32) {
    let is_whole =
        core.type_values.len() == types && core.type_values.iter().all(|row| row.len() == core.slots.len());
    if !is_whole {
        let slots = core.type_values.iter().map(Vec::len).min().unwrap_or(0);
        let message = format!(
            "there are values for {} types and {slots} slots, not for {types} and {}",
            core.type_values.len(),
            core.slots.len()
        );
        findings.add(Site::TypeValues(c, 0), "SL1146", message);
    }
    let half = 1i64 << value_bits.saturating_sub(1).min(62);
    let outside = |value: &i64| !(-half..half).contains(value);
    for (t, row) in core.type_values.iter().enumerate() {
        let Some(slot) = row.iter().position(outside) else { continue };
        let more = row.iter().filter(|value| outside(value)).count() - 1;
        let message =
            format!("slot {slot} has the value {} for type {t} (and {more} more like it)", row[slot]);
        let fault = Diagnostic::error("SL1146", message)
            .need_have(row[slot], format!("{value_bits} bits"))
            .field("store.value_bits");
        findings.report(Site::TypeValues(c, slot), fault);
    }
}

fn formats(findings: &mut Findings<'_>, c: usize, core: &Core, core_type: &CoreType) {
    let Store::BlockLists { weight, .. } = &core_type.store else { return };
    let most = match core_type.delay {
        Delay::Synapse { bits, .. } => bits,
        Delay::Source { .. } => 0,
    };
    for (f, format) in core.formats.iter().enumerate() {
        if !weight.exponents().contains(&format.exponent) {
            let (low, high) = (weight.exponents().start().to_owned(), weight.exponents().end().to_owned());
            let message = format!("format {f} has the exponent {}", format.exponent);
            let fault =
                Diagnostic::error("SL1147", message).need_have(format.exponent, format!("{low} to {high}"));
            findings.report(Site::Format(c, f), fault.field("store.weight"));
        }
        if format.delay_bits > most {
            let message = format!("format {f} has {} bits for delays", format.delay_bits);
            findings.report(
                Site::Format(c, f),
                Diagnostic::error("SL1147", message).need_have(format.delay_bits, most).field("delay.bits"),
            );
        }
    }
}

/// One in-axon: its type and its synapses.
fn row(findings: &mut Findings<'_>, c: usize, a: usize, core: &Core, core_type: &CoreType) {
    let axon = &core.axons[a];
    let types = match core_type.store {
        Store::BitCrossbar { types, .. } => types,
        Store::BlockLists { .. } => 1,
    };
    if axon.row_type >= types {
        let fault = Diagnostic::error("SL1146", format!("in-axon {a} has type {}", axon.row_type));
        findings.report(
            Site::Axon(c, a),
            fault.need_have(axon.row_type, format!("types below {types}")).field("store.types"),
        );
        return;
    }
    let values = core.type_values.get(axon.row_type as usize);
    let (mut nobody, mut wrong) = (Count::new(), Count::new());
    let mut last = None;
    for synapse in &axon.synapses {
        if core.slots.get(synapse.slot as usize).is_none_or(|slot| neuron(slot.role).is_none()) {
            nobody.add(|| synapse.slot);
            continue;
        }
        let holds = match &core_type.store {
            Store::BitCrossbar { .. } => {
                let value = values.and_then(|values| values.get(synapse.slot as usize));
                // A row is walked from slot to slot, so that one that stands twice shows.
                let ascends = last.replace(synapse.slot).is_none_or(|last| last < synapse.slot);
                let is_bare = (synapse.format, synapse.delay) == (0, 0);
                value == Some(&i64::from(synapse.value)) && is_bare && ascends
            }
            Store::BlockLists { weight, .. } => {
                core.formats.get(synapse.format as usize).is_some_and(|format| {
                    let (least, most, bits) = match core_type.delay {
                        Delay::Synapse { least, most, .. } => (least, most, format.delay_bits),
                        Delay::Source { .. } => (0, 0, 0),
                    };
                    let fits = (least..=most).contains(&synapse.delay)
                        && u64::from(synapse.delay - least) < 1u64 << bits.min(63);
                    let knows = weight.exponents().contains(&format.exponent);
                    fits && knows && weight.mantissa(synapse.value.into(), format.exponent).is_some()
                })
            }
        };
        if !holds {
            wrong.add(|| *synapse);
        }
    }
    let site = Site::Synapses(c, a);
    if let Some(slot) = nobody.first {
        findings.add(
            site,
            "SL1149",
            format!("in-axon {a} leads to slot {slot}, where nothing is in use{}", nobody.more()),
        );
    }
    if let Some(synapse) = wrong.first {
        let what = match &core_type.store {
            Store::BitCrossbar { .. } => {
                format!("its slot's for type {}, or does not stand there once", axon.row_type)
            }
            Store::BlockLists { .. } => {
                format!("what format {} can hold with a delay of {}", synapse.format, synapse.delay)
            }
        };
        let message = format!(
            "the value {} of slot {} on in-axon {a} is not {what}{}",
            synapse.value,
            synapse.slot,
            wrong.more()
        );
        findings.add(site, "SL1147", message);
    }
}

/// What reaches each of many targets: (source and delay, sum of values), ascending, without what adds up to 0.
struct Incoming {
    starts: Vec<usize>,
    ends: Vec<usize>,
    entries: Vec<(u64, i64)>,
}

impl Incoming {
    /// `each` gives every synapse as (target, source, delay, value), the same each time that it is called.
    fn new(targets: usize, each: impl Fn(&mut dyn FnMut(usize, usize, u32, i32))) -> Incoming {
        let mut starts = vec![0usize; targets + 1];
        each(&mut |target, _, _, _| starts[target + 1] += 1);
        for i in 0..targets {
            starts[i + 1] += starts[i];
        }
        let (mut ends, mut entries) = (starts.clone(), vec![(0u64, 0i64); starts[targets]]);
        each(&mut |target, source, delay, value| {
            entries[ends[target]] = ((source as u64) << 32 | u64::from(delay), value.into());
            ends[target] += 1;
        });
        for target in 0..targets {
            ends[target] = starts[target] + add_up(&mut entries[starts[target]..starts[target + 1]]);
        }
        Incoming { starts, ends, entries }
    }

    fn of(&self, target: usize) -> &[(u64, i64)] {
        &self.entries[self.starts[target]..self.ends[target]]
    }
}

/// Sorts entries and adds up those of one key, in place; gives how many are left.
fn add_up(entries: &mut [(u64, i64)]) -> usize {
    if !entries.is_sorted_by(|a, b| a.0 < b.0) {
        entries.sort_unstable_by_key(|entry| entry.0);
    }
    let mut kept = 0;
    for i in 0..entries.len() {
        let (key, value) = entries[i];
        if kept > 0 && entries[kept - 1].0 == key {
            entries[kept - 1].1 += value;
        } else {
            // What came before is whole: it stays unless it adds up to nothing.
            kept -= usize::from(kept > 0 && entries[kept - 1].1 == 0);
            entries[kept] = (key, value);
            kept += 1;
        }
    }
    kept - usize::from(kept > 0 && entries[kept - 1].1 == 0)
}

/// Whether what reaches each slot is what reaches its neuron in the program.
pub(super) fn sums(findings: &mut Findings<'_>, cores: &Cores, neurons: &Neurons<'_>) {
    let wanted = Incoming::new(neurons.total(), |f| {
        for connection in &cores.program.connections {
            let source_base = neurons.base[connection.source.index()];
            let target_base = neurons.base[connection.target.index()];
            let sources = neurons.base[connection.source.index() + 1] - source_base;
            for source in 0..sources {
                connection.synapses.for_each_of(source, |target, value| {
                    f(target_base + target, source_base + source, connection.delay, value);
                });
            }
        }
    });
    for (c, core) in cores.cores.iter().enumerate() {
        let found = Incoming::new(core.slots.len(), |f| {
            for axon in &core.axons {
                let source = neurons.number(axon.source).unwrap_or(0);
                for synapse in axon.synapses.iter().filter(|s| (s.slot as usize) < core.slots.len()) {
                    // One of the two is 0: delays stand with the packets or with the synapses.
                    f(synapse.slot as usize, source, axon.delay.saturating_add(synapse.delay), synapse.value);
                }
            }
        });
        for (s, slot) in core.slots.iter().enumerate() {
            let Some((id, number)) = neuron(slot.role).and_then(|id| Some((id, neurons.number(id)?))) else {
                continue;
            };
            let (wanted, found) = (wanted.of(number), found.of(s));
            if wanted != found {
                let message = difference(neurons, wanted, found);
                findings.add(
                    Site::Slot(c, s),
                    "SL1148",
                    format!("slot {s}, {}: {message}", neurons.name(id)),
                );
            }
        }
    }
}

/// The first of what differs in two ascending lists, in words.
fn difference(neurons: &Neurons<'_>, wanted: &[(u64, i64)], found: &[(u64, i64)]) -> String {
    let (mut w, mut f, mut count, mut first) = (0, 0, 0u64, String::new());
    while w < wanted.len() || f < found.len() {
        let keys = (wanted.get(w).map_or(u64::MAX, |e| e.0), found.get(f).map_or(u64::MAX, |e| e.0));
        let key = keys.0.min(keys.1);
        let take = |list: &[(u64, i64)], at: &mut usize, is_here: bool| {
            *at += usize::from(is_here);
            if is_here { list[*at - 1].1 } else { 0 }
        };
        let (is, was) = (take(found, &mut f, keys.1 == key), take(wanted, &mut w, keys.0 == key));
        if is != was {
            count += 1;
            if count == 1 {
                let (source, delay) =
                    (neurons.name(neurons.id((key >> 32) as usize)), key & u64::from(u32::MAX));
                first = format!("{source} adds {is} after {delay} step(s), in the program {was}");
            }
        }
    }
    if count > 1 { format!("{first} (and {} more like it)", count - 1) } else { first }
}
