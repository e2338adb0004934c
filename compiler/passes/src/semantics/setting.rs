//! One key of the semantics with its value: read, printed, and put into rules.

use super::{Decay, Rules, Start};
use spikeloom_chip::expression::Expression;
use spikeloom_diagnostics::Diagnostic;
use spikeloom_ir::discrete::{Compare, Emit, Reset, ResetAt, Spikes};
use std::fmt;

const KEYS: &str = "compare=ge|gt, decay=euler|exp, gain=EXPRESSION, reset=zero|subtract|none, reset_at=same|next, \
                    start=zero|leak, refractory=N, spikes=one|many, delay=0|1, emit=same|next";

const COMPARE: &[(&str, Compare)] = &[("ge", Compare::Ge), ("gt", Compare::Gt)];
const DECAY: &[(&str, Decay)] = &[("euler", Decay::Euler), ("exp", Decay::Exp)];
const RESET: &[(&str, Reset)] =
    &[("zero", Reset::Zero), ("subtract", Reset::Subtract), ("none", Reset::None)];
const RESET_AT: &[(&str, ResetAt)] = &[("same", ResetAt::Same), ("next", ResetAt::Next)];
const START: &[(&str, Start)] = &[("zero", Start::Zero), ("leak", Start::Leak)];
const SPIKES: &[(&str, Spikes)] = &[("one", Spikes::One), ("many", Spikes::Many)];
const DELAY: &[(&str, u32)] = &[("0", 0), ("1", 1)];
const EMIT: &[(&str, Emit)] = &[("same", Emit::Same), ("next", Emit::Next)];

/// A key and its value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Setting {
    Compare(Compare),
    Decay(Decay),
    Gain(String, Expression),
    Reset(Reset),
    ResetAt(ResetAt),
    Start(Start),
    Refractory(u32),
    Spikes(Spikes),
    Delay(u32),
    Emit(Emit),
}

impl Setting {
    /// Reads `KEY=VALUE[,KEY=VALUE]...`, or nothing.
    pub(super) fn parse_list(text: &str) -> Result<Vec<Setting>, Diagnostic> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| split(part).and_then(|(key, value)| Setting::parse(key, value))).collect()
    }

    pub(super) fn parse(key: &str, value: &str) -> Result<Setting, Diagnostic> {
        let setting = match key {
            "compare" => of_word(COMPARE, value).map(Setting::Compare),
            "decay" => of_word(DECAY, value).map(Setting::Decay),
            "gain" => return gain(value),
            "reset" => of_word(RESET, value).map(Setting::Reset),
            "reset_at" => of_word(RESET_AT, value).map(Setting::ResetAt),
            "start" => of_word(START, value).map(Setting::Start),
            "refractory" => value.parse().ok().map(Setting::Refractory),
            "spikes" => of_word(SPIKES, value).map(Setting::Spikes),
            "delay" => of_word(DELAY, value).map(Setting::Delay),
            "emit" => of_word(EMIT, value).map(Setting::Emit),
            _ => return Err(unknown_key(key)),
        };
        let bad = || Diagnostic::error("SL0602", format!("`{value}` is no value of `{key}`"));
        setting.ok_or_else(|| bad().hint(format!("keys: {KEYS}")))
    }

    pub(super) fn apply(&self, rules: &mut Rules) {
        match self {
            Setting::Compare(compare) => rules.compare = *compare,
            Setting::Decay(decay) => rules.decay = *decay,
            Setting::Gain(text, expression) => rules.gain = Some((text.clone(), expression.clone())),
            Setting::Reset(reset) => rules.reset = *reset,
            Setting::ResetAt(reset_at) => rules.reset_at = *reset_at,
            Setting::Start(start) => rules.start = *start,
            Setting::Refractory(steps) => rules.refractory = *steps,
            Setting::Spikes(spikes) => rules.spikes = *spikes,
            Setting::Delay(delay) => rules.delay = *delay,
            Setting::Emit(emit) => rules.emit = *emit,
        }
    }

    /// Puts it into a list in the order of the keys, instead of an earlier one with its key.
    pub(super) fn put(self, list: &mut Vec<Setting>) {
        match list.binary_search_by_key(&self.rank(), Setting::rank) {
            Ok(at) => list[at] = self,
            Err(at) => list.insert(at, self),
        }
    }

    /// The place of its key among the keys.
    fn rank(&self) -> u8 {
        match self {
            Setting::Compare(_) => 0,
            Setting::Decay(_) => 1,
            Setting::Gain(..) => 2,
            Setting::Reset(_) => 3,
            Setting::ResetAt(_) => 4,
            Setting::Start(_) => 5,
            Setting::Refractory(_) => 6,
            Setting::Spikes(_) => 7,
            Setting::Delay(_) => 8,
            Setting::Emit(_) => 9,
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Setting::Compare(compare) => write!(f, "compare={}", word(COMPARE, compare)),
            Setting::Decay(decay) => write!(f, "decay={}", word(DECAY, decay)),
            Setting::Gain(text, _) => write!(f, "gain={text}"),
            Setting::Reset(reset) => write!(f, "reset={}", word(RESET, reset)),
            Setting::ResetAt(reset_at) => write!(f, "reset_at={}", word(RESET_AT, reset_at)),
            Setting::Start(start) => write!(f, "start={}", word(START, start)),
            Setting::Refractory(steps) => write!(f, "refractory={steps}"),
            Setting::Spikes(spikes) => write!(f, "spikes={}", word(SPIKES, spikes)),
            Setting::Delay(delay) => write!(f, "delay={}", word(DELAY, delay)),
            Setting::Emit(emit) => write!(f, "emit={}", word(EMIT, emit)),
        }
    }
}

/// Key and value of `KEY=VALUE`.
pub(super) fn split(part: &str) -> Result<(&str, &str), Diagnostic> {
    let (key, value) = part.split_once('=').ok_or_else(|| unknown_key(part.trim()))?;
    Ok((key.trim(), value.trim()))
}

fn unknown_key(key: &str) -> Diagnostic {
    Diagnostic::error("SL0602", format!("`{key}` is no key of the semantics")).hint(format!("keys: {KEYS}"))
}

fn gain(value: &str) -> Result<Setting, Diagnostic> {
    let bad = |why: String| Diagnostic::error("SL0602", format!("`gain={value}`: {why}"));
    let expression = Expression::parse(value).map_err(bad)?;
    match expression.names().iter().find(|name| !["r", "dt", "tau"].contains(name)) {
        Some(name) => Err(bad(format!("`{name}` is not known")).hint("an expression over r, dt and tau")),
        None => Ok(Setting::Gain(value.to_string(), expression)),
    }
}

fn of_word<T: Copy>(words: &[(&str, T)], value: &str) -> Option<T> {
    words.iter().find(|(word, _)| *word == value).map(|(_, meaning)| *meaning)
}

fn word<T: PartialEq>(words: &[(&'static str, T)], meaning: &T) -> &'static str {
    words.iter().find(|(_, other)| other == meaning).map_or("", |(word, _)| word)
}
