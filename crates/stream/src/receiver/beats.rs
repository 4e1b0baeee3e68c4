//! Hearing whether those who announce heads can be heard.
//!
//! Between servers of the bus that do not reach each other no connection of ours ends, so nothing else would tell that
//! announcements were missed. Heads are announced for ten seconds, so who hears a sign of life at least every
//! [`SILENCE`] has heard each of them; whoever did not compares.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::StreamExt;
use prost::Message;
use proto::{stream::Beat, subject};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::failpoint::{self, Protection};

/// Half of the time for which heads are announced.
const SILENCE: Duration = Duration::from_secs(5);
/// Before the bus is asked again for what it did not take.
const AGAIN: Duration = Duration::from_secs(1);
/// So many announcers are remembered. Processes come and go; who was forgotten counts as one never heard before.
const REMEMBERED: usize = 4_096;

/// When each announcer was heard last.
#[derive(Default)]
struct Heard(HashMap<u64, Instant>);

impl Heard {
    /// Takes note of a sign of life; `true` if something of this announcer may have been missed before it.
    fn note(&mut self, announcer: u64, now: Instant) -> bool {
        if self.0.len() >= REMEMBERED && !self.0.contains_key(&announcer) {
            self.0.clear();
        }
        let before = self.0.insert(announcer, now);
        before.is_none_or(|before| now.duration_since(before) >= SILENCE)
    }
}

/// Counts in `returns` how often an announcer was heard for the first time, or after a silence.
pub(super) async fn listen(
    nats: async_nats::Client,
    returns: Arc<AtomicU64>,
    stop: CancellationToken,
) {
    if failpoint::is_without(Protection::Beats) {
        return;
    }
    let mut heard = Heard::default();
    let listening = async {
        loop {
            if let Ok(mut beats) = nats.subscribe(subject::beats().to_string()).await {
                while let Some(message) = beats.next().await {
                    let Ok(Beat { announcer }) = Beat::decode(message.payload) else {
                        continue;
                    };
                    if heard.note(announcer, Instant::now()) {
                        returns.fetch_add(1, Ordering::Relaxed);
                    }
                }
            }
            sleep(AGAIN).await;
        }
    };
    stop.run_until_cancelled(listening).await;
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
