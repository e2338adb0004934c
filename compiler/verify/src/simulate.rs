//! The source simulator: a network in steps, in f64, by the equations at the head of
//! `spikeloom_ir::discrete`.
//!
//! It shows what the framework would do; a program in integers is measured against it, never proven. For each
//! target contributions are added connection by connection, then by source, ascending. A contribution is
//! gain * weight, times the count where a source spiked several times, or times the membrane where it hands that on.

mod check;
mod links;
mod neurons;

use spikeloom_diagnostics::Result;
use spikeloom_ir::discrete::StepNetwork;
use spikeloom_ir::network::PopulationId;

use crate::history::History;
use links::Link;
use neurons::Neurons;

/// Runs a network in steps.
pub struct Simulator<'a> {
    network: &'a StepNetwork,
    /// Populations, each after those that reach it in their own step.
    order: Vec<usize>,
    /// By population: the connections into it, in the network's order.
    incoming: Vec<Vec<usize>>,
    /// By connection.
    links: Vec<Link<'a>>,
    /// By population; `None` for inputs.
    neurons: Vec<Option<Neurons<'a>>>,
    /// By population: counts of spikes, or membranes.
    histories: Vec<History<f64>>,
    /// Spikes of the last step, by population and element.
    spikes: Vec<Vec<u32>>,
}

impl<'a> Simulator<'a> {
    /// Makes the network ready to run, in its initial state.
    ///
    /// # Errors
    ///
    /// `SL0906`: connections without delay form a cycle. `SL0907`: the network does not fit itself.
    pub fn new(network: &'a StepNetwork) -> Result<Simulator<'a>> {
        check::check(network)?;
        let order = check::order(network)?;
        let populations = &network.network.populations;
        let mut incoming = vec![Vec::new(); populations.len()];
        let mut longest = vec![0; populations.len()];
        for (index, connection) in network.network.connections.iter().enumerate() {
            incoming[connection.target.index()].push(index);
            let longest = &mut longest[connection.source.index()];
            *longest = network.delays[index].least.max(*longest);
        }
        let neurons = populations.iter().zip(&network.dynamics);
        let mut simulator = Simulator {
            network,
            order,
            incoming,
            links: (0..network.network.connections.len()).map(|index| Link::new(network, index)).collect(),
            neurons: neurons.map(|(p, dynamics)| Some(Neurons::new(dynamics.as_ref()?, p.len()))).collect(),
            histories: longest.into_iter().map(History::new).collect(),
            spikes: populations.iter().map(|p| vec![0; p.len()]).collect(),
        };
        simulator.reset();
        Ok(simulator)
    }

    /// Back to the initial state, with nothing on its way.
    pub fn reset(&mut self) {
        self.neurons.iter_mut().flatten().for_each(Neurons::reset);
        self.histories.iter_mut().for_each(History::clear);
        self.links.iter_mut().for_each(Link::reset);
        self.spikes.iter_mut().for_each(|spikes| spikes.fill(0));
    }

    /// One step, with the counts of each input population's elements; inputs not named are silent.
    pub fn step(&mut self, inputs: &[(PopulationId, &[u32])]) {
        self.histories.iter_mut().for_each(History::begin);
        self.take_inputs(inputs);
        for &population in &self.order {
            let Some(neurons) = &mut self.neurons[population] else { continue };
            neurons.events.fill(0.0);
            for &index in &self.incoming[population] {
                let source = self.network.network.connections[index].source;
                let handed = self.histories[source.index()].at(self.network.delays[index].least);
                self.links[index].add(handed, &mut neurons.events);
            }
            neurons.step(&mut self.spikes[population], &mut self.histories[population]);
        }
    }

    fn take_inputs(&mut self, inputs: &[(PopulationId, &[u32])]) {
        for (neurons, spikes) in self.neurons.iter().zip(&mut self.spikes) {
            if neurons.is_none() {
                spikes.fill(0);
            }
        }
        for (population, counts) in inputs {
            let index = population.index();
            debug_assert!(self.neurons[index].is_none(), "population {index} is no input");
            debug_assert_eq!(counts.len(), self.spikes[index].len(), "counts of population {index}");
            for (element, (&count, spikes)) in counts.iter().zip(&mut self.spikes[index]).enumerate() {
                if count > 0 {
                    *spikes = count;
                    self.histories[index].record(element, f64::from(count));
                }
            }
        }
    }

    /// Spikes of the last step by element, of inputs as well; none of a population that hands on its membrane.
    pub fn spikes(&self, population: PopulationId) -> &[u32] {
        &self.spikes[population.index()]
    }

    /// The membranes after the last step, by neuron; none for an input. It is what a population that does not
    /// spike hands on.
    pub fn membrane(&self, population: PopulationId) -> &[f64] {
        self.neurons[population.index()].as_ref().map_or(&[], |neurons| &neurons.membrane)
    }

    /// The synaptic currents after the last step, by neuron; none for an input.
    pub fn current(&self, population: PopulationId) -> &[f64] {
        self.neurons[population.index()].as_ref().map_or(&[], |neurons| &neurons.current)
    }
}
