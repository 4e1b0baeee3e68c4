//! What is appended, and what becomes of it.

use std::sync::Arc;

use aws_lc_rs::digest;
use proto::{
    event::Kind,
    id::{EventId, SessionId, StreamId, Tenant, UserId},
    stream::Event,
};
use sqlx::PgConnection;

use crate::db;

/// The constraint that two racing appends with one key violate. An owner that meets it after [`append_in`] runs its
/// transaction again and finds the winner by [`find_by_key`].
pub const KEY_CONSTRAINT: &str = "event_key";

/// The owner's SQL functions that an append calls in its own transaction. Names from source code, never from a request.
/// Each has a twin for an append that is alone in its batch, with `_alone` at the end of its name.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hooks {
    /// Says which entries are refused, once the actors' locks are held.
    pub guard: Option<&'static str>,
    /// Is told of what was stored.
    pub apply: Option<&'static str>,
}

/// One event to be.
#[derive(Debug, Clone)]
pub struct Append {
    /// Whose installation.
    pub tenant: Tenant,
    /// Which log.
    pub stream_id: StreamId,
    /// In whose name; `None` for the system.
    pub actor: Option<UserId>,
    /// The log-in the request came with; the guard checks that it is alive.
    pub session: Option<SessionId>,
    /// Idempotency key, unique per actor for ever. Needs an actor.
    pub key: Option<String>,
    /// Which event.
    pub kind: Kind,
    /// The text of a JSON object, stored as it is.
    pub data: String,
    /// [`fingerprint`] of what the client asked for: the same key with another one is a conflict.
    pub fingerprint: [u8; 32],
}

/// Where an event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Place in the stream, from 1.
    pub seq: i64,
    /// The event's id.
    pub event_id: EventId,
    /// Commit time, milliseconds since the epoch.
    pub at_ms: i64,
    /// Whether the key was used before: this is the first answer.
    pub is_duplicate: bool,
    /// In which run of the database server, as in [`Event::era`]; 0 when unknown.
    pub era: i64,
}

/// Certainly not stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The key was used before for something else.
    #[error("the key was used before with other content")]
    Conflict,
    /// The owner's guard said no, and why.
    #[error("refused: {0}")]
    Denied(String),
}

/// Why an append has no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AppendError {
    /// Decided: not stored.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Too much is waiting, or the process is stopping. Nothing was done.
    #[error("too many appends are waiting")]
    Overloaded,
    /// The database failed. [`pg::classify`] tells whether the outcome is known.
    #[error("database error")]
    Db(#[source] Arc<sqlx::Error>),
}

/// An event found by its key.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Its log.
    pub stream_id: StreamId,
    /// The event.
    pub event: Event,
    /// Fingerprint of the request that wrote it.
    pub fingerprint: Vec<u8>,
}

/// Hashes the parts of a request. Each part is preceded by its length, so that no two lists of parts look alike.
#[must_use]
pub fn fingerprint(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// Appends inside the owner's transaction: no guard is asked, the owner has decided. One call per transaction keeps
/// the order in which heads are locked.
///
/// Takes the actors' shared locks. The caller announces what [`events_of`] gives after its commit.
///
/// # Errors
/// Those of the database; [`KEY_CONSTRAINT`] when another transaction used a key meanwhile.
pub async fn append_in(
    conn: &mut PgConnection,
    appends: &[Append],
) -> Result<Vec<Result<Appended, Refused>>, sqlx::Error> {
    db::append(conn, Hooks::default(), appends).await
}

/// Finds what was stored under a key.
///
/// # Errors
/// Those of the database.
pub async fn find_by_key(
    conn: &mut PgConnection,
    tenant: &Tenant,
    actor: UserId,
    key: &str,
) -> Result<Option<Stored>, sqlx::Error> {
    db::find_event_by_key(conn, tenant, actor, key).await
}

/// Puts other data in the place of a stored event's, because its content was changed or taken away: whoever reads the
/// log from now on gets the new data. Seq, id and key stay. `false` when there is no such event.
///
/// Whoever has read the event already must be told by another one, in the same transaction.
///
/// # Errors
/// Those of the database.
pub async fn rewrite(
    conn: &mut PgConnection,
    tenant: &Tenant,
    stream_id: StreamId,
    seq: i64,
    data: &str,
) -> Result<bool, sqlx::Error> {
    db::update_data(conn, tenant, stream_id, seq, data).await
}

/// Forgets everything a stream holds. Its head stays, so that no seq is ever used twice: readers are told to begin anew.
///
/// # Errors
/// Those of the database.
pub async fn erase(
    conn: &mut PgConnection,
    tenant: &Tenant,
    stream_id: StreamId,
) -> Result<(), sqlx::Error> {
    db::delete_events(conn, tenant, stream_id).await
}

/// Waits for every append in the actor's name that is under way, and makes later ones wait for this transaction: what
/// it takes away from the actor is gone for all of them.
///
/// # Errors
/// Those of the database.
pub async fn lock_actor(
    conn: &mut PgConnection,
    tenant: &Tenant,
    actor: UserId,
) -> Result<(), sqlx::Error> {
    db::lock_actor(conn, tenant, actor).await
}

/// Builds the events that the results say are new, for [`crate::Announcer::committed`].
#[must_use]
pub fn events_of(appends: &[Append], results: &[Result<Appended, Refused>]) -> Vec<Event> {
    let fresh = appends
        .iter()
        .zip(results)
        .filter_map(|(append, result)| match result {
            Ok(appended) if !appended.is_duplicate => Some((append, appended)),
            _ => None,
        });
    fresh
        .map(|(append, appended)| event(append, appended))
        .collect()
}

fn event(append: &Append, appended: &Appended) -> Event {
    Event {
        tenant: append.tenant.to_string(),
        stream_id: append.stream_id.to_string(),
        seq: appended.seq,
        event_id: appended.event_id.to_string(),
        kind: u32::from(append.kind.number().unsigned_abs()),
        actor: append
            .actor
            .map(|actor| actor.to_string())
            .unwrap_or_default(),
        key: append.key.clone().unwrap_or_default(),
        at_ms: appended.at_ms,
        data: append.data.clone().into(),
        era: appended.era,
    }
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn parts_cannot_be_shifted() {
        assert_ne!(fingerprint(&[b"ab", b"c"]), fingerprint(&[b"a", b"bc"]));
        assert_ne!(fingerprint(&[b"a"]), fingerprint(&[b"a", b""]));
        assert_eq!(fingerprint(&[b"a", b"b"]), fingerprint(&[b"a", b"b"]));
    }
}
