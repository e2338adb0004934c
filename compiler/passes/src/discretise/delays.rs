//! Delays in steps.

use crate::semantics::Rules;
use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;
use spikeloom_diagnostics::Diagnostic;
use spikeloom_ir::discrete::Delay;
use spikeloom_ir::network::{Connection, Network, Stage};

/// Steps that a way through a connection may take.
const LONGEST: u32 = 1 << 20;

/// A delay this far from a whole number of steps is worth a word: what is nearer is the rounding of a file.
const OFF_GRID: f64 = 1e-3;

/// The delays of every connection, and a note where they are no whole numbers of steps.
pub(super) fn delays(
    network: &Network,
    rules: &[Option<Rules>],
    dt: f64,
    faults: &mut Vec<Diagnostic>,
) -> (Vec<Delay>, Option<Diagnostic>) {
    let component = components(network);
    let mut off_grid = 0;
    let mut delays = Vec::with_capacity(network.connections.len());
    for connection in &network.connections {
        if has_delay(connection) {
            delays.push(of_stages(connection, dt, &mut off_grid).unwrap_or_else(|fault| {
                faults.push(fault.at_node(&network.source_name, connection.path.join(" ")));
                Delay::default()
            }));
            continue;
        }
        let (source, target) = (connection.source.index(), connection.target.index());
        let of_target = || rules[target].as_ref().map_or(0, |rules| rules.delay);
        // A connection inside a component lies on a cycle: it carries the spikes of the step before.
        let least = if component[source] == component[target] { 1 } else { of_target() };
        delays.push(Delay { least, further: Vec::new() });
    }
    let note = (off_grid > 0).then(|| {
        let message = format!("{off_grid} delay(s) are no whole number of steps of {dt} s and were rounded");
        Diagnostic::note("SL0608", message).at_file(&network.source_name)
    });
    (delays, note)
}

fn has_delay(connection: &Connection) -> bool {
    connection.stages.iter().any(|stage| matches!(stage, Stage::Delay { .. }))
}

/// The strongly connected component of each population in the graph of connections without Delay.
fn components(network: &Network) -> Vec<usize> {
    let mut graph = DiGraph::<(), ()>::new();
    let nodes: Vec<_> = network.populations.iter().map(|_| graph.add_node(())).collect();
    for connection in network.connections.iter().filter(|connection| !has_delay(connection)) {
        graph.add_edge(nodes[connection.source.index()], nodes[connection.target.index()], ());
    }
    let mut component = vec![0; nodes.len()];
    for (i, members) in tarjan_scc(&graph).iter().enumerate() {
        members.iter().for_each(|node| component[node.index()] = i);
    }
    component
}

fn of_stages(connection: &Connection, dt: f64, off_grid: &mut usize) -> Result<Delay, Diagnostic> {
    let mut delay = Delay::default();
    let mut longest = 0;
    for stage in &connection.stages {
        let Stage::Delay { size, seconds } = stage else {
            delay.further.push(None);
            continue;
        };
        let mut steps = Vec::with_capacity(*size);
        for i in 0..*size {
            steps.push(in_steps(seconds.get(i), dt, off_grid)?);
        }
        let least = steps.iter().copied().min().unwrap_or(0);
        longest += steps.iter().copied().max().unwrap_or(0);
        if longest > LONGEST {
            return Err(too_long(f64::from(longest) * dt, f64::from(longest)));
        }
        steps.iter_mut().for_each(|steps| *steps -= least);
        delay.least += least;
        delay.further.push(Some(steps));
    }
    Ok(delay)
}

fn in_steps(seconds: f64, dt: f64, off_grid: &mut usize) -> Result<u32, Diagnostic> {
    let exact = seconds / dt;
    let steps = exact.round();
    if !(0.0..=f64::from(LONGEST)).contains(&steps) {
        return Err(too_long(seconds, steps));
    }
    *off_grid += usize::from((exact - steps).abs() > OFF_GRID);
    Ok(steps as u32)
}

fn too_long(seconds: f64, steps: f64) -> Diagnostic {
    Diagnostic::error("SL0609", format!("a delay of {seconds} s is {steps} steps"))
        .need_have(format!("0 to {LONGEST} steps"), steps)
        .field("--dt")
        .hint("is the delay in seconds, and --dt the step that the network was trained with?")
}
