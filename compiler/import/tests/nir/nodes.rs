//! Every kind of node, from small files whose weights count on from 1, against numbers worked out by hand.

use super::{codes, dense, outputs, population, read, wires};
use spikeloom_diagnostics::Diagnostic;
use spikeloom_ir::network::{
    Convolution, Network, NeuronModel, Pool, PopulationKind, Stage, Tensor, Values, Window,
};

/// Stages of the connection that leads over these nodes.
fn stages<'a>(network: &'a Network, path: &str) -> &'a [Stage] {
    let found = network.connections.iter().find(|c| c.path.join(" ") == path);
    &found.unwrap_or_else(|| panic!("no path over {path}")).stages
}

fn count(to: u16) -> Tensor {
    Tensor::F32((1..=to).map(f32::from).collect())
}

fn model<'a>(network: &'a Network, name: &str) -> &'a NeuronModel {
    match &population(network, name).kind {
        PopulationKind::Neurons(model) => model,
        PopulationKind::Input => panic!("{name} is an input"),
    }
}

fn messages(notes: &[Diagnostic]) -> Vec<String> {
    notes.iter().map(|d| format!("{}: {}", d.code, d.message)).collect()
}

/// What input `i` of a stage feeds.
fn feeds(stage: &Stage, i: usize) -> Vec<(usize, f64)> {
    let mut found = Vec::new();
    stage.for_each_of(i, |output, weight| found.push((output, weight)));
    found
}

#[test]
fn convolutions_pools_and_flatten_have_the_shapes_of_pytorch() {
    let (network, notes) = read("planes");
    assert_eq!(notes, []);
    assert_eq!(wires(&network), ["in -> n via c", "n -> m via avg flat fc"]);
    // Rows: (3 + 2 x 1 - 2) / 2 + 1 = 2, columns: (4 - 3) / 1 + 1 = 2.
    let window = Window {
        input: [3, 4],
        kernel: [2, 3],
        stride: [2, 1],
        padding: [1, 0],
        dilation: [1, 1],
        output: [2, 2],
    };
    let weights = count(24);
    let convolution = Convolution { channels_in: 2, channels_out: 4, groups: 2, window, weights };
    assert_eq!(stages(&network, "c"), [Stage::Convolution(convolution)]);
    // Element (0, 1, 3) of 24 is the last one that the last window of a row sees, in its second row of taps.
    assert_eq!(feeds(&stages(&network, "c")[0], 7), [(3, 3.0), (7, 9.0)]);
    assert_eq!(population(&network, "n").shape, [4, 2, 2]);
    let each = [1.0, 2.0, 3.0, 4.0].iter().flat_map(|b| [*b; 4]).collect();
    assert_eq!(population(&network, "n").bias, Values::Each(each));
    let window = Window {
        input: [2, 2],
        kernel: [2, 2],
        stride: [2, 2],
        padding: [0, 0],
        dilation: [1, 1],
        output: [1, 1],
    };
    let mean = Stage::Pool(Pool { channels: 4, window, divisor: 4.0 });
    let dense = Stage::Dense { outputs: 2, inputs: 4, weights: count(8) };
    assert_eq!(stages(&network, "avg flat fc"), [mean, dense]);
}

#[test]
fn same_pads_the_far_side_more_and_valid_not_at_all() {
    let (network, notes) = read("same");
    assert_eq!(
        messages(&notes),
        ["SL0412: `input_shape` is missing in `both`: the plane of what feeds it is assumed"]
    );
    let even = &stages(&network, "even")[0];
    // y[i] = x[i] + 2 x[i + 1], and nothing beyond the end.
    assert_eq!((feeds(even, 0), feeds(even, 4)), (vec![(0, 1.0)], vec![(3, 2.0), (4, 1.0)]));
    assert_eq!(population(&network, "n").shape, [1, 5]);
    let Stage::Convolution(valid) = &stages(&network, "valid")[0] else { panic!("no convolution") };
    // Taps three apart on five elements: two places.
    assert_eq!((valid.window.output, valid.window.dilation), ([1, 2], [1, 3]));
    assert_eq!(valid.weights, Tensor::F64((1..=6).map(f64::from).collect()));
    assert_eq!(population(&network, "m").shape, [3, 2]);
    let Stage::Convolution(both) = &stages(&network, "both")[0] else { panic!("no convolution") };
    // Two taps span one row more (below), three taps two apart four columns more (two on each side).
    assert_eq!((both.window.padding, both.window.output), ([0, 2], [3, 5]));
    // Element (1, 2) in the middle is seen by windows of its row and of the row above, at columns 0, 2, 4.
    let row =
        |row: usize, taps: [f64; 3]| [(row * 5, taps[0]), (row * 5 + 2, taps[1]), (row * 5 + 4, taps[2])];
    let expected = [row(0, [6.0, 5.0, 4.0]), row(1, [3.0, 2.0, 1.0])].concat();
    assert_eq!(feeds(&stages(&network, "both")[0], 7), expected);
}

#[test]
fn pools_over_a_border_divide_by_the_whole_window() {
    let (network, notes) = read("pools");
    assert_eq!(
        messages(&notes),
        [
            "SL0412: `padding` is missing in `sum`: 0 is assumed",
            "SL0412: `stride` is missing in `sum`: `kernel_size` is assumed",
        ]
    );
    let sum = &stages(&network, "sum")[0];
    // 2 x 3 taps on 3 x 3: one window, which does not see the last row.
    assert_eq!((feeds(sum, 0), feeds(sum, 9 + 5), feeds(sum, 6)), (vec![(0, 1.0)], vec![(1, 1.0)], vec![]));
    assert_eq!(population(&network, "n").shape, [2, 1, 1]);
    let mean = &stages(&network, "avg")[0];
    // Windows begin at -1 and 1; the first holds a single element and still counts four.
    assert_eq!((feeds(mean, 0), feeds(mean, 8)), (vec![(0, 0.25)], vec![(3, 0.25)]));
    assert_eq!(population(&network, "m").shape, [2, 2, 2]);
}

#[test]
fn one_element_is_a_plane_of_one() {
    let (network, notes) = read("point");
    assert_eq!(notes, []);
    assert_eq!((feeds(&stages(&network, "sum")[0], 0), stages(&network, "sum").len()), (vec![(0, 1.0)], 1));
}

#[test]
fn scales_delays_thresholds_and_silent_neurons() {
    let (network, notes) = read("elements");
    assert_eq!(notes, []);
    assert_eq!(
        wires(&network),
        ["i -> li via late", "in -> t via each", "li -> cuba via later", "t -> i via one"]
    );
    let scale = |factors| [Stage::Scale { size: 2, factors }];
    assert_eq!(stages(&network, "each"), scale(Values::Each(vec![2.0, -3.0])));
    assert_eq!(stages(&network, "one"), scale(Values::Uniform(4.0)));
    let delay = |seconds| [Stage::Delay { size: 2, seconds }];
    assert_eq!(stages(&network, "late"), delay(Values::Each(vec![0.001, 0.002])));
    assert_eq!(stages(&network, "later"), delay(Values::Uniform(0.004)));
    let threshold = Values::Each(vec![0.5, 1.5]);
    assert_eq!(model(&network, "t"), &NeuronModel::Threshold { threshold });
    assert_eq!(model(&network, "i"), &NeuronModel::Integrator { resistance: Values::Uniform(3.0) });
    let tau_s = Values::Uniform(f64::from(0.01f32));
    let li = NeuronModel::Li { tau_s, resistance: Values::Uniform(2.0), leak: Values::Uniform(0.5) };
    assert_eq!(model(&network, "li"), &li);
    let cuba = NeuronModel::CubaLi {
        tau_synapse_s: Values::Uniform(0.001),
        tau_membrane_s: Values::Uniform(0.25),
        resistance: Values::Each(vec![1.0, 2.0]),
        leak: Values::Uniform(0.0),
        input_weight: Values::Uniform(7.0),
    };
    assert_eq!(model(&network, "cuba"), &cuba);
    for name in ["t", "i", "li", "cuba"] {
        assert_eq!(population(&network, name).shape, [2], "{name}");
    }
    assert_eq!(outputs(&network), ["out shows cuba", "out_li shows li"]);
}

#[test]
fn nested_graphs_are_laid_flat() {
    let (network, notes) = read("nested");
    assert_eq!(codes(&notes), ["SL0412"]);
    assert_eq!(
        wires(&network),
        [
            "block.rnn.lif -> block.rnn.lif via block.rnn.output block.b back block.a block.rnn.input",
            "block.rnn.lif -> block.rnn.lif via block.rnn.w_rec",
            "in -> block.rnn.lif via fc block.a block.rnn.input",
        ]
    );
    // The doors are no stages.
    assert_eq!(dense(&network.connections[0]), (2, 2, &Tensor::F32(vec![7.0, 8.0, 9.0, 10.0])));
    let lif = population(&network, "block.rnn.lif");
    assert_eq!(lif.location, "/node/nodes/block/nodes/rnn/nodes/lif");
    assert_eq!(lif.bias, Values::Each(vec![5.0, 6.0]));
    assert_eq!(outputs(&network), ["out shows block.rnn.lif"]);
}

#[test]
fn an_output_of_stateless_nodes_is_a_population_that_sums() {
    let (network, _) = read("readouts");
    assert_eq!(outputs(&network), ["map shows map", "now shows now", "sum shows sum"]);
    assert_eq!(
        wires(&network),
        [
            "in -> map via c",
            "in -> n via ",
            "in -> now via flat direct",
            "n -> sum via left",
            "n -> sum via right"
        ]
    );
    let sum = population(&network, "sum");
    assert_eq!(
        (&sum.kind, sum.location.as_str()),
        (&PopulationKind::Neurons(NeuronModel::Sum), "/node/nodes/sum")
    );
    assert_eq!(sum.bias, Values::Uniform(0.5 + 0.25));
    let map = population(&network, "map");
    assert_eq!((map.shape.as_slice(), &map.bias), (&[2, 1, 1][..], &Values::Each(vec![1.0, 2.0])));
}

#[test]
fn a_bias_goes_through_every_kind_of_stage() {
    let (network, _) = read("bias_chain");
    // [1 2 3 4], [0 0 0 5]: doubled, times 1 and 2 and plus 10 and 20 in each element, summed.
    let first = 2.0 * (1.0 + 2.0 + 3.0 + 4.0) + 4.0 * 10.0;
    let second = 2.0 * 2.0 * 5.0 + 4.0 * 20.0;
    assert_eq!(population(&network, "n").bias, Values::Each(vec![first, second]));
    assert_eq!(stages(&network, "fc x2 c s d").len(), 5);
}

#[test]
fn matrices_side_by_side_see_only_their_own_elements() {
    let (network, notes) = read("blocks");
    assert_eq!(notes, []);
    let stage = &stages(&network, "fc")[0];
    assert_eq!((stage.inputs(), stage.outputs(), stage.numbers()), (6, 2, 6));
    assert_eq!((feeds(stage, 2), feeds(stage, 3)), (vec![(0, 3.0)], vec![(1, 4.0)]));
    let n = population(&network, "n");
    assert_eq!((n.shape.as_slice(), &n.bias), (&[2, 1][..], &Values::Each(vec![1.0, 2.0])));
}

#[test]
fn files_of_version_0_leave_out_what_can_be_assumed() {
    let (network, notes) = read("old_numbers");
    assert_eq!(
        messages(&notes),
        [
            "SL0412: `bias` is missing in `1`, `3`, `5`: 0 is assumed",
            "SL0412: `dilation` is missing in `1`, `3`: 1 is assumed",
            "SL0412: `groups` is missing in `1`, `3`: 1 is assumed",
            "SL0412: `padding` is missing in `1`, `3`: 0 is assumed",
            "SL0412: `stride` is missing in `1`, `3`: 1 is assumed",
            "SL0412: `v_reset` is missing in `2`, `4`: 0 is assumed",
            "SL0412: `w_in` is missing in `4`: 1 is assumed",
            "SL0412: `input_shape` is missing in `3`: the plane of what feeds it is assumed",
            "SL0412: `shape` is missing in `0`: the shape of what it feeds is assumed",
        ]
    );
    assert_eq!(wires(&network), ["0 -> 2 via 1", "2 -> 4 via 3", "4 -> 6 via 5"]);
    let shape = |name| population(&network, name).shape.as_slice();
    assert_eq!((shape("0"), shape("2"), shape("4")), (&[1, 4, 4][..], &[2, 2, 2][..], &[1, 1, 1][..]));
    let (bytes, _) = read("old_bytes");
    assert_eq!((bytes.populations, bytes.connections), (network.populations, network.connections));
}

#[test]
fn a_batch_of_one_is_passed_over_and_flat_elements_are_taken_as_planes() {
    let (network, notes) = read("batch");
    assert_eq!(
        messages(&notes),
        [
            "SL0412: `input_shape` is missing in `c`: the plane of what feeds it is assumed",
            "SL0430: what comes in is taken as planes in row-major order by `c2`",
        ]
    );
    assert_eq!(population(&network, "in").shape, [1, 2, 3, 3]);
    assert_eq!(population(&network, "n").shape, [8]);
    let last = &stages(&network, "c2")[0];
    // Element 5 is the second of the second channel.
    assert_eq!(feeds(last, 5), [(0, 6.0)]);
}

#[test]
fn trained_convolutional_networks_come_in() {
    let (network, notes) = read("cnn_sinabs");
    assert_eq!(codes(&notes), ["SL0412"]);
    assert_eq!(
        wires(&network),
        ["1 -> 3 via 2", "10 -> 12 via 11", "3 -> 6 via 4 5", "6 -> 10 via 7 8 9", "input -> 1 via 0"]
    );
    let shape = |name: &str| population(&network, name).shape.clone();
    assert_eq!((shape("input"), shape("1"), shape("6")), (vec![2, 34, 34], vec![16; 3], vec![8; 3]));
    let [Stage::Pool(pool), Stage::Convolution(five)] = stages(&network, "4 5") else {
        panic!("other stages")
    };
    assert_eq!((pool.channels, pool.divisor, pool.window.output), (16, 1.0, [8, 8]));
    assert_eq!((five.channels_in, five.channels_out, five.window.padding), (16, 8, [1, 1]));
    assert_eq!(five.weights.len(), 8 * 16 * 9);

    let (network, notes) = read("digits_lif_conv");
    assert_eq!(notes, []);
    assert_eq!(
        wires(&network),
        ["input -> lif1 via conv1", "lif1 -> lif2 via conv2", "lif2 -> lif3 via pool flat fc"]
    );
    let Values::Each(bias) = &population(&network, "lif1").bias else { panic!("no bias for each") };
    assert_eq!(bias.len(), 512);
    assert_eq!((bias[63], bias[64]), (f64::from(0.23231307f32), f64::from(0.36029223f32)));

    let (network, notes) = read("digits_conv_int8");
    assert_eq!(notes, []);
    let Stage::Convolution(depthwise) = &stages(&network, "dw")[0] else { panic!("no convolution") };
    assert_eq!((depthwise.groups, depthwise.channels_in, depthwise.channels_out), (8, 8, 16));
    // (8 + 2 x 1 - 3) / 2 + 1, rounded down.
    assert_eq!(depthwise.window.output, [4, 4]);
    let last = stages(&network, "fc_pool fc_flat fc");
    assert_eq!((last.len(), last[0].outputs(), last[1].inputs()), (2, 64, 64));
}

#[test]
fn recurrent_edges_and_delays_by_element_come_in() {
    let (network, notes) = read("digits_rec_delay");
    assert_eq!(notes, []);
    assert_eq!(
        wires(&network),
        [
            "a -> a via a_a",
            "a -> b via a_b",
            "a -> out via a_out_delay a_out",
            "b -> b via b_b_delay b_b",
            "b -> out via b_out",
            "input -> a via in_a",
            "input -> b via in_b_delay in_b",
        ]
    );
    let Stage::Delay { size: 64, seconds: Values::Each(seconds) } = &stages(&network, "in_b_delay in_b")[0]
    else {
        panic!("no delay for each")
    };
    let steps: Vec<u32> = seconds[..8].iter().map(|s| (s / 1e-4).round() as u32).collect();
    assert_eq!(steps, [5, 4, 4, 5, 3, 4, 5, 2]);
}

#[test]
fn half_precision_becomes_single() {
    let (network, _) = read("half");
    let weights = vec![1.5, -0.25, 2f32.powi(-24), 65504.0];
    assert_eq!(dense(&network.connections[0]), (1, 4, &Tensor::F32(weights)));
}

#[test]
fn every_node_that_the_nir_package_writes_comes_in() {
    let (network, notes) = read("by_nir");
    assert_eq!(notes, []);
    assert_eq!(
        wires(&network),
        [
            "i -> nirgraph.lif via delay linear nirgraph.input",
            "if -> lif via avgpool2d",
            "input -> if via conv2d",
            "lif -> threshold via sumpool2d",
            "line_input -> line_li via line_conv1d",
            "nirgraph.lif -> cubali via nirgraph.output",
            "nirgraph.lif -> nirgraph.lif via nirgraph.w_rec",
            "threshold -> i via flatten scale",
        ]
    );
    assert_eq!(outputs(&network), ["line_output shows line_li", "output shows cubali"]);
    let NeuronModel::CubaLif { input_weight, .. } = model(&network, "nirgraph.lif") else {
        panic!("no CubaLIF")
    };
    assert_eq!(input_weight, &Values::Uniform(3.0));
    let Stage::Convolution(same) = &stages(&network, "conv2d")[0] else { panic!("no convolution") };
    assert_eq!((same.window.padding, same.window.output), ([1, 1], [8, 8]));
    let Stage::Convolution(line) = &stages(&network, "line_conv1d")[0] else { panic!("no convolution") };
    // Three taps two apart on six elements: two places.
    assert_eq!(
        (line.window.output, population(&network, "line_li").bias.clone()),
        ([1, 2], Values::Uniform(1.0))
    );
}
