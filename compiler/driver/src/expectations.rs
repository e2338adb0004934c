//! Recorded spikes beside those of the chip.

use crate::numerics::Trains;
use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};
use spikeloom_image::files;
use spikeloom_image::spikes::npz::{Array, Data, read_npz};
use spikeloom_ir::program::{PopulationKind, Program};
use spikeloom_verify::{Difference, compare};
use std::path::Path;

/// Recorded spikes: the file's arrays with the node that each stands for.
pub struct Expected {
    file: String,
    arrays: Vec<(Array, String)>,
    has_matches: Vec<String>,
}

/// Reads recorded spikes; `matches` are `ARRAY=NODE`.
pub fn read_expected(path: &Path, matches: &[String]) -> Result<Expected> {
    let file = path.display().to_string();
    let arrays = read_npz(&files::read(path)?, &file)?;
    let mut pairs = Vec::new();
    for text in matches {
        let (array, node) = text.split_once('=').ok_or_else(|| {
            Diagnostic::error("SL0910", format!("`{text}` matches nothing"))
                .field("--match")
                .hint("write ARRAY=NODE")
        })?;
        if !arrays.iter().any(|a| a.name == array) {
            let names: Vec<_> = arrays.iter().map(|a| a.name.as_str()).collect();
            return Err(Diagnostic::error("SL0910", format!("there is no array `{array}`"))
                .at_file(&file)
                .field("--match")
                .hint(format!("arrays: {}", names.join(", ")))
                .into());
        }
        pairs.push((array.to_string(), node.to_string()));
    }
    let has_matches = pairs.iter().map(|(_, node)| node.clone()).collect();
    let arrays = arrays
        .into_iter()
        .map(|array| {
            let node = pairs
                .iter()
                .find(|(name, _)| *name == array.name)
                .map_or(array.name.clone(), |(_, node)| node.clone());
            (array, node)
        })
        .collect();
    Ok(Expected { file, arrays, has_matches })
}

pub(crate) fn compare_expected(
    program: &Program,
    expected: &Expected,
    trains: &Trains,
    samples: usize,
    notes: &mut Vec<Diagnostic>,
) -> Result<Vec<Difference>> {
    let mut faults = Vec::new();
    let mut differences = Vec::new();
    let mut left_out = Vec::new();
    for (array, node) in &expected.arrays {
        let by_output = program.outputs.iter().find(|o| o.name == *node).map(|o| o.population.index());
        let by_population =
            program.populations.iter().position(|p| p.name == *node && p.kind != PopulationKind::Input);
        let Some(p) = by_population.or(by_output) else {
            if expected.has_matches.contains(node) {
                let names: Vec<_> = program
                    .populations
                    .iter()
                    .filter(|p| p.kind != PopulationKind::Input)
                    .map(|p| p.name.as_str())
                    .collect();
                faults.push(
                    Diagnostic::error("SL0910", format!("there is no node `{node}`"))
                        .field("--match")
                        .hint(format!("nodes: {}", names.join(", "))),
                );
            } else {
                left_out.push(array.name.as_str());
            }
            continue;
        };
        match expected_counts(array, &program.populations[p].shape, trains.steps) {
            Ok((recorded, counts)) => {
                let compared = recorded.min(samples);
                let width = program.populations[p].len();
                differences.push(compare(
                    &program.populations[p].name,
                    &counts,
                    &trains.spikes[p],
                    compared,
                    trains.steps,
                    width,
                ));
            }
            Err(fault) => faults.push(fault.at_file(&expected.file)),
        }
    }
    if !left_out.is_empty() {
        notes.push(
            Diagnostic::note(
                "SL0912",
                format!("arrays that name no node are left out: {}", left_out.join(", ")),
            )
            .at_file(&expected.file),
        );
    }
    if differences.is_empty() && faults.is_empty() {
        faults.push(
            Diagnostic::error("SL0910", "no array names a node")
                .at_file(&expected.file)
                .hint("say which with --match ARRAY=NODE"),
        );
    }
    if faults.is_empty() { Ok(differences) } else { Err(Diagnostics(faults)) }
}

/// Number of samples and counts of an array `[steps, ...shape]` or `[samples, steps, ...shape]`.
fn expected_counts(
    array: &Array,
    shape: &[usize],
    steps: usize,
) -> std::result::Result<(usize, Vec<u32>), Diagnostic> {
    let tail = [&[steps], shape].concat();
    let wrong = || {
        Diagnostic::error("SL0910", format!("array `{}` does not have the shape of its node", array.name))
            .need_have(
                format!(
                    "[samples, steps, ...] = [any, {}]",
                    tail.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")
                ),
                format!("{:?}", array.shape),
            )
    };
    // A recording of more steps than were run is cut, like an input.
    let is_cut = |of_sample: &[usize]| of_sample[0] >= steps && of_sample[1..] == *shape;
    let samples = match array.shape.len().checked_sub(tail.len()) {
        Some(0) if is_cut(&array.shape) => 1,
        Some(1) if is_cut(&array.shape[1..]) => array.shape[0],
        _ => return Err(wrong()),
    };
    let counts: Vec<u32> = match &array.data {
        Data::Bool(values) => values.iter().map(|v| u32::from(*v)).collect(),
        Data::U8(values) => values.iter().map(|v| u32::from(*v)).collect(),
        Data::U16(values) => values.iter().map(|v| u32::from(*v)).collect(),
        Data::U32(values) => values.clone(),
        other => {
            return Err(Diagnostic::error(
                "SL0910",
                format!("array `{}` holds {}, not spike counts", array.name, other.dtype()),
            )
            .hint("bool, uint8, uint16 or uint32"));
        }
    };
    let recorded = array.shape[array.shape.len() - shape.len() - 1];
    let width: usize = shape.iter().product();
    let counts = counts
        .chunks_exact((recorded * width).max(1))
        .flat_map(|sample| &sample[..steps * width])
        .copied()
        .collect();
    Ok((samples, counts))
}
