//! The newest events of a stream, kept for those who come back: however many they are, the log is read once for them.
//!
//! Bounded in events, bytes and age, and over all streams of the process; what does not fit is forgotten from the front
//! and read from the log again. The log holds the present state of a message: an event that may have rewritten an
//! earlier one empties the tail, and what is rewritten without an event is too old for it soon.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use proto::event::Kind;
use tokio::time::Instant;

use super::Rendered;

/// Most events of one stream.
const EVENTS_MAX: usize = 256;
/// Most bytes of one stream.
const BYTES_MAX: usize = 128 * 1024;
/// Most bytes of all streams of the process. A stream that would go beyond keeps nothing.
const ALL_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Storms are over sooner.
const AGE_MAX: Duration = Duration::from_secs(60);
/// What an event costs beside its data and its frame.
const OVERHEAD: usize = 512;

/// What all tails hold: memory is the process's, not a stream's.
static ALL_BYTES: AtomicUsize = AtomicUsize::new(0);

struct Kept {
    event: Arc<Rendered>,
    since: Instant,
}

/// See the module.
#[derive(Default)]
pub(super) struct Tail {
    /// The place before the first event, and the id of what stands there, empty when it is not known. `None`: where the
    /// stream is has not been heard yet.
    base: Option<(i64, String)>,
    events: VecDeque<Kept>,
    bytes: usize,
}

impl Tail {
    /// The stream is followed from a place on, or begins anew there.
    pub(super) fn begin(&mut self, seq: i64) {
        self.forget();
        self.base = Some((seq, String::new()));
    }

    /// Whether it is known where the stream is.
    pub(super) fn has_begun(&self) -> bool {
        self.base.is_some()
    }

    /// Takes the next event of the stream.
    pub(super) fn push(&mut self, event: &Arc<Rendered>, now: Instant) {
        let seq = event.event.seq;
        let end = self
            .base
            .as_ref()
            .map(|(base, _)| base + self.events.len() as i64);
        if end.is_some_and(|end| seq <= end) {
            return;
        }
        if end != Some(seq - 1) {
            self.begin(seq - 1);
        }
        if !leaves_the_past_alone(event.kind) {
            self.forget();
            self.base = Some((seq, event.event.event_id.clone()));
            return;
        }
        self.charge(cost(event));
        self.events.push_back(Kept {
            event: event.clone(),
            since: now,
        });
        self.shrink(now);
    }

    /// Takes what was read from the log after a place that was proved to be in it: events that follow each other.
    pub(super) fn learn(
        &mut self,
        (after, after_id): (i64, &str),
        events: &[Arc<Rendered>],
        now: Instant,
    ) {
        let Some((base, base_id)) = &mut self.base else {
            return;
        };
        if after == *base && base_id.is_empty() {
            after_id.clone_into(base_id);
        }
        let base = *base;
        let last = after + events.len() as i64;
        let is_whole = events
            .first()
            .is_none_or(|first| first.event.seq == after + 1);
        if after >= base || last < base || !is_whole {
            return;
        }
        // From the newest to the oldest that fits.
        for event in events.iter().rev().filter(|event| event.event.seq <= base) {
            if self.is_full(cost(event)) {
                return;
            }
            self.charge(cost(event));
            let (event, since) = (event.clone(), now);
            self.base = Some((event.event.seq - 1, String::new()));
            self.events.push_front(Kept { event, since });
        }
        self.base = Some((after, after_id.to_owned()));
    }

    /// Returns what follows a place, oldest first. `None`: that has to be asked of the log, because the place is too far
    /// back or cannot be proved here. An empty id needs no proof.
    pub(super) fn after<'a>(
        &'a mut self,
        seq: i64,
        id: &str,
        now: Instant,
    ) -> Option<impl Iterator<Item = &'a Arc<Rendered>> + use<'a>> {
        self.shrink(now);
        let (base, base_id) = self.base.as_ref()?;
        let known = usize::try_from(seq - base).ok()?;
        let there = match known.checked_sub(1) {
            None => base_id.as_str(),
            Some(index) => &self.events.get(index)?.event.event.event_id,
        };
        let is_proved = id.is_empty() || id == there;
        is_proved.then(|| self.events.range(known..).map(|kept| &kept.event))
    }

    /// Forgets what is too old, and the memory for it: a stream in which nothing happens any more is not asked either.
    pub(super) fn forget_old(&mut self, now: Instant) {
        self.shrink(now);
        if self.events.is_empty() {
            self.events = VecDeque::new();
        }
    }

    fn is_full(&self, more: usize) -> bool {
        self.events.len() >= EVENTS_MAX
            || self.bytes + more > BYTES_MAX
            || ALL_BYTES.load(Ordering::Relaxed) + more > ALL_BYTES_MAX
    }

    fn shrink(&mut self, now: Instant) {
        if ALL_BYTES.load(Ordering::Relaxed) > ALL_BYTES_MAX {
            while self.drop_first() {}
        }
        let is_old = |kept: &Kept| now.saturating_duration_since(kept.since) > AGE_MAX;
        while self.events.len() > EVENTS_MAX
            || self.bytes > BYTES_MAX
            || self.events.front().is_some_and(is_old)
        {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) -> bool {
        let Some(first) = self.events.pop_front() else {
            return false;
        };
        self.release(cost(&first.event));
        let event = &first.event.event;
        self.base = Some((event.seq, event.event_id.clone()));
        true
    }

    fn forget(&mut self) {
        self.release(self.bytes);
        self.events.clear();
    }

    fn charge(&mut self, bytes: usize) {
        self.bytes += bytes;
        ALL_BYTES.fetch_add(bytes, Ordering::Relaxed);
    }

    fn release(&mut self, bytes: usize) {
        self.bytes -= bytes;
        ALL_BYTES.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        self.forget();
    }
}

fn cost(event: &Rendered) -> usize {
    let frame = event.shared.as_ref().map_or(0, |frame| frame.len());
    // The frame may be made once more, for those to whom it is told again.
    event.event.data.len() + 2 * frame + OVERHEAD
}

/// Whether an event says nothing about messages before it.
fn leaves_the_past_alone(kind: Option<Kind>) -> bool {
    matches!(
        kind,
        Some(Kind::MessagePosted | Kind::MemberJoined | Kind::MemberLeft | Kind::RoleChanged)
    )
}

#[cfg(test)]
mod tests;
