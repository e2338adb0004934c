//! What a population handed on in its last steps, as far back as a connection looks.

use std::collections::VecDeque;

/// Who handed on something in the present step and in those before it, and what: how often it spiked, or a value.
///
/// It grows with the steps that have been run and not with the longest delay, which outside data may set to
/// anything.
#[derive(Clone, Debug)]
pub(crate) struct History<T = u32> {
    /// The present step first; in each, indices ascend.
    steps: VecDeque<Vec<(u32, T)>>,
    /// The longest delay of a connection that starts here.
    longest: usize,
}

impl<T> History<T> {
    pub(crate) fn new(longest: u32) -> History<T> {
        History { steps: VecDeque::new(), longest: longest as usize }
    }

    pub(crate) fn clear(&mut self) {
        self.steps.clear();
    }

    /// Begins a step in which nothing has been handed on.
    pub(crate) fn begin(&mut self) {
        let mut list =
            if self.steps.len() > self.longest { self.steps.pop_back() } else { None }.unwrap_or_default();
        list.clear();
        self.steps.push_front(list);
    }

    /// Adds to the present step; called with ascending indices.
    pub(crate) fn record(&mut self, index: usize, what: T) {
        if let Some(list) = self.steps.front_mut() {
            list.push((index as u32, what));
        }
    }

    /// What was handed on `delay` steps ago.
    pub(crate) fn at(&self, delay: u32) -> &[(u32, T)] {
        self.steps.get(delay as usize).map_or(&[], Vec::as_slice)
    }
}

/// A count as the observable trains hold it.
pub(crate) fn shown(count: u32) -> u8 {
    u8::try_from(count).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::History;

    #[test]
    fn looks_back_as_far_as_the_longest_delay() {
        let mut history = History::new(2);
        assert!(history.at(0).is_empty());
        for step in 0..5 {
            history.begin();
            history.record(step, 1);
        }
        assert_eq!(history.at(0), [(4, 1)]);
        assert_eq!(history.at(2), [(2, 1)]);
        assert!(history.at(3).is_empty());
        history.clear();
        assert!(history.at(0).is_empty());
    }
}
