//! Strategies: levels that are well-formed, not levels that make sense.

use proptest::prelude::*;
use proptest::sample::Index;
use spikeloom_chip::Chip;
use spikeloom_ir::cores::{
    Core, Cores, Destination, InAxon, NeuronId, Placed, Role, Slot, Synapse, SynapseFormat,
};
use spikeloom_ir::network::{
    self, Convolution, Network, NeuronModel, Output, Pool, PopulationId, Stage, Tensor, Values, Window,
};
use spikeloom_ir::program::{Connection, Integers, Origin, Population, PopulationKind, Program, Synapses};
use spikeloom_ir::text::NetworkText;

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z][a-z0-9_.]{0,5}",
        1 => prop::sample::select(vec!["inf", "NaN", "0", "1e5", "core", "start", "output", "", "0x1f", "a-b", "x"]).prop_map(String::from),
        1 => Just("ab".repeat(32)),
        1 => "[\\PC\u{0}-\u{1f}\u{7f}-\u{9f}\u{2028}\"\\\\ {}]{0,8}",
    ]
}

fn names(count: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = Vec<String>> {
    prop::collection::btree_set(name(), count)
        .prop_map(|names| names.into_iter().collect::<Vec<_>>())
        .prop_shuffle()
}

fn real() -> impl Strategy<Value = f64> {
    let odd =
        [0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::MIN_POSITIVE, 5e-324, f64::MAX, 1e16, 1e-7, 0.1];
    prop_oneof![
        prop::sample::select(odd.to_vec()),
        (-4i8..4).prop_map(f64::from),
        any::<u64>().prop_map(f64::from_bits).prop_filter("a NaN is unequal to itself", |v| !v.is_nan()),
    ]
}

/// Lists with runs, some longer than what is written into a text.
fn list<T: Copy + std::fmt::Debug>(item: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<T>> {
    let run = (item, prop_oneof![4 => 1..3usize, 1 => 4..40usize]);
    let runs = prop_oneof![6 => prop::collection::vec(run, 0..8), 1 => Just(Vec::new())];
    let long = |runs: Vec<(T, usize)>| -> Vec<T> {
        runs.into_iter().flat_map(|(v, n)| std::iter::repeat_n(v, n)).collect()
    };
    (runs, 0..12usize).prop_map(move |(runs, times)| {
        let list = long(runs);
        if times == 11 && list.len() < 200 { list.repeat(20) } else { list }
    })
}

fn values() -> impl Strategy<Value = Values> {
    prop_oneof![real().prop_map(Values::Uniform), list(real()).prop_map(Values::Each)]
}

fn integers() -> impl Strategy<Value = Integers> {
    let one = || prop_oneof![3 => -3..9i64, 1 => any::<i64>()];
    prop_oneof![2 => one().prop_map(Integers::Uniform), 1 => list(one()).prop_map(Integers::Each)]
}

fn shape() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0..12usize, 0..4)
}

fn options() -> impl Strategy<Value = Vec<(String, String)>> {
    prop::collection::vec((name(), name()), 0..3)
}

fn digest() -> impl Strategy<Value = String> {
    prop_oneof!["[0-9a-f]{64}", name()]
}

fn outputs(populations: usize) -> impl Strategy<Value = Vec<Output>> {
    let shown = prop::collection::vec((any::<Index>(), name()), 3);
    (names(0..3), shown).prop_map(move |(names, shown)| {
        let output = |(name, (population, location)): (String, (Index, String))| {
            let population = PopulationId(population.index(populations.max(1)) as u32);
            Output { name, population, location }
        };
        if populations == 0 { Vec::new() } else { names.into_iter().zip(shown).map(output).collect() }
    })
}

fn model() -> impl Strategy<Value = NeuronModel> {
    (0..9, prop::collection::vec(values(), 7)).prop_map(|(which, values)| {
        let [a, b, c, d, e, f, g]: [Values; 7] = values.try_into().expect("seven");
        match which {
            0 => NeuronModel::If { resistance: a, threshold: b, reset: c },
            1 => NeuronModel::Lif { tau_s: a, resistance: b, leak: c, threshold: d, reset: e },
            2 => NeuronModel::Li { tau_s: a, resistance: b, leak: c },
            3 => NeuronModel::CubaLi {
                tau_synapse_s: a,
                tau_membrane_s: b,
                resistance: c,
                leak: d,
                input_weight: e,
            },
            4 => NeuronModel::Integrator { resistance: a },
            5 => NeuronModel::Threshold { threshold: a },
            6 => NeuronModel::Sum,
            7 => {
                NeuronModel::Stepped { current_decay: a, membrane_decay: b, threshold: c, reset: d, start: e }
            }
            _ => NeuronModel::CubaLif {
                tau_synapse_s: a,
                tau_membrane_s: b,
                resistance: c,
                leak: d,
                threshold: e,
                reset: f,
                input_weight: g,
            },
        }
    })
}

fn tensor(len: usize) -> impl Strategy<Value = Tensor> {
    (prop::collection::vec(real(), len), any::<bool>()).prop_map(|(weights, is_single)| {
        let single = || Tensor::F32(weights.iter().map(|w| *w as f32).collect());
        if is_single { single() } else { Tensor::F64(weights.clone()) }
    })
}

/// One value, or one for each element.
fn of_size(size: usize) -> impl Strategy<Value = Values> {
    let each = prop::collection::vec(real(), size).prop_map(Values::Each);
    prop_oneof![real().prop_map(Values::Uniform), each]
}

fn window() -> impl Strategy<Value = Window> {
    let pair = |least| [least..5usize, least..5usize];
    (pair(1), pair(1), pair(1), pair(0), pair(1), pair(1)).prop_map(
        |(input, kernel, stride, padding, dilation, output)| Window {
            input,
            kernel,
            stride,
            padding,
            dilation,
            output,
        },
    )
}

fn sparse() -> impl Strategy<Value = Stage> {
    let rows = prop::collection::vec(prop::collection::btree_set(0..40u32, 0..6), 0..20);
    rows.prop_flat_map(|rows| {
        let mut offsets = vec![0];
        let mut targets: Vec<u32> = Vec::new();
        for row in rows {
            targets.extend(row);
            offsets.push(targets.len() as u32);
        }
        tensor(targets.len()).prop_map(move |weights| Stage::Sparse {
            outputs: 40,
            offsets: offsets.clone(),
            targets: targets.clone(),
            weights,
        })
    })
}

fn stage() -> impl Strategy<Value = Stage> {
    let dense = (0..9usize, 0..20usize).prop_flat_map(|(outputs, inputs)| {
        tensor(outputs * inputs).prop_map(move |weights| Stage::Dense { outputs, inputs, weights })
    });
    let scale = (0..20usize)
        .prop_flat_map(|size| of_size(size).prop_map(move |factors| Stage::Scale { size, factors }));
    let delay = (0..20usize)
        .prop_flat_map(|size| of_size(size).prop_map(move |seconds| Stage::Delay { size, seconds }));
    let convolution = (1..3usize, 1..3usize, 1..4usize, window()).prop_flat_map(
        |(groups, of_group_in, of_group_out, window)| {
            let taps = window.kernel[0] * window.kernel[1];
            tensor(groups * of_group_out * of_group_in * taps).prop_map(move |weights| {
                let (channels_in, channels_out) = (groups * of_group_in, groups * of_group_out);
                Stage::Convolution(Convolution { channels_in, channels_out, groups, window, weights })
            })
        },
    );
    let pool = (1..9usize, window(), real())
        .prop_map(|(channels, window, divisor)| Stage::Pool(Pool { channels, window, divisor }));
    prop_oneof![3 => dense, 1 => sparse(), 1 => scale, 1 => delay, 2 => convolution, 1 => pool]
}

pub(crate) fn network_text() -> impl Strategy<Value = NetworkText> {
    names(1..5).prop_flat_map(|names| {
        let count = names.len();
        let kind = prop_oneof![1 => Just(network::PopulationKind::Input), 3 => model().prop_map(network::PopulationKind::Neurons)];
        let population = (shape(), kind, values(), prop_oneof![Just(String::new()), name()], name());
        let connection = (any::<Index>(), any::<Index>(), prop::collection::vec(stage(), 0..3), prop::collection::vec(name(), 0..3));
        let parts = (
            Just(names),
            prop::collection::vec(population, count),
            prop::collection::vec(connection, 0..4),
            outputs(count),
            options(),
            (name(), digest()),
        );
        parts.prop_map(move |(names, populations, connections, outputs, options, (source_name, source_digest))| {
            let id = |index: Index| PopulationId(index.index(count) as u32);
            let network = Network {
                source_name,
                source_digest,
                populations: names
                    .into_iter()
                    .zip(populations)
                    .map(|(name, (shape, kind, bias, rules, location))| {
                        // What comes from outside has no rules.
                        let is_input = kind == network::PopulationKind::Input;
                        let rules = if is_input { String::new() } else { rules };
                        network::Population { name, shape, kind, bias, rules, location }
                    })
                    .collect(),
                connections: connections
                    .into_iter()
                    .map(|(s, t, stages, path)| network::Connection { source: id(s), target: id(t), stages, path })
                    .collect(),
                outputs,
            };
            NetworkText { network, options }
        })
    })
}

fn value() -> impl Strategy<Value = i32> {
    prop_oneof![4 => -3..4, 1 => any::<i32>()]
}

fn synapses() -> impl Strategy<Value = Synapses> {
    let dense = (0..6usize, 1..30usize).prop_flat_map(|(sources, targets)| {
        prop::collection::vec(value(), sources * targets)
            .prop_map(move |values| Synapses::Dense { targets, values })
    });
    let rows = prop::collection::vec(prop::collection::vec((0..i32::MAX as u32, value()), 0..30), 0..6);
    let sparse = rows.prop_map(|rows| {
        let (mut offsets, mut targets, mut values) = (vec![0], Vec::new(), Vec::new());
        for row in rows {
            targets.extend(row.iter().map(|(target, _)| *target));
            values.extend(row.iter().map(|(_, value)| *value));
            offsets.push(targets.len() as u32);
        }
        Synapses::Sparse { offsets, targets, values }
    });
    let lists = (
        prop::collection::vec((any::<u32>(), any::<u32>()), 0..9),
        prop::collection::vec(any::<u32>(), 0..9),
        prop::collection::vec(any::<u32>(), 0..90),
        prop::collection::vec(value(), 0..90),
    );
    let shared = lists.prop_map(|(sources, offsets, steps, values)| {
        let (patterns, bases) = sources.into_iter().unzip();
        Synapses::Shared { patterns, bases, offsets, steps, values }
    });
    prop_oneof![dense, sparse, shared]
}

pub(crate) fn program(chip: &Chip) -> impl Strategy<Value = Program> + use<> {
    let (chip_digest, programs) = (chip.digest.clone(), chip.programs.clone());
    let (core_type, neuron) = programs.into_iter().next().expect("a core type");
    names(1..5).prop_flat_map(move |names| {
        let (core_type, chip_digest, count) = (core_type.clone(), chip_digest.clone(), names.len());
        let fields = |count| prop::collection::vec(integers(), count);
        let readout = prop::option::of(name());
        let neurons = (fields(neuron.parameters.len()), fields(neuron.states.len()), real(), readout)
            .prop_map(move |(parameters, initial, scale, readout)| PopulationKind::Neurons {
                core_type: core_type.clone(),
                parameters,
                initial,
                scale,
                readout,
            });
        let kind = prop_oneof![1 => Just(PopulationKind::Input), 2 => neurons];
        let population = (shape(), kind, prop_oneof![0..4u32, any::<u32>()], name());
        let connection =
            (any::<Index>(), any::<Index>(), prop::collection::vec(name(), 0..3), any::<u8>(), synapses());
        let parts = (
            Just(names),
            prop::collection::vec(population, count),
            prop_oneof![Just(Vec::new()), prop::collection::vec(integers(), count)],
            prop::collection::vec(connection, 0..4),
            outputs(count),
            options(),
            (name(), digest(), name()),
        );
        parts.prop_map(
            move |(
                names,
                populations,
                fired,
                connections,
                outputs,
                options,
                (source_name, source_digest, chip_name),
            )| {
                let id = |index: Index| PopulationId(index.index(count) as u32);
                let origin = Origin {
                    chip_name,
                    chip_digest: chip_digest.clone(),
                    source_name,
                    source_digest,
                    options,
                };
                let populations = names.into_iter().zip(populations);
                let population =
                    |(name, (shape, kind, lag, location))| Population { name, shape, kind, lag, location };
                let connection = |(s, t, path, delay, synapses): (Index, Index, _, u8, _)| Connection {
                    source: id(s),
                    target: id(t),
                    path,
                    delay: delay.into(),
                    synapses,
                };
                Program {
                    origin,
                    populations: populations.map(population).collect(),
                    fired,
                    connections: connections.into_iter().map(connection).collect(),
                    outputs,
                }
            },
        )
    })
}

fn number() -> impl Strategy<Value = u32> {
    prop_oneof![6 => 0..6u32, 1 => Just(u32::MAX)]
}

/// `%population[index]` of a few, so that runs come about.
fn neuron() -> impl Strategy<Value = (Index, u32)> {
    (any::<Index>(), number())
}

type Far = (u8, Index, u32, u32);

fn destination() -> impl Strategy<Value = Far> {
    (0..4u8, any::<Index>(), number(), 0..3u32)
}

/// Slots in runs: (role, neuron, whether it moves, destinations, length).
type SlotRun = (u8, (Index, u32), bool, Vec<Far>, usize);

fn slot_run() -> impl Strategy<Value = SlotRun> {
    (
        0..3u8,
        neuron(),
        any::<bool>(),
        prop::collection::vec(destination(), 0..3),
        prop_oneof![4 => 1..4usize, 1 => 4..40usize],
    )
}

type AxonRun = ((Index, u32), bool, u32, u32, Vec<(u32, i32, u32, u32)>, usize);

fn axon_run() -> impl Strategy<Value = AxonRun> {
    let synapse = (0..90u32, value(), 0..3u32, 0..2u32);
    (neuron(), any::<bool>(), 0..3u32, 0..3u32, prop::collection::vec(synapse, 0..20), 1..5usize)
}

/// Slots, in-axons, (types, whether synapses follow from them, a value), formats.
type CoreParts = (Vec<SlotRun>, Vec<AxonRun>, (usize, bool, i64), Vec<(i32, u32)>);

/// How many types the slots have values for (0: a store of lists), and whether the synapses follow from them.
fn core() -> impl Strategy<Value = CoreParts> {
    (
        prop::collection::vec(slot_run(), 1..6),
        prop::collection::vec(axon_run(), 0..8),
        (0..4usize, prop::bool::weighted(0.8), -2..3i64),
        prop::collection::vec((-7..8, 0..7u32), 0..3),
    )
}

pub(crate) fn cores(chip: &Chip) -> impl Strategy<Value = Cores> + use<> {
    (program(chip), names(1..4), prop::collection::vec((core(), name()), 3)).prop_map(
        |(program, names, cores)| {
            let (populations, count) = (program.populations.len(), names.len());
            let id = |(population, index): (Index, u32), i: usize| NeuronId {
                population: PopulationId(population.index(populations) as u32),
                index: index.saturating_add(i as u32),
            };
            let cores = names.into_iter().zip(cores).map(
                |(name, ((slots, axons, (types, follows, seed), formats), core_type))| {
                    let slots: Vec<Slot> = slots
                        .into_iter()
                        .flat_map(|(role, neuron, moves, far, len)| {
                            (0..len).map(move |i| {
                                let i = if moves { i } else { 0 };
                                let destination = |(kind, core, number, delay): &Far| {
                                    let axon = number.saturating_add(i as u32);
                                    match kind {
                                        0 => Destination::Axon {
                                            core: core.index(count) as u32,
                                            axon,
                                            delay: *delay,
                                        },
                                        1 => Destination::Channel(axon),
                                        kind => Destination::Nowhere { axon, of_output: *kind == 2 },
                                    }
                                };
                                let role = match role {
                                    0 => Role::Primary(id(neuron, i)),
                                    1 => Role::Copy(id(neuron, i)),
                                    _ => Role::Idle,
                                };
                                Slot { role, destinations: far.iter().map(destination).collect() }
                            })
                        })
                        .collect();
                    let type_values: Vec<Vec<i64>> = (0..types)
                        .map(|t| (0..slots.len()).map(|s| seed * (t as i64 + 1) + (s / 9) as i64).collect())
                        .collect();
                    let axons = axons
                        .into_iter()
                        .flat_map(|(source, moves, row_type, delay, synapses, len)| {
                            let row_type = if types == 0 { row_type } else { row_type % types as u32 };
                            let mut synapses: Vec<Synapse> = synapses
                                .into_iter()
                                .map(|(slot, value, delay, format)| Synapse { slot, value, delay, format })
                                .collect();
                            if types > 0 && follows {
                                let values = &type_values[row_type as usize];
                                synapses.retain(|s| (s.slot as usize) < values.len());
                                synapses.sort_by_key(|s| s.slot);
                                synapses.dedup_by_key(|s| s.slot);
                                synapses.iter_mut().for_each(|s| {
                                    (s.value, s.delay, s.format) = (values[s.slot as usize] as i32, 0, 0)
                                });
                            }
                            (0..len).map(move |i| {
                                let source = id(source, if moves { i } else { 0 });
                                InAxon { source, row_type, delay, synapses: synapses.clone() }
                            })
                        })
                        .collect();
                    let formats = formats
                        .into_iter()
                        .map(|(exponent, delay_bits)| SynapseFormat { exponent, delay_bits })
                        .collect();
                    Core { name, core_type, slots, axons, type_values, formats }
                },
            );
            Cores { cores: cores.collect(), program }
        },
    )
}

pub(crate) fn placed(chip: &Chip) -> impl Strategy<Value = Placed> + use<> {
    let channels = prop::collection::vec(list(number()), 3);
    (cores(chip), prop::collection::vec(number(), 3), channels, any::<bool>()).prop_map(
        |(cores, mut sites, mut channels, has_channels)| {
            sites.truncate(cores.cores.len());
            channels.truncate(if has_channels { cores.program.outputs.len() } else { 0 });
            Placed { cores, sites, channels }
        },
    )
}
