//! Damaged explicit networks without end: `fuzz_npz [--seconds N] [--seed S]`.
//!
//! A case is a find if it panics, takes more than [`MOST_SECONDS`] or more memory than [`most_memory`], or gives a network
//! that does not hold together or does not go out and come in again. Finds are written to the temporary folder.
//!
//! Memory is the growth of the resident set since the start; its peak is set back before each case (Linux only).

#![allow(clippy::print_stdout)]

#[path = "../tests/explicit/wild.rs"]
mod wild;

use spikeloom_import::{read_explicit, write_explicit, write_nir};
use spikeloom_ir::verify;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};

const CORPUS: [&[u8]; 3] = [
    include_bytes!("../tests/explicit/small.npz"),
    include_bytes!("../tests/explicit/models.npz"),
    include_bytes!("../../../examples/python/winner.npz"),
];
const MOST_SECONDS: f64 = 5.0;

/// Bytes that reading a case of this size may take: four times the file (its arrays are small), and what tables by source
/// of a size that is only claimed may cost.
fn most_memory(size: usize) -> u64 {
    4 * size as u64 + (160 << 20)
}

/// The case under way and when it began, for the thread that watches it.
static CURRENT: Mutex<Option<(Vec<u8>, Instant)>> = Mutex::new(None);

fn main() -> ExitCode {
    let (mut seconds, mut seed) = (10, 1);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let number = arguments.next().and_then(|n| n.parse().ok()).expect("a number");
        match argument.as_str() {
            "--seconds" => seconds = number,
            "--seed" => seed = number,
            other => panic!("`{other}` is no option"),
        }
    }
    std::thread::spawn(watch);
    let (mut wild, start) = (wild::Wild::new(seed), Instant::now());
    let mut fuzz = Fuzz { resident: kilobytes("VmRSS") << 10, ..Fuzz::default() };
    while start.elapsed() < Duration::from_secs(seconds) {
        fuzz.run(wild::damaged(&CORPUS, &mut wild));
    }
    let Fuzz { cases, came_in, finds, slowest, largest, .. } = fuzz;
    let rate = cases as f64 / start.elapsed().as_secs_f64();
    println!("{cases} cases, {rate:.0} a second; {came_in} came in as networks");
    println!(
        "slowest {slowest:.3} s, most memory {:.1} MiB; {finds} finds",
        largest as f64 / (1 << 20) as f64
    );
    if finds == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[derive(Default)]
struct Fuzz {
    /// Bytes resident at the start.
    resident: u64,
    cases: u64,
    came_in: u64,
    finds: u64,
    slowest: f64,
    largest: u64,
}

impl Fuzz {
    fn run(&mut self, case: Vec<u8>) {
        self.cases += 1;
        // Sets the peak of the resident set back to what it is now.
        let _ = std::fs::write("/proc/self/clear_refs", "5");
        set_current(Some((case.clone(), Instant::now())));
        let start = Instant::now();
        let read = catch_unwind(AssertUnwindSafe(|| read_explicit(&case, "case.npz")));
        let seconds = start.elapsed().as_secs_f64();
        let memory = (kilobytes("VmHWM") << 10).saturating_sub(self.resident);
        let checked = read.and_then(|read| {
            catch_unwind(AssertUnwindSafe(|| {
                let Ok((network, dt_s, _)) = read else { return false };
                assert_eq!(verify::network(&network, None), []);
                if let Ok((bytes, _)) = write_explicit(&network, dt_s) {
                    let (again, again_dt, _) = read_explicit(&bytes, "again.npz").expect("what was written");
                    assert!(again.populations == network.populations && again_dt == dt_s);
                }
                // Full matrices of sizes that are only claimed would take long.
                if network.populations.iter().map(|p| p.len()).sum::<usize>() < 10_000 {
                    let _ = write_nir(&network, dt_s);
                }
                true
            }))
        });
        set_current(None);
        (self.slowest, self.largest) = (self.slowest.max(seconds), self.largest.max(memory));
        let find = match checked {
            Err(_) => Some("panic"),
            Ok(_) if seconds > MOST_SECONDS => Some("slow"),
            Ok(_) if memory > most_memory(case.len()) => Some("memory"),
            Ok(came_in) => {
                self.came_in += u64::from(came_in);
                None
            }
        };
        if let Some(what) = find {
            self.finds += 1;
            keep(&case, what);
        }
    }
}

fn set_current(case: Option<(Vec<u8>, Instant)>) {
    *CURRENT.lock().expect("no thread panics while it holds this") = case;
}

/// Ends the program where a case hangs, and keeps the case.
fn watch() {
    loop {
        std::thread::sleep(Duration::from_secs(1));
        let current = CURRENT.lock().expect("no thread panics while it holds this");
        if let Some((case, began)) = current.as_ref()
            && began.elapsed().as_secs_f64() > 8.0 * MOST_SECONDS
        {
            keep(case, "hang");
            std::process::exit(1);
        }
    }
}

fn keep(case: &[u8], what: &str) {
    let sum = case.iter().fold(0u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(*byte)));
    let path = std::env::temp_dir().join(format!("fuzz_npz_{what}_{sum:08x}.npz"));
    std::fs::write(&path, case).expect("the temporary folder");
    println!("{what}: {}", path.display());
}

/// A figure of this process in KiB, 0 where the system does not tell it.
fn kilobytes(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
