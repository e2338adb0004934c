//! Sections whose checksums are good and whose content is not: refused or read, never a panic, and never more
//! memory or time than their size excuses.

mod common;

use common::{Random, image, random_core};
use proptest::prelude::*;
use proptest::sample::Index;
use spikeloom_chip::Chip;
use spikeloom_image::container::{self, Section};
use spikeloom_image::host::{Debug, Host, HostInput, HostOutput, HostReadout, SlotRole, Symbol, Tap};
use spikeloom_image::{Image, disassemble};
use std::sync::LazyLock;

/// A good image of one core, with all its sections.
struct Good {
    chip: Chip,
    sections: Vec<Section>,
}

fn good(spec: &str) -> Good {
    let chip = spikeloom_chip::load(spec).expect("a good chip");
    let number = chip.core_numbers().next().expect("a core");
    let memory = random_core(chip.core_at(number).expect("a core").1, &mut Random(7));
    let mut image = image(&chip, vec![(number as u32, memory)]);
    image.host = Some(Host {
        inputs: vec![HostInput { name: "in".into(), shape: vec![2], packets: vec![vec![1, 2], vec![]] }],
        outputs: vec![HostOutput {
            name: "out".into(),
            shape: vec![2],
            lag: 0,
            taps: vec![Tap::Channel(1), Tap::Slot { core: 0, slot: 1 }],
        }],
        readouts: vec![HostReadout {
            name: "sum".into(),
            shape: vec![2],
            lag: 1,
            scale: 64.0,
            state: "v".into(),
            slots: vec![(0, 1), (0, 2)],
        }],
        tail_steps: 1,
    });
    image.debug = Some(Debug {
        symbols: vec![Symbol { name: "fc".into(), shape: vec![2], lag: 0, is_input: false }],
        witness: vec![(0, 1, SlotRole { is_primary: true, population: 0, index: 1 })],
    });
    let bytes = image.to_bytes().expect("good");
    Good { chip, sections: container::read(&bytes, "x.loom").expect("good") }
}

static GOOD: LazyLock<Vec<Good>> =
    LazyLock::new(|| ["tiny", "ranc,NUM_NEURONS=16,NUM_AXONS=16,NUM_WEIGHTS=3", "loihi1"].map(good).into());

fn with(sections: &[Section], name: &str, bytes: Vec<u8>) -> Vec<u8> {
    let mut sections = sections.to_vec();
    sections.iter_mut().find(|s| s.name == name).expect("a section").bytes = bytes;
    container::write(&sections)
}

/// Reads a file; what is accepted can be shown, written and read again, and settles.
fn survive(bytes: &[u8]) {
    let Ok(image) = Image::from_bytes(bytes, "x.loom") else { return };
    assert!(!disassemble::overview(&image).contains(" \n"));
    for (number, _) in &image.cores {
        assert!(!disassemble::core(&image, *number).expect("a core of the image").contains(" \n"));
    }
    let again = image.to_bytes().expect("what was read can be written");
    let second = Image::from_bytes(&again, "x.loom").expect("what was written can be read");
    assert_eq!(second.to_bytes().expect("good"), again, "one form");
    assert_eq!((second.host, second.debug), (image.host, image.debug));
}

const SECTIONS: [&str; 7] = ["META", "MEM", "HOST.IN", "HOST.OUT", "HOSTREAD", "SYMBOLS", "WITNESS"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn random_sections_do_not_panic(
        chip in 0..3usize,
        section in 0..SECTIONS.len(),
        bytes in prop::collection::vec(prop_oneof![any::<u8>(), 0u8..3, Just(255)], 0..200),
    ) {
        survive(&with(&GOOD[chip].sections, SECTIONS[section], bytes));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn damaged_sections_do_not_panic(
        chip in 0..3usize,
        section in prop_oneof![Just(1), 0..SECTIONS.len()],
        changes in prop::collection::vec((any::<Index>(), prop_oneof![any::<u8>(), Just(255)]), 0..5),
        huge in prop::option::of(any::<Index>()),
        cut in prop::option::of(any::<Index>()),
    ) {
        let name = SECTIONS[section];
        let sections = &GOOD[chip].sections;
        let mut bytes = sections.iter().find(|s| s.name == name).expect("a section").bytes.clone();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Some(place) = huge {
            let place = place.index(bytes.len());
            bytes[place..].iter_mut().take(4).for_each(|byte| *byte = 255);
        }
        if let Some(place) = cut {
            bytes.truncate(place.index(bytes.len()));
        }
        survive(&with(sections, name, bytes));
    }
}

fn code(bytes: &[u8]) -> (&'static str, usize) {
    let faults = Image::from_bytes(bytes, "x.loom").expect_err("a fault").0;
    (faults[0].code, faults.len())
}

#[test]
fn huge_counts_are_refused() {
    for good in GOOD.iter() {
        for name in SECTIONS {
            for zeros in [0, 4, 8, 12, 16] {
                let bytes = [vec![0; zeros], vec![255; 4], vec![0; 64]].concat();
                survive(&with(&good.sections, name, bytes));
            }
            assert_eq!(code(&with(&good.sections, name, vec![255; 64])).0, "SL0354", "{name}");
        }
        // A shape of 2^28 elements that are not there.
        let shape = [&[1u8, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 16][..], &[0; 64]].concat();
        assert_eq!(code(&with(&good.sections, "HOST.OUT", shape)).0, "SL0354");
    }
}

#[test]
fn sections_that_belong_together_are_both_there() {
    for (left_out, kept) in [(3, 4), (4, 3), (6, 7), (7, 6)] {
        let mut sections = GOOD[0].sections.clone();
        assert!(["HOST.IN", "HOST.OUT", "SYMBOLS", "WITNESS"].contains(&sections[kept].name.as_str()));
        sections.remove(left_out);
        assert_eq!(code(&container::write(&sections)), ("SL0354", 1));
    }
    let mut sections = GOOD[0].sections.clone();
    sections.truncate(3);
    assert!(Image::from_bytes(&container::write(&sections), "x.loom").is_ok(), "a foreign image");
}

#[test]
fn an_image_for_another_description_is_refused() {
    let other = GOOD[1].chip.text.clone().into_bytes();
    assert_eq!(code(&with(&GOOD[0].sections, "CHIP", other)), ("SL0355", 1));
}

/// The MEM section of one core of `ample`: rows of each memory, as bytes.
fn ample(memories: [(u32, Vec<u8>); 5]) -> Vec<u8> {
    static AMPLE: LazyLock<Good> = LazyLock::new(|| good("ample"));
    let mut bytes = vec![1, 0, 0, 0, 0, 0, 0, 0];
    for (rows, content) in memories {
        bytes.extend(rows.to_le_bytes());
        bytes.extend(content);
    }
    with(&AMPLE.sections, "MEM", bytes)
}

#[test]
fn long_lists_of_nothing_cost_nothing() {
    let none = || (0, Vec::new());
    // Every in-axon has a list of 8,191 blocks at word 0: half a thousand million blocks of one synapse.
    let in_axon = ((8191u64 << 22).to_le_bytes()[..5]).to_vec();
    let in_axons = (65536, in_axon.repeat(65536));
    let (first, faults) = code(&ample([none(), in_axons.clone(), none(), none(), none()]));
    assert!(first == "SL0352" && faults < 100, "{first}, {faults} faults");
    // The same, and the words of one such list are there.
    let words = (8191, vec![0; 8191 * 8]);
    let (first, faults) = code(&ample([none(), in_axons, none(), none(), words]));
    assert!(first == "SL0352" && faults < 100, "{first}, {faults} faults");
    // Every slot has a run of 2^20 destinations.
    let mut slot = vec![0; 25];
    slot[24] = 1 << 2;
    let Ok(probe) = Image::from_bytes(&ample([none(), none(), none(), none(), none()]), "x.loom") else {
        panic!("an empty core is good")
    };
    let record = &probe.chip.core_at(0).expect("a core").1.records[0];
    let bits: u32 = record.fields.iter().map(|field| field.bits * field.count).sum();
    slot.resize(bits.div_ceil(8) as usize, 0);
    for entries in [0, 4096] {
        let slots = (4096, slot.repeat(4096));
        let file = ample([slots, none(), (entries, vec![0; entries as usize * 3]), none(), none()]);
        assert_eq!(code(&file), ("SL0353", 1));
    }
}
