//! Bans, mutes, reports, word filters, the audit log and live connections.
//!
//! Owns the schema `moderation` and the registry of live connections in Redis. Publishes the contract views
//! `moderation.active_ban`, `moderation.active_mute` and `moderation.shadow_ban`, and the function
//! `moderation.record_act`, with which every service writes its audit rows. Invariants:
//! - Whoever takes a right away holds the person's lock, so nothing of theirs is stored after it was acknowledged.
//! - Every act writes its audit row in its own transaction; the rows are a chain of hashes and hold ids only.
//! - Only administrators of today act: the database is asked, the token may be older than the role.
//! - Nobody bans an administrator, nor a range that holds themselves or the installation.
//! - The registry may be lost at any time: gateways report all of it again, and nothing is decided by it.
//!
//! Delivers no message and holds no socket.

pub mod alerts;
pub mod app;
pub mod audit;
pub mod bans;
pub mod config;
pub mod connections;
pub mod deliveries;
pub mod enforcement;
pub mod erasure;
pub mod error;
pub mod filters;
pub mod lifts;
pub mod mutes;
pub mod pages;
pub mod previews;
pub mod ranges;
pub mod registry;
pub mod reports;
pub mod users;

mod db;
mod events;
mod gateways;
mod messages;
mod mutation;
mod rpc;
mod sweep;
mod texts;

pub use app::App;
pub use config::Config;
pub use error::Error;
pub use rpc::ACCESS;

/// The migrations of the schema `moderation`.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();
