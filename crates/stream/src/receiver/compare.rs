//! Comparing all watched heads with the log: after a reconnect, when an announcer is heard again, after the database
//! server was replaced or started anew, and now and then.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_nats::connection::State;
use parking_lot::Mutex;
use proto::{
    stream::{Head, HeadsRequest, StreamRef},
    subject::Partition,
};
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use super::{
    lane::{Command, Shared},
    source::Source,
};
use crate::{
    failpoint::{self, Protection},
    key::{StreamKey, parse_key},
    log::HEADS_LIMIT,
};

/// How often the connection is looked at, and how soon a failed comparison is tried again. The client tells of a
/// reconnect only to whoever built it, but counts its connects for everyone.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Between two comparisons without a reason, in milliseconds: half a minute, give or take, so that gateways spread.
const EVERY_MS: std::ops::Range<u64> = 20_000..40_000;

/// Every stream that is watched in this process.
#[derive(Default)]
pub(super) struct Watchlist(Mutex<HashSet<StreamKey>>);

impl Watchlist {
    pub(super) fn insert(&self, key: StreamKey) {
        self.0.lock().insert(key);
    }

    pub(super) fn remove(&self, key: &StreamKey) {
        self.0.lock().remove(key);
    }

    /// Returns those heads whose streams are watched.
    pub(super) fn watched(&self, heads: Vec<Head>) -> Vec<(StreamKey, Head)> {
        let keyed = |head: Head| Some((parse_key(&head.tenant, &head.stream_id)?, head));
        let mut heads: Vec<_> = heads.into_iter().filter_map(keyed).collect();
        let all = self.0.lock();
        heads.retain(|(key, _)| all.contains(key));
        heads
    }

    fn keys(&self) -> Vec<StreamKey> {
        self.0.lock().iter().cloned().collect()
    }
}

/// What has changed when something may have been missed.
#[derive(PartialEq)]
struct Signs {
    /// How often the bus was connected to.
    connects: u64,
    /// How often an announcer was heard for the first time, or after a silence.
    returns: u64,
    /// The run of the database server.
    era: i64,
}

pub(super) async fn run(
    shared: Shared,
    lanes: Arc<[mpsc::UnboundedSender<Command>]>,
    returns: Arc<AtomicU64>,
    stop: CancellationToken,
) {
    if failpoint::is_without(Protection::Heads) {
        return;
    }
    let Shared {
        nats,
        source,
        watchlist,
        era,
        ..
    } = shared;
    let statistics = nats.statistics();
    let signs = || Signs {
        connects: statistics.connects.load(Ordering::Relaxed),
        returns: returns.load(Ordering::Relaxed),
        era: match failpoint::is_without(Protection::Eras) {
            true => 0,
            false => era.load(Ordering::Relaxed),
        },
    };
    let mut tick = interval(LOOK_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut compared = signs();
    let mut due = next();
    while stop.run_until_cancelled(tick.tick()).await.is_some() {
        let now = signs();
        let is_reason = now != compared || Instant::now() >= due;
        if !is_reason || nats.connection_state() != State::Connected {
            continue;
        }
        let is_done = stop
            .run_until_cancelled(compare(&*source, &watchlist, &lanes))
            .await;
        if is_done == Some(true) {
            compared = now;
            due = next();
        }
    }
}

fn next() -> Instant {
    Instant::now() + Duration::from_millis(rand::random_range(EVERY_MS))
}

async fn compare(
    source: &dyn Source,
    watchlist: &Watchlist,
    lanes: &[mpsc::UnboundedSender<Command>],
) -> bool {
    for keys in watchlist.keys().chunks(HEADS_LIMIT) {
        let heads = match source.read_heads(question(keys)).await {
            Ok(response) => response.heads,
            Err(error) => {
                tracing::debug!(code = ?error.code(), "heads could not be compared");
                return false;
            }
        };
        for (key, head) in keys.iter().zip(heads) {
            let lane = usize::from(Partition::of(key.1).number());
            let _ = lanes[lane].send(Command::Compare {
                key: key.clone(),
                head,
            });
        }
    }
    true
}

/// Asks for the heads of these streams.
pub(super) fn question(keys: &[StreamKey]) -> HeadsRequest {
    let reference = |(tenant, stream_id): &StreamKey| StreamRef {
        tenant: tenant.to_string(),
        stream_id: stream_id.to_string(),
    };
    HeadsRequest {
        streams: keys.iter().map(reference).collect(),
    }
}
