//! Part of the register of codes; see the parent module.

use super::{Entry, entry};

pub(super) const CODES: &[Entry] = &[
    entry(
        "SL0101",
        "a chip file does not follow the format",
        "The text is no RON, or a field is unknown, missing, or has a value of the wrong type; sizes may also be \
         expressions in quotes that give a whole number in range. The reader stops at the first fault of this \
         kind, and the place is where it stopped. docs/chip-files.md lists every field; the file of a chip that \
         ships is a good start for a new one.",
    ),
    entry(
        "SL0102",
        "there is no such chip",
        "A chip is named by the name of one that ships or by the path of a chip file, and then `/VARIANT` if a \
         variant is meant. Neither was found, or the file has no variant of this name. `spikeloom chip list` \
         prints chips and variants; a path is relative to the folder that the command runs in.",
    ),
    entry(
        "SL0103",
        "a parameter that the chip does not have",
        "Only parameters that the file declares under `parameters` can be set, by a variant or on the command \
         line as `NAME=INTEGER` after commas. They are named exactly as in the file. A parameter must not have a \
         name that formulas of bindings use for something else (theta, drive and so on).",
    ),
    entry(
        "SL0104",
        "a name that can't be used",
        "Names of core types and of profiles stand in paths of fields and in the texts of the compiler's levels. They are \
         made of ASCII letters, digits, `_` and `-`.",
    ),
    entry(
        "SL0105",
        "the fabric does not hold together",
        "Levels go from the cores outward: at most one `Star`, then at most one `Mesh`, each size at least 1, at \
         most 2^20 places for cores in all. The layout must fill nodes with a core type that the file declares, \
         and an output node must lie on the mesh: columns and rows count from 0, so the last column is the width \
         minus one.",
    ),
    entry(
        "SL0107",
        "a memory does not hold what it must",
        "Everything that a core knows stands in its memories, and each field holds what the rest of the file \
         declares: with the same width, with as many elements as there are rows, types or destinations, once, and \
         in the record of the right kind (`per`). Otherwise the image of a network could not be written, or would \
         be read as another network. Change the record or the declaration, whichever is wrong.",
    ),
    entry(
        "SL0108",
        "a worked example of a record is wrong",
        "Each record of the default variant has one row that its author packed by hand, so that the order and the \
         widths of the fields are checked by someone who knows the hardware. The values do not fit, name no \
         field, or pack to another hex number. Fields lie from the least significant bit up; what is not named is \
         0. Work the row out again from the source, and not by copying what the message says.",
    ),
    entry(
        "SL0109",
        "an idle, relay or hold does not do what it is for",
        "`idle` must make a slot that never fires and whose state never moves from 0, and `relay` one that fires \
         exactly once for each event of its value and is then back at 0. A state named by `hold` must only count down while \
         it is above 0, whatever the parameters. All are proven by running the neuron program. Slots that no neuron uses are filled with `idle`, so a wrong one would make \
         spikes out of nothing.",
    ),
    entry(
        "SL0110",
        "delays that are not usable",
        "A delay is from 1 to 65,536 steps (the host's may be 0), the least comes before the greatest, and the \
         bits of a synapse's delay field must hold the greatest minus the least. A bit crossbar has no place for \
         a delay of each synapse: there the delay stands with the source's destination.",
    ),
    entry(
        "SL0111",
        "a binding that can't be worked out",
        "A binding gives each parameter of the neuron program a value, once, by a formula over theta, v_reset, \
         start, drive, alpha, beta, refractory and the parameters bound before it. Here a formula names something \
         else, a parameter is missing, unknown or bound twice, or the membrane is no state of the program.",
    ),
    entry(
        "SL0112",
        "provenance that leads nowhere",
        "A line of `provenance` says from which source a part of the description is known. Its `source` must be a \
         key of `sources`, and its `path` must be the path of something that stands in the file, such as \
         `core_types.core.neuron`.",
    ),
    entry(
        "SL0113",
        "a size of a core that is not usable",
        "A core has 1 to 2^24 slots, in-axons and destinations, row types from 1 to 16, values of synapses of at \
         most 31 bits and words of at most 64; headers must be able to count what they count; no synapse may be \
         worth more than a signed number of 32 bits, and no memory be larger than 1 GiB. If the size comes from a \
         parameter, the value given to the parameter is the cause.",
    ),
    entry(
        "SL0114",
        "a profile that is not declared",
        "A parameter with the scope `Profile(NAME)` is shared by the slots that use the same entry of a table. \
         The table and its number of entries, at least 1, must stand under `profiles` of the core type.",
    ),
    entry(
        "SL0115",
        "host packets or outputs that do not work",
        "A host packet must have fields for the core (or the two mesh offsets) and the in-axon that it means, and \
         for its delay if there is a choice; each once, 64 bits in all. It enters at a node of the mesh. If \
         spikes leave by an output node, the layout must have exactly one.",
    ),
    entry(
        "SL0116",
        "a chip file of another version of the format",
        "`schema` is the version of the format that the file is written in. This reader knows one version. A \
         newer file needs a newer Spikeloom.",
    ),
    entry(
        "SL0117",
        "random draws that do not fit the chip file",
        "A neuron program draws with `random(..)`, and the chip file does not say from what: `neuron.random` is \
         missing. With `random: Some(Counter)` each slot's record also holds the number of its stream, in a plain field \
         of 1 to 32 bits with `holds: RandomStream`.",
    ),
];
