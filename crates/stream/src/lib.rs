//! The gapless log: append, range, heads, announcements and the receiving cursor.
//!
//! A stream is an ordered log without holes, named by a uuid: a room, a user's private feed. This crate owns the
//! Postgres schema `stream` and everything that makes an event arrive once and in order. It knows no chat noun and
//! decides no permission: the owner of a stream says who may append through its guard function.
//!
//! - Writing: [`Writer`] for single appends in batches, [`Mutation`] for an owner's own transaction in a person's name,
//!   [`append_in`] for any other.
//! - Telling: [`Announcer`]. What it publishes is a hint; nothing depends on its arrival.
//! - Reading: [`Log`], which is also the `StreamService` every owner mounts.
//! - Receiving: [`Receiver`], for gateways; [`Cursor`] is its state, without I/O.
//! - What is told once and never stored: [`Ephemerals`] says it, a [`Listener`] hears it.

mod announce;
mod append;
mod cursor;
mod db;
mod ephemeral;
mod failpoint;
mod key;
mod lease;
mod log;
mod mutation;
mod receiver;
mod writer;

use sqlx::migrate::Migrator;

pub use announce::Announcer;
pub use append::{
    Append, AppendError, Appended, Hooks, KEY_CONSTRAINT, Refused, Stored, append_in, erase,
    events_of, find_by_key, fingerprint, lock_actor, rewrite,
};
pub use cursor::{Cursor, Want};
pub use ephemeral::{Ephemerals, Listener};
pub use lease::Lease;
pub use log::{ACCESS, Anchor, HEADS_LIMIT, Log, Page, RANGE_LIMIT};
pub use mutation::{Keyed, Mutation, Stopped, is_worth_a_retry, retrying};
pub use receiver::{Receiver, Sink, Transport};
pub use writer::Writer;

/// The migrations of the schema `stream`. They come before those of any owner, whose functions may refer to it.
pub static MIGRATOR: Migrator = sqlx::migrate!();
