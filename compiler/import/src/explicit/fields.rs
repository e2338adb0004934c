//! The arrays of one object: there, of the right kind, finite, of the right length.

use super::table::Arrays;
use crate::words::position;
use spikeloom_diagnostics::Diagnostic;
use spikeloom_image::spikes::npz::{Array, Data, Member};
use spikeloom_ir::network::{Tensor, Values};

/// Integers beyond this are not exact in double precision.
const EXACT: u64 = 1 << 53;

/// Takes the arrays of an object one by one, and says what is wrong with them.
pub(super) struct Fields<'a> {
    file: &'a str,
    /// What stands before the `/` in their names.
    group: &'a str,
    arrays: Arrays,
    findings: &'a mut Vec<Diagnostic>,
}

/// Numbers with their shape.
pub(super) struct Numbers {
    pub(super) shape: Vec<usize>,
    pub(super) values: Tensor,
}

impl<'a> Fields<'a> {
    pub(super) fn new(
        file: &'a str,
        group: &'a str,
        arrays: Arrays,
        findings: &'a mut Vec<Diagnostic>,
    ) -> Self {
        Fields { file, group, arrays, findings }
    }

    /// Reports a fault or a note of an array of this object.
    pub(super) fn report(&mut self, diagnostic: Diagnostic, key: &str) {
        let path = self.path(key);
        self.findings.push(diagnostic.at_node(self.file, path));
    }

    /// Whether an array is there and was not taken yet.
    pub(super) fn has(&self, key: &str) -> bool {
        self.arrays.contains_key(key)
    }

    fn path(&self, key: &str) -> String {
        match (self.group, key) {
            ("", _) => key.to_string(),
            (_, "") => self.group.to_string(),
            (group, _) => format!("{group}/{key}"),
        }
    }

    /// Reports an array of the wrong form.
    pub(super) fn wrong(
        &mut self,
        key: &str,
        why: &str,
        need: &str,
        have: impl std::fmt::Display,
        hint: &str,
    ) {
        let message = format!("array {:?} is of the wrong form: {why}", self.path(key));
        self.report(Diagnostic::error("SL0453", message).need_have(need, have).hint(hint), key);
    }

    /// Reports an array that is not there.
    pub(super) fn missing(&mut self, key: &str, need: &str) {
        let message = format!("there is no array {:?}", self.path(key));
        let hint = format!("add it to the file: `{:?}: ...`", self.path(key));
        self.report(Diagnostic::error("SL0452", message).need_have(need, "nothing").hint(hint), key);
    }

    /// A text that must be there.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        if !self.has(key) {
            self.missing(key, "one text");
        }
        self.optional_text(key)
    }

    /// A text that may be missing.
    pub(super) fn optional_text(&mut self, key: &str) -> Option<String> {
        let hint = "save one text: `np.array(\"text\")`";
        match self.arrays.remove(key)? {
            Member::Numbers(array) => {
                let have = format!("{}{:?}", array.data.dtype(), array.shape);
                self.wrong(key, "it holds numbers", "one text", have, hint);
                None
            }
            Member::Text(mut text) if text.elements.len() == 1 => text.elements.pop(),
            Member::Text(text) => {
                self.wrong(key, "it holds several texts", "one text", text.elements.len(), hint);
                None
            }
        }
    }

    /// Finite numbers, if they are there and are some.
    pub(super) fn numbers(&mut self, key: &str) -> Option<Numbers> {
        let array = match self.arrays.remove(key)? {
            Member::Numbers(array) => array,
            Member::Text(text) => {
                let have = format!("text {:?}", text.elements.first().map_or("", String::as_str));
                self.wrong(key, "it holds text", "numbers", have, "save numbers, without quotes");
                return None;
            }
        };
        let Array { shape, data, .. } = array;
        let odd = odd_numbers(&data);
        match odd {
            None => Some(Numbers { shape, values: tensor(data) }),
            Some(Odd { first, value, count, is_finite }) => {
                let (at, path) = (position(first, &shape), self.path(key));
                let more = if count > 1 { format!(" (and {} more)", count - 1) } else { String::new() };
                let fault = if is_finite {
                    let message =
                        format!("{path:?}{at} is {value}, which is not exact as a real number{more}");
                    Diagnostic::error("SL0453", message).need_have("integers up to 2^53", value)
                } else {
                    Diagnostic::error("SL0454", format!("{path:?}{at} is {value}{more}"))
                        .need_have("finite numbers", value)
                        .hint("look where it came from: a chip can hold no such number")
                };
                self.report(fault, key);
                None
            }
        }
    }

    /// One number that must be there.
    pub(super) fn number(&mut self, key: &str) -> Option<f64> {
        if !self.has(key) {
            self.missing(key, "one number");
        }
        let numbers = self.numbers(key)?;
        if numbers.values.len() != 1 {
            let have = format!("shape {:?}", numbers.shape);
            self.wrong(key, "it is not one number", "one number", have, "save a single number");
            return None;
        }
        Some(numbers.values.get(0))
    }

    /// A list of indices that must be there; they may still be too large.
    pub(super) fn indices(&mut self, key: &str) -> Option<Vec<u32>> {
        if !self.has(key) {
            self.missing(key, "one index for each synapse");
        }
        let hint = "save whole numbers: `.astype(np.int64)`";
        let array = match self.arrays.remove(key)? {
            Member::Numbers(array) if array.shape.len() == 1 => array,
            Member::Numbers(array) => {
                let have = format!("shape {:?}", array.shape);
                self.wrong(key, "it is no list", "one axis", have, "flatten it: `.ravel()`");
                return None;
            }
            Member::Text(_) => {
                self.wrong(key, "it holds text", "indices", "text", hint);
                return None;
            }
        };
        match indices(&array.data) {
            None => {
                self.wrong(key, "it has no integers", "an integer dtype", array.data.dtype(), hint);
                None
            }
            Some(Err((first, value))) => {
                self.out_of_range(key, &format!("[{first}]"), "0 to 2^32 - 1", value, "indices count from 0");
                None
            }
            Some(Ok(indices)) => Some(indices),
        }
    }

    /// The length of a step, if there is one.
    pub(super) fn dt(&mut self) -> Option<f64> {
        if !self.has("dt") {
            return None;
        }
        let dt = self.number("dt")?;
        if dt > 0.0 {
            return Some(dt);
        }
        self.out_of_range("dt", "", "a length of a step above 0 seconds", dt, "such as 1e-4");
        None
    }

    /// Reports a number that is out of its range.
    pub(super) fn out_of_range(
        &mut self,
        key: &str,
        at: &str,
        need: &str,
        have: impl std::fmt::Display,
        hint: &str,
    ) {
        let message = format!("{:?}{at} is out of its range", self.path(key));
        self.report(Diagnostic::error("SL0455", message).need_have(need, have).hint(hint), key);
    }

    /// A value for each element of a population. After a fault it gives 1: nothing of a faulty file is used.
    pub(super) fn values(&mut self, key: &str, default: Option<f64>, shape: Option<&[usize]>) -> Values {
        if !self.has(key) {
            if default.is_none() {
                self.missing(key, "one number, or one for each element");
            }
            return Values::Uniform(default.unwrap_or(1.0));
        }
        let Some(numbers) = self.numbers(key) else { return Values::Uniform(1.0) };
        if numbers.values.len() == 1 {
            return Values::Uniform(numbers.values.get(0));
        }
        let Some(shape) = shape else { return Values::Uniform(1.0) };
        let size: usize = shape.iter().product();
        if numbers.shape != shape && numbers.shape != [size] {
            let need = format!("one number, or an array of shape {shape:?}");
            let have = format!("shape {:?}", numbers.shape);
            let hint = "the parameters of a population have its shape";
            self.wrong(key, "its shape is not that of the population", &need, have, hint);
            return Values::Uniform(1.0);
        }
        Values::compact(doubles(numbers.values))
    }

    /// As [`Fields::values`], all above 0.
    pub(super) fn times(&mut self, key: &str, shape: Option<&[usize]>) -> Values {
        let values = self.values(key, None, shape);
        let bad = match &values {
            Values::Uniform(value) => (*value <= 0.0).then(|| (String::new(), *value)),
            Values::Each(each) => {
                let bad = each.iter().position(|value| *value <= 0.0);
                bad.map(|i| (position(i, shape.unwrap_or(&[])), each[i]))
            }
        };
        if let Some((at, value)) = bad {
            let hint = "without a time constant of that kind, use a model that has none";
            self.out_of_range(key, &at, "a time above 0 seconds", value, hint);
        }
        values
    }

    /// The shape that an array lists: one number, or one for each axis.
    pub(super) fn shape(&mut self, key: &str) -> Option<Vec<usize>> {
        if !self.has(key) {
            self.missing(key, "the sizes of a shape");
        }
        let numbers = self.numbers(key)?;
        let count = numbers.values.len();
        if count == 0 || numbers.shape.len() > 1 {
            let have = format!("shape {:?}", numbers.shape);
            self.wrong(key, "it lists no sizes", "one size, or a list of sizes", have, "such as [2, 28, 28]");
            return None;
        }
        let most = super::MAX_ELEMENTS;
        let (mut sizes, mut all) = (Vec::new(), 1usize);
        for i in 0..count {
            let value = numbers.values.get(i);
            let is_size = value >= 1.0 && value.fract() == 0.0 && value <= most as f64;
            all = if is_size { all.saturating_mul(value as usize) } else { usize::MAX };
            if all > most {
                let need = format!("sizes of 1 or more, of at most {most} elements in all");
                let at = if count > 1 { format!("[{i}]") } else { String::new() };
                self.out_of_range(key, &at, &need, value, "such as [2, 28, 28]");
                return None;
            }
            sizes.push(value as usize);
        }
        Some(sizes)
    }

    /// Reports arrays that nobody took; `known` are those that there can be.
    pub(super) fn finish(mut self, what: &str, known: &[&str]) {
        for key in std::mem::take(&mut self.arrays).into_keys() {
            let message = format!("array {:?} belongs to nothing: {what} has no such part", self.path(&key));
            let fault = Diagnostic::error("SL0451", message).need_have(known.join(", "), &key);
            self.report(fault.hint("leave it out, or rename it"), &key);
        }
    }
}

/// Numbers that can't be used.
struct Odd {
    first: usize,
    value: String,
    count: usize,
    is_finite: bool,
}

fn odd_numbers(data: &Data) -> Option<Odd> {
    fn find<T: Copy + std::fmt::Display>(values: &[T], is_odd: impl Fn(T) -> bool) -> Option<Odd> {
        let first = values.iter().position(|v| is_odd(*v))?;
        let count = values.iter().filter(|v| is_odd(**v)).count();
        Some(Odd { first, value: values[first].to_string(), count, is_finite: true })
    }
    let odd = match data {
        Data::F32(values) => find(values, |v| !v.is_finite()),
        Data::F64(values) => find(values, |v| !v.is_finite()),
        Data::U64(values) => return find(values, |v| v > EXACT),
        Data::I64(values) => return find(values, |v| v.unsigned_abs() > EXACT),
        _ => None,
    };
    odd.map(|odd| Odd { is_finite: false, ..odd })
}

/// Integers as indices, or the first that can be none.
fn indices(data: &Data) -> Option<Result<Vec<u32>, (usize, String)>> {
    fn each<T: Copy + std::fmt::Display>(values: &[T]) -> Option<Result<Vec<u32>, (usize, String)>>
    where
        u32: TryFrom<T>,
    {
        let convert = |(i, value): (usize, &T)| u32::try_from(*value).map_err(|_| (i, value.to_string()));
        Some(values.iter().enumerate().map(convert).collect())
    }
    match data {
        Data::U8(values) => each(values),
        Data::U16(values) => each(values),
        Data::U32(values) => each(values),
        Data::U64(values) => each(values),
        Data::I8(values) => each(values),
        Data::I16(values) => each(values),
        Data::I32(values) => each(values),
        Data::I64(values) => each(values),
        Data::Bool(_) | Data::F32(_) | Data::F64(_) => None,
    }
}

/// The numbers as reals, in the narrower precision where that holds all of the type.
fn tensor(data: Data) -> Tensor {
    fn single<T: Copy + Into<f32>>(values: &[T]) -> Tensor {
        Tensor::F32(values.iter().map(|v| (*v).into()).collect())
    }
    fn double<T: Copy + Into<f64>>(values: &[T]) -> Tensor {
        Tensor::F64(values.iter().map(|v| (*v).into()).collect())
    }
    match data {
        Data::F32(values) => Tensor::F32(values),
        Data::F64(values) => Tensor::F64(values),
        Data::Bool(values) => Tensor::F32(values.into_iter().map(|v| f32::from(u8::from(v))).collect()),
        Data::U8(values) => single(&values),
        Data::I8(values) => single(&values),
        Data::U16(values) => single(&values),
        Data::I16(values) => single(&values),
        Data::U32(values) => double(&values),
        Data::I32(values) => double(&values),
        // Exact: larger ones were found odd.
        Data::U64(values) => Tensor::F64(values.into_iter().map(|v| v as f64).collect()),
        Data::I64(values) => Tensor::F64(values.into_iter().map(|v| v as f64).collect()),
    }
}

/// Numbers in double precision.
pub(super) fn doubles(values: Tensor) -> Vec<f64> {
    match values {
        Tensor::F32(values) => values.into_iter().map(f64::from).collect(),
        Tensor::F64(values) => values,
    }
}

/// A few names in quotes.
pub(super) fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.map(|name| format!("{name:?}")).collect();
    match names.len() {
        0 => "none".into(),
        1..=12 => names.join(", "),
        n => format!("{}, ... ({n} in all)", names[..12].join(", ")),
    }
}
