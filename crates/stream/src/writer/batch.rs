//! One batch: commit, retry, tell, answer.

use std::{sync::Arc, time::Duration};

use pg::Failure;
use sqlx::{Connection, PgPool, Postgres, pool::PoolConnection};
use tokio::time::{Instant, sleep};
use tracing::{Instrument, Span};

use super::Waiting;
use crate::{
    announce::Announcer,
    append::{Append, AppendError, Appended, Hooks, KEY_CONSTRAINT, Refused, events_of},
    db,
    failpoint::{self, Point},
};

/// How often a batch is tried again after a failure that may pass.
const RETRIES: u32 = 3;
/// The first pause before a retry; doubled each time, and shortened by up to half at random.
const PAUSE: Duration = Duration::from_millis(10);
/// No retry begins later than this after the oldest append was queued: its caller is about to give up.
const PATIENCE: Duration = Duration::from_millis(2_500);

type Results = Vec<Result<Appended, Refused>>;

/// Commits batches, one after the other.
pub(super) struct Committer {
    pool: PgPool,
    hooks: Hooks,
    announcer: Announcer,
    /// Kept between batches, which saves the pool's round trip; dropped after any error.
    connection: Option<(PoolConnection<Postgres>, Instant)>,
}

impl Committer {
    pub(super) fn new(pool: PgPool, hooks: Hooks, announcer: Announcer) -> Self {
        Self {
            pool,
            hooks,
            announcer,
            connection: None,
        }
    }

    pub(super) async fn commit(&mut self, mut batch: Vec<Waiting>) {
        // A caller who is gone learns nothing more; not storing is one of the outcomes it must expect.
        batch.retain(|waiting| !waiting.reply.is_closed());
        let Some(oldest) = batch.first() else { return };
        let deadline = oldest.since + PATIENCE;
        let span = span_of(&batch);
        let (appends, replies): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .map(|waiting| (waiting.append, (waiting.reply, waiting.since)))
            .unzip();
        metrics::histogram!("stream_append_batch_size").record(appends.len() as f64);

        let answers = self.answers(&appends, deadline).instrument(span).await;
        for ((reply, since), answer) in replies.into_iter().zip(answers) {
            metrics::histogram!("stream_append_seconds").record(since.elapsed());
            let _ = reply.send(answer);
        }
    }

    async fn answers(
        &mut self,
        appends: &[Append],
        deadline: Instant,
    ) -> Vec<Result<Appended, AppendError>> {
        match self.store(appends, deadline).await {
            Ok(results) => {
                self.tell(appends, &results).await;
                results
                    .into_iter()
                    .map(|result| result.map_err(AppendError::from))
                    .collect()
            }
            Err(error) if appends.len() > 1 && is_by_one_member(&error) => {
                tracing::warn!(%error, batch = appends.len(), "a batch was refused, its members are tried one by one");
                metrics::counter!("stream_append_split_total").increment(1);
                let mut answers = Vec::with_capacity(appends.len());
                for append in appends {
                    let alone = std::slice::from_ref(append);
                    // Boxed because it is a call of this function by itself.
                    answers.extend(Box::pin(self.answers(alone, deadline)).await);
                }
                answers
            }
            Err(error) => {
                tracing::error!(%error, batch = appends.len(), "append failed");
                let error = Arc::new(error);
                appends
                    .iter()
                    .map(|_| Err(AppendError::Db(Arc::clone(&error))))
                    .collect()
            }
        }
    }

    async fn store(
        &mut self,
        appends: &[Append],
        deadline: Instant,
    ) -> Result<Results, sqlx::Error> {
        // With a key a repeat cannot store twice, so even an unknown outcome may be tried again.
        let is_repeatable = appends.iter().all(|append| append.key.is_some());
        let mut pause = PAUSE;
        for _ in 0..RETRIES {
            let error = match self.store_once(appends).await {
                Ok(results) => return Ok(results),
                Err(error) => error,
            };
            let may_pass = match pg::classify(&error) {
                Failure::Retryable => true,
                Failure::Unknown => is_repeatable,
                // Another replica stored one of the keys between our look and our insert: look again.
                Failure::Permanent => is_key_race(&error),
            };
            if !may_pass || Instant::now() + pause > deadline {
                return Err(error);
            }
            tracing::debug!(%error, "append is tried again");
            metrics::counter!("stream_append_retries_total").increment(1);
            sleep(pause.mul_f64(rand::random_range(0.5..1.0))).await;
            pause *= 2;
        }
        self.store_once(appends).await
    }

    async fn store_once(&mut self, appends: &[Append]) -> Result<Results, sqlx::Error> {
        let mut connection = self.connection().await?;
        let results = db::append(&mut connection, self.hooks, appends).await?;
        self.connection = Some((connection, Instant::now()));
        Ok(results)
    }

    async fn connection(&mut self) -> Result<PoolConnection<Postgres>, sqlx::Error> {
        if let Some((mut connection, used)) = self.connection.take() {
            if used.elapsed() < pg::TRUST || connection.ping().await.is_ok() {
                return Ok(connection);
            }
            // It must not go back to the pool: what is wrong with it is unknown.
            connection.close_on_drop();
        }
        self.pool.acquire().await
    }

    async fn tell(&self, appends: &[Append], results: &Results) {
        let events = events_of(appends, results);
        if events.is_empty() {
            return;
        }
        let armed = failpoint::armed(&events);
        failpoint::die_at(Point::AfterCommit, armed);
        self.announcer.committed(events);
        if armed == Some(Point::AfterPublish) {
            // The publisher ends the process; the answer must not get out before that.
            std::future::pending::<()>().await;
        }
        failpoint::die_at(Point::BeforeReply, armed);
    }
}

/// The batch's span: a child of the first caller's, following all others.
fn span_of(batch: &[Waiting]) -> Span {
    let parent = batch
        .first()
        .map_or_else(Span::none, |waiting| waiting.span.clone());
    let span = tracing::info_span!(
        parent: &parent,
        "stream.append",
        otel.kind = "client",
        db.system.name = "postgresql",
        peer.service = "postgresql",
        db.operation.batch.size = batch.len(),
    );
    for waiting in batch.iter().skip(1) {
        span.follows_from(&waiting.span);
    }
    span
}

/// Whether the failure may be the fault of one member alone.
fn is_by_one_member(error: &sqlx::Error) -> bool {
    pg::classify(error) == Failure::Permanent
}

fn is_key_race(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(database) if database.constraint() == Some(KEY_CONSTRAINT))
}
