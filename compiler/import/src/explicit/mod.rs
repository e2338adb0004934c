//! Explicit networks: one flat npz file that any simulator can write in a few lines (docs/explicit-networks.md).
//!
//! [`table`] sorts the arrays by what they belong to, [`fields`] reads them with every fault said, [`populations`] and
//! [`connections`] give them meaning; [`write`] goes the other way. Reading goes on over faults, so that one run tells
//! all of them; only a file without any becomes a network.

mod connections;
mod fields;
mod populations;
mod reach;
mod sparse;
mod table;
mod unfold;
mod write;

pub use write::write_explicit;

use connections::Ends;
use fields::Fields;
use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result, Severity};
use spikeloom_image::spikes::npz::read_members;
use spikeloom_ir::network::{Network, Output, Population, PopulationId, PopulationKind};
use std::collections::BTreeMap;
use table::Table;

/// Version of the format.
const VERSION: f64 = 1.0;
/// Most bytes that all arrays may have when inflated.
const MAX_BYTES: u64 = 1 << 30;
/// Most elements of one population.
const MAX_ELEMENTS: usize = 1 << 24;
/// Most elements of all populations, and most numbers of all connections.
const MAX_NUMBERS: usize = 1 << 28;
/// Most connections.
const MAX_CONNECTIONS: usize = 1 << 14;
/// Length of a step where delays are counted in steps and nothing says how long one is.
const DEFAULT_DT_S: f64 = 1e-4;

/// Whether these bytes start like an npz file, that is, like a zip archive.
pub fn is_explicit(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Reads an explicit network. `file` is its path or name, for diagnostics and [`Network::source_name`].
///
/// Beside the network come the length of a step in seconds, if the file has one, and warnings and notes. On failure the
/// error holds every fault of the file.
pub fn read_explicit(bytes: &[u8], file: &str) -> Result<(Network, Option<f64>, Vec<Diagnostic>)> {
    let members = read_members(bytes, file, MAX_BYTES)?;
    let mut findings = Vec::new();
    let mut table = Table::sort(members, file, &mut findings)?;
    let mut fields = Fields::new(file, "", std::mem::take(&mut table.single), &mut findings);
    let dt_s = fields.dt();
    let populations = populations(&mut table, file, &mut findings);
    let ends: Ends = populations
        .iter()
        .zip(0..)
        .map(|((name, population), id)| {
            let size = population.as_ref().map(Population::len);
            let is_input = population.as_ref().is_some_and(|p| p.kind == PopulationKind::Input);
            (name.clone(), (PopulationId(id), size, is_input))
        })
        .collect();
    let (connections, dt_s) = connections::connections(&mut table, &ends, dt_s, file, &mut findings);
    let outputs = outputs(&mut table, &ends, file, &mut findings);
    if findings.iter().any(|d| d.severity == Severity::Error) {
        return Err(Diagnostics(findings));
    }
    let network = Network {
        source_name: crate::words::base_name(file),
        source_digest: crate::words::digest(bytes),
        populations: populations.into_values().flatten().collect(),
        connections,
        outputs,
    };
    reach::check(&network, file, &mut findings);
    Ok((network, dt_s, findings))
}

/// Inputs and populations by name; `None` where one is too faulty to be anything.
fn populations(
    table: &mut Table,
    file: &str,
    findings: &mut Vec<Diagnostic>,
) -> BTreeMap<String, Option<Population>> {
    let mut all = BTreeMap::new();
    for (name, member) in std::mem::take(&mut table.inputs) {
        let input = populations::input(&name, member, file, findings);
        all.insert(name, input);
    }
    for (name, arrays) in std::mem::take(&mut table.populations) {
        let location = format!("population/{name}");
        let population = populations::population(&name, Fields::new(file, &location, arrays, findings));
        if all.insert(name.clone(), population).is_some() {
            let message = format!("`{name}` is both an input and a population");
            let fault = Diagnostic::error("SL0457", message).at_node(file, &location);
            findings.push(fault.hint("give one of them another name"));
        }
    }
    let sizes = all.values().flatten().map(Population::len);
    let total = sizes.fold(0usize, usize::saturating_add);
    if total > MAX_NUMBERS {
        let fault = Diagnostic::error("SL0458", "the populations have too many elements together");
        findings.push(fault.at_file(file).need_have(format!("at most {MAX_NUMBERS}"), total));
    }
    all
}

fn outputs(table: &mut Table, ends: &Ends, file: &str, findings: &mut Vec<Diagnostic>) -> Vec<Output> {
    let mut outputs = Vec::new();
    if table.outputs.is_empty() {
        let fault = Diagnostic::error("SL0452", "the network has no output").at_file(file);
        let hint = "add an array `output/NAME` with the name of the population that it shows";
        findings.push(fault.hint(hint));
    }
    for (name, member) in std::mem::take(&mut table.outputs) {
        let location = format!("output/{name}");
        let array = BTreeMap::from([(String::new(), member)]);
        let mut fields = Fields::new(file, &location, array, findings);
        let Some(shown) = fields.text("") else { continue };
        match ends.get(&shown) {
            Some((population, _, false)) => {
                outputs.push(Output { name, population: *population, location });
            }
            Some((_, _, true)) => {
                let message = format!("output `{name}` shows the input `{shown}`");
                fields.report(Diagnostic::error("SL0457", message).hint("an output shows a population"), "");
            }
            None => {
                let message = format!("output `{name}` shows `{shown}`, which is no population");
                let names = connections::names(ends, |is_input| !is_input);
                fields.report(Diagnostic::error("SL0457", message).need_have(names, &shown), "");
            }
        }
    }
    outputs
}
