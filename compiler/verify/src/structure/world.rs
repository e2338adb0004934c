//! What the checks share: the cores of the image, the elements of the program, and their names.

use super::faults::Faults;
use crate::compare::neuron_name;
use crate::interpreter::Interpreter;
use spikeloom_chip::Chip;
use spikeloom_chip::neuron::NeuronProgram;
use spikeloom_chip::schema::CoreType;
use spikeloom_diagnostics::{Diagnostic, Diagnostics};
use spikeloom_image::Image;
use spikeloom_image::host::{Debug, Host};
use spikeloom_image::memory::CoreMemory;
use spikeloom_ir::program::{Population, PopulationKind, Program};

/// Slots and elements are numbered in 32 bits together.
const MOST: u64 = u32::MAX as u64 - 1;

/// A core of the image.
pub(super) struct CoreView<'a> {
    pub(super) number: u32,
    pub(super) type_name: &'a str,
    pub(super) core: &'a CoreType,
    pub(super) neuron: &'a NeuronProgram,
    pub(super) memory: &'a CoreMemory,
    /// Number of its first slot, counted through all cores.
    pub(super) first: u32,
}

/// The image and the program. *Elements* are the program's neurons and input elements, numbered through all
/// populations; *slots* are numbered through all cores of the image.
pub(super) struct World<'a> {
    pub(super) image: &'a Image,
    pub(super) host: &'a Host,
    pub(super) debug: &'a Debug,
    pub(super) program: &'a Program,
    /// Ascending by number.
    pub(super) cores: Vec<CoreView<'a>>,
    /// First element of each population, then their number.
    starts: Vec<u32>,
    slots: u32,
}

impl<'a> World<'a> {
    /// Nothing if image and program can't be compared at all.
    pub(super) fn new(image: &'a Image, program: &'a Program, faults: &mut Faults) -> Option<World<'a>> {
        let chip = &image.chip;
        if program.origin.chip_digest != chip.digest {
            let (need, have) = (&program.origin.chip_digest, &chip.digest);
            faults.add("SL0921", || {
                Diagnostic::error("SL0921", "the program and the image are for different chips")
                    .at_node("", "section CHIP")
                    .need_have(
                        format!("{need} ({})", program.origin.chip_name),
                        format!("{have} ({})", chip.name()),
                    )
                    .hint("compile the program for the image's chip, or the image anew")
            });
            return None;
        }
        let Some(starts) = starts(&program.populations) else {
            faults.add("SL0920", || {
                Diagnostic::error("SL0920", "the program has too many neurons to be checked")
            });
            return None;
        };
        if let Err(Diagnostics(found)) = Interpreter::new(program, chip) {
            faults.extend(found);
            return None;
        }
        let (Some(host), Some(debug)) = (&image.host, &image.debug) else {
            let lacking = if image.host.is_none() { "HOST.IN and HOST.OUT" } else { "SYMBOLS and WITNESS" };
            faults.add("SL0920", || {
                Diagnostic::error("SL0920", format!("the image has no sections {lacking}"))
                    .hint("a stripped or foreign image says nothing that could be checked; compile it anew")
            });
            return None;
        };
        let mut cores = Vec::new();
        let mut slots = 0u64;
        for (number, memory) in &image.cores {
            let Some((type_name, core)) = chip.core_at(*number as usize) else {
                faults.add("SL0938", || {
                    Diagnostic::error("SL0938", format!("the chip has no core {number}"))
                        .at_node("", format!("core {number}"))
                        .field("fabric")
                });
                continue;
            };
            let neuron = &chip.programs[type_name];
            cores.push(CoreView { number: *number, type_name, core, neuron, memory, first: slots as u32 });
            slots += u64::from(core.slots);
        }
        if slots + u64::from(*starts.last()?) > MOST {
            faults
                .add("SL0920", || Diagnostic::error("SL0920", "the image has too many slots to be checked"));
            return None;
        }
        Some(World { image, host, debug, program, cores, starts, slots: slots as u32 })
    }

    pub(super) fn chip(&self) -> &'a Chip {
        &self.image.chip
    }

    /// Slots of all cores.
    pub(super) fn slots(&self) -> u32 {
        self.slots
    }

    /// Neurons and input elements of all populations.
    pub(super) fn elements(&self) -> u32 {
        self.starts.last().copied().unwrap_or(0)
    }

    /// First element of a population.
    pub(super) fn start(&self, population: usize) -> u32 {
        self.starts[population]
    }

    /// Number of the first neuron of a population among all neurons, inputs not counted: its random stream.
    pub(super) fn stream(&self, population: usize) -> u32 {
        let before = self.program.populations[..population].iter();
        before.filter(|p| p.kind != PopulationKind::Input).map(|p| p.len() as u32).sum()
    }

    /// Population and position of an element.
    pub(super) fn element(&self, element: u32) -> (usize, usize) {
        let population = self.starts.partition_point(|start| *start <= element) - 1;
        (population, (element - self.starts[population]) as usize)
    }

    /// Name of an element by its source.
    pub(super) fn name(&self, element: u32) -> String {
        let (population, index) = self.element(element);
        let population = &self.program.populations[population];
        neuron_name(&population.name, &population.shape, index)
    }

    /// The index of a core in the image.
    pub(super) fn core_index(&self, number: u32) -> Option<usize> {
        self.cores.binary_search_by_key(&number, |core| core.number).ok()
    }

    /// Index of the core, and slot there, of a slot.
    pub(super) fn slot(&self, slot: u32) -> (usize, u32) {
        let core = self.cores.partition_point(|core| core.first <= slot) - 1;
        (core, slot - self.cores[core].first)
    }

    /// `core 5 at (1,1)`.
    pub(super) fn core_name(&self, core: usize) -> String {
        let number = self.cores[core].number;
        let site = &self.chip().sites[number as usize];
        format!("core {number} at ({},{})", site.x, site.y)
    }

    /// `core 5 at (1,1) slot 3`.
    pub(super) fn slot_name(&self, slot: u32) -> String {
        let (core, slot) = self.slot(slot);
        format!("{} slot {slot}", self.core_name(core))
    }
}

fn starts(populations: &[Population]) -> Option<Vec<u32>> {
    let mut total = 0u64;
    let mut starts = vec![0];
    for population in populations {
        let count =
            population.shape.iter().try_fold(1u64, |product, size| product.checked_mul(*size as u64))?;
        total = total.checked_add(count).filter(|total| *total <= MOST)?;
        starts.push(total as u32);
    }
    Some(starts)
}
