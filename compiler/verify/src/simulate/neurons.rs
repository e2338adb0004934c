//! The neurons of a population, step by step.

use crate::history::History;
use spikeloom_ir::discrete::{Compare, Dynamics, Emit, Hands, Reset, ResetAt, Spikes};

/// The neurons of a population.
pub(super) struct Neurons<'a> {
    dynamics: &'a Dynamics,
    pub(super) membrane: Vec<f64>,
    pub(super) current: Vec<f64>,
    /// Steps for which a neuron is still held.
    held: Vec<u32>,
    /// Spikes whose reset is still to come.
    pending: Vec<u32>,
    /// Spikes that are still to be seen.
    unseen: Vec<u32>,
    /// Sum of the events of the step.
    pub(super) events: Vec<f64>,
}

impl<'a> Neurons<'a> {
    pub(super) fn new(dynamics: &'a Dynamics, count: usize) -> Neurons<'a> {
        Neurons {
            dynamics,
            membrane: vec![0.0; count],
            current: vec![0.0; count],
            held: vec![0; count],
            pending: vec![0; count],
            unseen: vec![0; count],
            events: vec![0.0; count],
        }
    }

    pub(super) fn reset(&mut self) {
        self.membrane.iter_mut().enumerate().for_each(|(i, v)| *v = self.dynamics.start.get(i));
        self.current.fill(0.0);
        self.held.fill(0);
        self.pending.fill(0);
        self.unseen.fill(0);
    }

    /// One step of all of them; what they hand on goes into the history, what is seen of it into `spikes`.
    pub(super) fn step(&mut self, spikes: &mut [u32], history: &mut History<f64>) {
        for (i, seen) in spikes.iter_mut().enumerate() {
            let v = self.integrate(i);
            if self.dynamics.hands == Hands::Membrane {
                self.membrane[i] = v;
                if v != 0.0 {
                    history.record(i, v);
                }
                continue;
            }
            let found = self.fire(i, v);
            *seen = match self.dynamics.emit {
                Emit::Same => found,
                Emit::Next => std::mem::replace(&mut self.unseen[i], found),
            };
            if *seen > 0 {
                history.record(i, f64::from(*seen));
            }
        }
    }

    /// The membrane with what has come in.
    fn integrate(&mut self, i: usize) -> f64 {
        let dynamics = self.dynamics;
        let current = dynamics.alpha.get(i) * self.current[i] + self.events[i] + dynamics.current_bias.get(i);
        self.current[i] = current;
        dynamics.beta.get(i) * self.membrane[i] + current + dynamics.drive.get(i)
    }

    /// Takes the membrane over; how often it spikes.
    fn fire(&mut self, i: usize, mut v: f64) -> u32 {
        let dynamics = self.dynamics;
        let late = std::mem::take(&mut self.pending[i]);
        if late > 0 {
            v = self.after_reset(i, v, late);
        }
        let spikes = if self.held[i] > 0 {
            self.held[i] -= 1;
            v = if dynamics.reset == Reset::Subtract { 0.0 } else { dynamics.v_reset.get(i) };
            0
        } else {
            self.spikes(i, v)
        };
        if spikes > 0 {
            self.held[i] = dynamics.refractory;
            match dynamics.reset_at {
                ResetAt::Same => v = self.after_reset(i, v, spikes),
                ResetAt::Next => self.pending[i] = spikes,
            }
        }
        self.membrane[i] = v;
        spikes
    }

    fn spikes(&self, i: usize, v: f64) -> u32 {
        let theta = self.dynamics.theta.get(i);
        let has_reached = match self.dynamics.compare {
            Compare::Ge => v >= theta,
            Compare::Gt => v > theta,
        };
        match self.dynamics.spikes {
            _ if !has_reached => 0,
            // A threshold of 0 or below goes into nothing.
            Spikes::Many if theta > 0.0 => ((v / theta).floor() as u32).max(1),
            Spikes::Many | Spikes::One => 1,
        }
    }

    fn after_reset(&self, i: usize, v: f64, spikes: u32) -> f64 {
        match self.dynamics.reset {
            Reset::Zero => self.dynamics.v_reset.get(i),
            Reset::Subtract => v - f64::from(spikes) * self.dynamics.theta.get(i),
            Reset::None => v,
        }
    }
}
