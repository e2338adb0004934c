//! Stored texts come back as they are, hold what their verifier wants, and no edit of them makes the reader stumble.

mod common;

use common::{FULL, SHORT, chip, nothing, read, stored};
use proptest::prelude::*;
use spikeloom_ir::text::{self, Level};

#[test]
fn stored_texts_reprint_unchanged() {
    for (name, text, chip) in stored() {
        let level = text::level_of(&text).unwrap();
        let parsed = read(level, &text, &chip, &nothing).unwrap_or_else(|faults| panic!("{name}:\n{faults}"));
        assert_eq!(parsed.print(&chip, SHORT).text, text, "{name}");
    }
}

#[test]
fn stored_texts_hold() {
    for (name, text, chip) in stored() {
        let level = text::level_of(&text).unwrap();
        let found = read(level, &text, &chip, &nothing).unwrap().verify(&chip);
        assert_eq!(found, [], "{name}");
    }
}

#[test]
fn a_header_is_read_without_a_chip() {
    let text =
        "loom 1 level=placed chip=\"tiny\" chip-digest=abab\nsource=\"x\"\noption \"a b\" = \"1\"\nchannels";
    let header = text::header_of(text).unwrap();
    assert_eq!((header.level, header.fact("chip")), (Level::Placed, Some("tiny")));
    let text = text.replace("\nsource", " source");
    let header = text::header_of(&text).unwrap();
    assert_eq!(header.options, [("a b".to_string(), "1".to_string())]);
    assert_eq!(header.fact("source"), Some("x"));
    for text in
        ["", "loom", "loom 1 level=", "loom 1 level=image", "\u{0}", "{\"a\": 1}", "Loom 1 level=cores"]
    {
        assert_eq!(text::level_of(text), None, "{text}");
    }
}

/// An edit of a text: bytes, not characters.
#[derive(Clone, Debug)]
enum Edit {
    Replace(prop::sample::Index, u8),
    Insert(prop::sample::Index, u8),
    Delete(prop::sample::Index, usize),
    Repeat(prop::sample::Index, usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    let sign =
        || prop_oneof![prop::sample::select(b" \n\"%@[]{}(),:=->.x0123456789ainf\\".to_vec()), any::<u8>()];
    prop_oneof![
        (any::<prop::sample::Index>(), sign()).prop_map(|(at, byte)| Edit::Replace(at, byte)),
        (any::<prop::sample::Index>(), sign()).prop_map(|(at, byte)| Edit::Insert(at, byte)),
        (any::<prop::sample::Index>(), 1..30usize).prop_map(|(at, len)| Edit::Delete(at, len)),
        (any::<prop::sample::Index>(), 1..80usize).prop_map(|(at, len)| Edit::Repeat(at, len)),
    ]
}

fn edited(text: &str, edits: &[Edit]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for edit in edits {
        if bytes.is_empty() {
            break;
        }
        match edit {
            Edit::Replace(at, byte) => *at.get_mut(&mut bytes) = *byte,
            Edit::Insert(at, byte) => bytes.insert(at.index(bytes.len()), *byte),
            Edit::Delete(at, len) => {
                let at = at.index(bytes.len());
                bytes.drain(at..(at + len).min(bytes.len()));
            }
            Edit::Repeat(at, len) => {
                let at = at.index(bytes.len());
                let piece = bytes[at..(at + len).min(bytes.len())].to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3000) })]

    /// Neither reading nor verifying panics, every fault has a place, and what is read comes back.
    #[test]
    fn edited_texts_are_read_or_refused(which in any::<prop::sample::Index>(), edits in prop::collection::vec(edit(), 1..4)) {
        thread_local!(static STORED: Vec<(String, String, spikeloom_chip::Chip)> = stored());
        STORED.with(|stored| {
            let (_, text, chip) = which.get(stored);
            let level = text::level_of(text).unwrap();
            let text = edited(text, &edits);
            let _ = text::header_of(&text);
            match read(level, &text, chip, &nothing) {
                Err(faults) => {
                    prop_assert!(!faults.0.is_empty());
                    for fault in faults.0 {
                        let is_placed = matches!(fault.place, spikeloom_diagnostics::Place::Text { line, column, .. } if line > 0 && column > 0);
                        prop_assert!(is_placed, "{fault}");
                    }
                }
                Ok(parsed) => {
                    let _ = parsed.verify(chip);
                    let printed = parsed.print(chip, FULL).text;
                    let again = read(level, &printed, chip, &nothing);
                    prop_assert!(again.is_ok(), "{:?}\n{printed}", again.err());
                    prop_assert_eq!(again.unwrap().print(chip, FULL).text, printed);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn any_text_is_refused_with_a_place(text in ".{0,200}") {
        let chip = chip("tiny");
        for level in [Level::Network, Level::Placed] {
            prop_assert!(read(level, &text, &chip, &nothing).is_err());
        }
    }
}
