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
];
