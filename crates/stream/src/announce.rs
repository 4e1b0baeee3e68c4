//! Telling gateways what was committed. Everything published here is a hint: it may be lost, doubled or late, and the
//! receiving cursor repairs all of that from the log.

mod heads;
mod sweep;

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_nats::{HeaderMap, connection::State};
use bytes::Bytes;
use prost::Message;
use proto::{
    id::StreamId,
    stream::{Event, EventBatch},
    subject::{self, Partition, Subject},
};
use sqlx::PgPool;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Span;

use crate::failpoint::{self, Point};
use heads::Board;

/// How many commits may wait to be published. One more is dropped: its heads are announced all the same.
const QUEUE: usize = 256;
/// The bus refuses a message of 1 MiB; a commit larger than this is published in parts.
const MESSAGE_BYTES: usize = 256 * 1024;
/// After `stop`, the queue must have been empty for this long: the last commits are published too.
const LINGER: Duration = Duration::from_millis(500);

/// Announces commits on the bus. Cheap to clone; never blocks its caller.
#[derive(Clone)]
pub struct Announcer {
    /// Bounded by [`QUEUE`]; full means dropped. The publisher's task is the only reader.
    commits: mpsc::Sender<Commit>,
    /// What was committed here lately. Written by callers, read by the task that announces heads.
    board: Arc<Board>,
}

/// What was committed, and the span in which that is told: a child of the one that committed.
struct Commit {
    events: Vec<Event>,
    span: Span,
}

impl Announcer {
    /// Starts publishing: committed events at once, their heads again and again for ten seconds, the heads of everything
    /// young in the database, whoever wrote it, once per second by one process of all. Announcements are signs of life as well.
    #[must_use]
    pub fn start(
        nats: async_nats::Client,
        pool: PgPool,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        let (commits, queue) = mpsc::channel(QUEUE);
        let board: Arc<Board> = Arc::default();
        tasks.spawn(publish_events(nats.clone(), queue, stop.clone()));
        tasks.spawn(heads::announce(nats, Arc::clone(&board), stop.clone()));
        tasks.spawn(sweep::sweep(Arc::clone(&board), pool, stop));
        Self { commits, board }
    }

    /// Announces the events of a commit. Call it after the commit, never before.
    pub fn committed(&self, events: Vec<Event>) {
        if events.is_empty() {
            return;
        }
        self.board.recent.lock().note(&events, Instant::now());
        let span = tracing::info_span!(
            "stream.publish",
            otel.name = "publish evt",
            otel.kind = "producer",
            messaging.system = "nats",
            messaging.operation.type = "send",
            messaging.destination.template = subject::EVENTS_TEMPLATE,
            messaging.batch.message_count = events.len(),
        );
        if self.commits.try_send(Commit { events, span }).is_err() {
            metrics::counter!("stream_publish_dropped_total").increment(1);
        }
    }
}

async fn publish_events(
    nats: async_nats::Client,
    mut queue: mpsc::Receiver<Commit>,
    stop: CancellationToken,
) {
    loop {
        let commit = if stop.is_cancelled() {
            timeout(LINGER, queue.recv()).await.ok().flatten()
        } else {
            tokio::select! {
                commit = queue.recv() => commit,
                () = stop.cancelled() => continue,
            }
        };
        let Some(Commit { events, span }) = commit else {
            break;
        };
        let armed = failpoint::armed(&events);
        for (subject, batch) in batches(events) {
            publish(&nats, &subject, rpc::trace::told(&span), &batch).await;
        }
        if armed == Some(Point::AfterPublish) {
            let _ = nats.flush().await;
        }
        failpoint::die_at(Point::AfterPublish, armed);
    }
}

/// Groups a commit's events by partition, in order, in messages of bounded size.
fn batches(events: Vec<Event>) -> Vec<(Subject, EventBatch)> {
    let mut open: HashMap<Partition, (EventBatch, usize)> = HashMap::new();
    let mut ready = Vec::new();
    for event in events {
        let Ok(stream_id) = event.stream_id.parse::<StreamId>() else {
            continue;
        };
        let partition = Partition::of(stream_id);
        let (batch, bytes) = open.entry(partition).or_default();
        let size = event.encoded_len() + 8;
        if *bytes > 0 && *bytes + size > MESSAGE_BYTES {
            ready.push((subject::events(partition), std::mem::take(batch)));
            *bytes = 0;
        }
        *bytes += size;
        batch.events.push(event);
    }
    ready.extend(
        open.into_iter()
            .map(|(partition, (batch, _))| (subject::events(partition), batch)),
    );
    ready
}

/// Publishes a hint, unless the bus is away: a queue of old hints would only delay what comes after.
async fn publish(
    nats: &async_nats::Client,
    subject: &Subject,
    headers: HeaderMap,
    message: &impl Message,
) {
    if nats.connection_state() != State::Connected {
        metrics::counter!("stream_publish_dropped_total").increment(1);
        return;
    }
    let payload = Bytes::from(message.encode_to_vec());
    let published = nats.publish_with_headers(subject.to_string(), headers, payload);
    if let Err(error) = published.await {
        tracing::debug!(%error, %subject, "a hint could not be published");
        metrics::counter!("stream_publish_dropped_total").increment(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_commit_is_published_in_parts_in_order() {
        let stream_id = StreamId(uuid::Uuid::now_v7()).to_string();
        let event = |seq| Event {
            stream_id: stream_id.clone(),
            seq,
            data: vec![b'x'; 100_000].into(),
            ..Event::default()
        };
        let parts = batches((1..=5).map(event).collect());
        let seqs: Vec<Vec<i64>> = parts
            .iter()
            .map(|(_, batch)| batch.events.iter().map(|event| event.seq).collect())
            .collect();
        assert_eq!(seqs, [vec![1, 2], vec![3, 4], vec![5]]);
        assert!(
            parts
                .iter()
                .all(|(_, batch)| batch.encoded_len() <= MESSAGE_BYTES)
        );
    }
}
