//! Mistakes planted in passes: the structural check of the image's bytes finds each, with the right kind of fault
//! and naming a neuron, a slot or an output. The level verifiers are left out here on purpose: some of these
//! mistakes they would have stopped before.

use spikeloom_chip::load;
use spikeloom_driver::pipeline::{Options, read_network, recorded_options, to_steps};
use spikeloom_image::Image;
use spikeloom_passes::faults::{ALL, Fault, with};
use spikeloom_passes::legalise::wiring::Wiring;
use spikeloom_passes::{emit, legalise, partition, place, program};
use spikeloom_tests::network;
use spikeloom_verify::structure::{Checked, check};

/// The image of a network whose passes make this mistake, held against its program.
fn checked(name: &str, chip: &str, fault: Option<Fault>) -> Checked {
    let network = network(name);
    let chip = load(chip).unwrap();
    let options = Options { semantics: network.semantics.into(), ..Options::default() };
    let (step, _) = to_steps(read_network(&network.path()).unwrap().0, &options).unwrap();
    let recorded = recorded_options(&step, &options);
    let (program, _) = program::to_program(&step, &chip, &recorded, program::Choice::default()).unwrap();
    let build = || {
        let wiring = Wiring::new(&program, &chip).unwrap();
        let division =
            partition::partition(&program, &chip, &wiring, partition::Options::default()).unwrap().0;
        let (cores, channels) = legalise::to_cores(&program, &chip, &wiring, &division).unwrap();
        let placed = place::place(cores, channels, &chip).unwrap();
        emit::emit_faulty(&placed, &chip).unwrap().to_bytes().unwrap()
    };
    let bytes = match fault {
        Some(fault) => with(fault, build),
        None => build(),
    };
    check(&Image::from_bytes(&bytes, "image").unwrap(), &program, 100)
}

/// Where the mistake shows, and the codes of which one must be found.
fn expected(fault: Fault) -> (&'static str, &'static str, &'static [&'static str]) {
    match fault {
        Fault::SynapseDropped => ("digits_tern", "ranc", &["SL0926", "SL0930"]),
        Fault::SynapseDoubled => ("digits_if_int8", "loihi1", &["SL0927", "SL0928"]),
        Fault::RowTypeChanged => ("digits_tern", "ranc", &["SL0928", "SL0930"]),
        Fault::CopiesSwapped => ("digits_tern", "ranc", &["SL0937"]),
        Fault::DelayLengthened => ("digits_tern", "ranc", &["SL0929", "SL0930"]),
        Fault::CoreMissed => ("digits_tern", "ranc", &["SL0937", "SL0934", "SL0931"]),
        Fault::ParametersOfNeighbour => ("digits_w2", "ranc", &["SL0924", "SL0930"]),
        Fault::StartForgotten => ("digits_ternb", "ranc", &["SL0925", "SL0930"]),
        Fault::IdleForgotten => ("digits_tern", "ranc", &["SL0932"]),
        Fault::LagForgotten => ("digits_tern", "ranc", &["SL0936"]),
        Fault::HostAxonMissed => ("digits_tern", "ranc", &["SL0937", "SL0931"]),
        Fault::OutputsSwapped => ("digits_tern", "ranc", &["SL0935"]),
        Fault::ProfileShared => ("digits_w2", "loihi1", &["SL0924"]),
    }
}

#[test]
fn every_mistake_of_a_pass_is_found() {
    let mut table = String::new();
    for fault in ALL {
        let (name, chip, codes) = expected(fault);
        assert!(checked(name, chip, None).holds(), "{name} on {chip} is good without a mistake");
        let found = checked(name, chip, Some(fault));
        assert!(!found.holds(), "{fault:?} is not found");
        let first = found.faults.iter().find(|f| codes.contains(&f.code));
        let first = first.unwrap_or_else(|| panic!("{fault:?}: {:#?}", found.faults));
        let place = first.place.to_string();
        assert!(!place.is_empty(), "{fault:?}: {first:?}");
        table.push_str(&format!(
            "{:<22} {} {}: {}\n",
            format!("{fault:?}"),
            first.code,
            place,
            first.message
        ));
    }
    insta::assert_snapshot!("faults_in_passes", table);
}
