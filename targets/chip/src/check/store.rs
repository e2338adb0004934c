//! Checks of what a core can hold: its store, its destinations, its delays.

use crate::chip::Faults;
use crate::neuron::EVENT_RANGE;
use crate::schema::{Address, CoreType, Delay, OutOrganisation, Per, Store, WeightCode};

/// Greatest number of slots, in-axons, channels and the like.
pub(super) const MOST: u32 = 1 << 24;

/// Greatest delay in steps.
pub(super) const LONGEST_DELAY: u32 = 1 << 16;

/// Bits of the largest memory of a core: 1 GiB.
const LARGEST_MEMORY: u64 = 1 << 33;

pub(super) fn check(core: &CoreType, path: &str, faults: &mut Faults<'_>) {
    for (field, value) in [("slots", core.slots), ("in_axons.count", core.in_axons.count)] {
        if value == 0 || value > MOST {
            let message = format!("{value} is no usable number");
            faults.add("SL0113", &format!("{path}.{field}"), message, "from 1 to 2^24");
        }
    }
    check_store(core, &format!("{path}.store"), faults);
    check_destinations(core, path, faults);
    check_delay(core, &format!("{path}.delay"), faults);
    check_sizes(core, path, faults);
}

fn check_store(core: &CoreType, store: &str, faults: &mut Faults<'_>) {
    let mut bad = |message: String, hint: &str| faults.add("SL0113", store, message, hint);
    match &core.store {
        Store::BitCrossbar { types, value_bits, .. } => {
            if !(1..=16).contains(types) || !(1..=31).contains(value_bits) {
                bad(
                    format!("{types} row types of {value_bits} bits are no usable crossbar"),
                    "1 to 16 types of 1 to 31 bits",
                );
            }
        }
        Store::BlockLists {
            words,
            word_bits,
            block_most,
            count_bits,
            format_bits,
            formats,
            index_bits,
            weight,
        } => {
            if *words == 0 || !(1..=64).contains(word_bits) {
                bad(
                    format!("{words} words of {word_bits} bits are no usable memory"),
                    "at least 1 word of 1 to 64 bits",
                );
            }
            if *count_bits > 31 || *block_most == 0 || u64::from(*block_most) > 1 << count_bits {
                bad(
                    format!("{count_bits} bits can't count blocks of 1 to {block_most} synapses"),
                    "`block_most` is from 1 to 2^count_bits, and `count_bits` at most 31",
                );
            }
            if *format_bits > 31 || *formats == 0 || u64::from(*formats) > 1 << format_bits {
                bad(
                    format!("{format_bits} bits can't number {formats} formats"),
                    "`formats` is from 1 to 2^format_bits, and `format_bits` at most 31",
                );
            }
            if index_bits.iter().any(|bits| *bits > 31) {
                bad("a width of `index_bits` is above 31".into(), "widths from 0 to 31");
            } else if !index_bits.iter().any(|bits| 1u64 << bits >= u64::from(core.slots)) {
                bad(format!("no width of `index_bits` reaches all {} slots", core.slots), "add a wider one");
            }
            check_weight(*weight, &mut bad);
        }
    }
}

fn check_weight(weight: WeightCode, bad: &mut impl FnMut(String, &str)) {
    let bits = weight.bits();
    if !(2..=31).contains(&bits) {
        return bad(format!("weights of {bits} bits are not usable"), "2 to 31 bits");
    }
    let WeightCode::MantissaExponent { align, exponents: (low, high), shift, .. } = weight else { return };
    let left = |exponent: i32| i64::from(align) - i64::from(bits) + 1 + i64::from(exponent);
    if low > high {
        bad(format!("exponents from {low} to {high} are none"), "give the least first");
    } else if left(low) < -62 || left(high) > 31 || shift > 31 {
        bad(
            format!("exponents from {low} to {high} with `align` {align} and `shift` {shift} shift too far"),
            "a mantissa is shifted by at most 31 bits to the left and 62 to the right",
        );
    } else {
        let largest = i128::from(weight.mantissas().1) << left(high).max(0) << shift;
        if largest > EVENT_RANGE.high {
            bad(
                format!("a synapse could be worth {largest}, which is more than an event of 32 bits carries"),
                "lower the greatest exponent, `align` or `shift`",
            );
        }
    }
}

fn check_destinations(core: &CoreType, path: &str, faults: &mut Faults<'_>) {
    let (OutOrganisation::PerSlot { destinations: most } | OutOrganisation::Table { entries: most }) =
        core.out_axons.organisation;
    let path = format!("{path}.out_axons");
    if most == 0 || most > MOST {
        let message = format!("a table of {most} destinations is not usable");
        faults.add("SL0113", &format!("{path}.organisation"), message, "from 1 to 2^24 destinations");
    }
    if let Address::Relative { x, y } = core.out_axons.address {
        let reach = -i64::from(u32::MAX)..=i64::from(u32::MAX);
        for (low, high) in [x, y] {
            if low > high || !reach.contains(&low) || !reach.contains(&high) {
                let message = format!("offsets from {low} to {high} are not usable");
                faults.add("SL0113", &format!("{path}.address"), message, "give the least first");
            }
        }
    }
}

fn check_delay(core: &CoreType, path: &str, faults: &mut Faults<'_>) {
    let (Delay::Source { least, most } | Delay::Synapse { least, most, .. }) = core.delay;
    if least > most || least == 0 || most > LONGEST_DELAY {
        let message = format!("delays from {least} to {most} steps are not usable");
        faults.add("SL0110", path, message, "1 <= least <= most <= 65536");
    }
    let Delay::Synapse { bits, accumulators, .. } = core.delay else { return };
    if bits > 16 || u64::from(most.saturating_sub(least)) >= 1 << bits {
        let message = format!("{bits} bits can't hold delays from {least} to {most}");
        faults.add("SL0110", path, message, "raise `bits` (to 16 at most), or lower `most`");
    }
    if accumulators == Some(0) {
        faults.add(
            "SL0110",
            path,
            "no accumulators are no core".into(),
            "at least 1, or `None` for no limit",
        );
    }
    if matches!(core.store, Store::BitCrossbar { .. }) {
        let message = "a crossbar has no place for the delay of a synapse".to_string();
        faults.add("SL0110", path, message, "say `Source(..)`, or choose `BlockLists` as the store");
    }
}

/// Rows of a memory.
pub(super) fn rows(core: &CoreType, per: &Per) -> u64 {
    let rows = match per {
        Per::Slot => core.slots,
        Per::InAxon => core.in_axons.count,
        Per::Profile(name) => core.profiles.get(name).copied().unwrap_or(0),
        Per::Core => 1,
        Per::OutEntry => match core.out_axons.organisation {
            OutOrganisation::Table { entries } => entries,
            OutOrganisation::PerSlot { .. } => 0,
        },
        Per::Format | Per::SynapseWord => match core.store {
            Store::BlockLists { formats, .. } if *per == Per::Format => formats,
            Store::BlockLists { words, .. } => words,
            Store::BitCrossbar { .. } => 0,
        },
    };
    rows.into()
}

fn check_sizes(core: &CoreType, path: &str, faults: &mut Faults<'_>) {
    for (i, record) in core.records.iter().enumerate() {
        let width = record
            .fields
            .iter()
            .map(|field| u64::from(field.bits) * u64::from(field.count))
            .fold(0u64, u64::saturating_add);
        let (rows, path) = (rows(core, &record.per), format!("{path}.records[{i}]"));
        if rows == 0 && !matches!(record.per, Per::Slot | Per::InAxon) {
            let message = format!(
                "record `{}` is per {:?}, which a core of this type has not",
                record.name, record.per
            );
            faults.add("SL0107", &path, message, "take it away, or declare what it is for");
        } else if rows.saturating_mul(width) > LARGEST_MEMORY {
            let message = format!("record `{}` has {rows} rows of {width} bits", record.name);
            faults.add("SL0113", &path, message, "a memory of a core may have 2^33 bits (1 GiB)");
        }
    }
}
