//! Hearing what is announced to everyone: how far streams are, and that those who say so can be heard.
//!
//! Between servers of the bus that do not reach each other no connection of ours ends, so nothing else would tell that
//! announcements were missed. Heads are announced for ten seconds, with pauses of half of [`SILENCE`] at most, so one
//! interruption that is shorter than that leaves one of each; whoever heard nothing for longer compares.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use futures::StreamExt;
use prost::Message as _;
use proto::{
    stream::{Head, HeadBatch},
    subject::{self, Partition},
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use super::lane::{Command, Shared};
use crate::{
    failpoint::{self, Protection},
    key::StreamKey,
};

/// Before the bus is asked again for what it did not take.
const AGAIN: Duration = Duration::from_secs(1);

/// Half of the time for which heads are announced.
const SILENCE: Duration = Duration::from_secs(5);
/// So many announcers are remembered. Processes come and go; who was forgotten counts as one never heard before.
const REMEMBERED: usize = 4_096;

/// When each announcer was heard last.
#[derive(Default)]
struct Heard(HashMap<u64, Instant>);

impl Heard {
    /// Takes note of an announcement; `true` if something of this announcer may have been missed before it.
    fn note(&mut self, announcer: u64, now: Instant) -> bool {
        if self.0.len() >= REMEMBERED && !self.0.contains_key(&announcer) {
            self.0.clear();
        }
        let before = self.0.insert(announcer, now);
        before.is_none_or(|before| now.duration_since(before) >= SILENCE)
    }
}

/// Tells the lanes of heads, and counts in `returns` how often an announcer was heard for the first time, or after a
/// silence.
pub(super) async fn listen(
    shared: Shared,
    lanes: Arc<[mpsc::UnboundedSender<Command>]>,
    returns: Arc<AtomicU64>,
    stop: CancellationToken,
) {
    let mut heard = Heard::default();
    let listening = async {
        loop {
            if let Ok(mut heads) = shared.nats.subscribe(subject::heads().to_string()).await {
                while let Some(message) = heads.next().await {
                    let Ok(batch) = HeadBatch::decode(message.payload) else {
                        tracing::warn!("a head batch cannot be read");
                        continue;
                    };
                    let is_return = heard.note(batch.announcer, Instant::now());
                    if is_return && !failpoint::is_without(Protection::Beats) {
                        returns.fetch_add(1, Relaxed);
                    }
                    if !failpoint::is_without(Protection::Heads) {
                        tell(&shared, &lanes, batch.heads);
                    }
                }
            }
            sleep(AGAIN).await;
        }
    };
    stop.run_until_cancelled(listening).await;
}

fn tell(shared: &Shared, lanes: &[mpsc::UnboundedSender<Command>], heads: Vec<Head>) {
    for head in heads.iter().filter(|head| head.era != 0) {
        shared.era.store(head.era, Relaxed);
    }
    let mut by_lane: HashMap<usize, Vec<(StreamKey, Head)>> = HashMap::new();
    for head in shared.watchlist.watched(heads) {
        let lane = usize::from(Partition::of(head.0.1).number());
        by_lane.entry(lane).or_default().push(head);
    }
    for (lane, heads) in by_lane {
        // A lane that is gone has nobody to tell.
        let _ = lanes[lane].send(Command::Told(heads));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_sign_and_one_after_a_silence_are_returns() {
        let (mut heard, start) = (Heard::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!(heard.note(1, at(0)), "what it said before was not heard");
        assert!(!heard.note(1, at(4)));
        assert!(heard.note(2, at(5)), "each for itself");
        assert!(!heard.note(1, at(8)));
        assert!(heard.note(1, at(13)));
        assert!(!heard.note(1, at(14)));
    }

    #[test]
    fn those_who_are_gone_do_not_pile_up() {
        let (mut heard, now) = (Heard::default(), Instant::now());
        for announcer in 0..2 * REMEMBERED as u64 {
            assert!(heard.note(announcer, now));
        }
        assert!(heard.0.len() <= REMEMBERED);
        assert!(!heard.note(2 * REMEMBERED as u64 - 1, now));
    }
}
