//! Friends, blocks, presence and notifications.
//!
//! Owns the schema `social` and what Redis holds of who is online. Invariants:
//! - Nobody can tell from an answer that they are blocked: a request that is kept from the person asked is answered,
//!   stored and listed for the asker as any other.
//! - A block holds both persons' locks: when it is acknowledged, nothing later from the blocked one is accepted in a
//!   direct conversation.
//! - Every change of what two people are to each other appends its events in its own transaction, to both feeds.
//! - Who is online is rebuilt by the gateways' reports; losing it tells nobody that someone went.
//!
//! Knows nothing of messages, bans or sockets.

pub mod app;
pub mod blocks;
pub mod bonds;
pub mod config;
pub mod erasure;
pub mod error;
pub mod export;
pub mod friends;
pub mod notifications;
pub mod people;
pub mod presence;
pub mod relations;
pub mod requests;
pub mod settings;

mod db;
mod events;
mod keys;
mod mutation;
mod rpc;
mod times;

pub use app::App;
pub use config::Config;
pub use error::Error;
pub use pg::pages;

/// The migrations of the schema `social`.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();
