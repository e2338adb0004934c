//! The neurons of a population in steps.

use crate::semantics::{Decay, IfGain, Rules, Start, Uptake};
use spikeloom_diagnostics::Diagnostic;
use spikeloom_ir::discrete::{Dynamics, Emit, Hands, Reset, ResetAt, Spikes};
use spikeloom_ir::network::{NeuronModel, Population, Values};

/// Gains closer to 1 than this are 1, and decay factors closer to 0 are 0: the rest is the rounding of a file in
/// single precision.
const GAIN_NOISE: f64 = 1e-6;

/// What became of a population.
pub(super) struct Built {
    pub(super) dynamics: Dynamics,
    /// Whether the preset leaves out a resistance that the file gives.
    pub(super) ignores_resistance: bool,
    /// Neurons whose gain was taken as 1.
    noise: usize,
    /// Neurons with a decay factor that was taken as 0.
    decay_noise: usize,
}

impl Built {
    pub(super) fn taken_as_exact(&self) -> impl Iterator<Item = Diagnostic> + use<> {
        [("gain", self.noise, 1), ("decay factor", self.decay_noise, 0)]
            .into_iter()
            .filter(|(_, count, _)| *count > 0)
            .map(|(what, count, value)| {
                let message = format!(
                    "the {what} of {count} neuron(s) is {value} up to the rounding of the file, and taken as {value}"
                );
                Diagnostic::note("SL0606", message)
            })
    }
}

/// One neuron in steps.
struct Element {
    alpha: f64,
    beta: f64,
    gain: f64,
    leak_drive: f64,
    start: f64,
}

impl Element {
    /// One that gives on what comes in.
    const THROUGH: Element = Element { alpha: 0.0, beta: 0.0, gain: 1.0, leak_drive: 0.0, start: 0.0 };
}

pub(super) fn build(
    population: &Population,
    model: &NeuronModel,
    rules: &Rules,
    dt: f64,
) -> Result<Built, Diagnostic> {
    let n = population.len();
    let context = Context { rules, dt };
    let (mut noise, mut decay_noise, mut elements) = (0, 0, Vec::with_capacity(n));
    for i in 0..n {
        let mut element = context.element(model, i)?;
        decay_noise += usize::from(time_constants(model).any(|tau| context.decays_at_once(tau.get(i))));
        if element.gain != 1.0 && (element.gain - 1.0).abs() < GAIN_NOISE {
            element.gain = 1.0;
            noise += 1;
        }
        elements.push(element);
    }
    let ignores_resistance = context.ignores_resistance(model, n);
    let dynamics = dynamics(population, model, rules, &elements);
    Ok(Built { dynamics, ignores_resistance, noise, decay_noise })
}

fn dynamics(population: &Population, model: &NeuronModel, rules: &Rules, elements: &[Element]) -> Dynamics {
    let values = |f: &dyn Fn(usize) -> f64| Values::compact((0..elements.len()).map(f).collect());
    let of = |f: fn(&Element) -> f64| values(&|i| f(&elements[i]));
    // A bias enters where events do: the current, where there is one.
    let bias = |i: usize, to_current: bool| {
        let has_current = elements[i].alpha != 0.0;
        if has_current == to_current { population.bias.get(i) * elements[i].gain } else { 0.0 }
    };
    let (theta, v_reset) = threshold_and_reset(model);
    let or_zero =
        |of_model: Option<&Values>| of_model.map_or(Values::Uniform(0.0), |v| values(&|i| v.get(i)));
    let mut dynamics = Dynamics {
        alpha: of(|e| e.alpha),
        beta: of(|e| e.beta),
        gain: of(|e| e.gain),
        drive: values(&|i| elements[i].leak_drive + bias(i, false)),
        current_bias: values(&|i| bias(i, true)),
        theta: or_zero(theta),
        v_reset: or_zero(v_reset),
        start: of(|e| e.start),
        compare: rules.compare,
        reset: rules.reset,
        reset_at: rules.reset_at,
        refractory: rules.refractory,
        spikes: rules.spikes,
        emit: rules.emit,
        hands: if model.is_spiking() { Hands::Spikes } else { Hands::Membrane },
    };
    // Without a value to go back to there is no reset, and what comes with one.
    if v_reset.is_none() {
        dynamics.reset = Reset::None;
        dynamics.reset_at = ResetAt::Same;
        dynamics.refractory = 0;
        dynamics.spikes = Spikes::One;
        dynamics.emit = Emit::Same;
    }
    dynamics
}

fn threshold_and_reset(model: &NeuronModel) -> (Option<&Values>, Option<&Values>) {
    match model {
        NeuronModel::If { threshold, reset, .. }
        | NeuronModel::Lif { threshold, reset, .. }
        | NeuronModel::CubaLif { threshold, reset, .. }
        | NeuronModel::Stepped { threshold, reset, .. } => (Some(threshold), Some(reset)),
        NeuronModel::Threshold { threshold } => (Some(threshold), None),
        NeuronModel::Li { .. }
        | NeuronModel::CubaLi { .. }
        | NeuronModel::Integrator { .. }
        | NeuronModel::Sum => (None, None),
    }
}

fn time_constants(model: &NeuronModel) -> impl Iterator<Item = &Values> {
    let (one, other) = match model {
        NeuronModel::Lif { tau_s, .. } | NeuronModel::Li { tau_s, .. } => (Some(tau_s), None),
        NeuronModel::CubaLif { tau_synapse_s, tau_membrane_s, .. }
        | NeuronModel::CubaLi { tau_synapse_s, tau_membrane_s, .. } => {
            (Some(tau_synapse_s), Some(tau_membrane_s))
        }
        _ => (None, None),
    };
    one.into_iter().chain(other)
}

/// What every neuron of a population goes by.
struct Context<'a> {
    rules: &'a Rules,
    dt: f64,
}

impl Context<'_> {
    fn element(&self, model: &NeuronModel, i: usize) -> Result<Element, Diagnostic> {
        let element = match model {
            NeuronModel::If { resistance, .. } | NeuronModel::Integrator { resistance } => {
                self.integrator(resistance.get(i))?
            }
            NeuronModel::Lif { tau_s, resistance, leak, .. }
            | NeuronModel::Li { tau_s, resistance, leak } => {
                self.leaky(tau_s.get(i), resistance.get(i), leak.get(i), 1.0)?
            }
            NeuronModel::CubaLif {
                tau_synapse_s, tau_membrane_s, resistance, leak, input_weight, ..
            }
            | NeuronModel::CubaLi { tau_synapse_s, tau_membrane_s, resistance, leak, input_weight } => {
                let tau_synapse = tau_synapse_s.get(i);
                // The current is held in units of the membrane, so both factors act on what enters it.
                let taken = input_weight.get(i) * self.uptake(tau_synapse);
                let membrane = self.leaky(tau_membrane_s.get(i), resistance.get(i), leak.get(i), taken)?;
                Element { alpha: self.keep(tau_synapse), ..membrane }
            }
            NeuronModel::Threshold { .. } | NeuronModel::Sum => Element::THROUGH,
            NeuronModel::Stepped { current_decay, membrane_decay, start, .. } => Element {
                alpha: current_decay.get(i),
                beta: membrane_decay.get(i),
                start: start.get(i),
                ..Element::THROUGH
            },
        };
        self.check(&element, matches!(model, NeuronModel::Stepped { .. }))?;
        Ok(element)
    }

    fn integrator(&self, r: f64) -> Result<Element, Diagnostic> {
        let by_preset = match self.rules.if_gain {
            IfGain::Equation => r * self.dt,
            IfGain::One => 1.0,
        };
        let gain = self.explicit_gain(r, f64::INFINITY)?.unwrap_or(by_preset);
        Ok(Element { beta: 1.0, gain, ..Element::THROUGH })
    }

    /// A leaky membrane; `taken` is the factor of what stands before it.
    fn leaky(&self, tau: f64, r: f64, leak: f64, taken: f64) -> Result<Element, Diagnostic> {
        let beta = self.keep(tau);
        let gain = self.explicit_gain(r, tau)?.unwrap_or(taken * r * self.uptake(tau));
        let start = if self.rules.start == Start::Leak { leak } else { 0.0 };
        Ok(Element { alpha: 0.0, beta, gain, leak_drive: (1.0 - beta) * leak, start })
    }

    /// Whether a time constant is a step up to rounding: then nothing stays.
    fn decays_at_once(&self, tau: f64) -> bool {
        let rest = 1.0 - self.dt / tau;
        self.rules.decay == Decay::Euler && rest != 0.0 && rest.abs() < GAIN_NOISE
    }

    /// Share of a state that stays over a step.
    fn keep(&self, tau: f64) -> f64 {
        match self.rules.decay {
            Decay::Euler if self.decays_at_once(tau) => 0.0,
            Decay::Euler => 1.0 - self.dt / tau,
            Decay::Exp => (-self.dt / tau).exp(),
        }
    }

    /// Share of its input that a state takes up in a step.
    fn uptake(&self, tau: f64) -> f64 {
        match self.rules.uptake {
            Uptake::AsDecay => 1.0 - self.keep(tau),
            Uptake::Euler => self.dt / tau,
        }
    }

    fn explicit_gain(&self, r: f64, tau: f64) -> Result<Option<f64>, Diagnostic> {
        let Some((text, expression)) = &self.rules.gain else { return Ok(None) };
        let lookup = |name: &str| match name {
            "r" => Some(r),
            "dt" => Some(self.dt),
            "tau" => Some(tau),
            _ => None,
        };
        match expression.evaluate(&lookup) {
            Ok(gain) if gain.is_finite() => Ok(Some(gain)),
            _ => Err(Diagnostic::error("SL0604", format!("`gain={text}` has no finite value here"))
                .field("--semantics")),
        }
    }

    fn check(&self, element: &Element, is_stepped: bool) -> Result<(), Diagnostic> {
        let dt = self.dt;
        if !element.gain.is_finite() || !element.leak_drive.is_finite() {
            let message = format!("a step of {dt} s gives this neuron a gain of {}", element.gain);
            return Err(Diagnostic::error("SL0604", message).field("--dt"));
        }
        for (name, factor) in [("synaptic", element.alpha), ("membrane", element.beta)] {
            if (0.0..=1.0).contains(&factor) {
                continue;
            }
            return Err(if is_stepped {
                Diagnostic::error("SL0604", format!("a {name} decay factor of {factor} is not within 0 to 1"))
            } else {
                Diagnostic::error("SL0604", format!("a step of {dt} s is longer than a {name} time constant: the decay factor would be {factor}"))
                    .field("--dt")
                    .hint("give a smaller --dt, or --semantics PRESET,decay=exp")
            });
        }
        Ok(())
    }

    fn ignores_resistance(&self, model: &NeuronModel, n: usize) -> bool {
        let (NeuronModel::If { resistance, .. } | NeuronModel::Integrator { resistance }) = model else {
            return false;
        };
        self.rules.gain.is_none()
            && self.rules.if_gain == IfGain::One
            && (0..n).any(|i| (resistance.get(i) * self.dt - 1.0).abs() >= GAIN_NOISE)
    }
}
