//! What every change of membership does first and last: the person's lock, the key, the session; the events, the commit,
//! the announcement.

use std::future::Future;

use proto::id::StreamId;
use rpc::Caller;
use sqlx::{Postgres, Transaction};
use stream::{Append, Appended, Stored};

use crate::{App, Error, db};

/// How often work that the database rolled back for others' sake is tried.
const ATTEMPTS: usize = 3;

/// An idempotency key and what it was used for.
#[derive(Debug, Clone)]
pub(crate) struct Keyed {
    pub(crate) key: String,
    pub(crate) fingerprint: [u8; 32],
}

impl Keyed {
    /// Ties a key to an operation and its data: with any other it is a conflict.
    pub(crate) fn new(key: &str, operation: &str, parts: &[&[u8]]) -> Self {
        let all: Vec<&[u8]> = [operation.as_bytes()]
            .into_iter()
            .chain(parts.iter().copied())
            .collect();
        Self {
            key: key.into(),
            fingerprint: stream::fingerprint(&all),
        }
    }
}

/// A transaction in a person's name. Dropped without a commit, nothing has happened.
pub(crate) struct Mutation {
    pub(crate) tx: Transaction<'static, Postgres>,
    /// The event of an earlier request with the same key and data.
    first: Option<Stored>,
    events: Vec<proto::stream::Event>,
}

impl Mutation {
    /// Begins a transaction, takes the caller's lock, then looks for an earlier request with the same key.
    ///
    /// The lock is exclusive: messages of the caller take it shared, so none of theirs commits beside this change, and
    /// two requests with one key follow each other.
    pub(crate) async fn begin(app: &App, caller: &Caller, keyed: &Keyed) -> Result<Self, Error> {
        let mut tx = app.db.begin().await?;
        stream::lock_actor(&mut tx, &caller.tenant, caller.user_id).await?;
        let first =
            stream::find_by_key(&mut tx, &caller.tenant, caller.user_id, &keyed.key).await?;
        match &first {
            Some(first) if first.fingerprint != keyed.fingerprint.as_slice() => {
                return Err(Error::Conflict);
            }
            Some(_) => {}
            None if db::sessions::is_live(&mut tx, caller).await? => {}
            None => return Err(Error::SessionEnded),
        }
        Ok(Self {
            tx,
            first,
            events: Vec::new(),
        })
    }

    /// Whether an earlier request with this key did the work.
    pub(crate) fn is_repeat(&self) -> bool {
        self.first.is_some()
    }

    /// Returns the stream that the earlier request wrote to.
    pub(crate) fn first_stream(&self) -> Option<StreamId> {
        self.first.as_ref().map(|first| first.stream_id)
    }

    /// Appends events in this transaction.
    pub(crate) async fn record(&mut self, appends: Vec<Append>) -> Result<Vec<Appended>, Error> {
        let results = stream::append_in(&mut self.tx, &appends).await?;
        self.events.extend(stream::events_of(&appends, &results));
        let mut appended = Vec::with_capacity(results.len());
        for result in results {
            appended.push(result?);
        }
        Ok(appended)
    }

    /// Commits and tells the world.
    pub(crate) async fn commit(self, app: &App) -> Result<(), Error> {
        self.tx.commit().await.map_err(Error::of_commit)?;
        app.announcer.committed(self.events);
        Ok(())
    }
}

/// Repeats work that lost against other transactions (deadlock, lock timeout).
pub(crate) async fn retrying<T, F>(mut work: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut attempt = 1;
    loop {
        match work().await {
            Err(error) if attempt < ATTEMPTS && error.is_worth_a_retry() => attempt += 1,
            result => return result,
        }
    }
}
