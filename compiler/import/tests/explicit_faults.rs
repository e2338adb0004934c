//! What is wrong with explicit networks: each fault at its array, all of a file at once, and no claim believed.

use spikeloom_diagnostics::{Diagnostic, Severity};
use spikeloom_image::spikes::npz::{Array, Data, Member, Text, write_members};
use spikeloom_import::{is_explicit, read_explicit};
use spikeloom_ir::network::{Network, Stage, Values};
use spikeloom_ir::verify;

const SMALL: &[u8] = include_bytes!("explicit/small.npz");

fn read(bytes: &[u8]) -> (Network, Option<f64>, Vec<Diagnostic>) {
    let read = read_explicit(bytes, "net.npz").unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(verify::network(&read.0, None), []);
    read
}

/// The arrays of a network that is good.
fn good() -> Vec<(&'static str, Member)> {
    let numbers = |shape: &[usize], data: Data| {
        Member::Numbers(Array { name: String::new(), shape: shape.into(), data })
    };
    let one = |value: f64| numbers(&[], Data::F64(vec![value]));
    vec![
        ("spikeloom", numbers(&[], Data::I64(vec![1]))),
        ("dt", one(1e-3)),
        ("input/in", numbers(&[1], Data::I64(vec![2]))),
        ("population/p/model", text("lif")),
        ("population/p/shape", numbers(&[1], Data::I64(vec![3]))),
        ("population/p/tau_s", one(0.1)),
        ("population/p/threshold", one(1.0)),
        ("connection/fc/source", text("in")),
        ("connection/fc/target", text("p")),
        ("connection/fc/weight", numbers(&[3, 2], Data::F32(vec![0.5; 6]))),
        ("connection/fc/delay_s", one(0.0)),
        ("connection/list/source", text("p")),
        ("connection/list/target", text("p")),
        ("connection/list/source_index", numbers(&[2], Data::I64(vec![0, 2]))),
        ("connection/list/target_index", numbers(&[2], Data::I32(vec![1, 1]))),
        ("connection/list/weight", numbers(&[2], Data::I8(vec![-1, 1]))),
        ("connection/list/delay_steps", numbers(&[2], Data::U8(vec![1, 2]))),
        ("output/o", text("p")),
    ]
}

fn text(text: &str) -> Member {
    Member::Text(Text { name: String::new(), shape: vec![], elements: vec![text.into()] })
}

fn list(shape: &[usize], values: &[f64]) -> Member {
    Member::Numbers(Array { name: String::new(), shape: shape.into(), data: Data::F64(values.into()) })
}

fn file(arrays: &[(&str, Member)]) -> Vec<u8> {
    let named = arrays.iter().map(|(key, member)| match member.clone() {
        Member::Numbers(array) => Member::Numbers(Array { name: key.to_string(), ..array }),
        Member::Text(text) => Member::Text(Text { name: key.to_string(), ..text }),
    });
    write_members(&named.collect::<Vec<_>>()).unwrap()
}

/// The good network with other arrays in place of its own, or without some.
fn changed<'k>(changes: &[(&'k str, Option<Member>)]) -> Vec<u8> {
    let mut arrays: Vec<(&'k str, Member)> = good();
    for (key, member) in changes {
        arrays.retain(|(name, _)| name != key);
        arrays.extend(member.clone().map(|member| (*key, member)));
    }
    file(&arrays)
}

fn faults(bytes: &[u8]) -> Vec<Diagnostic> {
    let faults = read_explicit(bytes, "net.npz").expect_err("a fault").0;
    let errors: Vec<_> = faults.into_iter().filter(|d| d.severity == Severity::Error).collect();
    for fault in &errors {
        assert!(spikeloom_diagnostics::codes::find(fault.code).is_some(), "{}", fault.code);
    }
    errors
}

#[test]
fn a_source_without_synapses_has_a_delay_of_the_others() {
    // At 0, neuron 1 of the loop would make it one without delay.
    let delays = list(&[2], &[2.0, 3.0]);
    let (network, ..) = read(&changed(&[("connection/list/delay_steps", Some(delays))]));
    let looped = network.connections.iter().find(|c| c.path == ["list"]).unwrap();
    let Stage::Delay { seconds, .. } = &looped.stages[0] else { panic!("{:?}", looped.stages) };
    assert_eq!(*seconds, Values::Each(vec![2e-3, 2e-3, 3e-3]));
}

#[test]
fn the_network_that_faults_are_put_into_is_good() {
    assert_eq!(read(&changed(&[])).2, []);
}

#[test]
fn every_fault_names_its_array_and_what_is_needed() {
    let ints = |values: &[i64]| {
        let data = Data::I64(values.into());
        Some(Member::Numbers(Array { name: String::new(), shape: vec![values.len()], data }))
    };
    let one = |value: f64| Some(list(&[], &[value]));
    let nan = f64::NAN;
    let cases: Vec<(&str, Option<Member>, &str, &str, &str)> = vec![
        ("spikeloom", None, "SL0450", "net.npz", "an array `spikeloom`"),
        ("spikeloom", one(2.0), "SL0450", "net.npz spikeloom", "1"),
        ("spikeloom", Some(text("1")), "SL0453", "net.npz spikeloom", "numbers"),
        ("dt", one(0.0), "SL0455", "net.npz dt", "above 0 seconds"),
        ("dt", one(nan), "SL0454", "net.npz dt", "finite"),
        ("dt", Some(list(&[2], &[0.1, 0.1])), "SL0453", "net.npz dt", "one number"),
        ("colour", one(0.0), "SL0451", "net.npz colour", "population/NAME/FIELD"),
        ("population/p", one(0.0), "SL0451", "net.npz population/p", "population/NAME/FIELD"),
        ("input/", one(1.0), "SL0451", "net.npz input/", "input/NAME"),
        ("input/in", one(0.0), "SL0455", "net.npz input/in", "1 or more"),
        ("input/in", one(2.5), "SL0455", "net.npz input/in", "1 or more"),
        ("input/in", ints(&[1 << 13, 1 << 12]), "SL0455", "net.npz input/in", "at most 16777216"),
        ("input/in", Some(list(&[0], &[])), "SL0453", "net.npz input/in", "a list of sizes"),
        ("input/p", one(3.0), "SL0457", "net.npz population/p", ""),
        ("population/p/model", None, "SL0452", "net.npz population/p/model", "one text"),
        ("population/p/model", Some(text("izhikevich")), "SL0456", "net.npz population/p/model", "cuba_lif"),
        ("population/p/model", one(1.0), "SL0453", "net.npz population/p/model", "one text"),
        ("population/p/shape", None, "SL0452", "net.npz population/p/shape", "sizes"),
        ("population/p/tau_s", None, "SL0452", "net.npz population/p/tau_s", "one number"),
        ("population/p/tau_s", one(-0.1), "SL0455", "net.npz population/p/tau_s", "above 0"),
        ("population/p/tau_s", Some(list(&[3], &[1.0, 1.0, 0.0])), "SL0455", "population/p/tau_s", "above 0"),
        ("population/p/threshold", Some(list(&[2], &[1.0, 1.0])), "SL0453", "population/p/threshold", "[3]"),
        ("population/p/threshold", Some(list(&[3], &[1.0, nan, nan])), "SL0454", "p/threshold", "finite"),
        ("population/p/bias", Some(text("b")), "SL0453", "net.npz population/p/bias", "numbers"),
        ("population/p/rules", one(1.0), "SL0453", "net.npz population/p/rules", "one text"),
        ("population/p/tau_synapse_s", one(1.0), "SL0451", "p/tau_synapse_s", "tau_s, resistance"),
        ("connection/fc/source", None, "SL0452", "net.npz connection/fc/source", "one text"),
        ("connection/fc/source", Some(text("x")), "SL0457", "net.npz connection/fc/source", "\"in\", \"p\""),
        ("connection/fc/target", Some(text("x")), "SL0457", "net.npz connection/fc/target", "\"p\""),
        ("connection/fc/target", Some(text("in")), "SL0457", "net.npz connection/fc/target", "\"p\""),
        ("connection/fc/weight", None, "SL0452", "net.npz connection/fc/weight", "differ in size"),
        ("connection/fc/weight", Some(list(&[2, 3], &[0.0; 6])), "SL0453", "fc/weight", "[3, 2]"),
        ("connection/fc/weight", Some(list(&[3, 3], &[0.0; 9])), "SL0453", "fc/weight", "[3, 2]"),
        ("connection/fc/weight", one(1.0), "SL0453", "fc/weight", "source_index"),
        ("connection/fc/weight", Some(list(&[3], &[0.0; 3])), "SL0453", "fc/weight", "source_index"),
        ("connection/fc/weight", ints(&[1, 1 << 60]), "SL0453", "fc/weight", "2^53"),
        ("connection/fc/delay_s", one(-1.0), "SL0455", "fc/delay_s", "0 seconds or more"),
        ("connection/fc/delay_s", Some(list(&[3], &[0.0; 3])), "SL0453", "fc/delay_s", "each of 2 sources"),
        ("connection/fc/delay_steps", one(1.0), "SL0453", "net.npz connection/fc/delay_steps", ""),
        ("connection/fc/colour", one(1.0), "SL0451", "net.npz connection/fc/colour", "delay_steps"),
        ("connection/list/source_index", None, "SL0452", "list/source_index", "one index"),
        ("connection/list/source_index", ints(&[0]), "SL0453", "list/target_index", "1, as many as"),
        ("connection/list/source_index", ints(&[0, 3]), "SL0455", "list/source_index", "below 3"),
        ("connection/list/source_index", ints(&[0, -1]), "SL0455", "list/source_index", "0 to 2^32"),
        ("connection/list/source_index", one(1.0), "SL0453", "list/source_index", "one axis"),
        ("connection/list/source_index", Some(list(&[2], &[0.0; 2])), "SL0453", "source_index", "integer"),
        ("connection/list/target_index", Some(text("2")), "SL0453", "list/target_index", "indices"),
        ("connection/list/weight", None, "SL0452", "list/weight", "one weight"),
        ("connection/list/weight", Some(list(&[3], &[0.0; 3])), "SL0453", "list/weight", "2, as many"),
        ("connection/list/delay_steps", Some(list(&[2], &[1.0, 1.5])), "SL0455", "delay_steps", "whole"),
        ("connection/list/delay_steps", ints(&[1, 2, 3]), "SL0453", "list/delay_steps", "2, as many"),
        ("output/o", None, "SL0452", "net.npz", ""),
        ("output/o", Some(text("in")), "SL0457", "net.npz output/o", ""),
        ("output/o", Some(text("x")), "SL0457", "net.npz output/o", "\"p\""),
    ];
    for (key, member, code, place, need) in cases {
        let what = format!("{key} {member:?}");
        let faults = faults(&changed(&[(key, member)]));
        let fault = &faults[0];
        assert_eq!(fault.code, code, "{what}: {fault}");
        let found = fault.place.to_string();
        assert!(found.ends_with(place), "{what}: {found}");
        assert!(fault.need.clone().unwrap_or_default().contains(need), "{what}: {fault}");
        let has_way_out = fault.hint.is_some() || fault.need.is_some() && fault.have.is_some();
        assert!(has_way_out, "{what}: {fault}");
        assert!(faults.len() <= 3, "one fault is told once: {what}: {faults:?}");
    }
}

#[test]
fn all_faults_of_a_file_come_at_once() {
    let bytes = changed(&[
        ("dt", Some(list(&[], &[-1.0]))),
        ("population/p/threshold", None),
        ("population/p/leek", Some(list(&[], &[1.0]))),
        ("connection/fc/weight", Some(list(&[2, 3], &[0.0; 6]))),
        ("connection/list/target", Some(text("q"))),
        ("output/o", Some(text("q"))),
    ]);
    let codes: Vec<_> = faults(&bytes).iter().map(|d| d.code).collect();
    assert_eq!(codes, ["SL0455", "SL0452", "SL0451", "SL0453", "SL0457", "SL0457"]);
}

#[test]
fn a_transposed_matrix_is_told_to_be_one() {
    let fault = faults(&changed(&[("connection/fc/weight", Some(list(&[2, 3], &[0.0; 6])))])).remove(0);
    assert_eq!(fault.hint.as_deref(), Some("it is transposed: give `weight.T`"));
}

#[test]
fn delays_in_steps_without_a_step_are_noted() {
    let (network, dt, notes) = read(&changed(&[("dt", None)]));
    assert_eq!(dt, Some(1e-4));
    assert_eq!(notes.iter().map(|d| d.code).collect::<Vec<_>>(), ["SL0461"]);
    // Source 1 has no synapse.
    assert_eq!(
        network.connections[1].stages[0],
        Stage::Delay { size: 3, seconds: Values::Each(vec![1e-4, 1e-4, 2e-4]) }
    );
}

#[test]
fn what_nothing_drives_or_sees_is_warned_of() {
    let (_, _, notes) = read(&changed(&[
        ("population/q/model", Some(text("stepped"))),
        ("population/q/shape", Some(list(&[], &[1.0]))),
        ("population/q/membrane_decay", Some(list(&[], &[1.0]))),
        ("population/q/threshold", Some(list(&[], &[1.0]))),
    ]));
    assert_eq!(notes.iter().map(|d| d.code).collect::<Vec<_>>(), ["SL0419", "SL0420"]);
}

#[test]
fn parallel_synapses_that_add_up_to_infinity_are_refused() {
    let ints = |values: &[i64]| {
        let data = Data::I64(values.into());
        Some(Member::Numbers(Array { name: String::new(), shape: vec![values.len()], data }))
    };
    let bytes = changed(&[
        ("connection/list/source_index", ints(&[1, 1])),
        ("connection/list/weight", Some(list(&[], &[1e308]))),
        ("connection/list/delay_steps", None),
    ]);
    assert_eq!(faults(&bytes)[0].code, "SL0454");
    let steps = ints(&[900_000_000, 2]);
    let endless = changed(&[("dt", Some(list(&[], &[1e308]))), ("connection/list/delay_steps", steps)]);
    assert_eq!(faults(&endless)[0].code, "SL0455");
}

/// Sizes are claims that cost a file nothing; what they make be allocated has limits.
#[test]
fn claims_are_held_to_limits() {
    let claim = |size: f64| Some(list(&[], &[size]));
    let many: Vec<i64> = (0..2000).collect();
    let data = |values: &[i64]| {
        let data = Data::I64(values.into());
        Some(Member::Numbers(Array { name: String::new(), shape: vec![values.len()], data }))
    };
    // Two thousand synapses of two sources, each with a delay of its own.
    let sources: Vec<i64> = many.iter().map(|i| i % 2).collect();
    let targets = vec![0; 2000];
    let lists = |delays: &[i64]| {
        [
            ("connection/list/source_index", data(&sources[..delays.len()])),
            ("connection/list/target_index", data(&targets[..delays.len()])),
            ("connection/list/weight", claim(1.0)),
            ("connection/list/delay_steps", data(delays)),
        ]
    };
    let fault = faults(&changed(&lists(&many))).remove(0);
    assert_eq!((fault.code, fault.have.as_deref()), ("SL0458", Some("2000")));
    // A source of 2^24 elements with a thousand delays.
    let mut changes = vec![("population/p/shape", claim((1 << 24) as f64)), ("connection/fc/weight", None)];
    changes.extend(lists(&many[..1000]));
    changes.extend([("connection/fc/source", None), ("connection/fc/target", None)]);
    changes.push(("connection/fc/delay_s", None));
    let fault = faults(&changed(&changes)).remove(0);
    assert!(fault.code == "SL0458" && fault.message.contains("too few synapses"), "{fault}");
    // Seventeen of 2^24 elements.
    let names: Vec<String> = (0..17).map(|i| format!("input/big{i}")).collect();
    let big: Vec<_> = names.iter().map(|name| (name.as_str(), claim((1 << 24) as f64))).collect();
    let fault = faults(&changed(&big)).remove(0);
    assert!(fault.code == "SL0458" && fault.message.contains("populations"), "{fault}");
}

#[test]
fn other_files_are_told_what_they_are() {
    assert!(!is_explicit(b"\x89HDF\r\n\x1a\n") && !is_explicit(b"") && !is_explicit(b"loom 1"));
    let spikes = write_members(&[Member::Numbers(Array {
        name: "in".into(),
        shape: vec![1, 2],
        data: Data::U8(vec![0, 1]),
    })]);
    let fault = faults(&spikes.unwrap()).remove(0);
    assert_eq!((fault.code, fault.have.as_deref()), ("SL0450", Some("\"in\"")));
    assert_eq!(faults(&write_members(&[]).unwrap())[0].have.as_deref(), Some("no array"));
    assert_eq!(faults(&SMALL[..SMALL.len() / 2])[0].code, "SL0501");
}
