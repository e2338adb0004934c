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
    entry(
        "SL0003",
        "a file is not of the kind that is needed",
        "The file was read, but its content is of another kind than this command takes; the message says what it \
         seems to be. Kinds are told by content, not by the ending of the name. A network is a NIR file (HDF5) or an \
         explicit network (npz), an image a `.loom` file, spikes are npz.",
    ),
    entry(
        "SL0004",
        "a code that does not exist",
        "`spikeloom explain` takes the code of a diagnostic: SL and four digits, as it stands in brackets after the word \
         error, warning or note. docs/diagnostics.md lists all of them.",
    ),
    entry(
        "SL0005",
        "a level that does not exist",
        "`--emit LEVEL=FILE` writes the text of one level of the compilation: network, program, cores or placed. It may \
         be given several times, once for each file.",
    ),
    entry(
        "SL0006",
        "a foreign image can't be used in this way",
        "A folder of memory files, or an image without host tables, says nothing of chips, nodes or names. It needs \
         --chip with the variant that the files are for, takes and gives raw packets (arrays `packet` and `step`), and \
         has nothing to probe. Compile a network to have names.",
    ),
    entry(
        "SL0007",
        "there is nothing to probe by this name",
        "`--probe NAME` records the spikes of a population, `--probe NAME:VAR` one of its variables. The population or \
         the variable does not exist; the hint lists those that do. Names are those of the network file.",
    ),
    entry(
        "SL0008",
        "this is no text of the level that was asked for",
        "`--from LEVEL` goes on from the text that `--emit LEVEL=FILE` wrote. The file is no such text, or the text of \
         another level: its first line says which.",
    ),
    entry(
        "SL0009",
        "an option contradicts the text",
        "The header of a level's text holds every option that can change the result. An option beside `--from` may \
         repeat what stands there; another value would make an image that is not the text's. Leave it out.",
    ),
    entry(
        "SL0010",
        "a run that is too long",
        "The number of steps, or the values that a run would record, exceeds what one run may have. Give fewer steps, \
         or run it in parts.",
    ),
    entry(
        "SL0011",
        "two files that can't be compared",
        "`spikeloom diff A B` compares two images, or two texts of one level. These are of different kinds or levels, or a \
         text was made for a chip that does not ship: then --chip must name its file. `spikeloom compile --from` and \
         `--emit` give the text of a later level; an earlier one can't be had from a later.",
    ),
];
