//! The presets: what each framework makes of NIR's equations. docs/numerics.md says which traces prove which keys.

use super::{Decay, IfGain, Rules, Start, Uptake};
use spikeloom_ir::discrete::{Compare, Emit, Reset, ResetAt, Spikes};

/// The equations by forward Euler, `z = v > threshold`.
const NIR: Rules = Rules {
    compare: Compare::Gt,
    decay: Decay::Euler,
    uptake: Uptake::AsDecay,
    if_gain: IfGain::Equation,
    gain: None,
    reset: Reset::Zero,
    reset_at: ResetAt::Same,
    start: Start::Zero,
    refractory: 0,
    spikes: Spikes::One,
    delay: 0,
    emit: Emit::Same,
};

/// Forward Euler, with an IF that adds its input as it comes.
const EULER: Rules = Rules { if_gain: IfGain::One, ..NIR };

/// Exact decay, inputs taken up as by forward Euler; a neuron counts how often the threshold was reached.
const COUNTING: Rules = Rules {
    compare: Compare::Ge,
    decay: Decay::Exp,
    uptake: Uptake::Euler,
    reset: Reset::Subtract,
    spikes: Spikes::Many,
    ..EULER
};

/// Every preset by name.
pub(super) const PRESETS: [(&str, Rules); 10] = [
    ("nir", NIR),
    ("exact", Rules { decay: Decay::Exp, ..NIR }),
    ("norse", EULER),
    ("snntorch", EULER),
    ("sinabs", COUNTING),
    ("rockpool", COUNTING),
    ("spikingjelly", Rules { compare: Compare::Ge, ..NIR }),
    ("lava", Rules { delay: 1, ..EULER }),
    ("spyx", Rules { reset: Reset::Subtract, reset_at: ResetAt::Next, emit: Emit::Next, ..EULER }),
    ("nengo", Rules { decay: Decay::Exp, ..EULER }),
];
