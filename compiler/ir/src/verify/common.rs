//! What the levels Network and Program have in common.

use super::Findings;
use crate::network::Output;
use crate::text::{MOST_ELEMENTS, Site};
use std::collections::BTreeSet;

/// Names and shapes of populations. Gives the number of elements of each, where it is one that can be.
pub(super) fn populations<'p>(
    findings: &mut Findings<'_>,
    populations: impl Iterator<Item = (&'p str, &'p [usize])>,
) -> Vec<Option<usize>> {
    let (mut names, mut sizes, mut total) = (BTreeSet::new(), Vec::new(), 0u64);
    for (i, (name, shape)) in populations.enumerate() {
        let site = Site::Population(i);
        if name.is_empty() {
            findings.add(site, "SL1120", "a population has no name".to_string());
        } else if !names.insert(name) {
            findings.add(site, "SL1120", format!("a second population is named `{name}`"));
        }
        let size = shape.iter().try_fold(1u64, |size, n| size.checked_mul(*n as u64));
        let size = size.filter(|size| *size <= MOST_ELEMENTS);
        match size {
            Some(0) => findings.add(site, "SL1121", format!("population `{name}` has no element")),
            None => findings.add(site, "SL1121", format!("population `{name}` has more than 2^28 elements")),
            Some(size) => {
                let before = total;
                total += size;
                if total > MOST_ELEMENTS && before <= MOST_ELEMENTS {
                    findings.add(site, "SL1121", "the populations have more than 2^28 elements".to_string());
                }
            }
        }
        sizes.push(size.map(|size| size as usize));
    }
    sizes
}

/// Names of outputs, and the populations that they show.
pub(super) fn outputs(
    findings: &mut Findings<'_>,
    outputs: &[Output],
    populations: usize,
    shows: impl Fn(usize) -> bool,
) {
    let mut names = BTreeSet::new();
    for (i, output) in outputs.iter().enumerate() {
        let site = Site::Output(i);
        if output.name.is_empty() {
            findings.add(site, "SL1120", "an output has no name".to_string());
        } else if !names.insert(output.name.as_str()) {
            findings.add(site, "SL1120", format!("a second output is named `{}`", output.name));
        }
        let shown = output.population.index();
        if shown >= populations {
            findings.add(
                site,
                "SL1122",
                format!("output `{}` shows population {shown}, which is none", output.name),
            );
        } else if !shows(shown) {
            findings.add(site, "SL1122", format!("output `{}` shows an input", output.name));
        }
    }
}

/// The ends of a connection: both there, and the target no input.
pub(super) fn ends(
    findings: &mut Findings<'_>,
    i: usize,
    (source, target): (usize, usize),
    populations: usize,
    is_input: impl Fn(usize) -> bool,
) -> bool {
    let site = Site::Connection(i);
    let is_there = source < populations && target < populations;
    if !is_there {
        findings.add(
            site,
            "SL1122",
            format!("the connection leads from population {source} to {target}, which are not both there"),
        );
    } else if is_input(target) {
        findings.add(site, "SL1122", "the connection leads into an input".to_string());
    }
    is_there
}

/// A list with one value for each element.
pub(super) fn length(findings: &mut Findings<'_>, site: Site, name: &str, len: usize, size: Option<usize>) {
    if size.is_some_and(|size| size != len) {
        let size = size.unwrap_or(0);
        findings.add(site, "SL1123", format!("`{name}` has {len} values for {size} elements"));
    }
}
