//! Twenty faults planted in images: T1, the structural check, finds each and names the object; what T2, execution
//! beside the program, finds of them is recorded beside it.

use spikeloom_chip::schema::OutOrganisation;
use spikeloom_driver::pipeline::{Compiled, Options, compile};
use spikeloom_driver::verification::verify;
use spikeloom_image::Image;
use spikeloom_image::host::Tap;
use spikeloom_image::memory::{CoreMemory, StoreMemory, StoredAddress};
use spikeloom_image::packet;
use spikeloom_image::spikes::SpikeTrains;
use spikeloom_tests::network;
use spikeloom_verify::structure::check;

/// A fault: its name, the network and chip where it is planted, what it does, the codes of which T1 must give one,
/// and words that must stand in that finding.
struct Fault {
    name: &'static str,
    network: &'static str,
    chip: &'static str,
    plant: fn(&mut Image),
    codes: &'static [&'static str],
    words: &'static [&'static str],
}

const TERN: (&str, &str) = ("digits_tern", "ranc");
const INT8: (&str, &str) = ("digits_if_int8", "loihi1");
const W2: (&str, &str) = ("digits_w2", "loihi1");

fn fault(
    name: &'static str,
    (network, chip): (&'static str, &'static str),
    plant: fn(&mut Image),
    codes: &'static [&'static str],
    words: &'static [&'static str],
) -> Fault {
    Fault { name, network, chip, plant, codes, words }
}

fn faults() -> Vec<Fault> {
    vec![
        fault("dropped synapse", TERN, |i| set_bit(&mut i.cores[0].1, false), &["SL0926"], &["hidden["]),
        fault(
            "doubled synapse",
            INT8,
            |i| block(&mut i.cores[0].1, |s| s.insert(0, s[0])),
            &["SL0927", "SL0928"],
            &["_1["],
        ),
        fault(
            "swapped synapses",
            INT8,
            |i| block(&mut i.cores[0].1, |s| swap_slots(s)),
            &["SL0928"],
            &["_1["],
        ),
        fault(
            "value off by one",
            INT8,
            |i| block(&mut i.cores[0].1, |s| s[0].mantissa += 1),
            &["SL0928"],
            &["_1["],
        ),
        fault(
            "swapped rows",
            TERN,
            |i| rows(&mut i.cores[0].1, |_, rows| rows.swap(0, 5)),
            &["SL0937"],
            &["input[5]", "in-axon"],
        ),
        fault(
            "row type",
            TERN,
            |i| rows(&mut i.cores[0].1, |types, _| types[3] ^= 1),
            &["SL0928"],
            &["hidden["],
        ),
        fault("delay + 1", TERN, |i| i.cores[0].1.destinations[7][0].delay += 1, &["SL0929"], &["hidden[7]"]),
        fault("wrong lag", TERN, |i| host(i).outputs[0].lag += 1, &["SL0936"], &["output"]),
        fault("sign of a copy", TERN, |i| negate(&mut i.cores[0].1, 200), &["SL0930", "SL0928"], &["(copy)"]),
        fault(
            "a copy with another start",
            TERN,
            |i| i.cores[0].1.states[0][200] = 9,
            &["SL0930"],
            &["(copy)"],
        ),
        fault(
            "stale initial state",
            ("digits_ternb", "ranc"),
            |i| stale(&mut i.cores[1].1),
            &["SL0925"],
            &["out["],
        ),
        fault(
            "wrong destination core",
            TERN,
            |i| go_east(&mut i.cores[0].1, 4),
            &["SL0934", "SL0937"],
            &["hidden[4]"],
        ),
        fault(
            "two sources on one OR row",
            TERN,
            |i| share_axon(&mut i.cores[0].1),
            &["SL0931"],
            &["in-axon"],
        ),
        fault(
            "profile of another neuron",
            W2,
            |i| other_profile(&mut i.cores[0].1),
            &["SL0924"],
            &["profile `vth`"],
        ),
        fault(
            "idle slot that fires",
            TERN,
            |i| i.cores[1].1.parameters[1][255] = 0,
            &["SL0932"],
            &["slot 255"],
        ),
        fault("overfull list", INT8, |i| list_runs_on(&mut i.cores[0].1), &["SL0927", "SL0928"], &["_1["]),
        fault(
            "truncated list",
            INT8,
            |i| block(&mut i.cores[0].1, |s| s.truncate(s.len() - 1)),
            &["SL0926"],
            &["_1["],
        ),
        fault(
            "output tap of another neuron",
            TERN,
            |i| host(i).outputs[0].taps.swap(2, 3),
            &["SL0935"],
            &["output"],
        ),
        fault("host packet to another axon", TERN, other_axon, &["SL0937", "SL0931"], &["input["]),
        fault(
            "reset value",
            TERN,
            |i| i.cores[0].1.parameters[3][0] = 3,
            &["SL0924"],
            &["`vr`", "hidden[0]"],
        ),
    ]
}

fn host(image: &mut Image) -> &mut spikeloom_image::host::Host {
    image.host.as_mut().unwrap()
}

fn rows(memory: &mut CoreMemory, change: impl FnOnce(&mut Vec<u32>, &mut Vec<Vec<u64>>)) {
    let StoreMemory::Crossbar { row_types, rows, .. } = &mut memory.store else { panic!("no crossbar") };
    change(row_types, rows);
}

fn set_bit(memory: &mut CoreMemory, to: bool) {
    rows(memory, |_, rows| {
        let slot = rows[0][0].trailing_zeros();
        assert!(!to && slot < 64);
        rows[0][0] &= !(1 << slot);
    });
}

/// Changes the synapses of the first block of more than one synapse.
fn block(memory: &mut CoreMemory, change: impl FnOnce(&mut Vec<spikeloom_image::memory::StoredSynapse>)) {
    let StoreMemory::Lists { lists, .. } = &mut memory.store else { panic!("no lists") };
    let block = lists.iter_mut().flatten().find(|b| (4..60).contains(&b.synapses.len())).unwrap();
    change(&mut block.synapses);
}

fn swap_slots(synapses: &mut [spikeloom_image::memory::StoredSynapse]) {
    let other = synapses.iter().position(|s| s.mantissa != synapses[0].mantissa).unwrap();
    let slot = synapses[0].slot;
    synapses[0].slot = synapses[other].slot;
    synapses[other].slot = slot;
}

fn negate(memory: &mut CoreMemory, slot: usize) {
    let StoreMemory::Crossbar { values, .. } = &mut memory.store else { panic!("no crossbar") };
    values.iter_mut().for_each(|of_type| of_type[slot] = -of_type[slot]);
}

fn stale(memory: &mut CoreMemory) {
    let slot = memory.states[0].iter().position(|v| *v != 0).expect("a bias has a start of its own");
    memory.states[0][slot] = 0;
}

fn go_east(memory: &mut CoreMemory, slot: usize) {
    let StoredAddress::Offset { x, .. } = &mut memory.destinations[slot][0].address else {
        panic!("no offsets")
    };
    *x += 1;
}

fn share_axon(memory: &mut CoreMemory) {
    memory.destinations[0][0].axon = memory.destinations[1][0].axon;
}

fn other_profile(memory: &mut CoreMemory) {
    assert!(memory.profiles[1].len() > 1, "several thresholds");
    let index = &mut memory.profile_index[1][0];
    *index = (*index + 1) % memory.profiles[1].len() as u32;
}

fn list_runs_on(memory: &mut CoreMemory) {
    let StoreMemory::Lists { lists, .. } = &mut memory.store else { panic!("no lists") };
    let next = lists[1].clone();
    lists[0].extend(next);
}

fn other_axon(image: &mut Image) {
    let layout = image.chip.host_packet();
    let first = &mut host(image).inputs[0].packets;
    let packets = first.iter_mut().find(|p| !p.is_empty()).unwrap();
    let mut destination = packet::unpack(&layout, packets[0]);
    destination.axon += 1;
    packets[0] = packet::pack(&layout, &destination).unwrap();
}

fn inputs(network: &spikeloom_tests::Network) -> SpikeTrains {
    network.first_trains(20)
}

fn compiled(name: &str, chip: &str) -> Compiled {
    let network = network(name);
    compile(&network.path(), chip, &Options { semantics: network.semantics.into(), ..Options::default() })
        .unwrap()
}

#[test]
fn t1_finds_every_fault_and_t2_most() {
    let mut table = String::new();
    let mut wrong = String::new();
    let mut found_by_t2 = 0;
    let faults = faults();
    assert_eq!(faults.len(), 20);
    for fault in &faults {
        let mut compiled = compiled(fault.network, fault.chip);
        (fault.plant)(&mut compiled.image);
        // Through the bytes: what is checked is what a file would say.
        let bytes = compiled.image.to_bytes().unwrap();
        assert_ne!(bytes, compiled.image_bytes, "{}", fault.name);
        compiled.image = Image::from_bytes(&bytes, "image").unwrap();
        let checked = check(&compiled.image, compiled.program(), 100);
        assert!(!checked.holds(), "T1 misses: {}", fault.name);
        let names_it = |text: &str| fault.words.iter().all(|w| text.contains(w));
        let first = checked
            .faults
            .iter()
            .find(|f| fault.codes.contains(&f.code) && names_it(&format!("{} {}", f.place, f.message)));
        let said: Vec<String> = checked.faults.iter().map(|f| f.to_string()).collect();
        let Some(first) = first else {
            wrong.push_str(&format!("{}: {said:#?}\n", fault.name));
            continue;
        };
        let t2 = verify(&compiled, &inputs(&network(fault.network)), None, None);
        let differs = !t2.is_ok_and(|verdict| verdict.is_good);
        found_by_t2 += u32::from(differs);
        let word = if differs { "differs" } else { "misses" };
        table.push_str(&format!("{:<30} T1 {} {}; T2 {word}\n", fault.name, first.code, first.place));
    }
    assert!(wrong.is_empty(), "not named as expected:\n{wrong}");
    table.push_str(&format!("T1 20 of 20, T2 {found_by_t2} of 20\n"));
    assert!(found_by_t2 >= 15, "{table}");
    insta::assert_snapshot!("faults_in_images", table);
}

/// What the table takes for granted of its networks.
#[test]
fn the_images_are_good_without_a_fault() {
    for (name, chip) in [TERN, INT8, W2, ("digits_ternb", "ranc")] {
        let compiled = compiled(name, chip);
        assert!(check(&compiled.image, compiled.program(), 100).holds());
        let core = compiled.chip.core_type(&compiled.placed.cores.cores[0].core_type);
        let is_tapped = matches!(compiled.image.host.as_ref().unwrap().outputs[0].taps[0], Tap::Slot { .. });
        assert_eq!(is_tapped, matches!(core.out_axons.organisation, OutOrganisation::Table { .. }));
    }
}

/// The first divergence of an execution says the step, the neuron, both states, the events on either side, and why.
#[test]
fn a_divergence_is_explained() {
    let mut text = String::new();
    for name in ["row type", "delay + 1", "reset value", "truncated list"] {
        let fault = faults().into_iter().find(|f| f.name == name).unwrap();
        let mut compiled = compiled(fault.network, fault.chip);
        (fault.plant)(&mut compiled.image);
        let verdict = verify(&compiled, &inputs(&network(fault.network)), None, None).unwrap();
        let divergence = verdict.notes.iter().find(|n| n.code == "SL0911").unwrap();
        text.push_str(&format!("{name}\n{}\n\n", spikeloom_diagnostics::render(divergence, false)));
    }
    insta::assert_snapshot!("divergences", text);
}
