//! The Program level, with which the texts of the later levels begin.

use super::Level;
use super::cursor::{Cursor, Step};
use super::structure::{Field, Head, Reader};
use crate::program::{Connection, Integers, Origin, Population, PopulationKind, Program, Synapses};
use spikeloom_chip::Chip;

/// Reads a text of `level`; `more` reads what a program has not, by the word that opens it.
pub(super) fn read<'a>(
    reader: &mut Reader<'a>,
    level: Level,
    chip: &Chip,
    mut more: impl FnMut(&mut Reader<'a>, &str) -> Step<()>,
) -> Program {
    let facts = ["chip", "chip-digest", "source", "source-digest"];
    let [(chip_name, _), (chip_digest, digest_at), (source_name, _), (source_digest, _)] =
        reader.header(level, facts);
    if chip_digest != chip.digest && reader.cursor.found.is_empty() {
        let message = format!("the text was made for another chip than `{}` is", chip.name());
        let hint = format!("the digest of this chip is {}; compile the network anew", chip.digest);
        reader.cursor.fault("SL1106", digest_at, message, &hint);
    }
    let (mut populations, mut fired, mut connections) = (Vec::new(), Vec::new(), Vec::new());
    reader.parts(level, |reader, word| {
        match word {
            "connect" => connections.push(connection(reader)?),
            "input" | "pop" => populations.push(population(reader, chip)?),
            "fired" => fired.push(spikes(reader, fired.len())?),
            word => more(reader, word)?,
        }
        Ok(())
    });
    let options = std::mem::take(&mut reader.options);
    let outputs = std::mem::take(&mut reader.outputs);
    let origin = Origin { chip_name, chip_digest, source_name, source_digest, options };
    Program { origin, populations, fired, connections, outputs }
}

fn integers(cursor: &mut Cursor<'_>) -> Step<Integers> {
    if cursor.is_number() {
        cursor.element().map(Integers::Uniform)
    } else {
        cursor.list().map(Integers::Each)
    }
}

/// `fired %name = SPIKES` of the population that is next.
fn spikes(reader: &mut Reader<'_>, next: usize) -> Step<Integers> {
    reader.cursor.advance();
    let at = reader.cursor.at();
    if reader.population()?.index() != next {
        let message = "it is not this population's turn".to_string();
        return Err(reader.cursor.fault("SL1103", at, message, "a line for each population, in their order"));
    }
    reader.cursor.sign("=")?;
    integers(&mut reader.cursor)
}

fn population(reader: &mut Reader<'_>, chip: &Chip) -> Step<Population> {
    let mut head = reader.head()?;
    let (lag_at, lag) = head.attributes.number(&mut reader.cursor, head.at, "lag")?;
    if lag < 0.0 || lag > f64::from(u32::MAX) || lag.fract() != 0.0 {
        reader.cursor.fault("SL1104", lag_at, format!("a lag of {lag:?} is none"), "it is a number of steps");
    }
    let kind = if head.is_input { Ok(PopulationKind::Input) } else { neurons(reader, &mut head, chip) };
    head.attributes.finish(&mut reader.cursor);
    Ok(Population {
        name: head.name,
        shape: head.shape,
        kind: kind?,
        lag: lag as u32,
        location: head.location,
    })
}

fn neurons(reader: &mut Reader<'_>, head: &mut Head, chip: &Chip) -> Step<PopulationKind> {
    let (at, core_type) = head.attributes.text(&mut reader.cursor, head.at, "core")?;
    let (_, scale) = head.attributes.number(&mut reader.cursor, head.at, "scale")?;
    let readout = head.attributes.optional(&mut reader.cursor, "readout")?;
    let Some(neuron) = chip.programs.get(&core_type) else {
        let message = format!("`{}` has no core type `{core_type}`", chip.name());
        let names: Vec<&str> = chip.programs.keys().map(String::as_str).collect();
        let hint = format!("its core types: {}", names.join(", "));
        return Err(reader.cursor.fault("SL1112", at, message, &hint));
    };
    let mut fields = reader.fields(integers);
    let mut take = |is_start: bool, name: &str| -> Integers {
        let position = fields.iter().position(|f| (f.is_start, f.name.as_str()) == (is_start, name));
        let field = position.map(|i| fields.swap_remove(i));
        if field.is_none() {
            let what = if is_start { "start of" } else { "value for" };
            let message = format!("the population has no {what} `{name}`");
            reader.cursor.fault("SL1110", head.at, message, "every parameter and every state has one");
        }
        let Field { at, value, .. } =
            field.unwrap_or(Field { at: head.at, is_start, name: String::new(), value: None });
        if let Some(places) = reader.places.fields.last_mut() {
            places.push(at);
        }
        value.unwrap_or(Integers::Uniform(0))
    };
    let parameters = neuron.parameters.iter().map(|p| take(false, &p.name)).collect();
    let initial = neuron.states.iter().map(|s| take(true, &s.name)).collect();
    fields.sort_by_key(|field| field.at);
    for field in fields {
        let (what, known): (_, Vec<&str>) = if field.is_start {
            ("state variable", neuron.states.iter().map(|s| s.name.as_str()).collect())
        } else {
            ("parameter", neuron.parameters.iter().map(|p| p.name.as_str()).collect())
        };
        let message = format!("`{}` is no {what} of `{}`", field.name, neuron.name);
        reader.cursor.fault("SL1110", field.at, message, &format!("they are {}", known.join(", ")));
    }
    Ok(PopulationKind::Neurons { core_type, parameters, initial, scale, readout })
}

fn connection(reader: &mut Reader<'_>) -> Step<Connection> {
    let (at, source, target, path) = reader.connection()?;
    let Some(delay) = reader.cursor.fact("delay")? else { return Err(reader.cursor.unexpected("`delay`")) };
    let synapses = if reader.cursor.takes_word("dense") {
        dense(&mut reader.cursor)?
    } else if reader.cursor.takes_word("sparse") {
        let of_target = reader.sizes.get(target.index()).copied().unwrap_or(0);
        sparse(&mut reader.cursor, of_target)?
    } else if reader.cursor.takes_word("shared") {
        let of_target = reader.sizes.get(target.index()).copied().unwrap_or(0);
        shared(&mut reader.cursor, of_target)?
    } else {
        return Err(reader.cursor.unexpected("dense, sparse or shared"));
    };
    reader.places.connections.push(at);
    Ok(Connection { source, target, path, delay, synapses })
}

fn dense(cursor: &mut Cursor<'_>) -> Step<Synapses> {
    cursor.keyword("i32")?;
    let at = cursor.at();
    let (sources, targets, values) = cursor.matrix()?;
    if targets == 0 && sources > 0 {
        let message = "a matrix without targets has no sources".to_string();
        return Err(cursor.fault("SL1109", at, message, "write [0,0]"));
    }
    Ok(Synapses::Dense { targets, values })
}

/// `[sources,targets]`, of which the second must be the size of the target population.
fn sources(cursor: &mut Cursor<'_>, of_target: u64) -> Step<usize> {
    let at = cursor.at();
    let [sources, targets] = cursor.shape()?[..] else {
        return Err(cursor.fault("SL1101", at, "a matrix has two dimensions".to_string(), ""));
    };
    if targets as u64 != of_target {
        let message = format!("the matrix has {targets} columns, the target population {of_target} elements");
        return Err(cursor.fault("SL1124", at, message, ""));
    }
    Ok(sources)
}

fn shared(cursor: &mut Cursor<'_>, of_target: u64) -> Step<Synapses> {
    let at = cursor.at();
    let sources = sources(cursor, of_target)?;
    cursor.sign("{")?;
    let mut list = |name: &str| -> Step<Vec<u32>> {
        cursor.keyword(name)?;
        cursor.sign("=")?;
        cursor.list()
    };
    let (patterns, bases, offsets, steps) =
        (list("patterns")?, list("bases")?, list("offsets")?, list("steps")?);
    cursor.keyword("values")?;
    cursor.sign("=")?;
    let values = cursor.list()?;
    cursor.sign("}")?;
    if patterns.len() != sources {
        let message = format!("there are {} patterns for {sources} sources", patterns.len());
        return Err(cursor.fault("SL1109", at, message, "one for each source"));
    }
    Ok(Synapses::Shared { patterns, bases, offsets, steps, values })
}

fn sparse(cursor: &mut Cursor<'_>, of_target: u64) -> Step<Synapses> {
    let at = cursor.at();
    let sources = sources(cursor, of_target)?;
    let count = cursor.charge(sources as u64 + 1, at)?;
    let mut rows =
        Rows { sources, offsets: Vec::with_capacity(count), targets: Vec::new(), values: Vec::new() };
    if !cursor.takes_sign("{") {
        let at = cursor.at();
        let (_, columns, triples) = cursor.table::<i32>()?;
        if columns != 3 {
            return Err(cursor.fault("SL1109", at, "a synapse has three numbers".to_string(), ""));
        }
        for triple in triples.chunks_exact(3) {
            rows.open(cursor, u32::try_from(triple[0]).unwrap_or(u32::MAX), at)?;
            let Ok(target) = u32::try_from(triple[1]) else {
                let message = format!("{} is no target", triple[1]);
                return Err(cursor.fault("SL1104", at, message, ""));
            };
            rows.targets.push(target);
            rows.values.push(triple[2]);
        }
        return Ok(rows.finish());
    }
    while !cursor.takes_sign("}") {
        cursor.keyword("from")?;
        let at = cursor.at();
        let source = cursor.integer::<u32>()?;
        rows.open(cursor, source, at)?;
        cursor.entries(|target, value| {
            rows.targets.push(target);
            rows.values.push(value);
        })?;
    }
    Ok(rows.finish())
}

/// Sparse synapses in the making: sources come in ascending order.
struct Rows {
    sources: usize,
    offsets: Vec<u32>,
    targets: Vec<u32>,
    values: Vec<i32>,
}

impl Rows {
    /// What follows belongs to this source.
    fn open(&mut self, cursor: &mut Cursor<'_>, source: u32, at: usize) -> Step<()> {
        if source as usize >= self.sources {
            let message = format!("there is no source {source} among {}", self.sources);
            return Err(cursor.fault("SL1104", at, message, ""));
        }
        if (source as usize) + 1 < self.offsets.len() {
            let message = format!("source {source} stands behind a later one");
            return Err(cursor.fault("SL1103", at, message, "sources ascend"));
        }
        self.offsets.resize(source as usize + 1, self.targets.len() as u32);
        Ok(())
    }

    fn finish(mut self) -> Synapses {
        self.offsets.resize(self.sources + 1, self.targets.len() as u32);
        Synapses::Sparse { offsets: self.offsets, targets: self.targets, values: self.values }
    }
}

impl Cursor<'_> {
    /// `: 0=+1 4=-2 ...`.
    pub(super) fn entries(&mut self, mut f: impl FnMut(u32, i32)) -> Step<()> {
        self.sign(":")?;
        loop {
            let at = self.integer()?;
            self.sign("=")?;
            f(at, self.integer()?);
            if !self.is_number() {
                return Ok(());
            }
        }
    }
}
