//! Part of the register of codes; see the parent module.

use super::{Entry, entry};

pub(super) const CODES: &[Entry] = &[
    entry(
        "SL0001",
        "a file cannot be read",
        "The operating system refused to give the file; its reason stands in the message. Check that the path is \
         spelt right, that it names a file and not a folder, and that you may read it. Paths are relative to the \
         folder that the command runs in.",
    ),
    entry(
        "SL0002",
        "a file cannot be written",
        "The operating system refused to write the file; its reason stands in the message. Files are written beside \
         their place under another name and then renamed, so the folder must exist and must allow new files, and \
         there must be room for both. A file that was there before is as it was.",
    ),
];
