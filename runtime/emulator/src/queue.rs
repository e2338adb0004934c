//! Bundles that will act, by the step in which they are due.

use std::collections::BTreeMap;

/// Steps that the ring looks ahead at most; what is due later waits in a map.
const MOST: u64 = 4096;

/// A bundle, and how many packets came for it at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Due {
    pub(crate) bundle: u32,
    pub(crate) count: u32,
}

/// What is due when. Within a step, in the order of arrival.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    ring: Vec<Vec<Due>>,
    far: BTreeMap<u64, Vec<Due>>,
}

impl Queue {
    /// A queue for delays up to `longest`.
    pub(crate) fn new(longest: u32) -> Queue {
        let length = (u64::from(longest) + 1).min(MOST).next_power_of_two();
        Queue { ring: vec![Vec::new(); length as usize], far: BTreeMap::new() }
    }

    /// Puts a bundle in, `delay` steps after `now`.
    #[inline]
    pub(crate) fn push(&mut self, now: u64, delay: u64, due: Due) {
        let length = self.ring.len() as u64;
        let at = now + delay;
        if delay < length {
            self.ring[(at & (length - 1)) as usize].push(due);
        } else {
            self.far.entry(at).or_default().push(due);
        }
    }

    /// Takes out what is due now, in place of an empty list.
    pub(crate) fn take(&mut self, now: u64, into: &mut Vec<Due>) {
        into.clear();
        let index = (now & (self.ring.len() as u64 - 1)) as usize;
        if let Some(far) = self.far.remove(&now) {
            into.extend(far);
            into.append(&mut self.ring[index]);
        } else {
            std::mem::swap(into, &mut self.ring[index]);
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.ring.iter_mut().for_each(Vec::clear);
        self.far.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_and_far() {
        let mut queue = Queue::new(u32::MAX);
        let due = |bundle| Due { bundle, count: 1 };
        let mut found = Vec::new();
        let mut take = |queue: &mut Queue, now| {
            queue.take(now, &mut found);
            found.iter().map(|due| due.bundle).collect::<Vec<_>>()
        };
        queue.push(0, 0, due(0));
        queue.push(0, MOST - 1, due(1));
        queue.push(0, MOST, due(2));
        assert_eq!(take(&mut queue, 0), [0]);
        queue.push(1, MOST - 1, due(3));
        assert!((1..MOST - 1).all(|now| take(&mut queue, now).is_empty()));
        assert_eq!(take(&mut queue, MOST - 1), [1]);
        assert_eq!(take(&mut queue, MOST), [2, 3], "what was sent first comes first");
        assert!(take(&mut queue, MOST + 1).is_empty());
    }
}
