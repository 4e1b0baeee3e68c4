//! Heads of what was committed lately, announced again and again: the lost last event has no successor that would reveal
//! it. An announcement without any is a sign of life: whoever hears it would have heard heads.

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_nats::{HeaderMap, connection::State};
use parking_lot::Mutex;
use proto::{
    id::StreamId,
    stream::{Event, Head, HeadBatch},
    subject,
};
use tokio::{
    sync::Notify,
    time::{Instant, MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

/// How often. A fifth of the silence that makes a receiver compare, so that single losses do not.
const EVERY: Duration = Duration::from_secs(1);
/// Where the sweep finds something every second, the turns are its own, unless it is so late.
const SWEEP_IS_LATE: Duration = Duration::from_millis(1_500);
/// How long after the commit each is told, in milliseconds, or with the next announcement after that. Losses are short, and
/// whoever heard nothing for five seconds compares: no pause is longer than half of that.
const TOLD_AFTER_MS: [u64; 8] = [250, 1_000, 2_000, 3_500, 5_000, 6_500, 8_000, 10_000];
/// Heads per message, which keeps it far below what the bus takes.
const PER_MESSAGE: usize = 2_000;

/// Between those who find what is to be told and the one who tells it.
#[derive(Default)]
pub(super) struct Board {
    pub(super) recent: Mutex<Recent>,
    /// Told of each sweep.
    pub(super) swept: Notify,
}

/// What is to be told.
#[derive(Default)]
pub(super) struct Recent {
    /// The newest event of each stream that was committed here.
    heads: HashMap<StreamId, Telling>,
    /// What the sweep found, to be told once.
    swept: Vec<Head>,
}

struct Telling {
    head: Head,
    since: Instant,
    /// How often it was told.
    told: usize,
}

impl Telling {
    fn is_due(&self, now: Instant) -> bool {
        let after = TOLD_AFTER_MS.get(self.told);
        after.is_some_and(|ms| now >= self.since + Duration::from_millis(*ms))
    }
}

impl Recent {
    pub(super) fn note(&mut self, events: &[Event], since: Instant) {
        for event in events {
            let Ok(stream_id) = event.stream_id.parse::<StreamId>() else {
                continue;
            };
            // Commits of two transactions may be noted in either order. In another run of the database server a log that
            // was restored may have less than we said.
            let known = self.heads.get(&stream_id);
            let is_news = |known: &Head| event.seq > known.seq || event.era != known.era;
            if known.is_none_or(|known| is_news(&known.head)) {
                // In a stream in which much is said one is told, too, before the next comes.
                let untold = known.filter(|known| known.told == 0);
                let since = untold.map_or(since, |known| known.since);
                let head = Head {
                    tenant: event.tenant.clone(),
                    stream_id: event.stream_id.clone(),
                    seq: event.seq,
                    event_id: event.event_id.clone(),
                    era: event.era,
                };
                let told = 0;
                let telling = Telling { head, since, told };
                self.heads.insert(stream_id, telling);
            }
        }
    }

    pub(super) fn swept(&mut self, young: Vec<Head>) {
        // What could not be told meanwhile is kept if it is more: the sweep that looked further back.
        if young.len() >= self.swept.len() {
            self.swept = young;
        }
    }

    fn due(&mut self, now: Instant) -> Vec<Head> {
        let mut due = std::mem::take(&mut self.swept);
        let heads = self.heads.values_mut();
        for telling in heads.filter(|telling| telling.is_due(now)) {
            // Late by more than one turn is told once.
            while telling.is_due(now) {
                telling.told += 1;
            }
            due.push(telling.head.clone());
        }
        self.heads
            .retain(|_, telling| telling.told < TOLD_AFTER_MS.len());
        due
    }
}

pub(super) async fn announce(nats: async_nats::Client, board: Arc<Board>, stop: CancellationToken) {
    let announcer = rand::random();
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = board.swept.notified() => tick.reset_after(SWEEP_IS_LATE),
            () = stop.cancelled() => return,
        }
        if nats.connection_state() != State::Connected {
            // What is due is told when somebody can hear it.
            continue;
        }
        let due = board.recent.lock().due(Instant::now());
        let none: Option<&[Head]> = due.is_empty().then_some(&[]);
        for heads in due.chunks(PER_MESSAGE).chain(none) {
            let heads = heads.to_vec();
            let batch = HeadBatch { heads, announcer };
            super::publish(&nats, &subject::heads(), HeaderMap::new(), &batch).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes events of one stream.
    fn events() -> impl Fn(i64) -> Event {
        let stream_id = StreamId(uuid::Uuid::now_v7()).to_string();
        move |seq| Event {
            stream_id: stream_id.clone(),
            seq,
            ..Event::default()
        }
    }

    #[test]
    fn the_newest_head_is_told_again_and_again_and_ever_less_often() {
        let event = events();
        let (mut recent, start) = (Recent::default(), Instant::now());
        recent.note(&[event(1), event(2)], start);
        let at = |ms| start + Duration::from_millis(ms);
        assert!(recent.due(start).is_empty(), "the event itself says so");
        let ticks = (1..=40).map(|tick| tick * 250);
        let told: Vec<u64> = ticks
            .filter(|ms| {
                recent.note(&[event(1)], at(*ms));
                let due = recent.due(at(*ms));
                assert!(due.iter().all(|head| head.seq == 2));
                !due.is_empty()
            })
            .collect();
        assert_eq!(told, TOLD_AFTER_MS);
    }

    #[test]
    fn a_stream_in_which_much_is_said_is_told_all_the_same() {
        let event = events();
        let (mut recent, mut now) = (Recent::default(), Instant::now());
        let told = (1..=20).filter(|seq| {
            now += Duration::from_millis(100);
            recent.note(&[event(*seq)], now);
            !recent.due(now).is_empty()
        });
        assert_eq!(told.count(), 5, "at the first turn after 250 ms");
    }

    #[test]
    fn what_was_swept_waits_for_the_next_announcement() {
        let mut recent = Recent::default();
        let head = |seq| Head {
            seq,
            ..Head::default()
        };
        recent.swept(vec![head(1)]);
        recent.swept(vec![head(2), head(3)]);
        recent.swept(vec![head(3)]);
        let due = recent.due(Instant::now());
        assert_eq!(due.iter().map(|it| it.seq).collect::<Vec<_>>(), [2, 3]);
        assert!(recent.due(Instant::now()).is_empty(), "once");
    }

    #[test]
    fn what_is_told_late_is_told_once_and_a_newer_head_begins_anew() {
        let event = events();
        let (mut recent, start) = (Recent::default(), Instant::now());
        recent.note(&[event(1)], start);
        let late = start + Duration::from_secs(3);
        assert_eq!(recent.due(late).len(), 1);
        assert!(recent.due(late).is_empty());
        recent.note(&[event(2)], late);
        assert_eq!(recent.due(late + EVERY)[0].seq, 2);
        assert_eq!(recent.heads.len(), 1);
        recent.due(late + Duration::from_secs(60));
        assert!(recent.heads.is_empty(), "nothing is kept for ever");
    }
}
