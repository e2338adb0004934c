//! Synapses as the engine walks through them: runs of targets and values.
//!
//! A run is dense (a range of slots with a value each; 0 where there is no synapse) or sparse (targets relative to
//! their window of 65,536 slots, and values), whichever takes fewer bytes. Values take 1, 2 or 4 bytes.

/// Slots that a sparse run can reach.
pub(crate) const WINDOW: usize = 1 << 16;

/// Slots that are judged together when runs are made; windows are a multiple.
const PART: u32 = 256;

/// What a run costs besides its synapses; two dense runs become one where that is cheaper.
const RUN_BYTES: usize = std::mem::size_of::<Run>();

/// Bytes of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Values {
    I8,
    I16,
    I32,
}

impl Values {
    fn of(value: i64) -> Values {
        if i8::try_from(value).is_ok() {
            Values::I8
        } else if i16::try_from(value).is_ok() {
            Values::I16
        } else {
            Values::I32
        }
    }

    fn bytes(self) -> usize {
        match self {
            Values::I8 => 1,
            Values::I16 => 2,
            Values::I32 => 4,
        }
    }
}

/// Some synapses of one source with one delay, within a window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    /// Core type that its targets belong to.
    pub(crate) group: u16,
    /// Width of its values.
    pub(crate) values: Values,
    /// Whether its targets are a range.
    pub(crate) dense: bool,
    /// First slot of the range, or of the window.
    pub(crate) base: u32,
    /// Stored values.
    length: u32,
    /// Events that it stands for.
    pub(crate) events: u32,
    /// Position of its values.
    at: usize,
    /// Position of its targets.
    targets_at: usize,
}

/// The synapses of all runs.
#[derive(Debug, Default)]
pub(crate) struct Synapses {
    targets: Vec<u16>,
    bytes: Vec<i8>,
    shorts: Vec<i16>,
    words: Vec<i32>,
}

/// An event of a run that is being packed: slot and value.
pub(crate) type Event = (u32, i64);

impl Synapses {
    /// Values of a run of bytes.
    pub(crate) fn bytes(&self, run: &Run) -> &[i8] {
        &self.bytes[run.at..][..run.length as usize]
    }

    /// Values of a run of shorts.
    pub(crate) fn shorts(&self, run: &Run) -> &[i16] {
        &self.shorts[run.at..][..run.length as usize]
    }

    /// Values of a run of words.
    pub(crate) fn words(&self, run: &Run) -> &[i32] {
        &self.words[run.at..][..run.length as usize]
    }

    /// Targets of a run, relative to its base; none if it is dense.
    pub(crate) fn targets(&self, run: &Run) -> &[u16] {
        if run.dense { &[] } else { &self.targets[run.targets_at..][..run.length as usize] }
    }

    /// Bytes that they take.
    pub(crate) fn size(&self) -> usize {
        2 * self.targets.len() + self.bytes.len() + 2 * self.shorts.len() + 4 * self.words.len()
    }

    /// Slot and value of each synapse of a sparse run, in stored order.
    pub(crate) fn events(&self, run: &Run) -> impl Iterator<Item = (usize, i64)> {
        let value = move |i: usize| match run.values {
            Values::I8 => i64::from(self.bytes[run.at + i]),
            Values::I16 => i64::from(self.shorts[run.at + i]),
            Values::I32 => i64::from(self.words[run.at + i]),
        };
        let targets = self.targets(run).iter().enumerate();
        targets.map(move |(i, target)| (run.base as usize + usize::from(*target), value(i)))
    }

    /// Packs events whose order matters: sparse, one run for each change of the window.
    pub(crate) fn pack_ordered(&mut self, group: u16, events: &[Event], runs: &mut Vec<Run>) {
        for part in events.chunk_by(|a, b| a.0 as usize / WINDOW == b.0 as usize / WINDOW) {
            runs.push(self.store(group, part, part.len(), false));
        }
    }

    /// Packs events that are added up. Each part of the slots is judged by itself, dense or sparse, and joined with
    /// the part before if that pays.
    pub(crate) fn pack(&mut self, group: u16, events: &mut [Event], runs: &mut Vec<Run>) {
        events.sort_unstable();
        // Of each part: its merged events, the number of events, and whether it is dense.
        let mut last: Option<(Vec<Event>, usize, bool)> = None;
        let together = |a: &Event, b: &Event| a.0 / PART == b.0 / PART;
        for part in events.chunk_by(together) {
            let merged = merge(part);
            let dense = dense_bytes(&merged).saturating_add(RUN_BYTES) <= sparse_bytes(&merged);
            match &mut last {
                Some((before, count, was_dense)) if joins(before, *was_dense, &merged, dense) => {
                    before.extend(merged);
                    *count += part.len();
                }
                _ => {
                    if let Some((events, count, dense)) = last.take() {
                        runs.push(self.store(group, &events, count, dense));
                    }
                    last = Some((merged, part.len(), dense));
                }
            }
        }
        if let Some((events, count, dense)) = last {
            runs.push(self.store(group, &events, count, dense));
        }
    }

    fn store(&mut self, group: u16, events: &[Event], count: usize, dense: bool) -> Run {
        let (first, end) = (events[0].0, events[events.len() - 1].0 + 1);
        let values = width(events);
        let at = match values {
            Values::I8 => self.bytes.len(),
            Values::I16 => self.shorts.len(),
            Values::I32 => self.words.len(),
        };
        let targets_at = self.targets.len();
        let (base, length) = if dense {
            let length = (end - first) as usize;
            match values {
                Values::I8 => spread(&mut self.bytes, events, length, |value| value as i8),
                Values::I16 => spread(&mut self.shorts, events, length, |value| value as i16),
                Values::I32 => spread(&mut self.words, events, length, |value| value as i32),
            }
            (first, length)
        } else {
            let base = first as usize / WINDOW * WINDOW;
            self.targets.extend(events.iter().map(|(slot, _)| (*slot as usize - base) as u16));
            match values {
                Values::I8 => self.bytes.extend(events.iter().map(|(_, value)| *value as i8)),
                Values::I16 => self.shorts.extend(events.iter().map(|(_, value)| *value as i16)),
                Values::I32 => self.words.extend(events.iter().map(|(_, value)| *value as i32)),
            }
            (base as u32, events.len())
        };
        Run { group, values, dense, base, length: length as u32, events: count as u32, at, targets_at }
    }
}

fn spread<V: Copy + Default>(
    values: &mut Vec<V>,
    events: &[Event],
    length: usize,
    narrow: impl Fn(i64) -> V,
) {
    let at = values.len();
    values.resize(at + length, V::default());
    for (slot, value) in events {
        values[at + (slot - events[0].0) as usize] = narrow(*value);
    }
}

/// Sums the values of one target, where the sum still is a value.
fn merge(sorted: &[Event]) -> Vec<Event> {
    let mut merged: Vec<Event> = Vec::with_capacity(sorted.len());
    for (slot, value) in sorted {
        match merged.last_mut() {
            Some((last, sum)) if last == slot && i32::try_from(*sum + *value).is_ok() => *sum += *value,
            _ => merged.push((*slot, *value)),
        }
    }
    merged
}

fn width(events: &[Event]) -> Values {
    events.iter().map(|(_, value)| Values::of(*value)).max().unwrap_or(Values::I8)
}

fn dense_bytes(events: &[Event]) -> usize {
    // A target that stands twice can't be dense.
    if events.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return usize::MAX;
    }
    let range = (events[events.len() - 1].0 - events[0].0) as usize + 1;
    range * width(events).bytes()
}

fn sparse_bytes(events: &[Event]) -> usize {
    events.len() * (2 + width(events).bytes())
}

fn joins(before: &[Event], was_dense: bool, next: &[Event], dense: bool) -> bool {
    let same_window = before[0].0 as usize / WINDOW == next[0].0 as usize / WINDOW;
    match (was_dense, dense) {
        (false, false) => same_window,
        (true, true) => {
            let range = (next[next.len() - 1].0 - before[0].0) as usize + 1;
            let bytes = range * width(before).max(width(next)).bytes();
            same_window && bytes <= dense_bytes(before) + dense_bytes(next) + RUN_BYTES
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpack(synapses: &Synapses, runs: &[Run]) -> Vec<i64> {
        let mut sums = vec![0; 2 * WINDOW];
        for run in runs {
            if run.dense {
                for i in 0..run.length as usize {
                    sums[run.base as usize + i] += match run.values {
                        Values::I8 => i64::from(synapses.bytes(run)[i]),
                        Values::I16 => i64::from(synapses.shorts(run)[i]),
                        Values::I32 => i64::from(synapses.words(run)[i]),
                    };
                }
            } else {
                synapses.events(run).for_each(|(slot, value)| sums[slot] += value);
            }
        }
        sums
    }

    #[test]
    fn packing_keeps_every_value() {
        let mut events: Vec<Event> = Vec::new();
        // Full and narrow in cores 0 and 1, scattered and wide in 2 and 3, beyond the window, and twice the same.
        events.extend((0..512).map(|slot| (slot, i64::from(slot) % 100 - 50)));
        events.extend((512..1024).step_by(50).map(|slot| (slot, 1000)));
        events.extend([
            (65_535, 7),
            (65_536, 8),
            (70_000, i64::from(i32::MAX)),
            (70_000, 5),
            (70_001, 1),
            (70_001, -3),
        ]);
        let mut expected = vec![0; 2 * WINDOW];
        events.iter().for_each(|(slot, value)| expected[*slot as usize] += value);
        let (mut synapses, mut runs) = (Synapses::default(), Vec::new());
        synapses.pack(0, &mut events.clone(), &mut runs);
        assert_eq!(unpack(&synapses, &runs), expected);
        assert_eq!(runs.iter().map(|run| run.events as usize).sum::<usize>(), events.len());
        assert!(runs[0].dense && runs[0].length == 512 && runs[0].values == Values::I8);
        assert!(!runs[1].dense && runs[1].values == Values::I16);
        let (mut synapses, mut runs) = (Synapses::default(), Vec::new());
        synapses.pack_ordered(0, &events, &mut runs);
        assert_eq!(unpack(&synapses, &runs), expected);
    }
}
