//! The receiving state of one stream, without I/O: what to deliver now and when to fetch.
//!
//! Events come from the bus in any order, doubled or not at all. What leaves is every event after the starting
//! position, once, in order, without holes. Whatever is missing is fetched from the log.

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use proto::stream::{Event, Head, RangeResponse};
use tokio::time::Instant;

use crate::failpoint::{self, Protection};

/// How long a hole may last before it is fetched: two replicas publish their commits in any order.
pub(crate) const PATIENCE: Duration = Duration::from_millis(50);
/// The most events held back per stream. Those beyond it are forgotten and fetched when their turn comes.
pub(crate) const PARKED_MAX: usize = 1_024;
/// The first pause after a failed fetch; doubled each time up to [`PAUSE_MAX`].
const PAUSE: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// A fetch to make: everything after `after`, where `after_id` should stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    /// The place of the last delivered event.
    pub after: i64,
    /// The id that should stand there; empty when it is not known.
    pub after_id: String,
}

/// The receiving state of one stream: any order, loss and repetition goes in; each event after the starting position
/// comes out once, in order, without holes.
#[derive(Debug, Default)]
pub struct Cursor {
    /// The last delivered event; `None` until the head at the beginning of watching is known.
    position: Option<Position>,
    /// Events ahead of the position, with the number of fetches begun before they came.
    parked: BTreeMap<i64, (u64, Arc<Event>)>,
    /// The highest seq that anyone said exists.
    claimed: i64,
    /// The same, counted from the beginning of the running fetch.
    claimed_since_fetch: i64,
    /// Someone named another id for our position, or a head below it: ask the log.
    is_doubted: bool,
    /// The run of the database server in which the position was found right, 0 when unknown. A log that comes from a
    /// backup counts on from an earlier place with other events, so nothing that another run committed is taken before
    /// the position was found right there, too.
    era: i64,
    /// The other run that was heard of since the running fetch began, or 0.
    heard_era: i64,
    fetch: Fetch,
    /// How many fetches were begun.
    fetches: u64,
    failures: u32,
}

#[derive(Debug, Clone)]
struct Position {
    seq: i64,
    /// Empty when unknown.
    id: String,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Fetch {
    #[default]
    Idle,
    Due(Instant),
    Running,
}

impl Cursor {
    /// Returns the seq of the last delivered event, once watching has begun.
    #[must_use]
    pub fn seq(&self) -> Option<i64> {
        self.position.as_ref().map(|position| position.seq)
    }

    /// Takes note in which run of the database server the head was read that [`Self::start`] will be told.
    pub fn begin_in(&mut self, era: i64) {
        if self.position.is_none() {
            self.era = era;
            let parked = self.parked.len();
            self.parked
                .retain(|_, (_, event)| event.era == 0 || era == 0 || event.era == era);
            self.is_doubted |= self.parked.len() < parked;
        }
    }

    /// Begins after `seq`, the head at this moment. What came before is forgotten, what came after is let out.
    pub fn start(&mut self, seq: i64, id: &str, now: Instant, out: &mut Vec<Arc<Event>>) {
        if self.position.is_some() {
            return;
        }
        self.position = Some(Position { seq, id: id.into() });
        self.release(out);
        self.plan(now, PATIENCE);
    }

    /// Takes an event from the bus.
    pub fn event(&mut self, event: Arc<Event>, now: Instant, out: &mut Vec<Arc<Event>>) {
        let seq = event.seq;
        if self.is_foreign(event.era) {
            self.claim(seq);
            self.hear(event.era, now);
            return;
        }
        if self.seq().is_some_and(|at| seq <= at) {
            return;
        }
        self.claim(seq);
        let before = out.len();
        self.park(event);
        self.release(out);
        if out.len() > before && matches!(self.fetch, Fetch::Due(_)) {
            // The hole that was waited for is closed; the next one gets its own patience.
            self.fetch = Fetch::Idle;
        }
        self.plan(now, PATIENCE);
    }

    /// Takes note that the database server runs in `era`. If that is not the run in which the position was found right,
    /// the log is asked.
    pub fn hear(&mut self, era: i64, now: Instant) {
        if self.is_foreign(era) {
            self.is_doubted = true;
            self.heard_era = era;
            self.plan(now, Duration::ZERO);
        }
    }

    /// Takes a head that was read from the log for the sake of comparing: the position is found right if it is the head.
    pub fn compare(&mut self, head: &Head, now: Instant) {
        let is_here =
            |position: &Position| position.seq == head.seq && position.id == head.event_id;
        if head.era != 0 && self.position.as_ref().is_some_and(is_here) {
            self.era = head.era;
        }
        self.hear(head.era, now);
        self.read_head(head.seq, &head.event_id, now);
    }

    /// Takes an announced head. A head below the position is merely old.
    pub fn head(&mut self, seq: i64, id: &str, now: Instant) {
        self.claim(seq);
        if let Some(position) = &self.position {
            let is_other = !id.is_empty() && !position.id.is_empty() && position.id != id;
            self.is_doubted |= position.seq == seq && is_other;
        }
        self.plan(now, PATIENCE);
    }

    /// Takes a head that was read from the log. Below the position it may be a moment old, or the log has lost
    /// something: a fetch tells.
    pub fn read_head(&mut self, seq: i64, id: &str, now: Instant) {
        self.is_doubted |= self.seq().is_some_and(|at| seq < at);
        self.head(seq, id, now);
    }

    /// When the next fetch is due, if one is.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        match self.fetch {
            Fetch::Due(at) => Some(at),
            Fetch::Idle | Fetch::Running => None,
        }
    }

    /// Begins the fetch that is due. Its end is told by [`Self::fetched`] or [`Self::fetch_failed`].
    pub fn begin_fetch(&mut self, now: Instant) -> Option<Want> {
        let is_due = self.due().is_some_and(|at| at <= now);
        let position = self.position.as_ref().filter(|_| is_due)?;
        self.fetch = Fetch::Running;
        self.fetches += 1;
        self.claimed_since_fetch = 0;
        self.heard_era = 0;
        Some(Want {
            after: position.seq,
            after_id: position.id.clone(),
        })
    }

    /// Takes the answer of the running fetch. Returns the head to begin anew from when the log contradicts what was
    /// delivered: then the reader's view is lost and everything up to that head must be read afresh.
    pub fn fetched(
        &mut self,
        range: &RangeResponse,
        now: Instant,
        out: &mut Vec<Arc<Event>>,
    ) -> Option<i64> {
        self.fetch = Fetch::Idle;
        self.failures = 0;
        let is_another = self.is_foreign(range.era);
        if range.era != 0 {
            self.era = range.era;
        }
        self.is_doubted = self.is_foreign(self.heard_era);
        if is_another {
            // What of it was not lost is in the log.
            self.parked.clear();
        }
        let head = range.head;
        // The fetch began after these were announced, and announcing follows the commit: what the log does not have
        // now, it has lost.
        let fetches = self.fetches;
        self.parked
            .retain(|seq, (begun, _)| *seq <= head || *begun >= fetches);
        let last_parked = self.parked.keys().next_back().copied().unwrap_or(0);
        self.claimed = head.max(self.claimed_since_fetch).max(last_parked);
        if !range.is_continuous {
            self.position = Some(Position {
                seq: head,
                id: String::new(),
            });
            self.release(out);
            self.plan(now, PATIENCE);
            return Some(head);
        }
        let before = self.seq();
        for event in &range.events {
            if self.seq().is_some_and(|at| event.seq > at) {
                self.parked
                    .insert(event.seq, (fetches, Arc::new(event.clone())));
            }
        }
        self.release(out);
        // A full page means that more is ready to be read.
        let patience = if self.seq() > before {
            Duration::ZERO
        } else {
            PATIENCE
        };
        self.plan(now, patience);
        None
    }

    /// Takes the failure of the running fetch.
    pub fn fetch_failed(&mut self, now: Instant) {
        self.fetch = Fetch::Idle;
        let pause = PAUSE
            .saturating_mul(1 << self.failures.min(8))
            .min(PAUSE_MAX);
        self.failures += 1;
        self.plan(now, pause);
    }

    fn is_foreign(&self, era: i64) -> bool {
        era != 0 && self.era != 0 && era != self.era && !failpoint::is_without(Protection::Eras)
    }

    fn claim(&mut self, seq: i64) {
        self.claimed = self.claimed.max(seq);
        self.claimed_since_fetch = self.claimed_since_fetch.max(seq);
    }

    fn park(&mut self, event: Arc<Event>) {
        self.parked
            .entry(event.seq)
            .or_insert((self.fetches, event));
        // Not the one that is next: it is let out at once.
        if self.parked.len() > PARKED_MAX {
            self.parked.pop_last();
        }
    }

    /// Lets out what follows the position.
    fn release(&mut self, out: &mut Vec<Arc<Event>>) {
        let Some(position) = &mut self.position else {
            return;
        };
        while let Some(entry) = self.parked.first_entry() {
            // After the last number that there is comes nothing.
            let Some(next) = position.seq.checked_add(1) else {
                break;
            };
            if *entry.key() > next {
                break;
            }
            let (seq, (_, event)) = entry.remove_entry();
            if seq == next {
                position.seq = seq;
                position.id.clone_from(&event.event_id);
                out.push(event);
            }
        }
    }

    /// Makes a fetch due after `patience` if something is missing and none is due or running.
    fn plan(&mut self, now: Instant, patience: Duration) {
        let Some(at) = self.seq() else { return };
        let is_behind = self.is_doubted || self.claimed > at;
        match (is_behind, self.fetch) {
            (true, Fetch::Idle) => self.fetch = Fetch::Due(now + patience),
            (false, Fetch::Due(_)) => self.fetch = Fetch::Idle,
            _ => {}
        }
    }
}
