//! The log without anything around it: senders wait for `stream::Writer`, in this process, on the Postgres of the run.
//!
//! Beside single inserts it tells what storing many messages by one commit is worth; beside the whole product, what the
//! way to the log costs: sockets, bus, calls, and what rooms ask and keep for each message.

use std::time::{Duration, Instant};

use anyhow::Context;
use proto::{
    event::Kind,
    id::{StreamId, Tenant, UserId},
};
use sqlx::{PgPool, postgres::PgPoolOptions};
use stream::{Announcer, Append, Hooks, Writer};
use tokio::task::JoinSet;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{bare::Pace, summary::Latency};

/// As many as a service's writer needs: one to write, one to look after heads.
const CONNECTIONS: u32 = 2;

/// A writer of nobody's.
pub struct LogAlone {
    pool: PgPool,
    writer: Writer,
    tasks: TaskTracker,
    stop: CancellationToken,
    data: String,
}

impl LogAlone {
    /// Starts a writer that says what it stores on a bus, as a service does.
    ///
    /// # Errors
    /// When Postgres cannot be reached.
    pub async fn open(
        postgres: &str,
        bus: async_nats::Client,
        body: usize,
    ) -> anyhow::Result<Self> {
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS);
        let pool = pool.connect(postgres).await.context("no Postgres")?;
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let announcer = Announcer::start(bus, pool.clone(), &tasks, stop.clone());
        let hooks = Hooks::default();
        let writer = Writer::start(pool.clone(), hooks, announcer, &tasks, stop.clone());
        Ok(Self {
            pool,
            writer,
            tasks,
            stop,
            data: format!(r#"{{"body":"{}"}}"#, "x".repeat(body)),
        })
    }

    /// Lets so many senders append one message after the other for a while, each waiting for its own.
    ///
    /// # Errors
    /// When an append fails.
    pub async fn run(&self, senders: usize, length: Duration) -> anyhow::Result<Pace> {
        let mut all = JoinSet::new();
        let started = Instant::now();
        for _ in 0..senders {
            let (writer, data) = (self.writer.clone(), self.data.clone());
            all.spawn(send(writer, data, started, length));
        }
        let mut latencies = Vec::new();
        while let Some(sent) = all.join_next().await {
            latencies.extend(sent??);
        }
        Ok(Pace {
            per_second: latencies.len() as f64 / started.elapsed().as_secs_f64(),
            latency: Latency::of(latencies),
        })
    }

    /// Ends it.
    pub async fn close(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.pool.close().await;
    }
}

async fn send(
    writer: Writer,
    data: String,
    started: Instant,
    length: Duration,
) -> anyhow::Result<Vec<u32>> {
    let (stream_id, actor) = (StreamId(Uuid::now_v7()), UserId::generate());
    let mut latencies = Vec::new();
    for number in 0_u64.. {
        let key = number.to_string();
        let append = Append {
            tenant: Tenant::default_tenant(),
            stream_id,
            actor: Some(actor),
            session: None,
            fingerprint: stream::fingerprint(&[key.as_bytes()]),
            key: Some(key),
            kind: Kind::MessagePosted,
            data: data.clone(),
        };
        let asked = Instant::now();
        writer.append(append).await?;
        latencies.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
        if started.elapsed() >= length {
            break;
        }
    }
    Ok(latencies)
}
