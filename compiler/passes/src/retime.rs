//! Retime: a lag for each population, so that every connection has a delay that the chip can give and all
//! outputs are the network's, shifted by a known number of steps (Leiserson and Saxe 1991).
//!
//! A connection of d network steps from u to v becomes one of d + lag(v) - lag(u) chip steps, which must lie in
//! the chip's range. These are difference constraints; the least solution with inputs at 0 is the longest path,
//! and a cycle that can't be satisfied is named.

use crate::fold::Folded;
use spikeloom_chip::Chip;
use spikeloom_chip::schema::Delay;
use spikeloom_diagnostics::{Diagnostic, Result};
use spikeloom_ir::discrete::{Emit, StepNetwork};
use spikeloom_ir::network::PopulationKind;

/// Lags by population, and delays in chip steps by folded connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retimed {
    /// Lag of each population.
    pub lags: Vec<u32>,
    /// Delay of each folded connection.
    pub delays: Vec<u32>,
}

/// `lag(to) >= lag(from) + gap`, because of a connection.
struct Constraint {
    from: usize,
    to: usize,
    gap: i64,
    connection: usize,
}

/// Finds the least lags.
pub fn retime(step: &StepNetwork, folded: &[Folded], chip: &Chip) -> Result<Retimed> {
    let populations = &step.network.populations;
    let is_input = |p: usize| populations[p].kind == PopulationKind::Input;
    let mut constraints = Vec::new();
    for (i, connection) in folded.iter().enumerate() {
        let (source, target) = (connection.source.index(), connection.target.index());
        let (least, most) = delay_range(chip, is_input(source));
        let d = i64::from(connection.delay + shown_later(step, target));
        constraints.push(Constraint { from: source, to: target, gap: least - d, connection: i });
        constraints.push(Constraint { from: target, to: source, gap: d - most, connection: i });
    }
    let mut lags = vec![0i64; populations.len()];
    let mut cause: Vec<Option<usize>> = vec![None; populations.len()];
    for round in 0..=populations.len() {
        let mut changed = None;
        for (i, c) in constraints.iter().enumerate() {
            if lags[c.from] + c.gap > lags[c.to] {
                lags[c.to] = lags[c.from] + c.gap;
                cause[c.to] = Some(i);
                changed = Some(c.to);
                if is_input(c.to) {
                    return Err(infeasible(step, folded, &constraints, &cause, c.to, chip));
                }
            }
        }
        match changed {
            None => break,
            Some(population) if round == populations.len() => {
                return Err(infeasible(step, folded, &constraints, &cause, population, chip));
            }
            Some(_) => {}
        }
    }
    let delays = folded
        .iter()
        .map(|c| {
            let d = i64::from(c.delay + shown_later(step, c.target.index()));
            (d + lags[c.target.index()] - lags[c.source.index()]) as u32
        })
        .collect();
    Ok(Retimed { lags: lags.iter().map(|lag| *lag as u32).collect(), delays })
}

/// Steps by which a population's own step runs ahead of what it shows: events of step t must meet its tick of step t,
/// whose spikes are those that the network sees in t + 1.
pub(crate) fn shown_later(step: &StepNetwork, population: usize) -> u32 {
    step.dynamics[population].as_ref().map_or(0, |d| u32::from(d.emit == Emit::Next))
}

/// Least and greatest delay of a connection on the chip.
fn delay_range(chip: &Chip, from_host: bool) -> (i64, i64) {
    let host = &chip.description.io.host_in;
    if from_host {
        return (host.delay_least.into(), host.delay_most.into());
    }
    let types = chip.description.core_types.values();
    let ranges = types.map(|core| {
        let (Delay::Source { least, most } | Delay::Synapse { least, most, .. }) = core.delay;
        (i64::from(least), i64::from(most))
    });
    ranges.reduce(|a, b| (a.0.max(b.0), a.1.min(b.1))).unwrap_or((1, 1))
}

fn infeasible(
    step: &StepNetwork,
    folded: &[Folded],
    constraints: &[Constraint],
    cause: &[Option<usize>],
    start: usize,
    chip: &Chip,
) -> spikeloom_diagnostics::Diagnostics {
    // Walking back along the causes ends at an input or runs round the cycle.
    let (mut at, mut seen, mut steps) = (start, vec![false; cause.len()], Vec::new());
    while let Some(i) = cause[at].filter(|_| !seen[at]) {
        seen[at] = true;
        let connection = &folded[constraints[i].connection];
        let name = |p: spikeloom_ir::network::PopulationId| &step.network.populations[p.index()].name;
        steps.push(format!(
            "{} -> {} (`{}`, {} step(s))",
            name(connection.source),
            name(connection.target),
            connection.path.join(" "),
            connection.delay
        ));
        at = constraints[i].from;
    }
    steps.reverse();
    let (least, most) = delay_range(chip, false);
    Diagnostic::error(
        "SL0702",
        format!("no lags give every connection a delay that the chip has: {}", steps.join(", ")),
    )
    .at_node(&step.network.source_name, &step.network.populations[start].location)
    .need_have("one delay for each connection of this path or cycle", format!("{least} to {most} steps"))
    .field("delay")
    .hint("lengthen the delays of the shorter path, or use a chip with a wider range of delays")
    .into()
}
