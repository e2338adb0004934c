//! Compose: which values the row types of a bit crossbar stand for, and how others are summed from them.
//!
//! A slot has one value for each row type. A source that reaches a slot over rows of several types adds up
//! their values, so that any value is possible which is the sum of some of the slot's type values. Either every
//! neuron of a population has the same type values (its basis), or, where no common basis is found, each its own.

use spikeloom_chip::neuron::{NeuronProgram, facts};
use spikeloom_chip::schema::Compose;
use std::collections::{BTreeMap, BTreeSet};

/// What the chip allows and the program bears: a sum over several rows is several events, which come to the same as
/// one only where events are added up.
pub fn allowed(compose: Compose, program: &NeuronProgram) -> Compose {
    if facts::accumulator(program).is_some() { compose } else { Compose::None }
}

/// Which values occur into a population, in all and by neuron.
#[derive(Clone, Debug, Default)]
pub struct Census {
    counts: BTreeMap<i64, u64>,
    of_neuron: Vec<BTreeSet<i64>>,
}

impl Census {
    /// Counts one synapse.
    pub fn add(&mut self, target: usize, value: i64) {
        if self.of_neuron.len() <= target {
            self.of_neuron.resize_with(target + 1, BTreeSet::new);
        }
        if value != 0 {
            *self.counts.entry(value).or_default() += 1;
            self.of_neuron[target].insert(value);
        }
    }
}

/// The type values of the neurons of a population.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// All alike, one value for each type.
    Common(Vec<i64>),
    /// One set for each neuron.
    Each(Vec<Vec<i64>>),
}

/// Candidates beyond this are not tried: the search is over all sets of them.
const MOST_CANDIDATES: usize = 20;
/// With more types than this the search would take too long, and powers of two are taken.
const MOST_SEARCHED_TYPES: usize = 4;

impl Basis {
    /// A basis from which every value can be summed, or `None`. Where there is a choice, the one that needs the
    /// fewest rows.
    pub fn choose(census: &Census, types: u32, value_bits: u32, compose: Compose) -> Option<Basis> {
        let types = types as usize;
        let pad = |mut values: Vec<i64>| {
            values.resize(types, 0);
            values
        };
        let distinct: Vec<i64> = census.counts.keys().copied().collect();
        if distinct.len() <= types {
            return Some(Basis::Common(pad(distinct)));
        }
        if census.of_neuron.iter().all(|values| values.len() <= types) {
            return Some(Basis::Each(census.of_neuron.iter().map(|values| aligned(values, types)).collect()));
        }
        if compose == Compose::None {
            return None;
        }
        if let Some(values) = search(&census.counts, types, value_bits) {
            return Some(Basis::Common(pad(values)));
        }
        // No set does for all: each neuron its own. Many neurons have the same values.
        let mut known: BTreeMap<&BTreeSet<i64>, Vec<i64>> = BTreeMap::new();
        for values in &census.of_neuron {
            if !known.contains_key(values) {
                let counts = values.iter().map(|value| (*value, 1)).collect();
                let is_few = values.len() <= types;
                let own =
                    if is_few { aligned(values, types) } else { pad(search(&counts, types, value_bits)?) };
                known.insert(values, own);
            }
        }
        Some(Basis::Each(census.of_neuron.iter().map(|values| known[values].clone()).collect()))
    }

    /// The type values of neuron `i`.
    pub fn of(&self, i: usize) -> &[i64] {
        match self {
            Basis::Common(values) => values,
            Basis::Each(values) => &values[i],
        }
    }

    /// The types whose values sum to `value` for neuron `i`, ascending; the fewest, then the lowest.
    pub fn types_for(&self, i: usize, value: i64) -> Option<Vec<u32>> {
        subset(self.of(i), value)
            .map(|mask| (0..self.of(i).len() as u32).filter(|t| mask >> t & 1 == 1).collect())
    }
}

/// Negative values from type 0 up, positive ones from the last type down, so that equal signs share rows.
fn aligned(values: &BTreeSet<i64>, types: usize) -> Vec<i64> {
    let mut row = vec![0; types];
    let negative = values.iter().filter(|v| **v < 0).count();
    for (i, value) in values.iter().enumerate() {
        let place = if i < negative { i } else { types - (values.len() - i) };
        row[place] = *value;
    }
    row
}

/// The subset of the basis, as a mask, that sums to `value`: the smallest, and of those the least mask.
fn subset(basis: &[i64], value: i64) -> Option<u32> {
    let sum = |mask: u32| (0..basis.len()).filter(|t| mask >> t & 1 == 1).map(|t| basis[t]).sum::<i64>();
    let uses_zero = |mask: u32| (0..basis.len()).any(|t| mask >> t & 1 == 1 && basis[t] == 0);
    (1u32..1 << basis.len())
        .filter(|m| sum(*m) == value && !uses_zero(*m))
        .min_by_key(|m| (m.count_ones(), *m))
}

/// Tries all sets of candidates: the values themselves and powers of two.
fn search(counts: &BTreeMap<i64, u64>, types: usize, value_bits: u32) -> Option<Vec<i64>> {
    let most = counts.keys().map(|v| v.abs()).max().unwrap_or(0);
    if types > MOST_SEARCHED_TYPES {
        // As in two's complement: every value from -2^(types-1) to 2^(types-1) - 1.
        let digits = types.min(value_bits as usize);
        let basis: Vec<i64> = (0..digits).map(|k| if k + 1 == digits { -(1 << k) } else { 1 << k }).collect();
        return cost(counts, &basis).map(|_| basis);
    }
    let fits = |v: &i64| (-(1i64 << (value_bits - 1))..1i64 << (value_bits - 1)).contains(v);
    let mut candidates: BTreeSet<i64> = BTreeSet::new();
    for power in (0..value_bits - 1).map(|k| 1i64 << k).take_while(|p| *p <= most).take(types) {
        candidates.extend([power, -power].iter().filter(|v| fits(v)));
    }
    if let Some(top) = (0..value_bits).map(|k| -(1i64 << k)).find(|p| -p > most / 2) {
        candidates.extend(Some(top).filter(fits));
    }
    let mut frequent: Vec<(u64, i64)> = counts.iter().map(|(v, n)| (*n, *v)).collect();
    frequent.sort_by_key(|(n, v)| (std::cmp::Reverse(*n), *v));
    for (_, value) in frequent {
        if candidates.len() >= MOST_CANDIDATES {
            break;
        }
        candidates.extend(Some(value).filter(fits));
    }
    let candidates: Vec<i64> = candidates.into_iter().collect();
    let mut best: Option<(u64, Vec<i64>)> = None;
    let mut chosen = Vec::new();
    each_set(&candidates, types, &mut chosen, &mut |basis| {
        if let Some(cost) = cost(counts, basis)
            && best.as_ref().is_none_or(|(known, _)| cost < *known)
        {
            best = Some((cost, basis.to_vec()));
        }
    });
    best.map(|(_, basis)| basis)
}

fn each_set(candidates: &[i64], left: usize, chosen: &mut Vec<i64>, f: &mut impl FnMut(&[i64])) {
    if left == 0 || candidates.is_empty() {
        return f(chosen);
    }
    for (i, candidate) in candidates.iter().enumerate() {
        if candidates.len() - i < left {
            break;
        }
        chosen.push(*candidate);
        each_set(&candidates[i + 1..], left - 1, chosen, f);
        chosen.pop();
    }
}

/// Synapses that a basis needs in all, or `None` if it does not reach a value.
fn cost(counts: &BTreeMap<i64, u64>, basis: &[i64]) -> Option<u64> {
    let mut total = 0;
    let (low, high) = basis.iter().fold((0, 0), |(l, h), v| (l + v.min(&0), h + v.max(&0)));
    if counts.keys().any(|v| *v < low || *v > high) {
        return None;
    }
    for (value, count) in counts {
        total += u64::from(subset(basis, *value)?.count_ones()) * count;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn census(neurons: &[&[i64]]) -> Census {
        let mut census = Census::default();
        for (i, values) in neurons.iter().enumerate() {
            values.iter().for_each(|v| census.add(i, *v));
        }
        census
    }

    #[test]
    fn few_values_are_their_own_basis() {
        let basis = Basis::choose(&census(&[&[-1, 1], &[2, 0]]), 4, 9, Compose::RowTypes).unwrap();
        assert_eq!(basis, Basis::Common(vec![-1, 1, 2, 0]));
        assert_eq!(basis.types_for(0, 2), Some(vec![2]));
    }

    #[test]
    fn neurons_may_have_values_of_their_own() {
        let basis = Basis::choose(&census(&[&[-3, 3], &[-5, 5], &[7]]), 4, 9, Compose::RowTypes).unwrap();
        assert_eq!(basis, Basis::Each(vec![vec![-3, 0, 0, 3], vec![-5, 0, 0, 5], vec![0, 0, 0, 7]]));
    }

    #[test]
    fn many_values_are_summed() {
        let all: Vec<i64> = (-8..=7).collect();
        let basis = Basis::choose(&census(&[&all]), 4, 9, Compose::RowTypes).unwrap();
        for value in all.into_iter().filter(|v| *v != 0) {
            let types = basis.types_for(0, value).unwrap();
            assert_eq!(types.iter().map(|t| basis.of(0)[*t as usize]).sum::<i64>(), value);
        }
        assert!(Basis::choose(&census(&[&(-9..=8).collect::<Vec<_>>()]), 4, 9, Compose::RowTypes).is_none());
        assert!(Basis::choose(&census(&[&[1, 2, 3, 4, 5]]), 4, 9, Compose::None).is_none());
        // No two values make all of 1, 2, 3 and -3, 2, 5, but two for each neuron do.
        let basis = Basis::choose(&census(&[&[1, 2, 3], &[-3, 2, 5]]), 2, 6, Compose::RowTypes).unwrap();
        assert_eq!((basis.of(0), basis.of(1)), (&[1, 2][..], &[-3, 5][..]));
    }
}
