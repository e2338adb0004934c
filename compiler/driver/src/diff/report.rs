//! What differs, kind by kind: sorted lists of both sides are merged, and only the differences become text.

use std::fmt::{self, Write as _};

/// Lines that are written out of one kind; of more, their number.
const MOST: usize = 20;

/// The differences found so far.
#[derive(Default)]
pub(super) struct Report {
    text: String,
    differences: usize,
}

/// An end of a synapse, or a place of a core. Populations are numbers of [`Names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    /// A neuron, or an element of an input.
    Element { population: u32, index: u32 },
    /// The same neuron again.
    Copy { population: u32, index: u32, copy: u32 },
    /// A slot that stands for no neuron, or of an image without names.
    Slot { core: u32, slot: u32 },
    /// An in-axon that none of the slots and inputs reaches.
    Axon { core: u32, axon: u32 },
}

/// A synapse: source, target, delay in steps, value.
pub(super) type Synapse = (End, End, u32, i64);

/// The names of populations on both sides, sorted.
pub(super) struct Names(Vec<String>);

impl Names {
    /// Both sides' names.
    pub(super) fn of<'a>(names: impl Iterator<Item = &'a str>) -> Names {
        let mut names: Vec<String> = names.map(str::to_string).collect();
        names.sort();
        names.dedup();
        Names(names)
    }

    /// The number of a name, which is one of those given.
    pub(super) fn number(&self, name: &str) -> u32 {
        self.0.partition_point(|known| known.as_str() < name) as u32
    }

    fn name(&self, population: u32) -> &str {
        &self.0[population as usize]
    }

    /// An end in words.
    pub(super) fn end(&self, end: &End) -> String {
        match end {
            End::Element { population, index } => format!("{}[{index}]", self.name(*population)),
            End::Copy { population, index, copy } => {
                format!("{}[{index}] copy {}", self.name(*population), copy + 1)
            }
            End::Slot { core, slot } => format!("core {core} slot {slot}"),
            End::Axon { core, axon } => format!("core {core} in-axon {axon}"),
        }
    }
}

impl Report {
    /// Whether nothing was found yet.
    pub(super) fn is_empty(&self) -> bool {
        self.differences == 0
    }

    /// The text: who is compared, then all that differs.
    pub(super) fn finish(self, a: &str, b: &str) -> String {
        if self.is_empty() {
            return format!("nothing differs between {a} and {b}\n");
        }
        format!("{} between {a} | {b}\n{}", differences(self.differences), self.text)
    }

    /// Compares the things of one kind by their keys. Equal keys of one side are paired in their order.
    pub(super) fn kind<K: Ord, V: PartialEq>(
        &mut self,
        title: &str,
        mut a: Vec<(K, V)>,
        mut b: Vec<(K, V)>,
        key: impl Fn(&K) -> String,
        value: impl Fn(&V) -> String,
    ) {
        a.sort_by(|x, y| x.0.cmp(&y.0));
        b.sort_by(|x, y| x.0.cmp(&y.0));
        let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
        let (mut lines, mut count) = (String::new(), 0);
        let mut add = |k: &K, left: Option<&V>, right: Option<&V>| {
            count += 1;
            if count <= MOST {
                let side = |v: Option<&V>| v.map_or("absent".to_string(), &value);
                let _ = writeln!(lines, "  {}: {} | {}", key(k), side(left), side(right));
            }
        };
        loop {
            match (a.peek(), b.peek()) {
                (None, None) => break,
                (Some((k, v)), other) if other.is_none_or(|(l, _)| k < l) => {
                    add(k, Some(v), None);
                    a.next();
                }
                (Some((k, v)), Some((l, w))) if k == l => {
                    if v != w {
                        add(k, Some(v), Some(w));
                    }
                    a.next();
                    b.next();
                }
                (_, Some((l, w))) => {
                    add(l, None, Some(w));
                    b.next();
                }
                (Some(_), None) => break,
            }
        }
        if count == 0 {
            return;
        }
        self.differences += count;
        let _ = write!(self.text, "\n{title}: {}\n{lines}", differences(count));
        if count > MOST {
            let _ = writeln!(self.text, "  and {} more", count - MOST);
        }
    }

    /// As [`Report::kind`], where keys and values are words already.
    pub(super) fn words<K: Ord + fmt::Display, V: PartialEq + fmt::Display>(
        &mut self,
        title: &str,
        a: Vec<(K, V)>,
        b: Vec<(K, V)>,
    ) {
        self.kind(title, a, b, K::to_string, V::to_string);
    }

    /// Compares synapses by source and target. Between two ends there may be several, which add up: where one
    /// differs, all are written out.
    pub(super) fn synapses(&mut self, names: &Names, mut a: Vec<Synapse>, mut b: Vec<Synapse>) {
        a.sort_unstable();
        b.sort_unstable();
        let changed = changed_ends(&a, &b);
        let of_changed = |all: &[Synapse]| {
            let is_changed = |s: &&Synapse| changed.binary_search(&(s.0, s.1)).is_ok();
            if changed.is_empty() { Vec::new() } else { by_ends(all.iter().filter(is_changed)) }
        };
        let key = |(source, target): &(End, End)| format!("{} -> {}", names.end(source), names.end(target));
        self.kind("synapses", of_changed(&a), of_changed(&b), key, |events: &Vec<(u32, i64)>| {
            let words = events.iter().map(|(delay, value)| format!("{value:+} delay {delay}"));
            words.collect::<Vec<_>>().join(", ")
        });
    }
}

/// The ends between which two sorted multisets differ, sorted.
fn changed_ends(a: &[Synapse], b: &[Synapse]) -> Vec<(End, End)> {
    let mut changed = Vec::new();
    for (all, other) in [(a, b), (b, a)] {
        let mut other = other.iter().peekable();
        for synapse in all {
            while other.next_if(|o| *o < synapse).is_some() {}
            if other.next_if_eq(&synapse).is_none() {
                changed.push((synapse.0, synapse.1));
            }
        }
    }
    changed.sort_unstable();
    changed.dedup();
    changed
}

type Ends = ((End, End), Vec<(u32, i64)>);

fn by_ends<'a>(synapses: impl Iterator<Item = &'a Synapse>) -> Vec<Ends> {
    let mut groups: Vec<Ends> = Vec::new();
    for &(source, target, delay, value) in synapses {
        match groups.last_mut() {
            Some((ends, events)) if *ends == (source, target) => events.push((delay, value)),
            _ => groups.push(((source, target), vec![(delay, value)])),
        }
    }
    groups
}

fn differences(count: usize) -> String {
    if count == 1 { "1 difference".into() } else { format!("{count} differences") }
}

/// A shape in words.
pub(super) fn shape(shape: &[usize]) -> String {
    let sides: Vec<_> = shape.iter().map(usize::to_string).collect();
    format!("[{}]", sides.join(","))
}
