//! Partitions workloads of mapbench: `bench WORKLOAD.json N,A,S [effort] [seed] [OUT]`.
#![allow(clippy::print_stdout, missing_docs)]

use spikeloom_mapping::{Effort, Graph, Limits, Options, partition};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let header: serde_json::Value = serde_json::from_slice(&std::fs::read(&args[1]).unwrap()).unwrap();
    let folder = std::path::Path::new(&args[1]).parent().unwrap();
    let bytes = std::fs::read(folder.join(header["bin"].as_str().unwrap())).unwrap();
    let array = |name: &str, width: usize| {
        let a = &header["arrays"][name];
        let (at, n) = (a["offset"].as_u64().unwrap() as usize, a["shape"][0].as_u64().unwrap() as usize);
        bytes[at..at + n * width].chunks_exact(width).map(<[u8]>::to_vec).collect::<Vec<_>>()
    };
    let graph = Graph::plain(
        array("indptr", 8).iter().map(|b| u64::from_le_bytes(b[..].try_into().unwrap()) as usize).collect(),
        array("indices", 4).iter().map(|b| u32::from_le_bytes(b[..].try_into().unwrap())).collect(),
        array("rate", 4).iter().map(|b| f64::from(f32::from_le_bytes(b[..].try_into().unwrap()))).collect(),
        array("pop", 4).iter().map(|b| u32::from_le_bytes(b[..].try_into().unwrap())).collect(),
    );
    let l: Vec<u64> = args[2].split(',').map(|x| x.parse().unwrap()).collect();
    let limits = Limits { neurons: l[0] as u32, axons: l[1] as u32, synapses: l[2] };
    let effort = match args.get(3).map(String::as_str) {
        Some("fast") => Effort::Fast,
        Some("max") => Effort::Max,
        _ => Effort::Default,
    };
    let seed = args.get(4).and_then(|s| s.parse().ok()).unwrap_or(1);
    let clock = std::time::Instant::now();
    let found = partition(&graph, &limits, Options { effort, seed, ..Options::default() });
    let ok = graph.loads(&found.cores).iter().all(|load| load.fits(&limits));
    for stage in &found.stages {
        println!("   {:<60} {:>5} {:>14.0}", stage.what, stage.cores, stage.traffic);
    }
    let used = graph.loads(&found.cores).len();
    println!(
        "{} {} cores {used} traffic {:.0} feasible {ok} {:.1} s",
        args[1],
        args[2],
        found.traffic,
        clock.elapsed().as_secs_f64()
    );
    if let Some(out) = args.get(5) {
        let text: Vec<String> = found.cores.iter().map(u32::to_string).collect();
        std::fs::write(out, format!("{{\"neuron_core\": [{}]}}", text.join(","))).unwrap();
    }
}
