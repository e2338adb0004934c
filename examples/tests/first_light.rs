//! The example runs, on two chips, and sees the same spikes.

use std::process::Command;

fn run(chip: &str) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_first_light")).arg(chip).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(String::from).collect()
}

#[test]
fn first_light_is_seen_on_two_chips() {
    let (one, other) = (run("ranc"), run("loihi1"));
    assert_eq!(one.len(), 6);
    assert_eq!(one[1..], other[1..], "an integer network spikes alike wherever it fits");
}
