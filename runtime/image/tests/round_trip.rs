//! What is written is read, bit by bit as the chip file says.

mod common;

use common::{Random, image, normalised, random_core};
use proptest::prelude::*;
use spikeloom_chip::Chip;
use spikeloom_chip::layout::row_to_hex;
use spikeloom_image::Image;
use spikeloom_image::bits::MemoryBits;
use spikeloom_image::encode::encode_core;
use spikeloom_image::host::{Debug, Host, HostInput, HostOutput, HostReadout, SlotRole, Symbol, Tap};
use spikeloom_image::memory::{
    Block, CoreMemory, Destination, Event, ListFormat, StoreMemory, StoredAddress, StoredSynapse,
};
use std::sync::LazyLock;

type Shipped = LazyLock<Chip>;
static TINY: Shipped = LazyLock::new(|| spikeloom_chip::load("tiny").expect("a shipped chip"));
static RANC: Shipped = LazyLock::new(|| spikeloom_chip::load("ranc").expect("a shipped chip"));
static LOIHI1: Shipped = LazyLock::new(|| spikeloom_chip::load("loihi1").expect("a shipped chip"));
static AMPLE: Shipped = LazyLock::new(|| spikeloom_chip::load("ample").expect("a shipped chip"));

/// Random cores of a chip come back from the bytes of their image.
fn check(chip: &Chip, seed: u64) {
    let mut random = Random(seed);
    let mut numbers: Vec<usize> = chip.core_numbers().collect();
    let count = 1 + random.below(2) as usize;
    while numbers.len() > count {
        numbers.remove(random.below(numbers.len() as u64) as usize);
    }
    let mut cores = Vec::new();
    let mut expected = Vec::new();
    for number in numbers {
        let (_, core) = chip.core_at(number).expect("a core");
        let memory = random_core(core, &mut random);
        expected.push((number as u32, normalised(core, memory.clone())));
        cores.push((number as u32, memory));
    }
    let image = image(chip, cores);
    let bytes = image.to_bytes().expect("random values are in range");
    let read = Image::from_bytes(&bytes, "x.loom").expect("a good image");
    assert_eq!(read.chip.digest, chip.digest);
    assert_eq!(read.meta, image.meta);
    assert!(read.cores == expected, "the cores differ, seed {seed}");
    assert_eq!(read.to_bytes().expect("a good image"), bytes, "one image, one form");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn tiny_round_trips(seed: u64) {
        check(&TINY, seed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn ranc_round_trips(seed: u64) {
        check(&RANC, seed);
    }

    #[test]
    fn loihi1_round_trips(seed: u64) {
        check(&LOIHI1, seed);
    }

    #[test]
    fn ample_round_trips(seed: u64) {
        check(&AMPLE, seed);
    }
}

fn core_of(chip: &Chip) -> (&spikeloom_chip::schema::CoreType, CoreMemory) {
    let (_, core) = chip.core_at(0).expect("a core");
    (core, CoreMemory::empty(core))
}

fn hex(bits: &MemoryBits, row: usize) -> String {
    row_to_hex(bits.row(row), bits.width)
}

#[test]
fn a_slot_of_ranc_is_the_worked_example_of_its_chip_file() {
    let (core, mut memory) = core_of(&RANC);
    for (parameter, value) in [-3, 8, -256, 4, 1].into_iter().enumerate() {
        memory.parameters[parameter][0] = value; // leak, pth, nth, vr, mode
    }
    memory.states[0][0] = -9;
    let address = StoredAddress::Offset { x: 2, y: -1 };
    memory.destinations[0].push(Destination { address, axon: 5, delay: 3 });
    let StoreMemory::Crossbar { row_types, values, rows } = &mut memory.store else { panic!("a crossbar") };
    for (row_type, value) in [1, -1, 7, -8].into_iter().enumerate() {
        values[row_type][0] = value;
    }
    (rows[0][0], rows[255][0], row_types[1]) = (1, 1, 2);
    let bits = encode_core(core, &memory, "core 0").expect("values in range");
    assert_eq!(bits[0].rows(), 1, "rows of zeros are left out");
    assert_eq!(
        hex(&bits[0], 0),
        "8000000000000000000000000000000000000000000000000000000000000001fb81003ff03fe3fa0880405ff052"
    );
    assert_eq!((bits[1].rows(), hex(&bits[1], 1)), (2, "2".into()));
}

#[test]
fn a_slot_of_loihi1_is_the_worked_example_of_its_chip_file() {
    let (core, mut memory) = core_of(&LOIHI1);
    let destination = Destination { address: StoredAddress::Core(127), axon: 9, delay: 0 };
    memory.destinations[0] = vec![destination; 10];
    memory.destinations[1] = vec![destination; 2];
    (memory.profile_index[0][1], memory.profile_index[1][1]) = (3, 5);
    (memory.parameters[4][1], memory.parameters[5][1]) = (-2, 1); // bm, be
    (memory.states[1][1], memory.states[2][1]) = (64, -1); // u, v
    let bits = encode_core(core, &memory, "core 0").expect("values in range");
    assert_eq!(hex(&bits[0], 1), "00080280ffffff0000403ffea3");
    assert_eq!((bits[5].rows(), hex(&bits[5], 11)), (12, "004ff".into()));
}

/// Format 1 has 7 index bits, 8 weight bits and 4 delay bits, so that three synapses cross into a second word:
///
/// ```text
///  bit  0   6 bits  000010    3 synapses, minus one        = 0x2
///  bit  6   4 bits  0001      format 1                     = 0x40
///  bit 10   7 bits  0000101   slot 5                       = 0x1400
///  bit 17   8 bits  00000011  weight 3                     = 0x60000
///  bit 25   4 bits  0001      delay field 1                = 0x2000000
///  bit 29   7 bits  1100100   slot 100                     = 0xc80000000
///  bit 36   8 bits  11111110  weight -2                    = 0xfe000000000
///  bit 44   4 bits  0000      delay field 0
///  bit 48   7 bits  0000111   slot 7                       = 0x7000000000000
///  bit 55   8 bits  01111111  weight 127                   = 0x3f80000000000000
///  bit 63   4 bits  1001      delay field 9: 1 here        = 0x8000000000000000, 100 in the next word
/// ```
#[test]
fn a_block_of_three_synapses_is_that_worked_out_by_hand() {
    let (core, mut memory) = core_of(&LOIHI1);
    let synapses = [(5, 3, 1), (100, -2, 0), (7, 127, 9)]
        .map(|(slot, mantissa, delay_field)| StoredSynapse { slot, mantissa, delay_field });
    let format = ListFormat { exponent: -1, index_code: 1, delay_bits: 4 };
    let StoreMemory::Lists { formats, lists } = &mut memory.store else { panic!("lists") };
    *formats = vec![ListFormat { exponent: 0, index_code: 0, delay_bits: 0 }, format];
    lists[3] = vec![Block { format: 1, synapses: synapses.to_vec() }];
    let bits = encode_core(core, &memory, "core 0").expect("values in range");
    assert_eq!(bits[7].words, [0xbf87_0fec_8206_1442, 0b100]);
    assert_eq!((bits[4].rows(), hex(&bits[4], 3)), (4, "00004000".into()));
    // Delay bits 4 at bit 7, index code 1 at bit 4, exponent -1 at bit 0.
    assert_eq!((bits[6].rows(), hex(&bits[6], 1)), (2, "21f".into()));
    // Exponent -1 takes away the one bit of a mixed sign; 6 is the chip's final shift; the least delay is 1.
    let event = |slot, value, delay| Event { slot, value, delay };
    assert_eq!(memory.events(core, 3), [event(5, 192, 2), event(100, -128, 1), event(7, 8128, 10)]);
}

#[test]
fn host_tables_and_names_come_back() {
    let (_, memory) = core_of(&TINY);
    let mut image = image(&TINY, vec![(1, memory)]);
    image.meta.push(("source".into(), "näïve \"quotes\"\n".into()));
    image.host = Some(Host {
        inputs: vec![
            HostInput { name: "in".into(), shape: vec![2, 1], packets: vec![vec![0, u64::MAX], vec![]] },
            HostInput { name: "none".into(), shape: vec![0], packets: vec![] },
            HostInput { name: "one".into(), shape: vec![], packets: vec![vec![7]] },
        ],
        outputs: vec![HostOutput {
            name: "out".into(),
            shape: vec![2],
            lag: 3,
            taps: vec![Tap::Slot { core: 1, slot: 7 }, Tap::Channel(9)],
        }],
        readouts: vec![HostReadout {
            name: "sum".into(),
            shape: vec![2],
            lag: 2,
            scale: 0.1,
            state: "v".into(),
            slots: vec![(1, 7), (0, 0)],
        }],
        tail_steps: 5,
    });
    image.debug = Some(Debug {
        symbols: vec![Symbol { name: "fc".into(), shape: vec![2, 2], lag: 1, is_input: false }],
        witness: vec![(1, 7, SlotRole { is_primary: true, population: 0, index: 3 })],
    });
    let read = Image::from_bytes(&image.to_bytes().expect("good"), "x.loom").expect("good");
    assert_eq!((read.meta, read.host, read.debug), (image.meta, image.host, image.debug));
}

#[test]
fn every_flipped_bit_is_refused() {
    let (core, _) = core_of(&TINY);
    let good = image(&TINY, vec![(0, random_core(core, &mut Random(1)))]).to_bytes().expect("good");
    let mut bad = good.clone();
    for bit in 0..good.len() * 8 {
        bad[bit / 8] ^= 1 << (bit % 8);
        assert!(Image::from_bytes(&bad, "x.loom").is_err(), "bit {bit}");
        bad[bit / 8] ^= 1 << (bit % 8);
    }
}

#[test]
fn a_value_that_does_not_fit_is_named() {
    let (core, mut memory) = core_of(&TINY);
    memory.parameters[0][3] = 8;
    let fault = encode_core(core, &memory, "core 0").expect_err("4 bits").0.remove(0);
    assert_eq!((fault.code, fault.field.as_deref()), ("SL0350", Some("records.slot.bias")));
    assert_eq!((fault.need.as_deref(), fault.have.as_deref()), (Some("8"), Some("-8..=7")));
}
