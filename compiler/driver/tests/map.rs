//! `map` on the command line: both formats, the file it writes, and what it refuses.

mod common;

use common::{Folder, Ran};
use spikeloom_image::spikes::npz::Data;

/// `map` of a graph in the folder.
fn map(folder: &Folder, graph: &str, cores: &str) -> Ran {
    folder.run(&format!("map {graph} --cores {cores} --mapping out.npz --metrics out.json"))
}

/// What it says of a graph or limits that it refuses.
fn refusal(folder: &Folder, graph: &str, cores: &str) -> String {
    let ran = map(folder, graph, cores);
    assert_eq!(ran.status, 1, "{}", ran.stdout);
    assert!(!folder.path("out.npz").exists());
    ran.stderr
}

/// Two pairs that talk, and a neuron that hears both: by hand, 5 packets/s between two cores of three neurons, as
/// {1, 2, 5} costs neuron 3's 5 and {3, 4, 5} costs neuron 1's 10.
const PAIRS: &str = "% two pairs\n4 5 1\n10 1 2 5\n10 2 1\n5 3 4 5\n5 4 3\n";

#[test]
fn an_hmetis_file_by_hand() {
    let folder = Folder::new();
    folder.write("pairs.hgr", PAIRS.as_bytes());
    let ran = map(&folder, "pairs.hgr", "3,5,9");
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("on 2 cores (at least 2): 5 packets/s"));
    let arrays = folder.npz("out.npz");
    let cores = arrays.iter().find(|a| a.name == "neuron_core").unwrap();
    assert_eq!(cores.data, Data::I64(vec![0, 0, 1, 1, 0]));
    let metrics = folder.json("out.json");
    assert_eq!((metrics["cores"].as_u64(), metrics["traffic"].as_f64()), (Some(2), Some(5.0)));
}

/// What is wrong with a workload: code, words of the message, and how it came about.
type Fault = (&'static str, &'static str, fn(&mut Vec<u64>, &mut Vec<u32>, &mut Vec<f32>));

/// The same pairs as a workload.
fn workload(change: impl Fn(&mut Vec<u64>, &mut Vec<u32>, &mut Vec<f32>)) -> (String, Vec<u8>) {
    let mut offsets = vec![0, 2, 3, 5, 6, 6];
    let mut targets = vec![1, 4, 0, 3, 4, 2];
    let mut rates = vec![10.0, 10.0, 5.0, 5.0, 1.0];
    change(&mut offsets, &mut targets, &mut rates);
    let (mut bytes, mut arrays) = (Vec::new(), Vec::new());
    let mut add = |name: &str, dtype: &str, length: usize, data: Vec<u8>| {
        arrays.push(format!(
            "\"{name}\": {{\"dtype\": \"{dtype}\", \"shape\": [{length}], \"offset\": {}}}",
            bytes.len()
        ));
        bytes.extend(data);
    };
    add("indptr", "<u8", offsets.len(), offsets.iter().flat_map(|v| v.to_le_bytes()).collect());
    add("indices", "<u4", targets.len(), targets.iter().flat_map(|v| v.to_le_bytes()).collect());
    add("rate", "<f4", rates.len(), rates.iter().flat_map(|v| v.to_le_bytes()).collect());
    add("pop", "<u4", rates.len(), vec![0; 4 * rates.len()]);
    (format!("{{\"bin\": \"w.bin\", \"arrays\": {{{}}}}}", arrays.join(", ")), bytes)
}

#[test]
fn a_workload_by_hand() {
    let folder = Folder::new();
    let (header, bytes) = workload(|_, _, _| {});
    folder.write("w.bin", &bytes);
    folder.write("w.json", header.as_bytes());
    let ran = map(&folder, "w.json", "3,5,9");
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("on 2 cores (at least 2): 5 packets/s"));
}

#[test]
fn bad_workloads() {
    let folder = Folder::new();
    let cases: [Fault; 7] = [
        ("SL0483", "rate of neuron 2 is NaN", |_, _, rates| rates[2] = f32::NAN),
        ("SL0483", "rate of neuron 0 is -1", |_, _, rates| rates[0] = -1.0),
        ("SL0484", "neuron 0 has the target 5 of 5", |_, targets, _| targets[1] = 5),
        ("SL0484", "neuron 1 is its own target", |_, targets, _| targets[2] = 1),
        ("SL0484", "or one stands twice: 1", |_, targets, _| targets[1] = 1),
        ("SL0481", "do not fit each other", |offsets, _, _| offsets[5] = 9),
        ("SL0482", "no neurons", |offsets, targets, rates| {
            (*offsets, *targets, *rates) = (vec![0], Vec::new(), Vec::new());
        }),
    ];
    for (code, words, change) in cases {
        let (header, bytes) = workload(change);
        folder.write("w.bin", &bytes);
        folder.write("w.json", header.as_bytes());
        let said = refusal(&folder, "w.json", "3,5,9");
        assert!(said.contains(code) && said.contains(words), "{words}:\n{said}");
    }
    let (header, bytes) = workload(|_, _, _| {});
    folder.write("w.bin", &bytes[..bytes.len() - 1]);
    folder.write("w.json", header.as_bytes());
    assert!(refusal(&folder, "w.json", "3,5,9").contains("array `pop` does not lie in its file"));
    folder.write("w.json", b"{\"bin\": \"../w.bin\"}");
    assert!(refusal(&folder, "w.json", "3,5,9").contains("not the name of a file beside the header"));
    folder.write("x.txt", b"hello");
    assert!(refusal(&folder, "x.txt", "3,5,9").contains("SL0480"));
}

#[test]
fn bad_hmetis_files_and_limits() {
    let folder = Folder::new();
    for (text, words) in [
        ("", "there is no first line"),
        ("1 2 5\n", "a format of 1, 10 or 11"),
        ("2 5 1\n1 1 2\n", "ends after 1 of 2 nets"),
        ("1 2 1\nx 1 2\n", "`x` is no weight"),
        ("1 2 1\n1 1 3\n", "there is no neuron 3 among 1 to 2"),
        ("2 2 1\n1 1 2\n1 1 2\n", "source of two nets"),
        ("1 999999999 1\n1 1 2\n", "more than the file can hold"),
    ] {
        folder.write("g.hgr", text.as_bytes());
        let said = refusal(&folder, "g.hgr", "3,5,9");
        assert!(said.contains(words), "{words}:\n{said}");
    }
    folder.write("g.hgr", PAIRS.as_bytes());
    for cores in ["3,5", "0,5,9", "3,5,9,1", "a,b,c", "3,-1,9"] {
        assert!(refusal(&folder, "g.hgr", cores).contains("SL0486"), "{cores}");
    }
    let said = refusal(&folder, "g.hgr", "3,1,9");
    assert!(said.contains("SL0487") && said.contains("no core can hold neuron 4"), "{said}");
}
