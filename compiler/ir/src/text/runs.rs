//! Runs: neighbours of which each is the one before, moved on by one or not at all.

/// One part of what is printed of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// What must be the same all over a run.
    pub(super) key: [u32; 3],
    /// What may move on by one from item to item.
    pub(super) at: u32,
}

/// Items `start..end`; `moves` says of each part whether it moves.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) moves: Vec<bool>,
}

impl Run {
    /// The items as a range.
    pub(super) fn range(&self) -> String {
        range(self.start as u64, (self.end - self.start) as u64)
    }

    /// Part `i` as a range, `at` being its place in the first item.
    pub(super) fn part(&self, i: usize, at: u32) -> String {
        range(u64::from(at), if self.moves[i] { (self.end - self.start) as u64 } else { 1 })
    }
}

/// `3`, or `3..8`.
pub(super) fn range(start: u64, len: u64) -> String {
    if len == 1 { start.to_string() } else { format!("{start}..{}", start + len) }
}

/// Cuts items into runs, each as long as it can be.
pub(super) fn runs(items: &[Vec<Part>]) -> Vec<Run> {
    let mut found = Vec::new();
    let mut start = 0;
    while start < items.len() {
        let first = items.get(start + 1).and_then(|next| moves(&items[start], next));
        let mut end = start + 1;
        if first.is_some() {
            while end < items.len() && moves(&items[end - 1], &items[end]) == first {
                end += 1;
            }
        }
        let moves = first.unwrap_or_else(|| vec![false; items[start].len()]);
        found.push(Run { start, end, moves });
        start = end;
    }
    found
}

fn moves(item: &[Part], next: &[Part]) -> Option<Vec<bool>> {
    if item.len() != next.len() {
        return None;
    }
    let step = |(a, b): (&Part, &Part)| match (a.key == b.key, b.at.checked_sub(a.at)) {
        (true, Some(0)) => Some(false),
        (true, Some(1)) => Some(true),
        _ => None,
    };
    item.iter().zip(next).map(step).collect()
}
