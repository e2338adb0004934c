//! What both fuzz bodies share: a case is run, timed, weighed and kept if it is a find.
//!
//! Memory is the growth of the resident set since the start; its peak is set back before each case (Linux only).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// A case that takes longer is a find; one that takes much longer ends the program.
const MOST_SECONDS: f64 = 5.0;

/// The case under way, its ending, and when it began, for the thread that watches it.
static CURRENT: Mutex<Option<(Vec<u8>, &'static str, Instant)>> = Mutex::new(None);

/// Cases so far.
pub(crate) struct Watched {
    /// Ending of the files of finds.
    ending: &'static str,
    /// Bytes that a case may take beyond four times its size.
    slack: u64,
    start: Instant,
    /// Bytes resident at the start.
    resident: u64,
    cases: u64,
    came_in: u64,
    finds: u64,
    slowest: f64,
    largest: u64,
}

impl Watched {
    pub(crate) fn new(ending: &'static str, slack: u64) -> Watched {
        std::thread::spawn(watch);
        Watched {
            ending,
            slack,
            start: Instant::now(),
            resident: kilobytes("VmRSS") << 10,
            cases: 0,
            came_in: 0,
            finds: 0,
            slowest: 0.0,
            largest: 0,
        }
    }

    pub(crate) fn is_before(&self, seconds: u64) -> bool {
        self.start.elapsed() < Duration::from_secs(seconds)
    }

    /// Runs a case: `read` is timed and weighed, `check` says whether a network came in, and may panic too.
    pub(crate) fn run<T>(
        &mut self,
        case: Vec<u8>,
        read: impl FnOnce(&[u8]) -> T,
        check: impl FnOnce(T) -> bool,
    ) {
        self.cases += 1;
        // Sets the peak of the resident set back to what it is now.
        let _ = std::fs::write("/proc/self/clear_refs", "5");
        set_current(Some((case.clone(), self.ending, Instant::now())));
        let start = Instant::now();
        let read = catch_unwind(AssertUnwindSafe(|| read(&case)));
        let seconds = start.elapsed().as_secs_f64();
        let memory = (kilobytes("VmHWM") << 10).saturating_sub(self.resident);
        let checked = read.and_then(|read| catch_unwind(AssertUnwindSafe(|| check(read))));
        set_current(None);
        (self.slowest, self.largest) = (self.slowest.max(seconds), self.largest.max(memory));
        let find = match checked {
            Err(_) => Some("panic"),
            Ok(_) if seconds > MOST_SECONDS => Some("slow"),
            Ok(_) if memory > 4 * case.len() as u64 + self.slack => Some("memory"),
            Ok(came_in) => {
                self.came_in += u64::from(came_in);
                None
            }
        };
        if let Some(what) = find {
            self.finds += 1;
            keep(&case, self.ending, what);
        }
    }

    /// Prints the figures.
    pub(crate) fn finish(&self) -> ExitCode {
        let Watched { cases, came_in, finds, slowest, largest, .. } = self;
        let rate = *cases as f64 / self.start.elapsed().as_secs_f64();
        let largest = *largest as f64 / (1 << 20) as f64;
        println!("{cases} cases, {rate:.0} a second; {came_in} came in as networks");
        println!("slowest {slowest:.3} s, most memory {largest:.1} MiB; {finds} finds");
        if *finds == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn set_current(case: Option<(Vec<u8>, &'static str, Instant)>) {
    *CURRENT.lock().expect("no thread panics while it holds this") = case;
}

/// Ends the program where a case hangs, and keeps the case.
fn watch() {
    loop {
        std::thread::sleep(Duration::from_secs(1));
        let current = CURRENT.lock().expect("no thread panics while it holds this");
        if let Some((case, ending, began)) = current.as_ref()
            && began.elapsed().as_secs_f64() > 8.0 * MOST_SECONDS
        {
            keep(case, ending, "hang");
            std::process::exit(1);
        }
    }
}

fn keep(case: &[u8], ending: &str, what: &str) {
    let sum = case.iter().fold(0u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(*byte)));
    let path = std::env::temp_dir().join(format!("fuzz_{what}_{sum:08x}.{ending}"));
    std::fs::write(&path, case).expect("the temporary folder");
    println!("{what}: {}", path.display());
}

/// A figure of this process in KiB, 0 where the system does not tell it.
fn kilobytes(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
