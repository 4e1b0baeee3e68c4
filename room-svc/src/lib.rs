//! Rooms, membership, room roles and messages.
//!
//! Owns the schema `room` and every room's stream. Invariants:
//! - A room that a person may not see answers exactly as a room that does not exist.
//! - Whether a message is accepted is decided inside the transaction that stores it (`room.may_append`, and for one
//!   entry `room.may_append_alone`), never by a cache; changes of membership take the person's lock first, so nothing of
//!   theirs is stored after a leave was acknowledged.
//! - Every change of membership appends its event in its own transaction: the log and the tables cannot disagree.
//! - Whatever is read, searched or counted leaves out what the reader must not see (`social.block_edge`,
//!   `moderation.shadow_ban`, and what they took away themselves).
//! - Whoever takes a right away from a person (kick, ban, mute, the end of a room) holds that person's lock while doing so.
//!
//! Decides no friendship, block or ban of accounts: it reads their owners' contract views. Knows nothing of sockets.

pub mod app;
pub mod config;
pub mod deletions;
pub mod directs;
pub mod edits;
pub mod erasure;
pub mod error;
pub mod explanations;
pub mod exports;
pub mod filter;
pub mod history;
pub mod invitations;
pub mod invites;
pub mod members;
pub mod memberships;
pub mod messages;
pub mod names;
pub mod pins;
pub mod reactions;
pub mod reads;
pub mod restrictions;
pub mod rooms;
pub mod search;
pub mod threads;
pub mod updates;
pub mod users;

mod codes;
mod db;
mod departures;
mod events;
mod mentions;
mod mutation;
mod rpc;

pub use app::App;
pub use config::Config;
pub use error::Error;
pub use pg::pages;

/// The migrations of the schema `room`.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();
