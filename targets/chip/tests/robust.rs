//! No text and no specification of a chip makes the reader panic, hang, or take much memory.

use proptest::prelude::*;
use spikeloom_chip::{builtin, check_text, load};

#[test]
fn specifications_that_can_not_be_met_are_errors() {
    for (spec, code) in [
        ("", "SL0102"),
        (".", "SL0102"),
        ("/dev/zero", "SL0102"),
        ("nosuchchip", "SL0102"),
        ("nosuchchip/4x4", "SL0102"),
        ("ranc/none", "SL0102"),
        ("ranc/", "SL0102"),
        ("tiny/4x4", "SL0102"),
        ("ranc,", "SL0103"),
        ("ranc,FOO=1", "SL0103"),
        ("ranc,NUM_AXONS", "SL0103"),
        ("ranc,NUM_AXONS=x", "SL0103"),
        ("ranc,NUM_AXONS=99999999999999999999", "SL0103"),
        ("ranc,NUM_AXONS=0", "SL0113"),
        ("ranc,NUM_AXONS=-1", "SL0101"),
        ("ranc,NUM_AXONS=4000000000", "SL0113"),
        ("ranc,NUM_AXONS=16777217", "SL0113"),
        ("ranc,NUM_AXONS=16777216,NUM_NEURONS=1024", "SL0113"),
        ("ranc,NUM_AXONS=9000000000000000000", "SL0101"),
        ("ranc,NUM_NEURONS=0", "SL0113"),
        ("ranc,NUM_NEURONS=4000000000", "SL0113"),
        ("ranc,NUM_WEIGHTS=0", "SL0113"),
        ("ranc,NUM_WEIGHTS=64", "SL0113"),
        ("ranc,NUM_WEIGHTS=4000000000", "SL0113"),
        ("ranc,POTENTIAL_WIDTH=0", "SL0218"),
        ("ranc,POTENTIAL_WIDTH=63", "SL0218"),
        ("ranc,POTENTIAL_WIDTH=4000000000", "SL0218"),
        ("ranc,WEIGHT_WIDTH=0", "SL0113"),
        ("ranc,WEIGHT_WIDTH=64", "SL0113"),
        ("ranc,LEAK_WIDTH=65", "SL0218"),
        ("ranc,THRESHOLD_WIDTH=0", "SL0101"),
        ("ranc,THRESHOLD_WIDTH=64", "SL0101"),
        ("ranc,NUM_RESET_MODES=1", "SL0218"),
        ("ranc,NUM_TICKS=1", "SL0101"),
        ("ranc,NUM_TICKS=0", "SL0101"),
        ("ranc,NUM_TICKS=1000000", "SL0110"),
        ("ranc,NUM_OUTPUTS=0", "SL0105"),
        ("ranc,NUM_OUTPUTS=4000000000", "SL0105"),
        ("ranc,MAX_DIMENSION_X=0", "SL0107"),
        ("ranc,MAX_DIMENSION_X=3", "SL0101"),
        ("ranc,MAX_DIMENSION_X=-512", "SL0113"),
        ("ranc,MAX_DIMENSION_Y=4611686018427387904", "SL0101"),
        ("ranc,GRID_DIMENSION_X=0", "SL0105"),
        ("ranc,GRID_DIMENSION_X=3", "SL0105"),
        ("ranc,GRID_DIMENSION_X=100000000", "SL0105"),
        ("ranc,GRID_DIMENSION_X=4000000000,GRID_DIMENSION_Y=4000000000", "SL0105"),
        ("ranc,OUTPUT_CORE_X_COORDINATE=4", "SL0105"),
    ] {
        let faults = load(spec).map(|chip| chip.name().to_string()).expect_err(spec).0;
        let codes: Vec<_> = faults.iter().map(|fault| fault.code).collect();
        assert!(codes.contains(&code), "{spec}: {code} is not in {faults:#?}");
    }
}

#[test]
fn odd_but_good_specifications_are_taken() {
    for spec in [
        "ranc,WEIGHT_WIDTH=2",
        "ranc,NUM_AXONS=1",
        "ranc,NUM_WEIGHTS=1",
        "ranc,NUM_WEIGHTS=3",
        "ranc,NUM_NEURONS=1",
        "ranc, NUM_AXONS = 64",
        "ranc,GRID_DIMENSION_X=1000,GRID_DIMENSION_Y=1000",
    ] {
        if let Err(faults) = load(spec) {
            panic!("{spec}: {faults}");
        }
    }
}

/// One change to a text.
#[derive(Clone, Debug)]
enum Change {
    Delete(usize, usize),
    Replace(usize, u8),
    Copy(usize, usize, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let any = any::<prop::sample::Index>;
    let place = move || any().prop_map(|index| index.index(1 << 20));
    let byte = prop::sample::select(b"()[]{}\"':,.#-+*/\\ 0123456789rxuSN_\n\xc3".to_vec());
    prop_oneof![
        (place(), 1..40usize).prop_map(|(at, length)| Change::Delete(at, length)),
        (place(), byte).prop_map(|(at, byte)| Change::Replace(at, byte)),
        (place(), place(), 1..60usize).prop_map(|(from, to, length)| Change::Copy(from, to, length)),
    ]
}

fn apply(text: &mut Vec<u8>, change: &Change) {
    let length = text.len().max(1);
    match *change {
        Change::Delete(at, count) => {
            let at = at % length;
            text.drain(at.min(text.len())..(at + count).min(text.len()));
        }
        Change::Replace(at, byte) => {
            if let Some(place) = text.get_mut(at % length) {
                *place = byte;
            }
        }
        Change::Copy(from, to, count) => {
            let from = from % length;
            let piece = text[from.min(text.len())..(from + count).min(text.len())].to_vec();
            let to = (to % length).min(text.len());
            text.splice(to..to, piece);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn no_text_makes_the_reader_panic(chip in 0..4usize, changes in prop::collection::vec(change(), 1..4)) {
        let mut text = builtin()[chip].1.as_bytes().to_vec();
        changes.iter().for_each(|change| apply(&mut text, change));
        for fault in check_text(&String::from_utf8_lossy(&text), "changed") {
            prop_assert!(!fault.message.is_empty());
            spikeloom_diagnostics::render(&fault, false);
        }
    }

    /// Numbers decide about sizes: each is replaced by an extreme one.
    #[test]
    fn no_number_makes_the_reader_panic(
        chip in 0..4usize,
        place in any::<prop::sample::Index>(),
        number in prop::sample::select(vec![
            "0", "1", "-1", "2", "17", "31", "32", "33", "62", "63", "64", "65", "255", "65537", "16777217",
            "2147483647", "-2147483648", "4294967295", "9223372036854775807", "-9223372036854775808", "1e300",
        ]),
    ) {
        let text = builtin()[chip].1;
        let is_start = |at: &usize| {
            let bytes = text.as_bytes();
            bytes[*at].is_ascii_digit() && !(bytes[at - 1].is_ascii_alphanumeric() || b"_.-".contains(&bytes[at - 1]))
        };
        let starts: Vec<usize> = (1..text.len()).filter(is_start).collect();
        let start = starts[place.index(starts.len())];
        let end = start + text[start..].find(|c: char| !c.is_ascii_digit()).unwrap_or(0);
        let changed = format!("{}{number}{}", &text[..start], &text[end..]);
        for fault in check_text(&changed, "changed") {
            spikeloom_diagnostics::render(&fault, false);
        }
    }
}
