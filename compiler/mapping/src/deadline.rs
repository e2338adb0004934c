//! A point in time after which a search ends with what it has.

use std::time::Instant;

/// When to stop, whatever is unfinished; `None` for never.
pub type Deadline = Option<Instant>;

/// Whether time is up.
#[inline]
pub(crate) fn is_over(deadline: Deadline) -> bool {
    deadline.is_some_and(|deadline| Instant::now() >= deadline)
}
