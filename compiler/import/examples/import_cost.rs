//! What it costs to import a NIR file: seconds and peak memory.
//!
//! `import_cost [--packed] [FILE.nir]`. Without a file one of about 100 MB is written to the temporary folder: four
//! Linear nodes of 2,500 x 2,500 random weights in a chain with populations of IF neurons. The import is measured in a
//! process of its own, so that writing the file does not count.

#![allow(clippy::print_stdout)]

use hdf5_pure::{FileBuilder, GroupBuilder};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

const SIDE: usize = 2500;
const LAYERS: usize = 4;

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let packed = arguments.iter().any(|a| a == "--packed");
    arguments.retain(|a| a != "--packed");
    if let Some(path) = arguments.first() {
        return measure(Path::new(path));
    }
    let path = written(packed);
    let this = std::env::current_exe().expect("the path of this program");
    let status = Command::new(this).arg(&path).status().expect("this program once more");
    std::fs::remove_file(path).expect("the file that was written");
    if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn measure(path: &Path) -> ExitCode {
    let before = kilobytes("VmRSS");
    let start = Instant::now();
    let bytes = std::fs::read(path).expect("a file that can be read");
    let read = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let result = spikeloom_import::read_nir(&bytes, "cost.nir");
    let import = start.elapsed().as_secs_f64();
    let peak = (kilobytes("VmHWM") - before) as f64 / 1024.0;
    let size = bytes.len() as f64 / (1 << 20) as f64;
    println!("{size:.1} MiB read in {read:.3} s, imported in {import:.3} s");
    println!("peak {peak:.1} MiB with the file itself: {:.2} times its size", peak / size);
    match result {
        Ok((network, findings)) => {
            let numbers: usize =
                network.connections.iter().flat_map(|c| &c.stages).map(|stage| stage.numbers()).sum();
            println!(
                "{} connections of {numbers} numbers, {} findings",
                network.connections.len(),
                findings.len()
            );
            ExitCode::SUCCESS
        }
        Err(faults) => {
            println!("{faults}");
            ExitCode::FAILURE
        }
    }
}

/// A figure of this process in KiB, 0 where the system does not tell it.
fn kilobytes(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn written(packed: bool) -> PathBuf {
    let mut file = FileBuilder::new();
    let mut node = file.create_group("node");
    text(&mut node, "type", "NIRGraph");
    let mut nodes = node.create_group("nodes");
    let mut names = vec!["in".to_string()];
    ends(&mut nodes, "in", "Input");
    for layer in 0..LAYERS {
        let mut linear = nodes.create_group(&format!("fc{layer}"));
        text(&mut linear, "type", "Linear");
        let weight = linear.create_dataset("weight");
        weight.with_f32_data(&weights(layer as u64)).with_shape(&[SIDE as u64; 2]);
        if packed {
            weight.with_chunks(&[100, SIDE as u64]).with_deflate(4);
        }
        nodes.add_group(linear.finish());
        let mut neurons = nodes.create_group(&format!("n{layer}"));
        text(&mut neurons, "type", "IF");
        for key in ["r", "v_threshold", "v_reset"] {
            neurons.create_dataset(key).with_f32_data(&vec![f32::from(key != "v_reset"); SIDE]);
        }
        nodes.add_group(neurons.finish());
        names.extend([format!("fc{layer}"), format!("n{layer}")]);
    }
    ends(&mut nodes, "out", "Output");
    names.push("out".to_string());
    let edges: Vec<&str> = names.windows(2).flatten().map(String::as_str).collect();
    node.create_dataset("edges").with_vlen_strings(&edges).with_shape(&[edges.len() as u64 / 2, 2]);
    node.add_group(nodes.finish());
    file.add_group(node.finish());
    let path = std::env::temp_dir().join(format!("import_cost_{}.nir", std::process::id()));
    file.write(&path).expect("a folder that can be written");
    path
}

fn text(group: &mut GroupBuilder, key: &str, text: &str) {
    group.create_dataset(key).with_vlen_strings(&[text]).with_shape(&[]);
}

fn ends(nodes: &mut GroupBuilder, name: &str, kind: &str) {
    let mut group = nodes.create_group(name);
    text(&mut group, "type", kind);
    group.create_dataset("shape").with_i64_data(&[SIDE as i64]);
    nodes.add_group(group.finish());
}

/// Weights as a training leaves them: no two alike, so that packing saves little.
fn weights(seed: u64) -> Vec<f32> {
    let mut state = 0x9e37_79b9_7f4a_7c15 ^ (seed + 1);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 24) as f32 - 0.5
    };
    (0..SIDE * SIDE).map(|_| next()).collect()
}
