//! The SQL of this service, a file per table. Other owners' facts are read from their contract views only.

pub(crate) mod acts;
pub(crate) mod blocks;
pub(crate) mod directs;
pub(crate) mod erasure;
pub(crate) mod explanations;
pub(crate) mod exports;
pub(crate) mod history;
pub(crate) mod invitations;
pub(crate) mod invites;
pub(crate) mod members;
pub(crate) mod mentions;
pub(crate) mod messages;
pub(crate) mod pins;
pub(crate) mod reactions;
pub(crate) mod reads;
pub(crate) mod restrictions;
pub(crate) mod rooms;
pub(crate) mod search;
pub(crate) mod standings;
pub(crate) mod threads;
pub(crate) mod updates;

/// Whether Postgres gave a statement up because it took too long.
pub(crate) fn is_cancelled(error: &sqlx::Error) -> bool {
    let database = error.as_database_error();
    database.is_some_and(|it| it.code().as_deref() == Some("57014"))
}
