//! The neuron program of the shipped chip against the traces of an emulator that we did not write.
//!
//! The vectors and the rules by which events are made from them stand in tests/oracles/loihi_nengo, with their
//! source. What is tested is the program's text and its evaluation; each rule of it, flipped, must be noticed.

use serde_json::Value;
use spikeloom_chip::neuron::{NeuronProgram, Overflow, parse};
use spikeloom_image::spikes::npz::{Data, read_npz};
use spikeloom_verify::{Evaluator, Seen};

const CASES: [&str; 11] = [
    "c01_lif_uniform",
    "c02_relu_sparse_recurrent",
    "c03_current_wrap",
    "c04_voltage_clamp",
    "c05_negative_rounding",
    "c06_threshold_equality",
    "c07_refractory",
    "c08_bias_exponents",
    "c09_population_lists",
    "c10_large_mixed",
    "c11_exact_boundaries",
];

/// A network as the neuron program sees it, and what it did.
struct Case {
    steps: usize,
    /// Of each compartment, in the program's order.
    parameters: Vec<[i64; 8]>,
    /// Of each source: compartments first, then inputs. `(target, w)`.
    synapses: Vec<Vec<(usize, i64)>>,
    /// Of each step, the sources from outside that spike in it.
    inputs: Vec<Vec<usize>>,
    /// `[step][compartment]`.
    traces: [Vec<i32>; 3],
    /// `[step][compartment]`, packed into bytes row by row, the lowest bit first.
    spiked: Vec<u8>,
}

fn integers(value: &Value) -> Vec<i64> {
    value.as_array().expect("a list").iter().map(|v| v.as_i64().expect("an integer")).collect()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().unwrap_or_else(|| panic!("{key} is no list"))
}

fn load(name: &str) -> Case {
    let folder = format!("{}/../../tests/oracles/loihi_nengo/{name}", env!("CARGO_MANIFEST_DIR"));
    let read = |file: &str| std::fs::read(format!("{folder}/{file}")).expect("the vectors are there");
    let net: Value = serde_json::from_slice(&read("net.json")).expect("net.json");
    let steps = net["steps"].as_u64().expect("steps") as usize;

    let mut parameters = Vec::new();
    let (blocks, synapses) = (list(&net, "blocks"), list(&net, "synapses"));
    let mut offsets = Vec::new();
    for block in blocks {
        offsets.push(block["offset"].as_u64().expect("offset") as usize);
        let columns =
            ["du", "dv", "refract", "vth_mant", "bias_mant", "bias_exp"].map(|key| integers(&block[key]));
        let [vmin, vmax] = ["vmin", "vmax"].map(|key| block[key].as_i64().expect("a voltage"));
        for (i, &du) in columns[0].iter().enumerate() {
            let [dv, refd, vth, bm, be] = [1, 2, 3, 4, 5].map(|c: usize| columns[c][i]);
            parameters.push([du, dv, refd, vth, bm, be, vmin, vmax]);
        }
    }

    let mut targets = Vec::new();
    let mut inputs = vec![Vec::new(); steps + 1];
    for block in blocks {
        targets.extend(fan_out(block, synapses, &offsets));
    }
    for input in list(&net, "inputs") {
        for entry in list(input, "spikes") {
            let step = entry[0].as_u64().expect("a step") as usize;
            if let Some(due) = inputs.get_mut(step) {
                due.extend(integers(&entry[1]).into_iter().map(|i| targets.len() + i as usize));
            }
        }
        targets.extend(fan_out(input, synapses, &offsets));
    }

    let mut arrays = read_npz(&read("trace.npz"), "trace.npz").expect("trace.npz");
    let mut take = |name: &str| {
        arrays.iter_mut().find(|a| a.name == name).map(|a| std::mem::replace(&mut a.data, Data::U8(vec![])))
    };
    let traces = ["q", "u", "v"].map(|name| match take(name) {
        Some(Data::I32(values)) => values,
        _ => panic!("{name} has another type"),
    });
    let Some(Data::U8(spiked)) = take("spiked") else { panic!("spiked has another type") };
    Case { steps, parameters, synapses: targets, inputs, traces, spiked }
}

/// Rules 1 and 2: the synapses of each compartment of a block, or each neuron of an input.
fn fan_out(source: &Value, synapses: &[Value], offsets: &[usize]) -> Vec<Vec<(usize, i64)>> {
    let mut targets = vec![Vec::new(); source["n"].as_u64().expect("n") as usize];
    for axon in list(source, "axons") {
        let synapse = &synapses[axon["synapse"].as_u64().expect("a synapse") as usize];
        let offset = offsets[synapse["block"].as_u64().expect("a block") as usize];
        let [bits, exponent, fan_out] = ["weight_bits", "weight_exp", "fanout_type"]
            .map(|key| synapse[key].as_i64().expect("an integer"));
        let shift = 8 - bits + i64::from(fan_out == 1) + exponent;
        let weight = |mantissa: i64| if shift >= 0 { mantissa << shift } else { mantissa >> -shift } << 6;
        let optional = |value: &Value, i: usize, absent: i64| {
            if value.is_null() { absent } else { value[i].as_i64().expect("an integer") }
        };
        for (i, entry) in integers(&axon["map"]).into_iter().enumerate().filter(|(_, entry)| *entry >= 0) {
            let base = optional(&synapse["axon_base"], entry as usize, 0);
            if base < 0 {
                continue;
            }
            let number = optional(&synapse["axon_list"], entry as usize, entry);
            let atom = optional(&axon["atoms"], i, 0);
            let words = &synapse["lists"][number as usize][atom as usize];
            for (index, mantissa) in integers(&words["idx"]).into_iter().zip(integers(&words["mant"])) {
                targets[i].push((offset + (base + index) as usize, weight(mantissa)));
            }
        }
    }
    targets
}

/// Values that differ, and that were compared, of q, u, v and the spikes.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    differing: [u64; 4],
    compared: u64,
    events: u64,
}

fn run(case: &Case, program: &NeuronProgram, seen: &mut Seen) -> Counts {
    let width = case.parameters.len();
    let (mut evaluator, mut counts) = (Evaluator::new(program), Counts::default());
    let mut states = vec![[0; 4]; width];
    let mut spiking: Vec<usize> = Vec::new();
    for step in 0..case.steps {
        // Row `step` of the traces is step t = step + 1, which takes in the spikes of t - 1.
        let due: Vec<usize> = spiking.drain(..).chain(case.inputs[step].iter().copied()).collect();
        for source in due {
            for &(target, w) in case.synapses[source].iter().filter(|(_, w)| *w != 0) {
                counts.events += 1;
                evaluator.run_event(&mut states[target], &case.parameters[target], w, seen);
            }
        }
        for (i, (state, parameters)) in states.iter_mut().zip(&case.parameters).enumerate() {
            let q = state[0];
            let spikes = evaluator.run_tick(state, parameters, seen);
            let expected_spikes = case.spiked[step * width.div_ceil(8) + i / 8] >> (i % 8) & 1;
            let expected = [0, 1, 2].map(|trace: usize| i64::from(case.traces[trace][step * width + i]));
            for (differing, is_wrong) in counts.differing.iter_mut().zip([
                q != expected[0],
                state[1] != expected[1],
                state[2] != expected[2],
                spikes != u32::from(expected_spikes),
            ]) {
                *differing += u64::from(is_wrong);
            }
            counts.compared += 1;
            if spikes > 0 {
                spiking.push(i);
            }
        }
    }
    counts
}

fn shipped() -> NeuronProgram {
    let chip = spikeloom_chip::load("loihi1").expect("the chip loads");
    let program = chip.programs.into_values().next().expect("one core type");
    let states: Vec<&str> = program.states.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(states, ["q", "u", "v", "ref"]);
    let parameters: Vec<&str> = program.parameters.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(parameters, ["du", "dv", "refd", "vth", "bm", "be", "vmin", "vmax"]);
    program
}

#[test]
fn the_shipped_program_reproduces_every_value() {
    let program = shipped();
    let mut seen = Seen::new(&program);
    let mut compared = 0;
    for name in CASES {
        let counts = run(&load(name), &program, &mut seen);
        assert_eq!(counts.differing, [0; 4], "{name}: q, u, v, spikes");
        assert!(counts.events > 0, "{name}");
        compared += counts.compared;
    }
    assert_eq!(compared, 133_520);
    // The vectors reach every branch, and the wraps, but no trap.
    assert_eq!(seen.branch_sides(), (6, 6));
    assert!(seen.wraps > 0);
    assert_eq!((seen.saturations, seen.traps), (0, 0));
}

/// What a mutation changes: a piece of the tick's text, or the width and overflow rule of a state.
enum Change {
    Text(&'static str, &'static str),
    State(usize, u32, Overflow),
}

/// One rule flipped each, with its name.
///
/// Not in the list, because nothing can notice them: another overflow rule of v (the clamp keeps it in range),
/// and the decrement moved in front of the line that holds v (it comes a step later then, and v is
/// held as long).
const MUTATIONS: &[(&str, Change)] = &[
    (
        "u decays with a shift that rounds down",
        Change::Text("tz(u * (4095 - du), 12)", "(u * (4095 - du) >> 12)"),
    ),
    (
        "v decays with a shift that rounds down",
        Change::Text("tz(v * (4096 - dv), 12)", "(v * (4096 - dv) >> 12)"),
    ),
    ("no hidden 1 in the decay of u", Change::Text("4095 - du", "4096 - du")),
    ("a hidden 1 in the decay of v", Change::Text("4096 - dv", "4095 - dv")),
    (
        "input added before the decay of u",
        Change::Text("tz(u * (4095 - du), 12) + q", "tz((u + q) * (4095 - du), 12)"),
    ),
    ("u wider than 24 bits", Change::State(1, 40, Overflow::Wrap)),
    ("u saturates", Change::State(1, 24, Overflow::Saturate)),
    ("q wider than 22 bits", Change::State(0, 32, Overflow::Wrap)),
    ("q saturates", Change::State(0, 22, Overflow::Saturate)),
    ("u + bias not wrapped", Change::Text("wrap(u + (bm << be), 24)", "u + (bm << be)")),
    ("u + bias saturates", Change::Text("wrap(u + (bm << be), 24)", "saturate(u + (bm << be), 24)")),
    ("bias not shifted", Change::Text("bm << be", "bm")),
    (
        "bias stays in u",
        Change::Text("let i := wrap(u + (bm << be), 24);", "u := u + (bm << be); let i := u;"),
    ),
    (
        "no clamp",
        Change::Text("clamp(tz(v * (4096 - dv), 12) + i, vmin, vmax)", "tz(v * (4096 - dv), 12) + i"),
    ),
    (
        "no lower clamp",
        Change::Text(
            "clamp(tz(v * (4096 - dv), 12) + i, vmin, vmax)",
            "min(tz(v * (4096 - dv), 12) + i, vmax)",
        ),
    ),
    (
        "no upper clamp",
        Change::Text(
            "clamp(tz(v * (4096 - dv), 12) + i, vmin, vmax)",
            "max(tz(v * (4096 - dv), 12) + i, vmin)",
        ),
    ),
    (
        "clamp before the input",
        Change::Text(
            "clamp(tz(v * (4096 - dv), 12) + i, vmin, vmax)",
            "clamp(tz(v * (4096 - dv), 12), vmin, vmax) + i",
        ),
    ),
    ("v not held at 0", Change::Text("if ref > 0 { v := 0; }", "")),
    ("spikes at equality", Change::Text("v > (vth << 6)", "v >= (vth << 6)")),
    ("threshold shifted by 5", Change::Text("vth << 6", "vth << 5")),
    ("no reset", Change::Text("spike; v := 0;", "spike;")),
    ("reset by subtraction", Change::Text("spike; v := 0;", "spike; v := v - (vth << 6);")),
    ("u reset by a spike", Change::Text("spike; v := 0;", "spike; v := 0; u := 0;")),
    ("refractory period never begins", Change::Text(" ref := refd;", "")),
    (
        "no decrement in the step of the spike",
        Change::Text(
            "ref := refd; }\nif ref > 0 { ref := ref - 1; }",
            "ref := refd; } else if ref > 0 { ref := ref - 1; }",
        ),
    ),
    ("decrement by 2", Change::Text("ref := ref - 1;", "ref := max(ref - 2, 0);")),
    ("q kept", Change::Text("q := 0;", "")),
];

fn mutate(program: &NeuronProgram, name: &str, change: &Change) -> NeuronProgram {
    let (mut states, mut texts) = (program.states.clone(), program.texts.clone());
    texts.on_tick = texts.on_tick.lines().map(str::trim).collect::<Vec<_>>().join("\n");
    match *change {
        Change::Text(from, to) => {
            assert_eq!(texts.on_tick.matches(from).count(), 1, "{name}: {from}");
            texts.on_tick = texts.on_tick.replacen(from, to, 1);
        }
        Change::State(index, bits, overflow) => {
            states[index].bits = bits;
            states[index].overflow = overflow;
        }
    }
    parse("mutant", states, program.parameters.clone(), texts)
        .unwrap_or_else(|faults| panic!("{name}: {faults:?}"))
}

#[test]
fn each_rule_flipped_is_noticed() {
    let program = shipped();
    let cases = CASES.map(load);
    for (name, change) in MUTATIONS {
        let mutant = mutate(&program, name, change);
        let mut seen = Seen::new(&mutant);
        let is_noticed = cases.iter().any(|case| run(case, &mutant, &mut seen).differing != [0; 4]);
        assert!(is_noticed, "no case notices: {name}");
    }
}
