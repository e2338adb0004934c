//! Part of the register of codes; see the parent module.

use super::{Entry, entry};

pub(super) const CODES: &[Entry] = &[
    entry(
        "SL0701",
        "a connection too large to be unfolded",
        "Convolutions and pools are unfolded into a matrix from all sources to all targets, and this one would \
         have more weights than can be kept. Divide the layer into several smaller ones.",
    ),
    entry(
        "SL0702",
        "no delays fit all paths",
        "Where paths of different length meet, the shorter ones must wait, and each wait must be a delay that the \
         chip has. Around a cycle there is no freedom at all: the network's delay must be within the chip's \
         range. The message lists the path or cycle that can't be met. Lengthen a delay in the network, or use a \
         chip with a wider range.",
    ),
    entry(
        "SL0703",
        "no scale gives all parameters a value",
        "Weights, threshold, reset and bias of a population share one scale, for only then is the behaviour kept. \
         At every scale at least one parameter leaves its range; the message names it, with the value needed and \
         the range there is. Usually one value is far larger than the others, such as a threshold of a thousand \
         weights.",
    ),
    entry(
        "SL0704",
        "the weights can't be composed",
        "The store holds only a few different values for each neuron (row types), and a weight is made of one or \
         several of them. No choice of values gives the weights of this population with the rows that the core \
         has. Where the order of events matters to the neuron program, a weight must be one value: several would be \
         several events. Train with fewer levels, or use a chip whose synapses have weights of their own.",
    ),
    entry(
        "SL0705",
        "a neuron can't start as it must",
        "A population that runs some steps late must stay at its start for these steps, or needs a start value \
         that the chip's memory does not hold. The bias or the leak would move it, and the chip has no means to \
         hold a neuron. Take the bias away, or give paths of equal length so that no lag arises.",
    ),
    entry(
        "SL0706",
        "a bias on the synaptic current",
        "A constant enters the synaptic current of this population, and the neuron program has a constant input \
         to the membrane only. A bias given to the membrane, or training without it, can be compiled.",
    ),
    entry(
        "SL0707",
        "no exponent holds the weights",
        "All weights of a connection share one exponent, and mantissas have few bits. After quantisation the \
         weights should fit; if they do not, a level text was changed by hand, or the store's exponents leave a \
         gap.",
    ),
    entry(
        "SL0708",
        "precision was lost and that was denied",
        "With `--deny lossy` a compilation fails if any weight saturates, vanishes or is rounded. The message \
         counts them by population. Without the option the same figures are in the metrics, and `verify` measures \
         what they do to the result.",
    ),
    entry(
        "SL0709",
        "weights saturate or vanish",
        "At the best scale that was found, some weights of this population are held at the end of the chip's range, or \
         all of them became 0. The compile goes on; its report says how many, and `verify` shows what it does to the \
         spikes. `--deny lossy` makes it an error.",
    ),
];
