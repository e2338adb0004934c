//! Part of the register of codes; see the parent module.

use super::{Entry, entry};

pub(super) const CODES: &[Entry] = &[
    entry(
        "SL0301",
        "the file is no Spikeloom image",
        "An image begins with eight bytes of magic, and this file does not; the message says what it seems to be. \
         Networks (.nir, .h5) are compiled to an image with `spikeloom compile`; only that is run. If the message \
         speaks of a text-mode transfer, something on the way changed line ends or characters: transfer it as binary.",
    ),
    entry(
        "SL0302",
        "the image has another version of the container",
        "The image was written by a Spikeloom whose container has another layout, or its version number is damaged. \
         Images are made from networks and are cheap to make again: compile with the Spikeloom that runs them.",
    ),
    entry(
        "SL0303",
        "the image has the wrong length",
        "The section table says to the byte how long the file is. A shorter file was cut off, by a full disk or a \
         broken transfer; a longer one has had something added. Fetch or compile it again.",
    ),
    entry(
        "SL0304",
        "the image's header is damaged",
        "The checksum over the header and the section table does not match, so nothing in the table can be trusted. \
         Fetch or compile the image again.",
    ),
    entry(
        "SL0305",
        "the image's section table is ill-formed",
        "The table's checksum is right, but what it says is not: a name is ill-formed or stands twice, or sections \
         overlap, leave a gap or are out of order. The file was not written by Spikeloom, or was changed by hand.",
    ),
    entry(
        "SL0306",
        "a section of the image is damaged",
        "Every section has a checksum (CRC-32), and that of the named section does not match its bytes. An image with \
         a damaged section is never loaded in part. Fetch or compile it again.",
    ),
    entry(
        "SL0350",
        "a number does not fit its field in a memory",
        "The compiler wants to write a number into a field of a core's memory that is too narrow for it. Ranges \
         of weights and parameters are met before, so this is nearly always an address: a destination, a table \
         position or a delay that the chip's field can't name. The chip file may promise more (in-axons, entries, \
         cores) than its records can number.",
    ),
    entry(
        "SL0351",
        "a slot uses a profile entry that does not exist",
        "The number in the slot's profile field is beyond the number of entries that the chip file gives the \
         profile. The image was damaged before it was written, or is for another variant of the chip.",
    ),
    entry(
        "SL0352",
        "a list of synapses is broken",
        "A list in a core's synapse memory can't be read: it runs past the end of the memory, or a block names a \
         format, an index width, an exponent or a slot that does not exist. Images by the compiler are read back \
         as they were written, so the image was made by other means or for another chip.",
    ),
    entry(
        "SL0353",
        "a slot's destinations lie outside of the table",
        "The slot's first entry and number of entries lead beyond the end of the core's table of destinations. \
         Such an image was not made by the compiler for this chip.",
    ),
    entry(
        "SL0354",
        "a section of the image is missing or broken",
        "The container is sound, its checksums are right, but a section that is needed is not there, or its \
         content ends too early or is not what this version writes. The image was written by another version of \
         Spikeloom, or changed by hand. Compile it anew.",
    ),
    entry(
        "SL0355",
        "the image and its chip description disagree",
        "An image carries the description of its chip and, beside it, the digest of the description that it was \
         compiled for. They differ: one of them was exchanged. Compile the network anew.",
    ),
    entry(
        "SL0356",
        "the image names a core that the chip does not have",
        "A memory or a host table belongs to a core number at which the chip's fabric has no core. The image is \
         for another variant of the chip, or was changed by hand.",
    ),
    entry(
        "SL0357",
        "a row of a type that does not exist",
        "The memory of a bit crossbar gives a row a type for which slots have no value, and the row has synapses, \
         so what their events add is not defined. The image is for a variant of the chip with more row types, or \
         was changed by hand.",
    ),
    entry(
        "SL0360",
        "a folder with no memory of this chip",
        "A folder was given as an image, and none of the files that the chip file names for its memories \
         (`text_file`) is in it. The chip or the variant is another one, the folder is the wrong one, or the \
         chip's file names no text files at all.",
    ),
    entry(
        "SL0361",
        "a memory text can't be read",
        "The text of a memory has words of binary digits, one a row, with comments and `@ADDRESS` in hex between \
         them. This one has another character, a row of another width than the record, or more rows than the \
         core. If the width is wrong, the files are usually for another variant of the chip: give its parameters \
         with --chip.",
    ),
];
