//! When the members of a stream are woken to write what is in their queues.
//!
//! To send one frame to somebody costs as much as to send ten: it is nearly all the kernel's work. So what is said in a
//! busy stream leaves together. Where it was quiet the first event goes at once; what follows waits until a pause that
//! grows with the members is over, so that a stream never takes more than about a fifteenth of a core, however much is
//! said in it. Small streams have no pause: what would be won is less than what waiting costs.

use std::time::Duration;

use tokio::time::Instant;

/// The pause for each member. Sending to one takes about 10 µs: less than a fifteenth of it.
const PER_MEMBER: Duration = Duration::from_micros(150);
/// Nobody waits longer.
const PAUSE_MAX: Duration = Duration::from_millis(75);
/// What the first event of a quiet stream waits for each member, for others that were said at the same time. To send to
/// them all takes longer.
const FIRST_PER_MEMBER: Duration = Duration::from_micros(4);
/// Nobody waits longer for that.
const FIRST_MAX: Duration = Duration::from_millis(5);
/// What the runtime's timers know.
const TICK: Duration = Duration::from_millis(1);
/// Most events that wait: queues must not fill because nobody empties them.
const EVENTS_MAX: usize = 64;
/// Most bytes of them.
const BYTES_MAX: usize = 32 * 1024;

/// What is to be done about new events in the members' queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wake {
    /// Wake everyone.
    Now,
    /// Wake everyone then. Until that is done, nobody else is asked to.
    At(Instant),
    /// Somebody will.
    Expected,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// When everyone was woken last.
    woken: Option<Instant>,
    /// Whether somebody will wake everyone.
    is_expected: bool,
    events: usize,
    bytes: usize,
}

impl Pace {
    /// So many events of so many bytes are in the queues of so many members.
    pub(super) fn queued(
        &mut self,
        members: usize,
        events: usize,
        bytes: usize,
        now: Instant,
    ) -> Wake {
        self.events += events;
        self.bytes += bytes;
        if self.events > EVENTS_MAX || self.bytes > BYTES_MAX {
            return Wake::Now;
        }
        if self.is_expected {
            return Wake::Expected;
        }
        let members = u32::try_from(members).unwrap_or(u32::MAX);
        let after = |each: Duration, most| each.saturating_mul(members).min(most);
        let first = now + after(FIRST_PER_MEMBER, FIRST_MAX);
        let next = self.woken.map(|woken| woken + after(PER_MEMBER, PAUSE_MAX));
        let at = next.map_or(first, |next| next.max(first));
        if at < now + TICK {
            return Wake::Now;
        }
        self.is_expected = true;
        Wake::At(at)
    }

    /// Everyone is woken. `is_expected`: by whom it was expected of.
    pub(super) fn woke(&mut self, now: Instant, is_expected: bool) {
        self.woken = Some(now);
        self.is_expected &= !is_expected;
        (self.events, self.bytes) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_goes_at_once_and_the_next_after_a_pause_for_each_member() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        assert_eq!(pace.queued(100, 1, 200, now), Wake::Now);
        pace.woke(now, false);
        let soon = now + Duration::from_millis(3);
        let due = now + 100 * PER_MEMBER;
        assert_eq!(pace.queued(100, 1, 200, soon), Wake::At(due));
        assert_eq!(pace.queued(100, 1, 200, soon), Wake::Expected);
        pace.woke(due, true);
        let later = due + 100 * PER_MEMBER;
        assert_eq!(pace.queued(100, 1, 200, later), Wake::Now);
    }

    #[test]
    fn a_crowd_waits_for_what_was_said_at_the_same_time_and_never_long() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        let first = now + 1_000 * FIRST_PER_MEMBER;
        assert_eq!(pace.queued(1_000, 1, 200, now), Wake::At(first));
        pace.woke(first, true);
        let next = first + PAUSE_MAX;
        assert_eq!(pace.queued(1_000_000, 1, 200, first), Wake::At(next));
    }

    #[test]
    fn few_members_never_wait() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        for _ in 0..3 {
            assert_eq!(pace.queued(6, 1, 200, now), Wake::Now);
            pace.woke(now, false);
        }
    }

    #[test]
    fn much_does_not_wait_and_somebody_is_still_expected() {
        for (events, bytes) in [(EVENTS_MAX, 1), (1, BYTES_MAX)] {
            let (mut pace, now) = (Pace::default(), Instant::now());
            pace.woke(now, false);
            assert!(matches!(pace.queued(50, 1, 1, now), Wake::At(_)));
            assert_eq!(pace.queued(50, events, bytes, now), Wake::Now);
            pace.woke(now, false);
            assert_eq!(pace.queued(50, 1, 1, now), Wake::Expected);
        }
    }
}
