//! That partitions stay as good as they were, on small graphs: exact figures, which change only when somebody means it.

mod common;

use common::{anywhere, layered, local};
use spikeloom_mapping::{Effort, Graph, Limits, Options, bounds, partition};

fn best(graph: &Graph, limits: (u32, u32, u64), effort: Effort) -> (usize, i64) {
    let limits = Limits { neurons: limits.0, axons: limits.1, synapses: limits.2 };
    let found = partition(graph, &limits, Options { effort, seed: 1, ..Options::default() });
    let loads = graph.loads(&found.cores);
    assert!(loads.iter().all(|load| load.neurons > 0 && load.fits(&limits)));
    assert!((graph.traffic(&found.cores) - found.traffic).abs() < 1e-6 * found.traffic);
    assert!(loads.len() >= bounds::cores(graph, &limits));
    assert!(found.traffic >= bounds::traffic(graph, &limits));
    for stage in &found.stages {
        assert!(found.traffic <= stage.traffic * 1.003, "{}", stage.what);
    }
    (loads.len(), found.traffic.round() as i64)
}

/// (cores, packets per second).
#[test]
fn figures_of_small_graphs() {
    let found = [
        best(&local(32, 12, 1), (64, 128, 4096), Effort::Fast),
        best(&local(32, 12, 1), (256, 1024, 65536), Effort::Fast),
        best(&layered(8, &[2, 8, 8, 4], 1), (128, 512, 65536), Effort::Fast),
        best(&layered(8, &[2, 8, 8, 4], 1), (64, 96, 65536), Effort::Fast),
        best(&anywhere(400, 20, 1), (100, 200, 65536), Effort::Fast),
    ];
    assert_eq!(found, FIGURES);
}

const FIGURES: [(usize, i64); 5] = [(24, 9261), (4, 3205), (11, 7480), (46, 17456), (22, 18949)];

/// Where there are fewer cores than traffic would like, cores are given up for it.
#[test]
fn no_more_cores_than_there_are() {
    let (graph, limits) = (layered(8, &[2, 8, 8, 4], 1), Limits { neurons: 64, axons: 96, synapses: 65536 });
    let options = Options { effort: Effort::Fast, seed: 1, ..Options::default() };
    let count = |options| partition(&graph, &limits, options).cores.iter().max().map_or(0, |most| most + 1);
    assert_eq!((count(options), count(Options { cores: 45, ..options })), (46, 45));
}

#[test]
fn the_same_on_any_number_of_threads() {
    let graph = layered(8, &[2, 8, 8, 4], 2);
    let limits = Limits { neurons: 64, axons: 96, synapses: 65536 };
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            partition(&graph, &limits, Options { effort: Effort::Fast, seed: 5, ..Options::default() }).cores
        })
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(8));
}

#[test]
fn odd_graphs() {
    let fast = Options { effort: Effort::Fast, ..Options::default() };
    let limits = Limits { neurons: 2, axons: 4, synapses: 8 };
    let graph = |offsets: Vec<usize>, targets: Vec<u32>| {
        let n = offsets.len() - 1;
        Graph::plain(offsets, targets, vec![1.0; n], vec![0; n])
    };
    assert_eq!(partition(&Graph::default(), &limits, fast).cores, Vec::<u32>::new());
    assert_eq!(partition(&graph(vec![0, 0], vec![]), &limits, fast).cores, [0]);
    let silent = partition(&graph(vec![0; 6], vec![]), &limits, fast);
    assert_eq!((silent.traffic, silent.cores.iter().max()), (0.0, Some(&2)));
    // A pair that talks stays together: {0, 1} and {2, 3}.
    let pairs = partition(&graph(vec![0, 1, 2, 3, 4], vec![1, 0, 3, 2]), &limits, fast);
    assert_eq!((pairs.traffic, pairs.cores), (0.0, vec![0, 0, 1, 1]));
}
