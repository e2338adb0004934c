//! Comparison of spike trains `[samples, steps, width]`, row-major counts.

/// How two trains of one node differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The node.
    pub node: String,
    /// Places with different counts.
    pub differing: u64,
    /// Places compared.
    pub compared: u64,
    /// The first difference, by sample, then step, then element.
    pub first: Option<First>,
}

/// A place where two trains differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct First {
    /// Sample.
    pub sample: usize,
    /// Step in the sample.
    pub step: usize,
    /// Row-major element of the node.
    pub index: usize,
    /// What should have been.
    pub expected: u32,
    /// What was.
    pub actual: u32,
}

impl Difference {
    /// Whether something was compared and all of it agreed.
    pub fn is_equal(&self) -> bool {
        self.compared > 0 && self.differing == 0
    }
}

/// Compares the first `samples` samples, or as many as both trains hold in full.
pub fn compare(
    node: &str,
    expected: &[u32],
    actual: &[u32],
    samples: usize,
    steps: usize,
    width: usize,
) -> Difference {
    let block = steps * width;
    let whole = expected.len().min(actual.len()).checked_div(block).unwrap_or(0).min(samples);
    let count = whole * block;
    let mut difference =
        Difference { node: node.to_string(), differing: 0, compared: count as u64, first: None };
    for (i, (&expected, &actual)) in expected[..count].iter().zip(&actual[..count]).enumerate() {
        if expected != actual {
            difference.differing += 1;
            difference.first.get_or_insert(First {
                sample: i / block,
                step: i % block / width,
                index: i % width,
                expected,
                actual,
            });
        }
    }
    difference
}

/// For each sample the element with the most spikes over all steps, the lowest of those that tie.
///
/// There are fewer decisions than samples if the train is shorter; a node of width 0 decides nothing.
pub fn decisions(counts: &[u32], samples: usize, steps: usize, width: usize) -> Vec<usize> {
    let block = steps * width;
    if block == 0 {
        return Vec::new();
    }
    counts.chunks_exact(block).take(samples).map(|sample| decision(sample, width)).collect()
}

fn decision(sample: &[u32], width: usize) -> usize {
    let mut sums = vec![0u64; width];
    for step in sample.chunks_exact(width) {
        for (sum, count) in sums.iter_mut().zip(step) {
            *sum += u64::from(*count);
        }
    }
    let most = sums.iter().max().copied();
    sums.iter().position(|sum| Some(*sum) == most).unwrap_or(0)
}

/// `hid[3]`, or `conv[2,0,7]` by the population's shape; the bare name if it has no axes.
pub fn neuron_name(population: &str, shape: &[usize], index: usize) -> String {
    if shape.is_empty() {
        return population.to_string();
    }
    let mut rest = index;
    let mut positions: Vec<String> = Vec::with_capacity(shape.len());
    for (axis, size) in shape.iter().enumerate().rev() {
        // The first axis takes what is left, so that an index beyond the end is shown and not folded.
        let position = if axis == 0 { rest } else { rest % (*size).max(1) };
        rest /= (*size).max(1);
        positions.push(position.to_string());
    }
    positions.reverse();
    format!("{population}[{}]", positions.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_first_of_several_differences() {
        // 2 samples of 2 steps of 3 elements.
        let expected = [0, 0, 1, 1, 0, 0, /* sample 1 */ 0, 2, 0, 0, 0, 0];
        let mut actual = expected;
        assert!(compare("out", &expected, &actual, 2, 2, 3).is_equal());
        actual[10] = 1;
        actual[7] = 1;
        let difference = compare("out", &expected, &actual, 2, 2, 3);
        assert_eq!((difference.differing, difference.compared), (2, 12));
        let first = First { sample: 1, step: 0, index: 1, expected: 2, actual: 1 };
        assert_eq!(difference.first, Some(first));
        // In the step after it, had only that one differed.
        actual[7] = 2;
        let first = compare("out", &expected, &actual, 2, 2, 3).first;
        assert_eq!(first, Some(First { sample: 1, step: 1, index: 1, expected: 0, actual: 1 }));
    }

    #[test]
    fn compares_only_whole_samples_that_both_have() {
        let difference = compare("out", &[1; 12], &[1, 1, 1, 1, 0, 0, 9], 2, 2, 3);
        assert_eq!((difference.differing, difference.compared), (2, 6));
        assert_eq!(compare("out", &[1; 12], &[0; 12], 1, 2, 3).compared, 6);
        let nothing = compare("out", &[], &[], 4, 0, 3);
        assert!(!nothing.is_equal() && nothing.first.is_none());
    }

    #[test]
    fn decides_for_the_lowest_of_equals() {
        let counts =
            [0, 1, 1, 0, 1, 1, /* sample 1 */ 0, 0, 0, 0, 0, 3, /* sample 2 */ 0, 0, 0, 0, 0, 0];
        assert_eq!(decisions(&counts, 3, 2, 3), [1, 2, 0]);
        assert_eq!(decisions(&counts, 2, 2, 3), [1, 2]);
        assert!(decisions(&counts, 3, 2, 0).is_empty());
    }

    #[test]
    fn names_a_neuron_by_its_place_in_the_shape() {
        assert_eq!(neuron_name("hid", &[128], 3), "hid[3]");
        assert_eq!(neuron_name("conv", &[4, 5, 10], 2 * 50 + 7), "conv[2,0,7]");
        assert_eq!(neuron_name("one", &[], 0), "one");
        assert_eq!(neuron_name("conv", &[4, 5, 10], 200), "conv[4,0,0]");
    }
}
