//! The parameters of one node: present, numeric, finite, of one shape.

use super::hdf5::{Array, Numbers, RawNode};
use spikeloom_diagnostics::Diagnostic;
use spikeloom_ir::network::{Tensor, Values};
use std::collections::BTreeMap;

/// Integers beyond this are not exact in double precision.
const EXACT: u64 = 1 << 53;

/// What exporters write beside the parameters of any node; nothing in it bears on what the node does.
const ASIDE: [&str; 3] = ["input_type", "output_type", "metadata"];

/// Takes the parameters of a node one by one and collects what is wrong with them.
pub(super) struct Params<'a> {
    file: &'a str,
    kind: &'a str,
    location: String,
    raw: BTreeMap<String, Result<Array, String>>,
    findings: &'a mut Vec<Diagnostic>,
    faulty: bool,
    /// The shape that the parameters so far agree on, and who said so first.
    shape: Option<(Vec<usize>, String)>,
    /// The shape of a parameter of one element, such as `[1]`, if one was no scalar.
    unit: Option<Vec<usize>>,
    /// Parameters that were missing where NIR has a default.
    pub(super) assumed: Vec<&'static str>,
}

impl<'a> Params<'a> {
    pub(super) fn new(
        file: &'a str,
        kind: &'a str,
        location: String,
        node: RawNode,
        findings: &'a mut Vec<Diagnostic>,
    ) -> Self {
        let (raw, faulty, shape, unit, assumed) = (node.params, false, None, None, Vec::new());
        Params { file, kind, location, raw, findings, faulty, shape, unit, assumed }
    }

    /// Reports a fault of this node.
    pub(super) fn fault(&mut self, code: &'static str, message: String) {
        self.report(Diagnostic::error(code, message));
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.faulty = true;
        self.findings.push(diagnostic.at_node(self.file, &self.location));
    }

    /// A parameter that must be there.
    pub(super) fn array(&mut self, key: &str) -> Option<Array> {
        if !self.raw.contains_key(key) {
            let kind = self.kind;
            self.fault("SL0407", format!("the {kind} node has no parameter `{key}`"));
        }
        self.optional(key)
    }

    /// A parameter that may be missing.
    pub(super) fn optional(&mut self, key: &str) -> Option<Array> {
        match self.raw.remove(key)? {
            Ok(array) => self.finite(key, &array).then_some(array),
            Err(why) => {
                self.fault("SL0408", format!("parameter `{key}` can't be read: {why}"));
                None
            }
        }
    }

    fn finite(&mut self, key: &str, array: &Array) -> bool {
        let (mut first, mut count) = (None, 0usize);
        let mut look = |i: usize, value: f64| {
            if !value.is_finite() {
                first.get_or_insert((i, value));
                count += 1;
            }
        };
        match &array.values {
            Numbers::F32(values) => values.iter().enumerate().for_each(|(i, v)| look(i, f64::from(*v))),
            Numbers::F64(values) => values.iter().enumerate().for_each(|(i, v)| look(i, *v)),
            Numbers::Int(values) => {
                if let Some(i) = values.iter().position(|v| v.unsigned_abs() > EXACT) {
                    let (at, value) = (position(i, &array.shape), values[i]);
                    self.fault("SL0408", format!("`{key}`{at} is {value}, an integer beyond 2^53"));
                    return false;
                }
            }
        }
        let Some((i, value)) = first else { return true };
        let at = position(i, &array.shape);
        let more = if count > 1 { format!(" (and {} more)", count - 1) } else { String::new() };
        self.report(
            Diagnostic::error("SL0409", format!("`{key}`{at} is {value}, not a finite number{more}"))
                .hint("training diverged, or the exporter wrote an unset value: check the weights there"),
        );
        false
    }

    /// A parameter with a value for each neuron. Its shape must be that of the others, or one element.
    pub(super) fn values(&mut self, key: &'static str, default: Option<f64>) -> Option<Values> {
        if let Some(default) = default
            && !self.raw.contains_key(key)
        {
            self.assumed.push(key);
            return Some(Values::Uniform(default));
        }
        let array = self.array(key)?;
        if array.values.len() == 0 {
            self.fault("SL0408", format!("`{key}` is empty (shape {:?})", array.shape));
            return None;
        }
        if array.values.len() == 1 {
            if !array.shape.is_empty() {
                self.unit.get_or_insert(array.shape);
            }
        } else {
            match &self.shape {
                None => self.shape = Some((array.shape, key.to_string())),
                Some((shape, _)) if *shape == array.shape => {}
                Some((shape, first)) => {
                    let fault = Diagnostic::error("SL0408", format!("`{key}` and `{first}` differ in shape"))
                        .need_have(
                            format!("{shape:?}, as `{first}`, or a scalar"),
                            format!("{:?}", array.shape),
                        );
                    self.report(fault);
                    return None;
                }
            }
        }
        Some(Values::compact(doubles(array.values)))
    }

    /// Like [`Params::values`], all above zero.
    pub(super) fn positive(&mut self, key: &'static str) -> Option<Values> {
        let values = self.values(key, None)?;
        let bad = match &values {
            Values::Uniform(value) => (*value <= 0.0).then_some((String::new(), *value)),
            Values::Each(each) => each.iter().position(|v| *v <= 0.0).map(|i| {
                let shape = self.shape.as_ref().map_or(&[][..], |(shape, _)| shape);
                (position(i, shape), each[i])
            }),
        };
        let Some((at, value)) = bad else { return Some(values) };
        self.report(
            Diagnostic::error("SL0410", format!("`{key}`{at} must be above zero"))
                .need_have("> 0 seconds", value)
                .hint("a time constant of zero means no dynamics: use a node kind without it"),
        );
        None
    }

    /// A list of sizes, such as the shape of an Input.
    pub(super) fn sizes(&mut self, key: &str, required: bool) -> Option<Vec<usize>> {
        let array = if required { self.array(key)? } else { self.optional(key)? };
        let (shape, count) = (array.shape.len(), array.values.len());
        let sizes: Option<Vec<usize>> = doubles(array.values)
            .into_iter()
            // Exact below the limit of elements, which is far below 2^53.
            .map(|v| {
                (v >= 1.0 && v.fract() == 0.0 && v <= super::shapes::MAX_ELEMENTS as f64)
                    .then_some(v as usize)
            })
            .collect();
        let product = sizes.as_ref().and_then(|sizes| super::shapes::count(sizes));
        if shape > 1 || count == 0 || product.is_none() {
            let most = super::shapes::MAX_ELEMENTS;
            self.fault(
                "SL0410",
                format!("`{key}` must list the sizes of a shape, each at least 1, of at most {most} elements in all"),
            );
            return None;
        }
        sizes
    }

    /// Ends the reading: warns of parameters that nobody took, and says whether all was well.
    ///
    /// Returns the shape that the parameters agree on and the shape of those with one element.
    pub(super) fn finish(mut self) -> (bool, Option<Vec<usize>>, Option<Vec<usize>>) {
        for key in std::mem::take(&mut self.raw).into_keys().filter(|key| !ASIDE.contains(&key.as_str())) {
            let message = format!("parameter `{key}` of the {} node is not known and was ignored", self.kind);
            self.findings.push(Diagnostic::warning("SL0411", message).at_node(self.file, &self.location));
        }
        (!self.faulty, self.shape.map(|(shape, _)| shape), self.unit)
    }
}

/// Any numbers in double precision; integers were checked to be exact.
pub(super) fn doubles(numbers: Numbers) -> Vec<f64> {
    match numbers {
        Numbers::F32(values) => values.into_iter().map(f64::from).collect(),
        Numbers::F64(values) => values,
        Numbers::Int(values) => values.into_iter().map(|v| v as f64).collect(),
    }
}

/// The numbers in the precision that the file has; integers become doubles.
pub(super) fn tensor(numbers: Numbers) -> Tensor {
    match numbers {
        Numbers::F32(values) => Tensor::F32(values),
        other => Tensor::F64(doubles(other)),
    }
}

/// `[i, j]` for element `i` in row-major order; nothing for a scalar.
fn position(mut i: usize, shape: &[usize]) -> String {
    if shape.is_empty() {
        return String::new();
    }
    let mut indices = vec![0; shape.len()];
    for (index, size) in indices.iter_mut().zip(shape).rev() {
        (*index, i) = (i % size, i / size);
    }
    format!("{indices:?}")
}
