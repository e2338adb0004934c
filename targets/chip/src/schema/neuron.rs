//! What a slot computes: state, parameters, program, and how the host resets it.

use crate::size;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a slot computes: state, parameters, and the program text (docs/neuron-language.md).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Neuron {
    /// Name of the program.
    pub name: String,
    /// State variables.
    pub state: Vec<StateVariable>,
    /// Parameters.
    pub parameters: Vec<ParameterVariable>,
    /// Run for each event, `w` being its value.
    pub on_event: String,
    /// Run once a step, after the events.
    pub on_tick: String,
    /// Run after either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Parameter values with which a slot never fires and never moves; what is not named is 0.
    #[serde(deserialize_with = "size::map")]
    pub idle: BTreeMap<String, i64>,
    /// Parameter values with which a slot repeats each event of value `relay_value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relay: Option<Relay>,
    /// A state variable that, started at k, keeps a slot without events still and silent for k ticks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<String>,
    /// What `random` in the texts draws from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub random: Option<Random>,
    /// What brings the state back to its start between samples.
    pub reset: Reset,
}

/// What random draws come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Random {
    /// A hash of seed, stream of the slot, step and draw (docs/neuron-language.md): no draw depends on another.
    Counter,
}

/// A slot that repeats what it hears.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relay {
    /// Parameter values; what is not named is 0.
    #[serde(deserialize_with = "size::map")]
    pub parameters: BTreeMap<String, i64>,
    /// Value of the event that it repeats.
    #[serde(deserialize_with = "size::size")]
    pub value: i64,
}

/// A state variable, as the file declares it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateVariable {
    /// Name in the texts.
    pub name: String,
    /// Width.
    #[serde(deserialize_with = "size::size")]
    pub bits: u32,
    /// Two's complement if so.
    pub signed: bool,
    /// What becomes of a value that does not fit.
    pub overflow: Overflow,
}

/// What becomes of an assigned value that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Overflow {
    /// Its low bits stay.
    Wrap,
    /// The nearest value that fits.
    Saturate,
    /// A fault at run time.
    Trap,
    /// The reader of the file must prove that it can't happen.
    Forbid,
}

/// A parameter, as the file declares it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParameterVariable {
    /// Name in the texts.
    pub name: String,
    /// Width.
    #[serde(deserialize_with = "size::size")]
    pub bits: u32,
    /// Two's complement if so.
    pub signed: bool,
    /// Who shares it.
    #[serde(default, skip_serializing_if = "Scope::is_slot")]
    pub scope: Scope,
}

/// Who shares a parameter.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Scope {
    /// Each slot has its own.
    #[default]
    Slot,
    /// Slots of a profile, in a table of the core.
    Profile(String),
    /// All slots of the core.
    Core,
}

impl Scope {
    fn is_slot(&self) -> bool {
        *self == Scope::Slot
    }
}

/// What brings state back to its start between samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reset {
    /// The host writes it.
    HostWrite,
    /// The host loads the memories anew.
    Reload,
    /// Nothing does: a run has one sample.
    Never,
}
