//! Part of the register of codes; see the parent module.

use super::{Entry, entry};

pub(super) const CODES: &[Entry] = &[
    entry(
        "SL0801",
        "the network needs more cores than the chip has",
        "The message says what is needed and what there is, and the field of the chip file that sets the limit. \
         Chips with one destination per neuron spend slots on copies of neurons with targets in several cores: \
         look at the number of copies first. A larger variant, or a wider chip, may hold it.",
    ),
    entry(
        "SL0802",
        "more than a core has",
        "A single neuron, or the neurons placed on one core, need more slots, in-axons, synapse memory, \
         destinations or sets of shared parameters than a core has. A neuron with its whole fan-in must fit on \
         one core, since its inputs are added up there. Less fan-in, or a chip with larger cores, is the way out.",
    ),
    entry(
        "SL0803",
        "copies never settle",
        "How many copies a neuron needs depends on how its targets are divided over cores, and copies themselves \
         take room and move others. After many rounds no division was found in which all fit. It happens where \
         the chip is nearly full: use a larger variant or a chip with more destinations per neuron.",
    ),
    entry(
        "SL0804",
        "outputs that can't leave",
        "Spikes for the host go to channels of the chip's output node. The chip has none, or fewer channels than \
         the outputs of the network have neurons. Show fewer neurons, or use a variant whose `OutputNode` has \
         more channels.",
    ),
    entry(
        "SL0805",
        "copies are needed and the chip forbids them",
        "A neuron has more destinations than its slot can name, so a second slot would have to compute the same. \
         The chip file says that two slots with equal parameters may differ (`copies: Inexact`), so this would \
         not be exact.",
    ),
    entry(
        "SL0806",
        "nowhere to send spikes that nobody wants",
        "On this chip every spike goes somewhere. A neuron without a target is pointed at an in-axon that no slot \
         hears, or at a channel that no output uses; here none of either is left. Take the unused neuron away, or \
         leave an in-axon free.",
    ),
    entry(
        "SL0807",
        "a host packet can't reach its target",
        "The packet has a field for the address, the in-axon or the delay that is too narrow for where the input \
         must go. The chip file's `io.host_in.packet` promises less than its fabric and cores have.",
    ),
    entry(
        "SL0808",
        "no room for the values of idle slots",
        "Slots that a network leaves unused must not fire. Here a parameter that keeps them still is held in a profile, \
         the neurons of the core use every entry of that profile's table, and under none of them an idle slot would \
         keep still. A chip with more profile entries, or a network with fewer kinds of neurons in a core, would do.",
    ),
];
