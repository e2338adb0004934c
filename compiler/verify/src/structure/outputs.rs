//! Outputs: whether the host finds each neuron's spikes where it looks for them, and nobody else's.

use super::claims::Claims;
use super::faults::Faults;
use super::ways::Ways;
use super::world::World;
use spikeloom_chip::schema::HostOut;
use spikeloom_diagnostics::Diagnostic;
use spikeloom_image::host::{HostOutput, HostReadout, Tap};
use spikeloom_ir::program::PopulationKind;
use std::collections::BTreeSet;

pub(super) fn check(world: &World<'_>, claims: &Claims, ways: &Ways, faults: &mut Faults) {
    let nodes = &world.host.outputs;
    let place = |name: &str| format!("{name}, section HOST.OUT");
    let mut tapped = BTreeSet::new();
    for (i, node) in nodes.iter().enumerate() {
        let output = world.program.outputs.iter().find(|output| output.name == node.name);
        let Some(output) = output.filter(|_| nodes[..i].iter().all(|before| before.name != node.name)) else {
            let message = format!("the program has no output `{}`, or the image has it twice", node.name);
            faults.add("SL0940", || Diagnostic::error("SL0940", message).at_node("", place(&node.name)));
            continue;
        };
        let population = &world.program.populations[output.population.index()];
        if node.lag != population.lag {
            faults.add("SL0936", || {
                Diagnostic::error("SL0936", format!("output `{}` has another lag", node.name))
                    .at_node("", place(&node.name))
                    .need_have(population.lag, node.lag)
            });
        }
        if node.shape != population.shape || node.taps.len() != population.len() {
            faults.add("SL0940", || {
                Diagnostic::error("SL0940", format!("output `{}` has another shape", node.name))
                    .at_node("", place(&node.name))
                    .need_have(
                        format!("{:?}", population.shape),
                        format!("{:?}, {} taps", node.shape, node.taps.len()),
                    )
            });
            continue;
        }
        let first = world.start(output.population.index());
        for (element, tap) in (first..).zip(&node.taps) {
            check_tap(world, claims, ways, node, element, *tap, &mut tapped, faults);
        }
    }
    let readouts = &world.host.readouts;
    for (i, node) in readouts.iter().enumerate() {
        let is_second = readouts[..i].iter().any(|before| before.name == node.name)
            || nodes.iter().any(|other| other.name == node.name);
        check_readout(world, claims, node, is_second, faults);
    }
    for output in &world.program.outputs {
        let is_readout = world.program.readout(output.population).is_some();
        let is_there = if is_readout {
            readouts.iter().any(|node| node.name == output.name)
        } else {
            nodes.iter().any(|node| node.name == output.name)
        };
        if !is_there {
            let message = format!("the image has no output `{}`", output.name);
            faults.add("SL0940", || Diagnostic::error("SL0940", message).at_node("", place(&output.name)));
        }
    }
    let (need, have) = (world.program.largest_lag(), world.host.tail_steps);
    if have < need {
        faults.add("SL0936", || {
            Diagnostic::error("SL0936", "a run ends before its latest population has finished")
                .at_node("", "section HOST.IN")
                .need_have(format!("{need} steps after the input"), have)
        });
    }
}

/// The slot of a core, among all, if there is one.
fn slot_at(world: &World<'_>, core: u32, slot: u32) -> Option<u32> {
    let index = world.core_index(core).filter(|index| slot < world.cores[*index].core.slots)?;
    Some(world.cores[index].first + slot)
}

/// Whether the host reads the program's state of each element, at the right slot.
fn check_readout(
    world: &World<'_>,
    claims: &Claims,
    node: &HostReadout,
    is_second: bool,
    faults: &mut Faults,
) {
    let place = || format!("{}, section HOSTREAD", node.name);
    let output = world.program.outputs.iter().find(|output| output.name == node.name);
    let state = output.and_then(|output| world.program.readout(output.population));
    let (Some(output), Some(state), false) = (output, state, is_second) else {
        let message = format!("the program has no readout `{}`, or the image has it twice", node.name);
        return faults.add("SL0940", || Diagnostic::error("SL0940", message).at_node("", place()));
    };
    let population = &world.program.populations[output.population.index()];
    let scale = match &population.kind {
        PopulationKind::Neurons { scale, .. } => *scale,
        PopulationKind::Input => 1.0,
    };
    let describe = |lag: u32, shape: &[usize], state: &str, scale: f64| {
        format!("state {state}, lag {lag}, shape {shape:?}, scale {scale:?}")
    };
    let need = describe(population.lag, &population.shape, state, scale);
    let have = describe(node.lag, &node.shape, &node.state, node.scale);
    let may_read = world.chip().description.io.host_read.iter().any(|name| name == state);
    if need != have || node.slots.len() != population.len() || !may_read {
        return faults.add("SL0936", || {
            Diagnostic::error("SL0936", format!("readout `{}` is not read as the program says", node.name))
                .at_node("", place())
                .need_have(need, have)
        });
    }
    let first = world.start(output.population.index());
    for (element, (core, slot)) in (first..).zip(&node.slots) {
        let claimed = slot_at(world, *core, *slot).and_then(|slot| claims.element(slot));
        if claimed != Some(element) {
            faults.add("SL0935", || {
                let name = world.name(element);
                let have = claimed.map_or("a slot that stands for nothing".into(), |e| world.name(e));
                Diagnostic::error("SL0935", format!("readout `{}` does not show {name}", node.name))
                    .at_node("", format!("{name}, section HOSTREAD, core {core} slot {slot}"))
                    .need_have(&name, have)
            });
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "one call, and all of them are what the check is about")]
fn check_tap(
    world: &World<'_>,
    claims: &Claims,
    ways: &Ways,
    node: &HostOutput,
    element: u32,
    tap: Tap,
    tapped: &mut BTreeSet<u32>,
    faults: &mut Faults,
) {
    let name = world.name(element);
    let (where_, have) = match tap {
        Tap::Slot { core, slot } => {
            let there = slot_at(world, core, slot);
            let claimed = there.and_then(|slot| claims.element(slot));
            let may_tap = world.chip().description.io.host_out == HostOut::Tap;
            if claimed == Some(element) && may_tap {
                return;
            }
            let have = match claimed {
                _ if !may_tap => "the host of this chip sees no slot".to_string(),
                Some(other) => world.name(other),
                None if there.is_some() => "a slot that stands for nothing".into(),
                None => "no such slot".into(),
            };
            (format!("core {core} slot {slot}"), have)
        }
        Tap::Channel(channel) => {
            let senders = ways.to_channel(channel);
            let is_alone = tapped.insert(channel);
            if is_alone && senders.len() == 1 && senders[0].1 == element {
                return;
            }
            let names: Vec<String> =
                senders.iter().take(3).map(|(_, element, _)| world.name(*element)).collect();
            let have = match senders.len() {
                _ if !is_alone => "a channel that another element has".to_string(),
                0 => "nobody".into(),
                count if count > names.len() => {
                    format!("{} and {} more", names.join(", "), count - names.len())
                }
                _ => names.join(", "),
            };
            (format!("channel {channel}"), have)
        }
    };
    faults.add("SL0935", || {
        Diagnostic::error("SL0935", format!("output `{}` does not show {name} alone", node.name))
            .at_node("", format!("{name}, section HOST.OUT, {where_}"))
            .need_have(&name, have)
    });
}
