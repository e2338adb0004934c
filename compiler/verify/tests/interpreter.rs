//! Programs on shipped chips, against numbers worked out by hand.

use spikeloom_chip::Chip;
use spikeloom_ir::network::{Output, PopulationId};
use spikeloom_ir::program::{Connection, Integers, Origin, Population, PopulationKind, Program, Synapses};
use spikeloom_verify::Interpreter;

const IN: PopulationId = PopulationId(0);
const A: PopulationId = PopulationId(1);
const B: PopulationId = PopulationId(2);

fn population(name: &str, size: usize, kind: PopulationKind) -> Population {
    Population { name: name.into(), shape: vec![size], kind, lag: 0, location: format!("/{name}") }
}

fn neurons(chip: &Chip, parameters: &[i64]) -> PopulationKind {
    let (core_type, program) = chip.programs.first_key_value().expect("a core type");
    PopulationKind::Neurons {
        core_type: core_type.clone(),
        parameters: parameters.iter().map(|&value| Integers::Uniform(value)).collect(),
        initial: vec![Integers::Uniform(0); program.states.len()],
        scale: 1.0,
        readout: None,
    }
}

fn connection(source: PopulationId, target: PopulationId, delay: u32, synapses: Synapses) -> Connection {
    Connection { source, target, path: vec!["w".into()], delay, synapses }
}

/// The last population is shown.
fn program(populations: Vec<Population>, connections: Vec<Connection>) -> Program {
    let origin = Origin {
        chip_name: String::new(),
        chip_digest: String::new(),
        source_name: "test.nir".into(),
        source_digest: String::new(),
        options: vec![],
    };
    let population = PopulationId(populations.len() as u32 - 1);
    let outputs = vec![Output { name: "out".into(), population, location: String::new() }];
    Program { origin, populations, fired: Vec::new(), connections, outputs }
}

/// in[2] -> a[2] without delay, a -> b[1] after 1, b -> b after 2; thresholds 3, reset to 0.
fn small(chip: &Chip) -> Program {
    let integrate = neurons(chip, &[0, 3, -256, 0, 0]);
    let populations = vec![
        population("in", 2, PopulationKind::Input),
        population("a", 2, integrate.clone()),
        population("b", 1, integrate),
    ];
    let dense = Synapses::Dense { targets: 2, values: vec![3, 1, 0, 2] };
    let sparse = Synapses::Sparse { offsets: vec![0, 1, 2], targets: vec![0, 0], values: vec![2, 1] };
    let own = Synapses::Dense { targets: 1, values: vec![3] };
    program(
        populations,
        vec![connection(IN, A, 0, dense), connection(A, B, 1, sparse), connection(B, B, 2, own)],
    )
}

#[test]
fn delays_counts_and_a_self_loop() {
    let chip = spikeloom_chip::load("ranc").expect("the chip loads");
    let program = small(&chip);
    let mut interpreter = Interpreter::new(&program, &chip).expect("it fits");
    for _ in 0..2 {
        for (inputs, a_spikes, a, b_spikes, b) in [
            ([1, 0], [1, 0], [0, 1], 0, 0),
            ([0, 1], [0, 1], [0, 0], 0, 2),
            ([0, 0], [0, 0], [0, 0], 1, 0),
            ([0, 0], [0, 0], [0, 0], 0, 0),
            // b's own spike of two steps ago.
            ([0, 0], [0, 0], [0, 0], 1, 0),
            // Two events of each synapse: a0 has 6 and spikes once.
            ([2, 0], [1, 0], [0, 2], 0, 0),
            ([0, 0], [0, 0], [0, 2], 1, 0),
        ] {
            interpreter.step(&[(IN, &inputs)]);
            assert_eq!(interpreter.spikes(IN), inputs.map(|count| count as u8));
            assert_eq!(interpreter.spikes(A), a_spikes);
            assert_eq!(interpreter.state(A, 0), a);
            assert_eq!((interpreter.spikes(B), interpreter.state(B, 0)), (&[b_spikes][..], &[b][..]));
        }
        interpreter.reset();
        assert_eq!(interpreter.state(A, 0), [0, 0]);
        assert!(interpreter.state(IN, 0).is_empty() && interpreter.state(A, 1).is_empty());
    }
}

#[test]
fn coverage_counts_what_was_delivered() {
    let chip = spikeloom_chip::load("ranc").expect("the chip loads");
    let program = small(&chip);
    let mut interpreter = Interpreter::new(&program, &chip).expect("it fits");
    interpreter.step(&[(IN, &[1, 0])]);
    // a0 has spiked, but its event is due in the next step.
    let coverage = interpreter.coverage();
    assert_eq!((coverage.synapses, coverage.synapses_used, coverage.events), (6, 2, 2));
    assert!(coverage.is_weak());
    interpreter.reset();
    interpreter.step(&[(IN, &[1, 0])]);
    interpreter.step(&[(IN, &[0, 1])]);
    let coverage = interpreter.coverage();
    assert_eq!((coverage.synapses_used, coverage.events), (4, 2 + 2 + 2));
    assert_eq!((coverage.neurons, coverage.neurons_fired, coverage.output_spikes), (3, 2, 0));
    assert!(coverage.is_weak() && (coverage.synapse_share() - 4.0 / 6.0).abs() < 1e-12);
    for _ in 0..3 {
        interpreter.step(&[]);
    }
    let coverage = interpreter.coverage();
    assert_eq!((coverage.synapses_used, coverage.neurons_fired, coverage.output_spikes), (6, 3, 2));
    assert!(!coverage.is_weak());
    // Ifs: threshold, mode above it, below the lower threshold, mode there. 18 ticks, 5 spikes.
    let seen = &coverage.seen["core"];
    assert_eq!(seen.branches, [[13, 5], [0, 5], [13, 0], [0, 0]]);
    assert_eq!(
        coverage.to_string(),
        "6 of 6 synapses carried a spike (100 %), 3 of 3 neurons fired, 8 events, 2 output spikes\n\
         core: 4 of 8 sides of branches taken, 0 wraps, 0 saturations, 0 traps"
    );
}

#[test]
fn several_states_and_values_for_each_neuron() {
    let chip = spikeloom_chip::load("loihi1").expect("the chip loads");
    // No memory in u (du = 4095), none to speak of in v; threshold 1 << 6 and, for the second neuron, 2 << 6.
    let mut kind = neurons(&chip, &[4095, 4095, 3, 1, 0, 0, -8_388_608, 8_388_607]);
    if let PopulationKind::Neurons { parameters, initial, .. } = &mut kind {
        parameters[3] = Integers::Each(vec![1, 2]);
        initial[0] = Integers::Each(vec![0, 129]);
    }
    let synapses = Synapses::Dense { targets: 2, values: vec![64, 0] };
    let populations = vec![population("in", 1, PopulationKind::Input), population("a", 2, kind)];
    let program = program(populations, vec![connection(IN, A, 1, synapses)]);
    let mut interpreter = Interpreter::new(&program, &chip).expect("it fits");
    for (count, spikes, u, held) in [
        // The second starts with 129 > 128 in q and is then held for two steps more.
        (2, [0, 1], [0, 129], [0, 2]),
        (2, [1, 0], [128, 0], [2, 1]),
        (2, [0, 0], [128, 0], [1, 0]),
        (1, [0, 0], [128, 0], [0, 0]),
        // 64 > 64 does not hold.
        (0, [0, 0], [64, 0], [0, 0]),
    ] {
        interpreter.step(&[(IN, &[count])]);
        assert_eq!(interpreter.spikes(A), spikes);
        assert_eq!(interpreter.state(A, 1), u);
        assert_eq!(interpreter.state(A, 3), held);
    }
    assert_eq!(interpreter.state(A, 2), [64, 0]);
}

/// A shipped chip with another neuron.
fn altered(changes: &[(&str, &str)]) -> Chip {
    let chips = spikeloom_chip::builtin();
    let mut text = chips.iter().find(|(name, _)| *name == "ranc").expect("it ships").1.to_string();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    spikeloom_chip::read_text(&text, "altered.ron", None, &[]).expect("a good chip")
}

#[test]
fn events_run_one_by_one_by_connection_then_source() {
    let chip = altered(&[("overflow: Wrap", "overflow: Saturate")]);
    let run = |first: Vec<i32>, second: i32| {
        let mut kind = neurons(&chip, &[0, 255, -256, 0, 0]);
        if let PopulationKind::Neurons { initial, .. } = &mut kind {
            initial[0] = Integers::Uniform(250);
        }
        let populations = vec![population("in", 2, PopulationKind::Input), population("a", 1, kind)];
        let one = |values| connection(IN, A, 0, Synapses::Dense { targets: 1, values });
        let program = program(populations, vec![one(first), one(vec![second, 0])]);
        let mut interpreter = Interpreter::new(&program, &chip).expect("it fits");
        interpreter.step(&[(IN, &[1, 1])]);
        interpreter.state(A, 0)[0]
    };
    // 250 + 10 is cut at 255.
    assert_eq!(run(vec![10, -10], 0), 245);
    assert_eq!(run(vec![-10, 10], 0), 250);
    assert_eq!(run(vec![0, 10], -10), 245);
    assert_eq!(run(vec![0, -10], 10), 250);
}

/// Changes the core type, the parameters and the initial states of a population.
type Alter = dyn Fn(&mut String, &mut Vec<Integers>, &mut Vec<Integers>);

#[test]
fn refuses_what_does_not_fit() {
    let chip = spikeloom_chip::load("ranc").expect("the chip loads");
    let codes = |change: &dyn Fn(&mut Program)| {
        let mut program = small(&chip);
        change(&mut program);
        match Interpreter::new(&program, &chip) {
            Ok(_) => panic!("it was taken"),
            Err(found) => found.0.iter().map(|d| d.code).collect::<Vec<_>>(),
        }
    };
    let neuron = |f: &Alter| {
        codes(&|program| {
            if let PopulationKind::Neurons { core_type, parameters, initial, .. } =
                &mut program.populations[1].kind
            {
                f(core_type, parameters, initial);
            }
        })
    };
    assert_eq!(neuron(&|core_type, _, _| core_type.push('x')), ["SL0901"]);
    assert_eq!(
        neuron(&|_, parameters, initial| {
            parameters.pop();
            initial.clear();
        }),
        ["SL0902", "SL0902"]
    );
    assert_eq!(neuron(&|_, parameters, _| parameters[1] = Integers::Each(vec![1])), ["SL0902"]);
    assert_eq!(neuron(&|_, parameters, _| parameters[1] = Integers::Uniform(256)), ["SL0903"]);
    assert_eq!(neuron(&|_, _, initial| initial[0] = Integers::Each(vec![0, -257])), ["SL0903"]);
    assert_eq!(codes(&|program| program.connections[1].source = PopulationId(9)), ["SL0904"]);
    assert_eq!(codes(&|program| program.connections[0].target = IN), ["SL0904"]);
    assert_eq!(codes(&|program| program.outputs[0].population = PopulationId(3)), ["SL0904"]);
    let sparse = |offsets: Vec<u32>, targets: Vec<u32>| {
        codes(&|program| {
            program.connections[1].synapses =
                Synapses::Sparse { offsets: offsets.clone(), targets: targets.clone(), values: vec![2, 1] };
        })
    };
    assert_eq!(sparse(vec![0, 1, 2], vec![0, 1]), ["SL0904"]);
    assert_eq!(sparse(vec![0, 3, 2], vec![0, 0]), ["SL0904"]);
    assert_eq!(sparse(vec![0, 2], vec![0, 0]), ["SL0904"]);
    assert_eq!(sparse(vec![0, 1, 2], vec![0]), ["SL0904"]);
    assert_eq!(
        codes(&|program| program.connections[0].synapses = Synapses::Dense { targets: 3, values: vec![1; 6] }),
        ["SL0904"]
    );
    assert_eq!(codes(&|program| program.connections[2].delay = 0), ["SL0905"]);
}

#[test]
fn a_chip_that_compares_on_every_update_spikes_several_times_a_step() {
    let after = r#"on_event: "v := v + w;", after: Some("if v >= 5 { spike; v := 0; }"),"#;
    let chip = altered(&[(r#"on_event: "v := v + w;","#, after)]);
    let integrate = neurons(&chip, &[0, 255, -256, 0, 0]);
    let populations = vec![
        population("in", 1, PopulationKind::Input),
        population("a", 1, integrate.clone()),
        population("b", 1, integrate),
    ];
    let one = |value| Synapses::Dense { targets: 1, values: vec![value] };
    let program = program(populations, vec![connection(IN, A, 0, one(3)), connection(A, B, 1, one(1))]);
    let mut interpreter = Interpreter::new(&program, &chip).expect("it fits");
    // 3, 6: spike; 3, 6: spike; 3.
    interpreter.step(&[(IN, &[5])]);
    assert_eq!((interpreter.spikes(A), interpreter.state(A, 0)), (&[2][..], &[3][..]));
    interpreter.step(&[]);
    assert_eq!((interpreter.spikes(A), interpreter.state(B, 0)), (&[0][..], &[2][..]));
}
