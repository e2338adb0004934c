//! Checks of a core's memories: every fact has a place, every place holds what is declared, examples are right.

use super::store;
use crate::chip::Faults;
use crate::layout::{Layout, row_to_hex};
use crate::schema::{
    Address, Code, CoreType, Delay, Example, Field, Holds, OutOrganisation, Per, Record, Scope, Store,
};
use std::collections::BTreeSet;

/// Bits of the widest row, and of the widest array in it.
const WIDEST_ROW: u32 = 1 << 24;

pub(super) fn check(core: &CoreType, path: &str, is_default: bool, faults: &mut Faults<'_>) {
    let records = format!("{path}.records");
    for (per, holds, count) in required(core) {
        let place = core.records.iter().enumerate().filter(|(_, record)| record.per == per).find_map(
            |(i, record)| {
                let j = record.fields.iter().position(|field| field.holds == holds)?;
                Some((format!("{records}[{i}].fields[{j}]"), &record.fields[j]))
            },
        );
        match place {
            None => {
                let message = format!("no record per {per:?} has a field that holds {holds:?}");
                let hint = "everything that a core knows must stand in its memory";
                faults.add("SL0107", &records, message, hint);
            }
            Some((place, field)) if field.count != count => {
                let (name, have) = (&field.name, field.count);
                let message =
                    format!("field `{name}` holds {holds:?} and needs {count} elements, it has {have}");
                faults.add("SL0107", &place, message, "set its `count`");
            }
            Some(_) => {}
        }
    }
    for (i, record) in core.records.iter().enumerate() {
        let path = format!("{records}[{i}]");
        if core.records[..i].iter().any(|before| before.per == record.per) {
            let message = format!("there are two records per {:?}", record.per);
            faults.add("SL0107", &path, message, "put their fields into one");
        }
        check_fields(core, record, &path, faults);
        // An example is a row of the default variant: of another it says nothing.
        if is_default {
            check_example(core, record, &path, faults);
        }
    }
}

/// The fields that a core of this kind must have, with the record that must hold them and their count.
fn required(core: &CoreType) -> Vec<(Per, Holds, u32)> {
    let mut required = Vec::new();
    match &core.store {
        Store::BitCrossbar { types, .. } => {
            required.push((Per::Slot, Holds::Connection, core.in_axons.count));
            required.push((Per::Slot, Holds::TypeValue, *types));
            if *types > 1 {
                required.push((Per::InAxon, Holds::RowType, 1));
            }
        }
        Store::BlockLists { index_bits, weight, .. } => {
            required.push((Per::InAxon, Holds::ListStart, 1));
            required.push((Per::InAxon, Holds::ListBlocks, 1));
            required.push((Per::SynapseWord, Holds::Word, 1));
            let delayed = matches!(core.delay, Delay::Synapse { least, most, .. } if most > least);
            for (needed, holds) in [
                (weight.exponents() != (0..=0), Holds::FormatExponent),
                (index_bits.len() > 1, Holds::FormatIndexCode),
                (delayed, Holds::FormatDelayBits),
            ] {
                if needed {
                    required.push((Per::Format, holds, 1));
                }
            }
        }
    }
    for parameter in &core.neuron.parameters {
        required.push((per_of(&parameter.scope), Holds::Parameter(parameter.name.clone()), 1));
    }
    if let Some(hold) = &core.neuron.hold {
        required.push((Per::Slot, Holds::State(hold.clone()), 1));
    }
    if core.neuron.random.is_some() {
        required.push((Per::Slot, Holds::RandomStream, 1));
    }
    for profile in core.profiles.keys() {
        required.push((Per::Slot, Holds::ProfileIndex(profile.clone()), 1));
    }
    let (record, destinations) = match core.out_axons.organisation {
        OutOrganisation::PerSlot { destinations } => (Per::Slot, destinations),
        OutOrganisation::Table { .. } => {
            required.push((Per::Slot, Holds::OutStart, 1));
            required.push((Per::Slot, Holds::OutCount, 1));
            (Per::OutEntry, 1)
        }
    };
    required.extend(address(core).into_iter().map(|holds| (record.clone(), holds, destinations)));
    required
}

fn per_of(scope: &Scope) -> Per {
    match scope {
        Scope::Slot => Per::Slot,
        Scope::Profile(profile) => Per::Profile(profile.clone()),
        Scope::Core => Per::Core,
    }
}

/// What a destination consists of.
fn address(core: &CoreType) -> Vec<Holds> {
    let mut address = match core.out_axons.address {
        Address::Relative { .. } => vec![Holds::DestinationX, Holds::DestinationY],
        Address::Core => vec![Holds::DestinationCore],
    };
    address.push(Holds::DestinationAxon);
    if matches!(core.delay, Delay::Source { .. }) {
        address.push(Holds::PacketDelay);
    }
    address
}

/// Whether a record of this kind is the place for such a field.
fn belongs(core: &CoreType, per: &Per, holds: &Holds) -> bool {
    let by_slot = matches!(core.out_axons.organisation, OutOrganisation::PerSlot { .. });
    let crossbar = matches!(core.store, Store::BitCrossbar { .. });
    match holds {
        Holds::Unused => true,
        Holds::Parameter(name) => {
            core.neuron.parameters.iter().filter(|p| p.name == *name).all(|p| per_of(&p.scope) == *per)
        }
        Holds::State(_) | Holds::ProfileIndex(_) => *per == Per::Slot,
        Holds::RandomStream => *per == Per::Slot && core.neuron.random.is_some(),
        Holds::Connection | Holds::TypeValue => crossbar && *per == Per::Slot,
        Holds::RowType => crossbar && *per == Per::InAxon,
        Holds::ListStart | Holds::ListBlocks => !crossbar && *per == Per::InAxon,
        Holds::FormatExponent | Holds::FormatIndexCode | Holds::FormatDelayBits => {
            !crossbar && *per == Per::Format
        }
        Holds::Word => !crossbar && *per == Per::SynapseWord,
        Holds::OutStart | Holds::OutCount => !by_slot && *per == Per::Slot,
        Holds::DestinationX
        | Holds::DestinationY
        | Holds::DestinationCore
        | Holds::DestinationAxon
        | Holds::PacketDelay => {
            address(core).contains(holds) && *per == if by_slot { Per::Slot } else { Per::OutEntry }
        }
    }
}

/// The width that what a field holds has by its declaration; `Err` if it is declared nowhere.
fn declared_bits(core: &CoreType, holds: &Holds) -> Result<Option<u32>, ()> {
    let (parameters, states) = (&core.neuron.parameters, &core.neuron.state);
    match (holds, &core.store) {
        (Holds::Parameter(name), _) => {
            parameters.iter().find(|p| p.name == *name).map(|p| Some(p.bits)).ok_or(())
        }
        (Holds::State(name), _) => states.iter().find(|s| s.name == *name).map(|s| Some(s.bits)).ok_or(()),
        (Holds::ProfileIndex(profile), _) if !core.profiles.contains_key(profile) => Err(()),
        (Holds::TypeValue, Store::BitCrossbar { value_bits, .. }) => Ok(Some(*value_bits)),
        (Holds::Connection, _) => Ok(Some(1)),
        (Holds::Word, Store::BlockLists { word_bits, .. }) => Ok(Some(*word_bits)),
        _ => Ok(None),
    }
}

/// The greatest number that a field must be able to hold, if the file says.
fn greatest(core: &CoreType, holds: &Holds) -> Option<u64> {
    let last = |count: u64| Some(count.saturating_sub(1));
    match (holds, &core.store) {
        (Holds::RowType, Store::BitCrossbar { types, .. }) => last((*types).into()),
        (Holds::ProfileIndex(name), _) => last(store::rows(core, &Per::Profile(name.clone()))),
        (Holds::FormatIndexCode, Store::BlockLists { index_bits, .. }) => last(index_bits.len() as u64),
        _ => None,
    }
}

fn check_fields(core: &CoreType, record: &Record, path: &str, faults: &mut Faults<'_>) {
    let (mut names, mut held) = (BTreeSet::new(), BTreeSet::new());
    for (i, field) in record.fields.iter().enumerate() {
        let mut bad = |message: String, hint: &str| {
            faults.add("SL0107", &format!("{path}.fields[{i}]"), message, hint);
        };
        let Field { name, holds, bits, count, .. } = field;
        if !names.insert(name) {
            bad(format!("two fields are called `{name}`"), "give each its own name");
        }
        if *holds != Holds::Unused && !held.insert(holds) {
            bad(
                format!("field `{name}` holds {holds:?} a second time"),
                "an array is one field with a `count`",
            );
        }
        if *bits > 64 || u64::from(*bits) * u64::from(*count) > WIDEST_ROW.into() {
            bad(format!("field `{name}` is too wide"), "an element has at most 64 bits, an array 2^24");
            continue;
        }
        match declared_bits(core, holds) {
            Err(()) => {
                bad(
                    format!("field `{name}` holds {holds:?}, which is not declared"),
                    "declare it under `neuron` or `profiles`",
                );
                continue;
            }
            Ok(Some(declared)) if declared != *bits => {
                bad(
                    format!("field `{name}` has {bits} bits, {holds:?} has {declared}"),
                    "give both the same width",
                );
            }
            Ok(_) => {}
        }
        if *holds == Holds::RandomStream && (!(1..=32).contains(bits) || field.code != Code::Plain) {
            let message = format!("field `{name}` of {bits} bits can't number streams");
            let path = format!("{path}.fields[{i}]");
            faults.add("SL0117", &path, message, "1 to 32 bits, with `code: Plain`");
        } else if !belongs(core, &record.per, holds) {
            let message = format!(
                "field `{name}` holds {holds:?}, which has no place in a record per {:?}",
                record.per
            );
            bad(message, "move it to the record that it belongs to, or take it away");
        } else if *bits == 0
            && matches!(holds, Holds::DestinationX | Holds::DestinationY | Holds::FormatExponent)
        {
            bad(format!("field `{name}` has no bits"), "a signed number has at least 1 bit");
        } else if greatest(core, holds).is_some_and(|most| *bits < 64 && most >> bits != 0) {
            bad(
                format!("field `{name}` of {bits} bits can't number all that it chooses from"),
                "make it wider",
            );
        }
    }
}

fn check_example(core: &CoreType, record: &Record, path: &str, faults: &mut Faults<'_>) {
    let path = format!("{path}.example");
    let Some(example) = &record.example else {
        let message = format!("record `{}` has no worked example", record.name);
        let hint = "add `example: Some((values: {..}, hex: \"..\"))`, worked out by hand";
        return faults.add("SL0108", &path, message, hint);
    };
    let layout = Layout::new(&record.fields, Some(&core.neuron));
    if layout.width > WIDEST_ROW || record.fields.iter().any(|field| field.bits > 64) {
        return;
    }
    match pack(&layout, example) {
        Err((name, message, hint)) => {
            faults.add_at("SL0108", &path, &format!("{path}.values.{name}"), message, hint);
        }
        Ok(hex) if !hex.eq_ignore_ascii_case(&example.hex.replace('_', "")) => {
            let message = format!("the example packs to {hex}, the file says {}", example.hex);
            let hint = "one of the two is wrong: check the order and the widths of the fields";
            faults.add_at("SL0108", &path, &format!("{path}.hex"), message, hint);
        }
        Ok(_) => {}
    }
}

/// The row of an example in hex; or the key that is wrong, a sentence, and a way out.
fn pack(layout: &Layout, example: &Example) -> Result<String, (String, String, &'static str)> {
    let mut row = vec![0; layout.row_words()];
    for (key, value) in &example.values {
        let (name, element) = match key.strip_suffix(']').and_then(|key| key.split_once('[')) {
            Some((name, index)) => (name, index.parse().ok()),
            None => (key.as_str(), Some(0)),
        };
        let Some(field) = layout.fields.iter().find(|field| field.name == name) else {
            let hint = "name a field of this record, or an element as in `conn[3]`";
            return Err((key.clone(), format!("there is no field `{name}`"), hint));
        };
        let Some(element) = element.filter(|element| *element < field.count) else {
            let message = format!("`{key}` is no element of a field of {}", field.count);
            return Err((key.clone(), message, "elements count from 0"));
        };
        if !field.fits(*value) {
            let (low, high) = field.range();
            let message = format!("{value} does not fit `{key}`, which takes {low} to {high}");
            return Err((key.clone(), message, "use a value that the field can hold"));
        }
        field.write(&mut row, element, *value);
    }
    Ok(row_to_hex(&row, layout.width))
}
