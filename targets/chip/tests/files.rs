//! Shipped chip files are good, survive their canonical text, and every kind of fault is found at its place.

use spikeloom_chip::{builtin, check_text, load, read_canonical};
use spikeloom_diagnostics::render;

#[test]
fn shipped_files_have_no_fault() {
    for (name, text) in builtin() {
        let faults = check_text(text, name);
        assert!(
            faults.is_empty(),
            "{}",
            faults.iter().map(|f| render(f, false)).collect::<Vec<_>>().join("\n")
        );
    }
}

#[test]
fn canonical_text_reads_back_the_same() {
    for spec in
        ["ample", "loihi1", "ranc", "ranc/4x4", "ranc/tea128", "ranc,NUM_AXONS=64,NUM_NEURONS=24", "tiny"]
    {
        let chip = load(spec).unwrap();
        let again = read_canonical(&chip.text, "image").unwrap();
        assert_eq!(chip.text, again.text, "{spec}");
        assert_eq!(chip.digest, again.digest);
        assert_eq!(chip.sites, again.sites);
        assert_eq!(chip.name(), spec);
    }
}

#[test]
fn geometry_of_the_shipped_chips() {
    let cores = |spec: &str| load(spec).unwrap().core_numbers().count();
    assert_eq!(cores("ranc"), 11, "4 x 3 nodes, of which one is the way out");
    assert_eq!(cores("ranc/4x4"), 15);
    assert_eq!(cores("ranc/tea128"), 31);
    assert_eq!(cores("loihi1"), 128);
    assert_eq!(cores("ample"), 16);
    assert_eq!(cores("tiny"), 4);
    assert_eq!(load("ranc").unwrap().output_node(), Some((3 + 2 * 4, 256)));
    assert_eq!(load("ranc/tea128").unwrap().output_node(), Some((24, 120)));
}
