//! The explicit network of examples/python: its bytes are those that Python writes, and it runs on a chip.

use spikeloom_driver::convert::NetworkFile;
use spikeloom_driver::pipeline::{Options, compile, to_steps};
use spikeloom_driver::simulation::simulate_file;
use spikeloom_emulator::{RunOptions, run_spikes};
use spikeloom_image::spikes::npz::read_npz;
use spikeloom_image::spikes::{NodeTrain, SpikeTrains};
use std::path::{Path, PathBuf};
use std::process::Command;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("python")
}

/// Any version of Python 3 will do; without one there is nothing to compare.
#[test]
fn python_writes_the_same_bytes() {
    let written = std::env::temp_dir().join(format!("spikeloom-winner-{}.npz", std::process::id()));
    let script = folder().join("winner.py");
    // -B: no bytecode beside the sources.
    let run = Command::new("python3").arg("-B").arg(&script).arg(&written).output();
    let Ok(output) = run else { return };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let bytes = std::fs::read(&written).unwrap();
    std::fs::remove_file(&written).unwrap();
    assert!(
        bytes == std::fs::read(folder().join("winner.npz")).unwrap(),
        "winner.npz is not what winner.py writes"
    );
}

/// Only the strongest of three gets through, at every second step.
#[test]
fn the_winner_holds_the_others_down_on_a_chip() {
    let compiled = compile(&folder().join("winner.npz"), "loihi1", &Options::default()).unwrap();
    assert_eq!(compiled.step.as_ref().map(|step| step.dt_s), Some(1e-3), "the step of the file");
    let node = NodeTrain { name: "in".into(), shape: vec![3], counts: vec![1; 36] };
    let spikes = SpikeTrains { samples: 1, steps: 12, batched: false, nodes: vec![node] };
    let result = run_spikes(&compiled.image, &spikes, &RunOptions::default()).unwrap();
    let expected: Vec<u32> = (0..12).flat_map(|step| [step % 2, 0, 0]).collect();
    assert_eq!(result.outputs[0].counts, expected);
}

/// Recorded by from_brian2.py: every spike of each network is Brian2's.
#[test]
fn networks_of_brian2_spike_as_they_do_there() {
    let folder = folder().join("brian2");
    let recorded = read_npz(&std::fs::read(folder.join("spikes.npz")).unwrap(), "spikes.npz").unwrap();
    assert_eq!(recorded.len(), 6);
    let output = std::env::temp_dir().join(format!("spikeloom-brian2-{}.npz", std::process::id()));
    for expected in recorded {
        let mut file = NetworkFile::read(&folder.join(format!("{}.npz", expected.name))).unwrap();
        let options = file.options(&Options::default());
        let (step, _) = to_steps(file.network, &options).unwrap();
        simulate_file(&step, &folder.join("in.npz"), &output, None, &[]).unwrap();
        let found = read_npz(&std::fs::read(&output).unwrap(), "out.npz").unwrap().remove(0);
        assert!(found.data == expected.data, "{}", expected.name);
    }
    std::fs::remove_file(&output).unwrap();
}
