//! A Program's synapses by target, and what each needs in a core that holds its target.

use super::compose::{self, Basis, Census};
use spikeloom_chip::Chip;
use spikeloom_chip::schema::{Compose, CoreType, Delay, Store, WeightCode};
use spikeloom_diagnostics::{Diagnostic, Diagnostics, Result};
use spikeloom_ir::cores::{NeuronId, SynapseFormat};
use spikeloom_ir::network::PopulationId;
use spikeloom_ir::program::{Connection, PopulationKind, Program};

/// What tells in-axons of a core apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AxonKey {
    /// Delay that packets carry (0 where synapses hold delays).
    pub delay: u32,
    /// Type of the row (0 in a store of lists).
    pub row_type: u32,
    /// Number of the source among all elements of all populations.
    pub source: u32,
}

/// A synapse as its target needs it.
#[derive(Clone, Copy, Debug)]
pub struct Incoming {
    /// Number of the source.
    pub source: u32,
    /// Value.
    pub value: i32,
    /// Index of the connection.
    pub connection: u32,
}

/// The synapses of a Program by target.
pub struct Wiring<'a> {
    /// The program.
    pub program: &'a Program,
    /// Number of the first element of each population; one more at the end.
    pub base: Vec<u32>,
    offsets: Vec<usize>,
    incoming: Vec<Incoming>,
    bases: Vec<Option<Basis>>,
    formats: Vec<SynapseFormat>,
    packets_carry_delay: bool,
}

impl<'a> Wiring<'a> {
    /// Sorts the synapses by target and finds type values or formats for them.
    pub fn new(program: &'a Program, chip: &Chip) -> Result<Wiring<'a>> {
        let mut base = vec![0u32];
        for population in &program.populations {
            base.push(base[base.len() - 1] + population.len() as u32);
        }
        let total = base[base.len() - 1] as usize;
        let mut offsets = vec![0usize; total + 1];
        each_synapse(program, &base, |target, _| offsets[target as usize + 1] += 1);
        for i in 0..total {
            offsets[i + 1] += offsets[i];
        }
        let mut at = offsets.clone();
        let mut incoming = vec![Incoming { source: 0, value: 0, connection: 0 }; offsets[total]];
        each_synapse(program, &base, |target, synapse| {
            incoming[at[target as usize]] = synapse;
            at[target as usize] += 1;
        });
        let mut wiring = Wiring {
            program,
            base,
            offsets,
            incoming,
            bases: vec![None; program.populations.len()],
            formats: Vec::new(),
            packets_carry_delay: false,
        };
        wiring.add_up(chip);
        wiring.prepare(chip)?;
        Ok(wiring)
    }

    /// Connections that lie side by side, with the same ends and delay, bring a target several events of one source at
    /// once. A bit crossbar has one row for a source, a delay and a type, so there they are added up, where the chip
    /// allows sums at all.
    fn add_up(&mut self, chip: &Chip) {
        let key = |c: &Connection| (c.source, c.target, c.delay);
        let connections = &self.program.connections;
        let first: Vec<u32> = connections
            .iter()
            .map(|c| connections.iter().position(|other| key(other) == key(c)).unwrap_or(0) as u32)
            .collect();
        if first.iter().enumerate().all(|(i, first)| i as u32 == *first) {
            return;
        }
        let (mut offsets, mut incoming) = (vec![0], Vec::with_capacity(self.incoming.len()));
        for target in 0..self.offsets.len() as u32 - 1 {
            let mut own = self.of(target).to_vec();
            if let PopulationKind::Neurons { core_type, .. } =
                &self.program.populations[self.population(target)].kind
                && let Store::BitCrossbar { compose, .. } = chip.core_type(core_type).store
                && compose::allowed(compose, &chip.programs[core_type]) != Compose::None
            {
                own.iter_mut().for_each(|synapse| synapse.connection = first[synapse.connection as usize]);
                own.sort_by_key(|synapse| (synapse.connection, synapse.source));
                own.dedup_by(|next, kept| {
                    let is_same = (next.connection, next.source) == (kept.connection, kept.source);
                    kept.value = if is_same { kept.value.saturating_add(next.value) } else { kept.value };
                    is_same
                });
                own.retain(|synapse| synapse.value != 0);
            }
            incoming.append(&mut own);
            offsets.push(incoming.len());
        }
        (self.offsets, self.incoming) = (offsets, incoming);
    }

    fn prepare(&mut self, chip: &Chip) -> Result<()> {
        let mut faults = Vec::new();
        for (i, population) in self.program.populations.iter().enumerate() {
            let PopulationKind::Neurons { core_type, .. } = &population.kind else { continue };
            let core = chip.core_type(core_type);
            self.packets_carry_delay = matches!(core.delay, Delay::Source { .. });
            if let Store::BitCrossbar { types, value_bits, compose } = core.store {
                let mut census = Census::default();
                for neuron in 0..population.len() as u32 {
                    census.add(neuron as usize, 0);
                    self.of(self.base[i] + neuron)
                        .iter()
                        .for_each(|s| census.add(neuron as usize, s.value.into()));
                }
                let compose = compose::allowed(compose, &chip.programs[core_type]);
                self.bases[i] = Basis::choose(&census, types, value_bits, compose);
                if self.bases[i].is_none() {
                    faults.push(
                        Diagnostic::error(
                            "SL0704",
                            format!(
                                "the weights into `{}` can't be composed of {types} type values",
                                population.name
                            ),
                        )
                        .at_node(&self.program.origin.source_name, &population.location)
                        .field("store.types"),
                    );
                } else if let Some(target) = (self.base[i]..self.base[i + 1]).find(|t| self.shares_a_row(*t))
                {
                    faults.push(
                        Diagnostic::error(
                            "SL0704",
                            format!("{} hears one source twice at one delay, and this chip's rows hold it once", self.name(target)),
                        )
                        .at_node(&self.program.origin.source_name, &population.location)
                        .field("store.compose")
                        .hint("make the two connections one, with the sum of their weights, if the order of events does not matter"),
                    );
                }
            }
        }
        for connection in &self.program.connections {
            let PopulationKind::Neurons { core_type, .. } =
                &self.program.populations[connection.target.index()].kind
            else {
                continue;
            };
            let mut values = Vec::new();
            let sources = self.program.populations[connection.source.index()].len();
            (0..sources)
                .for_each(|s| connection.synapses.for_each_of(s, |_, value| values.push(i64::from(value))));
            match format(chip.core_type(core_type), &values, connection.delay) {
                Some(format) => self.formats.push(format),
                None => faults.push(
                    Diagnostic::error("SL0707", "no exponent holds all weights of this connection")
                        .at_node(&self.program.origin.source_name, connection.path.join(" "))
                        .field("store.weight"),
                ),
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(Diagnostics(faults)) }
    }

    /// Whether two synapses of a target ask for the same bit of a crossbar.
    fn shares_a_row(&self, target: u32) -> bool {
        let mut keys: Vec<AxonKey> = self.of(target).iter().flat_map(|s| self.axons(target, *s)).collect();
        keys.sort_unstable();
        keys.windows(2).any(|pair| pair[0] == pair[1])
    }

    /// Synapses onto an element.
    pub fn of(&self, target: u32) -> &[Incoming] {
        &self.incoming[self.offsets[target as usize]..self.offsets[target as usize + 1]]
    }

    /// The format of a connection's synapses.
    pub fn format(&self, connection: u32) -> SynapseFormat {
        self.formats[connection as usize]
    }

    /// The in-axons over which a synapse reaches its target.
    pub fn axons(&self, target: u32, synapse: Incoming) -> Vec<AxonKey> {
        let population = self.population(target);
        let connection = &self.program.connections[synapse.connection as usize];
        let delay = if self.packets_carry_delay { connection.delay } else { 0 };
        let key = |row_type| AxonKey { delay, row_type, source: synapse.source };
        match &self.bases[population] {
            None => vec![key(0)],
            Some(basis) => {
                let neuron = (target - self.base[population]) as usize;
                basis
                    .types_for(neuron, synapse.value.into())
                    .unwrap_or_default()
                    .into_iter()
                    .map(key)
                    .collect()
            }
        }
    }

    /// The in-axons of a core with these elements, ascending.
    pub fn in_axons(&self, members: &[u32]) -> Vec<AxonKey> {
        let of = |member: u32| self.of(member).iter().flat_map(move |synapse| self.axons(member, *synapse));
        let mut keys: Vec<AxonKey> = members.iter().flat_map(|member| of(*member)).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Type values of an element, in a bit crossbar.
    pub fn type_values(&self, element: u32) -> &[i64] {
        let population = self.population(element);
        self.bases[population]
            .as_ref()
            .map_or(&[], |basis| basis.of((element - self.base[population]) as usize))
    }

    /// Delay that the synapses of a connection hold (0 where packets carry delays).
    pub fn synapse_delay(&self, connection: u32) -> u32 {
        if self.packets_carry_delay { 0 } else { self.program.connections[connection as usize].delay }
    }

    /// The population of an element.
    pub fn population(&self, element: u32) -> usize {
        self.base.partition_point(|first| *first <= element) - 1
    }

    /// The element as population and index.
    pub fn id(&self, element: u32) -> NeuronId {
        let population = self.population(element);
        NeuronId { population: PopulationId(population as u32), index: element - self.base[population] }
    }

    /// Name of an element, for messages.
    pub fn name(&self, element: u32) -> String {
        let id = self.id(element);
        format!("{}[{}]", self.program.populations[id.population.index()].name, id.index)
    }
}

fn each_synapse(program: &Program, base: &[u32], mut f: impl FnMut(u32, Incoming)) {
    for (i, connection) in program.connections.iter().enumerate() {
        let (from, to) = (base[connection.source.index()], base[connection.target.index()]);
        for source in 0..program.populations[connection.source.index()].len() {
            connection.synapses.for_each_of(source, |target, value| {
                f(to + target as u32, Incoming { source: from + source as u32, value, connection: i as u32 });
            });
        }
    }
}

/// The format under which all values of a connection can be written: the greatest exponent, the narrowest delay.
fn format(core: &CoreType, values: &[i64], delay: u32) -> Option<SynapseFormat> {
    let Store::BlockLists { weight, .. } = &core.store else {
        return Some(SynapseFormat { exponent: 0, delay_bits: 0 });
    };
    let holds = |code: &WeightCode, e: i32| values.iter().all(|v| code.mantissa(*v, e).is_some());
    let exponent = weight.exponents().rev().find(|e| holds(weight, *e))?;
    let delay_bits = match core.delay {
        Delay::Synapse { least, .. } => u32::BITS - delay.saturating_sub(least).leading_zeros(),
        Delay::Source { .. } => 0,
    };
    Some(SynapseFormat { exponent, delay_bits })
}
