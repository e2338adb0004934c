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
        "SL0406",
        "an unknown node kind",
        "The `type` of the node is no kind of NIR. It may be misspelt, or be an extension of the exporter.",
    ),
    entry(
        "SL0407",
        "a parameter is missing",
        "The node lacks a parameter that its kind must have: a weight, a kernel size, or one of the equation of a neuron. \
         What may be missing is assumed, and a note (SL0412) says so.",
    ),
    entry(
        "SL0408",
        "a parameter of the wrong form",
        "A parameter is not an array of numbers, or its shape does not fit. Parameters of neurons must all have the \
         shape of the population, or one element that holds for all of it; a `weight` is [outputs, inputs], that of a \
         convolution [channels out, channels in / groups, height, width], a `bias` has one number for each output or \
         channel out. Integers must be below 2^53, so that they are exact.",
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
        "Time constants must be above zero, delays at least zero. Shapes must list sizes of at least 1. Kernel sizes, \
         strides, dilations and groups are whole numbers of at least 1, paddings of at least 0 (or the words `same` and \
         `valid`); the channels out must be divisible among the groups, and `same` goes only with a stride of 1.",
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
        "Files leave out what their framework takes for granted, above all older ones: `v_reset` (0 is assumed), `w_in` (1), \
         `bias` (0), the stride of a convolution (1) or pool (its kernel size), `padding` (0), `dilation` (1), `groups` (1), \
         the `input_shape` of a convolution and the `shape` of an Input (those of its neighbours).",
    ),
    entry(
        "SL0413",
        "an edge names an unknown node",
        "The table of edges holds pairs of node names, and there is no group of this name among the nodes of its graph. \
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
         one into it, a node without a state (Linear, Conv2d, Delay, ...) both. The Inputs and Outputs of nested graphs \
         need both too. Exporters lose edges where a module is used but not traced. The graph also needs an Output.",
    ),
    entry(
        "SL0416",
        "an edge in the wrong direction",
        "Nothing can lead into an Input or out of an Output. The two names of the edge may be swapped.",
    ),
    entry(
        "SL0417",
        "the two ends of an edge differ in size",
        "A node must take as many elements as the node before it gives, in row-major order. Shapes may differ only in that \
         one joins dimensions of the other, or has dimensions of 1. A transposed weight, channels that stand last, and a \
         convolution whose channels in, that is groups times the weight's second dimension, differ from those that come in \
         are the most common causes.",
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
        "a size is not known",
        "All parameters of a population are scalars and neither the nodes before nor those behind it tell a shape; or a \
         convolution or pool is fed by a shape that does not end in [channels, height, width] ([channels, length] for \
         Conv1d) and states no plane itself.",
    ),
    entry(
        "SL0422",
        "too many elements",
        "A shape in the file, or one that follows from it, asks for more elements than a node may take or give.",
    ),
    entry(
        "SL0423",
        "an input leads straight to an output",
        "An Output shows a population of neurons, or the sum that linear nodes give. There is neither between this Input \
         and this Output.",
    ),
    entry(
        "SL0425",
        "an output of several populations",
        "An Output shows exactly one population, over one path, or the sum that nodes without a state give, and not \
         both. Give each its own Output.",
    ),
    entry(
        "SL0426",
        "too many paths",
        "Every path of linear nodes from one population to another is a connection with its own weights. Nodes that \
         fan out and in again multiply paths, and this graph has more than can be kept. Multiply chains of Linear \
         nodes into one before exporting.",
    ),
    entry(
        "SL0427",
        "a nested graph without exactly one door",
        "The edges of a graph name a nested graph only as a whole. So the nested graph must have exactly one Input where \
         an edge leads into it, and exactly one Output where an edge leads out of it: with several it is not said which \
         is meant.",
    ),
    entry(
        "SL0428",
        "two nodes of one name",
        "Nested graphs are laid flat, with a dot between the name of a graph and the names in it. A node of another graph \
         has the same name already.",
    ),
    entry(
        "SL0429",
        "a window larger than its plane",
        "The kernel of a convolution or pool, with its taps `dilation` apart, spans more elements than the plane has, \
         padding included, so that it has no place on it.",
    ),
    entry(
        "SL0430",
        "what comes in is taken as planes",
        "A convolution or pool is fed by a shape that is not [channels, height, width] but has as many elements, such as \
         a flat one. They are taken in row-major order, as a reshape would.",
    ),
    entry(
        "SL0431",
        "biases take too much to follow",
        "A bias behind which other linear nodes stand is carried through them to the population that it drives. In this \
         file that takes more multiplications or numbers than a network of its size needs. Put populations of neurons \
         between the nodes, or multiply them into one before exporting.",
    ),
];
