//! Files that must not come in, and what is said of them.

use super::bytes;
use spikeloom_diagnostics::Severity;
use spikeloom_import::read_nir;

/// `CODE place: message` for each error of a file that must not come in.
pub(crate) fn faults(name: &str) -> Vec<String> {
    let Err(faults) = read_nir(&bytes(name), "f") else { panic!("{name} came in") };
    let errors = faults.0.iter().filter(|d| d.severity == Severity::Error);
    errors.map(|d| format!("{} {}: {}", d.code, d.place, d.message)).collect()
}

#[test]
fn faulty_numbers_and_shapes_are_told_all_at_once() {
    assert_eq!(
        faults("nan"),
        [
            "SL0409 f /node/nodes/fc: `weight`[1, 0] is NaN, not a finite number (and 1 more)",
            "SL0410 f /node/nodes/n: `tau`[1] must be above zero",
        ]
    );
    assert_eq!(
        faults("shapes"),
        [
            "SL0408 f /node/nodes/odd: `v_threshold` and `r` differ in shape",
            "SL0417 f /node/nodes/fc: `fc` can't take what `in` gives: sizes differ",
            "SL0417 f /node/nodes/n: `n` can't take what `fc` gives: sizes differ",
            "SL0417 f /node/nodes/out: `out` can't take what `n` gives: sizes differ",
        ]
    );
    let Err(all) = read_nir(&bytes("shapes"), "f") else { panic!("shapes came in") };
    let first = all.0.iter().find(|d| d.code == "SL0417").expect("a fault of sizes");
    assert_eq!(first.need.as_deref(), Some("2 elements (shape [2]) into `fc`"));
    assert_eq!(first.have.as_deref(), Some("3 elements (shape [3]) from `in`"));
    assert!(first.hint.is_some());
    assert_eq!(
        faults("huge"),
        [
            "SL0408 f /node/nodes/fc: parameter `weight` can't be read: \
             its shape [1048576, 1048576] claims more than the file can hold",
            "SL0410 f /node/nodes/in: `shape` must list the sizes of a shape, \
             each at least 1, of at most 16777216 elements in all",
        ]
    );
}

#[test]
fn faulty_structure_is_told_all_at_once() {
    assert_eq!(
        faults("missing_edge"),
        [
            "SL0415 f /node/nodes/fc1: a missing edge: none leads out of `fc1`",
            "SL0415 f /node/nodes/lonely: a missing edge: none leads into `lonely`",
            "SL0415 f /node/nodes/n: a missing edge: none leads into `n`",
        ]
    );
    assert_eq!(
        faults("unknown_node"),
        [
            "SL0413 f /node/edges: edge `n` -> `ghost` names `ghost`, which is no node",
            "SL0416 f /node/nodes/in: an edge leads into the Input `in` (`n`)",
        ]
    );
    assert_eq!(
        faults("kinds"),
        [
            "SL0403 f /node/nodes/g: the graph has no group `/node/nodes/g/nodes`",
            "SL0404 f /node/nodes/z: the type of node `z` can't be read: it has none",
            "SL0406 f /node/nodes/x: node `x` is of the unknown kind `Wobble`",
            "SL0406 f /node/nodes/y: node `y` is of the unknown kind `NIRNode`",
        ]
    );
    assert_eq!(
        faults("cycle"),
        ["SL0418 f /node/nodes/b: a cycle without a neuron in it: `b` -> `a` -> `b`"]
    );
    assert_eq!(
        faults("outputs"),
        [
            "SL0423 f /node/nodes/o1: Input `in` leads straight to Output `o1`",
            "SL0425 f /node/nodes/o3: Output `o3` shows several populations: `a`, `b`",
            "SL0425 f /node/nodes/o4: Output `o4` shows the population `a` and the sum that `fc` gives",
        ]
    );
    assert_eq!(faults("endless_paths"), ["SL0426 f: too many paths lead from population to population"]);
}

#[test]
fn every_code_has_its_story() {
    let files = [
        "nan",
        "shapes",
        "missing_edge",
        "unknown_node",
        "kinds",
        "cycle",
        "outputs",
        "endless_paths",
        "windows",
        "planes_unknown",
        "doors",
        "wide_bias",
    ];
    for name in files {
        let Err(all) = read_nir(&bytes(name), "f") else { panic!("{name} came in") };
        for finding in all.0 {
            assert!(spikeloom_diagnostics::codes::find(finding.code).is_some(), "{}", finding.code);
        }
    }
}

#[test]
fn windows_that_can_not_be_are_told_node_by_node() {
    assert_eq!(
        faults("windows"),
        [
            "SL0408 f /node/nodes/bias: `bias` has shape [3], where `weight` has 2 channels out",
            "SL0410 f /node/nodes/dilation: `dilation` is out of its range",
            "SL0410 f /node/nodes/fraction: `padding` is out of its range",
            "SL0410 f /node/nodes/groups: the channels out can't be divided among the `groups`",
            "SL0410 f /node/nodes/kernel: `kernel_size` is out of its range",
            "SL0410 f /node/nodes/late: `delay`[1] must be at least zero",
            "SL0410 f /node/nodes/padding: `padding` is out of its range",
            "SL0408 f /node/nodes/rank: `weight` is no kernel of a convolution",
            "SL0410 f /node/nodes/same: `padding` = `same` goes only with a `stride` of 1",
            "SL0410 f /node/nodes/stride: `stride` is out of its range",
            "SL0410 f /node/nodes/three: `padding` is out of its range",
            "SL0410 f /node/nodes/word: `padding` is the unknown word `reflect`",
            "SL0429 f /node/nodes/large: no window of `large` fits: it is larger than the padded plane",
            "SL0429 f /node/nodes/larger: no window of `larger` fits: it is larger than the padded plane",
            "SL0417 f /node/nodes/channels: `channels` can't take what `channels.in` gives: sizes differ",
            "SL0422 f /node/nodes/map: `map` has too many elements (shape [1, 16777220, 16777221])",
            "SL0417 f /node/nodes/plane: `plane` can't take what `plane.in` gives: \
             the order of dimensions differs",
        ]
    );
    let Err(all) = read_nir(&bytes("windows"), "f") else { panic!("windows came in") };
    let of = |node: &str| {
        let found = all.0.iter().find(|d| d.place.to_string() == format!("f /node/nodes/{node}"));
        let found = found.expect("a fault of the node");
        (found.need.clone().unwrap_or_default(), found.have.clone().unwrap_or_default())
    };
    let stride = "a whole number from 1 to 16777216, or two, for height and width";
    assert_eq!(of("stride"), (stride.into(), "1, 0".into()));
    // Three taps two apart span five rows, and there are four.
    assert_eq!(of("large"), ("a window over at most 4 elements of the height".into(), "5".into()));
    // Two channels for one of the weight's groups, and one that comes in.
    let channels = "40 elements (shape [2, 4, 5]) into `channels`";
    assert_eq!(of("channels"), (channels.into(), "20 elements (shape [1, 4, 5]) from `channels.in`".into()));
}

#[test]
fn sizes_that_nothing_tells_are_asked_for() {
    assert_eq!(
        faults("planes_unknown"),
        [
            "SL0421 f /node/nodes/conv: nothing tells the plane that `conv` slides over",
            "SL0417 f /node/nodes/first: `first` can't take what `last` gives: \
             the order of dimensions differs",
        ]
    );
    assert_eq!(
        faults("nowhere"),
        [
            "SL0421 f /node/nodes/none: nothing tells the size of `none`",
            "SL0421 f /node/nodes/q: nothing tells the size of `q`",
        ]
    );
}

#[test]
fn nested_graphs_need_one_door_and_names_of_their_own() {
    assert_eq!(
        faults("doors"),
        [
            "SL0428 f /node/nodes/none.n: two nodes have the name `none.n` once nested graphs are laid flat",
            "SL0427 f /node/nodes/none: an edge leads out of the nested graph `none`: which Output is meant?",
            "SL0427 f /node/nodes/two: an edge leads into the nested graph `two`: which Input is meant?",
        ]
    );
    let deep = faults("deep");
    assert!(deep[0].ends_with("/g: more than 64 graphs stand inside one another"), "{}", deep[0]);
}

#[test]
fn a_bias_is_not_spread_over_a_plane_that_the_file_could_never_fill() {
    assert_eq!(
        faults("wide_bias"),
        ["SL0431 f /node/nodes/c: the biases on the way into `c` take too many numbers"]
    );
}
