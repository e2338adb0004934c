//! How a framework turns a continuous neuron into steps. NIR gives equations; frameworks differ in what they
//! make of them. A preset is a row of a table; single keys may be overridden for all nodes or for one.

use spikeloom_chip::expression::Expression;
use spikeloom_diagnostics::{Diagnostic, Result};
use spikeloom_ir::discrete::{Compare, Reset, ResetAt};
use std::collections::BTreeMap;

/// How one population is turned into steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// Comparator of the threshold.
    pub compare: Compare,
    /// Decay factors: `1 - dt/tau`, or `exp(-dt/tau)`.
    pub decay: Decay,
    /// Factor on inputs, over `r`, `dt` and `tau`; `None` is what the equation gives.
    pub gain: Option<(String, Expression)>,
    /// What a spike does.
    pub reset: Reset,
    /// When it does it.
    pub reset_at: ResetAt,
    /// Where the membrane starts.
    pub start: Start,
    /// Steps held after a spike.
    pub refractory: u32,
    /// Steps on feed-forward connections into the population.
    pub delay: u32,
}

/// Decay of a state over a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decay {
    /// Forward Euler.
    Euler,
    /// Exact solution.
    Exp,
}

/// Where the membrane starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// At 0.
    Zero,
    /// At the leak potential.
    Leak,
}

/// A preset with its overrides.
#[derive(Clone, Debug, PartialEq)]
pub struct Semantics {
    /// As the user wrote it, in canonical form.
    pub text: String,
    rules: Rules,
    of_node: BTreeMap<String, Vec<(String, String)>>,
}

const EULER: Rules = Rules {
    compare: Compare::Gt,
    decay: Decay::Euler,
    gain: None,
    reset: Reset::Zero,
    reset_at: ResetAt::Same,
    start: Start::Zero,
    refractory: 0,
    delay: 0,
};

/// Every preset. `nir`: the equations by forward Euler, `z = v > threshold`. `spikingjelly` compares with >=.
/// `snntorch`: `beta = 1 - dt/tau`, strict >.
const PRESETS: [(&str, Rules); 3] =
    [("nir", EULER), ("snntorch", EULER), ("spikingjelly", Rules { compare: Compare::Ge, ..EULER })];

const KEYS: &str = "compare=ge|gt, decay=euler|exp, gain=EXPRESSION, reset=zero|subtract|none, reset_at=same|next, \
                    start=zero|leak, refractory=N, delay=0|1";

impl Semantics {
    /// Reads `PRESET[,KEY=VALUE]...`; a key is `KEY` or `NODE.KEY`, the last dot separating the two.
    pub fn parse(text: &str) -> Result<Semantics> {
        let mut parts = text.split(',');
        let preset = parts.next().unwrap_or("").trim();
        let (_, rules) = PRESETS.iter().find(|(name, _)| *name == preset).ok_or_else(|| {
            let names = PRESETS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
            Diagnostic::error("SL0601", format!("there is no preset `{preset}`"))
                .field("--semantics")
                .hint(format!("presets: {names}"))
        })?;
        let mut semantics = Semantics { text: String::new(), rules: rules.clone(), of_node: BTreeMap::new() };
        for part in parts {
            let (key, value) = part.split_once('=').ok_or_else(|| unknown_key(part.trim()))?;
            let (key, value) = (key.trim(), value.trim());
            match key.rsplit_once('.') {
                None => set(&mut semantics.rules, key, value)?,
                Some((node, key)) => {
                    set(&mut rules.clone(), key, value)?;
                    semantics
                        .of_node
                        .entry(node.to_string())
                        .or_default()
                        .push((key.to_string(), value.to_string()));
                }
            }
        }
        // Only what differs is said, in fixed order: two ways to write the same semantics make the same image.
        semantics.text = preset.to_string();
        semantics.text.push_str(&differences("", rules, &semantics.rules));
        for node in semantics.of_node.keys() {
            let of_node = semantics.of(node)?;
            semantics.text.push_str(&differences(&format!("{node}."), &semantics.rules, &of_node));
        }
        Ok(semantics)
    }

    /// The rules for one node.
    pub fn of(&self, node: &str) -> Result<Rules> {
        let mut rules = self.rules.clone();
        for (key, value) in self.of_node.get(node).into_iter().flatten() {
            set(&mut rules, key, value)?;
        }
        Ok(rules)
    }

    /// Nodes that overrides name.
    pub fn nodes(&self) -> impl Iterator<Item = &str> {
        self.of_node.keys().map(String::as_str)
    }
}

/// The overrides that lead from one set of rules to another, each after a comma.
fn differences(prefix: &str, from: &Rules, to: &Rules) -> String {
    let (from, to) = (words(from), words(to));
    let changed = from
        .iter()
        .zip(&to)
        .filter(|(a, b)| a != b)
        .map(|(_, (key, value))| format!(",{prefix}{key}={value}"));
    changed.collect()
}

/// Every key with its value.
fn words(rules: &Rules) -> [(&'static str, String); 8] {
    let compare = if rules.compare == Compare::Ge { "ge" } else { "gt" };
    let decay = if rules.decay == Decay::Euler { "euler" } else { "exp" };
    let reset = match rules.reset {
        Reset::Zero => "zero",
        Reset::Subtract => "subtract",
        Reset::None => "none",
    };
    let reset_at = if rules.reset_at == ResetAt::Same { "same" } else { "next" };
    let start = if rules.start == Start::Zero { "zero" } else { "leak" };
    [
        ("compare", compare.into()),
        ("decay", decay.into()),
        ("gain", rules.gain.as_ref().map_or(String::new(), |(text, _)| text.clone())),
        ("reset", reset.into()),
        ("reset_at", reset_at.into()),
        ("start", start.into()),
        ("refractory", rules.refractory.to_string()),
        ("delay", rules.delay.to_string()),
    ]
}

fn unknown_key(key: &str) -> Diagnostic {
    Diagnostic::error("SL0602", format!("`{key}` is no key of the semantics"))
        .field("--semantics")
        .hint(format!("keys: {KEYS}"))
}

fn set(rules: &mut Rules, key: &str, value: &str) -> Result<()> {
    let bad = || {
        Diagnostic::error("SL0602", format!("`{value}` is no value of `{key}`"))
            .field("--semantics")
            .hint(format!("keys: {KEYS}"))
    };
    match (key, value) {
        ("compare", "ge") => rules.compare = Compare::Ge,
        ("compare", "gt") => rules.compare = Compare::Gt,
        ("decay", "euler") => rules.decay = Decay::Euler,
        ("decay", "exp") => rules.decay = Decay::Exp,
        ("reset", "zero") => rules.reset = Reset::Zero,
        ("reset", "subtract") => rules.reset = Reset::Subtract,
        ("reset", "none") => rules.reset = Reset::None,
        ("reset_at", "same") => rules.reset_at = ResetAt::Same,
        ("reset_at", "next") => rules.reset_at = ResetAt::Next,
        ("start", "zero") => rules.start = Start::Zero,
        ("start", "leak") => rules.start = Start::Leak,
        ("delay", "0") => rules.delay = 0,
        ("delay", "1") => rules.delay = 1,
        ("refractory", _) => rules.refractory = value.parse().map_err(|_| bad())?,
        ("gain", _) => {
            let expression = Expression::parse(value)
                .map_err(|fault| Diagnostic::error("SL0602", format!("`gain={value}`: {fault}")))?;
            if let Some(name) = expression.names().iter().find(|name| !["r", "dt", "tau"].contains(name)) {
                return Err(Diagnostic::error("SL0602", format!("`gain={value}`: `{name}` is not known"))
                    .hint("an expression over r, dt and tau")
                    .into());
            }
            rules.gain = Some((value.to_string(), expression));
        }
        // Keys of the table that no preset here needs yet; their defaults may be said.
        ("spikes", "one") | ("emit", "same") => {}
        ("spikes" | "emit", _) => {
            return Err(Diagnostic::error("SL0603", format!("`{key}={value}` is not supported yet")).into());
        }
        ("compare" | "decay" | "reset" | "reset_at" | "start" | "delay", _) => return Err(bad().into()),
        _ => return Err(unknown_key(key).into()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_reach_their_node() {
        let semantics = Semantics::parse("spikingjelly,reset=subtract,net.out.reset=zero").unwrap();
        assert_eq!(semantics.of("hidden").unwrap().reset, Reset::Subtract);
        assert_eq!(semantics.of("net.out").unwrap().reset, Reset::Zero);
        assert_eq!(semantics.of("hidden").unwrap().compare, Compare::Ge);
        assert_eq!(Semantics::parse("snntorch").unwrap().of("x").unwrap().compare, Compare::Gt);
        assert_eq!(semantics.text, "spikingjelly,reset=subtract,net.out.reset=zero");
        assert_eq!(
            Semantics::parse("nir, reset=zero ,delay=1,compare=ge").unwrap().text,
            "nir,compare=ge,delay=1"
        );
    }

    #[test]
    fn faults_name_what_there_is() {
        for (text, code) in [
            ("brian", "SL0601"),
            ("nir,reset=soft", "SL0602"),
            ("nir,color=red", "SL0602"),
            ("nir,gain=q", "SL0602"),
            ("nir,spikes=many", "SL0603"),
        ] {
            assert_eq!(Semantics::parse(text).unwrap_err().0[0].code, code, "{text}");
        }
    }
}
