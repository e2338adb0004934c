//! How a framework turns a continuous neuron into steps. NIR gives equations; frameworks differ in what they
//! make of them. A preset is a row of a table; above it stands what the file itself says of a population, above that
//! the keys that the user gives for all populations, and above these the keys for one.

mod presets;
mod setting;

use presets::PRESETS;
use setting::Setting;
use spikeloom_chip::expression::Expression;
use spikeloom_diagnostics::{Diagnostic, Result};
use spikeloom_ir::discrete::{Compare, Emit, Reset, ResetAt, Spikes};
use spikeloom_ir::network::Population;
use std::collections::BTreeMap;

/// How one population is turned into steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// Comparator of the threshold.
    pub compare: Compare,
    /// Decay factors: `1 - dt/tau`, or `exp(-dt/tau)`.
    pub decay: Decay,
    /// What a leaky state takes up of its input in a step. No key: a preset fixes it.
    pub uptake: Uptake,
    /// Factor on the inputs of a neuron without leak. No key: a preset fixes it.
    pub if_gain: IfGain,
    /// Factor on inputs, over `r`, `dt` and `tau`, instead of what the two fields above give.
    pub gain: Option<(String, Expression)>,
    /// What a spike does.
    pub reset: Reset,
    /// When it does it.
    pub reset_at: ResetAt,
    /// Where the membrane starts.
    pub start: Start,
    /// Steps held after a spike.
    pub refractory: u32,
    /// How many spikes there may be in a step.
    pub spikes: Spikes,
    /// Steps on feed-forward connections into the population.
    pub delay: u32,
    /// When a spike is seen.
    pub emit: Emit,
}

/// Decay of a state over a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decay {
    /// Forward Euler.
    Euler,
    /// Exact solution.
    Exp,
}

/// Share of its input that a leaky state takes up in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uptake {
    /// What it loses of itself in the step.
    AsDecay,
    /// `dt/tau`, however it decays.
    Euler,
}

/// Factor on the inputs of a neuron without leak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfGain {
    /// `R dt`, as `dv/dt = R I` has it.
    Equation,
    /// 1, whatever R is.
    One,
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
    preset: Rules,
    of_all: Vec<Setting>,
    of_node: BTreeMap<String, Vec<Setting>>,
}

impl Semantics {
    /// Reads `PRESET[,KEY=VALUE]...`; a key is `KEY` or `NODE.KEY`, the last dot separating the two.
    pub fn parse(text: &str) -> Result<Semantics> {
        let on_line = |fault: Diagnostic| fault.field("--semantics");
        let mut parts = text.split(',');
        let name = parts.next().unwrap_or("").trim();
        let (_, preset) = PRESETS.iter().find(|(known, _)| *known == name).ok_or_else(|| {
            let names = PRESETS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
            on_line(Diagnostic::error("SL0601", format!("there is no preset `{name}`")))
                .hint(format!("presets: {names}"))
        })?;
        let (mut of_all, mut of_node) = (Vec::new(), BTreeMap::<String, Vec<Setting>>::new());
        for part in parts {
            let (key, value) = setting::split(part).map_err(on_line)?;
            let (node, key) = match key.rsplit_once('.') {
                None => (None, key),
                Some((node, key)) => (Some(node), key),
            };
            let setting = Setting::parse(key, value).map_err(on_line)?;
            setting.put(node.map_or(&mut of_all, |node| of_node.entry(node.to_string()).or_default()));
        }
        // What is said again for one node need not be said; and two orders of the same keys make the same image.
        // A key that says what the preset says stays: it stands above what a file may say of its populations.
        of_node.values_mut().for_each(|settings| settings.retain(|s| !of_all.contains(s)));
        let mut text = name.to_string();
        of_all.iter().for_each(|setting| text.push_str(&format!(",{setting}")));
        for (node, settings) in &of_node {
            settings.iter().for_each(|setting| text.push_str(&format!(",{node}.{setting}")));
        }
        Ok(Semantics { text, preset: preset.clone(), of_all, of_node })
    }

    /// The rules for one population.
    ///
    /// # Errors
    ///
    /// What the file says of the population makes no sense.
    pub fn of(&self, population: &Population) -> std::result::Result<Rules, Diagnostic> {
        let of_file = Setting::parse_list(&population.rules).map_err(|mut fault| {
            fault.message =
                format!("the file's rules for population `{}`: {}", population.name, fault.message);
            fault
        })?;
        let mut rules = self.preset.clone();
        let of_node = self.of_node.get(&population.name).into_iter().flatten();
        of_file.iter().chain(&self.of_all).chain(of_node).for_each(|setting| setting.apply(&mut rules));
        Ok(rules)
    }

    /// Nodes that overrides name.
    pub fn nodes(&self) -> impl Iterator<Item = &str> {
        self.of_node.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeloom_ir::network::{PopulationKind, Values};

    fn population(name: &str, rules: &str) -> Population {
        Population {
            name: name.into(),
            shape: vec![1],
            kind: PopulationKind::Input,
            bias: Values::Uniform(0.0),
            rules: rules.into(),
            location: String::new(),
        }
    }

    fn rules(text: &str, name: &str, of_file: &str) -> Rules {
        Semantics::parse(text).unwrap().of(&population(name, of_file)).unwrap()
    }

    #[test]
    fn overrides_reach_their_node() {
        let text = "spikingjelly,reset=subtract,net.out.reset=zero";
        assert_eq!(rules(text, "hidden", "").reset, Reset::Subtract);
        assert_eq!(rules(text, "net.out", "").reset, Reset::Zero);
        assert_eq!(rules(text, "hidden", "").compare, Compare::Ge);
        assert_eq!(rules("snntorch", "x", "").compare, Compare::Gt);
    }

    #[test]
    fn the_file_stands_between_preset_and_keys() {
        let of_file = "reset=subtract, compare=ge";
        let found = rules("nir,compare=gt", "a", of_file);
        assert_eq!((found.reset, found.compare), (Reset::Subtract, Compare::Gt));
        let found = rules("nir,a.reset=none", "a", of_file);
        assert_eq!((found.reset, found.compare), (Reset::None, Compare::Ge));
        let fault = Semantics::parse("nir").unwrap().of(&population("hid", "reset=soft")).unwrap_err();
        assert_eq!(fault.message, "the file's rules for population `hid`: `soft` is no value of `reset`");
    }

    #[test]
    fn texts_are_canonical_and_mean_what_they_meant() {
        for (text, canonical) in [
            ("nir, delay=1 ,reset=zero,compare=ge", "nir,compare=ge,reset=zero,delay=1"),
            ("nir,reset=none,reset=subtract", "nir,reset=subtract"),
            ("sinabs,refractory=007,gain=r * dt", "sinabs,gain=r * dt,refractory=7"),
            ("lava,b.emit=next,a.spikes=many", "lava,a.spikes=many,b.emit=next"),
            ("nir,a.b.reset=none,reset=none,a.b.delay=1", "nir,reset=none,a.b.delay=1"),
        ] {
            let semantics = Semantics::parse(text).unwrap();
            assert_eq!(semantics.text, canonical);
            assert_eq!(Semantics::parse(canonical).unwrap(), semantics);
        }
    }

    #[test]
    fn faults_name_what_there_is() {
        for (text, code) in [
            ("brian", "SL0601"),
            ("nir,reset=soft", "SL0602"),
            ("nir,color=red", "SL0602"),
            ("nir,a.color=red", "SL0602"),
            ("nir,delay", "SL0602"),
            ("nir,delay=2", "SL0602"),
            ("nir,refractory=-1", "SL0602"),
            ("nir,gain=q", "SL0602"),
        ] {
            let fault = &Semantics::parse(text).unwrap_err().0[0];
            assert_eq!((fault.code, fault.field.as_deref()), (code, Some("--semantics")), "{text}");
        }
    }
}
