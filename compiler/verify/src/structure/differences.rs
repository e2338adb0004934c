//! How two multisets of synapses differ, in the words of a synapse: missing, extra, another value, another delay.

use super::events::Entry;
use std::cmp::Ordering;

/// A difference in what a slot hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Difference {
    /// In the program and not in the image.
    Missing(Entry),
    /// In the image and not in the program.
    Extra(Entry),
    /// Source and delay are right.
    Value { need: Entry, have: i64 },
    /// Source and value are right.
    Delay { need: Entry, have: u32 },
}

impl Difference {
    /// The source.
    pub(super) fn element(self) -> u32 {
        match self {
            Difference::Missing(entry) | Difference::Extra(entry) => entry.element(),
            Difference::Value { need, .. } | Difference::Delay { need, .. } => need.element(),
        }
    }
}

/// Entries with those of one source and delay added up; sums of 0 are left out.
pub(super) fn sums(entries: &[Entry]) -> impl Iterator<Item = Entry> {
    entries.chunk_by(|a, b| a.key() == b.key()).map(sum).filter(|entry| entry.value != 0)
}

fn sum(group: &[Entry]) -> Entry {
    let value = group.iter().fold(0i64, |sum, entry| sum.saturating_add(entry.value));
    Entry { value, ..group[0] }
}

/// What is in `a` and not in `b`, and the other way round; both sorted.
fn apart(a: &[Entry], b: &[Entry]) -> (Vec<Entry>, Vec<Entry>) {
    let (mut i, mut j) = (0, 0);
    let (mut only_a, mut only_b) = (Vec::new(), Vec::new());
    while i < a.len() || j < b.len() {
        let order = match (a.get(i), b.get(j)) {
            (Some(x), Some(y)) => x.cmp(y),
            (Some(_), None) => Ordering::Less,
            _ => Ordering::Greater,
        };
        match order {
            Ordering::Less => {
                only_a.push(a[i]);
                i += 1;
            }
            Ordering::Greater => {
                only_b.push(b[j]);
                j += 1;
            }
            Ordering::Equal => (i, j) = (i + 1, j + 1),
        }
    }
    (only_a, only_b)
}

/// The differences between sorted lists; with `may_sum` the values of one source and delay count as their sum.
pub(super) fn differences(need: &[Entry], have: &[Entry], may_sum: bool) -> Vec<Difference> {
    let mut found = Vec::new();
    let (mut missing, mut extra) = (Vec::new(), Vec::new());
    let (mut i, mut j) = (0, 0);
    while i < need.len() || j < have.len() {
        let key = match (need.get(i), have.get(j)) {
            (Some(a), Some(b)) => a.key().min(b.key()),
            (Some(a), None) => a.key(),
            (None, b) => b.map_or(0, |b| b.key()),
        };
        let group = |list: &[Entry]| list.partition_point(|entry| entry.key() == key);
        let (a, b) = (&need[i..i + group(&need[i..])], &have[j..j + group(&have[j..])]);
        (i, j) = (i + a.len(), j + b.len());
        if a == b || may_sum && sums(a).eq(sums(b)) {
            continue;
        }
        // Wholly absent on one side: it may be there under another delay.
        match (a.is_empty(), b.is_empty(), may_sum) {
            (true, _, false) => extra.extend(b),
            (_, true, false) => missing.extend(a),
            (true, _, true) => extra.extend(sums(b)),
            (_, true, true) => missing.extend(sums(a)),
            (false, false, _) => pair_values(a, b, may_sum, &mut found),
        }
    }
    pair_delays(&mut missing, &mut extra, &mut found);
    found.extend(missing.into_iter().map(Difference::Missing));
    found.extend(extra.into_iter().map(Difference::Extra));
    found
}

/// Differences within one source and delay, where both sides have some.
fn pair_values(need: &[Entry], have: &[Entry], may_sum: bool, found: &mut Vec<Difference>) {
    let (missing, extra) = apart(need, have);
    if may_sum && !missing.is_empty() && !extra.is_empty() {
        // Pieces of composed values: none of them has a counterpart, only their sum has.
        return found.push(Difference::Value { need: sum(need), have: sum(have).value });
    }
    let pairs = missing.len().min(extra.len());
    found.extend(missing.iter().zip(&extra).map(|(a, b)| Difference::Value { need: *a, have: b.value }));
    found.extend(missing[pairs..].iter().map(|entry| Difference::Missing(*entry)));
    found.extend(extra[pairs..].iter().map(|entry| Difference::Extra(*entry)));
}

/// Takes out what is there on both sides with one source and value, and another delay.
fn pair_delays(missing: &mut Vec<Entry>, extra: &mut Vec<Entry>, found: &mut Vec<Difference>) {
    let by_value = |entry: &Entry| (entry.element(), entry.value);
    missing.sort_unstable_by_key(|entry| (by_value(entry), entry.delay()));
    extra.sort_unstable_by_key(|entry| (by_value(entry), entry.delay()));
    let (mut only_missing, mut only_extra) = (Vec::new(), Vec::new());
    let (mut i, mut j) = (0, 0);
    while i < missing.len() && j < extra.len() {
        match by_value(&missing[i]).cmp(&by_value(&extra[j])) {
            Ordering::Less => {
                only_missing.push(missing[i]);
                i += 1;
            }
            Ordering::Greater => {
                only_extra.push(extra[j]);
                j += 1;
            }
            Ordering::Equal => {
                found.push(Difference::Delay { need: missing[i], have: extra[j].delay() });
                (i, j) = (i + 1, j + 1);
            }
        }
    }
    only_missing.extend(&missing[i..]);
    only_extra.extend(&extra[j..]);
    (*missing, *extra) = (only_missing, only_extra);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(element: u32, delay: u32, value: i64) -> Entry {
        Entry::new(element, delay, value)
    }

    #[test]
    fn each_difference_has_its_word() {
        let need = [entry(1, 1, 5), entry(2, 1, 5), entry(3, 1, 5), entry(4, 1, 5)];
        let have = [entry(1, 1, 6), entry(2, 2, 5), entry(4, 1, 5), entry(5, 1, 5)];
        for may_sum in [false, true] {
            let expected = [
                Difference::Value { need: need[0], have: 6 },
                Difference::Delay { need: need[1], have: 2 },
                Difference::Missing(need[2]),
                Difference::Extra(have[3]),
            ];
            assert_eq!(differences(&need, &have, may_sum), expected);
        }
    }

    #[test]
    fn a_doubled_synapse_is_extra_and_not_a_value() {
        let (need, have) = ([entry(1, 1, 5)], [entry(1, 1, 5), entry(1, 1, 5)]);
        for may_sum in [false, true] {
            assert_eq!(differences(&need, &have, may_sum), [Difference::Extra(have[0])]);
            assert_eq!(differences(&have, &need, may_sum), [Difference::Missing(have[0])]);
        }
    }

    #[test]
    fn pieces_count_as_their_sum_only_where_they_may() {
        let (need, have) = ([entry(1, 1, 5)], [entry(1, 1, 2), entry(1, 1, 3)]);
        assert!(differences(&need, &have, true).is_empty());
        assert_eq!(
            differences(&need, &have, false),
            [Difference::Value { need: need[0], have: 2 }, Difference::Extra(have[1])]
        );
        let short = [entry(1, 1, 2), entry(1, 1, 2)];
        assert_eq!(differences(&need, &short, true), [Difference::Value { need: need[0], have: 4 }]);
        assert!(differences(&[], &[entry(1, 1, -1), entry(1, 1, 1)], true).is_empty());
    }
}
