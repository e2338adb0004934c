//! hMETIS files: a line for each net. The first pin is its source, the weight its rate.

use super::checked;
use spikeloom_diagnostics::{Diagnostic, Result};
use spikeloom_mapping::Graph;

/// Reads a `.hgr` file.
pub fn read_hmetis(text: &str, file: &str) -> Result<Graph> {
    let fault = |line: usize, message: String| {
        Diagnostic::error("SL0485", format!("line {}: {message}", line + 1)).at_file(file)
    };
    let mut lines = text.lines().enumerate().filter(|(_, line)| {
        let line = line.trim_start();
        !line.is_empty() && !line.starts_with('%')
    });
    let (at, first) = lines.next().ok_or_else(|| fault(0, "there is no first line".into()))?;
    let sizes: Vec<u64> = numbers(first).ok_or_else(|| fault(at, "these are no whole numbers".into()))?;
    let (nets, neurons, format) = match sizes[..] {
        [nets, neurons] => (nets, neurons, 0),
        [nets, neurons, format @ (1 | 10 | 11)] => (nets, neurons, format),
        _ => {
            return Err(fault(
                at,
                "it holds the number of nets, of neurons, and a format of 1, 10 or 11".into(),
            )
            .into());
        }
    };
    // A neuron takes at least two bytes of a line; what the file can't hold is not believed.
    if neurons > 1 << 30 || nets > text.len() as u64 || neurons > (text.len() as u64 + 1) * 8 {
        return Err(
            fault(at, format!("{nets} nets of {neurons} neurons are more than the file can hold")).into()
        );
    }
    let n = neurons as usize;
    let mut targets: Vec<Option<Vec<u32>>> = vec![None; n];
    let mut rates = vec![0.0; n];
    for net in 0..nets {
        let (at, line) = lines.next().ok_or_else(|| {
            fault(text.lines().count(), format!("the file ends after {net} of {nets} nets"))
        })?;
        let mut words = line.split_whitespace();
        let rate = if format % 10 == 1 {
            let word = words.next().unwrap_or("");
            word.parse::<f64>().map_err(|_| fault(at, format!("`{word}` is no weight")))?
        } else {
            1.0
        };
        let pins: Option<Vec<u64>> = words.map(|word| word.parse().ok()).collect();
        let pins = pins.ok_or_else(|| fault(at, "these are no whole numbers".into()))?;
        if let Some(pin) = pins.iter().find(|pin| **pin == 0 || **pin > neurons) {
            return Err(fault(at, format!("there is no neuron {pin} among 1 to {neurons}")).into());
        }
        let Some((source, others)) = pins.split_first() else {
            return Err(fault(at, "a net has a source".into()).into());
        };
        let source = *source as usize - 1;
        if targets[source].is_some() {
            return Err(fault(at, format!("neuron {} is the source of two nets", source + 1)).into());
        }
        let mut of: Vec<u32> = others.iter().map(|pin| *pin as u32 - 1).collect();
        of.sort_unstable();
        targets[source] = Some(of);
        rates[source] = rate;
    }
    let (mut offsets, mut all) = (vec![0], Vec::new());
    for of in targets {
        all.extend(of.into_iter().flatten());
        offsets.push(all.len());
    }
    checked(Graph::plain(offsets, all, rates, vec![0; n]), file)
}

fn numbers(line: &str) -> Option<Vec<u64>> {
    line.split_whitespace().map(|word| word.parse().ok()).collect()
}
