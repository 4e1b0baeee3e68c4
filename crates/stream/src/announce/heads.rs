//! Heads of what this process committed lately, announced again and again: the lost last event has no successor that
//! would reveal it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_nats::HeaderMap;
use parking_lot::Mutex;
use proto::{
    id::StreamId,
    stream::{Event, Head, HeadBatch},
    subject::{self, Partition},
};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// How often.
const EVERY: Duration = Duration::from_millis(250);
/// For how long after the commit.
const WINDOW: Duration = Duration::from_secs(10);
/// Heads per message, which keeps it far below what the bus takes.
const PER_MESSAGE: usize = 2_000;

/// The newest event of each stream that was committed here within [`WINDOW`].
#[derive(Default)]
pub(super) struct Recent {
    heads: HashMap<StreamId, (Head, Instant)>,
}

impl Recent {
    pub(super) fn note(&mut self, events: &[Event], now: Instant) {
        for event in events {
            let Ok(stream_id) = event.stream_id.parse::<StreamId>() else {
                continue;
            };
            let slot = self
                .heads
                .entry(stream_id)
                .or_insert_with(|| (Head::default(), now));
            // Commits of two transactions may be noted in either order. In another run of the database server a log that
            // was restored may have less than we said.
            if event.seq > slot.0.seq || event.era != slot.0.era {
                *slot = (head_of(event), now);
            }
        }
    }

    fn current(&mut self, now: Instant) -> Vec<Head> {
        self.heads
            .retain(|_, (_, since)| now.duration_since(*since) < WINDOW);
        self.heads.values().map(|(head, _)| head.clone()).collect()
    }
}

fn head_of(event: &Event) -> Head {
    Head {
        tenant: event.tenant.clone(),
        stream_id: event.stream_id.clone(),
        seq: event.seq,
        event_id: event.event_id.clone(),
        era: event.era,
    }
}

pub(super) async fn announce(
    nats: async_nats::Client,
    recent: Arc<Mutex<Recent>>,
    stop: CancellationToken,
) {
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stop.run_until_cancelled(tick.tick()).await.is_some() {
        let heads = recent.lock().current(Instant::now());
        publish(&nats, heads).await;
    }
}

/// Publishes heads, one message per partition (more only if it is crowded).
pub(super) async fn publish(nats: &async_nats::Client, heads: Vec<Head>) {
    let mut by_partition: HashMap<Partition, Vec<Head>> = HashMap::new();
    for head in heads {
        let Ok(stream_id) = head.stream_id.parse::<StreamId>() else {
            continue;
        };
        by_partition
            .entry(Partition::of(stream_id))
            .or_default()
            .push(head);
    }
    for (partition, heads) in by_partition {
        let subject = subject::heads(partition);
        for part in heads.chunks(PER_MESSAGE) {
            super::publish(
                nats,
                &subject,
                HeaderMap::new(),
                &HeadBatch {
                    heads: part.to_vec(),
                },
            )
            .await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_head_is_kept_for_its_time() {
        let stream_id = StreamId(uuid::Uuid::now_v7()).to_string();
        let event = |seq| Event {
            stream_id: stream_id.clone(),
            seq,
            ..Event::default()
        };
        let (mut recent, start) = (Recent::default(), Instant::now());
        recent.note(&[event(1), event(2)], start);
        recent.note(&[event(1)], start + Duration::from_secs(5));
        assert_eq!(
            recent
                .current(start)
                .iter()
                .map(|head| head.seq)
                .collect::<Vec<_>>(),
            [2]
        );
        assert!(recent.current(start + WINDOW).is_empty());
    }
}
