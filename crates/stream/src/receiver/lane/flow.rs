//! What flows through a lane: heads and events in, reads out, events to the sink.

use std::{
    cmp::Reverse,
    sync::{Arc, atomic::Ordering},
};

use async_nats::Message;
use futures::{FutureExt, future::try_join_all};
use pg::Unanswered;
use prost::Message as _;
use proto::stream::{Event, EventBatch, Head, RangeResponse};
use tokio::{sync::oneshot, time::Instant};
use tonic::Status;

use super::{Done, Lane};
use crate::{
    cursor::{Cursor, Want},
    failpoint,
    key::{StreamKey, parse_key},
    log::{HEADS_LIMIT, RANGE_LIMIT},
    receiver::away,
};

impl Lane {
    /// Asks for the heads of all streams that wait for theirs, unless a question is under way.
    pub(super) fn ask_heads(&mut self) {
        if self.is_asking || self.unasked.is_empty() {
            return;
        }
        self.is_asking = true;
        let count = self.unasked.len().min(HEADS_LIMIT);
        let asked: Vec<_> = self.unasked.drain(..count).collect();
        let heads = self.shared.heads.clone();
        self.reads.push(
            async move {
                let each = asked.iter().map(|(key, _)| heads.ask(key.clone()));
                let answer = try_join_all(each).await.map_err(unread);
                Done::Heads { asked, answer }
            }
            .boxed(),
        );
    }

    pub(super) fn begin(
        &mut self,
        asked: Vec<(StreamKey, u64)>,
        answer: &Result<Vec<Head>, Status>,
    ) {
        self.is_asking = false;
        self.ask_heads();
        for (place, (key, number)) in asked.into_iter().enumerate() {
            let Some(watched) = self
                .watched
                .get_mut(&key)
                .filter(|watched| watched.number == number)
            else {
                continue;
            };
            let waiting = std::mem::take(&mut watched.waiting);
            match answer {
                Ok(heads) => {
                    let head = &heads[place];
                    let given_up = waiting
                        .into_iter()
                        .filter_map(|reply| reply.send(Ok(head.seq)).err())
                        .count();
                    self.touch(&key, |cursor, now, out| {
                        cursor.begin_in(head.era);
                        cursor.start(head.seq, &head.event_id, now, out);
                    });
                    for _ in 0..given_up {
                        self.unwatch(&key);
                    }
                }
                Err(refused) => {
                    self.forget(&key);
                    for reply in waiting {
                        let _ = reply.send(Err(refused.clone()));
                    }
                }
            }
        }
    }

    pub(super) fn take_events(&mut self, message: Message) {
        if failpoint::loses_events() {
            return;
        }
        let Ok(batch) = EventBatch::decode(message.payload) else {
            tracing::warn!(
                partition = self.partition.number(),
                "an event batch cannot be read"
            );
            return;
        };
        let now = Instant::now();
        let mut touched = Vec::new();
        for event in batch.events {
            self.hear(event.era);
            let Some(key) = parse_key(&event.tenant, &event.stream_id) else {
                continue;
            };
            let Some(watched) = self.watched.get_mut(&key) else {
                continue;
            };
            watched.cursor.event(Arc::new(event), now, &mut watched.out);
            if touched.last() != Some(&key) {
                touched.push(key);
            }
        }
        if touched.is_empty() {
            return;
        }
        // Whoever committed is the parent: the trace goes on to everybody who is told.
        let span = tracing::info_span!(
            "stream.deliver",
            otel.name = "deliver evt",
            otel.kind = "consumer",
            messaging.system = "nats",
            messaging.operation.type = "process",
            messaging.destination.template = proto::subject::EVENTS_TEMPLATE,
        );
        rpc::trace::heard(&span, message.headers.as_ref());
        let _entered = span.enter();
        for key in touched {
            self.settle(&key);
        }
    }

    pub(super) fn take_heads(&mut self, heads: Vec<(StreamKey, Head)>) {
        for (key, head) in heads {
            self.touch(&key, |cursor, now, _| {
                cursor.hear(head.era, now);
                cursor.head(head.seq, &head.event_id, now);
            });
        }
    }

    fn hear(&self, era: i64) {
        if era != 0 {
            self.shared.era.store(era, Ordering::Relaxed);
        }
    }

    /// Takes a head that was read from the log, and answers when the stream was delivered up to it.
    pub(super) fn confirm(&mut self, key: &StreamKey, head: &Head, reply: oneshot::Sender<()>) {
        let Some(watched) = self.watched.get_mut(key) else {
            return;
        };
        watched.confirming.retain(|(_, reply)| !reply.is_closed());
        watched.confirming.push((head.seq, reply));
        self.touch(key, |cursor, now, _| cursor.compare(head, now));
    }

    pub(super) fn fetch_due(&mut self) {
        let now = Instant::now();
        while let Some(Reverse((at, _))) = self.timers.peek() {
            if *at > now {
                break;
            }
            let Some(Reverse((at, key))) = self.timers.pop() else {
                break;
            };
            let Some(watched) = self.watched.get_mut(&key) else {
                continue;
            };
            if watched.timer == Some(at) {
                watched.timer = None;
            }
            if let Some(Want { after, after_id }) = watched.cursor.begin_fetch(now) {
                let (ranges, number, key) =
                    (Arc::clone(&self.shared.ranges), watched.number, key.clone());
                let read = async move {
                    let answer = ranges
                        .get(&key.0, key.1, after, &after_id, RANGE_LIMIT)
                        .await;
                    Done::Range {
                        key,
                        number,
                        answer,
                    }
                };
                self.reads.push(read.boxed());
            }
            self.settle(&key);
        }
    }

    pub(super) fn fetched(
        &mut self,
        key: &StreamKey,
        number: u64,
        answer: Result<Arc<RangeResponse>, Status>,
    ) {
        let Some(watched) = self
            .watched
            .get_mut(key)
            .filter(|watched| watched.number == number)
        else {
            return;
        };
        match answer {
            Ok(range) => {
                metrics::counter!("stream_repairs_total").increment(1);
                let reset = watched
                    .cursor
                    .fetched(&range, Instant::now(), &mut watched.out);
                metrics::counter!("stream_repaired_events_total")
                    .increment(watched.out.len() as u64);
                // Before what follows that head.
                if let Some(head) = reset {
                    tracing::warn!(stream = %key.1, head, "the log contradicts what was delivered");
                    self.shared.sink.reset(key.clone(), head);
                }
            }
            Err(error) => {
                tracing::debug!(code = ?error.code(), "a range could not be read");
                watched.cursor.fetch_failed(Instant::now());
            }
        }
        self.settle(key);
    }

    /// Lets the cursor of a watched stream take something in, then does what follows from it.
    pub(super) fn touch(
        &mut self,
        key: &StreamKey,
        take: impl FnOnce(&mut Cursor, Instant, &mut Vec<Arc<Event>>),
    ) {
        let Some(watched) = self.watched.get_mut(key) else {
            return;
        };
        take(&mut watched.cursor, Instant::now(), &mut watched.out);
        self.settle(key);
    }

    /// Delivers what a cursor let out, and sets the timer it needs.
    fn settle(&mut self, key: &StreamKey) {
        let Some(watched) = self.watched.get_mut(key) else {
            return;
        };
        if !watched.out.is_empty() {
            self.shared.sink.deliver(key.clone(), &watched.out);
            watched.out.clear();
        }
        if let Some(at) = watched.cursor.seq() {
            for (_, reply) in watched.confirming.extract_if(.., |(seq, _)| *seq <= at) {
                // Whoever asked may have given up.
                let _ = reply.send(());
            }
        }
        if let Some(due) = watched.cursor.due()
            && watched.timer.is_none_or(|timer| due < timer)
        {
            watched.timer = Some(due);
            self.timers.push(Reverse((due, key.clone())));
        }
    }
}

/// What is told to those whose stream's head could not be read.
fn unread(unanswered: Unanswered<Status>) -> Status {
    match unanswered {
        Unanswered::Failed(refused) => refused,
        Unanswered::Full | Unanswered::Lost => away("too many heads are asked for at this moment"),
    }
}
