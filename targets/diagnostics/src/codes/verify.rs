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
        "SL0908",
        "an order that does not fit the program",
        "The order in which neurons take in the events of a step is given as a rank for each synapse of the program. \
         Here the ranks of a connection are not as many as its synapses, so they were made for another program.",
    ),
    entry(
        "SL0909",
        "a seed that is no number",
        "The neurons of this program draw random numbers, and what they draw follows from the option `seed` of the \
         program: a decimal number below 2^64, 0 if it is absent. Compile with `--seed N`.",
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
    entry(
        "SL0920",
        "an image that can't be held against a program",
        "The structural check begins with what the image says of itself: the host's tables, and what each \
         slot is meant to be. A stripped image, or one of another maker, lacks them. Compile the network \
         again and check that image.",
    ),
    entry(
        "SL0921",
        "image and program are for different chips",
        "Both carry the digest of a chip's description, and the digests differ. What a slot computes depends \
         on that description, so nothing is compared. Make both with the same chip file, variant and \
         parameters.",
    ),
    entry(
        "SL0922",
        "the image contradicts itself about its slots",
        "What the image says of its slots (sections SYMBOLS and WITNESS) can't be true: a slot stands for two \
         neurons or for an input, on a core of another type, or a population is another one in the program. \
         The image belongs to another program or was changed.",
    ),
    entry(
        "SL0923",
        "a neuron without a slot, or with two",
        "Each neuron of the program is at exactly one slot, its primary; further slots are marked as copies. \
         Here there is none, or there are several. The image belongs to another program, or it is a fault of \
         Spikeloom: please report it.",
    ),
    entry(
        "SL0924",
        "a slot with another parameter than its neuron",
        "A value that configures the slot, its own or through its profile or core, is not the neuron's. The \
         slot computes something else. The image belongs to another program, or it is a fault of Spikeloom: \
         please report it.",
    ),
    entry(
        "SL0925",
        "a slot with another start than its neuron",
        "The state with which the slot starts is not the neuron's. Memories that were read back from a chip \
         after a run hold a later state; an image holds the first. Otherwise it is a fault of Spikeloom: \
         please report it.",
    ),
    entry(
        "SL0926",
        "a synapse that is missing in the image",
        "The program has a synapse, and no packet of its source makes such an event at the target's slot. The \
         hint says where packets of the source lead. It is a fault of Spikeloom or of an image changed by \
         hand: please report it.",
    ),
    entry(
        "SL0927",
        "a synapse that the program does not have",
        "A slot takes in an event of a source from which its neuron has no such synapse, or takes it in more \
         often. It is a fault of Spikeloom or of an image changed by hand: please report it.",
    ),
    entry(
        "SL0928",
        "a synapse of another value",
        "Source and delay of an event are those of a synapse, its value is not. In a bit crossbar a value is \
         the slot's own for the type of the row, so one wrong number shows in many synapses. It is a fault of \
         Spikeloom or of an image changed by hand: please report it.",
    ),
    entry(
        "SL0929",
        "a synapse of another delay",
        "The steps from a spike to its event, in packet, synapse or both together, are not those of the \
         program. It is a fault of Spikeloom or of an image changed by hand: please report it.",
    ),
    entry(
        "SL0930",
        "a copy that differs from its neuron",
        "A copy stands in for its neuron towards some of the targets. It spikes as the neuron does because \
         its parameters, its start and its events are the same; here one of them is not. It is a fault of \
         Spikeloom or of an image changed by hand: please report it.",
    ),
    entry(
        "SL0931",
        "two writers at one in-axon where packets merge",
        "On this chip packets that meet at an in-axon in one step act as one. Two senders, or two delays of \
         one, may meet, and an event would be lost. Each source needs its own in-axon there.",
    ),
    entry(
        "SL0932",
        "a slot without a neuron that fires",
        "A slot that stands for nothing must be silent for ever, and with its parameters and its start this \
         one is not (or does not come to rest, so that its silence can't be shown). Fill slots that are not \
         used with the chip's `idle` values.",
    ),
    entry(
        "SL0933",
        "a slot without a neuron that hears",
        "Events reach a slot that stands for nothing, so it may come to fire. A synapse or a packet is at the \
         wrong place. It is a fault of Spikeloom or of an image changed by hand: please report it.",
    ),
    entry(
        "SL0934",
        "a packet that leads nowhere",
        "A neuron or the host sends a packet to a place outside of the fabric, to a core without content, or \
         to an in-axon or channel that does not exist. On the chip it is lost, or worse. It is a fault of \
         Spikeloom or of an image changed by hand: please report it.",
    ),
    entry(
        "SL0935",
        "an output that shows another neuron",
        "Where the host looks for the spikes of an output's element it finds those of another neuron, of \
         nobody, or of several. It is a fault of Spikeloom or of an image changed by hand: please report it.",
    ),
    entry(
        "SL0936",
        "a lag that is not the program's",
        "A population runs late by its lag, and the host shifts its spikes back by as much. With another lag, \
         or a run that ends too early, spikes stand in the wrong step or are cut off.",
    ),
    entry(
        "SL0937",
        "a packet that leads to another in-axon",
        "All synapses of a source would be right if this packet led to the in-axon that is needed. Either its \
         destination is wrong, or what should stand at the one in-axon stands at the other. It is a fault of \
         Spikeloom or of an image changed by hand: please report it.",
    ),
    entry(
        "SL0938",
        "an image exceeds a limit of its chip",
        "The image uses more of something than the chip file allows, or a value that it does not define, \
         though the bits have room for it. The field that says so is named. On the chip the result is not \
         defined.",
    ),
    entry(
        "SL0939",
        "a certificate is missing",
        "The structure is equal, but that spikes are equal follows only where the order of events within a \
         step does not matter and no state overflows where that is a fault. One of them could not be shown \
         for as many steps as were asked for. `verify` compares a run under the chip's own order.",
    ),
    entry(
        "SL0940",
        "inputs or outputs are not the program's",
        "The image's tables for the host have a node that the program does not have, lack one that it has, or \
         give it another shape. The image belongs to another program.",
    ),
];
