//! What must hold of a Network.
//!
//! 1. Populations have names, and no two the same; so have outputs.
//! 2. A population has at least one element, and all together have at most 2^28.
//! 3. Connections and outputs name populations that are there, and no connection leads into an input.
//! 4. A list of values has one for each element of its population.
//! 5. All numbers are finite; time constants are above 0.
//! 6. A matrix has as many numbers as its shape says, and a kernel as its channels, groups and taps say; groups divide
//!    both numbers of channels; delays are not negative; windows begin inside their padded plane.
//! 7. The stages of a connection fit each other, its source and its target; without stages, source and target have
//!    equally many elements.

use super::{Count, Findings, Labels, common};
use crate::network::{Connection, Network, PopulationKind, Stage, Tensor, Values, Window};
use crate::text::{Places, Site};
use spikeloom_diagnostics::Diagnostic;

/// Every violation in a network.
pub fn network(network: &Network, places: Option<&Places>) -> Vec<Diagnostic> {
    let labels = Labels {
        source: &network.source_name,
        populations: network.populations.iter().map(|p| p.name.as_str()).collect(),
        connections: network.connections.iter().map(|c| (c.source.index(), c.target.index())).collect(),
        outputs: network.outputs.iter().map(|o| o.name.as_str()).collect(),
        cores: Vec::new(),
    };
    let mut findings = Findings::new(places, labels);
    let shapes = network.populations.iter().map(|p| (p.name.as_str(), p.shape.as_slice()));
    let sizes = common::populations(&mut findings, shapes);
    for (i, population) in network.populations.iter().enumerate() {
        let fields = match &population.kind {
            PopulationKind::Input => Vec::new(),
            PopulationKind::Neurons(model) => model.fields(),
        };
        let fields = std::iter::once(("bias", &population.bias)).chain(fields);
        for (f, (name, values)) in fields.enumerate() {
            check_values(&mut findings, Site::Field(i, f), name, values, sizes[i]);
        }
    }
    for (i, connection) in network.connections.iter().enumerate() {
        let ends = (connection.source.index(), connection.target.index());
        let is_input = |p: usize| network.populations[p].kind == PopulationKind::Input;
        let is_there = common::ends(&mut findings, i, ends, sizes.len(), is_input);
        let (source, target) = if is_there { (sizes[ends.0], sizes[ends.1]) } else { (None, None) };
        check_stages(&mut findings, i, connection, source, target);
    }
    common::outputs(&mut findings, &network.outputs, sizes.len(), |_| true);
    findings.found
}

fn check_values(findings: &mut Findings<'_>, site: Site, name: &str, values: &Values, size: Option<usize>) {
    let values = match values {
        Values::Uniform(value) => std::slice::from_ref(value),
        Values::Each(values) => {
            common::length(findings, site, name, values.len(), size);
            values
        }
    };
    let is_time = name.starts_with("tau");
    let mut odd = Count::new();
    for value in values.iter().filter(|v| !v.is_finite() || (is_time && **v <= 0.0)) {
        odd.add(|| *value);
    }
    if let Some(value) = odd.first {
        let rule = if is_time { "a finite number above 0" } else { "a finite number" };
        findings.add(site, "SL1125", format!("`{name}` is {value:?}, not {rule}{}", odd.more()));
    }
}

fn check_stages(
    findings: &mut Findings<'_>,
    i: usize,
    connection: &Connection,
    source: Option<usize>,
    target: Option<usize>,
) {
    let site = Site::Connection(i);
    let mut from = source;
    for (s, stage) in connection.stages.iter().enumerate() {
        let mut fault =
            |code, message: String| findings.add(site, code, format!("stage {s} of a connection: {message}"));
        if let Some(message) = shape_fault(stage) {
            fault("SL1124", message);
            from = None;
            continue;
        }
        let inputs = stage.inputs();
        if let Some(from) = from.filter(|from| *from != inputs) {
            fault("SL1124", format!("it takes {inputs} elements, and {from} come"));
        }
        let odd = odd_numbers(stage);
        if odd > 0 {
            let rule = match stage {
                Stage::Delay { .. } => "finite and at least 0",
                _ => "finite",
            };
            fault("SL1125", format!("{odd} of its numbers are not {rule}"));
        }
        from = Some(stage.outputs());
    }
    if let (Some(from), Some(target)) = (from, target)
        && from != target
    {
        findings.add(
            site,
            "SL1124",
            format!("the connection gives {from} elements to a population of {target}"),
        );
    }
}

/// What is wrong with the shape of a stage, for which then no number of elements is known.
fn shape_fault(stage: &Stage) -> Option<String> {
    match stage {
        Stage::Dense { outputs, inputs, weights } => (outputs.checked_mul(*inputs) != Some(weights.len()))
            .then(|| format!("it has {} weights for a matrix of {outputs} x {inputs}", weights.len())),
        Stage::Sparse { outputs, offsets, targets, weights } => {
            let is_whole = offsets.first() == Some(&0)
                && offsets.is_sorted()
                && offsets.last().is_some_and(|last| *last as usize == targets.len())
                && targets.len() == weights.len();
            let ascends = is_whole
                && offsets
                    .windows(2)
                    .all(|ends| targets[ends[0] as usize..ends[1] as usize].is_sorted_by(|a, b| a < b));
            (!ascends || targets.iter().any(|target| *target as usize >= *outputs))
                .then(|| "its offsets, targets and weights do not fit each other".to_string())
        }
        Stage::Scale { size, factors: values } | Stage::Delay { size, seconds: values } => match values {
            Values::Each(each) if each.len() != *size => {
                Some(format!("it has {} values for {size} elements", each.len()))
            }
            _ => None,
        },
        Stage::Convolution(c) => {
            let divides = |channels: usize| c.groups > 0 && channels > 0 && channels.is_multiple_of(c.groups);
            if !divides(c.channels_in) || !divides(c.channels_out) {
                let channels = [c.channels_in, c.channels_out];
                return Some(format!("{} groups do not divide {channels:?} channels", c.groups));
            }
            let taps = [c.channels_out, c.channels_in / c.groups, c.window.kernel[0], c.window.kernel[1]];
            let need = taps.iter().try_fold(1usize, |all, n| all.checked_mul(*n));
            if need != Some(c.weights.len()) {
                return Some(format!("it has {} weights for a kernel of {taps:?}", c.weights.len()));
            }
            window_fault(&c.window, c.channels_in.max(c.channels_out))
        }
        Stage::Pool(pool) => window_fault(&pool.window, pool.channels),
    }
}

fn window_fault(window: &Window, channels: usize) -> Option<String> {
    let Window { input, kernel, stride, padding, dilation, output } = *window;
    let least = [input, kernel, stride, dilation, output].iter().flatten().copied().min().unwrap_or(0);
    if least == 0 || channels == 0 {
        return Some("a size of its windows is 0".to_string());
    }
    for sizes in [input, output] {
        let all = sizes.iter().try_fold(channels, |all, n| all.checked_mul(*n));
        if all.is_none_or(|all| all > MOST_ELEMENTS) {
            return Some(format!("it has too many elements: {channels} x {sizes:?}"));
        }
    }
    // Nothing may be so large that a place in the padded plane can't be computed.
    let reach = |axis: usize| {
        let last = (output[axis] - 1).checked_mul(stride[axis])?;
        let span = (kernel[axis] - 1).checked_mul(dilation[axis])?;
        let end = last.checked_add(span)?;
        (end <= MOST_ELEMENTS && padding[axis] <= MOST_ELEMENTS && kernel[axis] <= MOST_ELEMENTS)
            .then_some(())
    };
    (reach(0).is_none() || reach(1).is_none()).then(|| "its windows reach too far".to_string())
}

/// Elements of a stage at most; beyond them no place in a plane is computed.
const MOST_ELEMENTS: usize = 1 << 28;

fn odd_numbers(stage: &Stage) -> usize {
    let count = |tensor: &Tensor| match tensor {
        Tensor::F32(weights) => weights.iter().filter(|w| !w.is_finite()).count(),
        Tensor::F64(weights) => weights.iter().filter(|w| !w.is_finite()).count(),
    };
    let values = |values: &Values, least: f64| match values {
        Values::Uniform(value) => usize::from(!value.is_finite() || *value < least),
        Values::Each(each) => each.iter().filter(|v| !v.is_finite() || **v < least).count(),
    };
    match stage {
        Stage::Dense { weights, .. } | Stage::Sparse { weights, .. } => count(weights),
        Stage::Convolution(convolution) => count(&convolution.weights),
        Stage::Scale { factors, .. } => values(factors, f64::NEG_INFINITY),
        Stage::Delay { seconds, .. } => values(seconds, 0.0),
        Stage::Pool(pool) => usize::from(!pool.divisor.is_finite() || pool.divisor == 0.0),
    }
}
