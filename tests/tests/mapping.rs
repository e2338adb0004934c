//! Mappings of whole networks, read back from the bytes of the image: what `--metrics` and `--mapping` say of them is what
//! the packets of the image do, by the judge's definitions, counted here anew.

use clap::Parser;
use spikeloom_driver::cli::Cli;
use spikeloom_image::Image;
use spikeloom_image::memory::CoreMemory;
use spikeloom_image::packet::resolve;
use spikeloom_image::spikes::npz::{Data, read_npz};
use spikeloom_tests::{Folder, network};
use std::collections::{BTreeMap, BTreeSet};

/// Networks that take several cores: name, chip.
const CASES: [(&str, &str); 4] = [
    ("vowels_rec_int8", "loihi1"),
    ("digits_conv_int8", "loihi1"),
    ("digits_tern", "ranc"),
    ("mnist_patch_tern", "ranc/4x4"),
];

/// Where a compile leaves what it makes.
struct Compiles(Folder);

impl Compiles {
    fn new(name: &str) -> Compiles {
        Compiles(Folder::new(&format!("mapping-{name}")))
    }

    /// Compiles; gives the image's bytes.
    fn compile(&self, name: &str, chip: &str, more: &[&str]) -> Vec<u8> {
        let network = network(name);
        let path = |file: &str| self.0.path(file).display().to_string();
        let mut arguments =
            vec!["spikeloom".to_string(), "compile".into(), network.path().display().to_string()];
        arguments.extend(["--chip", chip, "--semantics", network.semantics].map(String::from));
        let files = [("-o", "image.loom"), ("--mapping", "mapping.npz"), ("--metrics", "metrics.json")];
        files.iter().for_each(|(option, file)| arguments.extend([option.to_string(), path(file)]));
        arguments.extend(more.iter().map(|word| word.to_string()));
        spikeloom_driver::execute(&Cli::parse_from(arguments).verb).unwrap();
        std::fs::read(path("image.loom")).unwrap()
    }

    fn metrics(&self) -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(self.0.path("metrics.json")).unwrap()).unwrap()
    }

    fn neuron_core(&self) -> Vec<i64> {
        let arrays = read_npz(&std::fs::read(self.0.path("mapping.npz")).unwrap(), "mapping").unwrap();
        let Data::I64(cores) = &arrays.iter().find(|array| array.name == "neuron_core").unwrap().data else {
            panic!("neuron_core is int64")
        };
        cores.clone()
    }
}

/// What the packets of an image do, if every neuron fires once.
#[derive(Debug, Default, PartialEq)]
struct Counted {
    cores: u64,
    /// Packets, those to the host and within a core included.
    packets: u64,
    /// For each neuron the cores with a target of it that are not its own.
    traffic: u64,
    /// Core of each neuron, in the order of the mapping file.
    neuron_core: Vec<i64>,
    /// How many of those cores there are for each neuron (population, index) that has any.
    remote: BTreeMap<(u32, u32), u64>,
}

fn counted(image: &Image) -> Counted {
    let debug = image.debug.as_ref().unwrap();
    let used: BTreeSet<u32> = debug.witness.iter().map(|(site, _, _)| *site).collect();
    let used: Vec<u32> = used.into_iter().collect();
    let index_of = |site: u32| used.binary_search(&site).ok();
    let mut by_slot = BTreeMap::new();
    let mut home = BTreeMap::new();
    for (site, slot, role) in &debug.witness {
        by_slot.insert((*site, *slot), (role.population, role.index));
        if role.is_primary {
            home.insert((role.population, role.index), index_of(*site).unwrap());
        }
    }
    let hears = |memory: &CoreMemory, site: u32, axon: u32| {
        let (name, _) = image.chip.core_at(site as usize).unwrap();
        !memory.events(image.chip.core_type(name), axon as usize).is_empty()
    };
    let (mut packets, mut reached) = (0, BTreeSet::new());
    for (site, memory) in &image.cores {
        let place = &image.chip.sites[*site as usize];
        for (slot, destinations) in memory.destinations.iter().enumerate() {
            let Some(neuron) = by_slot.get(&(*site, slot as u32)) else { continue };
            for destination in destinations {
                let Some(to) = resolve(&image.chip, (place.x, place.y), destination.address) else {
                    continue;
                };
                match index_of(to as u32) {
                    Some(core) if hears(&image.cores[core].1, to as u32, destination.axon) => {
                        packets += 1;
                        reached.insert((*neuron, core));
                    }
                    // A way out is no core; a core that does not hear is where packets are sent to be lost.
                    Some(_) => {}
                    None => {
                        packets +=
                            u64::from(image.chip.core_at(to).is_none() && is_tapped(image, destination.axon))
                    }
                }
            }
        }
    }
    let mut remote = BTreeMap::new();
    for (neuron, _) in reached.iter().filter(|(neuron, core)| home[neuron] != *core) {
        *remote.entry(*neuron).or_insert(0) += 1;
    }
    let neuron_core = home.values().map(|core| *core as i64).collect();
    Counted { cores: used.len() as u64, packets, traffic: remote.values().sum(), neuron_core, remote }
}

fn is_tapped(image: &Image, channel: u32) -> bool {
    use spikeloom_image::host::Tap;
    image
        .host
        .iter()
        .flat_map(|host| &host.outputs)
        .any(|output| output.taps.contains(&Tap::Channel(channel)))
}

#[test]
fn metrics_are_what_the_image_does() {
    for (name, chip) in CASES {
        let folder = Compiles::new(name);
        let bytes = folder.compile(name, chip, &["--effort", "fast"]);
        let image = Image::from_bytes(&bytes, name).unwrap();
        let counted = counted(&image);
        let metrics = folder.metrics();
        assert_eq!(metrics["cores"].as_u64(), Some(counted.cores), "{name}");
        assert_eq!(metrics["traffic"].as_u64(), Some(counted.traffic), "{name}");
        assert_eq!(metrics["packets"].as_u64(), Some(counted.packets), "{name}");
        let inputs = &image.host.as_ref().unwrap().inputs;
        let host: usize = inputs.iter().flat_map(|input| &input.packets).map(Vec::len).sum();
        assert_eq!(metrics["host_packets"].as_u64(), Some(host as u64), "{name}");
        assert_eq!(folder.neuron_core(), counted.neuron_core, "{name}");
        assert!(metrics["traffic_lower_bound"].as_f64().unwrap() <= counted.traffic as f64, "{name}");
        assert!(metrics["cores_lower_bound"].as_u64().unwrap() <= counted.cores, "{name}");
    }
}

/// With `--calibrate` packets weigh what neurons fire. The spikes are those that the framework recorded: the network is exact on
/// the chip, so that they are the chip's, too.
#[test]
fn measured_traffic() {
    let (name, chip) = ("digits_conv_int8", "loihi1");
    let network = network(name);
    let input = network.input().display().to_string();
    let folder = Compiles::new("measured");
    let spikes: Vec<Vec<u32>> =
        network.layers.iter().map(|(array, _)| network.recorded_spikes(array)).collect();
    let trains = network.trains();
    // Calibration uses the first 32 samples.
    let fired = |image: &Image, (population, index): (u32, u32)| -> u64 {
        let name = &image.debug.as_ref().unwrap().symbols[population as usize].name;
        let layer = network.layers.iter().position(|(_, node)| node == name).unwrap();
        let width = spikes[layer].len() / (trains.samples * trains.steps);
        let of_samples = spikes[layer].chunks_exact(width).take(32 * trains.steps);
        of_samples.map(|step| u64::from(step[index as usize])).sum()
    };
    let weighed = |bytes: &[u8]| -> (u64, u64) {
        let image = Image::from_bytes(bytes, name).unwrap();
        let counted = counted(&image);
        let packets = counted.remote.iter().map(|(neuron, cores)| cores * fired(&image, *neuron));
        (packets.sum(), counted.traffic)
    };
    let (alike, _) = weighed(&folder.compile(name, chip, &["--effort", "fast"]));
    let (measured, copies) =
        weighed(&folder.compile(name, chip, &["--effort", "fast", "--calibrate", &input]));
    let metrics = folder.metrics();
    assert_eq!(metrics["traffic"].as_u64(), Some(measured));
    assert_eq!(metrics["axon_copies"].as_u64(), Some(copies));
    assert!(metrics["traffic_lower_bound"].as_f64().unwrap() <= measured as f64);
    assert!(measured < alike, "{measured} packets, weighed by spikes; {alike}, where all are alike");
}

#[test]
fn images_do_not_depend_on_threads() {
    for (name, chip) in CASES {
        let folder = Compiles::new(&format!("{name}-threads"));
        let of = |threads: &str| {
            folder.compile(name, chip, &["--effort", "fast", "--threads", threads, "--seed", "3"])
        };
        let one = of("1");
        assert!(one == of("2") && one == of("8"), "{name}");
    }
}

#[test]
fn a_cut_search_says_so() {
    let folder = Compiles::new("cut");
    let bytes = folder.compile("mnist_patch_tern", "ranc/4x4", &["--time-limit", "0"]);
    let image = Image::from_bytes(&bytes, "cut").unwrap();
    let said =
        image.meta.iter().find(|(name, _)| name == "option partition").map(|(_, value)| value.as_str());
    assert_eq!(said, Some("cut by the time limit, not reproducible"));
    assert_eq!(folder.metrics()["partition"]["cut"], true);
    // With time enough nothing is said.
    let bytes = folder.compile("digits_tern", "ranc", &["--time-limit", "1000", "--effort", "fast"]);
    let image = Image::from_bytes(&bytes, "whole").unwrap();
    assert!(image.meta.iter().all(|(name, _)| name != "option partition"));
}
