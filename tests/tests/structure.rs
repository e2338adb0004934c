//! The structural check on what the compiler makes: no fault, and the certificates that are expected. And on
//! images whose claims about their slots are exchanged, which is a fault even where the slots compute the same.

use spikeloom_diagnostics::Severity;
use spikeloom_driver::pipeline::{self, Compiled, Options};
use spikeloom_image::Image;
use spikeloom_image::host::SlotRole;
use spikeloom_ir::program::{PopulationKind, Program};
use spikeloom_passes::partition::Effort;
use spikeloom_tests::{Network, TRAINED, network, root};
use spikeloom_verify::structure::{Checked, check};

/// What the witness claims of a slot: core, slot, role.
type Claim = (u32, u32, SlotRole);

const STEPS: u64 = 1000;

fn compile(network: &Network, chip: &str) -> spikeloom_diagnostics::Result<Compiled> {
    let options = Options { semantics: network.semantics.into(), effort: Effort::Fast, ..Options::default() };
    pipeline::compile(&network.path(), chip, &options)
}

fn checked(compiled: &Compiled) -> Checked {
    let image = Image::from_bytes(&compiled.image_bytes, "compiled.loom").unwrap();
    check(&image, compiled.program(), STEPS)
}

/// Each network and chip, and whether it compiles.
const COMPILES: [(&str, &[&str]); 6] = [
    ("digits_if_int8", &["loihi1", "ample"]),
    ("digits_tern", &["ranc", "ranc/4x4", "loihi1", "ample"]),
    ("digits_w2", &["ranc", "ranc/4x4", "loihi1", "ample"]),
    ("digits_ternb", &["ranc", "ample"]),
    ("digits_w2z", &["ranc", "ample"]),
    ("digits_lif_ff", &["loihi1", "ample"]),
];

#[test]
fn trained_networks_hold_on_every_chip_that_takes_them() {
    let mut held = 0;
    for network in &TRAINED {
        let (_, must) = COMPILES.iter().find(|(name, _)| *name == network.name).unwrap();
        for chip in ["ranc", "ranc/4x4", "loihi1", "ample", "tiny"] {
            let compiled = match compile(network, chip) {
                Ok(compiled) => compiled,
                Err(_) if !must.contains(&chip) => continue,
                Err(refused) => panic!("{} on {chip}: {refused}", network.name),
            };
            let checked = checked(&compiled);
            let place = format!("{} on {chip}: {:#?}", network.name, checked.faults);
            assert!(checked.holds() && checked.faults.is_empty(), "{place}");
            assert!(checked.slots >= compiled.program().neurons() as u64, "{place}");
            assert!(checked.synapses >= compiled.program().synapses() as u64, "{place}");
            // Every program that ships adds up its events in a state that wraps, and none can trap.
            assert_eq!((checked.order_free, checked.order_free_steps), (true, None), "{place}");
            assert_eq!((checked.no_trap, checked.no_trap_steps), (true, None), "{place}");
            held += 1;
        }
    }
    assert!(held >= COMPILES.iter().map(|(_, chips)| chips.len()).sum::<usize>(), "{held} pairs");
}

/// Every network of the tests that a chip beside them takes.
fn on_test_chip(name: &str) -> Vec<Checked> {
    let chip = root().join("tests/chips").join(name);
    let small = ["pair", "loop"]
        .map(|name| (root().join(format!("tests/networks/small/{name}.nir")), "nir,compare=ge"));
    let networks = TRAINED.iter().map(|network| (network.path(), network.semantics)).chain(small);
    networks
        .filter_map(|(path, semantics)| {
            let options = Options { semantics: semantics.into(), effort: Effort::Fast, ..Options::default() };
            pipeline::compile(&path, chip.to_str().unwrap(), &options).ok()
        })
        .map(|compiled| checked(&compiled))
        .collect()
}

#[test]
fn an_order_that_matters_takes_the_certificate_away() {
    let found = on_test_chip("serial.ron");
    assert!(!found.is_empty(), "some network fits");
    for checked in found {
        assert!(checked.holds(), "{:#?}", checked.faults);
        assert!(!checked.order_free && checked.order_free_steps == Some(0));
        let warning = checked.faults.iter().find(|fault| fault.code == "SL0939").unwrap();
        assert_eq!(warning.severity, Severity::Warning);
    }
}

#[test]
fn draws_are_of_the_neurons_own_stream() {
    let found = on_test_chip("noisy.ron");
    assert!(!found.is_empty(), "some network fits");
    for checked in found {
        assert!(checked.faults.is_empty() && checked.order_free, "{:#?}", checked.faults);
    }
    let path = root().join("tests/networks/small/pair.nir");
    let chip = root().join("tests/chips/noisy.ron");
    let options = Options { semantics: "nir,compare=ge".into(), effort: Effort::Fast, ..Options::default() };
    let compiled = pipeline::compile(&path, chip.to_str().unwrap(), &options).unwrap();
    let mut image = compiled.image.clone();
    let (core, slot, _) = w_of(&image, 0);
    image.cores.iter_mut().find(|(number, _)| *number == core).unwrap().1.streams[slot as usize] += 1;
    let faults = check(&image, compiled.program(), STEPS).faults;
    assert_eq!(faults.iter().map(|fault| fault.code).collect::<Vec<_>>(), ["SL0924"], "{faults:#?}");
    let mut image = compiled.image.clone();
    image.meta.iter_mut().find(|(name, _)| name == "option seed").unwrap().1 = "12".into();
    let faults = check(&image, compiled.program(), STEPS).faults;
    assert_eq!(faults.iter().map(|fault| fault.code).collect::<Vec<_>>(), ["SL0924"], "{faults:#?}");
}

fn w_of(image: &Image, entry: usize) -> (u32, u32, SlotRole) {
    image.debug.as_ref().unwrap().witness[entry]
}

/// Places of primaries in the witness, by population.
fn primaries(image: &Image, program: &Program, population: &str) -> Vec<usize> {
    let p = program.populations.iter().position(|p| p.name == population).unwrap();
    let witness = &image.debug.as_ref().unwrap().witness;
    (0..witness.len())
        .filter(|i| witness[*i].2.is_primary && witness[*i].2.population as usize == p)
        .collect()
}

#[test]
fn exchanged_claims_are_found() {
    for chip in ["ranc", "loihi1"] {
        let compiled = compile(&network("digits_tern"), chip).unwrap();
        for (a, b) in [(0, 1), (3, 77), (126, 127)] {
            let mut image = compiled.image.clone();
            let hidden = primaries(&image, compiled.program(), "hidden");
            let witness = &mut image.debug.as_mut().unwrap().witness;
            let (role_a, role_b) = (witness[hidden[a]].2, witness[hidden[b]].2);
            (witness[hidden[a]].2, witness[hidden[b]].2) = (role_b, role_a);
            let image = Image::from_bytes(&image.to_bytes().unwrap(), "exchanged.loom").unwrap();
            let checked = check(&image, compiled.program(), STEPS);
            assert!(!checked.holds(), "{chip}: hidden[{a}] and hidden[{b}] are not the same neuron");
        }
    }
}

#[test]
fn claims_that_can_not_be_true_are_found() {
    let compiled = compile(&network("digits_tern"), "ranc").unwrap();
    let program = compiled.program();
    let codes = |change: &dyn Fn(&mut Image)| -> Vec<&'static str> {
        let mut image = compiled.image.clone();
        change(&mut image);
        let mut codes: Vec<_> = check(&image, program, STEPS).faults.iter().map(|fault| fault.code).collect();
        codes.dedup();
        codes
    };
    let hidden = primaries(&compiled.image, program, "hidden");
    let witness = |image: &mut Image, change: &dyn Fn(&mut Vec<Claim>)| {
        change(&mut image.debug.as_mut().unwrap().witness);
    };
    let without =
        codes(&|image| witness(image, &|w| w.retain(|entry| *entry != w_of(&compiled.image, hidden[5]))));
    assert!(without.contains(&"SL0923"), "no primary: {without:?}");
    let twice = codes(&|image| witness(image, &|w| w.push(w[hidden[5]])));
    assert!(twice.contains(&"SL0922"), "one slot, two claims: {twice:?}");
    let both = codes(&|image| {
        witness(image, &|w| w.iter_mut().for_each(|(_, _, role)| role.is_primary = true));
    });
    assert!(both.contains(&"SL0923"), "two primaries: {both:?}");
    let nowhere = codes(&|image| witness(image, &|w| w[hidden[5]].1 = 9999));
    assert!(nowhere.contains(&"SL0922"), "no such slot: {nowhere:?}");
    let absent = codes(&|image| witness(image, &|w| w[hidden[5]].0 = 9999));
    assert!(absent.contains(&"SL0922"), "no such core: {absent:?}");
    let input = program.populations.iter().position(|p| p.kind == PopulationKind::Input).unwrap();
    let host = codes(&|image| witness(image, &|w| w[hidden[5]].2.population = input as u32));
    assert!(host.contains(&"SL0922"), "an input on a slot: {host:?}");
    assert_eq!(codes(&|image| image.debug = None), ["SL0920"]);
    assert_eq!(codes(&|image| image.host = None), ["SL0920"]);
    let renamed = codes(&|image| image.debug.as_mut().unwrap().symbols[0].name = "other".into());
    assert!(renamed.contains(&"SL0922"), "{renamed:?}");
    let reshaped = codes(&|image| image.debug.as_mut().unwrap().symbols[0].shape.push(1));
    assert!(reshaped.contains(&"SL0922"), "{reshaped:?}");
    let unheard = codes(&|image| image.host.as_mut().unwrap().inputs.clear());
    assert!(unheard.contains(&"SL0940"), "{unheard:?}");
    let unshown = codes(&|image| image.host.as_mut().unwrap().outputs.clear());
    assert!(unshown.contains(&"SL0940"), "{unshown:?}");
    let cut = codes(&|image| image.host.as_mut().unwrap().tail_steps = 0);
    assert_eq!(cut, ["SL0936"]);
    let is_idle = |number: u32| compiled.image.debug.as_ref().unwrap().witness.iter().all(|w| w.0 != number);
    let idle =
        compiled.image.cores.iter().map(|(number, _)| *number).find(|number| is_idle(*number)).unwrap();
    let silent = codes(&|image| image.cores.retain(|(number, _)| *number != idle));
    assert_eq!(silent, ["SL0932"], "a core that is left out runs with zeros, which fire");
}

#[test]
fn another_chip_is_not_compared() {
    let (ranc, wide) = (
        compile(&network("digits_tern"), "ranc").unwrap(),
        compile(&network("digits_tern"), "ranc/4x4").unwrap(),
    );
    let checked = check(&ranc.image, wide.program(), STEPS);
    assert_eq!(checked.faults.iter().map(|fault| fault.code).collect::<Vec<_>>(), ["SL0921"]);
    assert!(!checked.holds() && !checked.order_free && !checked.no_trap);
}
