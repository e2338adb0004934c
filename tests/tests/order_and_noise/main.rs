//! Programs to which the order of events matters, and programs that draw: on the chips of tests/chips that have them.

mod draws;
mod networks;

use networks::{Random, changed_chip, chip, chip_text, compile, network, remap, spikes, verify};
use spikeloom_driver::order::{self, RANDOM_ORDERS};
use spikeloom_ir::cores::Role;
use spikeloom_ir::program::{PopulationKind, Synapses};
use spikeloom_passes::legalise::wiring::Wiring;
use spikeloom_verify::{Interpreter, Order, Rank};

/// Four values, one for each row type, of both signs: whoever comes first decides whether a neuron fires.
const MIXED: [f64; 4] = [20.0, -15.0, 7.0, -4.0];

#[test]
fn the_chip_files_have_no_fault() {
    for name in ["serial.ron", "noisy.ron"] {
        let faults = spikeloom_chip::check_text(&chip_text(name), name);
        assert!(faults.is_empty(), "{name}: {faults:?}");
    }
    let text = chip_text("noisy.ron");
    let codes = |from: &str, to: &str| {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        let faults = spikeloom_chip::check_text(&text.replace(from, to), "noisy.ron");
        let found: Vec<_> = faults.iter().map(|f| (f.code, f.field.clone().unwrap_or_default())).collect();
        move |code: &str, field: &str| {
            assert!(
                found.iter().any(|(c, f)| (*c, f.as_str()) == (code, field)),
                "{code} {field}: {found:?}"
            );
        }
    };
    // A program that draws from nothing; streams without numbers; streams without a place.
    codes("random: Some(Counter),", "")("SL0117", "core_types.core.neuron.random");
    let stream = "holds: RandomStream, bits: 12";
    codes(stream, "holds: RandomStream, bits: 33")("SL0117", "core_types.core.records[0].fields[6]");
    codes(stream, "holds: Unused, bits: 12")("SL0107", "core_types.core.records");
}

#[test]
fn order_matters_where_signs_are_mixed() {
    let network = network([12, 9, 7], &MIXED, 16.0, 1);
    let inputs = spikes(12, 60, 1, 2);
    let compiled = compile(&network, chip("serial.ron"), 0);
    let verdict = verify(&compiled, &inputs, "equal under this order");
    let report = verdict.order.expect("a report");
    assert_eq!(report.changed.len(), RANDOM_ORDERS as usize);
    assert!(report.spikes > 100 && report.changed.iter().all(|changed| *changed > 0), "{report}");
    assert!(verdict.text.contains(&report.to_string()) && report.to_string().contains("8 random orders"));
    // The partition decides the order: other cores, other spikes, and each is what its own order says.
    let small = compile(&network, chip("serial.ron/small"), 0);
    assert!(small.placed.cores.cores.len() > compiled.placed.cores.cores.len());
    verify(&small, &inputs, "equal under this order");
}

#[test]
fn without_the_order_of_the_cores_t2_would_not_hold() {
    let compiled = compile(&network([12, 9, 7], &MIXED, 16.0, 1), chip("serial.ron"), 0);
    let inputs = spikes(12, 60, 1, 2);
    let run = |order: Order| {
        let mut interpreter = Interpreter::new(compiled.program(), &compiled.chip).expect("it fits");
        interpreter.set_order(order).expect("as many ranks as synapses");
        let mut all = Vec::new();
        for step in inputs.nodes[0].counts.chunks(12) {
            let input = compiled.program().populations.iter().position(|p| p.kind == PopulationKind::Input);
            let input = spikeloom_ir::network::PopulationId(input.expect("an input") as u32);
            interpreter.step(&[(input, step)]);
            let of = |p| interpreter.spikes(spikeloom_ir::network::PopulationId(p)).to_vec();
            all.extend([of(0), of(2)].concat());
        }
        all
    };
    let placed = order::of_placed(&compiled.placed, &compiled.chip).expect("every synapse is somewhere");
    assert_ne!(run(placed.clone()), run(Order::Listed), "row types come before sources on the chip");
    let Order::Ranked(mut ranks) = placed else { panic!("ranks") };
    ranks[0].pop();
    let mut interpreter = Interpreter::new(compiled.program(), &compiled.chip).expect("it fits");
    let faults = interpreter.set_order(Order::Ranked(ranks)).expect_err("a rank is missing");
    assert_eq!(faults.0[0].code, "SL0908");
}

#[test]
fn order_does_not_matter_where_all_events_are_alike() {
    let network = network([12, 9, 7], &[5.0], 12.0, 3);
    let compiled = compile(&network, chip("serial.ron"), 0);
    let verdict = verify(&compiled, &spikes(12, 60, 1, 4), "equal under this order");
    let report = verdict.order.expect("a report");
    assert!(report.spikes > 100 && report.changed == [0; 8], "{report}");
}

#[test]
fn a_weight_of_several_rows_is_refused_where_it_would_be_several_events() {
    let compiled = compile(&network([4, 3, 2], &MIXED, 16.0, 5), chip("serial.ron"), 0);
    let mut program = compiled.program().clone();
    let first = program.connections.iter_mut().find(|c| c.path == ["first"]).expect("the connection");
    // Five values into each neuron, each of them a sum of some of 1, 2, 4 and 8.
    let values = (0..12).map(|i| [1, 2, 4, 8, 3][(i / 3 + i % 3) % 5]).collect();
    first.synapses = Synapses::Dense { targets: 3, values };
    let again = program.connections.iter_mut().find(|c| c.path == ["loop"]).expect("the connection");
    again.synapses = Synapses::Dense { targets: 3, values: vec![1; 9] };
    let faults = Wiring::new(&program, &compiled.chip).err().expect("more values than row types");
    assert!(faults.0.iter().any(|fault| fault.code == "SL0704"), "{faults:?}");
    let text = chip_text("serial.ron");
    let plain =
        text.replace("overflow: Saturate", "overflow: Wrap").replace("after: Some(r#\"", "on_tick: r#\"");
    let plain = plain.replace("on_tick: \"v := v + bias; ticked := 1;\",", "").replace("\"#),", "\"#,");
    let plain = spikeloom_chip::read_text(&plain, "serial.ron", None, &[]).expect("an accumulator");
    let faults = Wiring::new(&program, &plain).err();
    assert!(faults.is_none(), "{faults:?}: sums are fine where events are added up");
}

/// Lists with a delay for each synapse, in-axons that add up, and a program that clamps: a packet acts on a neuron by
/// several synapses, in the order in which they are stored, and may come several times.
#[test]
fn packets_that_come_several_times_act_as_often_in_turn() {
    let clamps = changed_chip("noisy.ron", "\"v := v + w;\"", "\"v := clamp(v + w, -30, 30);\"");
    let compiled = compile(&network([6, 5, 4], &MIXED, 16.0, 6), clamps, 9);
    let mut program = compiled.program().clone();
    for (delay, turn) in [(1, 1), (3, 2)] {
        let mut again =
            program.connections.iter().find(|c| c.path == ["first"]).expect("it stands there").clone();
        again.path = vec![format!("again{turn}")];
        again.delay = delay;
        let Synapses::Dense { values, .. } = &mut again.synapses else { panic!("a full matrix") };
        values.rotate_left(turn);
        program.connections.push(again);
    }
    let compiled = remap(compiled, program);
    for most in [1, 3] {
        let verdict = verify(&compiled, &spikes(6, 80, most, 7), "equal under this order");
        let report = verdict.order.expect("a report");
        assert!(report.changed.iter().any(|changed| *changed > 0), "{report}");
    }
    let Order::Ranked(ranks) = order::of_placed(&compiled.placed, &compiled.chip).expect("ranks") else {
        panic!("ranks")
    };
    let mut all: Vec<Rank> = ranks.into_iter().flatten().collect();
    all.sort();
    assert!(all.windows(2).any(|pair| pair[0].packet == pair[1].packet && pair[0] != pair[1]));
}

#[test]
fn noise_does_not_depend_on_the_mapping() {
    let network = network([12, 12, 5], &MIXED, 30.0, 8);
    let inputs = spikes(12, 100, 2, 9);
    let large = compile(&network, chip("noisy.ron"), 5);
    let small = compile(&network, chip("noisy.ron/small"), 5);
    assert!(small.placed.cores.cores.len() > large.placed.cores.cores.len());
    let copies = |compiled: &spikeloom_driver::pipeline::Compiled| {
        let slots = compiled.placed.cores.cores.iter().flat_map(|core| &core.slots);
        slots.filter(|slot| matches!(slot.role, Role::Copy(_))).count()
    };
    assert!(copies(&small) > copies(&large), "copies draw what their neurons draw");
    let spikes_of = |compiled, word| verify(compiled, &inputs, word).chip_spikes;
    let of_large = spikes_of(&large, "equal");
    assert_eq!(of_large, spikes_of(&small, "equal"), "cores of 16 and of 8 slots");
    let other = compile(&network, chip("noisy.ron"), 6);
    assert_ne!(of_large, spikes_of(&other, "equal"), "another seed");
    let again = compile(&network, chip("noisy.ron"), 5);
    assert_eq!(large.image_bytes, again.image_bytes);
    let quiet = compile(&network, chip("noisy.ron/quiet"), 5);
    let verdict = verify(&quiet, &inputs, "equal");
    assert!(verdict.numerics.iter().all(|d| d.differing == 0), "without noise it is the network");
    assert_ne!(verdict.chip_spikes, of_large);
    assert!(of_large.iter().flatten().sum::<u32>() > 100);
}

#[test]
fn samples_of_one_input_draw_alike_from_the_start() {
    let compiled = compile(&network([4, 6, 3], &MIXED, 12.0, 10), chip("noisy.ron"), 1);
    let mut inputs = spikes(4, 50, 1, 11);
    let (first, second) = inputs.nodes[0].counts.split_at_mut(4 * 50);
    second.copy_from_slice(first);
    let spikes = verify(&compiled, &inputs, "equal").chip_spikes;
    for population in spikes {
        let (first, second) = population.split_at(population.len() / 2);
        assert_eq!(first, second, "a reset begins the draws anew");
    }
}

#[test]
fn streams_stand_in_the_image() {
    let compiled = compile(&network([4, 6, 3], &MIXED, 12.0, 12), chip("noisy.ron"), 77);
    let image = spikeloom_image::Image::from_bytes(&compiled.image_bytes, "x.loom").expect("a good image");
    assert!(image.meta.contains(&("option seed".into(), "77".into())));
    let debug = image.debug.as_ref().expect("roles");
    let mut seen = 0;
    for (core, memory) in &image.cores {
        for (slot, stream) in memory.streams.iter().enumerate() {
            let role = debug.witness.iter().find(|(c, s, _)| (c, *s as usize) == (core, slot));
            // hidden has 6 neurons, the input is not counted, out comes after it.
            let wanted =
                role.map_or(0, |(_, _, role)| if role.population == 0 { role.index } else { 6 + role.index });
            assert_eq!(*stream, wanted, "core {core} slot {slot}");
            seen = seen.max(*stream);
        }
    }
    assert_eq!(seen, 8);
    let shown = spikeloom_image::disassemble::core(&image, image.cores[0].0).expect("a core");
    assert!(shown.contains("stream 5"), "{shown}");
    // A core full of random values comes back as well.
    let mut image = image;
    let mut random = Random(13);
    image.cores[0].1.streams.iter_mut().for_each(|stream| *stream = random.below(4096) as u32);
    let bytes = image.to_bytes().expect("they fit their field");
    let read = spikeloom_image::Image::from_bytes(&bytes, "x.loom").expect("a good image");
    assert_eq!(read.cores, image.cores);
    image.cores[0].1.streams[0] = 4096;
    assert_eq!(image.to_bytes().expect_err("13 bits").0[0].code, "SL0350");
}
