//! A change made in a person's name in one transaction: their lock, the key, the owner's rows and events, the commit,
//! the announcement.

use std::future::Future;

use pg::Failure;
use proto::{
    id::{StreamId, Tenant, UserId},
    stream::Event,
};
use sqlx::{PgPool, Postgres, Transaction};

use crate::{
    announce::Announcer,
    append::{self, Append, Appended, Refused, Stored, fingerprint},
};

/// How often work that the database rolled back for others' sake is tried.
const ATTEMPTS: usize = 3;

/// An idempotency key and what it was used for.
#[derive(Debug, Clone)]
pub struct Keyed {
    /// The key.
    pub key: String,
    /// Fingerprint of the operation and its data.
    pub fingerprint: [u8; 32],
}

impl Keyed {
    /// Ties a key to an operation and its data: with any other it is a conflict.
    #[must_use]
    pub fn new(key: &str, operation: &str, parts: &[&[u8]]) -> Self {
        let all: Vec<&[u8]> = [operation.as_bytes()]
            .into_iter()
            .chain(parts.iter().copied())
            .collect();
        Self {
            key: key.into(),
            fingerprint: fingerprint(&all),
        }
    }
}

/// Why a change ended before its commit: nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The key was used before for something else, or an event was refused.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The database failed.
    #[error("database error")]
    Db(#[from] sqlx::Error),
}

/// A transaction in a person's name. Dropped without a commit, nothing has happened.
pub struct Mutation {
    /// The transaction, for the owner's own statements.
    pub tx: Transaction<'static, Postgres>,
    /// The event of an earlier request with the same key and data.
    first: Option<Stored>,
    events: Vec<Event>,
}

impl Mutation {
    /// Begins a transaction, takes the person's lock, then looks for an earlier request with the same key.
    ///
    /// The lock is exclusive: appends in the person's name take it shared, so none of theirs commits beside this change,
    /// and two requests with one key follow each other. The owner checks that the person may act at all (a live
    /// session, no ban) after this, in the same transaction.
    ///
    /// # Errors
    /// [`Refused::Conflict`] when the key was used for something else.
    pub async fn begin(
        pool: &PgPool,
        tenant: &Tenant,
        actor: UserId,
        keyed: &Keyed,
    ) -> Result<Self, Stopped> {
        let mut tx = pg::begin(pool).await?;
        append::lock_actor(&mut tx, tenant, actor).await?;
        let first = append::find_by_key(&mut tx, tenant, actor, &keyed.key).await?;
        if let Some(first) = &first
            && first.fingerprint != keyed.fingerprint.as_slice()
        {
            return Err(Refused::Conflict.into());
        }
        Ok(Self {
            tx,
            first,
            events: Vec::new(),
        })
    }

    /// Whether an earlier request with this key did the work.
    #[must_use]
    pub fn is_repeat(&self) -> bool {
        self.first.is_some()
    }

    /// Returns what the earlier request stored under the key.
    #[must_use]
    pub fn first(&self) -> Option<&Stored> {
        self.first.as_ref()
    }

    /// Returns the stream that the earlier request wrote to.
    #[must_use]
    pub fn first_stream(&self) -> Option<StreamId> {
        self.first.as_ref().map(|first| first.stream_id)
    }

    /// Appends events in this transaction; once, so that heads are locked in one order everywhere. At most one of them
    /// carries the key.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn record(&mut self, appends: Vec<Append>) -> Result<Vec<Appended>, Stopped> {
        let results = append::append_in(&mut self.tx, &appends).await?;
        self.events.extend(append::events_of(&appends, &results));
        results
            .into_iter()
            .map(|result| result.map_err(Stopped::from))
            .collect()
    }

    /// Commits and tells the world.
    ///
    /// # Errors
    /// Those of the database; [`pg::classify`] tells whether the outcome is known.
    pub async fn commit(self, announcer: &Announcer) -> Result<(), sqlx::Error> {
        self.tx.commit().await?;
        announcer.committed(self.events);
        Ok(())
    }
}

/// Whether the same work may succeed when it is tried again at once: it lost against another transaction.
#[must_use]
pub fn is_worth_a_retry(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(_)) && pg::classify(error) == Failure::Retryable
}

/// Repeats work that lost against other transactions (deadlock, lock timeout); `may_pass` recognises such an error.
///
/// # Errors
/// Those of the work.
pub async fn retrying<T, E, F>(
    may_pass: impl Fn(&E) -> bool,
    mut work: impl FnMut() -> F,
) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
{
    let mut attempt = 1;
    loop {
        match work().await {
            Err(error) if attempt < ATTEMPTS && may_pass(&error) => attempt += 1,
            result => return result,
        }
    }
}
