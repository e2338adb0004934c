//! Spikes in and out: npz files with one array of counts per node, or with raw host packets.

mod npy;
pub mod npz;
pub mod packets;

use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};

use npz::{Archive, Array, Data, Dtype};

/// Spike counts of some nodes over samples and steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpikeTrains {
    /// Number of samples, 1 where the arrays had no such axis.
    pub samples: usize,
    /// Number of steps of each sample.
    pub steps: usize,
    /// Whether the arrays had a sample axis; the output has one if the input had.
    pub batched: bool,
    /// The nodes.
    pub nodes: Vec<NodeTrain>,
}

/// Spike counts of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeTrain {
    /// The node's name.
    pub name: String,
    /// The node's shape, without samples and steps.
    pub shape: Vec<usize>,
    /// `[samples, steps, ...shape]`, row-major.
    pub counts: Vec<u32>,
}

/// A node that spikes are wanted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedNode {
    /// The node's name, which is the array's.
    pub name: String,
    /// The node's shape, without samples and steps.
    pub shape: Vec<usize>,
}

impl SpikeTrains {
    /// The arrays of these trains, ready for [`npz::write_npz`].
    pub fn to_arrays(&self) -> Vec<Array> {
        let (samples, steps, batched) = (self.samples, self.steps, self.batched);
        self.nodes
            .iter()
            .map(|n| output_array(&n.name, &n.shape, &n.counts, samples, steps, batched))
            .collect()
    }
}

/// The array of a node's counts, in the narrowest of uint8, uint16 and uint32 that holds them all.
///
/// Its shape is `[steps, ...shape]`, or `[samples, steps, ...shape]` where `batched` (or where there is more
/// than one sample).
pub fn output_array(
    name: &str,
    shape: &[usize],
    counts: &[u32],
    samples: usize,
    steps: usize,
    batched: bool,
) -> Array {
    let most = counts.iter().copied().max().unwrap_or(0);
    let data = match most {
        0..=0xff => Data::U8(counts.iter().map(|&count| count as u8).collect()),
        0x100..=0xffff => Data::U16(counts.iter().map(|&count| count as u16).collect()),
        _ => Data::U32(counts.to_vec()),
    };
    let samples = (batched || samples != 1).then_some(samples);
    let shape = samples.into_iter().chain([steps]).chain(shape.iter().copied()).collect();
    Array { name: name.into(), shape, data }
}

/// The input spikes of exactly these nodes, in their order; `file` is the name for messages.
///
/// Where no node is expected, an npz without arrays gives one sample of no steps.
///
/// # Errors
///
/// `SL0501` to `SL0506` as [`npz::read_npz`]; `SL0507` to `SL0512` for arrays that are missing, unknown, of the
/// wrong dtype or shape, that disagree about samples or steps, or that have none. All of them at once, before
/// any array is inflated.
pub fn read_inputs(bytes: &[u8], file: &str, expected: &[ExpectedNode]) -> Result<SpikeTrains> {
    let mut archive = Archive::open(bytes, file)?;
    let names: Vec<&str> = expected.iter().map(|node| node.name.as_str()).collect();
    let (places, mut faults) = find(&archive, file, &names);
    // The first array whose shape is good; the others must agree with it.
    let mut first: Option<(&str, Axes)> = None;
    for (node, place) in expected.iter().zip(&places) {
        let Some((_, header)) = place.map(|index| &archive.members[index]) else { continue };
        if !matches!(header.dtype, Dtype::Bool | Dtype::U8 | Dtype::U16 | Dtype::U32) {
            faults.push(wrong_dtype(file, node, header.dtype));
        }
        let Some(axes) = Axes::of(&header.shape, &node.shape) else {
            faults.push(wrong_shape(file, node, &header.shape));
            continue;
        };
        if axes.samples == Some(0) || axes.steps == 0 {
            let what = if axes.steps == 0 { "steps" } else { "samples" };
            let error = Diagnostic::error("SL0512", format!("array {:?} has no {what}", node.name));
            let error = error.at_node(file, &node.name).need_have(format!("1 or more {what}"), "0");
            faults.push(error.hint("for silence, save an array of zeros"));
        }
        match &first {
            None => first = Some((&node.name, axes)),
            Some((other, needed)) if *needed != axes => {
                let message =
                    format!("array {:?} disagrees with array {other:?} on samples or steps", node.name);
                let error = Diagnostic::error("SL0511", message).at_node(file, &node.name);
                let error = error.need_have(format!("{}, as {other:?}", needed.words()), axes.words());
                faults.push(error.hint("cut or pad the arrays to the same samples and steps"));
            }
            Some(_) => {}
        }
    }
    if !faults.is_empty() {
        return Err(Diagnostics(faults));
    }
    let axes = first.map_or(Axes { samples: None, steps: 0 }, |(_, axes)| axes);
    let mut nodes = Vec::with_capacity(expected.len());
    for (node, index) in expected.iter().zip(places.into_iter().flatten()) {
        let counts = match archive.load(index)?.data {
            Data::Bool(elements) => elements.into_iter().map(u32::from).collect(),
            Data::U8(elements) => elements.into_iter().map(u32::from).collect(),
            Data::U16(elements) => elements.into_iter().map(u32::from).collect(),
            Data::U32(elements) => elements,
            other => return Err(wrong_dtype(file, node, other.dtype()).into()),
        };
        nodes.push(NodeTrain { name: node.name.clone(), shape: node.shape.clone(), counts });
    }
    let (samples, batched) = (axes.samples.unwrap_or(1), axes.samples.is_some());
    Ok(SpikeTrains { samples, steps: axes.steps, batched, nodes })
}

/// The axes before a node's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Axes {
    samples: Option<usize>,
    steps: usize,
}

impl Axes {
    /// Told by the rank alone: what it has before the node's own axes.
    fn of(shape: &[usize], node: &[usize]) -> Option<Axes> {
        match *shape.strip_suffix(node)? {
            [steps] => Some(Axes { samples: None, steps }),
            [samples, steps] => Some(Axes { samples: Some(samples), steps }),
            _ => None,
        }
    }

    fn words(self) -> String {
        match self.samples {
            Some(samples) => format!("{samples} samples of {} steps", self.steps),
            None => format!("{} steps without a sample axis", self.steps),
        }
    }
}

/// Where in the archive each name is; and the faults: names that are missing and arrays that have none of them.
fn find(archive: &Archive<'_>, file: &str, names: &[&str]) -> (Vec<Option<usize>>, Vec<Diagnostic>) {
    let place = |name: &&str| archive.members.iter().position(|(member, _)| member == name);
    let places: Vec<_> = names.iter().map(place).collect();
    let missing: Vec<&str> =
        names.iter().zip(&places).filter(|(_, p)| p.is_none()).map(|(name, _)| *name).collect();
    let unknown = archive.members.iter().map(|(member, _)| member.as_str());
    let unknown: Vec<&str> = unknown.filter(|member| !names.contains(member)).collect();
    let mut faults = Vec::new();
    for name in &missing {
        let error =
            Diagnostic::error("SL0507", format!("there is no array named {name:?}")).at_node(file, *name);
        let have = list(archive.members.iter().map(|(member, _)| member.as_str()));
        let hint = match unknown.as_slice() {
            [other] if missing.len() == 1 => format!("rename array {other:?} to {name:?}"),
            _ => format!("save one: `np.savez_compressed(file, **{{{name:?}: array}})`"),
        };
        faults.push(error.need_have(format!("{name:?}"), have).hint(hint));
    }
    for name in &unknown {
        let error =
            Diagnostic::error("SL0508", format!("array {name:?} belongs to nothing")).at_node(file, *name);
        let error = error.need_have(list(names.iter().copied()), format!("{name:?}"));
        let hint = if missing.is_empty() { "leave it out" } else { "leave it out, or rename it" };
        faults.push(error.hint(hint));
    }
    (places, faults)
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.map(|name| format!("{name:?}")).collect();
    match names.len() {
        0 => "no array".into(),
        1..=12 => names.join(", "),
        n => format!("{}, ... ({n} in all)", names[..12].join(", ")),
    }
}

fn wrong_dtype(file: &str, node: &ExpectedNode, dtype: Dtype) -> Diagnostic {
    let error = Diagnostic::error("SL0509", format!("array {:?} has no dtype for spike counts", node.name));
    let error = error.at_node(file, &node.name).need_have("bool, uint8, uint16 or uint32", dtype);
    error.hint("spikes are counts; if all are whole, not negative and at most 255: `.astype(np.uint8)`")
}

fn wrong_shape(file: &str, node: &ExpectedNode, shape: &[usize]) -> Diagnostic {
    let own: String = node.shape.iter().map(|n| format!(", {n}")).collect();
    // Often the elements are all there, only in other axes.
    let size = |shape: &[usize]| shape.iter().try_fold(1, |product: usize, &n| product.checked_mul(n));
    let mut axes = 1..=shape.len().min(2);
    let hint = match axes.find(|&n| size(&shape[n..]) == size(&node.shape)) {
        Some(1) => format!("if the other axes are the node's: `.reshape({}{own})`", shape[0]),
        Some(_) => {
            format!(
                "if the first two axes are samples and steps: `.reshape({}, {}{own})`",
                shape[0], shape[1]
            )
        }
        None => "the node's own axes come last, in the network's order; steps before them".into(),
    };
    Diagnostic::error("SL0510", format!("array {:?} has the wrong shape for its node", node.name))
        .at_node(file, &node.name)
        .need_have(format!("[steps{own}] or [samples, steps{own}]"), format!("{shape:?}"))
        .hint(hint)
}

#[cfg(test)]
mod tests;
