use proptest::prelude::*;

use super::*;

const STORED: &[u8] = include_bytes!("fixtures/stored.npz");
const DEFLATED: &[u8] = include_bytes!("fixtures/deflated.npz");

fn array(name: &str, shape: &[usize], data: Data) -> Array {
    Array { name: name.into(), shape: shape.into(), data }
}

fn faults(bytes: &[u8]) -> Vec<Diagnostic> {
    read_npz(bytes, "x.npz").expect_err("a fault").0
}

fn code(bytes: &[u8]) -> &'static str {
    faults(bytes)[0].code
}

/// A zip archive of these members.
fn zip_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn npy(shape: &str, bytes: &[u8]) -> Vec<u8> {
    let dict = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}\n");
    [b"\x93NUMPY\x01\0", &(dict.len() as u16).to_le_bytes()[..], dict.as_bytes(), bytes].concat()
}

#[test]
fn what_numpy_stores_is_read() {
    let ramp: Vec<u32> = (0..24).collect();
    let shape = [2, 3, 4];
    let expected = [
        array("bool", &shape, Data::Bool(ramp.iter().map(|n| n % 3 == 0).collect())),
        array("u8", &shape, Data::U8((0..24).collect())),
        array("u16_big", &shape, Data::U16((0..24).map(|n| n * 1000).collect())),
        array("u32_fortran", &shape, Data::U32(ramp.iter().map(|n| n * 100_000).collect())),
        array("u64", &[1], Data::U64(vec![u64::MAX])),
        array("group/ä", &[], Data::I8(vec![-5])),
    ];
    assert_eq!(read_npz(STORED, "x").unwrap(), expected);
}

#[test]
fn what_numpy_deflates_is_read() {
    let expected = [
        array("i16", &[1, 2], Data::I16(vec![-2, 3])),
        array("i32_big_fortran", &[2, 3, 4], Data::I32((-7..17).collect())),
        array("labels", &[3], Data::I64(vec![7, -1, 1 << 40])),
        array("f32", &[2], Data::F32(vec![0.5, -1.0])),
        array("f64_big", &[1], Data::F64(vec![0.1])),
        array("empty", &[0, 5], Data::U8(vec![])),
    ];
    assert_eq!(read_npz(DEFLATED, "x").unwrap(), expected);
}

#[test]
fn what_numpy_can_save_and_nobody_can_use_is_refused_at_once() {
    let faults = faults(include_bytes!("fixtures/refused.npz"));
    assert_eq!(faults.len(), 5);
    assert!(faults.iter().all(|fault| fault.code == "SL0504" && fault.hint.is_some()));
    assert!(faults[0].message.contains("Python objects"), "{}", faults[0]);
}

#[test]
fn what_is_written_is_read_and_the_same_bytes_again() {
    let arrays = [read_npz(STORED, "x").unwrap(), read_npz(DEFLATED, "x").unwrap()].concat();
    let bytes = write_npz(&arrays).unwrap();
    assert_eq!(read_npz(&bytes, "x").unwrap(), arrays);
    assert_eq!(write_npz(&arrays).unwrap(), bytes);
    assert_eq!(read_npz(&write_npz(&[]).unwrap(), "x").unwrap(), []);
}

#[test]
fn every_truncation_is_refused() {
    for good in [STORED, DEFLATED] {
        for length in 0..good.len() {
            assert_eq!(code(&good[..length]), "SL0501", "{length} bytes");
        }
    }
}

#[test]
fn a_flipped_bit_in_the_elements_is_refused_and_none_panics_or_changes_values() {
    for good in [STORED, DEFLATED] {
        let arrays = read_npz(good, "x").unwrap();
        for bit in 0..good.len() * 8 {
            let mut bad = good.to_vec();
            bad[bit / 8] ^= 1 << (bit % 8);
            // Times, attributes and names have no checksum in a zip archive; the elements have.
            if let Ok(read) = read_npz(&bad, "x") {
                let data = |arrays: &[Array]| arrays.iter().map(|a| a.data.clone()).collect::<Vec<_>>();
                assert_eq!(data(&read), data(&arrays), "bit {bit}");
            }
        }
    }
}

#[test]
fn lengths_that_lie_are_refused() {
    let member = |shape: &str, bytes: &[u8]| zip_of(&[("a.npy", &npy(shape, bytes))]);
    assert!(read_npz(&member("(3,)", b"abc"), "x").is_ok());
    for shape in ["(2,)", "(4,)", "(1000000000000,)", "(9223372036854775807,)"] {
        assert_eq!(code(&member(shape, b"abc")), "SL0502", "{shape}");
    }
    assert_eq!(code(&member("(9223372036854775807, 3)", b"abc")), "SL0506");
    // The archive agrees with the header, but the packed bytes cannot hold it.
    let mut forged = member("(1000000000000,)", b"abc");
    let central = forged.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    forged[central + 24..central + 28].copy_from_slice(&0xfffffffe_u32.to_le_bytes());
    assert_eq!(code(&forged), "SL0502");
}

#[test]
fn a_bomb_is_not_inflated() {
    // 16 MiB of zeros behind a header of three elements.
    let bomb = zip_of(&[("a.npy", &npy("(3,)", &vec![0; 16 << 20]))]);
    assert!(bomb.len() < 32 << 10 && code(&bomb) == "SL0502");
    // The same with a central directory that agrees with the header.
    let mut forged = bomb;
    let central = forged.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    let size = npy("(3,)", b"abc").len() as u32;
    forged[central + 24..central + 28].copy_from_slice(&size.to_le_bytes());
    assert_eq!(code(&forged), "SL0502");
    // An honest one is held to a limit.
    let honest = write_npz(&[array("a", &[1 << 20], Data::U8(vec![0; 1 << 20]))]).unwrap();
    let fault = Archive::open_within(&honest, "x", (1 << 20) - 1, false).err().unwrap().0.remove(0);
    assert_eq!(fault.code, "SL0506");
    assert!(Archive::open_within(&honest, "x", 1 << 20, false).is_ok());
}

#[test]
fn names_that_stand_twice_are_refused() {
    let mut bytes = zip_of(&[("aa.npy", &npy("(1,)", b"1")), ("ab.npy", &npy("(1,)", b"2"))]);
    for at in (0..bytes.len() - 6).rev() {
        if bytes[at..].starts_with(b"ab.npy") {
            bytes[at + 1] = b'a';
        }
    }
    let fault = faults(&bytes).remove(0);
    assert!(fault.code == "SL0505" && fault.message.contains("aa.npy"), "{fault}");
    let twice = [array("a", &[0], Data::U8(vec![])), array("a", &[0], Data::U8(vec![]))];
    assert_eq!(write_npz(&twice).unwrap_err().0[0].code, "SL0515");
    let long = [array(&"a".repeat(70_000), &[0], Data::U8(vec![]))];
    assert_eq!(write_npz(&long).unwrap_err().0[0].code, "SL0515");
}

#[test]
fn other_files_are_called_by_their_kind() {
    for (bytes, words) in [
        (&b"\x89HDF\r\n\x1a\n"[..], "HDF5"),
        (b"", "empty"),
        (b"0 1 1 0\n", "text"),
        (&npy("(3,)", b"abc"), "single array"),
        (&STORED[..100], "damaged"),
    ] {
        let fault = faults(bytes).remove(0);
        assert!(fault.code == "SL0501" && fault.message.contains(words), "{fault}");
    }
    let mixed = zip_of(&[("readme.txt", b"hello"), ("a.npy", b"hello"), ("b.npy", &npy("(0,)", b""))]);
    let codes: Vec<_> = faults(&mixed).iter().map(|fault| fault.code).collect();
    assert_eq!(codes, ["SL0503", "SL0503"]);
}

fn text(name: &str, shape: &[usize], elements: &[&str]) -> Member {
    let elements = elements.iter().map(|element| element.to_string()).collect();
    Member::Text(Text { name: name.into(), shape: shape.into(), elements })
}

fn npy_of(descr: &str, shape: &str, bytes: &[u8]) -> Vec<u8> {
    let dict = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    [b"\x93NUMPY\x01\0", &(dict.len() as u16).to_le_bytes()[..], dict.as_bytes(), bytes].concat()
}

#[test]
fn text_is_read_beside_numbers_where_it_is_asked_for() {
    let members = [
        Member::Numbers(array("n", &[2], Data::F64(vec![1.5, 2.0]))),
        text("population/ä/model", &[], &["lif"]),
        text("odd", &[2, 1], &["", "große \u{1f9e0}"]),
    ];
    let bytes = write_members(&members).unwrap();
    assert_eq!(read_members(&bytes, "x", 1 << 20).unwrap(), members);
    assert_eq!(write_members(&members).unwrap(), bytes);
    assert_eq!(faults(&bytes).iter().map(|fault| fault.code).collect::<Vec<_>>(), ["SL0504", "SL0504"]);
    assert_eq!(read_members(&bytes, "x", 50).unwrap_err().0[0].code, "SL0506");

    let big: Vec<u8> = "ab".chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
    let bytes = zip_of(&[("s.npy", &npy_of("|S4", "()", b"lif\0")), ("u.npy", &npy_of(">U2", "()", &big))]);
    let read = read_members(&bytes, "x", 1 << 20).unwrap();
    assert_eq!(read, [text("s", &[], &["lif"]), text("u", &[], &["ab"])]);
}

#[test]
fn text_that_is_none_or_too_much_is_refused() {
    let code = |descr: &str, shape: &str, bytes: &[u8]| {
        let bytes = zip_of(&[("a.npy", &npy_of(descr, shape, bytes))]);
        read_members(&bytes, "x", 1 << 30).expect_err("a fault").0.remove(0).code
    };
    assert_eq!(code("|S1", "()", b"\xff"), "SL0504");
    assert_eq!(code("<U1", "()", b"\0\xd8\0\0"), "SL0504");
    assert_eq!(code("|U1", "()", &[0; 4]), "SL0503");
    assert_eq!(code("<U1", "(2,)", &[0; 4]), "SL0502");
    assert_eq!(code("<U0", "(100000000000,)", b""), "SL0506");
    assert_eq!(code("<U99999999999999999999", "()", b""), "SL0504");
    assert_eq!(code("<U9999999999999999999", "()", b""), "SL0506");
    assert_eq!(code("|S40000", "()", &[65; 40_000]), "SL0506");
}

proptest! {
    #[test]
    fn any_counts_come_back(shape in prop::collection::vec(0_usize..5, 0..5), seed: u16) {
        let elements: usize = shape.iter().product();
        let values = (0..elements).map(|n| (n as u16).wrapping_mul(seed)).collect();
        let arrays = [array("n", &shape, Data::U16(values))];
        prop_assert_eq!(read_npz(&write_npz(&arrays).unwrap(), "x").unwrap(), arrays);
    }

    #[test]
    fn no_bytes_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..120), at in 0..STORED.len()) {
        let _ = read_npz(&bytes, "x");
        let mut spoilt = STORED.to_vec();
        bytes.truncate(STORED.len() - at);
        spoilt[at..at + bytes.len()].copy_from_slice(&bytes);
        let _ = read_npz(&spoilt, "x");
    }
}
