//! Part of the register of codes; see the parent module.

use super::{Entry, entry};

pub(super) const CODES: &[Entry] = &[
    entry(
        "SL0501",
        "the file is no npz file",
        "Spikes are npz files: zip archives of numpy arrays, as np.savez and np.savez_compressed write them. The file \
         is another kind of file, or its table of contents (at its end) is missing or damaged, as after a broken \
         transfer. A single array (.npy) does not say which node it is for: save it under the node's name.",
    ),
    entry(
        "SL0502",
        "an array in an npz file is damaged",
        "The array's checksum does not match, it is cut off, it is packed in a way that np.savez does not use, or its \
         size is not what its header says. Nothing is unpacked beyond what the header declares. Write the file again.",
    ),
    entry(
        "SL0503",
        "a member of an npz file is no numpy array",
        "Every member of an npz file is a .npy file with its header. This one has another name or no proper header. \
         Files made by np.savez and np.savez_compressed are always good.",
    ),
    entry(
        "SL0504",
        "an array has elements that are no plain numbers",
        "Arrays of Python objects are pickles, which could run code and are never loaded; text, dates, complex and \
         structured elements have no meaning here. Lists of different lengths become object arrays by themselves: \
         pad them to one length. Half precision is converted with .astype(np.float32).",
    ),
    entry(
        "SL0505",
        "an array stands twice in an npz file",
        "Two members of the archive have the same name, so which of them is meant is not certain. It happens when a \
         member is added to an archive with a zip program instead of being replaced. Write the file again.",
    ),
    entry(
        "SL0506",
        "an array is too large",
        "The arrays of one file may be 8 GiB when unpacked, and must fit into memory. A small file that asks for more \
         is usually a damaged one. Split the samples over several files.",
    ),
    entry(
        "SL0507",
        "an array is missing",
        "Each input node needs an array of its own, named exactly as the node; raw host packets need the arrays \
         `packet` and `step`. The message lists the arrays that are there. For a node that shall be silent save an \
         array of zeros.",
    ),
    entry(
        "SL0508",
        "an array belongs to nothing",
        "The array's name is not that of an input node (or, for raw host packets, not `packet` or `step`). It is \
         refused because a misspelt name would otherwise be silence. Labels and the like go into a file of their own.",
    ),
    entry(
        "SL0509",
        "an array has no dtype for spike counts",
        "Spikes are counts per step: bool, uint8, uint16 or uint32. Signed and floating-point arrays are refused \
         rather than rounded. Where the values are counts, convert them: .astype(np.uint8), or np.uint16 if one may \
         exceed 255. Analogue values must be encoded as spikes first.",
    ),
    entry(
        "SL0510",
        "an array has the wrong shape for its node",
        "An input array is [steps, ...shape] or [samples, steps, ...shape], where shape is the node's own, in the \
         network's order; which of the two it is, is told by the number of axes. Steps are never the last axis: \
         np.moveaxis(a, -1, 0) brings them to the front.",
    ),
    entry(
        "SL0511",
        "arrays disagree on samples or steps",
        "All input arrays of a file are for the same samples and the same steps, and either all or none have a sample \
         axis. Cut them, or pad them with zeros.",
    ),
    entry(
        "SL0512",
        "an array has no steps or no samples",
        "An axis of steps or samples has length 0, so there is nothing to run. For a silent input save zeros for as \
         many steps as shall be run.",
    ),
    entry(
        "SL0513",
        "the arrays of raw host packets are ill-formed",
        "`packet` and `step` are lists (one axis) of integers and equally long: a step for each packet. Packets are \
         unsigned 64-bit words; steps are signed 64-bit numbers. Other integer dtypes are taken if all values fit.",
    ),
    entry(
        "SL0514",
        "the steps of raw host packets are out of order",
        "Packets enter in the order of the file, so their steps count from 0 and never go back. Sort both arrays by \
         step with a stable sort, which keeps the order within a step.",
    ),
    entry(
        "SL0515",
        "an array cannot be written into an npz file",
        "A zip archive holds each name once, and names of less than 64 KiB. Give the node a shorter name, or one of \
         its own.",
    ),
];
