//! Part of the register of codes; see the parent module.

use super::{Entry, entry};

pub(super) const CODES: &[Entry] = &[
    entry(
        "SL0450",
        "not an explicit network",
        "An npz file is a network if it holds the array `spikeloom` = 1, the version of the format that \
         docs/explicit-networks.md describes. This file has no such array, or that of another version. Files of spikes \
         are npz too: they belong after --input.",
    ),
    entry(
        "SL0451",
        "an array that belongs to nothing",
        "Every array of an explicit network is `spikeloom`, `dt`, `input/NAME`, `population/NAME/FIELD`, \
         `connection/NAME/FIELD` or `output/NAME`, and a population has the fields of its model only. An array with \
         another name would have no effect, and is most often a misspelt one.",
    ),
    entry(
        "SL0452",
        "a part of an explicit network is missing",
        "A population needs a model, a shape and the parameters of its model that have no default; a connection needs \
         a source, a target, and weights unless it is one to one; the network needs an output.",
    ),
    entry(
        "SL0453",
        "an array of the wrong form",
        "The array holds text where numbers are needed (or the other way), or its shape does not fit: a matrix is \
         [targets, sources], a parameter is one number or has the population's shape, a list of synapses has one \
         source, one target and one weight for each, and its delay is one for all or one for each.",
    ),
    entry(
        "SL0454",
        "a number of an explicit network that is not finite",
        "NaN or infinity stands in an array, or parallel synapses add up to it. No chip can hold it: look where the \
         simulator got it from.",
    ),
    entry(
        "SL0455",
        "a number of an explicit network that is out of its range",
        "Time constants and the length of a step must be above zero, delays must not be negative, delays in steps and \
         sizes must be whole, and indices of synapses count from 0 and stay below the size of their population.",
    ),
    entry(
        "SL0456",
        "an unknown model",
        "The models of an explicit network are those of NIR (if, lif, cuba_lif, li, cuba_li, i, threshold), `sum`, and \
         `stepped`, a neuron given by the factors of a step.",
    ),
    entry(
        "SL0457",
        "a name of an explicit network that does not fit",
        "A connection leads from an input or a population to a population, an output shows a population, and no two of \
         them share a name. Names are compared byte by byte.",
    ),
    entry(
        "SL0458",
        "an explicit network that is too large",
        "A population may have 2^24 elements, all together 2^28; there may be 16,384 connections with 2^28 numbers, \
         and 1,024 different delays in one list of synapses. A list costs a table by source for each delay, which must \
         be in proportion to its synapses.",
    ),
    entry(
        "SL0460",
        "parallel synapses were added up",
        "Several synapses of one list lead from the same source to the same target with the same delay. Their events \
         come together, so they are one synapse with the sum of their weights.",
    ),
    entry(
        "SL0461",
        "delays are in steps of a length that the file does not tell",
        "The file counts delays in steps and has no array `dt`. A step of 1e-4 seconds is taken, the default of --dt.",
    ),
    entry(
        "SL0462",
        "connections became lists of synapses",
        "An explicit network has matrices, lists of synapses and delays. What else stands on a connection when it is \
         written (convolutions, pools, several stages in a row) is walked through, and the synapses that it amounts to \
         are listed. The network does the same, but the file is larger and the structure is gone.",
    ),
    entry(
        "SL0463",
        "what NIR does not hold",
        "NIR has neither the length of a step nor rules such as the kind of reset, so they are not in the file that was \
         written. The hint has the options that say them. Where the length of a step is known, the gain of a population \
         goes into its resistance (or the weight of its input), and is not among what is lost.",
    ),
    entry(
        "SL0464",
        "a network that the format can't hold",
        "Each format has its limits: NIR has no populations given by steps, and both NIR and explicit networks are \
         limited to a gigabyte of numbers. The text of level network holds everything.",
    ),
    entry(
        "SL0465",
        "a matrix of zeros was added",
        "In NIR a bias stands in an Affine node or a convolution, and every population needs an edge into it, every \
         input one out of it. Where the network has no connection that could carry the bias or be the edge, a matrix of \
         zeros from the smallest input is added. It changes nothing but the size.",
    ),
    entry(
        "SL0466",
        "connections became full matrices",
        "NIR has no lists of synapses, and convolutions and pools only in the form in which they were read: what it can't \
         say otherwise becomes a Linear node with a weight for every pair, most of them zero.",
    ),
    entry(
        "SL0467",
        "nodes have other names in the NIR file",
        "All nodes of NIR share one set of names, in which neither `/` can stand nor a name twice. An output with the \
         name of a population, for example, gets another one. Arrays of spikes must be named after the nodes.",
    ),
    entry(
        "SL0468",
        "the semantics are not in the file that was written",
        "NIR files and explicit networks don't hold the preset of `--semantics`; the text of level network does, in its \
         header. Give the option again with the file.",
    ),
    entry(
        "SL0469",
        "--dt stands above the step of the file",
        "An explicit network may have a length of a step, which is the default of --dt. Another one was given, and is \
         taken. Time constants and delays keep their seconds, so a delay that the file counts in steps is now another \
         number of steps.",
    ),
    entry(
        "SL0470",
        "an option that has no place here",
        "`convert` takes networks and images. --semantics and --dt say what a network means in steps; an image has gone \
         through that long ago.",
    ),
];
