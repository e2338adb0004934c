//! The arrays of a file, sorted by what they belong to.

use super::VERSION;
use super::fields::Fields;
use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};
use spikeloom_image::spikes::npz::Member;
use std::collections::BTreeMap;

/// Arrays by the last part of their names.
pub(super) type Arrays = BTreeMap<String, Member>;

/// The arrays of a file.
#[derive(Default)]
pub(super) struct Table {
    /// Arrays that belong to the whole network.
    pub(super) single: Arrays,
    /// `input/NAME`.
    pub(super) inputs: BTreeMap<String, Member>,
    /// `population/NAME/FIELD`.
    pub(super) populations: BTreeMap<String, Arrays>,
    /// `connection/NAME/FIELD`.
    pub(super) connections: BTreeMap<String, Arrays>,
    /// `output/NAME`.
    pub(super) outputs: BTreeMap<String, Member>,
}

impl Table {
    /// Sorts the arrays. An array that belongs to nothing is a fault; a file of another kind is refused at once.
    pub(super) fn sort(members: Vec<Member>, file: &str, findings: &mut Vec<Diagnostic>) -> Result<Table> {
        let mut table = Table::default();
        let mut unknown = Vec::new();
        let mut names = Vec::new();
        for member in members {
            let name = name_of(&member).to_string();
            match table.place(&name) {
                Some(place) => {
                    place.insert(field_of(&name).to_string(), member);
                }
                None => unknown.push(name.clone()),
            }
            names.push(name);
        }
        table.check_version(&names, file)?;
        findings.extend(unknown.iter().map(|name| belongs_to_nothing(name, file)));
        Ok(table)
    }

    /// Where an array of this name belongs, if anywhere.
    fn place(&mut self, name: &str) -> Option<&mut Arrays> {
        let (group, rest) = name.split_once('/').unwrap_or(("", name));
        match group {
            "" => matches!(rest, "spikeloom" | "dt").then_some(&mut self.single),
            "input" | "output" if rest.is_empty() => None,
            "input" => Some(&mut self.inputs),
            "output" => Some(&mut self.outputs),
            "population" | "connection" => {
                let (name, field) = rest.rsplit_once('/')?;
                let groups =
                    if group == "population" { &mut self.populations } else { &mut self.connections };
                (!name.is_empty() && !field.is_empty()).then(|| groups.entry(name.to_string()).or_default())
            }
            _ => None,
        }
    }

    fn check_version(&mut self, names: &[String], file: &str) -> Result<()> {
        let Some(member) = self.single.remove("spikeloom") else {
            let have = match names {
                [] => "no array".into(),
                _ => super::fields::list(names.iter().map(String::as_str)),
            };
            let fault = Diagnostic::error("SL0450", "this npz file is no explicit network").at_file(file);
            let hint = "write the network as docs/explicit-networks.md says, with the array `spikeloom` = 1";
            return Err(fault.need_have("an array `spikeloom`", have).hint(hint).into());
        };
        let mut findings = Vec::new();
        let arrays = BTreeMap::from([(String::new(), member)]);
        let version = Fields::new(file, "spikeloom", arrays, &mut findings).number("");
        match version {
            None => Err(Diagnostics(findings)),
            Some(VERSION) => Ok(()),
            Some(other) => {
                let message = "the file is of another version of the format";
                let fault = Diagnostic::error("SL0450", message).at_node(file, "spikeloom");
                Err(fault.need_have(VERSION, other).hint("write it as version 1").into())
            }
        }
    }
}

fn name_of(member: &Member) -> &str {
    match member {
        Member::Numbers(array) => &array.name,
        Member::Text(text) => &text.name,
    }
}

/// The name of an array in its group: the last part, or all behind the first where there is one of each name only.
fn field_of(name: &str) -> &str {
    match name.split_once('/') {
        None => name,
        Some(("input" | "output", rest)) => rest,
        Some((_, rest)) => rest.rsplit_once('/').map_or(rest, |(_, field)| field),
    }
}

fn belongs_to_nothing(name: &str, file: &str) -> Diagnostic {
    let fault = Diagnostic::error("SL0451", format!("array {name:?} belongs to nothing")).at_node(file, name);
    let need = "spikeloom, dt, input/NAME, population/NAME/FIELD, connection/NAME/FIELD or output/NAME";
    fault.need_have(need, name).hint("leave it out, or rename it")
}
