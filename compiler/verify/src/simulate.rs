//! The source simulator: a network in steps, in f64, by the equations at the head of
//! `spikeloom_ir::discrete`.
//!
//! It shows what the framework would do; a program in integers is measured against it, never proven. For each
//! target contributions are added connection by connection, then by source, ascending. A contribution is
//! gain * weight, times the count where a source spiked several times.

mod check;
mod links;

use spikeloom_diagnostics::Result;
use spikeloom_ir::discrete::{Compare, Dynamics, Reset, ResetAt, StepNetwork};
use spikeloom_ir::network::PopulationId;

use crate::history::{History, shown};
use links::Link;

/// Runs a network in steps.
pub struct Simulator<'a> {
    network: &'a StepNetwork,
    /// Populations, each after those whose spikes it sees in their own step.
    order: Vec<usize>,
    /// By population: the connections into it, in the network's order.
    incoming: Vec<Vec<usize>>,
    /// By connection.
    links: Vec<Link>,
    /// By population; `None` for inputs.
    neurons: Vec<Option<Neurons<'a>>>,
    /// By population.
    histories: Vec<History>,
    /// Spikes of the last step, by population and element.
    spikes: Vec<Vec<u8>>,
}

/// The neurons of a population.
struct Neurons<'a> {
    dynamics: &'a Dynamics,
    membrane: Vec<f64>,
    current: Vec<f64>,
    /// Steps for which a neuron is still held.
    held: Vec<u32>,
    /// Whether the reset of a spike is still to come.
    pending: Vec<bool>,
    /// Sum of the events of the step.
    events: Vec<f64>,
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
            *longest = network.delays[index].max(*longest);
        }
        let neurons = populations.iter().zip(&network.dynamics);
        let mut simulator = Simulator {
            network,
            order,
            incoming,
            links: Link::all(network),
            neurons: neurons.map(|(p, dynamics)| Some(Neurons::new(dynamics.as_ref()?, p.len()))).collect(),
            histories: longest.into_iter().map(History::new).collect(),
            spikes: populations.iter().map(|p| vec![0; p.len()]).collect(),
        };
        simulator.reset();
        Ok(simulator)
    }

    /// Back to the initial state, with no spike on its way.
    pub fn reset(&mut self) {
        self.neurons.iter_mut().flatten().for_each(Neurons::reset);
        self.histories.iter_mut().for_each(History::clear);
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
                let due = self.histories[source.index()].at(self.network.delays[index]);
                if !due.is_empty() {
                    self.links[index].add(due, &mut neurons.events);
                }
            }
            for (i, spikes) in self.spikes[population].iter_mut().enumerate() {
                let has_spiked = neurons.step(i);
                *spikes = u8::from(has_spiked);
                if has_spiked {
                    self.histories[population].record(i, 1);
                }
            }
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
                    *spikes = shown(count);
                    self.histories[index].record(element, count);
                }
            }
        }
    }

    /// Spikes of the last step by element, of inputs as well; 255 stands for that many or more.
    pub fn spikes(&self, population: PopulationId) -> &[u8] {
        &self.spikes[population.index()]
    }

    /// The membranes after the last step, by neuron; none for an input.
    pub fn membrane(&self, population: PopulationId) -> &[f64] {
        self.neurons[population.index()].as_ref().map_or(&[], |neurons| &neurons.membrane)
    }

    /// The synaptic currents after the last step, by neuron; none for an input.
    pub fn current(&self, population: PopulationId) -> &[f64] {
        self.neurons[population.index()].as_ref().map_or(&[], |neurons| &neurons.current)
    }
}

impl<'a> Neurons<'a> {
    fn new(dynamics: &'a Dynamics, count: usize) -> Neurons<'a> {
        Neurons {
            dynamics,
            membrane: vec![0.0; count],
            current: vec![0.0; count],
            held: vec![0; count],
            pending: vec![false; count],
            events: vec![0.0; count],
        }
    }

    fn reset(&mut self) {
        self.membrane.iter_mut().enumerate().for_each(|(i, v)| *v = self.dynamics.start.get(i));
        self.current.fill(0.0);
        self.held.fill(0);
        self.pending.fill(false);
    }

    /// One step of one neuron; whether it spikes.
    fn step(&mut self, i: usize) -> bool {
        let dynamics = self.dynamics;
        let current = dynamics.alpha.get(i) * self.current[i] + self.events[i] + dynamics.current_bias.get(i);
        let mut v = dynamics.beta.get(i) * self.membrane[i] + current + dynamics.drive.get(i);
        if std::mem::take(&mut self.pending[i]) {
            v = self.after_reset(i, v);
        }
        let has_spiked = if self.held[i] > 0 {
            self.held[i] -= 1;
            v = if dynamics.reset == Reset::Subtract { 0.0 } else { dynamics.v_reset.get(i) };
            false
        } else {
            let theta = dynamics.theta.get(i);
            match dynamics.compare {
                Compare::Ge => v >= theta,
                Compare::Gt => v > theta,
            }
        };
        if has_spiked {
            self.held[i] = dynamics.refractory;
            match dynamics.reset_at {
                ResetAt::Same => v = self.after_reset(i, v),
                ResetAt::Next => self.pending[i] = true,
            }
        }
        self.current[i] = current;
        self.membrane[i] = v;
        has_spiked
    }

    fn after_reset(&self, i: usize, v: f64) -> f64 {
        match self.dynamics.reset {
            Reset::Zero => self.dynamics.v_reset.get(i),
            Reset::Subtract => v - self.dynamics.theta.get(i),
            Reset::None => v,
        }
    }
}
