//! T1, the structural check: that what an image does is what a program says, for all inputs.
//!
//! Nothing is run. Every packet that a slot or the host can send is followed to the in-axon where it ends; from
//! there each slot's events are rebuilt as a multiset of (source, total delay, value) and held against the
//! program's synapses, and so are its parameters and its start. The image says which neuron each slot is meant to
//! be (its *witness*): that is a claim, checked and never believed. If every slot has the parameters, the start
//! and the events of the neuron that it claims to be, then by induction over the steps it spikes when that neuron
//! does, and a copy is as good a source as its primary.
//!
//! What holds after [`check`] without a fault:
//!
//! 1. image and program are for one chip, the limits of its file are kept;
//! 2. each neuron has one primary; primaries and copies have its parameters, its start and exactly its synapses,
//!    by source, delay and value (pieces of a value may be summed where events are only added up modulo 2^n);
//! 3. slots that stand for nothing hear nothing, stay as they are and never fire;
//! 4. no packet gets lost, and none can meet another where two act as one;
//! 5. inputs and outputs are the program's, and the host finds each neuron's spikes, with its lag, and no others.
//!
//! The certificates say for how many steps it follows that the spikes are equal: *order-free*, since the program
//! has no order of events within a step, and *no-trap*, since a trap has no defined result. Both speak of inputs
//! that spike at most once a step and element.

mod certificates;
mod claims;
mod differences;
mod events;
mod faults;
mod limits;
mod misled;
mod outputs;
mod slots;
mod tell;
mod ways;
mod world;

use claims::Claims;
use events::Table;
use faults::Faults;
use spikeloom_diagnostics::{Diagnostic, Severity};
use spikeloom_image::Image;
use spikeloom_ir::program::Program;
use ways::Ways;
use world::World;

/// What the structural check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Faults, and warnings where a certificate is missing; of each kind the first ones and a count of the rest.
    pub faults: Vec<Diagnostic>,
    /// Events of the image that were compared with synapses of the program, those of copies included.
    pub synapses: u64,
    /// Slots that stand for a neuron.
    pub slots: u64,
    /// Whether the order of events within a step does not matter, for as many steps as were asked for.
    pub order_free: bool,
    /// Steps for which it does not; `None` for ever.
    pub order_free_steps: Option<u64>,
    /// Whether no state overflows where that is a fault, for as many steps as were asked for.
    pub no_trap: bool,
    /// Steps for which none does; `None` for ever.
    pub no_trap_steps: Option<u64>,
}

impl Checked {
    /// Whether the image does what the program says. What the certificates say is apart.
    pub fn holds(&self) -> bool {
        self.faults.iter().all(|fault| fault.severity != Severity::Error)
    }
}

/// Checks that the image does what the program says, for all inputs; certificates for a run of so many steps,
/// those for late populations included.
pub fn check(image: &Image, program: &Program, steps: u64) -> Checked {
    let mut faults = Faults::default();
    let mut checked = Checked {
        faults: Vec::new(),
        synapses: 0,
        slots: 0,
        order_free: false,
        order_free_steps: Some(0),
        no_trap: false,
        no_trap_steps: Some(0),
    };
    if let Some(world) = World::new(image, program, &mut faults) {
        check_world(&world, steps, &mut checked, &mut faults);
    }
    checked.faults = faults.finish();
    checked
}

fn check_world(world: &World<'_>, steps: u64, checked: &mut Checked, faults: &mut Faults) {
    let claims = Claims::read(world, faults);
    checked.slots = claims.len() as u64;
    slots::check(world, &claims, faults);
    let ways = Ways::follow(world, &claims, faults);
    limits::check(world, &claims, &ways, faults);
    let wanted = Table::of_program(world);
    let found = events::compare(world, &claims, &ways, &wanted);
    checked.synapses = found.events;
    let explained = misled::explain(world, &claims, &ways, &found.mismatches, faults);
    tell::tell(world, &claims, &ways, &found, &explained, faults);
    outputs::check(world, &claims, &ways, faults);
    let (order_free, no_trap) = certificates::certify(world, steps, faults);
    (checked.order_free, checked.order_free_steps) = (order_free.holds, order_free.steps);
    (checked.no_trap, checked.no_trap_steps) = (no_trap.holds, no_trap.steps);
}
