//! Stretches of time that can be asked whether a moment lies in them.

/// Stretches that do not touch each other, in order. Both ends belong to a stretch.
#[derive(Debug, Default)]
pub(super) struct Spans {
    spans: Vec<(u64, u64)>,
}

impl Spans {
    /// Melts stretches that overlap into one. A stretch that ends before it begins is dropped.
    pub(super) fn new(mut all: Vec<(u64, u64)>) -> Self {
        all.retain(|&(from, to)| from <= to);
        all.sort_unstable();
        let mut spans: Vec<(u64, u64)> = Vec::with_capacity(all.len());
        for (from, to) in all {
            match spans.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => spans.push((from, to)),
            }
        }
        Self { spans }
    }

    /// Returns the last stretch that begins at or before `at`, whether or not it lasts until then.
    pub(super) fn last_before(&self, at: u64) -> Option<(u64, u64)> {
        let after = self.spans.partition_point(|&(from, _)| from <= at);
        self.spans.get(after.checked_sub(1)?).copied()
    }

    /// Returns the stretch that a moment lies in.
    pub(super) fn around(&self, at: u64) -> Option<(u64, u64)> {
        self.last_before(at).filter(|&(_, to)| at <= to)
    }

    /// Whether any stretch has a moment in common with `from..=to`.
    pub(super) fn touches(&self, from: u64, to: u64) -> bool {
        self.last_before(to).is_some_and(|(_, end)| from <= end)
    }

    /// Whether one stretch has every moment of `from..=to`.
    pub(super) fn covers(&self, from: u64, to: u64) -> bool {
        self.around(from).is_some_and(|(_, end)| to <= end)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Spans;

    proptest! {
        /// Whatever is asked, the answer is that of looking at every stretch.
        #[test]
        fn answers_are_those_of_a_plain_search(
            all in proptest::collection::vec((0_u64..40, 0_u64..10), 0..8),
            from in 0_u64..50,
            length in 0_u64..10,
        ) {
            let all: Vec<_> = all.into_iter().map(|(from, length)| (from, from + length)).collect();
            let is_in = |at| all.iter().any(|&(from, to)| from <= at && at <= to);
            let spans = Spans::new(all.clone());
            let to = from + length;
            prop_assert_eq!(spans.around(from).is_some(), is_in(from));
            prop_assert_eq!(spans.touches(from, to), (from..=to).any(is_in));
            // Two stretches side by side are not one: between their ends lies a moment that no clock shows.
            prop_assert!(!spans.covers(from, to) || (from..=to).all(is_in));
        }
    }

    #[test]
    fn a_stretch_that_ends_before_it_begins_is_none() {
        assert!(!Spans::new(vec![(5, 4)]).touches(0, 9));
    }

    #[test]
    fn stretches_that_overlap_cover_as_one() {
        let spans = Spans::new(vec![(6, 9), (1, 6)]);
        assert!(spans.covers(2, 8));
        assert!(!spans.covers(0, 8) && !spans.covers(2, 10));
    }
}
