//! An image as text for people.

mod common;

use common::image;
use spikeloom_image::disassemble;
use spikeloom_image::host::{Debug, Host, HostInput, HostOutput, SlotRole, Symbol, Tap};
use spikeloom_image::memory::{
    Block, CoreMemory, Destination, ListFormat, StoreMemory, StoredAddress, StoredSynapse,
};

fn tiny() -> spikeloom_image::Image {
    let chip = spikeloom_chip::load("tiny").expect("a shipped chip");
    let (_, core) = chip.core_at(1).expect("a core");
    let mut memory = CoreMemory::empty(core);
    memory.parameters[1] = vec![5, 5, 5, 127, 127, 127, 127, 127];
    memory.states[0][2] = -4;
    memory.destinations[2] = vec![
        Destination { address: StoredAddress::Core(3), axon: 2, delay: 1 },
        Destination { address: StoredAddress::Core(0), axon: 15, delay: 3 },
    ];
    let StoreMemory::Crossbar { row_types, values, rows } = &mut memory.store else { panic!("a crossbar") };
    row_types[9] = 1;
    values[0] = vec![3, -2, 1, 0, 0, 0, 0, 0];
    values[1] = vec![0, 0, 0, 0, 0, 0, 0, 31];
    (rows[0][0], rows[9][0]) = (0b111, 0b1000_0000);
    let mut image = image(&chip, vec![(1, memory)]);
    image.meta[1].1 = "0123".into();
    image.host = Some(Host {
        inputs: vec![HostInput { name: "input".into(), shape: vec![2, 1], packets: vec![vec![16], vec![]] }],
        outputs: vec![HostOutput {
            name: "out".into(),
            shape: vec![1],
            lag: 2,
            taps: vec![Tap::Slot { core: 1, slot: 2 }],
        }],
        readouts: Vec::new(),
        tail_steps: 3,
    });
    let role = |index, is_primary| SlotRole { is_primary, population: 0, index };
    image.debug = Some(Debug {
        symbols: vec![Symbol { name: "fc".into(), shape: vec![10], lag: 1, is_input: false }],
        witness: vec![
            (1, 0, role(4, true)),
            (1, 1, role(5, true)),
            (1, 2, role(6, false)),
            (1, 99, role(6, true)),
        ],
    });
    image
}

#[test]
fn the_overview() {
    let expected = "\
chip tiny

made from
  chip         tiny
  chip-digest  0123

1 of 4 cores
  number  tile    type  slots  in-axons  synapses  destinations
       1  @(1,0)  core      4         2         4             2

host inputs, 3 tail steps
  name   shape   packets
  input  [2, 1]        1

host outputs
  name  shape  lag  taps
  out   [1]      2     1

debug sections, 4 slots named
  population  kind     shape  lag
  fc          neurons  [10]     1
";
    let mut image = tiny();
    assert_eq!(disassemble::overview(&image), expected);
    (image.host, image.debug) = (None, None);
    image.cores.clear();
    let text = disassemble::overview(&image);
    assert!(text.ends_with(
        "\n0 of 4 cores: none\n\nhost tables: none; a run takes and gives raw packets\n\ndebug sections: none\n"
    ));
}

#[test]
fn a_core_with_a_crossbar() {
    let expected = "\
core 1 @(1,0), type core, chip tiny: 4 of 8 slots in use

slots
  slot   role        parameters       state  destinations
  0..=1  fc[4..=5]   bias 0, vth 5    v 0
  2      fc[6] copy  bias 0, vth 5    v -4   core 3 @(1,1) axon 2 delay 1; core 0 @(0,0) axon 15 delay 3
  7                  bias 0, vth 127  v 0

in-axons (slot:value)
  in-axon  type  synapses  written out
        0     0         3  0:+3 1:-2 2:+1
        9     1         1  7:+31
";
    assert_eq!(disassemble::core(&tiny(), 1).expect("a core"), expected);
}

#[test]
fn a_core_with_lists() {
    let chip = spikeloom_chip::load("loihi1").expect("a shipped chip");
    let (_, core) = chip.core_at(6).expect("a core");
    let mut memory = CoreMemory::empty(core);
    memory.core_parameters = vec![-10, 10];
    memory.profiles[0].push(vec![4095, 410, 0]);
    memory.profile_index[0][..3].fill(1);
    let destination = Destination { address: StoredAddress::Core(127), axon: 9, delay: 0 };
    memory.destinations[2] = vec![destination; 18];
    let StoreMemory::Lists { formats, lists } = &mut memory.store else { panic!("lists") };
    formats.push(ListFormat { exponent: -1, index_code: 0, delay_bits: 2 });
    let synapse = |slot| StoredSynapse { slot, mantissa: -1, delay_field: 1 };
    lists[7] = vec![Block { format: 0, synapses: vec![synapse(0), synapse(2)] }];
    lists[4095] = vec![Block { format: 0, synapses: (0..17).map(synapse).collect() }];
    let text = disassemble::core(&image(&chip, vec![(6, memory)]), 6).expect("a core");
    let one = "core 127 @(7,3) axon 9; ";
    let expected = format!(
        "\
core 6 @(1,0).2, type neurocore, chip loihi1: 17 of 1024 slots in use
  vmin -10
  vmax 10

formats
  format  exponent  index code  delay bits
       0        -1           0           2

slots
  slot    role  parameters                                        state               destinations
  0..=1         du 4095, dv 410, refd 0, vth 0, bm 0, be 0  q 0, u 0, v 0, ref 0
  2             du 4095, dv 410, refd 0, vth 0, bm 0, be 0  q 0, u 0, v 0, ref 0  {}and 2 more
  3..=16        du 0, dv 0, refd 0, vth 0, bm 0, be 0       q 0, u 0, v 0, ref 0

in-axons (slot:value/delay)
  in-axon  synapses  written out
        7         2  0:-64/2 2:-64/2
     4095        17
",
        one.repeat(16)
    );
    let squeeze = |text: &str| {
        text.lines().map(|l| l.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
    };
    assert_eq!(squeeze(&text), squeeze(&expected));
}

#[test]
fn a_core_that_is_not_there() {
    let fault = disassemble::core(&tiny(), 2).expect_err("no such core").0.remove(0);
    assert_eq!((fault.code, fault.have.as_deref()), ("SL0356", Some("cores 1")));
}
