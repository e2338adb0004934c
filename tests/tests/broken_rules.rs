//! The tests can fail: one rule broken on one side of T2 makes it differ, and a record layout broken in writing and
//! reading alike is caught by what others wrote: the worked examples and the foreign image.

use spikeloom_chip::{builtin, check_text, read_text};
use spikeloom_driver::pipeline::{Compiled, Options, compile};
use spikeloom_driver::verification::verify;
use spikeloom_emulator::run_packets;
use spikeloom_image::read_folder;
use spikeloom_image::spikes::SpikeTrains;
use spikeloom_image::spikes::packets::Packets;
use spikeloom_tests::{network, root};

fn text_of(name: &str) -> &'static str {
    builtin().iter().find(|(n, _)| *n == name).unwrap().1
}

fn digits(name: &str, chip: &str) -> (Compiled, SpikeTrains) {
    let network = network(name);
    let options = Options { semantics: network.semantics.into(), ..Options::default() };
    (compile(&network.path(), chip, &options).unwrap(), network.first_trains(20))
}

/// Rules of the shipped programs, and what breaks them.
const RULES: [(&str, &str, &str, &str); 4] = [
    ("digits_tern", "ranc", "if v >= pth {", "if v > pth {"),
    ("digits_tern", "ranc", "v := vr;", "v := v - pth;"),
    ("digits_if_int8", "loihi1", "(4095 - du)", "(4096 - du)"),
    ("digits_if_int8", "loihi1", "spike; v := 0; ref", "spike; ref"),
];

#[test]
fn t2_fails_if_either_evaluator_breaks_a_rule() {
    for (name, chip, rule, broken) in RULES {
        let text = text_of(chip);
        assert!(text.contains(rule), "{rule}");
        // The reader proves that `relay` repeats, and would refuse the broken rule there already.
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("relay:"));
        let text = lines.collect::<Vec<_>>().join("\n").replace(rule, broken);
        let other = read_text(&text, "broken.ron", None, &[]).unwrap();
        let (mut compiled, trains) = digits(name, chip);
        assert!(verify(&compiled, &trains, None, None).unwrap().is_good);
        // The emulator follows the image's chip, the interpreter the compiler's.
        let good = std::mem::replace(&mut compiled.image.chip, other.clone());
        assert!(!verify(&compiled, &trains, None, None).unwrap().is_good, "emulator with `{broken}`");
        compiled.image.chip = good;
        compiled.chip = other;
        assert!(!verify(&compiled, &trains, None, None).unwrap().is_good, "interpreter with `{broken}`");
    }
}

/// Bits written in text, one word a line.
fn words(name: &str) -> Vec<u64> {
    let text = std::fs::read_to_string(root().join("tests/oracles/ranc_tea128").join(name)).unwrap();
    text.split_whitespace().map(|word| u64::from_str_radix(word, 2).unwrap()).collect()
}

/// Output packets of the foreign image under a chip's text.
fn outputs(text: &str) -> Vec<u64> {
    let chip = read_text(text, "chip.ron", Some("tea128"), &[]).unwrap();
    let image = read_folder(&root().join("tests/oracles/ranc_tea128"), &chip).unwrap();
    let counts = std::fs::read_to_string(root().join("tests/oracles/ranc_tea128/tb_num_inputs.txt")).unwrap();
    let step =
        counts.split_whitespace().enumerate().flat_map(|(g, n)| vec![g as i64; n.parse().unwrap()]).collect();
    let packets = Packets { packet: words("tb_input.txt"), step };
    run_packets(&image, &packets, 13).unwrap().packets.packet
}

#[test]
fn a_layout_broken_in_writing_and_reading_alike_is_caught() {
    let text = text_of("ranc");
    let field = |name: &str| {
        let start = text.find(&format!("(name: \"{name}\", holds: Parameter(\"{name}\")")).unwrap();
        &text[start..start + text[start..].find('\n').unwrap()]
    };
    let (pth, nth) = (field("pth"), field("nth"));
    let swapped = text.replace(pth, "\u{1}").replace(nth, pth).replace('\u{1}', nth);
    // What is encoded and decoded by the swapped layout still agrees with itself...
    let found = check_text(&swapped, "swapped.ron");
    // ...but not with the row that was packed by hand, nor with memories that others wrote.
    assert!(found.iter().any(|f| f.code == "SL0108"), "{found:?}");
    assert_ne!(outputs(&swapped), outputs(text));
}
