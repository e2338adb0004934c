//! The four text levels of three networks. Two are followed by hand: what they must compile to was written down
//! from the network, the chip file and docs/ir.md, and is asserted before the text as a whole is compared.

use spikeloom_driver::pipeline::{self, Compiled, Options};
use spikeloom_emulator::{Engine, HostEvents, HostSpike, Probe, RunOptions, run_spikes};
use spikeloom_image::Image;
use spikeloom_image::spikes::{NodeTrain, SpikeTrains};
use spikeloom_ir::cores::{Destination, Role};
use spikeloom_ir::program::{Connection, Integers, Population, PopulationKind};
use spikeloom_ir::text::{self, Printed, Style};
use spikeloom_tests::{network, root};
use std::path::Path;

fn compile(path: &Path, chip: &str, semantics: &str) -> Compiled {
    let options = Options { semantics: semantics.into(), ..Options::default() };
    pipeline::compile(path, chip, &options).unwrap()
}

fn small(name: &str, chip: &str, semantics: &str) -> Compiled {
    compile(&root().join(format!("tests/networks/small/{name}.nir")), chip, semantics)
}

/// Snapshots all four levels. The digest of the chip file stands as a placeholder, so that a change of the file
/// that changes nothing for these networks leaves the snapshots alone.
fn assert_levels(name: &str, compiled: &Compiled) {
    let (program, chip, style) = (compiled.program(), &compiled.chip, Style::default());
    let levels: [(&str, Printed); 4] = [
        ("network", text::network(&compiled.step.as_ref().unwrap().network, &program.origin.options, style)),
        ("program", text::program(program, chip, style)),
        ("cores", text::cores(&compiled.placed.cores, chip, style)),
        ("placed", text::placed(&compiled.placed, chip, style)),
    ];
    for (level, printed) in levels {
        if level != "network" {
            assert!(printed.text.contains(&format!("chip-digest={}", chip.digest)), "{name} {level}");
        }
        let text = printed.text.replace(&chip.digest, "CHIP");
        insta::assert_snapshot!(format!("{name}_{level}"), text);
    }
}

fn population<'a>(compiled: &'a Compiled, name: &str) -> &'a Population {
    compiled.program().populations.iter().find(|p| p.name == name).unwrap()
}

/// A parameter of a population by name.
fn parameter<'a>(compiled: &'a Compiled, of: &str, name: &str) -> &'a Integers {
    let PopulationKind::Neurons { core_type, parameters, .. } = &population(compiled, of).kind else {
        panic!("{of} is no population of neurons")
    };
    let declared = &compiled.chip.programs[core_type].parameters;
    &parameters[declared.iter().position(|p| p.name == name).unwrap()]
}

fn each(compiled: &Compiled, of: &str, name: &str) -> Vec<i64> {
    (0..population(compiled, of).len()).map(|i| parameter(compiled, of, name).get(i)).collect()
}

fn scale(compiled: &Compiled, of: &str) -> f64 {
    match &population(compiled, of).kind {
        PopulationKind::Neurons { scale, .. } => *scale,
        PopulationKind::Input => panic!("{of} is an input"),
    }
}

fn connection<'a>(compiled: &'a Compiled, from: &str, to: &str) -> &'a Connection {
    let name = |id: spikeloom_ir::network::PopulationId| &compiled.program().populations[id.index()].name;
    compiled.program().connections.iter().find(|c| name(c.source) == from && name(c.target) == to).unwrap()
}

/// `(source, target, value)` of each synapse.
fn synapses(compiled: &Compiled, from: &str, to: &str) -> Vec<(usize, usize, i32)> {
    let (connection, mut found) = (connection(compiled, from, to), Vec::new());
    for source in 0..population(compiled, from).len() {
        connection.synapses.for_each_of(source, |target, value| found.push((source, target, value)));
    }
    found
}

/// `name[i]` of the slots with a role, and whether each is a copy.
fn roles(compiled: &Compiled, core: usize) -> Vec<(String, bool)> {
    let name = |id: spikeloom_ir::cores::NeuronId| {
        format!("{}[{}]", compiled.program().populations[id.population.index()].name, id.index)
    };
    let slots = compiled.placed.cores.cores[core].slots.iter();
    slots
        .filter_map(|slot| match slot.role {
            Role::Primary(id) => Some((name(id), false)),
            Role::Copy(id) => Some((name(id), true)),
            Role::Idle => None,
        })
        .collect()
}

/// `(source, row type, delay, slots with their values)` of each in-axon.
type Row = (String, u32, u32, Vec<(u32, i32)>);

fn rows(compiled: &Compiled, core: usize) -> Vec<Row> {
    let axons = compiled.placed.cores.cores[core].axons.iter();
    axons
        .map(|axon| {
            let source = &compiled.program().populations[axon.source.population.index()].name;
            let synapses = axon.synapses.iter().map(|s| (s.slot, s.value)).collect();
            (format!("{source}[{}]", axon.source.index), axon.row_type, axon.delay, synapses)
        })
        .collect()
}

fn row(source: &str, row_type: u32, delay: u32, synapses: &[(u32, i32)]) -> Row {
    (source.into(), row_type, delay, synapses.to_vec())
}

/// One sample for the input node `in`.
fn trains<const N: usize>(steps: &[[u32; N]]) -> SpikeTrains {
    let node = NodeTrain { name: "in".into(), shape: vec![N], counts: steps.concat() };
    SpikeTrains { samples: 1, steps: steps.len(), batched: false, nodes: vec![node] }
}

/// Runs an image, without its debug sections too, and gives what leaves it at `result`.
fn outputs(compiled: &Compiled, inputs: &SpikeTrains) -> Vec<u32> {
    let options = RunOptions { threads: 1, ..RunOptions::default() };
    let whole = run_spikes(&compiled.image, inputs, &options).unwrap();
    let mut stripped = Image::from_bytes(&compiled.image_bytes, "image").unwrap();
    stripped.debug = None;
    let bytes = stripped.to_bytes().unwrap();
    assert!(bytes.len() < compiled.image_bytes.len());
    let stripped = Image::from_bytes(&bytes, "stripped").unwrap();
    let again = run_spikes(&stripped, inputs, &options).unwrap();
    assert_eq!(whole.outputs, again.outputs, "a stripped image runs the same");
    let probe = Probe { name: compiled.program().populations[0].name.clone(), variable: None };
    let refusal = run_spikes(&stripped, inputs, &RunOptions { probes: vec![probe], ..options }).unwrap_err();
    assert_eq!(refusal.0[0].code, "SL1006");
    assert_eq!(whole.outputs.len(), 1);
    assert_eq!(whole.outputs[0].name, "result");
    whole.outputs[0].counts.clone()
}

/// What a probe sees, by step.
fn probed(compiled: &Compiled, inputs: &SpikeTrains, name: &str, variable: Option<&str>) -> Vec<i64> {
    let probe = Probe { name: name.into(), variable: variable.map(Into::into) };
    let options = RunOptions { probes: vec![probe], threads: 1, ..RunOptions::default() };
    run_spikes(&compiled.image, inputs, &options).unwrap().probes[0].values.clone()
}

// `pair` on `tiny`, by hand.
//
// Network, in units of the membrane (r dt = 10000 x 0.0001 = 1, so a spike adds its weight; >=, reset to 0):
//
//         in[0]  in[1]  in[2]   threshold               a[0]  a[1]   threshold
//   a[0]    0.5    1.0   -0.5        1.0         b[0]    1.0   2.0         3.0
//   a[1]   -0.5    0      1.0        1.25
//
// Scale. A bit crossbar holds integers, so the scale of a population is 1 over the largest number of which all
// its weights are multiples. a: 1 / 0.5 = 2; b: 1. The thresholds need not be multiples where a spike resets to 0:
// v is an integer, and v >= 2 x 1.25 = 2.5 is v >= 3. So vth is [2, 3] and [3], and everything is exact.
// Integers: a[0] = [1, 2, -1], a[1] = [-1, 0, 2], b[0] = [1, 2].
//
// Types. A slot of `tiny` has two type values, and three values come into a: -1, 1, 2. Of all pairs only
// {-1, 2} sums to all three, 1 being -1 + 2 over two rows. b needs 1 and 2 and has them.
//
// Lags. A packet from the host may have delay 0, so a keeps lag 0. Spikes from a need at least one step, and the
// network has none between a and b: b has lag 1, the delay is 1, and what leaves at t + 1 belongs to step t.
//
// Slots: three neurons, one core of 8. In the order of the populations' names (a, b, in): 0 a[0], 1 a[1], 2 b[0].
// Each has at most one in-axon to reach and the chip has a table of destinations: no copies.
//
// Rows, by delay, then type, then source. Delay 0, type 0 (-1 in a): in[0] to both (a[0] needs it for 1 = -1 + 2),
// in[2] to a[0]. Delay 0, type 1 (2 in a): in[0] to a[0], in[1] to a[0], in[2] to a[1]. Delay 1, type 0 (1 in b): a[0];
// type 1 (2 in b): a[1]. Seven rows of 16: 0 in[0], 1 in[2], 2 in[0], 3 in[1], 4 in[2], 5 a[0], 6 a[1].
#[test]
fn pair_on_tiny() {
    let compiled = small("pair", "tiny", "spikingjelly");
    assert!(compiled.layers.iter().all(|layer| layer.exact));
    assert_eq!((scale(&compiled, "a"), scale(&compiled, "b")), (2.0, 1.0));
    assert_eq!(each(&compiled, "a", "vth"), [2, 3]);
    assert_eq!(each(&compiled, "b", "vth"), [3]);
    assert_eq!([each(&compiled, "a", "bias"), each(&compiled, "b", "bias")].concat(), [0, 0, 0]);
    let into_a = [(0, 0, 1), (0, 1, -1), (1, 0, 2), (2, 0, -1), (2, 1, 2)];
    assert_eq!(synapses(&compiled, "in", "a"), into_a);
    assert_eq!(synapses(&compiled, "a", "b"), [(0, 0, 1), (1, 0, 2)]);
    assert_eq!(["in", "a", "b"].map(|name| population(&compiled, name).lag), [0, 0, 1]);
    assert_eq!(connection(&compiled, "in", "a").delay, 0);
    assert_eq!(connection(&compiled, "a", "b").delay, 1);

    assert_eq!(compiled.placed.cores.cores.len(), 1);
    assert_eq!(roles(&compiled, 0), ["a[0]", "a[1]", "b[0]"].map(|name| (name.to_string(), false)));
    let core = &compiled.placed.cores.cores[0];
    assert_eq!(core.slots.len(), 8);
    assert_eq!(core.type_values, [[-1, -1, 1, 0, 0, 0, 0, 0], [2, 2, 2, 0, 0, 0, 0, 0]]);
    let expected = [
        row("in[0]", 0, 0, &[(0, -1), (1, -1)]),
        row("in[2]", 0, 0, &[(0, -1)]),
        row("in[0]", 1, 0, &[(0, 2)]),
        row("in[1]", 1, 0, &[(0, 2)]),
        row("in[2]", 1, 0, &[(1, 2)]),
        row("a[0]", 0, 1, &[(2, 1)]),
        row("a[1]", 1, 1, &[(2, 2)]),
    ];
    assert_eq!(rows(&compiled, 0), expected);
    let to = |axon| vec![Destination::Axon { core: 0, axon, delay: 1 }];
    let destinations: Vec<_> = core.slots[..3].iter().map(|slot| slot.destinations.clone()).collect();
    assert_eq!(destinations, [to(5), to(6), Vec::new()], "b is tapped by the host and sends nothing");
    assert_eq!(compiled.placed.sites, [0]);
    assert_levels("pair", &compiled);
}

// The same network, run by hand: v after the sums of each step, * where it spikes (and v becomes 0).
//
//   step   in      a[0] = [1, 2, -1], vth 2   a[1] = [-1, 0, 2], vth 3   b[0] = [1, 2], vth 3
//      0   0 0 1       0 - 1         = -1         0 + 2     = 2              0
//      1   0 1 1      -1 + 2 - 1     =  0         2 + 2     = 4 *            0 + 2     = 2
//      2   1 0 1       0 + 1 - 1     =  0         0 - 1 + 2 = 1              2
//      3   0 1 1       0 + 2 - 1     =  1         1 + 2     = 3 *            2 + 2     = 4 *
//      4   1 0 1       1 + 1 - 1     =  1         0 - 1 + 2 = 1              0
//      5   0 1 1       1 + 2 - 1     =  2 *       1 + 2     = 3 *            0 + 1 + 2 = 3 *
//
// (At step 0 a[1] has 2, which is less than 2.5: rounding its threshold down would let it fire there.)
// On the chip b ticks one step later: its spikes of steps 3 and 5 are fired in steps 4 and 6.
#[test]
fn pair_on_tiny_runs_as_by_hand() {
    let compiled = small("pair", "tiny", "spikingjelly");
    let steps = [[0, 0, 1], [0, 1, 1], [1, 0, 1], [0, 1, 1], [1, 0, 1], [0, 1, 1]];
    let inputs = trains(&steps);
    assert_eq!(outputs(&compiled, &inputs), [0, 0, 0, 1, 0, 1]);
    let spikes_of_a = [[0, 0], [0, 1], [0, 0], [0, 1], [0, 0], [1, 1]].concat();
    assert_eq!(probed(&compiled, &inputs, "a", None), spikes_of_a);
    let states_of_a = [[-1, 2], [0, 0], [0, 1], [1, 0], [1, 1], [0, 0]].concat();
    assert_eq!(probed(&compiled, &inputs, "a", Some("v")), states_of_a);
    assert_eq!(probed(&compiled, &inputs, "b", None), [0, 0, 0, 1, 0, 1]);
    assert_eq!(probed(&compiled, &inputs, "b", Some("v")), [0, 2, 2, 0, 0, 0]);

    // And as the chip has it, slot by slot, one step more.
    let mut engine = Engine::new(&compiled.image).unwrap();
    let mut fired = Vec::new();
    for t in 0..7 {
        let counts = steps.get(t).into_iter().flatten().enumerate().filter(|(_, count)| **count > 0);
        let spikes: Vec<_> =
            counts.map(|(element, count)| HostSpike { input: 0, element, count: *count }).collect();
        engine.step(HostEvents::Spikes(&spikes));
        fired.push(engine.spiking_slots().iter().map(|slot| engine.place(*slot).1).collect::<Vec<u32>>());
    }
    let expected: [&[u32]; 7] = [&[], &[1], &[], &[1], &[2], &[0, 1], &[2]];
    assert_eq!(fired, expected);
    assert_eq!(engine.counters().wraps, 0);
}

// `loop` on `ample`, by hand. r dt = 1 again; >=, and a spike subtracts the threshold.
//
//            in[0]  in[1]  ring[0]  ring[1]  ring[2]   threshold   bias
//   ring[0]    2      0                        1           2
//   ring[1]    0      2      1                             3
//   ring[2]    1      1               -1                   3
//   end[0]                   0.75     0        0.5         1        0.25
//   end[1]                   0        1       -0.25        2        0.5
//
// Scale. Thresholds are subtracted here, so they must be multiples too: ring 1, end 1 / 0.25 = 4. In integers
// end[0] = [3, 0, 2], vth 4, bias 1; end[1] = [0, 4, -1], vth 8, bias 2. vr is what a spike subtracts: vth. mode 1 says
// so; kv = 4096 keeps v, ku = 0 keeps no current, late = 0 subtracts at once.
//
// Lags. The host of `ample` has a least delay of 1, so has every synapse: in 0, ring 1, end 2, and every delay is 1.
// The connection of ring with itself carries the spikes of the step before: 1 + lag 1 - lag 1 = 1.
//
// Start. end would add its bias in the two steps before its own step 0. `ample` has a hold, the state `wait`, which
// keeps a slot still for so many ticks: wait starts at 2 there. ring has no bias, and stays at 0 by itself.
//
// Slots by name (end, in, ring): 0, 1 end; 2, 3, 4 ring. In-axons by source: 0, 1 in; 2, 3, 4 ring; each holds a list.
#[test]
fn loop_on_ample() {
    let compiled = small("loop", "ample", "spikingjelly,reset=subtract");
    assert!(compiled.layers.iter().all(|layer| layer.exact));
    assert_eq!((scale(&compiled, "ring"), scale(&compiled, "end")), (1.0, 4.0));
    for name in ["vth", "vr"] {
        assert_eq!(each(&compiled, "ring", name), [2, 3, 3]);
        assert_eq!(each(&compiled, "end", name), [4, 8]);
    }
    assert_eq!(
        (each(&compiled, "ring", "bias"), each(&compiled, "end", "bias")),
        (vec![0, 0, 0], vec![1, 2])
    );
    for (name, value) in [("ku", 0), ("kv", 4096), ("mode", 1), ("late", 0), ("refd", 0)] {
        assert_eq!(*parameter(&compiled, "ring", name), Integers::Uniform(value), "{name}");
        assert_eq!(*parameter(&compiled, "end", name), Integers::Uniform(value), "{name}");
    }
    assert_eq!(synapses(&compiled, "in", "ring"), [(0, 0, 2), (0, 2, 1), (1, 1, 2), (1, 2, 1)]);
    assert_eq!(synapses(&compiled, "ring", "ring"), [(0, 1, 1), (1, 2, -1), (2, 0, 1)]);
    assert_eq!(synapses(&compiled, "ring", "end"), [(0, 0, 3), (1, 1, 4), (2, 0, 2), (2, 1, -1)]);
    assert_eq!(["in", "ring", "end"].map(|name| population(&compiled, name).lag), [0, 1, 2]);
    assert!(compiled.program().connections.iter().all(|c| c.delay == 1));
    for (name, waits) in [("ring", 0), ("end", 2)] {
        let PopulationKind::Neurons { core_type, initial, .. } = &population(&compiled, name).kind else {
            panic!()
        };
        for (state, start) in compiled.chip.programs[core_type].states.iter().zip(initial) {
            let expected = if state.name == "wait" { waits } else { 0 };
            assert_eq!(*start, Integers::Uniform(expected), "{name} {}", state.name);
        }
    }

    let slots = ["end[0]", "end[1]", "ring[0]", "ring[1]", "ring[2]"];
    assert_eq!(roles(&compiled, 0), slots.map(|name| (name.to_string(), false)));
    let expected = [
        row("in[0]", 0, 0, &[(2, 2), (4, 1)]),
        row("in[1]", 0, 0, &[(3, 2), (4, 1)]),
        row("ring[0]", 0, 0, &[(0, 3), (3, 1)]),
        row("ring[1]", 0, 0, &[(1, 4), (4, -1)]),
        row("ring[2]", 0, 0, &[(0, 2), (1, -1), (2, 1)]),
    ];
    assert_eq!(rows(&compiled, 0), expected);
    let synapses = compiled.placed.cores.cores[0].axons.iter().flat_map(|axon| &axon.synapses);
    assert!(synapses.clone().all(|s| s.delay == 1), "the synapse holds the delay");
    assert_levels("loop", &compiled);
}

// The same network, run by hand: v after the sums, * where it spikes (and subtracts).
//
//   step  in     ring[0], vth 2     ring[1], vth 3     ring[2], vth 3     end[0], vth 4      end[1], vth 8
//      0  1 1    2 *                2                  2                  1 + 3 = 4 *        2
//      1  1 0    0 + 2 = 2 *        2 + 1 = 3 *        2 + 1 = 3 *        1 + 3 + 2 = 6 *    2 + 2 + 4 - 1 = 7
//      2  0 0    0 + 1 = 1          0 + 1 = 1          0 - 1 = -1         2 + 1 = 3          7 + 2 = 9 *
//      3  1 1    1 + 2 = 3 *        1 + 2 = 3 *        -1 + 1 + 1 = 1     3 + 1 + 3 = 7 *    1 + 2 + 4 = 7
//      4  0 0    1                  0 + 1 = 1          1 - 1 = 0          3 + 1 = 4 *        7 + 2 = 9 *
//      5  1 0    1 + 2 = 3 *        1                  0 + 1 = 1          0 + 1 + 3 = 4 *    1 + 2 = 3
#[test]
fn loop_on_ample_runs_as_by_hand() {
    let compiled = small("loop", "ample", "spikingjelly,reset=subtract");
    let inputs = trains(&[[1, 1], [1, 0], [0, 0], [1, 1], [0, 0], [1, 0]]);
    assert_eq!(outputs(&compiled, &inputs), [[1, 0], [1, 0], [0, 1], [1, 0], [1, 1], [1, 0]].concat());
    let ring = [[1, 0, 0], [1, 1, 1], [0, 0, 0], [1, 1, 0], [0, 0, 0], [1, 0, 0]].concat();
    assert_eq!(probed(&compiled, &inputs, "ring", None), ring);
    let ring = [[0, 2, 2], [0, 0, 0], [1, 1, -1], [1, 0, 1], [1, 1, 0], [1, 1, 1]].concat();
    assert_eq!(probed(&compiled, &inputs, "ring", Some("v")), ring);
    let end = [[0, 2], [2, 7], [3, 1], [3, 7], [0, 1], [0, 3]].concat();
    assert_eq!(probed(&compiled, &inputs, "end", Some("v")), end);
}

// Large: every synapse of `hidden` is a multiple of 1/8 and its threshold 1, so its scale is 8 and pth 8; of `out`
// 1/32 and 1. A slot of `ranc` has one destination, and every hidden neuron must reach a row of type 0 (-1) and one
// of type 1 (+1): 128 copies, which with the primaries fill core (0,0); 64 inputs by two types are 128 rows there
// and 128 neurons by two types all 256 rows of core (1,0).
#[test]
fn digits_on_crossbars() {
    let network = network("digits_tern");
    let compiled = compile(&network.path(), "ranc", network.semantics);
    assert_eq!((scale(&compiled, "hidden"), scale(&compiled, "out")), (8.0, 32.0));
    assert_eq!(*parameter(&compiled, "hidden", "pth"), Integers::Uniform(8));
    assert_eq!(*parameter(&compiled, "out", "pth"), Integers::Uniform(32));
    let copies = |core| roles(&compiled, core).iter().filter(|(_, is_copy)| *is_copy).count();
    assert_eq!((roles(&compiled, 0).len(), copies(0)), (256, 128));
    assert_eq!((roles(&compiled, 1).len(), copies(1)), (10, 0));
    assert_eq!((rows(&compiled, 0).len(), rows(&compiled, 1).len()), (128, 256));
    assert_levels("digits_tern", &compiled);
}
