//! The checks of a chip file, beyond what its types can say. Each is a function that adds what it finds, so
//! that all faults are reported at once.

mod neuron;
mod records;
mod store;

use crate::chip::{Faults, geometry};
use crate::expression::Formula;
use crate::neuron::NeuronProgram;
use crate::schema::{
    Address, Binding, Bound, CoreType, Delay, Description, Entry, Hands, Holds, HostOut, Layout, Level, Scope,
};
use std::collections::BTreeMap;

/// Names that a binding's formulas know.
pub(crate) const BINDING_NAMES: [&str; 8] =
    ["theta", "v_reset", "start", "drive", "current_bias", "alpha", "beta", "refractory"];

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
    check_names(description, faults);
    check_fabric(description, faults);
    check_io(description, faults);
    check_reach(description, faults);
    for name in description.parameters.keys().filter(|name| BINDING_NAMES.contains(&name.as_str())) {
        let message =
            format!("the parameter `{name}` would hide the `{name}` that formulas of bindings know");
        faults.add("SL0103", &format!("parameters.{name}"), message, "choose another name");
    }
    for (name, core) in &description.core_types {
        let path = format!("core_types.{name}");
        store::check(core, &path, faults);
        check_profiles(core, &path, faults);
        records::check(core, &path, is_default, faults);
        if let Some(program) = programs.get(name) {
            neuron::check(core, program, &path, faults);
        }
    }
    check_bindings(description, faults);
    check_host_read(description, faults);
    check_provenance(description, faults);
}

/// Names that stand in paths and in level texts must be words.
fn check_names(description: &Description, faults: &mut Faults<'_>) {
    let types = description.core_types.keys().map(|name| (name, "core_types".to_string()));
    let profiles = description.core_types.iter().flat_map(|(core, declared)| {
        declared.profiles.keys().map(move |name| (name, format!("core_types.{core}.profiles")))
    });
    for (name, path) in types.chain(profiles) {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || !name.chars().all(is_word) {
            let hint = "use ASCII letters, digits, `_` and `-`";
            faults.add("SL0104", &path, format!("{name:?} can't be a name here"), hint);
        }
    }
}

/// Most places for cores on a fabric.
const MOST_SITES: u64 = 1 << 20;

fn check_fabric(description: &Description, faults: &mut Faults<'_>) {
    let fabric = &description.fabric;
    let ((width, height), members) = geometry(description);
    let sites = u64::from(width).saturating_mul(u64::from(height)).saturating_mul(u64::from(members));
    if sites == 0 || sites > MOST_SITES {
        let message = format!("the fabric has {sites} places for cores");
        let hint = "every size must be at least 1, and 2^20 places are the limit";
        faults.add("SL0105", "fabric.levels", message, hint);
    }
    if !matches!(
        fabric.levels[..],
        [] | [Level::Star { .. }] | [Level::Mesh { .. }] | [Level::Star { .. }, Level::Mesh { .. }]
    ) {
        let message = "these levels in this order are not supported".to_string();
        faults.add("SL0105", "fabric.levels", message, "at most one `Star`, then at most one `Mesh`");
    }
    for (i, rule) in fabric.layout.iter().enumerate() {
        let path = format!("fabric.layout[{i}]");
        match rule {
            Layout::Fill(name) if !description.core_types.contains_key(name) => {
                let names = description.core_types.keys().cloned().collect::<Vec<_>>().join(", ");
                let hint = format!("core types: {names}");
                faults.add("SL0105", &path, format!("there is no core type `{name}`"), &hint);
            }
            Layout::OutputNode { x, y, .. } if *x >= width || *y >= height => {
                let message = format!("node ({x}, {y}) lies outside the mesh of {width} x {height}");
                faults.add("SL0105", &path, message, "columns and rows count from 0");
            }
            Layout::OutputNode { channels, .. } if *channels == 0 || *channels > store::MOST => {
                let message = format!("an output node of {channels} channels is not usable");
                faults.add("SL0105", &path, message, "from 1 to 2^24 channels");
            }
            Layout::Fill(_) | Layout::OutputNode { .. } => {}
        }
    }
    if !fabric.layout.iter().any(|rule| matches!(rule, Layout::Fill(_))) {
        faults.add("SL0105", "fabric.layout", "no node holds a core".into(), "add `Fill(\"TYPE\")`");
    }
}

/// What the core types' delays and addresses ask of the host and of the fabric.
fn check_reach(description: &Description, faults: &mut Faults<'_>) {
    let host_in = &description.io.host_in;
    for (name, core) in &description.core_types {
        if let Delay::Synapse { least, most, .. } = core.delay
            && (host_in.delay_least < least || host_in.delay_most > most)
        {
            let message = format!(
                "a host spike's delay is held by the synapse, and core type `{name}` holds {least} to {most}, not {} to {}",
                host_in.delay_least, host_in.delay_most
            );
            faults.add(
                "SL0110",
                "host_in.delay_least",
                message,
                "give the host the range of the synapses, or less",
            );
        }
        if matches!(core.out_axons.address, Address::Relative { .. }) && geometry(description).1 > 1 {
            let message = "a mesh offset names a node, and a node holds several cores".to_string();
            let path = format!("core_types.{name}.out_axons.address");
            faults.add(
                "SL0115",
                &path,
                message,
                "name destinations by core number, or put one core at a node",
            );
        }
    }
}

fn check_io(description: &Description, faults: &mut Faults<'_>) {
    let io = &description.io;
    let is_output = |rule: &&Layout| matches!(rule, Layout::OutputNode { .. });
    let output_nodes = description.fabric.layout.iter().filter(is_output).count();
    if io.host_out == HostOut::OutputNode && output_nodes != 1 {
        let message = format!("spikes leave by an output node, and the layout has {output_nodes}");
        let hint = "have exactly one `OutputNode(..)` in `fabric.layout`, or say `Tap`";
        faults.add("SL0115", "io.host_out", message, hint);
    }
    let (least, most) = (io.host_in.delay_least, io.host_in.delay_most);
    if least > most || most > store::LONGEST_DELAY {
        let message = format!("delays from {least} to {most} steps are not usable");
        faults.add("SL0110", "io.host_in.delay_least", message, "delay_least <= delay_most <= 65536");
    }
    let ((width, height), _) = geometry(description);
    if let Entry::Node { x, y } = io.host_in.entry
        && (x >= width || y >= height)
    {
        let message = format!("node ({x}, {y}) lies outside the mesh of {width} x {height}");
        faults.add("SL0115", "io.host_in.entry", message, "columns and rows count from 0");
    }
    check_packet(description, faults);
}

fn check_packet(description: &Description, faults: &mut Faults<'_>) {
    let (host_in, path) = (&description.io.host_in, "io.host_in.packet");
    let cores = || description.core_types.values();
    let relative = cores().any(|core| matches!(core.out_axons.address, Address::Relative { .. }));
    let address: &[Holds] =
        if relative { &[Holds::DestinationX, Holds::DestinationY] } else { &[Holds::DestinationCore] };
    for holds in address.iter().chain([&Holds::DestinationAxon]) {
        if !host_in.packet.iter().any(|field| field.holds == *holds) {
            let message = format!("a host packet has no field that holds {holds:?}");
            faults.add("SL0115", path, message, "a packet must say which core and in-axon it means");
        }
    }
    for (i, field) in host_in.packet.iter().enumerate() {
        let path = format!("{path}[{i}]");
        let repeats = host_in.packet[..i].iter().any(|f| f.name == field.name || f.holds == field.holds);
        match field.holds {
            Holds::Unused => {}
            Holds::DestinationX | Holds::DestinationY if field.bits == 0 => {
                let message = format!("field `{}` has no bits", field.name);
                faults.add("SL0115", &path, message, "a signed number has at least 1 bit");
            }
            Holds::DestinationX
            | Holds::DestinationY
            | Holds::DestinationCore
            | Holds::DestinationAxon
            | Holds::PacketDelay
                if field.count == 1 && !repeats => {}
            _ => {
                let message = format!("field `{}` can't stand in a host packet", field.name);
                let hint = "one field for each part of the destination, one for the delay, and unused bits";
                faults.add("SL0115", &path, message, hint);
            }
        }
    }
    let bits = |field: &crate::schema::Field| u64::from(field.bits) * u64::from(field.count);
    let width = host_in.packet.iter().map(bits).fold(0u64, u64::saturating_add);
    if width > 64 {
        let message = format!("a host packet has {width} bits");
        faults.add("SL0115", path, message, "64 bits are the limit");
    }
    let by_source = cores().any(|core| matches!(core.delay, Delay::Source { .. }));
    if by_source
        && host_in.delay_most > host_in.delay_least
        && !host_in.packet.iter().any(|field| field.holds == Holds::PacketDelay)
    {
        let message = "host packets have a choice of delays but no field that holds it".to_string();
        faults.add("SL0115", path, message, "add a field with `holds: PacketDelay`");
    }
}

fn check_profiles(core: &CoreType, path: &str, faults: &mut Faults<'_>) {
    for (i, parameter) in core.neuron.parameters.iter().enumerate() {
        if let Scope::Profile(profile) = &parameter.scope
            && !core.profiles.contains_key(profile)
        {
            let message = format!(
                "parameter `{}` belongs to profile `{profile}`, which is not declared",
                parameter.name
            );
            faults.add(
                "SL0114",
                &format!("{path}.neuron.parameters[{i}]"),
                message,
                "add it to `profiles` with its size",
            );
        }
    }
    for (profile, entries) in &core.profiles {
        if *entries == 0 {
            let message = format!("profile `{profile}` has no entries");
            faults.add("SL0114", &format!("{path}.profiles.{profile}"), message, "at least 1");
        }
    }
}

fn check_bindings(description: &Description, faults: &mut Faults<'_>) {
    for (i, binding) in description.bindings.iter().enumerate() {
        let path = format!("bindings[{i}]");
        check_formulas(binding, &path, faults);
        for (name, core) in &description.core_types {
            check_binding(binding, name, core, &path, faults);
        }
        if binding.quantum < 1 {
            let message = format!("{} is no quantum", binding.quantum);
            faults.add("SL0111", &format!("{path}.quantum"), message, "at least 1");
        }
    }
}

/// Formulas know the names of [`BINDING_NAMES`] and the parameters bound before.
fn check_formulas(binding: &Binding, path: &str, faults: &mut Faults<'_>) {
    let mut known = |formula: &Formula, bound: &[&str], path: String, at: &str| {
        for used in formula.expression.names() {
            if !BINDING_NAMES.contains(&used) && !bound.contains(&used) {
                let hint = format!("formulas know {} and parameters bound before", BINDING_NAMES.join(", "));
                let message = format!("`{used}` is not known in `{}`", formula.text);
                faults.add_at("SL0111", &path, &format!("{path}{at}"), message, &hint);
            }
        }
    };
    for (j, (formula, _)) in binding.requires.iter().enumerate() {
        known(formula, &[], format!("{path}.requires[{j}]"), "[0]");
    }
    let mut bound: Vec<&str> = Vec::new();
    for (j, (parameter, value)) in binding.parameters.iter().enumerate() {
        let (Bound::Nearest(formula) | Bound::Down(formula) | Bound::Up(formula)) = value;
        known(formula, &bound, format!("{path}.parameters[{j}]"), "[1][0]");
        bound.push(parameter);
    }
}

/// A binding gives each parameter of the program a value, once.
fn check_binding(binding: &Binding, name: &str, core: &CoreType, path: &str, faults: &mut Faults<'_>) {
    for (j, (parameter, _)) in binding.parameters.iter().enumerate() {
        let path = format!("{path}.parameters[{j}]");
        if !core.neuron.parameters.iter().any(|p| p.name == *parameter) {
            let message = format!("core type `{name}` has no parameter `{parameter}`");
            faults.add("SL0111", &path, message, "name a parameter of the program");
        }
        if binding.parameters[..j].iter().any(|(before, _)| before == parameter) {
            let message = format!("parameter `{parameter}` is bound twice");
            faults.add("SL0111", &path, message, "take one of the two away");
        }
    }
    for parameter in &core.neuron.parameters {
        if !binding.parameters.iter().any(|(bound, _)| *bound == parameter.name) {
            let message = format!("parameter `{}` of core type `{name}` is not bound", parameter.name);
            faults.add("SL0111", &format!("{path}.parameters"), message, "bind every parameter");
        }
    }
    if !core.neuron.state.iter().any(|s| s.name == binding.membrane) {
        let message = format!("core type `{name}` has no state `{}`", binding.membrane);
        faults.add("SL0111", &format!("{path}.membrane"), message, "name a state variable of the program");
    }
}

/// The host reads states that there are, and what a binding hands on is among them.
fn check_host_read(description: &Description, faults: &mut Faults<'_>) {
    let read = &description.io.host_read;
    for (i, state) in read.iter().enumerate() {
        let lacks = |core: &CoreType| !core.neuron.state.iter().any(|s| s.name == *state);
        if let Some((name, _)) = description.core_types.iter().find(|(_, core)| lacks(core)) {
            let message = format!("core type `{name}` has no state `{state}`");
            faults.add(
                "SL0111",
                &format!("io.host_read[{i}]"),
                message,
                "name a state variable of the program",
            );
        }
    }
    for (i, binding) in description.bindings.iter().enumerate() {
        if binding.hands == Hands::Membrane && !read.contains(&binding.membrane) {
            let message = format!("the binding hands on `{}`, which the host can't read", binding.membrane);
            faults.add("SL0111", &format!("bindings[{i}].hands"), message, "name the state in io.host_read");
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
            faults.add(
                "SL0112",
                &format!("{path}.path"),
                message,
                "write the path as in `core_types.core.neuron`",
            );
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
