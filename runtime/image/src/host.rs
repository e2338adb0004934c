//! The host's side of an image: which packets an input spike becomes, where output spikes are found; and the
//! debug sections, which the emulator needs for probes only.

use crate::wire::{Reader, Writer};
use spikeloom_diagnostics::Result;

/// Steps that a run may go on after its input; beyond any lag that the compiler makes.
const MOST_TAIL: u32 = 1 << 20;

/// What the host must know to use the chip.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Host {
    /// Input nodes.
    pub inputs: Vec<HostInput>,
    /// Output nodes.
    pub outputs: Vec<HostOutput>,
    /// Output nodes that do not spike.
    pub readouts: Vec<HostReadout>,
    /// Steps that a run goes on after the last input step, so that late populations finish.
    pub tail_steps: u32,
}

/// An input node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostInput {
    /// Name of the node.
    pub name: String,
    /// Its row-major shape.
    pub shape: Vec<usize>,
    /// Packets that a spike of each element becomes. A packet of step t enters before tick t.
    pub packets: Vec<Vec<u64>>,
}

/// An output node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostOutput {
    /// Name of the node.
    pub name: String,
    /// Its row-major shape.
    pub shape: Vec<usize>,
    /// Steps by which its spikes come late.
    pub lag: u32,
    /// Where each element's spikes are found.
    pub taps: Vec<Tap>,
}

/// An output node whose state the host reads after every step.
#[derive(Clone, Debug, PartialEq)]
pub struct HostReadout {
    /// Name of the node.
    pub name: String,
    /// Its row-major shape.
    pub shape: Vec<usize>,
    /// Steps by which it comes late.
    pub lag: u32,
    /// Units of the state for one unit of the network.
    pub scale: f64,
    /// Name of the state variable.
    pub state: String,
    /// Core number and slot of each element.
    pub slots: Vec<(u32, u32)>,
}

/// Where the spikes of an output element are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tap {
    /// On a channel of the output node.
    Channel(u32),
    /// At a slot.
    Slot {
        /// Core number.
        core: u32,
        /// Slot there.
        slot: u32,
    },
}

/// Names for probes and messages. An image runs the same without.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Debug {
    /// Populations, inputs included.
    pub symbols: Vec<Symbol>,
    /// What the compiler meant each slot to be, for every slot that is not idle: (core number, slot, role).
    pub witness: Vec<(u32, u32, SlotRole)>,
}

/// A population.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Name in the network.
    pub name: String,
    /// Row-major shape.
    pub shape: Vec<usize>,
    /// Steps by which it runs late.
    pub lag: u32,
    /// Whether it is an input.
    pub is_input: bool,
}

/// What a slot was meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SlotRole {
    /// Whether it is the neuron itself, not a copy.
    pub is_primary: bool,
    /// Index into [`Debug::symbols`].
    pub population: u32,
    /// Position there.
    pub index: u32,
}

impl Host {
    pub(crate) fn write_inputs(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u32(self.tail_steps);
        writer.u32(self.inputs.len() as u32);
        for input in &self.inputs {
            writer.text(&input.name);
            writer.shape(&input.shape);
            for packets in &input.packets {
                writer.u32(packets.len() as u32);
                packets.iter().for_each(|packet| writer.u64(*packet));
            }
        }
        writer.0
    }

    pub(crate) fn write_outputs(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u32(self.outputs.len() as u32);
        for output in &self.outputs {
            writer.text(&output.name);
            writer.shape(&output.shape);
            writer.u32(output.lag);
            for tap in &output.taps {
                let (kind, core, slot) = match tap {
                    Tap::Channel(channel) => (0, *channel, 0),
                    Tap::Slot { core, slot } => (1, *core, *slot),
                };
                writer.u8(kind);
                writer.u32(core);
                writer.u32(slot);
            }
        }
        writer.0
    }

    pub(crate) fn write_readouts(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u32(self.readouts.len() as u32);
        for readout in &self.readouts {
            writer.text(&readout.name);
            writer.shape(&readout.shape);
            writer.u32(readout.lag);
            writer.u64(readout.scale.to_bits());
            writer.text(&readout.state);
            for (core, slot) in &readout.slots {
                writer.u32(*core);
                writer.u32(*slot);
            }
        }
        writer.0
    }

    fn read_readouts(bytes: &[u8], file: &str) -> Result<Vec<HostReadout>> {
        let mut reader = Reader::new("HOSTREAD", file, bytes);
        let mut readouts = Vec::new();
        for _ in 0..reader.count(24)? {
            let (name, shape, lag) = (reader.text()?, reader.shape()?, reader.u32()?);
            let scale = f64::from_bits(reader.u64()?);
            if !(scale.is_finite() && scale > 0.0) {
                return reader.fault("a scale is no finite number above 0");
            }
            let state = reader.text()?;
            let mut slots = Vec::new();
            for _ in 0..shape.iter().product::<usize>() {
                slots.push((reader.u32()?, reader.u32()?));
            }
            readouts.push(HostReadout { name, shape, lag, scale, state, slots });
        }
        reader.end()?;
        Ok(readouts)
    }

    pub(crate) fn read(inputs: &[u8], outputs: &[u8], readouts: Option<&[u8]>, file: &str) -> Result<Host> {
        let mut reader = Reader::new("HOST.IN", file, inputs);
        let tail_steps = reader.u32()?;
        if tail_steps > MOST_TAIL {
            return reader.fault("a run would go on without end");
        }
        let readouts = readouts.map_or(Ok(Vec::new()), |bytes| Self::read_readouts(bytes, file))?;
        let mut host = Host { inputs: Vec::new(), outputs: Vec::new(), readouts, tail_steps };
        for _ in 0..reader.count(8)? {
            let (name, shape) = (reader.text()?, reader.shape()?);
            let mut packets = Vec::new();
            for _ in 0..shape.iter().product::<usize>() {
                let count = reader.count(8)?;
                packets.push((0..count).map(|_| reader.u64()).collect::<Result<_>>()?);
            }
            host.inputs.push(HostInput { name, shape, packets });
        }
        reader.end()?;
        let mut reader = Reader::new("HOST.OUT", file, outputs);
        for _ in 0..reader.count(12)? {
            let (name, shape, lag) = (reader.text()?, reader.shape()?, reader.u32()?);
            let mut taps = Vec::new();
            for _ in 0..shape.iter().product::<usize>() {
                let (kind, core, slot) = (reader.u8()?, reader.u32()?, reader.u32()?);
                taps.push(match kind {
                    0 => Tap::Channel(core),
                    1 => Tap::Slot { core, slot },
                    _ => return reader.fault("there is no such kind of tap"),
                });
            }
            host.outputs.push(HostOutput { name, shape, lag, taps });
        }
        reader.end()?;
        Ok(host)
    }
}

impl Debug {
    pub(crate) fn write_symbols(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u32(self.symbols.len() as u32);
        for symbol in &self.symbols {
            writer.text(&symbol.name);
            writer.shape(&symbol.shape);
            writer.u32(symbol.lag);
            writer.u8(symbol.is_input.into());
        }
        writer.0
    }

    pub(crate) fn write_witness(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u32(self.witness.len() as u32);
        for (core, slot, role) in &self.witness {
            writer.u32(*core);
            writer.u32(*slot);
            writer.u8(role.is_primary.into());
            writer.u32(role.population);
            writer.u32(role.index);
        }
        writer.0
    }

    pub(crate) fn read(symbols: &[u8], witness: &[u8], file: &str) -> Result<Debug> {
        let mut reader = Reader::new("SYMBOLS", file, symbols);
        let mut debug = Debug::default();
        for _ in 0..reader.count(13)? {
            let (name, shape, lag, is_input) =
                (reader.text()?, reader.shape()?, reader.u32()?, reader.flag()?);
            debug.symbols.push(Symbol { name, shape, lag, is_input });
        }
        reader.end()?;
        let mut reader = Reader::new("WITNESS", file, witness);
        for _ in 0..reader.count(17)? {
            let (core, slot) = (reader.u32()?, reader.u32()?);
            let role =
                SlotRole { is_primary: reader.flag()?, population: reader.u32()?, index: reader.u32()? };
            let known = debug.symbols.get(role.population as usize);
            if known.is_none_or(|s| role.index as usize >= s.shape.iter().product()) {
                return reader.fault("a slot stands for a neuron that does not exist");
            }
            debug.witness.push((core, slot, role));
        }
        reader.end()?;
        Ok(debug)
    }
}
