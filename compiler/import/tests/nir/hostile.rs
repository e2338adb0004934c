//! Damaged and hostile files: a fault at worst, never a panic.

use super::faults::faults;
use super::whole::check;
use super::{bytes, outputs, read, wires};
use hdf5_pure::{FileBuilder, GroupBuilder};
use spikeloom_diagnostics::Severity;
use spikeloom_import::read_nir;

#[test]
fn a_chunk_of_four_gigabytes_in_a_small_file_is_not_asked_for() {
    let mut damaged = bytes("digits_tern");
    // In every index of chunks, the stored size in the first key; the keys stand behind 24 bytes of header.
    for at in 0..damaged.len() - 28 {
        if damaged[at..].starts_with(b"TREE\x01") {
            damaged[at + 24..at + 28].fill(0xff);
        }
    }
    let Err(faults) = read_nir(&damaged, "f") else { panic!("came in") };
    let message = "parameter `weight` can't be read: one of its chunks claims more than the file can hold";
    assert!(faults.0.iter().any(|d| d.message == message), "{faults}");
}

/// Numbers in a fixed but wild order (xorshift), so that a failure can be met again.
fn wild(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 16) as usize
}

#[test]
fn damaged_files_never_panic() {
    let mut state = 0x5eed;
    for name in [
        "digits_tern",
        "hdf5_110",
        "recurrent",
        "planes",
        "same",
        "pools",
        "bias_chain",
        "nested",
        "elements",
    ] {
        let whole = bytes(name);
        for round in 0..300 {
            let mut damaged = whole.clone();
            let at = wild(&mut state) % whole.len();
            match round % 4 {
                0 => damaged.truncate(at),
                1 => damaged[at] ^= 1 << (wild(&mut state) % 8),
                2 => damaged[at] = 0xff,
                _ => (0..8).for_each(|i| {
                    let byte = [0x00, 0xff, 0x7f][wild(&mut state) % 3];
                    damaged[(at + i) % whole.len()] = byte;
                }),
            }
            // A panic fails the test by itself; an error must bring at least one finding of severity error.
            match read_nir(&damaged, "damaged.nir") {
                Ok((network, _)) => check(&network),
                Err(faults) => {
                    assert!(faults.0.iter().any(|d| d.severity == Severity::Error), "{name} round {round}");
                }
            }
        }
    }
}

/// A graph of every kind of stateless node, with one parameter in four out of all bounds.
fn wild_graph(state: &mut u64) -> Vec<u8> {
    let mut file = FileBuilder::new();
    let mut node = file.create_group("node");
    text(&mut node, "type", "NIRGraph");
    let mut nodes = node.create_group("nodes");
    let mut names = vec!["in".to_string()];
    add(&mut nodes, "in", "Input", |group| integers(group, "shape", &[2, 6, 6], state));
    for i in 0..1 + wild(state) % 5 {
        let name = format!("s{i}");
        let kind = ["Conv2d", "Conv1d", "SumPool2d", "AvgPool2d", "Delay", "Scale", "Flatten", "NIRGraph"]
            [wild(state) % 8];
        add(&mut nodes, &name, kind, |group| wild_stage(group, kind, state));
        names.push(name);
        if wild(state).is_multiple_of(2) {
            let name = format!("n{i}");
            add(&mut nodes, &name, "IF", |group| {
                group.create_dataset("r").with_f32_data(&[1.0]);
                group.create_dataset("v_threshold").with_f32_data(&[1.0]).with_shape(&[]);
            });
            names.push(name);
        }
    }
    add(&mut nodes, "out", "Output", |_| ());
    names.push("out".to_string());
    let edges: Vec<&str> = names.windows(2).flatten().map(String::as_str).collect();
    node.create_dataset("edges").with_vlen_strings(&edges).with_shape(&[edges.len() as u64 / 2, 2]);
    node.add_group(nodes.finish());
    file.add_group(node.finish());
    file.finish().expect("a file")
}

fn wild_stage(group: &mut GroupBuilder, kind: &str, state: &mut u64) {
    match kind {
        "Conv2d" | "Conv1d" => {
            let groups = 1 + wild(state) % 2;
            let kernel = [1, 2, 3][wild(state) % 3];
            let mut shape = vec![2, 2 / groups as u64, kernel];
            shape.extend((kind == "Conv2d").then_some(2));
            let count = shape.iter().product::<u64>() as usize;
            group.create_dataset("weight").with_f32_data(&vec![0.5; count]).with_shape(&shape);
            integers(group, "groups", &[groups as i64], state);
            integers(group, "stride", &[1 + (wild(state) % 2) as i64], state);
            integers(group, "dilation", &[1], state);
            match wild(state) % 4 {
                0 => text(group, "padding", ["same", "valid", "circular"][wild(state) % 3]),
                _ => integers(group, "padding", &[(wild(state) % 3) as i64], state),
            }
            if wild(state).is_multiple_of(3) {
                integers(group, "input_shape", &[6, 6][..shape.len() - 2], state);
            }
            group.create_dataset("bias").with_f64_data(&[1.0, 2.0]);
        }
        "SumPool2d" | "AvgPool2d" => {
            integers(group, "kernel_size", &[2, 1], state);
            integers(group, "stride", &[1, 2], state);
            integers(group, "padding", &[0, 1], state);
        }
        "Delay" | "Scale" => {
            let value = [0.001, 0.0, -1.0, f64::NAN, 1e308][wild(state) % 5];
            group.create_dataset(if kind == "Delay" { "delay" } else { "scale" }).with_f64_data(&[value]);
        }
        "Flatten" => {
            integers(group, "start_dim", &[(wild(state) % 3) as i64 - 1], state);
            integers(group, "end_dim", &[-1], state);
        }
        _ => {
            let mut nodes = group.create_group("nodes");
            for (name, kind) in [("i", "Input"), ("o", "Output"), ("p", "SumPool2d")] {
                add(&mut nodes, name, kind, |group| wild_stage(group, "SumPool2d", state));
            }
            group.add_group(nodes.finish());
            group.create_dataset("edges").with_vlen_strings(&["i", "p", "p", "o"]).with_shape(&[2, 2]);
        }
    }
}

fn add(nodes: &mut GroupBuilder, name: &str, kind: &str, fill: impl FnOnce(&mut GroupBuilder)) {
    let mut group = nodes.create_group(name);
    text(&mut group, "type", kind);
    fill(&mut group);
    nodes.add_group(group.finish());
}

fn text(group: &mut GroupBuilder, key: &str, text: &str) {
    group.create_dataset(key).with_vlen_strings(&[text]).with_shape(&[]);
}

/// The numbers, or one time in four some that are out of bounds.
fn integers(group: &mut GroupBuilder, key: &str, sane: &[i64], state: &mut u64) {
    let wrong = [0, -1, i64::MIN, i64::MAX, 1 << 24, (1 << 24) + 1, 1 << 32, 5, 4096];
    let mut numbers = sane.to_vec();
    if wild(state).is_multiple_of(4) {
        let at = wild(state) % numbers.len();
        numbers[at] = wrong[wild(state) % wrong.len()];
    }
    group.create_dataset(key).with_i64_data(&numbers);
}

#[test]
fn parameters_out_of_all_bounds_end_in_a_network_or_a_fault() {
    let mut state = 0xc0ffee;
    let mut came_in = 0;
    for _ in 0..400 {
        // A panic fails the test by itself.
        match read_nir(&wild_graph(&mut state), "wild.nir") {
            Ok((network, _)) => {
                check(&network);
                came_in += 1;
            }
            Err(faults) => assert!(faults.0.iter().any(|d| d.severity == Severity::Error)),
        }
    }
    assert!(came_in > 20, "only {came_in} of 400 came in: nothing was tried");
}

#[test]
fn links_that_lead_in_circles_or_to_the_same_again_and_again_end() {
    let whole = "the file has more nodes than its size can hold";
    assert_eq!(faults("loops"), [format!("SL0403 f /node: {whole}")]);
    let linked = faults("linked");
    let many = "parameter `weight` can't be read: all datasets together claim more than the file can hold";
    assert!(linked.iter().filter(|fault| fault.ends_with(many)).count() > 30, "{linked:?}");
    // More ways than could ever be walked, but none of them leads to a population.
    let (network, _) = read("diamonds");
    assert_eq!(
        (wires(&network), outputs(&network)),
        (vec!["in -> n via ".into()], vec!["out shows n".into()])
    );
}
