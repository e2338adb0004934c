//! A point in time after which a search ends with what it has.

use std::time::{Duration, Instant};

/// When to stop, whatever is unfinished; `None` for never.
pub type Deadline = Option<Instant>;

/// So many seconds from now; never if no seconds are given, or more than a clock can hold.
pub fn after(seconds: Option<f64>) -> Deadline {
    let limit = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    limit.and_then(|limit| Instant::now().checked_add(limit))
}

/// Whether time is up.
#[inline]
pub fn is_over(deadline: Deadline) -> bool {
    deadline.is_some_and(|deadline| Instant::now() >= deadline)
}
