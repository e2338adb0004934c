//! Every kind of fault in a chip file is found, at its place, with its field and a way out.

use spikeloom_chip::{builtin, check_text};
use spikeloom_diagnostics::{Diagnostic, Place};

/// A fault planted in a shipped file: `from` is replaced by `to` at its first place.
struct Planted {
    /// The shipped file.
    chip: &'static str,
    /// Text that is there.
    from: &'static str,
    /// Text that takes its place.
    to: &'static str,
    /// Code of the fault.
    code: &'static str,
    /// What the file has at the reported place.
    at: &'static str,
    /// Path of the field.
    field: &'static str,
}

const fn planted(
    chip: &'static str,
    from: &'static str,
    to: &'static str,
    code: &'static str,
    at: &'static str,
    field: &'static str,
) -> Planted {
    Planted { chip, from, to, code, at, field }
}

#[rustfmt::skip]
const TABLE: &[Planted] = &[
    // What the types of the schema refuse.
    planted("tiny", "unused: Off", "unused: Off, colour: 3", "SL0101", "colour: 3", "core_types.core.colour"),
    planted("tiny", "unused: Off,", "", "SL0101", "(", "core_types.core"),
    planted("tiny", "Mesh(width: 2, ", "Mesh(", "SL0101", "Mesh(height", "fabric.levels[0].Mesh"),
    planted("tiny", "slots: 8", "slots: true", "SL0101", "true", "core_types.core.slots"),
    planted("tiny", "unused: Off", "unused: Sleeps", "SL0101", "Sleeps", "core_types.core.unused"),
    planted("tiny", "slots: 8", "slots: \"N + 1\"", "SL0101", "N + 1", "core_types.core.slots"),
    planted("tiny", "slots: 8", "slots: \"8 / 3\"", "SL0101", "8 / 3", "core_types.core.slots"),
    planted("tiny", "slots: 8", "slots: 7.5", "SL0101", "7.5", "core_types.core.slots"),
    planted("tiny", "slots: 8", "slots: -8", "SL0101", "-8", "core_types.core.slots"),
    planted("ranc", "\"NUM_TICKS - 2\"", "\"2 - NUM_TICKS\"", "SL0101", "2 - NUM_TICKS", "io.host_in.delay_most"),
    planted("ranc", "\"theta + 1\"", "\"theta + \"", "SL0101", "theta + ", "bindings[2].parameters[1][1].Down"),
    // Parameters and variants.
    planted("ranc", "{\"GRID_DIMENSION_Y\": 4", "{\"GRID_Y\": 4", "SL0103", "4, \"OUTPUT", "variants.4x4.GRID_Y"),
    planted("ranc", "\"NUM_TICKS\": 16,", "\"NUM_TICKS\": 16, \"theta\": 7,", "SL0103", "7,", "parameters.theta"),
    // Names.
    planted("tiny", "\"core\": (", "\"co.re\": (", "SL0104", "{", "core_types"),
    planted("loihi1", "{\"cx\": 32", "{\"c x\": 32", "SL0104", "{\"c x\"", "core_types.neurocore.profiles"),
    // Fabric.
    planted("tiny", "Fill(\"core\")", "Fill(\"cor\")", "SL0105", "Fill(\"cor\")", "fabric.layout[0]"),
    planted("tiny", "layout: [Fill(\"core\")]", "layout: []", "SL0105", "[]", "fabric.layout"),
    planted("tiny", "width: 2, height: 2", "width: 2000, height: 2000", "SL0105", "[Mesh", "fabric.levels"),
    planted("tiny", "width: 2, height: 2", "width: 0, height: 2", "SL0105", "[Mesh", "fabric.levels"),
    planted("loihi1", "[Star(members: 4), ", "[Star(members: 4), Star(members: 4), ", "SL0105", "[Star", "fabric.levels"),
    planted("ranc", "OutputNode(x: \"OUTPUT_CORE_X_COORDINATE\"", "OutputNode(x: \"GRID_DIMENSION_X\"", "SL0105", "OutputNode(x", "fabric.layout[1]"),
    planted("ranc", "channels: \"NUM_OUTPUTS\"", "channels: 0", "SL0105", "OutputNode(x", "fabric.layout[1]"),
    // Records.
    planted("tiny", "Parameter(\"bias\")", "Parameter(\"bios\")", "SL0107", "(name: \"bias\", holds", "core_types.core.records[0].fields[2]"),
    planted("tiny", "(name: \"out_count\", holds: OutCount, bits: 6),", "", "SL0107", "[", "core_types.core.records"),
    planted("tiny", "bits: 1, count: 16", "bits: 1, count: 15", "SL0107", "(name: \"conn\"", "core_types.core.records[0].fields[0]"),
    planted("tiny", "Parameter(\"bias\"), bits: 4", "Parameter(\"bias\"), bits: 5", "SL0107", "(name: \"bias\", holds", "core_types.core.records[0].fields[2]"),
    planted("tiny", "TypeValue, bits: 6", "TypeValue, bits: 7", "SL0107", "(name: \"s\"", "core_types.core.records[0].fields[1]"),
    planted("tiny", "holds: RowType, bits: 1", "holds: RowType, bits: 0", "SL0107", "(name: \"type\"", "core_types.core.records[1].fields[0]"),
    planted("tiny", "(name: \"vth\", holds", "(name: \"bias\", holds", "SL0107", "(name: \"bias\", holds: Parameter(\"vth\")", "core_types.core.records[0].fields[3]"),
    planted("tiny", "fields: [(name: \"type\"", "fields: [(name: \"v\", holds: State(\"v\"), bits: 8), (name: \"type\"", "SL0107", "(name: \"v\", holds", "core_types.core.records[1].fields[0]"),
    planted("tiny", "per: InAxon", "per: OutEntry", "SL0107", "[", "core_types.core.records"),
    planted("tiny", "per: OutEntry", "per: Format", "SL0107", "(", "core_types.core.records[2]"),
    planted("loihi1", "holds: FormatDelayBits", "holds: Unused", "SL0107", "[", "core_types.neurocore.records"),
    planted("loihi1", "holds: FormatIndexCode, bits: 3", "holds: FormatIndexCode, bits: 2", "SL0107", "(name: \"index\"", "core_types.neurocore.records[6].fields[1]"),
    planted("loihi1", "{\"cx\": 32", "{\"cx\": 33", "SL0107", "(name: \"cx\"", "core_types.neurocore.records[0].fields[0]"),
    // Examples.
    planted("tiny", "022fc05ff838001", "022fc05ff838003", "SL0108", "\"022fc05ff838003\"", "core_types.core.records[0].example"),
    planted("tiny", "\"conn[15]\": 1", "\"conn[16]\": 7", "SL0108", "7,", "core_types.core.records[0].example"),
    planted("tiny", "\"axon\": 9", "\"axxn\": 9", "SL0108", "9,", "core_types.core.records[2].example"),
    planted("tiny", "\"s[1]\": -2", "\"s[1]\": -33", "SL0108", "-33", "core_types.core.records[0].example"),
    planted("tiny", "example: Some((values: {\"type\": 1}, hex: \"1\")),", "", "SL0108", "(", "core_types.core.records[1].example"),
    // Sets of values that must be proven.
    planted("tiny", "idle: {\"vth\": 127}", "idle: {\"vth\": 0}", "SL0109", "{\"vth\": 0}", "core_types.core.neuron.idle"),
    planted("tiny", "idle: {\"vth\": 127}", "idle: {\"vth\": 127, \"bias\": 1}", "SL0109", "{\"vth\"", "core_types.core.neuron.idle"),
    planted("tiny", "idle: {\"vth\": 127}", "idle: {\"vht\": 127}", "SL0109", "{\"vht\"", "core_types.core.neuron.idle"),
    planted("tiny", "idle: {\"vth\": 127}", "idle: {\"vth\": 128}", "SL0109", "{\"vth\"", "core_types.core.neuron.idle"),
    planted("tiny", "Some((parameters: {\"vth\": 1}, value: 1))", "Some((parameters: {\"vth\": 2}, value: 1))", "SL0109", "(parameters: {\"vth\": 2}", "core_types.core.neuron.relay"),
    planted("tiny", "{\"vth\": 1}, value: 1", "{\"vth\": 1}, value: \"2^40\"", "SL0109", "\"2^40\"", "core_types.core.neuron.relay.value"),
    planted("tiny", "reset: HostWrite,", "hold: Some(\"u\"), reset: HostWrite,", "SL0109", "\"u\"", "core_types.core.neuron.hold"),
    planted("tiny", "reset: HostWrite,", "hold: Some(\"v\"), reset: HostWrite,", "SL0109", "\"v\"", "core_types.core.neuron.hold"),
    // Delays.
    planted("tiny", "Source(least: 1, most: 3)", "Source(least: 3, most: 1)", "SL0110", "Source(least: 3", "core_types.core.delay"),
    planted("tiny", "Source(least: 1, most: 3)", "Source(least: 0, most: 3)", "SL0110", "Source(least: 0", "core_types.core.delay"),
    planted("loihi1", "most: 62, bits: 6", "most: 62, bits: 5", "SL0110", "Synapse(", "core_types.neurocore.delay"),
    planted("tiny", "delay_least: 0", "delay_least: 4", "SL0110", "4", "io.host_in.delay_least"),
    // Bindings.
    planted("tiny", "Nearest(\"drive\")", "Nearest(\"drift\")", "SL0111", "\"drift\"", "bindings[0].parameters[0]"),
    planted("tiny", "\"beta == 1\"", "\"better == 1\"", "SL0111", "\"better", "bindings[0].requires[1]"),
    planted("tiny", "(\"bias\", Nearest(\"drive\")), ", "", "SL0111", "[(\"vth\"", "bindings[0].parameters"),
    planted("tiny", "(\"bias\", Nearest", "(\"leak\", Nearest", "SL0111", "(\"leak\"", "bindings[0].parameters[0]"),
    planted("tiny", "(\"vth\", Up(\"theta\"))", "(\"vth\", Up(\"theta\")), (\"vth\", Down(\"theta\"))", "SL0111", "(\"vth\", Down", "bindings[0].parameters[2]"),
    planted("tiny", "membrane: \"v\"", "membrane: \"u\"", "SL0111", "\"u\"", "bindings[0].membrane"),
    planted("tiny", "quantum: 1", "quantum: 0", "SL0111", "0,", "bindings[0].quantum"),
    // Provenance.
    planted("tiny", "source: \"us\"", "source: \"them\"", "SL0112", "\"them\"", "provenance[0].source"),
    planted("tiny", "path: \"core_types.core\"", "path: \"core_types.cor\"", "SL0112", "\"core_types.cor\"", "provenance[0].path"),
    // What a core can hold.
    planted("tiny", "slots: 8", "slots: 0", "SL0113", "0,", "core_types.core.slots"),
    planted("tiny", "types: 2, value_bits: 6", "types: 2, value_bits: 32", "SL0113", "BitCrossbar", "core_types.core.store"),
    planted("tiny", "Table(entries: 32)", "Table(entries: 0)", "SL0113", "Table(", "core_types.core.out_axons.organisation"),
    planted("loihi1", "count_bits: 6", "count_bits: 5", "SL0113", "BlockLists", "core_types.neurocore.store"),
    planted("loihi1", "format_bits: 4", "format_bits: 2", "SL0113", "BlockLists", "core_types.neurocore.store"),
    planted("loihi1", "index_bits: [6, 7, 8, 9, 10]", "index_bits: [6, 7, 8, 9]", "SL0113", "BlockLists", "core_types.neurocore.store"),
    planted("loihi1", "exponents: (-7, 7)", "exponents: (-7, 24)", "SL0113", "BlockLists", "core_types.neurocore.store"),
    planted("loihi1", "exponents: (-7, 7)", "exponents: (7, -7)", "SL0113", "BlockLists", "core_types.neurocore.store"),
    planted("loihi1", "align: 8", "align: 4000000000", "SL0113", "BlockLists", "core_types.neurocore.store"),
    planted("ranc", "\"-MAX_DIMENSION_X / 2\"", "\"MAX_DIMENSION_X\"", "SL0113", "Relative(", "core_types.core.out_axons.address"),
    planted("ample", "words: 4194304", "words: 4194304000", "SL0113", "(", "core_types.core.records[4]"),
    // Profiles.
    planted("loihi1", "{\"cx\": 32, \"vth\": 8}", "{\"cx\": 32}", "SL0114", "(name: \"vth\"", "core_types.neurocore.neuron.parameters[3]"),
    planted("loihi1", "{\"cx\": 32, \"vth\": 8}", "{\"cx\": 32, \"vth\": 0}", "SL0114", "0}", "core_types.neurocore.profiles.vth"),
    // Io and the version.
    planted("tiny", "host_out: Tap", "host_out: OutputNode", "SL0115", "OutputNode", "io.host_out"),
    planted("tiny", "            packet: [\n                (name: \"axon\"", "            packet: [\n                (name: \"a\", holds: RowType, bits: 1),(name: \"axon\"", "SL0115", "(name: \"a\"", "io.host_in.packet[0]"),
    planted("tiny", "bits: 2),\n            ],\n        ),\n        host_out", "bits: 60),\n            ],\n        ),\n        host_out", "SL0115", "[", "io.host_in.packet"),
    planted("ranc", "entry: Node(x: 0, y: 0)", "entry: Node(x: 9, y: 0)", "SL0115", "Node(x: 9", "io.host_in.entry"),
    planted("tiny", "schema: 1", "schema: 2", "SL0116", "2", "schema"),
    // Neuron programs: in plain strings, in raw strings of several lines, in declarations.
    planted("tiny", "\"v := v + w;\"", "\"v := v + u;\"", "SL0208", "u;\"", "core_types.core.neuron.on_event"),
    planted("tiny", "\"v := v + w;\"", "\"\\n\\tv := \\x76 + u;\"", "SL0208", "u;\"", "core_types.core.neuron.on_event"),
    planted("tiny", "\"v := v + w;\"", "r\"v := v / w;\"", "SL0206", "/ w", "core_types.core.neuron.on_event"),
    planted("tiny", "v := v + bias;", "v := v / bias;", "SL0206", "/ bias", "core_types.core.neuron.on_tick"),
    planted("tiny", "spike; v := 0; }", "spike; v := 0 << bias; }", "SL0220", "bias; }", "core_types.core.neuron.on_tick"),
    planted("tiny", "spike; v := 0; }", "spike; ä := 0; }", "SL0201", "ä := 0", "core_types.core.neuron.on_tick"),
    planted("tiny", "overflow: Wrap", "overflow: Forbid", "SL0221", "+ w;\"", "core_types.core.neuron.on_event"),
    planted("tiny", "(name: \"bias\", bits: 4, signed", "(name: \"if\", bits: 4, signed", "SL0212", "(name: \"if\"", "core_types.core.neuron.parameters[0]"),
    planted("ranc", "bits: \"POTENTIAL_WIDTH\", signed: true, overflow", "bits: 63, signed: true, overflow", "SL0218", "(name: \"v\"", "core_types.core.neuron.state[0]"),
    planted("tiny", "idle:", "after: Some(\"v := 1; q := 2;\"), idle:", "SL0208", "q := 2", "core_types.core.neuron.after"),
];

fn text_of(chip: &str) -> &'static str {
    builtin().iter().find(|(name, _)| *name == chip).expect("a shipped chip").1
}

fn plant(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "`{from}` is not in the file");
    text.replacen(from, to, 1)
}

/// The rest of the line at the place of a diagnostic, which must agree with the file.
fn pointed_at<'a>(text: &'a str, fault: &Diagnostic) -> &'a str {
    let Place::Text { line, column, source_line, .. } = &fault.place else { panic!("{fault} has no line") };
    let there = text.lines().nth(line - 1).expect("a line of the file");
    assert_eq!(there, source_line);
    let start = there.char_indices().nth(column - 1).map_or(there.len(), |(at, _)| at);
    &there[start..]
}

/// What is wrong with the report of a planted fault.
fn complaint(Planted { chip, from, to, code, at, field }: &Planted) -> Option<String> {
    let text = plant(text_of(chip), from, to);
    let faults = check_text(&text, chip);
    let found = faults.iter().find(|fault| fault.code == *code && fault.field.as_deref() == Some(*field));
    let Some(found) = found else {
        let all: Vec<_> = faults.iter().map(|fault| format!("{fault} {:?}", fault.field)).collect();
        return Some(format!("{to}: no {code} at {field}, but:\n{}", all.join("\n")));
    };
    let there = pointed_at(&text, found);
    if !there.starts_with(at) {
        return Some(format!("{to}: points at `{there}`, not at `{at}`"));
    }
    found.hint.as_ref().is_none_or(String::is_empty).then(|| format!("{to}: {code} has no hint"))
}

#[test]
fn each_kind_of_fault_is_found_at_its_place() {
    let complaints: Vec<_> = TABLE.iter().filter_map(complaint).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn all_faults_are_reported_at_once() {
    let text = plant(text_of("tiny"), "Fill(\"core\")", "Fill(\"cor\")");
    let text = plant(&text, "quantum: 1", "quantum: 0");
    let text = plant(&text, "\"v := v + w;\"", "\"v := v + u;\"");
    let codes: Vec<_> = check_text(&text, "tiny").iter().map(|fault| fault.code).collect();
    for code in ["SL0105", "SL0111", "SL0208"] {
        assert!(codes.contains(&code), "{code} is not in {codes:?}");
    }
}

#[test]
fn a_fault_of_a_variant_alone_names_it() {
    let text =
        plant(text_of("ranc"), "\"OUTPUT_CORE_Y_COORDINATE\": 3},", "\"OUTPUT_CORE_Y_COORDINATE\": 4},");
    let faults = check_text(&text, "ranc");
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].message.contains("variant `4x4`"), "{}", faults[0]);
}

#[test]
fn windows_line_ends_move_no_place() {
    let text = plant(text_of("tiny"), "v >= vth", "v >= vht").replace('\n', "\r\n");
    let faults = check_text(&text, "tiny");
    let there = pointed_at(&text, faults.iter().find(|fault| fault.code == "SL0208").expect("the fault"));
    assert!(there.starts_with("vht"), "{there}");
}
