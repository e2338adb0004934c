//! Probes: looking at populations by name, for images that still know the names.

use crate::engine::Engine;
use crate::link::GlobalSlot;
use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};
use spikeloom_image::Image;
use spikeloom_image::host::Host;

/// What to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Name of a population.
    pub name: String,
    /// State variable to record after each step; spikes if there is none.
    pub variable: Option<String>,
}

/// What a probe saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeTrain {
    /// Name of the population.
    pub name: String,
    /// The state variable; spike counts if there is none.
    pub variable: Option<String>,
    /// Shape of the population.
    pub shape: Vec<usize>,
    /// `[samples, steps, ...shape]`, row-major: counts, or states in the chip's units.
    pub values: Vec<i64>,
}

/// A probe with its slots looked up.
pub(crate) struct Found {
    pub(crate) shape: Vec<usize>,
    pub(crate) lag: usize,
    /// Slot of each neuron.
    pub(crate) slots: Vec<GlobalSlot>,
    /// Of each slot: position of its state variable.
    pub(crate) variables: Option<Vec<usize>>,
}

/// Looks the probes up in the image's debug sections; all that is wrong at once.
pub(crate) fn find(image: &Image, engine: &Engine, probes: &[Probe]) -> Result<Vec<Found>> {
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for probe in probes {
        match find_one(image, engine, probe) {
            Ok(probe) => found.push(probe),
            Err(fault) => faults.push(*fault),
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(Diagnostics(faults)) }
}

/// Position of a state variable at each slot, if all have it.
fn positions(engine: &Engine, slots: &[GlobalSlot], variable: &str) -> Option<Vec<usize>> {
    slots.iter().map(|slot| engine.variables(*slot).position(|name| name == variable)).collect()
}

/// Looks up what the host reads; all that is wrong at once.
pub(crate) fn readouts(host: &Host, engine: &Engine) -> Result<Vec<Found>> {
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for readout in &host.readouts {
        let slots: Option<Vec<GlobalSlot>> =
            readout.slots.iter().map(|(core, slot)| engine.slot(*core, *slot)).collect();
        let variables = slots.as_ref().and_then(|slots| positions(engine, slots, &readout.state));
        match (slots, variables) {
            (Some(slots), Some(variables)) => found.push(Found {
                shape: readout.shape.clone(),
                lag: readout.lag as usize,
                slots,
                variables: Some(variables),
            }),
            _ => faults.push(Diagnostic::error(
                "SL1001",
                format!("readout `{}` reads a slot or a state that the image lacks", readout.name),
            )),
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(Diagnostics(faults)) }
}

fn find_one(image: &Image, engine: &Engine, probe: &Probe) -> std::result::Result<Found, Box<Diagnostic>> {
    let Some(debug) = &image.debug else {
        let fault =
            Diagnostic::error("SL1006", format!("`{}` can't be probed: the image is stripped", probe.name));
        return Err(Box::new(fault.hint("probe the image as it was compiled, before `convert --strip`")));
    };
    let Some(population) =
        debug.symbols.iter().position(|symbol| symbol.name == probe.name && !symbol.is_input)
    else {
        let known: Vec<&str> =
            debug.symbols.iter().filter(|s| !s.is_input).map(|s| s.name.as_str()).collect();
        let fault = Diagnostic::error("SL1007", format!("there is no population `{}` to probe", probe.name));
        return Err(Box::new(fault.hint(format!("populations of this image: {}", known.join(", ")))));
    };
    let symbol = &debug.symbols[population];
    let mut slots = vec![None; symbol.shape.iter().product()];
    for (core, slot, role) in &debug.witness {
        if role.is_primary && role.population as usize == population {
            slots[role.index as usize] = engine.slot(*core, *slot);
        }
    }
    let missing = slots.iter().filter(|slot| slot.is_none()).count();
    if missing > 0 {
        let message = format!("{missing} neurons of `{}` have no slot in the image", probe.name);
        return Err(Box::new(Diagnostic::error("SL1008", message).hint("compile the image anew")));
    }
    let slots: Vec<GlobalSlot> = slots.into_iter().flatten().collect();
    let mut variables = None;
    if let Some(name) = &probe.variable {
        let positions = positions(engine, &slots, name);
        if positions.is_none() {
            let known: Vec<&str> = slots.first().map_or(Vec::new(), |slot| engine.variables(*slot).collect());
            let fault =
                Diagnostic::error("SL1009", format!("neurons of `{}` have no variable `{name}`", probe.name));
            return Err(Box::new(fault.hint(format!("their variables: {}", known.join(", ")))));
        }
        variables = positions;
    }
    Ok(Found { shape: symbol.shape.clone(), lag: symbol.lag as usize, slots, variables })
}
