//! The checks of a chip file, beyond what its types can say. Each is a function that adds what it finds, so
//! that all faults are reported at once.

use crate::chip::{Faults, geometry};
use crate::layout::{Layout, row_to_hex};
use crate::neuron::ranges::{self, Outcome};
use crate::neuron::{Interval, NeuronProgram};
use crate::schema::{
    Address, Bound, CoreType, Delay, Description, Holds, HostOut, Layout as LayoutRule, OutOrganisation, Per, Record, Scope, Store,
};
use std::collections::{BTreeMap, BTreeSet};

/// Names that a binding's formulas know.
pub(crate) const BINDING_NAMES: [&str; 7] = ["theta", "v_reset", "start", "drive", "alpha", "beta", "refractory"];

/// Steps for which an idle slot is watched: its state must be a fixed point, so one would do.
const IDLE_STEPS: usize = 2;

pub(crate) fn check(
    description: &Description,
    programs: &BTreeMap<String, NeuronProgram>,
    is_default: bool,
    faults: &mut Faults<'_>,
) {
    if description.schema != 1 {
        let message = format!("this reader knows schema 1, the file says {}", description.schema);
        faults.add("SL0116", "schema", message, "write `schema: 1`");
    }
    check_fabric(description, faults);
    check_io(description, faults);
    for (name, core) in &description.core_types {
        let path = format!("core_types.{name}");
        check_store(core, &path, faults);
        check_delay(core, &path, faults);
        check_profiles(core, &path, faults);
        check_records(core, &path, is_default, faults);
        if let Some(program) = programs.get(name) {
            check_idle(core, program, &path, faults);
            check_relay(core, program, &path, faults);
        }
    }
    check_bindings(description, faults);
    check_provenance(description, faults);
}

fn check_fabric(description: &Description, faults: &mut Faults<'_>) {
    let ((width, height), members) = geometry(description);
    let sites = u64::from(width) * u64::from(height) * u64::from(members);
    if sites == 0 || sites > 1 << 24 {
        let message = format!("the fabric has {sites} places for cores");
        faults.add("SL0105", "fabric.levels", message, "every size must be at least 1, and 2^24 places are the limit");
    }
    for (i, rule) in description.fabric.layout.iter().enumerate() {
        let path = format!("fabric.layout[{i}]");
        match rule {
            LayoutRule::Fill(name) if !description.core_types.contains_key(name) => {
                faults.add("SL0105", &path, format!("there is no core type `{name}`"), "name one of `core_types`");
            }
            LayoutRule::OutputNode { x, y, .. } if *x >= width || *y >= height => {
                let message = format!("node ({x}, {y}) lies outside the mesh of {width} x {height}");
                faults.add("SL0105", &path, message, "columns and rows count from 0");
            }
            _ => {}
        }
    }
    if !description.fabric.layout.iter().any(|rule| matches!(rule, LayoutRule::Fill(_))) {
        faults.add("SL0105", "fabric.layout", "no node holds a core".into(), "add `Fill(\"TYPE\")`");
    }
}

fn check_io(description: &Description, faults: &mut Faults<'_>) {
    let io = &description.io;
    let output_nodes =
        description.fabric.layout.iter().filter(|rule| matches!(rule, LayoutRule::OutputNode { .. })).count();
    if io.host_out == HostOut::OutputNode && output_nodes != 1 {
        let message = format!("spikes leave by an output node, and the layout has {output_nodes}");
        faults.add("SL0115", "io.host_out", message, "add one `OutputNode(..)` to `fabric.layout`, or say `Tap`");
    }
    if io.host_in.delay_least > io.host_in.delay_most {
        let message = format!("least delay {} exceeds greatest {}", io.host_in.delay_least, io.host_in.delay_most);
        faults.add("SL0110", "io.host_in.delay_least", message, "give the least first");
    }
    let relative = description.core_types.values().any(|core| matches!(core.out_axons.address, Address::Relative { .. }));
    let address: &[Holds] =
        if relative { &[Holds::DestinationX, Holds::DestinationY] } else { &[Holds::DestinationCore] };
    for holds in address.iter().chain([&Holds::DestinationAxon]) {
        if !io.host_in.packet.iter().any(|field| field.holds == *holds) {
            let message = format!("a host packet has no field that holds {holds:?}");
            faults.add("SL0115", "io.host_in.packet", message, "a packet must say which core and in-axon it means");
        }
    }
    let width: u64 = io.host_in.packet.iter().map(|field| u64::from(field.bits) * u64::from(field.count)).sum();
    if width > 64 {
        let message = format!("a host packet has {width} bits");
        faults.add("SL0115", "io.host_in.packet", message, "64 bits are the limit");
    }
    let by_source = description.core_types.values().any(|core| matches!(core.delay, Delay::Source { .. }));
    if by_source
        && io.host_in.delay_most > io.host_in.delay_least
        && !io.host_in.packet.iter().any(|field| field.holds == Holds::PacketDelay)
    {
        let message = "host packets have a choice of delays but no field that holds it".to_string();
        faults.add("SL0115", "io.host_in.packet", message, "add a field with `holds: PacketDelay`");
    }
}

fn check_store(core: &CoreType, path: &str, faults: &mut Faults<'_>) {
    for (field, value) in [("slots", core.slots), ("in_axons.count", core.in_axons.count)] {
        if value == 0 || value > 1 << 24 {
            let message = format!("{value} is no usable number");
            faults.add("SL0113", &format!("{path}.{field}"), message, "from 1 to 2^24");
        }
    }
    let store = format!("{path}.store");
    match &core.store {
        Store::BitCrossbar { types, value_bits, .. } => {
            if *types == 0 || *types > 16 || *value_bits == 0 || *value_bits > 31 {
                let message = format!("{types} row types of {value_bits} bits are no usable crossbar");
                faults.add("SL0113", &store, message, "1 to 16 types of 1 to 31 bits");
            }
        }
        Store::BlockLists { words, word_bits, block_most, count_bits, format_bits, formats, index_bits, weight } => {
            let mut bad = |message: String, hint: &str| faults.add("SL0113", &store, message, hint);
            if *words == 0 || *word_bits == 0 || *word_bits > 64 {
                bad(format!("{words} words of {word_bits} bits are no usable memory"), "words of 1 to 64 bits");
            }
            if *count_bits > 31 || u64::from(*block_most) > 1 << count_bits || *block_most == 0 {
                bad(format!("{count_bits} bits can't count blocks of 1 to {block_most} synapses"), "raise `count_bits`");
            }
            if *format_bits > 31 || u64::from(*formats) > 1 << format_bits || *formats == 0 {
                bad(format!("{format_bits} bits can't number {formats} formats"), "raise `format_bits`");
            }
            if !index_bits.iter().any(|bits| *bits <= 31 && 1u64 << bits >= u64::from(core.slots)) {
                bad(format!("no width of `index_bits` reaches all {} slots", core.slots), "add a wider one");
            }
            let weight_bits = match weight {
                crate::schema::WeightCode::Plain { bits } => *bits,
                crate::schema::WeightCode::MantissaExponent { bits, .. } => *bits,
            };
            if !(2..=31).contains(&weight_bits) {
                bad(format!("weights of {weight_bits} bits are not usable"), "2 to 31 bits");
            }
        }
    }
    if matches!(core.out_axons.organisation, OutOrganisation::PerSlot { destinations: 0 } | OutOrganisation::Table { entries: 0 }) {
        let message = "a spike has nowhere to go".to_string();
        faults.add("SL0113", &format!("{path}.out_axons.organisation"), message, "give at least one destination");
    }
}

fn check_delay(core: &CoreType, path: &str, faults: &mut Faults<'_>) {
    let (Delay::Source { least, most } | Delay::Synapse { least, most, .. }) = core.delay;
    let path = format!("{path}.delay");
    if least > most || least == 0 || most > 1 << 16 {
        let message = format!("delays from {least} to {most} steps are not usable");
        faults.add("SL0110", &path, message, "1 <= least <= most <= 65536");
    }
    if let Delay::Synapse { least, most, bits, .. } = core.delay
        && (bits > 16 || u64::from(most - least.min(most)) >= 1 << bits)
    {
        let message = format!("{bits} bits can't hold delays from {least} to {most}");
        faults.add("SL0110", &path, message, "raise `bits`, or lower `most`");
    }
}

fn check_profiles(core: &CoreType, path: &str, faults: &mut Faults<'_>) {
    for parameter in &core.neuron.parameters {
        if let Scope::Profile(profile) = &parameter.scope
            && !core.profiles.contains_key(profile)
        {
            let message = format!("parameter `{}` belongs to profile `{profile}`, which is not declared", parameter.name);
            faults.add("SL0114", &format!("{path}.neuron.parameters"), message, "add it to `profiles` with its size");
        }
    }
    for (profile, entries) in &core.profiles {
        if *entries == 0 {
            let message = format!("profile `{profile}` has no entries");
            faults.add("SL0114", &format!("{path}.profiles.{profile}"), message, "at least 1");
        }
    }
}

/// The fields that a core of this kind must have, with the record that must hold them and their count.
fn required_fields(core: &CoreType) -> Vec<(Per, Holds, u32)> {
    let mut required = Vec::new();
    match &core.store {
        Store::BitCrossbar { types, .. } => {
            required.push((Per::Slot, Holds::Connection, core.in_axons.count));
            required.push((Per::Slot, Holds::TypeValue, *types));
            if *types > 1 {
                required.push((Per::InAxon, Holds::RowType, 1));
            }
        }
        Store::BlockLists { .. } => {
            required.push((Per::InAxon, Holds::ListStart, 1));
            required.push((Per::InAxon, Holds::ListBlocks, 1));
            required.push((Per::SynapseWord, Holds::Word, 1));
        }
    }
    for parameter in &core.neuron.parameters {
        let per = match &parameter.scope {
            Scope::Slot => Per::Slot,
            Scope::Profile(profile) => Per::Profile(profile.clone()),
            Scope::Core => Per::Core,
        };
        required.push((per, Holds::Parameter(parameter.name.clone()), 1));
    }
    for profile in core.profiles.keys() {
        required.push((Per::Slot, Holds::ProfileIndex(profile.clone()), 1));
    }
    let destination_record = match core.out_axons.organisation {
        OutOrganisation::PerSlot { .. } => Per::Slot,
        OutOrganisation::Table { .. } => {
            required.push((Per::Slot, Holds::OutStart, 1));
            required.push((Per::Slot, Holds::OutCount, 1));
            Per::OutEntry
        }
    };
    let destinations = match core.out_axons.organisation {
        OutOrganisation::PerSlot { destinations } => destinations,
        OutOrganisation::Table { .. } => 1,
    };
    let mut address = match core.out_axons.address {
        Address::Relative { .. } => vec![Holds::DestinationX, Holds::DestinationY],
        Address::Core => vec![Holds::DestinationCore],
    };
    address.push(Holds::DestinationAxon);
    if matches!(core.delay, Delay::Source { .. }) {
        address.push(Holds::PacketDelay);
    }
    required.extend(address.into_iter().map(|holds| (destination_record.clone(), holds, destinations)));
    required
}

fn check_records(core: &CoreType, path: &str, is_default: bool, faults: &mut Faults<'_>) {
    for (per, holds, count) in required_fields(core) {
        let field = core
            .records
            .iter()
            .filter(|record| record.per == per)
            .flat_map(|record| &record.fields)
            .find(|field| field.holds == holds);
        match field {
            None => {
                let message = format!("no record per {per:?} has a field that holds {holds:?}");
                faults.add("SL0107", &format!("{path}.records"), message, "everything that a core knows must stand in its memory");
            }
            Some(field) if field.count != count => {
                let message = format!("field `{}` holds {holds:?} and needs {count} elements, it has {}", field.name, field.count);
                faults.add("SL0107", &format!("{path}.records"), message, "set its `count`");
            }
            Some(_) => {}
        }
    }
    let mut pers = Vec::new();
    for (i, record) in core.records.iter().enumerate() {
        let record_path = format!("{path}.records[{i}]");
        if pers.contains(&&record.per) {
            let message = format!("there are two records per {:?}", record.per);
            faults.add("SL0107", &record_path, message, "put their fields into one");
        }
        pers.push(&record.per);
        check_fields(core, record, &record_path, faults);
        check_example(core, record, &record_path, is_default, faults);
    }
}

fn check_fields(core: &CoreType, record: &Record, path: &str, faults: &mut Faults<'_>) {
    let mut seen = BTreeSet::new();
    for (i, field) in record.fields.iter().enumerate() {
        let path = format!("{path}.fields[{i}]");
        let mut bad = |message: String, hint: &str| faults.add("SL0107", &path, message, hint);
        if !seen.insert(&field.name) {
            bad(format!("two fields are called `{}`", field.name), "give each its own name");
        }
        if field.bits > 64 || u64::from(field.bits) * u64::from(field.count) > 1 << 24 {
            bad(format!("field `{}` is too wide", field.name), "an element has at most 64 bits");
            continue;
        }
        let declared = match &field.holds {
            Holds::Parameter(name) => core.neuron.parameters.iter().find(|p| p.name == *name).map(|p| (p.bits, p.signed)),
            Holds::State(name) => core.neuron.state.iter().find(|s| s.name == *name).map(|s| (s.bits, s.signed)),
            Holds::ProfileIndex(profile) => core.profiles.get(profile).map(|_| (field.bits, false)),
            _ => Some((field.bits, false)),
        };
        match declared {
            None => bad(format!("field `{}` holds {:?}, which is not declared", field.name, field.holds), "declare it under `neuron` or `profiles`"),
            Some((bits, _)) if bits != field.bits => {
                bad(format!("field `{}` has {} bits, {:?} has {bits}", field.name, field.bits, field.holds), "give both the same width");
            }
            Some(_) => {}
        }
    }
}

fn check_example(core: &CoreType, record: &Record, path: &str, is_default: bool, faults: &mut Faults<'_>) {
    let layout = Layout::new(&record.fields, Some(&core.neuron));
    let path = format!("{path}.example");
    let Some(example) = &record.example else {
        if is_default {
            let message = format!("record `{}` has no worked example", record.name);
            faults.add("SL0108", &path, message, "add `example: (values: {..}, hex: \"..\")`, worked out by hand");
        }
        return;
    };
    if layout.width > 1 << 24 {
        return;
    }
    let mut row = vec![0; layout.row_words()];
    for field in &layout.fields {
        for element in 0..field.count {
            let value = example
                .values
                .get(&format!("{}[{element}]", field.name))
                .or_else(|| example.values.get(&field.name).filter(|_| element == 0));
            let value = value.copied().unwrap_or(field.range().0.max(0));
            if !field.fits(value) {
                let message = format!("{value} does not fit `{}`", field.name);
                faults.add("SL0108", &path, message, "use a value that the field can hold");
                return;
            }
            field.write(&mut row, element, value);
        }
    }
    for name in example.values.keys() {
        let base = name.split('[').next().unwrap_or("");
        if !layout.fields.iter().any(|field| field.name == base) {
            faults.add("SL0108", &path, format!("there is no field `{base}`"), "name a field of this record");
        }
    }
    let hex = row_to_hex(&row, layout.width);
    if is_default && !hex.eq_ignore_ascii_case(&example.hex.replace('_', "")) {
        let message = format!("the example packs to {hex}, the file says {}", example.hex);
        faults.add("SL0108", &path, message, "one of the two is wrong: check the order and widths of the fields");
    }
}

/// A set of parameter values as points, or what is wrong with it.
fn parameter_points(core: &CoreType, values: &BTreeMap<String, i64>) -> Result<Vec<Interval>, String> {
    for name in values.keys() {
        if !core.neuron.parameters.iter().any(|p| p.name == *name) {
            return Err(format!("there is no parameter `{name}`"));
        }
    }
    core.neuron
        .parameters
        .iter()
        .map(|p| {
            let value = values.get(&p.name).copied().unwrap_or(0);
            let (low, high) = if p.signed { (-(1i64 << (p.bits - 1)), (1i64 << (p.bits - 1)) - 1) } else { (0, (1i64 << p.bits) - 1) };
            if (low..=high).contains(&value) {
                Ok(Interval::point(value.into()))
            } else {
                Err(format!("`{}` = {value} does not fit {} bits", p.name, p.bits))
            }
        })
        .collect()
}

fn zero_states(core: &CoreType) -> Vec<Interval> {
    vec![Interval::point(0); core.neuron.state.len()]
}

fn check_idle(core: &CoreType, program: &NeuronProgram, path: &str, faults: &mut Faults<'_>) {
    let path = format!("{path}.neuron.idle");
    let parameters = match parameter_points(core, &core.neuron.idle) {
        Ok(parameters) => parameters,
        Err(message) => return faults.add("SL0109", &path, message, "values must be parameters of the program, in range"),
    };
    let start = zero_states(core);
    let mut states = start.clone();
    for _ in 0..IDLE_STEPS {
        let Outcome { states: after, may_spike, .. } = ranges::tick(program, &states, &parameters);
        if may_spike {
            return faults.add("SL0109", &path, "a slot with these values fires".into(), "raise the threshold, or take the leak away");
        }
        states = after;
    }
    if states != start {
        faults.add("SL0109", &path, "a slot with these values does not stay at its start".into(), "its state must be a fixed point of `on_tick`");
    }
}

fn check_relay(core: &CoreType, program: &NeuronProgram, path: &str, faults: &mut Faults<'_>) {
    let Some(relay) = &core.neuron.relay else { return };
    let path = format!("{path}.neuron.relay");
    let parameters = match parameter_points(core, &relay.parameters) {
        Ok(parameters) => parameters,
        Err(message) => return faults.add("SL0109", &path, message, "values must be parameters of the program, in range"),
    };
    let start = zero_states(core);
    let silent = ranges::tick(program, &start, &parameters);
    let heard = ranges::event(program, &start, &parameters, Interval::point(relay.value.into()));
    let answer = ranges::tick(program, &heard.states, &parameters);
    if silent.may_spike || silent.states != start || !answer.must_spike || answer.states != start {
        let message = "a slot with these values does not repeat what it hears".to_string();
        faults.add("SL0109", &path, message, "it must fire once for each event of `value`, and be back at its start");
    }
}

fn check_bindings(description: &Description, faults: &mut Faults<'_>) {
    for (i, binding) in description.bindings.iter().enumerate() {
        for (name, core) in &description.core_types {
            let path = format!("bindings[{i}]");
            let mut bound: Vec<&str> = Vec::new();
            let mut known = |formula: &crate::expression::Formula, bound: &[&str], path: &str| {
                for used in formula.expression.names() {
                    if !BINDING_NAMES.contains(&used) && !bound.contains(&used) {
                        let hint = format!("formulas know {} and parameters bound before", BINDING_NAMES.join(", "));
                        faults.add("SL0111", path, format!("`{used}` is not known in `{}`", formula.text), &hint);
                    }
                }
            };
            for (j, (formula, _)) in binding.requires.iter().enumerate() {
                known(formula, &[], &format!("{path}.requires[{j}]"));
            }
            for (j, (parameter, value)) in binding.parameters.iter().enumerate() {
                let (Bound::Nearest(formula) | Bound::Down(formula) | Bound::Up(formula)) = value;
                known(formula, &bound, &format!("{path}.parameters[{j}]"));
                bound.push(parameter);
            }
            for (j, (parameter, _)) in binding.parameters.iter().enumerate() {
                if !core.neuron.parameters.iter().any(|p| p.name == *parameter) {
                    let message = format!("core type `{name}` has no parameter `{parameter}`");
                    faults.add("SL0111", &format!("{path}.parameters[{j}]"), message, "name a parameter of the program");
                }
            }
            for parameter in &core.neuron.parameters {
                if !bound.contains(&parameter.name.as_str()) {
                    let message = format!("parameter `{}` of core type `{name}` is not bound", parameter.name);
                    faults.add("SL0111", &format!("{path}.parameters"), message, "bind every parameter");
                }
            }
            if !core.neuron.state.iter().any(|s| s.name == binding.membrane) {
                let message = format!("core type `{name}` has no state `{}`", binding.membrane);
                faults.add("SL0111", &format!("{path}.membrane"), message, "name a state variable of the program");
            }
            if binding.quantum < 1 {
                faults.add("SL0111", &format!("{path}.quantum"), format!("{} is no quantum", binding.quantum), "at least 1");
            }
        }
    }
}

fn check_provenance(description: &Description, faults: &mut Faults<'_>) {
    for (i, provenance) in description.provenance.iter().enumerate() {
        let path = format!("provenance[{i}]");
        if !description.sources.contains_key(&provenance.source) {
            let message = format!("there is no source `{}`", provenance.source);
            faults.add("SL0112", &format!("{path}.source"), message, "name a key of `sources`");
        }
        if !path_exists(description, &provenance.path) {
            let message = format!("there is no field `{}`", provenance.path);
            faults.add("SL0112", &format!("{path}.path"), message, "write the path as in `core_types.core.neuron`");
        }
    }
}

/// Whether the path leads somewhere in the description, seen as its own text.
fn path_exists(description: &Description, path: &str) -> bool {
    let Ok(text) = ron::to_string(description) else { return true };
    let Some(parent) = path.rfind(['.', '[']) else {
        return crate::locate::locate(&text, path).is_some_and(|offset| offset > 0);
    };
    match (crate::locate::locate(&text, path), crate::locate::locate(&text, &path[..parent])) {
        (Some(found), Some(above)) => found != above,
        _ => false,
    }
}
