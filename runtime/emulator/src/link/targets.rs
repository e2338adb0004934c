//! Where packets end.

use super::{Core, Lists, OutputPacket};
use spikeloom_chip::layout::{FieldLayout, Layout, set_bits};
use spikeloom_chip::schema::{Code, Holds, Per};
use spikeloom_chip::{Chip, NodeKind};
use spikeloom_diagnostics::Diagnostic;
use spikeloom_image::memory::{Destination, StoredAddress};
use spikeloom_image::packet;

/// Warnings that are given one by one; the rest is summed up.
const WARNINGS: usize = 16;

/// A packet's way to an in-axon, `core` being an index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrival {
    pub(super) core: u32,
    pub(super) axon: u32,
    pub(super) delay: u32,
}

/// Where a packet ends.
pub(super) enum Target {
    Axon { core: u32, axon: u32, delay: u32 },
    Output(OutputPacket),
    Nowhere(String),
}

/// Follows packets, source by source.
pub(super) struct Follower<'a> {
    chip: &'a Chip,
    cores: &'a [Core],
    host: Layout,
    /// Whether the last core type asked for stores delays minus one, by name.
    delay_codes: Vec<(String, Code)>,
    pub(super) arrivals: Lists<Arrival>,
    pub(super) outputs: Lists<OutputPacket>,
    pub(super) unreachable: Vec<u32>,
    lost: Vec<Diagnostic>,
    lost_count: usize,
}

impl<'a> Follower<'a> {
    pub(super) fn new(chip: &'a Chip, cores: &'a [Core]) -> Self {
        let codes = chip.description.core_types.iter().map(|(name, core)| {
            let fields = core
                .records
                .iter()
                .filter(|r| matches!(r.per, Per::Slot | Per::OutEntry))
                .flat_map(|r| &r.fields);
            let code =
                fields.into_iter().find(|field| field.holds == Holds::PacketDelay).map(|field| field.code);
            (name.clone(), code.unwrap_or_default())
        });
        Follower {
            chip,
            cores,
            host: chip.host_packet(),
            delay_codes: codes.collect(),
            arrivals: Lists::default(),
            outputs: Lists::default(),
            unreachable: Vec::new(),
            lost: Vec::new(),
            lost_count: 0,
        }
    }

    /// Sources followed so far.
    pub(super) fn sources(&self) -> u32 {
        self.unreachable.len() as u32
    }

    /// The next source is a slot.
    pub(super) fn slot(&mut self, core: &Core, slot: u32, destinations: &[Destination]) {
        let code = self.delay_code(core.number);
        let targets: Vec<Target> = destinations
            .iter()
            .map(|destination| {
                let raw_delay = i64::from(destination.delay) - i64::from(code == Code::MinusOne);
                self.follow(core.node, destination, raw_delay as u64)
            })
            .collect();
        self.source(targets, || format!("core {} slot {slot}", core.number));
    }

    /// The next source is an element of an input node.
    pub(super) fn host(&mut self, node: &str, packets: &[u64]) {
        let targets: Vec<Target> = packets.iter().map(|packet| self.packet(*packet)).collect();
        self.source(targets, || format!("input {node}"));
    }

    /// A packet of the host.
    pub(super) fn packet(&mut self, bits: u64) -> Target {
        let destination = packet::unpack(&self.host, bits);
        let field = self.host.find(&Holds::PacketDelay);
        let raw_delay =
            field.map_or(0, |field| i64::from(destination.delay) - i64::from(field.code == Code::MinusOne));
        self.follow(packet::entry(self.chip), &destination, raw_delay as u64)
    }

    fn delay_code(&self, core: u32) -> Code {
        let name = self.chip.core_at(core as usize).map(|(name, _)| name);
        let known = self.delay_codes.iter().find(|(other, _)| Some(other.as_str()) == name);
        known.map_or(Code::Plain, |(_, code)| *code)
    }

    fn follow(&self, from: (u32, u32), destination: &Destination, raw_delay: u64) -> Target {
        let Some(site) = packet::resolve(self.chip, from, destination.address) else {
            return Target::Nowhere("it leaves the mesh".into());
        };
        let axon = destination.axon;
        match self.chip.sites[site].kind {
            NodeKind::Empty => Target::Nowhere(format!("nothing stands at node {site}")),
            NodeKind::Output(channels) if axon >= channels => {
                Target::Nowhere(format!("the output node has {channels} channels and no channel {axon}"))
            }
            NodeKind::Output(_) => Target::Output(self.output(destination, raw_delay)),
            NodeKind::Core(_) => match self.cores.binary_search_by_key(&(site as u32), |core| core.number) {
                Err(_) => Target::Nowhere(format!("core {site} has no content")),
                Ok(index) if axon >= self.cores[index].axons => {
                    Target::Nowhere(format!("core {site} has no in-axon {axon}"))
                }
                Ok(index) => Target::Axon { core: index as u32, axon, delay: destination.delay },
            },
        }
    }

    /// The bits of a packet as it leaves the chip: the way is gone, in-axon and delay are as stored.
    fn output(&self, destination: &Destination, raw_delay: u64) -> OutputPacket {
        let mut row = [0u64; 1];
        let mut put = |field: &FieldLayout, raw: u64| {
            if field.offset + field.bits <= 64 {
                set_bits(&mut row, field.offset, field.bits, raw);
            }
        };
        for field in &self.host.fields {
            match (&field.holds, destination.address) {
                (Holds::DestinationAxon, _) => put(field, u64::from(destination.axon)),
                (Holds::PacketDelay, _) => put(field, raw_delay),
                (Holds::DestinationCore, StoredAddress::Core(core)) => put(field, u64::from(core)),
                _ => {}
            }
        }
        OutputPacket { channel: destination.axon, bits: row[0] }
    }

    fn source(&mut self, targets: Vec<Target>, name: impl Fn() -> String) {
        let (mut arrivals, mut outputs, mut unreachable) = (Vec::new(), Vec::new(), 0);
        for target in targets {
            match target {
                Target::Axon { core, axon, delay } => arrivals.push(Arrival { core, axon, delay }),
                Target::Output(packet) => outputs.push(packet),
                Target::Nowhere(why) => {
                    unreachable += 1;
                    self.lost_count += 1;
                    if self.lost.len() < WARNINGS {
                        let warning = Diagnostic::warning("SL1002", format!("a packet leads nowhere: {why}"));
                        self.lost.push(warning.at_node("", name()));
                    }
                }
            }
        }
        self.arrivals.push(arrivals);
        self.outputs.push(outputs);
        self.unreachable.push(unreachable);
    }

    /// What was found wrong.
    pub(super) fn warnings(&mut self) -> Vec<Diagnostic> {
        let mut warnings = std::mem::take(&mut self.lost);
        if self.lost_count > warnings.len() {
            let more = self.lost_count - warnings.len();
            warnings.push(Diagnostic::warning("SL1002", format!("{more} more packets lead nowhere")));
        }
        warnings
    }
}
