//! Part of the register of codes; see the parent module.

use super::{Entry, entry};

pub(super) const CODES: &[Entry] = &[
    entry(
        "SL0401",
        "not a NIR file",
        "A network file must be HDF5, and this one does not start with the HDF5 signature. Write the network with \
         `nir.write(\"NAME.nir\", graph)` of the Python package `nir`, and give that file.",
    ),
    entry(
        "SL0402",
        "the HDF5 file can't be read",
        "The file starts as HDF5 but its inner structure does not hold together: it is truncated (an interrupted \
         download), damaged, or uses a feature of HDF5 that NIR files do not use. `h5ls -r FILE` shows whether other \
         tools can read it.",
    ),
    entry(
        "SL0403",
        "an HDF5 file without a NIR graph",
        "NIR keeps its graph in the group `/node`, with `type` = `NIRGraph`, the group `nodes` and the table `edges` \
         of two names a row. One of these is missing or of another form.",
    ),
    entry(
        "SL0404",
        "a node without a readable type",
        "Every group under `/node/nodes` needs a dataset `type` that holds one string, the kind of the node.",
    ),
    entry(
        "SL0405",
        "a node kind that is not supported yet",
        "NIR defines this kind, but there is no meaning for it here yet. Supported are Input, Output, Linear, Affine, \
         Flatten, IF, LIF and CubaLIF. A convolution or pool can be written as a Linear node before exporting.",
    ),
    entry(
        "SL0406",
        "an unknown node kind",
        "The `type` of the node is no kind of NIR. It may be misspelt, or be an extension of the exporter.",
    ),
    entry(
        "SL0407",
        "a parameter is missing",
        "The node lacks a parameter that its kind must have. Only `v_reset` (0) and `w_in` (1) have defaults.",
    ),
    entry(
        "SL0408",
        "a parameter of the wrong form",
        "A parameter is not an array of numbers, or its shape does not fit. Parameters of neurons must all have the \
         shape of the population, or one element that holds for all of it; a `weight` is [outputs, inputs], a `bias` \
         [outputs]. Integers must be below 2^53, so that they are exact.",
    ),
    entry(
        "SL0409",
        "a number that is not finite",
        "NaN or infinity stands in a parameter, or biases add up to it. This comes from a training that diverged or \
         from values that an exporter left unset; no chip can hold it.",
    ),
    entry(
        "SL0410",
        "a parameter out of its range",
        "Time constants must be above zero. Shapes must list sizes of at least 1.",
    ),
    entry(
        "SL0411",
        "a parameter that is not known was ignored",
        "The node has a parameter that its kind does not have in NIR. It has no effect here; if the framework gave it \
         one, the network behaves differently. A `bias` needs the kind Affine, not Linear.",
    ),
    entry(
        "SL0412",
        "a missing parameter was assumed",
        "Older NIR files leave out `v_reset` (0 is assumed) and `w_in` of CubaLIF (1 is assumed).",
    ),
    entry(
        "SL0413",
        "an edge names an unknown node",
        "The table `/node/edges` holds pairs of node names, and there is no group of this name in `/node/nodes`. \
         Names are compared byte by byte.",
    ),
    entry(
        "SL0414",
        "an edge stands more than once",
        "Edges of NIR are a set, so the edge counts once. If a framework meant its current to count twice, double the \
         weights instead.",
    ),
    entry(
        "SL0415",
        "a missing edge",
        "A node has no edge where it needs one: an Input needs one out of it, an Output or a population of neurons \
         one into it, a Linear, Affine or Flatten node both. Exporters lose edges where a module is used but not \
         traced. The graph also needs an Output.",
    ),
    entry(
        "SL0416",
        "an edge in the wrong direction",
        "Nothing can lead into an Input or out of an Output. The two names of the edge may be swapped.",
    ),
    entry(
        "SL0417",
        "the two ends of an edge differ in size",
        "A node must take as many elements as the node before it gives. Only the number of elements must agree; \
         their order is row-major. A transposed weight is the most common cause: NIR has [outputs, inputs].",
    ),
    entry(
        "SL0418",
        "a cycle without a neuron",
        "Linear nodes have no time of their own, so a loop of nothing but them has no meaning. A loop must pass \
         through a population.",
    ),
    entry(
        "SL0419",
        "no input reaches a population",
        "The population is not behind any Input. Only its bias and its leak can make it spike.",
    ),
    entry(
        "SL0420",
        "no output sees a population",
        "No path leads from the population to an Output. It is kept, and can be probed, but what it does has no \
         effect on any output.",
    ),
    entry(
        "SL0421",
        "the size of a population is not known",
        "All its parameters are scalars and neither the nodes before nor those behind it tell a shape.",
    ),
    entry(
        "SL0422",
        "too many elements",
        "A shape in the file asks for more elements than a population may have.",
    ),
    entry(
        "SL0423",
        "an input leads straight to an output",
        "An Output shows the spikes of a population of neurons. There is none between this Input and this Output.",
    ),
    entry(
        "SL0424",
        "an output that does not spike",
        "The Output is fed by a linear node, a readout of a number rather than of spikes. This is not supported yet.",
    ),
    entry(
        "SL0425",
        "an output of several populations",
        "An Output shows the spikes of exactly one population, over one path. Give each population its own Output.",
    ),
    entry(
        "SL0426",
        "too many paths",
        "Every path of linear nodes from one population to another is a connection with its own weights. Nodes that \
         fan out and in again multiply paths, and this graph has more than can be kept. Multiply chains of Linear \
         nodes into one before exporting.",
    ),
];
