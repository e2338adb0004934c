//! What each slot is by itself: parameters and start of those that stand for a neuron, and the silence of those
//! that stand for nothing.

use super::claims::Claims;
use super::faults::Faults;
use super::world::{CoreView, World};
use spikeloom_chip::neuron::{Interval, NeuronProgram, ranges};
use spikeloom_chip::schema::{Scope, Unused};
use spikeloom_diagnostics::Diagnostic;
use spikeloom_image::memory::CoreMemory;
use spikeloom_ir::program::PopulationKind;
use std::collections::BTreeMap;

/// Ticks after which an idle slot must have come to rest. A slot may still count something down at its start.
const MOST_TICKS: usize = 4096;

pub(super) fn check(world: &World<'_>, claims: &Claims, faults: &mut Faults) {
    let mut idle = Idle::default();
    for (index, view) in world.cores.iter().enumerate() {
        for slot in 0..view.core.slots {
            match claims.element(view.first + slot) {
                Some(element) => check_neuron(world, claims, view, slot, element, faults),
                None => {
                    if let Some(why) = idle.fault(view.type_name, view, slot as usize) {
                        faults.add("SL0932", || {
                            let place = format!("{} slot {slot}", world.core_name(index));
                            Diagnostic::error("SL0932", format!("a slot that stands for nothing {why}"))
                                .at_node("", place)
                                .hint("fill slots that are not used with the chip's `idle` values")
                        });
                    }
                }
            }
        }
    }
    check_absent(world, &mut idle, faults);
    check_seed(world, faults);
}

/// Draws are the program's if the seed is, and each slot's stream.
fn check_seed(world: &World<'_>, faults: &mut Faults) {
    if !world.cores.iter().any(|view| view.neuron.draws > 0) {
        return;
    }
    let of = |list: &[(String, String)], name: &str| {
        list.iter().find(|(n, _)| n == name).map_or("0".to_string(), |(_, v)| v.clone())
    };
    let (need, have) = (of(&world.program.origin.options, "seed"), of(&world.image.meta, "option seed"));
    if need != have {
        faults.add("SL0924", || {
            Diagnostic::error("SL0924", "random draws have another seed")
                .at_node("", "section META")
                .need_have(need, have)
        });
    }
}

fn check_neuron(
    world: &World<'_>,
    claims: &Claims,
    view: &CoreView<'_>,
    slot: u32,
    element: u32,
    faults: &mut Faults,
) {
    let (population, index) = world.element(element);
    let PopulationKind::Neurons { parameters, initial, .. } = &world.program.populations[population].kind
    else {
        return;
    };
    let global = view.first + slot;
    let is_copy = claims.is_copy(global);
    for (k, (values, declared)) in parameters.iter().zip(&view.core.neuron.parameters).enumerate() {
        let (need, have) = (values.get(index), view.memory.parameter(view.core, k, slot as usize));
        if need != have {
            let code = if is_copy { "SL0930" } else { "SL0924" };
            faults.add(code, || {
                let whose = match &declared.scope {
                    Scope::Slot => String::new(),
                    Scope::Core => ", a value of its core,".into(),
                    Scope::Profile(name) => {
                        let p = view.core.profiles.keys().position(|key| key == name).unwrap_or(0);
                        format!(
                            ", from entry {} of profile `{name}`,",
                            view.memory.profile_index[p][slot as usize]
                        )
                    }
                };
                let message = format!(
                    "parameter `{}`{whose} of {} has another value",
                    declared.name,
                    world.name(element)
                );
                Diagnostic::error(code, message)
                    .at_node("", claims.place(world, global))
                    .need_have(need, have)
            });
        }
    }
    if let Some(have) = view.memory.streams.get(slot as usize) {
        let need = world.stream(population) + index as u32;
        if need != *have {
            let code = if is_copy { "SL0930" } else { "SL0924" };
            faults.add(code, || {
                let message = format!("{} draws from another random stream", world.name(element));
                Diagnostic::error(code, message)
                    .at_node("", claims.place(world, global))
                    .need_have(need, have)
            });
        }
    }
    for (k, (values, declared)) in initial.iter().zip(&view.core.neuron.state).enumerate() {
        let (need, have) = (values.get(index), view.memory.states[k][slot as usize]);
        if need != have {
            let code = if is_copy { "SL0930" } else { "SL0925" };
            faults.add(code, || {
                let message =
                    format!("state `{}` of {} starts at another value", declared.name, world.name(element));
                Diagnostic::error(code, message)
                    .at_node("", claims.place(world, global))
                    .need_have(need, have)
            });
        }
    }
}

/// Cores that run although the image does not say with what: their memories are zeros.
fn check_absent<'a>(world: &World<'a>, idle: &mut Idle<'a>, faults: &mut Faults) {
    let chip = world.chip();
    for site in chip.core_numbers() {
        let Some((name, core)) = chip.core_at(site) else { continue };
        if core.unused != Unused::Runs || world.core_index(site as u32).is_some() {
            continue;
        }
        let memory = CoreMemory::empty(core);
        let view = CoreView {
            number: site as u32,
            type_name: name,
            core,
            neuron: &chip.programs[name],
            memory: &memory,
            first: 0,
        };
        if let Some(why) = idle.fault(name, &view, 0) {
            faults.add("SL0932", || {
                Diagnostic::error(
                    "SL0932",
                    format!("a core that is not in the image runs, and each of its slots {why}"),
                )
                .at_node("", format!("core {site}"))
                .field("unused")
            });
        }
    }
}

/// Core type, parameters, states.
type Kind<'a> = (&'a str, Vec<i64>, Vec<i64>);

/// What becomes of slots that hear nothing. Most of them are alike.
#[derive(Default)]
struct Idle<'a> {
    known: BTreeMap<Kind<'a>, Option<String>>,
    last: Option<(Kind<'a>, Option<String>)>,
}

impl<'a> Idle<'a> {
    fn fault(&mut self, type_name: &'a str, view: &CoreView<'_>, slot: usize) -> Option<String> {
        let parameters = (0..view.core.neuron.parameters.len())
            .map(|k| view.memory.parameter(view.core, k, slot))
            .collect();
        let states = view.memory.states.iter().map(|values| values[slot]).collect();
        let kind = (type_name, parameters, states);
        if let Some((last, fault)) = &self.last
            && *last == kind
        {
            return fault.clone();
        }
        let fault = match self.known.get(&kind) {
            Some(fault) => fault.clone(),
            None => {
                let fault = moves(view.neuron, &kind.1, &kind.2);
                self.known.insert(kind.clone(), fault.clone());
                fault
            }
        };
        self.last = Some((kind, fault.clone()));
        fault
    }
}

/// Why a slot without events can't be left alone. Points in, points out: nothing is approximated.
fn moves(neuron: &NeuronProgram, parameters: &[i64], states: &[i64]) -> Option<String> {
    let points = |values: &[i64]| values.iter().map(|v| Interval::point((*v).into())).collect::<Vec<_>>();
    let (parameters, mut states) = (points(parameters), points(states));
    for tick in 0..MOST_TICKS {
        let outcome = ranges::tick(neuron, &states, &parameters);
        if outcome.may_spike {
            return Some(format!("fires in step {tick}"));
        }
        if outcome.states == states {
            return None;
        }
        states = outcome.states;
    }
    Some(format!("does not come to rest within {MOST_TICKS} steps"))
}
