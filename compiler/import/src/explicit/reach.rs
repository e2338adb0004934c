//! Populations that no input reaches, and those that reach no output.

use spikeloom_diagnostics::Diagnostic;
use spikeloom_ir::network::{Network, PopulationKind};

/// Warns of them.
pub(super) fn check(network: &Network, file: &str, findings: &mut Vec<Diagnostic>) {
    let populations = &network.populations;
    let mut driven: Vec<bool> = populations.iter().map(|p| p.kind == PopulationKind::Input).collect();
    let mut seen = vec![false; populations.len()];
    network.outputs.iter().for_each(|output| seen[output.population.index()] = true);
    let (mut onward, mut back) = (vec![Vec::new(); populations.len()], vec![Vec::new(); populations.len()]);
    for connection in &network.connections {
        onward[connection.source.index()].push(connection.target.index());
        back[connection.target.index()].push(connection.source.index());
    }
    spread(&mut driven, &onward);
    spread(&mut seen, &back);
    for (i, population) in populations.iter().enumerate() {
        let name = &population.name;
        let mut warn = |code, message| {
            findings.push(Diagnostic::warning(code, message).at_node(file, &population.location));
        };
        if !driven[i] {
            warn("SL0419", format!("no input reaches `{name}`: only its bias and leak can drive it"));
        }
        if !seen[i] {
            warn("SL0420", format!("no output sees what `{name}` does"));
        }
    }
}

fn spread(reached: &mut [bool], along: &[Vec<usize>]) {
    let mut todo: Vec<usize> = (0..reached.len()).filter(|i| reached[*i]).collect();
    while let Some(node) = todo.pop() {
        for next in &along[node] {
            if !std::mem::replace(&mut reached[*next], true) {
                todo.push(*next);
            }
        }
    }
}
