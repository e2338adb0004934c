//! Part of the register of codes; see the parent module.

use super::{Entry, entry};

pub(super) const CODES: &[Entry] = &[
    entry(
        "SL1001",
        "the image does not fit its own chip description",
        "The memories or host tables of the image name something that the chip in the same image does not have: a core, \
         a slot, or an event value of more than 32 bits. A written image is checked when it is read, so this \
         comes of an image that was put together by hand or by another tool. Compile the network anew.",
    ),
    entry(
        "SL1002",
        "a packet leads nowhere",
        "A slot or the host sends a packet that leaves the mesh, or that ends where nothing stands: at an empty node, at \
         a core without content, at an in-axon or channel that does not exist. The emulator drops it and counts it as \
         unreachable. On hardware such a packet may block routers. If the slot never spikes it does not matter.",
    ),
    entry(
        "SL1003",
        "a slot sends with a delay of 0",
        "A slot spikes in its tick, after the events of the step were taken in, so a packet with a delay of 0 steps comes \
         too late for its own step. The emulator lets it act in the next step. Chips whose least delay is 1 can't \
         hold such a delay; look at the record that keeps it.",
    ),
    entry(
        "SL1004",
        "the image takes another kind of input",
        "A compiled image knows which packets a spike of an input node becomes, and takes one array of spikes for each \
         input node. A foreign image does not, and takes raw host packets: the arrays `packet` (uint64) and `step` \
         (int64). Give the kind of npz that fits the image.",
    ),
    entry(
        "SL1005",
        "packets lie beyond the end of the run",
        "Some packets of the input have a step that is not less than the number of steps of the run, so they never enter. \
         Run for more steps, or cut the input.",
    ),
    entry(
        "SL1006",
        "a stripped image can't be probed",
        "Probes find neurons by the names in the image's debug sections. This image was stripped of them. It runs the \
         same and its outputs can be read, but nothing inside it has a name. Probe the image as it was compiled.",
    ),
    entry(
        "SL1007",
        "there is no such population to probe",
        "A probe names a population of the network as it was compiled. Inputs can't be probed: their spikes are those \
         given. The hint lists the populations of the image.",
    ),
    entry(
        "SL1008",
        "neurons of a population have no slot",
        "The debug sections of the image do not say in which slot each neuron of the probed population is. The image was \
         put together by hand or by another tool. Compile the network anew.",
    ),
    entry(
        "SL1009",
        "there is no such state variable to probe",
        "After the colon a probe names a state variable of the chip's neuron program, not of the framework's model. The \
         hint lists those of the population.",
    ),
    entry(
        "SL1010",
        "the spikes are not those of the image's inputs",
        "Every input node of the image needs spikes of its own shape, `[steps, ...shape]` or `[samples, steps, ...shape]`, \
         under its own name, and there may be no others.",
    ),
    entry(
        "SL1011",
        "the chip can't be reset between samples",
        "The chip description says `reset: Never`: nothing brings the states back to their start, so the second sample \
         would begin where the first ended, and samples would depend on each other. Give one sample at a time.",
    ),
    entry(
        "SL1012",
        "several input spikes in one step on a chip that merges",
        "The in-axons of this chip hold one bit for each step: two packets for the same in-axon in the same step act \
         as one. An input count above one would lose spikes without a trace, so it is refused. Give counts of 0 and 1, \
         spread the spikes over steps, or use a chip whose in-axons add up (`merge: Sum`).",
    ),
];
