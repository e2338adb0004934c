//! Folders of `$readmemb` text.

mod common;

use common::{Random, random_core};
use spikeloom_chip::{Chip, load};
use spikeloom_diagnostics::Diagnostic;
use spikeloom_image::encode::encode_core;
use spikeloom_image::memory::{CoreMemory, Destination, StoreMemory, StoredAddress};
use spikeloom_image::{Image, read_folder};
use std::path::PathBuf;

/// Eight in-axons, four slots: 115 digits a slot, 2 a row type.
fn chip() -> Chip {
    load("ranc,NUM_AXONS=8,NUM_NEURONS=4").expect("a good chip")
}

fn folder(name: &str, files: &[(&str, &[u8])]) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("foreign").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    for (file, text) in files {
        std::fs::write(folder.join(file), text).expect("a file");
    }
    folder
}

fn read(name: &str, files: &[(&str, &[u8])]) -> Image {
    read_folder(&folder(name, files), &chip()).expect("a good folder")
}

fn fault(name: &str, files: &[(&str, &[u8])]) -> (Diagnostic, String) {
    let folder = folder(name, files);
    let fault = read_folder(&folder, &chip()).expect_err("a fault").0.remove(0);
    let place = fault.place.to_string();
    let place = place.strip_prefix(&folder.display().to_string()).expect("the folder").to_string();
    (fault, place)
}

/// What zeros mean.
const NOWHERE: Destination = Destination { address: StoredAddress::Offset { x: 0, y: 0 }, axon: 0, delay: 1 };

fn random(seed: u64) -> CoreMemory {
    let chip = chip();
    let (_, core) = chip.core_at(0).expect("a core");
    let mut memory = random_core(core, &mut Random(seed));
    memory.destinations.iter_mut().for_each(|d| d.resize(1, NOWHERE));
    memory
}

/// The rows of a memory of a core as digits.
fn digits(memory: &CoreMemory, record: usize) -> Vec<String> {
    let chip = chip();
    let (_, core) = chip.core_at(0).expect("a core");
    let bits = &encode_core(core, memory, "core").expect("values in range")[record];
    let digit = |row: usize, bit: u32| bits.row(row)[(bit / 64) as usize] >> (bit % 64) & 1;
    let line = |row| (0..bits.width).rev().map(|bit| if digit(row, bit) == 1 { '1' } else { '0' }).collect();
    (0..bits.rows()).map(line).collect()
}

#[test]
fn comments_gaps_addresses_and_a_missing_last_newline() {
    let mut memory = random(1);
    let rows = digits(&memory, 0);
    let spaced = rows[0].split_at(7);
    let text = format!(
        "// slots\r\n/* of core 0\n */{}_{}/* and */\n@3 // the last\n\t{}",
        spaced.0, spaced.1, rows[3]
    );
    let read = read("good", &[("csram_000.mem", text.as_bytes()), ("tc_000.mem", b"01 1_0\n@3\n11")]);
    // Slots 1 and 2 are idle, as the chip file says it; row 2 keeps type 0.
    for slot in [1, 2] {
        for (values, idle) in memory.parameters.iter_mut().zip([0, 255, -256, 0, 0]) {
            values[slot] = idle;
        }
        memory.states[0][slot] = 0;
        memory.destinations[slot] = vec![NOWHERE];
    }
    let StoreMemory::Crossbar { row_types, values, rows } = &mut memory.store else { panic!("a crossbar") };
    *row_types = vec![1, 2, 0, 3, 0, 0, 0, 0];
    values.iter_mut().for_each(|of_type| of_type[1..3].fill(0));
    rows.iter_mut().for_each(|row| row[0] &= 0b1001);
    assert_eq!(read.cores, [(0, memory)]);
    assert!(read.host.is_none() && read.debug.is_none());
}

#[test]
fn cores_without_files_are_left_out() {
    let memory = random(2);
    let text = digits(&memory, 0).join("\n");
    let read = read("one", &[("csram_002.mem", text.as_bytes()), ("tc_004.mem", b"10"), ("README", b"x")]);
    assert_eq!(read.cores.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [2, 4]);
    assert_eq!(read.cores[0].1.parameters, memory.parameters);
    assert_eq!(read.cores[1].1.parameters[1], [255; 4], "slots without a file are idle");
    let bytes = read.to_bytes().expect("good");
    assert_eq!(Image::from_bytes(&bytes, "x.loom").expect("good").cores, read.cores);
}

#[test]
fn no_files_at_all() {
    for (name, files) in [("empty", &[][..]), ("other", &[("core_0.txt", &b"01"[..])][..])] {
        let (fault, place) = fault(name, files);
        assert_eq!((fault.code, place.as_str()), ("SL0360", ""));
        assert!(fault.hint.is_some());
    }
}

#[test]
fn what_is_wrong_is_shown_where_it_stands() {
    let row = "01".repeat(57) + "1";
    let case = |name: &str, text: &str| fault(name, &[("csram_001.mem", text.as_bytes())]);
    let (wrong_width, place) = case("width", &format!("{row}\n  {}", &row[1..]));
    assert_eq!((wrong_width.code, place.as_str()), ("SL0361", "/csram_001.mem:2:3"));
    assert_eq!((wrong_width.need.as_deref(), wrong_width.have.as_deref()), (Some("115 digits"), Some("114")));
    assert_eq!(wrong_width.field.as_deref(), Some("records.csram"));
    for (name, digit) in [("x", "x"), ("two", "2"), ("umlaut", "ä"), ("slash", "/")] {
        let text = format!("/* ä */ {digit}{}", &row[1..]);
        let (no_digit, place) = case(name, &text);
        assert_eq!((no_digit.code, place.as_str()), ("SL0361", "/csram_001.mem:1:9"), "{digit}");
        assert!(no_digit.message.contains(&format!("`{digit}`")), "{}", no_digit.message);
    }
    let (too_many, place) = case("many", &format!("{row}\n").repeat(5));
    assert_eq!((too_many.code, place.as_str()), ("SL0361", "/csram_001.mem:5:1"));
    assert_eq!((too_many.need.as_deref(), too_many.have.as_deref()), (Some("5"), Some("4")));
    for address in ["@4", "@ffffffffffffffff"] {
        let (outside, place) = case("outside", &format!("{address}\n{row}"));
        assert_eq!((outside.code, place.as_str()), ("SL0361", "/csram_001.mem:2:1"), "{address}");
    }
    for address in ["@", "@g", "@1ffffffffffffffff", "@+1"] {
        let (no_address, place) = case("address", &format!("{row} {address}"));
        assert_eq!((no_address.code, place.as_str()), ("SL0361", "/csram_001.mem:1:117"), "{address}");
    }
    let (not_text, place) = fault("binary", &[("tc_000.mem", b"01\n\xff\xfe")]);
    assert_eq!((not_text.code, place.as_str()), ("SL0361", "/tc_000.mem:2:1"));
}
