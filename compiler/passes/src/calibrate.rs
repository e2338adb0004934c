//! Calibrate: one population in integers as a program of its own, whose inputs are the spikes of its sources. So what
//! quantising it costs can be measured without mapping or running the rest.

use crate::quantise::{Layer, Quantised};
use spikeloom_chip::Chip;
use spikeloom_chip::schema::Binding;
use spikeloom_ir::discrete::{Hands, StepNetwork};
use spikeloom_ir::network::PopulationId;
use spikeloom_ir::program::{Connection, Integers, Origin, Population, PopulationKind, Program};

/// The program of population `index` alone. Its populations are its sources, as inputs, then itself, which has lag 0:
/// in step t it does what the network's does in its step t. Where it feeds itself, its own spikes are an input too.
pub(crate) fn trial(
    step: &StepNetwork,
    chip: &Chip,
    core_type: &str,
    binding: &Binding,
    layer: &Layer<'_>,
    index: usize,
    quantised: &Quantised,
) -> Program {
    let network = &step.network;
    let mut sources: Vec<PopulationId> = layer.incoming.iter().map(|c| c.source).collect();
    sources.sort_unstable();
    sources.dedup();
    let of_network = |i: usize, kind| {
        let population = &network.populations[i];
        let (name, shape, location) =
            (population.name.clone(), population.shape.clone(), population.location.clone());
        Population { name, shape, kind, lag: 0, location }
    };
    let mut populations: Vec<Population> =
        sources.iter().map(|id| of_network(id.index(), PopulationKind::Input)).collect();
    let membrane = |name: &str| {
        let values = || Integers::compact(quantised.start.clone());
        if name == binding.membrane { values() } else { Integers::Uniform(0) }
    };
    populations.push(of_network(
        index,
        PopulationKind::Neurons {
            core_type: core_type.to_string(),
            parameters: quantised.parameters.clone(),
            initial: chip.programs[core_type].states.iter().map(|s| membrane(&s.name)).collect(),
            scale: quantised.report.scale,
            readout: (layer.dynamics.hands == Hands::Membrane).then(|| binding.membrane.clone()),
        },
    ));
    let target = PopulationId(sources.len() as u32);
    let connections = layer.incoming.iter().zip(&quantised.weights).map(|(connection, values)| Connection {
        source: PopulationId(sources.partition_point(|id| *id < connection.source) as u32),
        target,
        path: connection.path.clone(),
        delay: connection.delay,
        synapses: connection.matrix.in_integers(layer.neurons, values),
    });
    let origin = Origin {
        chip_name: chip.name().to_string(),
        chip_digest: chip.digest.clone(),
        source_name: network.source_name.clone(),
        source_digest: network.source_digest.clone(),
        options: Vec::new(),
    };
    Program {
        origin,
        populations,
        fired: Vec::new(),
        connections: connections.collect(),
        outputs: Vec::new(),
    }
}
