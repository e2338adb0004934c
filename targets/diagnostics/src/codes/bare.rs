//! Bare graphs and their mapping: SL0480 to SL0489.

use super::Entry;
use super::entry;

pub(super) const CODES: &[Entry] = &[
    entry(
        "SL0480",
        "this is no graph",
        "`map` reads workloads of mapbench (NAME.json, with NAME.bin beside it) and hMETIS files (NAME.hgr, first pin of a \
         net its source, its weight the rate). A network is mapped by `compile`.",
    ),
    entry(
        "SL0481",
        "a workload that can't be read",
        "The JSON header of a workload names a binary file and says of each array (indptr, indices, rate, pop) its type, \
         shape and offset. Something of that is missing, or the binary file is shorter than it says: generate it again.",
    ),
    entry(
        "SL0482",
        "a graph without neurons, or with too many",
        "There is nothing to map, or more than 2^30 neurons.",
    ),
    entry(
        "SL0483",
        "a rate that makes no sense",
        "A neuron's rate, in spikes per second, weighs its axon. It is a finite number from 0 up.",
    ),
    entry(
        "SL0484",
        "targets that make no sense",
        "The targets of a neuron are other neurons of the graph, each once, in ascending order. A self loop costs no \
         packet on any chip, and a target twice would count as two: take them out, adding up their weights.",
    ),
    entry(
        "SL0485",
        "an hMETIS file that can't be read",
        "The first line holds the numbers of nets and neurons and a format (1: nets have weights), then each line is a net: \
         its weight, then its pins, counted from 1. Each neuron is the first pin, the source, of at most one net.",
    ),
    entry(
        "SL0486",
        "limits of a core that make no sense",
        "`--cores N,A,S` says how many neurons, distinct in-axons and synapses a core holds at most, each at least 1.",
    ),
    entry(
        "SL0487",
        "a neuron that no core can hold",
        "A neuron's fan-in is larger than the in-axons or the synapses of a whole core, so no partition is feasible. Give \
         cores that hold more, or split the neuron where the hardware can add up parts before the threshold.",
    ),
];
