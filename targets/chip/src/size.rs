//! Sizes in a chip file: integers, or expressions over the chip's parameters.
//!
//! Serde has no place to hand the parameters to, so the reader puts them into a thread-local scope for the
//! duration of one parse ([`with_parameters`]); every size is a plain integer afterwards, and a fault in an
//! expression is reported by the RON reader at the place where it stands.

use crate::expression::Expression;
use serde::de::{self, Deserializer, Visitor};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

thread_local! {
    static SCOPE: RefCell<BTreeMap<String, i64>> = const { RefCell::new(BTreeMap::new()) };
}

/// Runs `read` with these parameters in scope.
pub(crate) fn with_parameters<T>(parameters: &BTreeMap<String, i64>, read: impl FnOnce() -> T) -> T {
    let before = SCOPE.replace(parameters.clone());
    let result = read();
    SCOPE.replace(before);
    result
}

/// Replaces the names of parameters in a formula by their values, so that the resolved file needs none.
pub(crate) fn substitute(text: &str) -> String {
    SCOPE.with_borrow(|scope| {
        let mut result = String::new();
        let mut rest = text;
        while !rest.is_empty() {
            let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
            let length = rest
                .find(|c: char| !is_word(c))
                .unwrap_or(rest.len())
                .max(usize::from(!rest.starts_with(is_word)));
            let length = if length == 0 { rest.chars().next().map_or(0, char::len_utf8) } else { length };
            let length = (length..=rest.len()).find(|&l| rest.is_char_boundary(l)).unwrap_or(rest.len());
            let (word, tail) = rest.split_at(length);
            match scope.get(word) {
                Some(value) if *value < 0 => result.push_str(&format!("({value})")),
                Some(value) => result.push_str(&value.to_string()),
                None => result.push_str(word),
            }
            rest = tail;
        }
        result
    })
}

fn evaluate(text: &str) -> Result<i64, String> {
    let expression = Expression::parse(text)?;
    let value = SCOPE.with_borrow(|scope| expression.evaluate(&|name| scope.get(name).map(|v| *v as f64)))?;
    if value.fract() != 0.0 || value.abs() > 9e15 {
        return Err(format!("`{text}` is {value}, which is no whole number of a usable size"));
    }
    Ok(value as i64)
}

/// For `#[serde(deserialize_with)]`: an integer or an expression, in the range of `T`.
pub(crate) fn size<'de, D: Deserializer<'de>, T: TryFrom<i64>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(SizeVisitor(PhantomData))
}

/// The same for a pair, such as a range of offsets.
pub(crate) fn pair<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(i64, i64), D::Error> {
    let (low, high) = <(Sized64, Sized64) as serde::Deserialize>::deserialize(deserializer)?;
    Ok((low.0, high.0))
}

/// The same for a map from names to integers.
pub(crate) fn map<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, i64>, D::Error> {
    let raw = <BTreeMap<String, Sized64> as serde::Deserialize>::deserialize(deserializer)?;
    Ok(raw.into_iter().map(|(name, value)| (name, value.0)).collect())
}

struct Sized64(i64);

impl<'de> serde::Deserialize<'de> for Sized64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        size(deserializer).map(Sized64)
    }
}

struct SizeVisitor<T>(PhantomData<T>);

impl<T: TryFrom<i64>> SizeVisitor<T> {
    fn fit<E: de::Error>(value: i64) -> Result<T, E> {
        T::try_from(value).map_err(|_| E::custom(format!("{value} is out of range here")))
    }
}

impl<T: TryFrom<i64>> Visitor<'_> for SizeVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer, or an expression in quotes over the chip's parameters")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<T, E> {
        Self::fit(value)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<T, E> {
        Self::fit(i64::try_from(value).map_err(E::custom)?)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        Self::fit(evaluate(text).map_err(E::custom)?)
    }
}
