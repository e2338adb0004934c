//! Random chips: sizes, widths, stores, row types, one or many destinations, where delays are kept, merge rules,
//! profiles, orders, addressing, ways out.

use proptest::prelude::*;
use spikeloom_chip::schema::*;
use spikeloom_chip::{Chip, read_canonical};
use spikeloom_diagnostics::Result;
use std::collections::BTreeMap;

/// What a chip is made of.
#[derive(Clone, Debug)]
pub struct Knobs {
    /// Mesh and cores at a node.
    pub mesh: (u32, u32, u32),
    /// Slots of a core.
    pub slots: u32,
    /// In-axons of a core.
    pub axons: u32,
    /// Whether synapses lie in lists.
    pub has_lists: bool,
    /// Row types, or formats.
    pub types: u32,
    /// Bits of a type value, or of a weight.
    pub value_bits: u32,
    /// Whether row types may be summed; whether weights have exponents.
    pub can_compose: bool,
    /// Destinations of a slot; 0 is a table.
    pub destinations: u32,
    /// Whether destinations are mesh offsets.
    pub is_relative: bool,
    /// Whether lists hold delays.
    pub synapse_delays: bool,
    /// Greatest delay.
    pub delay_most: u32,
    /// Least delay of a host spike.
    pub host_least: u32,
    /// Whether packets merge.
    pub merges: bool,
    /// Whether an unused core runs.
    pub unused_runs: bool,
    /// Whether spikes leave by an output node.
    pub has_output_node: bool,
    /// Whether thresholds are in a profile of so many entries.
    pub profile: Option<u32>,
    /// Bits of the membrane.
    pub state_bits: u32,
    /// Whether the membrane can be subtracted from.
    pub can_subtract: bool,
    /// Whether there is a decay.
    pub can_decay: bool,
    /// Whether there is a hold.
    pub can_hold: bool,
    /// Words of synapse memory.
    pub words: u32,
    /// Bits of a word.
    pub word_bits: u32,
}

/// All chips.
pub fn knobs() -> impl Strategy<Value = Knobs> {
    let sizes =
        ((1u32..5, 1u32..5, 1u32..3), 2u32..40, 4u32..80, any::<bool>(), 1u32..6, 3u32..12, any::<bool>());
    let ways = (
        0u32..3,
        any::<bool>(),
        any::<bool>(),
        1u32..6,
        0u32..2,
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    );
    let neuron = (prop::option::of(1u32..5), 8u32..20, any::<bool>(), any::<bool>(), any::<bool>());
    let memory = (8u32..400, prop_oneof![Just(16u32), Just(32), Just(64)]);
    (sizes, ways, neuron, memory).prop_map(|(sizes, ways, neuron, memory)| {
        let (mesh, slots, axons, has_lists, types, value_bits, can_compose) = sizes;
        let (
            destinations,
            is_relative,
            synapse_delays,
            delay_most,
            host_least,
            merges,
            unused_runs,
            has_output_node,
        ) = ways;
        let (profile, state_bits, can_subtract, can_decay, can_hold) = neuron;
        Knobs {
            mesh,
            slots,
            axons,
            has_lists,
            types,
            value_bits,
            can_compose,
            destinations,
            is_relative: is_relative && mesh.2 == 1,
            synapse_delays: synapse_delays && has_lists,
            delay_most,
            host_least,
            merges,
            unused_runs,
            has_output_node: has_output_node && mesh.0 * mesh.1 > 1,
            profile,
            state_bits,
            can_subtract,
            can_decay,
            can_hold,
            words: memory.0,
            word_bits: memory.1,
        }
    })
}

fn bits_for(n: u32) -> u32 {
    32 - n.saturating_sub(1).leading_zeros()
}

fn field(name: &str, holds: Holds, bits: u32) -> Field {
    Field { name: name.into(), holds, bits, count: 1, order: ElementOrder::Ascending, code: Code::Plain }
}

fn formula(text: &str) -> spikeloom_chip::expression::Formula {
    let expression = spikeloom_chip::expression::Expression::parse(text).expect("the test's own formula");
    spikeloom_chip::expression::Formula { text: text.into(), expression }
}

impl Knobs {
    /// The chip that these numbers make.
    pub fn build(&self) -> Result<Chip> {
        Self::resolve(&self.describe())
    }

    /// A description as a chip: through its text, as a user's would come.
    pub fn resolve(description: &Description) -> Result<Chip> {
        let text = ron::ser::to_string_pretty(description, ron::ser::PrettyConfig::new())
            .expect("descriptions can be written");
        read_canonical(&text, "random.ron")
    }

    /// The description.
    pub fn describe(&self) -> Description {
        let (width, height, members) = self.mesh;
        let mut levels = vec![Level::Mesh { width, height, routing: Routing::Xy }];
        if members > 1 {
            levels.insert(0, Level::Star { members });
        }
        let mut layout = vec![Layout::Fill("core".into())];
        if self.has_output_node {
            layout.push(Layout::OutputNode { x: width - 1, y: height - 1, channels: self.axons });
        }
        let (host_least, host_most) =
            if self.synapse_delays { (1, self.delay_most) } else { (self.host_least, self.delay_most) };
        Description {
            schema: 1,
            name: "random".into(),
            about: "made up".into(),
            kind: Kind::Imagined,
            sources: BTreeMap::from([("us".into(), "our own choice".into())]),
            parameters: BTreeMap::new(),
            variants: BTreeMap::new(),
            core_types: BTreeMap::from([("core".into(), self.core())]),
            fabric: Fabric { levels, layout },
            io: Io {
                host_in: HostIn {
                    entry: if self.is_relative { Entry::Node { x: 0, y: 0 } } else { Entry::AnyCore },
                    delay_least: host_least,
                    delay_most: host_most,
                    packet: self.packet_fields(!self.synapse_delays, Code::Plain),
                },
                host_out: if self.has_output_node { HostOut::OutputNode } else { HostOut::Tap },
                host_read: Vec::new(),
            },
            step: Step::Tick { period_ns: None, overrun: Overrun::Impossible },
            bindings: self.bindings(),
            provenance: Vec::new(),
            quirks: Vec::new(),
        }
    }

    fn core(&self) -> CoreType {
        let store = if self.has_lists {
            let weight = if self.can_compose {
                WeightCode::MantissaExponent {
                    bits: self.value_bits,
                    align: self.value_bits,
                    exponents: (-2, 4),
                    shift: 0,
                }
            } else {
                WeightCode::Plain { bits: self.value_bits }
            };
            Store::BlockLists {
                words: self.words,
                word_bits: self.word_bits,
                block_most: 8,
                count_bits: 3,
                format_bits: 3,
                formats: self.types,
                index_bits: vec![bits_for(self.slots).max(1)],
                weight,
            }
        } else {
            let compose = if self.can_compose { Compose::RowTypes } else { Compose::None };
            Store::BitCrossbar { types: self.types, value_bits: self.value_bits, compose }
        };
        let delay = if self.synapse_delays {
            Delay::Synapse { least: 1, most: self.delay_most, bits: 3, accumulators: None }
        } else {
            Delay::Source { least: 1, most: self.delay_most }
        };
        CoreType {
            slots: self.slots,
            source_id: SourceId::Free,
            in_axons: InAxons {
                count: self.axons,
                merge: if self.merges { Merge::Or } else { Merge::Sum },
                order: Order::AxonIndex,
            },
            store,
            delay,
            out_axons: OutAxons {
                organisation: match self.destinations {
                    0 => OutOrganisation::Table { entries: 64 },
                    destinations => OutOrganisation::PerSlot { destinations },
                },
                address: if self.is_relative {
                    Address::Relative { x: (-8, 7), y: (-8, 7) }
                } else {
                    Address::Core
                },
                copies: Copies::Exact,
            },
            neuron: self.neuron(),
            unused: if self.unused_runs { Unused::Runs } else { Unused::Off },
            profiles: self.profile.map(|n| ("th".to_string(), n)).into_iter().collect(),
            records: self.records(),
        }
    }

    fn neuron(&self) -> Neuron {
        let bits = self.state_bits;
        let most = (1i64 << (bits - 1)) - 1;
        let mut state =
            vec![StateVariable { name: "v".into(), bits, signed: true, overflow: Overflow::Wrap }];
        let scope = if self.profile.is_some() { Scope::Profile("th".into()) } else { Scope::Slot };
        let parameter =
            |name: &str, bits, signed, scope| ParameterVariable { name: name.into(), bits, signed, scope };
        let mut parameters = vec![
            parameter("vth", bits, true, scope),
            parameter("bias", bits, true, Scope::Slot),
            parameter("mode", 1, false, Scope::Slot),
        ];
        let mut tick = String::from(
            "v := v + bias; if v >= vth { spike; if mode == 0 { v := 0; } else { v := v - vth; } }",
        );
        if self.can_decay {
            parameters.push(parameter("k", 9, false, Scope::Slot));
            tick = format!("v := tz(v * k, 8) + bias + q; q := 0; {}", &tick["v := v + bias; ".len()..]);
            state.push(StateVariable { name: "q".into(), bits, signed: true, overflow: Overflow::Wrap });
        }
        if self.can_hold {
            state.push(StateVariable {
                name: "wait".into(),
                bits: 6,
                signed: false,
                overflow: Overflow::Forbid,
            });
            tick = format!("if wait > 0 {{ wait := wait - 1; }} else {{ {tick} }}");
        }
        Neuron {
            name: "random-if".into(),
            state,
            parameters,
            on_event: if self.can_decay { "q := q + w;".into() } else { "v := v + w;".into() },
            on_tick: tick,
            after: None,
            idle: BTreeMap::from([("vth".into(), most)]),
            relay: None,
            hold: self.can_hold.then(|| "wait".into()),
            random: None,
            reset: Reset::HostWrite,
        }
    }

    fn packet_fields(&self, with_delay: bool, code: Code) -> Vec<Field> {
        let mut fields = Vec::new();
        if with_delay {
            fields.push(Field { code, ..field("delay", Holds::PacketDelay, 3) });
        }
        fields.push(field("axon", Holds::DestinationAxon, bits_for(self.axons).max(1)));
        if self.is_relative {
            fields.push(field("dy", Holds::DestinationY, 4));
            fields.push(field("dx", Holds::DestinationX, 4));
        } else {
            fields.push(field(
                "core",
                Holds::DestinationCore,
                bits_for(self.mesh.0 * self.mesh.1 * self.mesh.2).max(1),
            ));
        }
        fields
    }

    fn records(&self) -> Vec<Record> {
        let record = |name: &str, per, fields| Record {
            name: name.into(),
            per,
            text_file: None,
            fields,
            example: None,
        };
        let neuron = self.neuron();
        let mut slot = Vec::new();
        let mut records = Vec::new();
        if self.has_lists {
            let start = bits_for(self.words).max(1);
            records.push(record(
                "in_axon",
                Per::InAxon,
                vec![field("start", Holds::ListStart, start), field("blocks", Holds::ListBlocks, start + 1)],
            ));
            let mut format = vec![field("index", Holds::FormatIndexCode, 1)];
            if self.can_compose {
                format.push(field("exponent", Holds::FormatExponent, 4));
            }
            if self.synapse_delays {
                format.push(field("delay", Holds::FormatDelayBits, 2));
            }
            records.push(record("format", Per::Format, format));
            records.push(record(
                "synapses",
                Per::SynapseWord,
                vec![field("word", Holds::Word, self.word_bits)],
            ));
        } else {
            slot.push(Field { count: self.axons, ..field("conn", Holds::Connection, 1) });
            slot.push(Field { count: self.types, ..field("s", Holds::TypeValue, self.value_bits) });
            if self.types > 1 {
                records.push(record(
                    "row",
                    Per::InAxon,
                    vec![field("type", Holds::RowType, bits_for(self.types))],
                ));
            }
        }
        let mut profile = Vec::new();
        for p in &neuron.parameters {
            let field = field(&p.name, Holds::Parameter(p.name.clone()), p.bits);
            if p.scope == Scope::Slot { slot.push(field) } else { profile.push(field) }
        }
        for s in neuron.state.iter().filter(|s| s.name != "q") {
            slot.push(field(&format!("{}0", s.name), Holds::State(s.name.clone()), s.bits));
        }
        if self.profile.is_some() {
            records.push(record("th", Per::Profile("th".into()), profile));
            slot.push(field("th", Holds::ProfileIndex("th".into()), 3));
        }
        match self.destinations {
            0 => {
                slot.push(field("out_start", Holds::OutStart, 6));
                slot.push(field("out_count", Holds::OutCount, 7));
                records.push(record(
                    "out",
                    Per::OutEntry,
                    self.packet_fields(!self.synapse_delays, Code::MinusOne),
                ));
            }
            count => {
                let fields = self.packet_fields(!self.synapse_delays, Code::MinusOne);
                slot.extend(fields.into_iter().map(|f| Field { count, ..f }));
            }
        }
        records.push(record("slot", Per::Slot, slot));
        records
    }

    fn bindings(&self) -> Vec<Binding> {
        let mut bindings = Vec::new();
        for (compare, reset) in [
            (Compare::Ge, ResetKind::Zero),
            (Compare::Gt, ResetKind::Zero),
            (Compare::Ge, ResetKind::Subtract),
        ] {
            if reset == ResetKind::Subtract && !self.can_subtract {
                continue;
            }
            let mut requires = vec![
                (formula("alpha == 0"), "has no synaptic current".to_string()),
                (formula("v_reset == 0"), "resets to 0 only".to_string()),
                (formula("refractory == 0"), "has no refractory period".to_string()),
            ];
            if !self.can_decay {
                requires.push((formula("beta == 1"), "has no decay".to_string()));
            }
            let theta = match (compare, reset) {
                (Compare::Ge, ResetKind::Subtract) => Bound::Nearest(formula("theta")),
                (Compare::Ge, _) => Bound::Up(formula("theta")),
                (Compare::Gt, _) => Bound::Down(formula("theta + 1")),
            };
            let mut parameters = vec![
                ("vth".to_string(), theta),
                ("bias".to_string(), Bound::Nearest(formula("drive"))),
                (
                    "mode".to_string(),
                    Bound::Nearest(formula(if reset == ResetKind::Zero { "0" } else { "1" })),
                ),
            ];
            if self.can_decay {
                parameters.push(("k".to_string(), Bound::Nearest(formula("256 * beta"))));
            }
            bindings.push(Binding {
                hands: Hands::Spikes,
                compare,
                reset,
                reset_at: ResetAt::Same,
                requires,
                quantum: 1,
                membrane: "v".into(),
                parameters,
            });
        }
        bindings
    }
}
