//! Checks of the parameter sets that a chip file promises something of, and of what its neuron program draws from.

use crate::chip::Faults;
use crate::neuron::ranges::{self, Outcome};
use crate::neuron::{EVENT_RANGE, Interval, NeuronProgram};
use crate::schema::CoreType;
use std::collections::BTreeMap;

/// Steps for which an idle slot is watched: its state must be a fixed point, so one would do.
const IDLE_STEPS: usize = 2;

pub(super) fn check(core: &CoreType, program: &NeuronProgram, path: &str, faults: &mut Faults<'_>) {
    check_idle(core, program, path, faults);
    check_relay(core, program, path, faults);
    check_hold(core, program, path, faults);
    check_random(core, program, path, faults);
}

/// A set of parameter values as points, or what is wrong with it.
fn parameter_points(core: &CoreType, values: &BTreeMap<String, i64>) -> Result<Vec<Interval>, String> {
    for name in values.keys() {
        if !core.neuron.parameters.iter().any(|p| p.name == *name) {
            return Err(format!("there is no parameter `{name}`"));
        }
    }
    core.neuron
        .parameters
        .iter()
        .map(|p| {
            let value = values.get(&p.name).copied().unwrap_or(0);
            let (low, high) = if p.signed {
                (-(1i64 << (p.bits - 1)), (1i64 << (p.bits - 1)) - 1)
            } else {
                (0, (1i64 << p.bits) - 1)
            };
            if (low..=high).contains(&value) {
                Ok(Interval::point(value.into()))
            } else {
                Err(format!("`{}` = {value} does not fit {} bits", p.name, p.bits))
            }
        })
        .collect()
}

/// The same, with what is wrong told.
fn known_points(
    core: &CoreType,
    values: &BTreeMap<String, i64>,
    path: &str,
    faults: &mut Faults<'_>,
) -> Option<Vec<Interval>> {
    let points = parameter_points(core, values);
    points
        .map_err(|message| {
            faults.add("SL0109", path, message, "values must be parameters of the program, in range");
        })
        .ok()
}

fn zero_states(core: &CoreType) -> Vec<Interval> {
    vec![Interval::point(0); core.neuron.state.len()]
}

fn check_idle(core: &CoreType, program: &NeuronProgram, path: &str, faults: &mut Faults<'_>) {
    let path = format!("{path}.neuron.idle");
    let Some(parameters) = known_points(core, &core.neuron.idle, &path, faults) else { return };
    let start = zero_states(core);
    let mut states = start.clone();
    for _ in 0..IDLE_STEPS {
        let Outcome { states: after, may_spike, .. } = ranges::tick(program, &states, &parameters);
        if may_spike {
            return faults.add(
                "SL0109",
                &path,
                "a slot with these values fires".into(),
                "raise the threshold, or take the leak away",
            );
        }
        states = after;
    }
    if states != start {
        faults.add(
            "SL0109",
            &path,
            "a slot with these values does not stay at its start".into(),
            "its state must be a fixed point of `on_tick`",
        );
    }
}

fn check_relay(core: &CoreType, program: &NeuronProgram, path: &str, faults: &mut Faults<'_>) {
    let Some(relay) = &core.neuron.relay else { return };
    let path = format!("{path}.neuron.relay");
    let Some(parameters) = known_points(core, &relay.parameters, &path, faults) else { return };
    if !EVENT_RANGE.contains(relay.value.into()) {
        let message = format!("an event can't have the value {}", relay.value);
        return faults.add("SL0109", &format!("{path}.value"), message, "events are signed 32 bits");
    }
    let start = zero_states(core);
    let silent = ranges::tick(program, &start, &parameters);
    let heard = ranges::event(program, &start, &parameters, Interval::point(relay.value.into()));
    let answer = ranges::tick(program, &heard.states, &parameters);
    if silent.may_spike || silent.states != start || !answer.must_spike || answer.states != start {
        let message = "a slot with these values does not repeat what it hears".to_string();
        faults.add(
            "SL0109",
            &path,
            message,
            "it must fire once for each event of `value`, and be back at its start",
        );
    }
}

fn check_hold(core: &CoreType, program: &NeuronProgram, path: &str, faults: &mut Faults<'_>) {
    let Some(name) = &core.neuron.hold else { return };
    let path = format!("{path}.neuron.hold");
    let Some(hold) = program.states.iter().position(|state| state.name == *name) else {
        return faults.add(
            "SL0109",
            &path,
            format!("there is no state `{name}`"),
            "name a state variable of the program",
        );
    };
    let parameters: Vec<Interval> = program.parameters.iter().map(|p| p.range()).collect();
    let mut states = zero_states(core);
    states[hold] = Interval::new(1, program.states[hold].range().high);
    let after = ranges::tick(program, &states, &parameters);
    let still = (0..states.len()).all(|i| i == hold || after.states[i] == states[i]);
    if after.may_spike || !still || after.states[hold] != Interval::new(0, states[hold].high - 1) {
        let message = format!("a slot with `{name}` above 0 does not keep still");
        faults.add(
            "SL0109",
            &path,
            message,
            "a tick must only count it down by one, whatever the parameters are",
        );
    }
}

fn check_random(core: &CoreType, program: &NeuronProgram, path: &str, faults: &mut Faults<'_>) {
    if program.draws > 0 && core.neuron.random.is_none() {
        let (path, place) = (format!("{path}.neuron.random"), format!("{path}.neuron.on_tick"));
        let message = "the program draws with `random`, and nothing says from what".to_string();
        faults.add_at("SL0117", &path, &place, message, "add `random: Some(Counter)` to `neuron`");
    }
}
