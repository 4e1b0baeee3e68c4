//! What is under way in one direction of a connection. No I/O.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use bytes::{Buf, Bytes};
use tokio::time::Instant;

/// No wait is longer than this; it keeps sums of instants and any given duration in range.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3_600);

/// Bytes between their sender and their receiver.
#[derive(Debug, Default)]
pub(crate) struct Line {
    /// In the order of their arrival; no piece is due before the one in front of it.
    queue: VecDeque<(Instant, Bytes)>,
    /// Whole messages that let others pass, by when they join the queue. The number tells apart what is due at once.
    late: BTreeMap<(Instant, u64), Bytes>,
    pushed: u64,
    bytes: usize,
}

/// Returns the moment `wait` after `now`, or a year after it if that is sooner.
pub(crate) fn after(now: Instant, wait: Duration) -> Instant {
    now + wait.min(LONGEST)
}

impl Line {
    /// Adds bytes that arrive when they are due, but not before those in front.
    pub(crate) fn push(&mut self, due: Instant, bytes: Bytes) {
        if bytes.is_empty() {
            return;
        }
        self.bytes += bytes.len();
        self.enqueue(due, bytes);
    }

    /// Adds a whole message that lets others pass until it is due.
    pub(crate) fn push_late(&mut self, due: Instant, bytes: Bytes) {
        self.bytes += bytes.len();
        self.pushed += 1;
        self.late.insert((due, self.pushed), bytes);
    }

    /// Puts late messages whose time has come at the end of the queue.
    pub(crate) fn ripen(&mut self, now: Instant) {
        while let Some(entry) = self.late.first_entry()
            && entry.key().0 <= now
        {
            let ((due, _), bytes) = entry.remove_entry();
            self.enqueue(due, bytes);
        }
    }

    /// Makes everything in the queue due.
    pub(crate) fn hurry(&mut self, now: Instant) {
        for (due, _) in &mut self.queue {
            *due = now.min(*due);
        }
    }

    /// Puts every late message at the end of the queue, the first due first.
    pub(crate) fn hurry_late(&mut self, now: Instant) {
        for (_, bytes) in std::mem::take(&mut self.late) {
            self.enqueue(now, bytes);
        }
    }

    /// Returns how many bytes are under way.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Says whether messages are late.
    pub(crate) fn has_late(&self) -> bool {
        !self.late.is_empty()
    }

    /// Returns when something is next due, if anything is under way.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        let queued = self.queue.front().map(|(due, _)| *due);
        let late = self.late.keys().next().map(|(due, _)| *due);
        match (queued, late) {
            (Some(queued), Some(late)) => Some(queued.min(late)),
            (queued, late) => queued.or(late),
        }
    }

    /// Returns the piece at the front of the queue, due or not; empty if there is none.
    pub(crate) fn front(&self) -> &[u8] {
        self.queue.front().map_or(&[], |(_, bytes)| bytes)
    }

    /// Removes what has arrived: at most the piece at the front.
    pub(crate) fn advance(&mut self, count: usize) {
        if let Some((_, bytes)) = self.queue.front_mut() {
            bytes.advance(count);
            self.bytes -= count;
            if bytes.is_empty() {
                self.queue.pop_front();
            }
        }
    }

    fn enqueue(&mut self, due: Instant, bytes: Bytes) {
        let last = self.queue.back().map(|(due, _)| *due);
        let due = last.map_or(due, |last| due.max(last));
        self.queue.push_back((due, bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn take(line: &mut Line) -> Vec<u8> {
        let piece = line.front().to_vec();
        line.advance(piece.len());
        piece
    }

    #[test]
    fn order_is_kept_whatever_the_delays() {
        let now = Instant::now();
        let mut line = Line::default();
        line.push(now + SECOND, Bytes::from_static(b"slow"));
        line.push(now, Bytes::from_static(b"fast"));
        assert_eq!(line.next_due(), Some(now + SECOND));
        assert_eq!(take(&mut line), b"slow");
        assert_eq!(line.next_due(), Some(now + SECOND));
    }

    #[test]
    fn late_messages_let_others_pass_until_they_are_due() {
        let now = Instant::now();
        let mut line = Line::default();
        line.push_late(now + 2 * SECOND, Bytes::from_static(b"later"));
        line.push_late(now + SECOND, Bytes::from_static(b"late"));
        line.push(now, Bytes::from_static(b"at once"));
        assert_eq!(line.bytes(), 16);
        line.ripen(now);
        assert_eq!(take(&mut line), b"at once");
        assert_eq!(line.front(), b"");
        assert_eq!(line.next_due(), Some(now + SECOND));
        line.ripen(now + SECOND);
        assert_eq!(take(&mut line), b"late");
        assert!(line.has_late());
        line.hurry_late(now);
        assert_eq!(take(&mut line), b"later");
        assert_eq!((line.bytes(), line.next_due()), (0, None));
    }

    #[test]
    fn a_message_that_became_due_never_splits_another() {
        let now = Instant::now();
        let mut line = Line::default();
        line.push(now, Bytes::from_static(b"first"));
        line.advance(2);
        line.push_late(now, Bytes::from_static(b"second"));
        line.ripen(now);
        assert_eq!(take(&mut line), b"rst");
        assert_eq!(take(&mut line), b"second");
    }

    #[test]
    fn what_is_hurried_is_due() {
        let now = Instant::now();
        let mut line = Line::default();
        line.push(after(now, Duration::MAX), Bytes::from_static(b"far"));
        line.hurry(now);
        assert_eq!(line.next_due(), Some(now));
    }
}
