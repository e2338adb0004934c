//! `connection/NAME/...`: matrices, lists of synapses, and one to one; with delays.

use super::fields::{Fields, Numbers, doubles, list};
use super::sparse::{self, Synapses};
use super::table::Table;
use super::{DEFAULT_DT_S, MAX_CONNECTIONS, MAX_NUMBERS};
use spikeloom_diagnostics::Diagnostic;
use spikeloom_ir::network::{Connection, PopulationId, Stage, Tensor, Values};
use std::collections::BTreeMap;

/// Populations by name: number, size where it is known, and whether it is an input.
pub(super) type Ends = BTreeMap<String, (PopulationId, Option<usize>, bool)>;

/// Parts of a connection.
const PARTS: [&str; 7] =
    ["source", "target", "weight", "source_index", "target_index", "delay_s", "delay_steps"];
/// Entries of tables by source that a file may cost beyond four for each of its synapses.
const FREE_ENTRIES: usize = 1 << 25;
/// Most delays of one connection.
const MAX_DELAYS: usize = 1 << 10;

/// Every connection, sorted as a network wants them, and the length of a step, which delays in steps may have set.
pub(super) fn connections(
    table: &mut Table,
    ends: &Ends,
    dt_s: Option<f64>,
    file: &str,
    findings: &mut Vec<Diagnostic>,
) -> (Vec<Connection>, Option<f64>) {
    let (mut all, mut reader) =
        (Vec::new(), Reader { ends, dt_s, assumed: Vec::new(), entries: FREE_ENTRIES });
    let mut numbers = 0usize;
    for (name, arrays) in std::mem::take(&mut table.connections) {
        let location = format!("connection/{name}");
        let mut fields = Fields::new(file, &location, arrays, findings);
        let made = reader.connection(&name, &mut fields);
        fields.finish("a connection", &PARTS);
        numbers += made.iter().flat_map(|c| &c.stages).map(Stage::numbers).sum::<usize>();
        all.extend(made);
    }
    if all.len() > MAX_CONNECTIONS || numbers > MAX_NUMBERS {
        let have = format!("{} connections with {numbers} numbers", all.len());
        let fault = Diagnostic::error("SL0458", "the connections are too many or too large").at_file(file);
        let need = format!("at most {MAX_CONNECTIONS} connections with {MAX_NUMBERS} numbers");
        findings
            .push(fault.need_have(need, have).hint("put connections between the same populations into one"));
    }
    if !reader.assumed.is_empty() {
        let of = list(reader.assumed.iter().map(String::as_str));
        let message =
            format!("delays are counted in steps ({of}), and the file has no `dt`: {DEFAULT_DT_S} s");
        let note = Diagnostic::note("SL0461", message).at_file(file);
        findings.push(note.hint("add the array `dt`, or give delays in seconds: `delay_s`"));
        reader.dt_s = Some(DEFAULT_DT_S);
    }
    all.sort_by(|a, b| (a.source, a.target, &a.path).cmp(&(b.source, b.target, &b.path)));
    (all, reader.dt_s)
}

/// Names of the ends that are of one kind.
pub(super) fn names(ends: &Ends, of_kind: impl Fn(bool) -> bool) -> String {
    let names = ends.iter().filter(|(_, (_, _, is_input))| of_kind(*is_input));
    list(names.map(|(name, _)| name.as_str()))
}

struct Reader<'a> {
    ends: &'a Ends,
    dt_s: Option<f64>,
    /// Connections whose delays are in steps of unknown length.
    assumed: Vec<String>,
    /// Entries of tables by source that may still be made.
    entries: usize,
}

/// Delays in seconds, as many as the file has.
struct Delays {
    key: &'static str,
    shape: Vec<usize>,
    seconds: Vec<f64>,
}

impl Reader<'_> {
    fn connection(&mut self, name: &str, fields: &mut Fields<'_>) -> Vec<Connection> {
        let (source, target) = (self.end(fields, "source"), self.end(fields, "target"));
        let delays = self.delays(name, fields);
        let is_list = fields.has("source_index") || fields.has("target_index");
        let weight = if fields.has("weight") { Some(fields.numbers("weight")) } else { None };
        let sources = is_list.then(|| fields.indices("source_index")).flatten();
        let targets = is_list.then(|| fields.indices("target_index")).flatten();
        let (Some((source, Some(inputs))), Some((target, Some(outputs)))) = (source, target) else {
            return Vec::new();
        };
        let connection =
            |path: String, stages: Vec<Stage>| Connection { source, target, stages, path: vec![path] };
        let weight = match weight {
            // Its faults are told.
            Some(None) => return Vec::new(),
            Some(weight) => weight,
            None => None,
        };
        if !is_list {
            let stages = matrix(fields, weight, delays, inputs, outputs);
            return stages.map(|stages| connection(name.to_string(), stages)).into_iter().collect();
        }
        let (Some(sources), Some(targets)) = (sources, targets) else { return Vec::new() };
        let Some(weight) = weight else {
            fields.missing("weight", "one weight, or one for each synapse");
            return Vec::new();
        };
        let synapses = Synapses { sources, targets, weights: weight.values, inputs, outputs };
        self.list(name, fields, synapses, weight.shape, delays)
            .into_iter()
            .map(|(path, stages)| connection(path, stages))
            .collect()
    }

    /// One end, and its size where it is known.
    fn end(&self, fields: &mut Fields<'_>, key: &str) -> Option<(PopulationId, Option<usize>)> {
        let name = fields.text(key)?;
        let message = match self.ends.get(&name) {
            Some((_, _, true)) if key == "target" => format!("the connection leads into the input `{name}`"),
            Some((id, size, _)) => return Some((*id, *size)),
            None => format!("the connection's {key} `{name}` is no input or population"),
        };
        let need = names(self.ends, |is_input| key == "source" || !is_input);
        fields.report(Diagnostic::error("SL0457", message).need_have(need, &name), key);
        None
    }

    /// The delays, in seconds.
    fn delays(&mut self, name: &str, fields: &mut Fields<'_>) -> Option<Delays> {
        let both = fields.has("delay_s") && fields.has("delay_steps");
        let key = if fields.has("delay_s") { "delay_s" } else { "delay_steps" };
        let numbers = fields.numbers(key);
        if both {
            fields.numbers("delay_steps");
            let message = "the connection has delays in seconds and in steps";
            fields.report(Diagnostic::error("SL0453", message).hint("leave one of them out"), "delay_steps");
        }
        let Numbers { shape, values } = numbers?;
        let mut seconds = doubles(values);
        let is_steps = key == "delay_steps";
        let is_bad = |delay: &f64| *delay < 0.0 || is_steps && (delay.fract() != 0.0 || *delay > 1e9);
        if let Some(first) = seconds.iter().position(is_bad) {
            let need = if is_steps { "a whole number of steps, 0 or more" } else { "0 seconds or more" };
            let at = crate::words::position(first, &shape);
            let hint =
                if is_steps { "times in seconds go into `delay_s`" } else { "an event can't come early" };
            fields.out_of_range(key, &at, need, seconds[first], hint);
            return None;
        }
        if is_steps {
            let dt = self.dt_s.unwrap_or_else(|| {
                self.assumed.push(name.to_string());
                DEFAULT_DT_S
            });
            seconds.iter_mut().for_each(|delay| *delay *= dt);
        }
        if seconds.iter().any(|delay| !delay.is_finite()) {
            fields.out_of_range(key, "", "delays of finite length", "infinity", "is `dt` in seconds?");
            return None;
        }
        // Two zeros would be two delays.
        seconds.iter_mut().for_each(|delay| *delay += 0.0);
        Some(Delays { key, shape, seconds })
    }

    /// The stages of a list of synapses: one connection, or one for each delay.
    fn list(
        &mut self,
        name: &str,
        fields: &mut Fields<'_>,
        synapses: Synapses,
        weight_shape: Vec<usize>,
        delays: Option<Delays>,
    ) -> Vec<(String, Vec<Stage>)> {
        let count = synapses.sources.len();
        let mut is_good = true;
        let mut length = |fields: &mut Fields<'_>, key: &str, shape: &[usize], count: usize, is_one: bool| {
            if shape != [count] && !is_one {
                let need = format!("{count}, as many as `source_index` has");
                fields.wrong(
                    key,
                    "it does not fit the synapses",
                    &need,
                    format!("shape {shape:?}"),
                    "a list of synapses has one source, one target and one weight for each, all of one axis",
                );
                is_good = false;
            }
        };
        length(fields, "target_index", &[synapses.targets.len()], count, false);
        length(fields, "weight", &weight_shape, count, synapses.weights.len() == 1);
        if let Some(delays) = &delays {
            length(fields, delays.key, &delays.shape, count, delays.seconds.len() == 1);
        }
        for (key, indices, size) in [
            ("source_index", &synapses.sources, synapses.inputs),
            ("target_index", &synapses.targets, synapses.outputs),
        ] {
            if let Some(first) = indices.iter().position(|index| *index as usize >= size) {
                let more = indices.iter().filter(|index| **index as usize >= size).count() - 1;
                let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
                let need = format!("below {size}, the size of the {}", key.trim_end_matches("_index"));
                let have = format!("{}{more}", indices[first]);
                fields.out_of_range(key, &format!("[{first}]"), &need, have, "indices count from 0");
                is_good = false;
            }
        }
        if !is_good {
            return Vec::new();
        }
        self.entries = self.entries.saturating_add(4 * count);
        let seconds = delays.as_ref().map_or(&[][..], |delays| &delays.seconds);
        let plan = sparse::plan(synapses, seconds);
        let groups = plan.delays();
        if groups > MAX_DELAYS {
            let key = delays.as_ref().map_or("delay_s", |delays| delays.key);
            let fault = Diagnostic::error("SL0458", "the connection has too many different delays");
            let fault = fault.need_have(format!("at most {MAX_DELAYS}"), groups);
            fields.report(fault.hint("round them to steps: `np.round(delay_s / dt).astype(int)`"), key);
            return Vec::new();
        }
        let Some(left) = self.entries.checked_sub(plan.entries()) else {
            let fault = Diagnostic::error("SL0458", "too few synapses for so many sources and delays");
            let need = format!("tables by source and delay of at most {} entries", self.entries);
            let hint = "use a smaller source, fewer delays, or fewer connections";
            fields.report(fault.need_have(need, plan.entries()).hint(hint), "source_index");
            return Vec::new();
        };
        self.entries = left;
        let (made, merged) = plan.stages(name);
        if merged > 0 {
            let message =
                format!("{merged} parallel synapses were added to others of the same ends and delay");
            fields.report(Diagnostic::note("SL0460", message), "source_index");
        }
        // Each weight is finite, but a sum of them may not be.
        let is_finite = |stage: &Stage| match stage {
            Stage::Sparse { weights: Tensor::F64(weights), .. } => weights.iter().all(|w| w.is_finite()),
            _ => true,
        };
        if !made.iter().flat_map(|(_, stages)| stages).all(is_finite) {
            let fault = Diagnostic::error("SL0454", "parallel synapses add up to infinity");
            fields.report(fault.need_have("finite numbers", "infinity"), "weight");
        }
        made
    }
}

/// The stages of a connection that is no list: a matrix, or one to one.
fn matrix(
    fields: &mut Fields<'_>,
    weight: Option<Numbers>,
    delays: Option<Delays>,
    inputs: usize,
    outputs: usize,
) -> Option<Vec<Stage>> {
    let mut stages = Vec::new();
    if let Some(delays) = delays {
        if delays.seconds.len() != 1 && delays.shape != [inputs] {
            let need = format!("one delay, or one for each of {inputs} sources");
            let hint = "delays of single synapses need a list of synapses: `source_index`, `target_index`";
            let have = format!("shape {:?}", delays.shape);
            fields.wrong(delays.key, "it does not fit the source", &need, have, hint);
            return None;
        }
        stages.push(Stage::Delay { size: inputs, seconds: Values::compact(delays.seconds) });
    }
    match weight {
        Some(Numbers { shape, values: weights }) if shape.len() == 2 => {
            if shape != [outputs, inputs] {
                let hint = match shape == [inputs, outputs] {
                    true => "it is transposed: give `weight.T`",
                    false => "a matrix has a row for each target and a column for each source",
                };
                let need = format!("[{outputs}, {inputs}], that is [targets, sources]");
                fields.wrong("weight", "it does not fit its ends", &need, format!("{shape:?}"), hint);
                return None;
            }
            stages.push(Stage::Dense { outputs, inputs, weights });
        }
        Some(Numbers { shape, values }) => {
            if shape != [inputs] || inputs != outputs {
                let need = format!("[{outputs}, {inputs}], or synapses by `source_index` and `target_index`");
                let hint = "a list of weights without indices is one to one, between equal sizes";
                fields.wrong("weight", "it says no synapses", &need, format!("shape {shape:?}"), hint);
                return None;
            }
            stages.push(Stage::Scale { size: inputs, factors: Values::compact(doubles(values)) });
        }
        None if inputs == outputs => {}
        None => {
            fields.missing("weight", "weights, as source and target differ in size");
            return None;
        }
    }
    Some(stages)
}
