//! Explicit networks with damage of every kind, for a test and for `fuzz_npz`.

use spikeloom_image::spikes::npz::{Array, Data, Member, Text, read_members, write_members};

/// Numbers in a wild order that the seed fixes (xorshift).
pub(crate) struct Wild(u64);

/// Words that names and texts are made of.
const WORDS: [&str; 34] = [
    "spikeloom",
    "dt",
    "input",
    "population",
    "connection",
    "output",
    "model",
    "shape",
    "rules",
    "bias",
    "source",
    "target",
    "weight",
    "source_index",
    "target_index",
    "delay_s",
    "delay_steps",
    "tau_s",
    "threshold",
    "reset",
    "resistance",
    "in",
    "hidden",
    "out",
    "lif",
    "cuba_lif",
    "stepped",
    "sum",
    "decay=exp",
    "gain=1",
    "",
    "/",
    "..",
    "\u{1f9e0}",
];
const NUMBERS: [f64; 16] = [
    0.0,
    1.0,
    2.0,
    -1.0,
    0.5,
    3.0,
    -0.0,
    1e-300,
    1e308,
    16_777_216.0,
    16_777_217.0,
    4_294_967_296.0,
    1e15,
    f64::NAN,
    f64::INFINITY,
    f64::MAX,
];

impl Wild {
    pub(crate) fn new(seed: u64) -> Wild {
        Wild(seed.wrapping_mul(2).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 16
    }

    fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { self.next() as usize % end }
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// A damaged file: arrays that are not as they were, or bytes.
pub(crate) fn damaged(corpus: &[&[u8]], wild: &mut Wild) -> Vec<u8> {
    let whole = *wild.one(corpus);
    match wild.below(8) {
        0 => bytes(whole.to_vec(), wild),
        1 => {
            let mut files = npy_files(whole);
            let at = wild.below(files.len());
            files[at].1 = bytes(std::mem::take(&mut files[at].1), wild);
            stored(&files)
        }
        _ => {
            let mut members = read_members(whole, "corpus", 1 << 30).expect("a good file");
            for _ in 0..=wild.below(4) {
                members_changed(&mut members, wild);
            }
            // Names that stand twice can't be written.
            write_members(&members).unwrap_or_default()
        }
    }
}

fn bytes(mut bytes: Vec<u8>, wild: &mut Wild) -> Vec<u8> {
    let length = bytes.len().max(1);
    match wild.below(4) {
        0 => bytes.truncate(wild.below(length)),
        1 => {
            let from = wild.below(length);
            let piece = bytes[from..(from + wild.below(64)).min(bytes.len())].to_vec();
            let to = wild.below(length);
            bytes.splice(to..to, piece);
        }
        _ => {
            for _ in 0..=wild.below(6) {
                let (at, byte) = (wild.below(length), *wild.one(&[0, 1, 0x7f, 0xff, b'9', b'0', b',', b'(']));
                if let Some(place) = bytes.get_mut(at) {
                    *place = byte;
                }
            }
        }
    }
    bytes
}

fn members_changed(members: &mut Vec<Member>, wild: &mut Wild) {
    let at = wild.below(members.len());
    match wild.below(7) {
        0 if members.len() > 1 => drop(members.remove(at)),
        1 => {
            let name = new_name(wild);
            *name_of(&mut members[at]) = name;
        }
        2 => {
            let mut copy = members[at].clone();
            *name_of(&mut copy) = new_name(wild);
            members.push(copy);
        }
        3 => {
            // The content of one under the name of another.
            let other = wild.below(members.len());
            let name = name_of(&mut members[at]).clone();
            let mut copy = members[other].clone();
            *name_of(&mut copy) = name;
            members[at] = copy;
        }
        _ => match &mut members[at] {
            Member::Text(text) => text.elements = vec![wild.one(&WORDS).to_string(); 1 + wild.below(8) / 7],
            Member::Numbers(array) => numbers_changed(array, wild),
        },
    }
}

fn name_of(member: &mut Member) -> &mut String {
    match member {
        Member::Numbers(array) => &mut array.name,
        Member::Text(Text { name, .. }) => name,
    }
}

fn new_name(wild: &mut Wild) -> String {
    let parts: Vec<&str> = (0..=wild.below(4)).map(|_| *wild.one(&WORDS)).collect();
    parts.join("/")
}

fn numbers_changed(array: &mut Array, wild: &mut Wild) {
    let mut values: Vec<f64> = match &array.data {
        Data::F64(values) => values.clone(),
        Data::F32(values) => values.iter().map(|v| f64::from(*v)).collect(),
        Data::I64(values) => values.iter().map(|v| *v as f64).collect(),
        Data::I32(values) => values.iter().map(|v| f64::from(*v)).collect(),
        other => (0..other.len()).map(|i| i as f64).collect(),
    };
    match wild.below(4) {
        0 => {
            let at = wild.below(values.len());
            if let Some(value) = values.get_mut(at) {
                *value = *wild.one(&NUMBERS);
            }
        }
        1 => {
            let most = *wild.one(&[2, 3, 5, 1000]);
            values = (0..wild.below(300)).map(|_| wild.below(most) as f64).collect();
            array.shape = vec![values.len()];
        }
        2 if values.len() == 1 => array.shape = vec![1; wild.below(4)],
        2 => array.shape.reverse(),
        _ => {}
    }
    if array.shape.iter().product::<usize>() != values.len() {
        array.shape = vec![values.len()];
    }
    array.data = match wild.below(5) {
        0 => Data::I64(values.iter().map(|v| *v as i64).collect()),
        1 => Data::U8(values.iter().map(|v| *v as u8).collect()),
        2 => Data::F32(values.iter().map(|v| *v as f32).collect()),
        _ => Data::F64(values),
    };
}

/// Name and bytes of each `.npy` file in an npz that was written here.
fn npy_files(whole: &[u8]) -> Vec<(String, Vec<u8>)> {
    let members = read_members(whole, "corpus", 1 << 30).expect("a good file");
    let entry = |mut member: Member| {
        let name = format!("{}.npy", name_of(&mut member));
        (name, npy(&member))
    };
    members.into_iter().map(entry).collect()
}

fn npy(member: &Member) -> Vec<u8> {
    let (descr, shape, raw): (String, &[usize], Vec<u8>) = match member {
        Member::Text(text) => {
            let word = text.elements.concat();
            let raw = word.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
            (format!("<U{}", word.chars().count()), &[], raw)
        }
        Member::Numbers(array) => match &array.data {
            Data::F64(values) => {
                ("<f8".into(), &array.shape, values.iter().flat_map(|v| v.to_le_bytes()).collect())
            }
            Data::I64(values) => {
                ("<i8".into(), &array.shape, values.iter().flat_map(|v| v.to_le_bytes()).collect())
            }
            other => ("|u1".into(), &array.shape, vec![1; other.len()]),
        },
    };
    let sizes: String = shape.iter().map(|size| format!("{size},")).collect();
    let dict = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({sizes}), }}\n");
    [b"\x93NUMPY\x01\0", &(dict.len() as u16).to_le_bytes()[..], dict.as_bytes(), &raw].concat()
}

/// A zip archive of stored files, whose checksums hold whatever is in them.
fn stored(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut out, mut central) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let (crc, size, offset) = (crc32(bytes), bytes.len() as u32, out.len() as u32);
        let mut common = [20u16, 0x800, 0, 0, 0x21].iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>();
        common.extend([crc, size, size].iter().flat_map(|n| n.to_le_bytes()));
        common.extend([name.len() as u16, 0].iter().flat_map(|n| n.to_le_bytes()));
        out.extend([b"PK\x03\x04", &common[..], name.as_bytes(), bytes].concat());
        central.extend(
            [b"PK\x01\x02\x14\x03", &common[..], &[0; 10], &offset.to_le_bytes(), name.as_bytes()].concat(),
        );
    }
    let (count, size, offset) = (files.len() as u16, central.len() as u32, out.len() as u32);
    let counts = [0, 0, count, count].map(u16::to_le_bytes).concat();
    let end = [b"PK\x05\x06", &counts[..], &size.to_le_bytes(), &offset.to_le_bytes(), &[0, 0]].concat();
    [out, central, end].concat()
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
    })
}
