//! `diff A B`: two texts of a level, or two images, in the words of the network.

mod common;

use common::Folder;

/// The first input's weight onto the first neuron.
const WEIGHT: &[(&str, &str)] = &[("  [1, -1]", "  [2, -1]")];
/// The threshold of the second neuron.
const THRESHOLD: &[(&str, &str)] = &[("vth = [2, 3]", "vth = [2, 5]")];
/// The delay of both synapses of the last neuron.
const DELAY: &[(&str, &str)] = &[("delay=1 dense", "delay=2 dense")];

/// A folder with all levels and the image of the small network, as `a.LEVEL` and `a.loom`.
fn compiled() -> Folder {
    let folder = Folder::new();
    folder.good(
        "compile SMALL/pair.nir --chip tiny --semantics spikingjelly -o a.loom --emit network=a.network --emit program=a.program \
         --emit cores=a.cores --emit placed=a.placed",
    );
    folder
}

/// Writes `b.program` with changes, each of which must change it, and its image.
fn changed(folder: &Folder, changes: &[(&str, &str)]) {
    let mut text = folder.text("a.program");
    for (from, to) in changes {
        assert!(text.contains(from), "{from} is not in\n{text}");
        text = text.replacen(from, to, 1);
    }
    folder.write("b.program", text.as_bytes());
    folder.good("compile b.program --from program --chip tiny -o b.loom --emit placed=b.placed");
}

/// What two files differ in, with exit status 1 and nothing on standard error.
fn differ(folder: &Folder, a: &str, b: &str) -> String {
    let ran = folder.run(&format!("diff {a} {b}"));
    assert_eq!((ran.status, ran.stderr.as_str()), (1, ""), "{}", ran.stdout);
    ran.stdout
}

#[test]
fn equal_inputs_do_not_differ() {
    let folder = compiled();
    for name in ["a.network", "a.program", "a.cores", "a.placed", "a.loom"] {
        let ran = folder.good(&format!("diff {name} {name}"));
        assert_eq!(ran.stdout, format!("nothing differs between {name} and {name}\n"));
    }
    folder.good("compile SMALL/pair.nir --chip tiny --semantics spikingjelly -o again.loom");
    folder.good("diff a.loom again.loom");
}

#[test]
fn a_weight_a_threshold_and_a_delay() {
    let folder = compiled();
    changed(&folder, WEIGHT);
    insta::assert_snapshot!("weight_in_programs", differ(&folder, "a.program", "b.program"));
    insta::assert_snapshot!("weight_in_images", differ(&folder, "a.loom", "b.loom"));
    insta::assert_snapshot!("weight_in_placed", differ(&folder, "a.placed", "b.placed"));
    changed(&folder, THRESHOLD);
    insta::assert_snapshot!("threshold_in_programs", differ(&folder, "a.program", "b.program"));
    insta::assert_snapshot!("threshold_in_images", differ(&folder, "a.loom", "b.loom"));
    changed(&folder, DELAY);
    insta::assert_snapshot!("delay_in_programs", differ(&folder, "a.program", "b.program"));
    insta::assert_snapshot!("delay_in_images", differ(&folder, "a.loom", "b.loom"));
}

/// What neurons fire on calibration spikes weighs the packets of mapping, so that it is part of a program.
#[test]
fn spikes_of_the_calibration() {
    let folder = compiled();
    let fired = "fired %a = [1, 2]\nfired %b = 0\nfired %in = 4\nconnect";
    changed(&folder, &[("connect", fired)]);
    insta::assert_snapshot!("fired_in_programs", differ(&folder, "a.program", "b.program"));
    std::fs::rename(folder.path("b.program"), folder.path("a.program")).unwrap();
    changed(&folder, &[("[1, 2]", "[1, 3]")]);
    insta::assert_snapshot!("one_fired_in_programs", differ(&folder, "a.program", "b.program"));
}

#[test]
fn a_weight_of_a_network() {
    let folder = compiled();
    let text = folder.text("a.network");
    let changed = text.replacen("threshold = ", "bias = 0.5\n  threshold = ", 1);
    assert_ne!(changed, text);
    folder.write("b.network", changed.as_bytes());
    insta::assert_snapshot!("networks", differ(&folder, "a.network", "b.network"));
}

#[test]
fn the_same_network_elsewhere() {
    let folder = compiled();
    let text = folder.text("a.placed");
    let moved = text.replacen("tile=(0,0)", "tile=(1,1)", 1);
    assert_ne!(moved, text);
    let kept: Vec<&str> = moved.lines().filter(|line| !line.starts_with("route")).collect();
    folder.write("b.placed", kept.join("\n").as_bytes());
    folder.good("compile b.placed --from placed --chip tiny -o b.loom");
    insta::assert_snapshot!("moved_in_placed", differ(&folder, "a.placed", "b.placed"));
    insta::assert_snapshot!("moved_in_images", differ(&folder, "a.loom", "b.loom"));
}

#[test]
fn images_without_names_are_compared_by_core_and_slot() {
    let folder = compiled();
    changed(&folder, WEIGHT);
    folder.good("convert a.loom -o a2.loom --strip");
    folder.good("convert b.loom -o b2.loom --strip");
    insta::assert_snapshot!("stripped", differ(&folder, "a2.loom", "b2.loom"));
    insta::assert_snapshot!("half_stripped", differ(&folder, "a.loom", "a2.loom"));
}

#[test]
fn foreign_images_are_compared_by_core_and_in_axon() {
    let folder = Folder::new();
    let original = common::workspace("tests/oracles/ranc_tea128");
    std::fs::create_dir(folder.path("changed")).unwrap();
    for entry in std::fs::read_dir(&original).unwrap().flatten().filter(|e| e.path().is_file()) {
        std::fs::copy(entry.path(), folder.path("changed").join(entry.file_name())).unwrap();
    }
    folder.refused("diff ORACLES/ranc_tea128 changed", &["SL0006"], &["--chip"]);
    let same = folder.good("diff ORACLES/ranc_tea128 changed --chip ranc/tea128").stdout;
    assert!(same.starts_with("nothing differs"), "{same}");
    // The first row of core 0 gets another type; slots that send there are the sources.
    let rows = folder.text("changed/tc_000.mem");
    let (first, rest) = rows.split_once('\n').unwrap();
    let other = if first.ends_with('0') { "01" } else { "00" };
    folder.write("changed/tc_000.mem", format!("{other}\n{rest}").as_bytes());
    let ran = folder.run("diff ORACLES/ranc_tea128 changed --chip ranc/tea128");
    assert_eq!((ran.status, ran.stderr.as_str()), (1, ""));
    let lines: Vec<&str> = ran.stdout.lines().skip(1).filter(|line| line.starts_with("  core")).collect();
    assert!(!lines.is_empty(), "{}", ran.stdout);
    assert!(lines.iter().all(|line| line.contains(" -> core 0 slot ")), "{}", ran.stdout);
}

#[test]
fn files_of_different_kinds() {
    let folder = compiled();
    folder.refused(
        "diff a.program a.placed",
        &["SL0011"],
        &["--> a.placed", "level program", "level placed"],
    );
    folder.refused("diff a.loom a.placed", &["SL0011"], &["an image", "a text of level placed"]);
    folder.refused("diff a.loom SMALL/pair.nir", &["SL0003"], &["an HDF5 file"]);
    folder.refused("diff a.loom nowhere.loom", &["SL0001"], &[]);
    let text = folder.text("a.program").replacen("chip=\"tiny\"", "chip=\"mine\"", 1);
    folder.write("mine.program", text.as_bytes());
    folder.refused("diff a.program mine.program", &["SL0011"], &["--chip"]);
    // With the chip named both are read, and the names in their headers differ.
    assert!(folder.run("diff a.program mine.program --chip tiny").stdout.contains("chip: tiny | mine"));
}

#[test]
fn long_lists_are_cut() {
    let folder = Folder::new();
    folder.good("compile DIGITS/digits_tern.nir --chip ranc --semantics spikingjelly -o a.loom");
    folder.good("compile DIGITS/digits_w2.nir --chip ranc --semantics spikingjelly -o b.loom");
    let text = differ(&folder, "a.loom", "b.loom");
    assert!(text.lines().count() < 250, "{text}");
    assert!(text.lines().any(|line| line.starts_with("  and ") && line.ends_with(" more")), "{text}");
}

/// A text in which every number parses and one points nowhere is refused by all that read a level, not only by the passes.
#[test]
fn a_malformed_level_is_an_error_with_a_code_for_every_reader() {
    const DENSE: &str = "dense i32 [2,1] {\n  [1]\n  [2]\n}";
    const SHARED: &str = "shared [2,1] {\n  patterns = [0, 7]\n  bases = [4294967295, 0]\n  offsets = [0, 1]\n  steps = [3]\n  values = [1]\n}";
    let folder = compiled();
    let text = folder.text("a.program");
    assert!(text.contains(DENSE), "{text}");
    folder.write("bad.program", text.replacen(DENSE, SHARED, 1).as_bytes());
    for command in
        ["diff a.program bad.program", "diff bad.program a.program", "check a.loom --program bad.program"]
    {
        let ran = folder.run(command);
        assert_eq!(ran.status, 1, "{command}: {}", ran.stderr);
        assert!(ran.stderr.contains("SL1124"), "{command}: {}", ran.stderr);
    }
}
