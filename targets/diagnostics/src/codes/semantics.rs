//! Part of the register of codes; see the parent module.

use super::{Entry, entry};

pub(super) const CODES: &[Entry] = &[
    entry(
        "SL0601",
        "a preset that does not exist",
        "`--semantics` begins with the name of a preset, the framework whose rules turn the equations of a \
         network into steps. The hint lists them. Single rules are changed by `KEY=VALUE` after commas.",
    ),
    entry(
        "SL0602",
        "a key or value that the semantics do not have",
        "After the preset come `KEY=VALUE` for all populations or `NODE.KEY=VALUE` for one. The hint lists the \
         keys and their values; `gain` takes an expression over r, dt and tau. A network file may say keys for a \
         population too, and then they are checked in the same way.",
    ),
    entry(
        "SL0603",
        "semantics that a chip can't give",
        "The key is known, and `simulate` follows it, but no neuron of this chip can. Give another value, or choose \
         another chip.",
    ),
    entry(
        "SL0604",
        "a step that gives no usable neuron",
        "With this step (`--dt`) and these rules a factor of the neuron has no finite value, or a decay factor \
         lies outside of 0 to 1, mostly since the step is longer than a time constant. Give the step that the network \
         was trained with in seconds, a smaller one, or the exact decay: `decay=exp`.",
    ),
    entry(
        "SL0605",
        "the semantics name a population that does not exist",
        "`NODE.KEY=VALUE` changes a rule for one population of neurons, named as in the network file. The hint \
         lists the names. Inputs have no rules.",
    ),
    entry(
        "SL0606",
        "a gain taken as 1, or a decay factor as 0",
        "NIR files hold numbers of 32 bits, so that a gain that is 1 on paper (such as r * dt / tau) comes out as \
         a number a little beside it, and so does a decay factor of 0 where tau is one step. Differences of the \
         size of that rounding are dropped, so that weights stay what they were. `gain=` sets the gain explicitly.",
    ),
    entry(
        "SL0607",
        "a resistance that is left out",
        "NIR's equation for a neuron without leak, dv/dt = R I, gives an input the weight R dt. Most frameworks add \
         the input as it comes, whatever R is, and so do their presets. For the populations listed, R dt is not 1, so \
         the two differ; what the framework does is taken. `gain=r*dt` follows the equation instead.",
    ),
    entry(
        "SL0608",
        "delays that are no whole number of steps",
        "NIR gives delays in seconds, and a network in steps can only wait for whole steps. These delays lie between \
         two steps by more than the rounding of a file, and the nearest step was taken. If they are many, the step \
         (`--dt`) is probably not the one that the network was trained with.",
    ),
    entry(
        "SL0609",
        "a delay that takes too many steps",
        "A delay in seconds divided by the step (`--dt`) gives its steps, at most 2^20 through a whole connection, and \
         none below 0. Most often the step is not the one that the network was trained with, or the delay was \
         written in another unit than seconds.",
    ),
    entry(
        "SL0610",
        "the chip's neuron can't give this neuron",
        "The chip has a binding with the right comparator and reset, but one of its requirements does not hold \
         for this population; the message says which, and the values. The network has something that the hardware \
         has not, such as a decay or a refractory period: choose another chip, or train without it.",
    ),
    entry(
        "SL0611",
        "the chip has no neuron with this comparator and reset",
        "How a threshold is compared and what a spike does to the membrane are fixed in hardware, and none of the \
         chip's bindings has the combination that the semantics ask for. The hint names the override of the \
         semantics that would fit. It changes what the network computes, so check the accuracy afterwards.",
    ),
    entry(
        "SL0612",
        "the host can't read a neuron's state",
        "A population that does not spike (LI, CubaLI, I, or an Affine node before an Output) is a readout: the host \
         reads its membrane in every step. That takes a chip whose file names the states that the host may read \
         (`io.host_read`) and has a binding that hands on the membrane. On other chips let the last layer spike, and \
         count its spikes.",
    ),
    entry(
        "SL0613",
        "a population that does not spike feeds others",
        "On a chip only spikes travel between neurons. A leaky integrator in the middle of a network hands on a real \
         number in every step, which no spike can carry. `simulate` runs such a network; a chip can't.",
    ),
];
