//! Part of the register of codes; see the parent module.

use super::{Entry, entry};

pub(super) const CODES: &[Entry] = &[
    entry(
        "SL1101",
        "a text of a level breaks the grammar",
        "The texts of network, program, cores and placed have one grammar, which docs/ir.md gives. At this place something \
         else was expected than what stands there. Reading went on behind it, so the list of faults is whole, as far as a \
         fault does not hide another.",
    ),
    entry(
        "SL1102",
        "this is not a text of that level",
        "The text of a level begins with `loom 1 level=`, the 1 being the version of the grammar. What was given begins \
         otherwise, or is the text of another level than the one asked for.",
    ),
    entry(
        "SL1103",
        "a part of a text stands where it has no place",
        "The parts of a text come in a fixed order, and so do the lines of a core and the sources of sparse synapses; a \
         level has only the parts that belong to it. Equal data would have several texts otherwise.",
    ),
    entry(
        "SL1104",
        "a number can't stand there",
        "The number is not an integer, or lies outside of what is kept of it. The hint says in how many bits it is kept.",
    ),
    entry(
        "SL1105",
        "a name in a text stands for nothing",
        "The text names a population, a core, an output or a neuron model that it does not hold or that does not exist. \
         Populations are named after they were declared, cores may come later. The hint lists some that there are.",
    ),
    entry(
        "SL1106",
        "the text was made for another chip",
        "From the level program on, a text holds integers that are right for one chip only. Its header carries the digest of \
         the chip's description, which is not that of the chip given. Give the chip that the header names, with the same \
         variant and parameters, or compile the network anew.",
    ),
    entry(
        "SL1107",
        "a file of numbers is missing or not the one",
        "Long arrays are not in the text: the text names them by the SHA-256 of a file that lies beside it as `DIGEST.npy`. \
         The file is not there, was changed, or does not hold an array of the type and shape that the text says. Write the \
         level again, and move its files along with it.",
    ),
    entry(
        "SL1108",
        "a text asks for too much memory",
        "Arrays, slots and in-axons of a text may have 2^28 elements in all. A run such as `7 x 4000000000` asks for more; \
         it is refused before memory is taken.",
    ),
    entry(
        "SL1109",
        "sides or sizes in a text do not go together",
        "A range on the right of a line has as many elements as the one on the left, or one for all. Slots, in-axons, \
         formats and rows are written in order, none left out; a matrix has as many rows and columns as its shape says.",
    ),
    entry(
        "SL1110",
        "a fact or field of a text is missing, unknown or given twice",
        "Every fact of the header, attribute and field of a population must be there once, and there are no others. The \
         fields of a program are the parameters and states of its core type in the chip file. `fired` is said of every \
         population or of none.",
    ),
    entry(
        "SL1111",
        "a route does not follow from the tiles",
        "Routes are in the text for the reader: they follow from where the cores stand and where their slots send. This one \
         says something else. Take it from the hint, or leave the route lines away: reading does not need them.",
    ),
    entry(
        "SL1112",
        "a text names a core type that the chip has not",
        "The fields of a population are named after the parameters of its core type, so they can't be read without it. The \
         hint lists the core types of the chip.",
    ),
    entry(
        "SL1120",
        "a name is empty or not the only one",
        "Populations, outputs and cores are told apart by their names, in texts, spikes and probes.",
    ),
    entry(
        "SL1121",
        "a population has no element or too many",
        "The number of elements is the product of the shape. It is at least 1, and all populations together have at most 2^28.",
    ),
    entry(
        "SL1122",
        "something is said of a neuron or population that can't be it",
        "A connection, output, slot or in-axon names a population or an element that there is not, or an input where only \
         neurons can be: inputs hear nothing, stand in no slot and are not shown by outputs.",
    ),
    entry(
        "SL1123",
        "a list has not one value for each element",
        "A field of a population holds one number for all elements, or a list with one for each.",
    ),
    entry(
        "SL1124",
        "a matrix does not fit its populations",
        "A connection's matrices lead from the elements of its source to those of its target. Their sizes must agree with both \
         and with each other.",
    ),
    entry(
        "SL1125",
        "a real number makes no sense there",
        "Parameters, weights and scales are finite; time constants and scales are above 0.",
    ),
    entry(
        "SL1130",
        "a population or core has another form than its core type",
        "The chip has no core type of that name, or its neuron program has another number of parameters or states.",
    ),
    entry(
        "SL1131",
        "a parameter lies outside of its declared range",
        "The neuron program of the chip file declares the width of every parameter. What does not fit can't be written into \
         the chip's memories.",
    ),
    entry(
        "SL1132",
        "an initial state lies outside of its range",
        "The neuron program of the chip file declares the width of every state variable.",
    ),
    entry(
        "SL1133",
        "a delay lies outside of the chip's range",
        "The chip file says which delays spikes of slots can have, and which those of the host.",
    ),
    entry(
        "SL1134",
        "lags and delays do not go together",
        "A population with lag k does in step t what the network's does in step t - k. A connection's delay less the \
         difference of the lags is the delay that it has in the network, and can't be negative. Inputs have no lag.",
    ),
    entry(
        "SL1135",
        "sparse synapses are out of order",
        "The targets of each source ascend, none twice, and a synapse of value 0 is not written: equal synapses have one form.",
    ),
    entry(
        "SL1136",
        "no synapse of the chip can have that value",
        "A store of lists has mantissas and exponents of given widths; a bit crossbar adds up at most one value of each type.",
    ),
    entry(
        "SL1140",
        "a core has not as many slots as its type",
        "All slots of a core are written, idle ones included.",
    ),
    entry(
        "SL1141",
        "a neuron has not exactly one primary, or is in the wrong core",
        "Every neuron of the program is the primary of one slot, in a core of its type. Further slots for it are copies, \
         which there may be only where the chip file says that copies are exact.",
    ),
    entry(
        "SL1142",
        "a core holds more than its type has",
        "In-axons, destinations, sets of shared parameters, formats, words of synapse memory and accumulators of delays are \
         limited by the chip file. The field says which limit it is.",
    ),
    entry(
        "SL1143",
        "slots of a core differ in what the core has once",
        "Parameters of scope `Core` have one value for all slots of a core. Neurons with other values need another core.",
    ),
    entry(
        "SL1144",
        "a slot sends where it should not",
        "A destination is an in-axon that there is. What sends nowhere must not be heard, idle slots send nowhere, and where \
         each slot keeps its own destinations every one of them is given.",
    ),
    entry(
        "SL1145",
        "an in-axon does not hear what it is for",
        "An in-axon is for spikes of one neuron with one delay. Exactly one slot of that neuron, the primary or a copy, sends \
         there, with that delay: with none the spikes are lost, with two they come twice.",
    ),
    entry(
        "SL1146",
        "types of rows and values of slots do not fit the store",
        "In a bit crossbar every slot has a value for each type of row, of the width that the chip file gives, and every row \
         has one of the types. A store of lists has neither.",
    ),
    entry(
        "SL1147",
        "a synapse is not what its store can hold",
        "In a bit crossbar the value of a synapse is that of its slot for the type of its row. In a store of lists its format \
         must be able to write its value and its delay.",
    ),
    entry(
        "SL1148",
        "a slot does not hear what its neuron hears",
        "The values that reach a slot add up, for each source and delay, to those that reach its neuron in the program. Copies \
         hear the same as their primary.",
    ),
    entry(
        "SL1149",
        "a synapse leads to a slot that is not in use",
        "Idle slots must not fire, so nothing may reach them; beyond the last slot there is nothing.",
    ),
    entry(
        "SL1150",
        "a channel is not there or used twice",
        "An output node tells so many channels apart as the chip file says, and each is for one slot. A chip without an output \
         node has none.",
    ),
    entry(
        "SL1151",
        "channels do not belong to the elements of the outputs",
        "Where spikes leave through an output node, each element of each output has a channel of its own, to which the neuron \
         that it shows sends. Where the host taps slots there are no channels.",
    ),
    entry(
        "SL1160",
        "a core has no site that can hold it",
        "Every core stands at a site of the chip that holds a core of its type.",
    ),
    entry(
        "SL1161",
        "two cores stand at one site",
        "A site of the chip holds one core. Give one of the two another tile.",
    ),
    entry(
        "SL1162",
        "a destination is out of reach",
        "Addresses that count nodes from the sender have a range, which the chip file gives. Put the cores nearer together.",
    ),
];
