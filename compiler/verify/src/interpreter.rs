//! The interpreter of the Program level: what any correct execution does, step by step.
//!
//! In step t each neuron takes in the events due at t, one by one, by connection and then by source, or in another
//! [`Order`]; then it runs its tick. A spike at t over a connection of delay d is due at t + d. Nothing is summed beforehand and
//! nothing is skipped but neurons without events, so that the result can be believed for programs whose order
//! of events matters as well.
//!
//! Time is chip time: an input spike is given in the step in which it enters, and populations run late by their
//! lags because their events do. Shifting trains by lags is up to the caller.

mod check;
mod coverage;
mod order;

pub use coverage::Coverage;
pub use order::{Order, Rank};

use order::Turns;
use spikeloom_chip::Chip;
use spikeloom_chip::neuron::facts;
use spikeloom_diagnostics::Result;
use spikeloom_ir::network::PopulationId;
use spikeloom_ir::program::{Connection, Integers, Population, PopulationKind, Program};

use crate::history::{History, shown};
use crate::tree_walk::{Evaluator, Seen};

/// Runs a program.
pub struct Interpreter<'a> {
    program: &'a Program,
    /// By population; `None` for inputs.
    neurons: Vec<Option<Neurons<'a>>>,
    /// By population.
    histories: Vec<History>,
    /// Spikes of the last step, by population and element.
    spikes: Vec<Vec<u8>>,
    /// Whether a neuron has spiked, by population.
    fired: Vec<Vec<bool>>,
    /// Whether a source's spike was delivered, by connection.
    delivered: Vec<Vec<bool>>,
    /// Populations that an output shows.
    is_output: Vec<bool>,
    coverage: Coverage,
    /// Seed of all random draws.
    seed: u64,
    /// Steps since the last reset.
    now: u64,
    /// Events of neurons to which their order matters, under an order that is not that of the lists.
    turns: Option<Turns>,
}

/// The neurons of a population.
struct Neurons<'a> {
    core_type: &'a str,
    evaluator: Evaluator<'a>,
    /// Number of the first neuron among all of the program: its stream of random draws.
    first: usize,
    /// Whether the order of events does not matter to them.
    order_free: bool,
    /// `[neuron][parameter]`.
    parameters: Vec<i64>,
    initial: &'a [Integers],
    /// `[state][neuron]`.
    states: Vec<Vec<i64>>,
    /// States of the neuron that runs.
    scratch: Vec<i64>,
    /// Spikes so far in this step, by neuron.
    emitted: Vec<u32>,
}

impl<'a> Interpreter<'a> {
    /// Makes the program ready to run, in its initial state.
    ///
    /// # Errors
    ///
    /// `SL0901` to `SL0905`: the program does not fit the chip or itself; `SL0909`: its neurons draw, and its seed is
    /// no number.
    pub fn new(program: &'a Program, chip: &'a Chip) -> Result<Interpreter<'a>> {
        check::check(program, chip)?;
        let seed = check::seed(program, chip)?;
        let populations = &program.populations;
        let mut longest = vec![0; populations.len()];
        let mut is_output = vec![false; populations.len()];
        for connection in &program.connections {
            let longest = &mut longest[connection.source.index()];
            *longest = connection.delay.max(*longest);
        }
        for output in &program.outputs {
            is_output[output.population.index()] = true;
        }
        let mut first = 0;
        let neurons: Vec<_> = populations
            .iter()
            .map(|population| {
                let neurons = Neurons::new(population, chip, first);
                first += if neurons.is_some() { population.len() } else { 0 };
                neurons
            })
            .collect();
        let seen =
            neurons.iter().flatten().map(|n| (n.core_type.to_string(), Seen::new(n.evaluator.program())));
        let delivered = |c: &Connection| vec![false; populations[c.source.index()].len()];
        let mut interpreter = Interpreter {
            program,
            coverage: Coverage::new(program, seen.collect()),
            neurons,
            histories: longest.into_iter().map(History::new).collect(),
            spikes: populations.iter().map(|p| vec![0; p.len()]).collect(),
            fired: populations.iter().map(|p| vec![false; p.len()]).collect(),
            delivered: program.connections.iter().map(delivered).collect(),
            is_output,
            seed,
            now: 0,
            turns: None,
        };
        interpreter.reset();
        Ok(interpreter)
    }

    /// From the next step on neurons take in their events in this order, which is [`Order::Listed`] at first.
    ///
    /// # Errors
    ///
    /// `SL0908`: ranks that are not as many as the synapses.
    pub fn set_order(&mut self, order: Order) -> Result<()> {
        self.turns = Turns::new(order, self.program)?;
        Ok(())
    }

    /// Back to the initial state, with no event on its way. What was covered stays counted.
    pub fn reset(&mut self) {
        self.neurons.iter_mut().flatten().for_each(Neurons::reset);
        self.histories.iter_mut().for_each(History::clear);
        self.spikes.iter_mut().for_each(|spikes| spikes.fill(0));
        self.turns.iter_mut().for_each(Turns::clear);
        self.now = 0;
    }

    /// One step, with the counts of each input population's elements; inputs not named are silent.
    pub fn step(&mut self, inputs: &[(PopulationId, &[u32])]) {
        self.histories.iter_mut().for_each(History::begin);
        self.take_inputs(inputs);
        for index in 0..self.program.connections.len() {
            self.deliver(index);
        }
        self.take_turns();
        for population in 0..self.neurons.len() {
            self.tick(population);
        }
        self.now += 1;
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

    /// Runs the events that are due over a connection, or lets them wait until those of all connections are known.
    fn deliver(&mut self, index: usize) {
        let Connection { source, target, delay, synapses, .. } = &self.program.connections[index];
        let (Some(neurons), coverage) = (&mut self.neurons[target.index()], &mut self.coverage) else {
            return;
        };
        let Some(seen) = coverage.seen.get_mut(neurons.core_type) else { return };
        let mut turns = self.turns.as_mut().filter(|_| !neurons.order_free);
        let population = target.index();
        for &(source, count) in self.histories[source.index()].at(*delay) {
            let source = source as usize;
            let first = turns.as_ref().map_or(0, |turns| turns.first(index, source));
            let mut heard = 0;
            synapses.for_each_of(source, |target, w| {
                // A value of 0 is no synapse, in either form.
                if w != 0 {
                    let w = i64::from(w);
                    match &mut turns {
                        Some(turns) => turns.wait((index, first + heard), (population, target), w, count),
                        None => neurons.take_in(target, w, count, seen),
                    }
                    heard += 1;
                }
            });
            coverage.events += heard as u64 * u64::from(count);
            if !std::mem::replace(&mut self.delivered[index][source], true) {
                coverage.synapses_used += heard;
            }
        }
    }

    /// Runs the events that have waited.
    fn take_turns(&mut self) {
        let Some(turns) = &mut self.turns else { return };
        let (neurons, coverage) = (&mut self.neurons, &mut self.coverage);
        turns.each(|population, neuron, w| {
            if let Some(neurons) = &mut neurons[population]
                && let Some(seen) = coverage.seen.get_mut(neurons.core_type)
            {
                neurons.take_in(neuron, w, 1, seen);
            }
        });
    }

    fn tick(&mut self, population: usize) {
        let Some(neurons) = &mut self.neurons[population] else { return };
        let Some(seen) = self.coverage.seen.get_mut(neurons.core_type) else { return };
        let is_readout = self.program.readout(PopulationId(population as u32)).is_some();
        for (neuron, spikes) in self.spikes[population].iter_mut().enumerate() {
            let stream = (neurons.first + neuron) as u32;
            neurons.evaluator.set_draws(self.seed, stream, self.now);
            let count = neurons.tick(neuron, seen);
            *spikes = shown(count);
            if is_readout && neurons.has_moved(neuron) && !self.fired[population][neuron] {
                self.fired[population][neuron] = true;
                self.coverage.readouts_moved += 1;
            }
            if count > 0 {
                self.histories[population].record(neuron, count);
                if !std::mem::replace(&mut self.fired[population][neuron], true) {
                    self.coverage.neurons_fired += 1;
                }
                if self.is_output[population] {
                    self.coverage.output_spikes += u64::from(count);
                }
            }
        }
    }

    /// Spikes of the last step by element, of inputs as well; 255 stands for that many or more.
    pub fn spikes(&self, population: PopulationId) -> &[u8] {
        &self.spikes[population.index()]
    }

    /// The values of a state variable, by neuron; none for an input.
    pub fn state(&self, population: PopulationId, variable: usize) -> &[i64] {
        let neurons = self.neurons[population.index()].as_ref();
        neurons.and_then(|neurons| neurons.states.get(variable)).map_or(&[], Vec::as_slice)
    }

    /// What all steps since [`Interpreter::new`] have covered.
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }
}

impl<'a> Neurons<'a> {
    /// For a checked population.
    fn new(population: &'a Population, chip: &'a Chip, first: usize) -> Option<Neurons<'a>> {
        let PopulationKind::Neurons { core_type, parameters, initial, .. } = &population.kind else {
            return None;
        };
        let evaluator = Evaluator::new(chip.programs.get(core_type)?);
        let of_neuron = |i| parameters.iter().map(move |values: &Integers| values.get(i));
        Some(Neurons {
            core_type,
            first,
            order_free: facts::accumulator(evaluator.program()).is_some(),
            evaluator,
            parameters: (0..population.len()).flat_map(of_neuron).collect(),
            initial,
            states: vec![vec![0; population.len()]; initial.len()],
            scratch: vec![0; initial.len()],
            emitted: vec![0; population.len()],
        })
    }

    fn reset(&mut self) {
        for (state, initial) in self.states.iter_mut().zip(self.initial) {
            state.iter_mut().enumerate().for_each(|(i, value)| *value = initial.get(i));
        }
    }

    /// Whether a state of the neuron is not what it was at first.
    fn has_moved(&self, neuron: usize) -> bool {
        self.states.iter().zip(self.initial).any(|(state, initial)| state[neuron] != initial.get(neuron))
    }

    fn take_in(&mut self, neuron: usize, w: i64, count: u32, seen: &mut Seen) {
        self.run(neuron, |evaluator, states, parameters| {
            (0..count).map(|_| evaluator.run_event(states, parameters, w, seen)).sum()
        });
    }

    /// Ends the neuron's step: all its spikes in it.
    fn tick(&mut self, neuron: usize, seen: &mut Seen) -> u32 {
        self.run(neuron, |evaluator, states, parameters| evaluator.run_tick(states, parameters, seen));
        std::mem::take(&mut self.emitted[neuron])
    }

    fn run(&mut self, neuron: usize, f: impl FnOnce(&mut Evaluator<'a>, &mut [i64], &[i64]) -> u32) {
        let width = self.evaluator.program().parameters.len();
        let parameters = &self.parameters[neuron * width..(neuron + 1) * width];
        for (value, state) in self.scratch.iter_mut().zip(&self.states) {
            *value = state[neuron];
        }
        let spikes = f(&mut self.evaluator, &mut self.scratch, parameters);
        self.emitted[neuron] = self.emitted[neuron].saturating_add(spikes);
        for (value, state) in self.scratch.iter().zip(&mut self.states) {
            state[neuron] = *value;
        }
    }
}
