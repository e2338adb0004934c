use super::*;

fn member(version: u8, dict: &str) -> Vec<u8> {
    let mut bytes = [MAGIC, &[version, 0]].concat();
    match version {
        1 => bytes.extend((dict.len() as u16).to_le_bytes()),
        _ => bytes.extend((dict.len() as u32).to_le_bytes()),
    }
    bytes.extend(dict.as_bytes());
    bytes
}

fn read(dict: &str) -> Result<Header, Fault> {
    Header::read(&mut &member(1, dict)[..])
}

#[test]
fn headers_are_read_in_all_their_spellings() {
    for (dict, dtype, shape, big_endian, fortran) in [
        (
            "{'descr': '|u1', 'fortran_order': False, 'shape': (3, 4), }   \n",
            Dtype::U8,
            vec![3, 4],
            false,
            false,
        ),
        ("{\"shape\":(5,),\"descr\":\">f8\",\"fortran_order\":True}", Dtype::F64, vec![5], true, true),
        ("{'descr': '<i8', 'fortran_order': False, 'shape': (), }\n", Dtype::I64, vec![], false, false),
        (
            "{'descr': '=u2', 'fortran_order': False, 'shape': (3L, 0), }\n",
            Dtype::U16,
            vec![3, 0],
            false,
            false,
        ),
    ] {
        for version in 1..=3 {
            let bytes = member(version, dict);
            let header = Header::read(&mut &bytes[..]).unwrap();
            assert_eq!((header.dtype, &header.shape), (dtype, &shape), "{dict}");
            assert_eq!((header.big_endian, header.fortran, header.start), (big_endian, fortran, bytes.len()));
        }
    }
}

#[test]
fn ill_formed_headers_are_refused() {
    for dict in [
        "",
        "{",
        "{}",
        "{'descr': '<u2'}",
        "{'descr': 'u2', 'fortran_order': False, 'shape': ()}",
        "{'descr': '<u2', 'fortran_order': 0, 'shape': ()}",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (1 2)}",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (,)}",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (18446744073709551616,)}",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (), 'more': 1}",
        "{'descr': '<u2', 'descr': '<u2', 'fortran_order': False, 'shape': ()}",
        "{'descr': '<u2', 'fortran_order': False, 'shape': ()} x",
    ] {
        assert!(matches!(read(dict), Err(Fault::Malformed(_))), "{dict}: {:?}", read(dict));
    }
    let deep = format!("{{'descr': '<u2', 'fortran_order': False, 'shape': {}}}", "(".repeat(60_000));
    assert!(matches!(read(&deep), Err(Fault::Malformed(_))));
    let axes = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({})}}", "1,".repeat(65));
    assert!(matches!(read(&axes), Err(Fault::Malformed(_))));
    let large = "{'descr': '<u2', 'fortran_order': False, 'shape': (4294967296, 4294967296)}";
    assert!(matches!(read(large), Err(Fault::Large(_))));
    assert!(matches!(Header::read(&mut &b"\x93NUMPY\x02\0\xff\xff\xff\xff"[..]), Err(Fault::Malformed(_))));
    assert!(matches!(Header::read(&mut &member(4, "{}")[..]), Err(Fault::Malformed(_))));
}

#[test]
fn elements_that_are_no_numbers_are_refused_with_a_way_out() {
    for descr in [
        "'|O'",
        "'<U3'",
        "'|S3'",
        "'<c16'",
        "'<f2'",
        "'<M8[s]'",
        "'|V4'",
        "''",
        "[('a', '<u2'), ('b', 'u1')]",
    ] {
        let dict = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': ()}}");
        assert!(matches!(read(&dict), Err(Fault::Dtype(..))), "{dict}: {:?}", read(&dict));
    }
}

#[test]
fn written_headers_are_aligned_and_read_back() {
    for shape in [vec![], vec![7], vec![2, 3], vec![1; 64]] {
        let data = Data::U16(vec![0; shape.iter().product()]);
        let bytes = header_bytes(&Array { name: "a".into(), shape: shape.clone(), data });
        assert_eq!(bytes.len() % 64, 0);
        let header = Header::read(&mut &bytes[..]).unwrap();
        assert_eq!((header.shape, header.start, header.dtype), (shape, bytes.len(), Dtype::U16));
    }
}
