//! What people write first: every message is one insert of its own, and ten connections are shared by all who wait.
//!
//! On the same Postgres in the same run, because nothing varies more between machines than how long a commit takes.

use std::time::{Duration, Instant};

use anyhow::Context;
use sqlx::{
    Executor, PgPool,
    postgres::{PgPoolOptions, PgQueryResult},
};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::summary::Latency;

/// What most libraries take when nobody says otherwise.
const CONNECTIONS: u32 = 10;

/// A table of nobody's, beside those of the services.
#[derive(Debug)]
pub struct Bare {
    pool: PgPool,
    body: String,
    /// How many went in so far.
    stored: i64,
}

/// How fast it was.
#[derive(Debug, Clone)]
pub struct Pace {
    /// From wanting to store a message to knowing that it is.
    pub latency: Latency,
    /// Messages per second.
    pub per_second: f64,
}

impl Bare {
    /// Makes the table.
    ///
    /// # Errors
    /// When Postgres refuses.
    pub async fn open(url: &str, body: usize) -> anyhow::Result<Self> {
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS);
        let pool = pool.connect(url).await.context("no Postgres")?;
        pool.execute(
            "create schema if not exists bare;
             create table if not exists bare.message (
                 room uuid not null,
                 seq bigint not null,
                 body text not null,
                 primary key (room, seq)
             )",
        )
        .await?;
        Ok(Self {
            pool,
            body: "x".repeat(body),
            stored: 0,
        })
    }

    /// Lets so many senders store one message after the other for a while, each waiting for its own.
    ///
    /// # Errors
    /// When an insert fails.
    pub async fn run(&mut self, senders: usize, length: Duration) -> anyhow::Result<Pace> {
        let mut all = JoinSet::new();
        let started = Instant::now();
        for _ in 0..senders {
            all.spawn(send(self.pool.clone(), self.body.clone(), started, length));
        }
        let mut latencies = Vec::new();
        while let Some(sent) = all.join_next().await {
            latencies.extend(sent??);
        }
        let seconds = started.elapsed().as_secs_f64();
        self.stored += latencies.len() as i64;
        Ok(Pace {
            per_second: latencies.len() as f64 / seconds,
            latency: Latency::of(latencies),
        })
    }

    /// Lets one sender store a message so many times a second, as when nobody waits for another's.
    ///
    /// # Errors
    /// When an insert fails.
    pub async fn run_paced(&mut self, per_second: f64, length: Duration) -> anyhow::Result<Pace> {
        let mut pace = tokio::time::interval(Duration::from_secs_f64(1.0 / per_second));
        let (room, mut latencies) = (Uuid::now_v7(), Vec::new());
        let started = Instant::now();
        for seq in 1.. {
            pace.tick().await;
            // Not from when it was due: a timer of a millisecond's steps says nothing of commits.
            let asked = Instant::now();
            store(&self.pool, room, seq, &self.body).await?;
            latencies.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
            if started.elapsed() >= length {
                break;
            }
        }
        self.stored += latencies.len() as i64;
        Ok(Pace {
            per_second,
            latency: Latency::of(latencies),
        })
    }

    /// Ends it; fails when the table does not hold what was said to be stored.
    ///
    /// # Errors
    /// See above.
    pub async fn close(self) -> anyhow::Result<()> {
        let row = self.pool.fetch_one("select count(*) from bare.message");
        let count: i64 = sqlx::Row::try_get(&row.await?, 0)?;
        anyhow::ensure!(
            count == self.stored,
            "{count} rows of {} are there",
            self.stored
        );
        self.pool.execute("drop schema bare cascade").await?;
        self.pool.close().await;
        Ok(())
    }
}

async fn send(
    pool: PgPool,
    body: String,
    started: Instant,
    length: Duration,
) -> sqlx::Result<Vec<u32>> {
    let (room, mut latencies) = (Uuid::now_v7(), Vec::new());
    for seq in 1.. {
        let asked = Instant::now();
        store(&pool, room, seq, &body).await?;
        latencies.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
        if started.elapsed() >= length {
            break;
        }
    }
    Ok(latencies)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the table is made by this run, so no compiler can know it"
)]
async fn store(pool: &PgPool, room: Uuid, seq: i64, body: &str) -> sqlx::Result<PgQueryResult> {
    let insert = sqlx::query("insert into bare.message (room, seq, body) values ($1, $2, $3)");
    insert.bind(room).bind(seq).bind(body).execute(pool).await
}
