//! The parameters of one node: present, numeric, finite, of one shape.

use super::hdf5::{Array, Numbers, Param};
use super::shapes::MAX_ELEMENTS;
use crate::words::position;
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
    location: &'a str,
    raw: BTreeMap<String, Result<Param, String>>,
    findings: &'a mut Vec<Diagnostic>,
    faulty: bool,
    /// The shape that the parameters so far agree on, and who said so first.
    shape: Option<(Vec<usize>, String)>,
    /// The shape of a parameter of one element, such as `[1]`, if one was no scalar.
    unit: Option<Vec<usize>>,
    /// Parameters that were missing, and what they are taken to be.
    pub(super) assumed: Vec<(&'static str, &'static str)>,
}

impl<'a> Params<'a> {
    pub(super) fn new(
        file: &'a str,
        kind: &'a str,
        location: &'a str,
        raw: BTreeMap<String, Result<Param, String>>,
        findings: &'a mut Vec<Diagnostic>,
    ) -> Self {
        let (faulty, shape, unit, assumed) = (false, None, None, Vec::new());
        Params { file, kind, location, raw, findings, faulty, shape, unit, assumed }
    }

    /// Reports a fault of this node.
    pub(super) fn fault(&mut self, code: &'static str, message: String) {
        self.report(Diagnostic::error(code, message));
    }

    /// Reports a fault of this node that is more than a sentence.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.faulty = true;
        self.findings.push(diagnostic.at_node(self.file, self.location));
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
            Ok(Param::Numbers(array)) => self.finite(key, &array).then_some(array),
            Ok(Param::Text(_)) => {
                self.fault("SL0408", format!("parameter `{key}` can't be read: it holds text, not numbers"));
                None
            }
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
    pub(super) fn values(&mut self, key: &'static str) -> Option<Values> {
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
                Some((shape, _)) if bare(shape).eq(bare(&array.shape)) => {}
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

    /// Like [`Params::values`], with a default if it is missing.
    pub(super) fn values_or(&mut self, key: &'static str, default: (f64, &'static str)) -> Option<Values> {
        if self.has(key) {
            return self.values(key);
        }
        self.assumed.push((key, default.1));
        Some(Values::Uniform(default.0))
    }

    /// Like [`Params::values`], all above zero.
    pub(super) fn positive(&mut self, key: &'static str) -> Option<Values> {
        let hint = "a time constant of zero means no dynamics: use a node kind without it";
        self.seconds(key, "above zero", hint, |v| v > 0.0)
    }

    /// Like [`Params::values`], none below zero.
    pub(super) fn not_negative(&mut self, key: &'static str) -> Option<Values> {
        self.seconds(key, "at least zero", "nothing arrives before it was sent", |v| v >= 0.0)
    }

    fn seconds(
        &mut self,
        key: &'static str,
        need: &str,
        hint: &str,
        fits: impl Fn(f64) -> bool,
    ) -> Option<Values> {
        let values = self.values(key)?;
        let bad = match &values {
            Values::Uniform(value) => (!fits(*value)).then_some((String::new(), *value)),
            Values::Each(each) => each.iter().position(|v| !fits(*v)).map(|i| {
                let shape = self.shape.as_ref().map_or(&[][..], |(shape, _)| shape);
                (position(i, shape), each[i])
            }),
        };
        let Some((at, value)) = bad else { return Some(values) };
        let fault = Diagnostic::error("SL0410", format!("`{key}`{at} must be {need}"));
        self.report(fault.need_have(format!("{need}, in seconds"), value).hint(hint));
        None
    }

    /// Whether the parameter is there and was not taken yet.
    pub(super) fn has(&self, key: &str) -> bool {
        self.raw.contains_key(key)
    }

    /// A parameter that is a word, and only if it is one.
    pub(super) fn word(&mut self, key: &str) -> Option<String> {
        match self.raw.get(key) {
            Some(Ok(Param::Text(word))) => {
                let word = word.clone();
                self.raw.remove(key);
                Some(word)
            }
            _ => None,
        }
    }

    /// A list of sizes, such as the shape of an Input. An empty one, the shape of a scalar, says nothing.
    pub(super) fn sizes(&mut self, key: &str) -> Option<Vec<usize>> {
        let array = self.optional(key).filter(|array| array.values.len() > 0)?;
        let sizes = shape(array);
        if sizes.is_none() {
            self.fault(
                "SL0410",
                format!(
                    "`{key}` must list the sizes of a shape, each at least 1, of at most {MAX_ELEMENTS} elements \
                     in all"
                ),
            );
        }
        sizes
    }

    /// A shape that stands beside the parameters; one that makes no sense is passed over.
    pub(super) fn hint(&mut self, key: &str) -> Option<Vec<usize>> {
        match self.raw.remove(key) {
            Some(Ok(Param::Numbers(array))) => shape(array),
            _ => None,
        }
    }

    /// A whole number for each axis; a single one stands for all.
    pub(super) fn axes(&mut self, key: &str, axes: usize, least: usize) -> Option<Vec<usize>> {
        let array = self.array(key)?;
        let have = match &array.values {
            few if few.len() <= 4 => {
                let values: Vec<String> = (0..few.len()).map(|i| few.get(i).to_string()).collect();
                values.join(", ")
            }
            _ => format!("an array of shape {:?}", array.shape),
        };
        match whole(array, least) {
            Some(one) if one.len() == 1 => Some(vec![one[0]; axes]),
            Some(each) if each.len() == axes => Some(each),
            _ => {
                let each = if axes == 1 { "" } else { ", or two, for height and width" };
                let need = format!("a whole number from {least} to {MAX_ELEMENTS}{each}");
                let fault = Diagnostic::error("SL0410", format!("`{key}` is out of its range"));
                self.report(fault.need_have(need, have));
                None
            }
        }
    }

    /// Ends the reading: warns of parameters that nobody took, and says whether all was well.
    ///
    /// Returns the shape that the parameters agree on and the shape of those with one element.
    pub(super) fn finish(mut self) -> (bool, Option<Vec<usize>>, Option<Vec<usize>>) {
        for key in std::mem::take(&mut self.raw).into_keys().filter(|key| !ASIDE.contains(&key.as_str())) {
            let message = format!("parameter `{key}` of the {} node is not known and was ignored", self.kind);
            self.findings.push(Diagnostic::warning("SL0411", message).at_node(self.file, self.location));
        }
        (!self.faulty, self.shape.map(|(shape, _)| shape), self.unit)
    }
}

/// Numbers that are whole, from `least` to the limit of elements, in whatever precision.
fn whole(array: Array, least: usize) -> Option<Vec<usize>> {
    let one = |v: f64| {
        // Exact below the limit of elements, which is far below 2^53.
        (v >= least as f64 && v.fract() == 0.0 && v <= MAX_ELEMENTS as f64).then_some(v as usize)
    };
    (array.shape.len() <= 1).then(|| doubles(array.values).into_iter().map(one).collect())?
}

/// The shape that a list of sizes gives, if it does.
fn shape(sizes: Array) -> Option<Vec<usize>> {
    whole(sizes, 1).filter(|sizes| super::shapes::count(sizes).is_some())
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

/// The sizes of a shape that say something.
fn bare(shape: &[usize]) -> impl Iterator<Item = &usize> {
    shape.iter().filter(|size| **size != 1)
}
