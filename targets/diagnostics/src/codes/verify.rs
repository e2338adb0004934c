//! Part of the register of codes; see the parent module.

use super::{Entry, entry};

pub(super) const CODES: &[Entry] = &[
    entry(
        "SL0901",
        "a core type that the chip does not have",
        "The program was made for another chip, or for another version of this chip's file: a population names a core \
         type that is not in it. Compile the network again for this chip.",
    ),
    entry(
        "SL0902",
        "a population does not match its neuron program",
        "A population has one entry for each parameter and each state of the chip's neuron program, and an entry is \
         one value for all neurons or one for each. Here the numbers differ. The chip's file may have changed since \
         the program was made; compile again.",
    ),
    entry(
        "SL0903",
        "a value outside of its declared range",
        "A parameter or an initial state does not fit the bits that the chip's neuron program declares for it. What \
         the chip would hold is then another value, so nothing is run.",
    ),
    entry(
        "SL0904",
        "a connection or output does not fit its populations",
        "A connection names populations that do not exist, leads into an input, or its synapses are not as many as its \
         populations ask for; or an output shows a population that does not exist. The file was changed or cut off.",
    ),
    entry(
        "SL0905",
        "a neuron's spike that arrives in its own step",
        "A neuron spikes at the end of a step, after all events of that step, so its spike can act in the next one at \
         the earliest. Only spikes from the host may have delay 0. Retiming gives each connection its delay; compile \
         again.",
    ),
    entry(
        "SL0906",
        "a cycle of connections without delay",
        "Within a step populations are evaluated one after another, each after those whose spikes it sees. Around a \
         cycle there is no such order. One connection of the cycle must carry the spikes of the step before: put a \
         Delay into it, or choose semantics with `delay=1`.",
    ),
    entry(
        "SL0907",
        "a network in steps is not well formed",
        "Each population of neurons has its dynamics and each connection its delay, and the stages of a connection \
         must take what the stage before gives. This network breaks one of these rules, so it can't be simulated.",
    ),
    entry(
        "SL0910",
        "recorded spikes can't be matched to nodes",
        "An array of the file given with --expect (or named with --match) stands for no population or output, or \
         does not have the shape and type of its node. Arrays are matched by name; `--match ARRAY=NODE` says it \
         where the names differ.",
    ),
    entry(
        "SL0911",
        "the image and the program differ",
        "The emulator, executing the image, and the interpreter, executing the program, came to different spikes or \
         states. This is a fault of Spikeloom (or of an image changed by hand), never of the network: please report it \
         with the network and the chip file.",
    ),
    entry(
        "SL0912",
        "recorded arrays that name no node",
        "The file of recorded spikes has more arrays than the network has nodes of these names; they are left out of \
         the comparison. Use `--match ARRAY=NODE` if one of them should have been compared.",
    ),
];
