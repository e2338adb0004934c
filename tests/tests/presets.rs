//! The presets against the frameworks themselves: one LIF neuron, read from its NIR file, discretised and simulated,
//! against the voltages and spikes that eleven platforms recorded (tests/oracles/nir_lif); and the trained networks
//! against the spikes of all their neurons.

use spikeloom_ir::network::{Network, PopulationId, PopulationKind};
use spikeloom_passes::discretise::discretise;
use spikeloom_passes::semantics::Semantics;
use spikeloom_tests::root;
use spikeloom_verify::Simulator;

/// One recording, voltages in the units of its platform.
struct Trace {
    input: Vec<u32>,
    voltages: Vec<f64>,
    spikes: Vec<u32>,
}

fn file(name: &str) -> Vec<u8> {
    std::fs::read(root().join("tests/oracles/nir_lif").join(name)).unwrap()
}

fn network() -> Network {
    spikeloom_import::read_nir(&file("lif_norse.nir"), "lif_norse.nir").unwrap().0
}

/// Rows of input, voltage and spike, for the first 1000 steps of 0.1 ms.
fn recorded(platform: &str) -> Trace {
    let text = String::from_utf8(file(&format!("lif_{platform}.csv"))).unwrap();
    let column = |at: usize| -> Vec<f64> {
        text.lines().map(|line| line.split(',').nth(at).unwrap().parse().unwrap()).collect()
    };
    // Some inputs are recorded as they enter the neuron, scaled.
    let input = column(0).iter().map(|input| u32::from(*input > 0.0)).collect();
    let trace =
        Trace { input, voltages: column(1), spikes: column(2).iter().map(|spikes| *spikes as u32).collect() };
    assert_eq!((trace.input.len(), trace.input.iter().sum::<u32>()), (1000, 34));
    trace
}

/// Voltages and spikes of the network.
fn simulated(semantics: &str, input: &[u32]) -> (Vec<f64>, Vec<u32>) {
    let (step, _) = discretise(network(), &Semantics::parse(semantics).unwrap(), 1e-4).unwrap();
    let populations = &step.network.populations;
    let find = |is_input: bool| {
        let place = populations.iter().position(|p| (p.kind == PopulationKind::Input) == is_input);
        PopulationId(place.unwrap() as u32)
    };
    let (source, neuron) = (find(true), find(false));
    let mut simulator = Simulator::new(&step).unwrap();
    let steps = input.iter().map(|input| {
        simulator.step(&[(source, &[*input])]);
        (simulator.membrane(neuron)[0], simulator.spikes(neuron)[0])
    });
    steps.unzip()
}

/// The largest distance of two voltages in NIR's units.
fn distance(ours: &[f64], theirs: &[f64], unit: f64) -> f64 {
    ours.iter().zip(theirs).map(|(ours, theirs)| (ours - theirs / unit).abs()).fold(0.0, f64::max)
}

fn steps_of(spikes: &[u32]) -> Vec<usize> {
    (0..spikes.len()).filter(|t| spikes[*t] > 0).collect()
}

/// Holds a preset to a recording in every step, and says how far its voltages are away.
fn held(platform: &str, semantics: &str, unit: f64) -> f64 {
    let trace = recorded(platform);
    let (voltages, spikes) = simulated(semantics, &trace.input);
    assert_eq!(spikes, trace.spikes, "{platform} under {semantics}");
    distance(&voltages, &trace.voltages, unit)
}

/// Frameworks calculate in single precision, and the presets in double: at a threshold of 0.1 that is what remains.
const SINGLE: f64 = 1e-7;

#[test]
fn every_step_of_the_frameworks() {
    for (platform, preset, unit) in [
        ("norse", "norse", 1.0),
        ("norse", "nir", 1.0),
        // Its threshold was 2.5.
        ("snntorch", "snntorch", 25.0),
        ("sinabs", "sinabs", 1.0),
        ("rockpool", "rockpool", 1.0),
        ("lava_cpu_float", "lava", 1.0),
        ("spyx", "spyx", 1.0),
        // Its threshold is always 1.
        ("nengo", "nengo", 10.0),
    ] {
        assert!(held(platform, preset, unit) < SINGLE, "{platform}");
    }
}

/// The steps in which they spike, so that no mistake in reading can make an empty comparison.
#[test]
fn the_spikes_are_where_the_paper_has_them() {
    for (preset, steps) in [
        ("norse", [460, 510, 710, 760]),
        ("exact", [460, 510, 710, 760]),
        ("sinabs", [450, 500, 710, 760]),
        ("lava", [461, 511, 711, 761]),
        ("spyx", [461, 511, 711, 761]),
    ] {
        assert_eq!(steps_of(&simulated(preset, &recorded("norse").input).1), steps, "{preset}");
    }
}

/// The reference solves the equation between events, and a spike is one: the rest of its step is integrated from 0.
/// A preset resets at the end of the step, so the two part with the first spike.
#[test]
fn the_exact_solution_up_to_its_first_spike() {
    let trace = recorded("exact");
    let (voltages, spikes) = simulated("exact", &trace.input);
    assert_eq!(spikes, trace.spikes);
    let first = steps_of(&spikes)[0];
    assert!(distance(&voltages[..first], &trace.voltages[..first], 1.0) < 1e-12);
    let after = distance(&voltages, &trace.voltages, 1.0);
    assert!((6.2e-3..6.3e-3).contains(&after), "{after}");
    assert!(distance(&solved(&trace.input), &trace.voltages, 1.0) < 1e-8, "the rest of the step explains it");
}

/// The network's equation, `tau dv/dt = I - v`, solved exactly with a reset at the moment of the spike.
fn solved(input: &[u32]) -> Vec<f64> {
    let (tau, theta, dt) = (f64::from(0.0025f32), f64::from(0.1f32), 1e-4);
    let mut v = 0.0;
    let step = |input: &u32| {
        let (current, before) = (f64::from(*input), v);
        let at = |start: f64, seconds: f64| current + (start - current) * (-seconds / tau).exp();
        v = at(before, dt);
        if v > theta {
            let moment = -tau * ((theta - current) / (before - current)).ln();
            v = at(0.0, dt - moment);
        }
        v
    };
    input.iter().map(step).collect()
}

/// SpiNNaker2's script multiplies weight and threshold by 102.02 and rounds the weight to 102.
#[test]
fn spinnaker2_rounds_its_weight() {
    let as_it_is = held("spinnaker2", "snntorch", 25.0);
    assert!((1e-5..2e-5).contains(&as_it_is), "{as_it_is}");
    assert!(held("spinnaker2", "snntorch,gain=r*dt/tau*102/102.02", 25.0) < SINGLE);
}

/// Lava in fixed point: 16 bits for one unit, decay 163/4096, weight 10/256, what is below a bit is cut off. The
/// preset has its spikes; its voltages are as far away as these integers explain.
#[test]
fn lava_in_fixed_point() {
    const UNIT: f64 = 16000.0;
    for platform in ["lava_cpu_fixed", "lava_loihi_fixed"] {
        let trace = recorded(platform);
        // The chip's monitor shows 128 where the membrane has just been reset.
        let is_shown = |t: &usize| platform == "lava_cpu_fixed" || trace.spikes[*t] == 0;
        let shown =
            |values: &[f64]| -> Vec<f64> { (0..values.len()).filter(is_shown).map(|t| values[t]).collect() };
        let (voltages, spikes) = simulated("lava", &trace.input);
        assert_eq!(spikes, trace.spikes, "{platform}");
        let away = distance(&shown(&voltages), &shown(&trace.voltages), UNIT);
        assert!((8e-4..9e-4).contains(&away), "{away}");
        assert_eq!(shown(&in_fixed_point(&trace.input)), shown(&trace.voltages), "{platform}");
    }
}

fn in_fixed_point(input: &[u32]) -> Vec<f64> {
    let (mut v, mut due) = (0i64, 0);
    let step = |input: &u32| {
        v = v * (4096 - 163) / 4096 + std::mem::replace(&mut due, 640 * i64::from(*input));
        if v > 1600 {
            v = 0;
        }
        v as f64
    };
    input.iter().map(step).collect()
}

/// A recording proves a key of a row if every other value of the key spoils the match. docs/numerics.md has what is
/// left: it rests on the frameworks' own code.
#[test]
fn keys_that_the_recordings_prove() {
    const VALUES: [(&str, &[&str]); 9] = [
        ("compare", &["ge", "gt"]),
        ("decay", &["euler", "exp"]),
        ("gain", &["r*dt/tau", "r*(1-exp(-dt/tau))"]),
        ("reset", &["zero", "subtract", "none"]),
        ("reset_at", &["same", "next"]),
        ("refractory", &["0", "1"]),
        ("spikes", &["one", "many"]),
        ("delay", &["0", "1"]),
        ("emit", &["same", "next"]),
    ];
    const EULER: [&str; 9] = ["gt", "euler", "r*dt/tau", "zero", "same", "0", "one", "0", "same"];
    const COUNTING: [&str; 9] = ["ge", "exp", "r*dt/tau", "subtract", "same", "0", "many", "0", "same"];
    const LAVA: [&str; 9] = ["gt", "euler", "r*dt/tau", "zero", "same", "0", "one", "1", "same"];
    const SPYX: [&str; 9] = ["gt", "euler", "r*dt/tau", "subtract", "next", "0", "one", "0", "next"];
    const NENGO: [&str; 9] = ["gt", "exp", "r*(1-exp(-dt/tau))", "zero", "same", "0", "one", "0", "same"];
    // After a reset to 0 no input comes for some steps: whether a neuron is held then can't be seen.
    const AFTER_ZERO: &[&str] = &["compare", "refractory", "spikes"];
    const AFTER_SUBTRACT: &[&str] = &["compare", "spikes"];
    for (platform, preset, unit, row, unproven) in [
        ("norse", "norse", 1.0, EULER, AFTER_ZERO),
        ("snntorch", "snntorch", 25.0, EULER, AFTER_ZERO),
        ("sinabs", "sinabs", 1.0, COUNTING, AFTER_SUBTRACT),
        ("rockpool", "rockpool", 1.0, COUNTING, AFTER_SUBTRACT),
        ("lava_cpu_float", "lava", 1.0, LAVA, AFTER_ZERO),
        ("spyx", "spyx", 1.0, SPYX, AFTER_SUBTRACT),
        ("nengo", "nengo", 10.0, NENGO, AFTER_ZERO),
    ] {
        let trace = recorded(platform);
        let is_matched = |keys: &str| {
            let (voltages, spikes) = simulated(&format!("{preset}{keys}"), &trace.input);
            spikes == trace.spikes && distance(&voltages, &trace.voltages, unit) < SINGLE
        };
        let whole: String = VALUES.iter().zip(row).map(|((key, _), own)| format!(",{key}={own}")).collect();
        assert!(is_matched(&whole), "{preset}: the row as it is written here");
        let has_other = |((key, values), own): &(&(&str, &[&str]), &str)| {
            values.iter().any(|value| value != own && is_matched(&format!(",{key}={value}")))
        };
        let found: Vec<&str> =
            VALUES.iter().zip(row.iter().copied()).filter(has_other).map(|((key, _), _)| *key).collect();
        assert_eq!(found, unproven, "{preset}");
    }
}
