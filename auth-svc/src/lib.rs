//! Who people are and how they prove it: accounts, passwords, sessions, tickets, tokens and their keys.
//!
//! Owns the schema `auth` and publishes the contract views `auth.live_session`, `auth.person` and `auth.sighting`. Knows
//! no room; asks moderation-svc's contracts who is banned.
//!
//! Invariants:
//! - a secret is never stored: passwords as Argon2id, session tokens and tickets as SHA-256, signing keys sealed;
//! - Postgres decides, by its own clock; Redis only saves round trips and may vanish at any time;
//! - an unknown name and a wrong password differ neither in bytes nor in duration;
//! - sessions end in the same transaction that tells the user's private feed;
//! - an account that is hidden or erased has no live session;
//! - what other services must be told of a person is a row of the transaction that makes it true.

pub mod accounts;
mod addresses;
mod administration;
mod app;
mod cache;
pub mod config;
pub mod credentials;
mod crowd;
mod db;
mod delays;
mod departures;
mod error;
mod events;
mod exports;
mod feeds;
mod jobs;
pub mod keyring;
mod keys;
mod logins;
mod names;
mod pages;
pub mod passwords;
mod rpc;
mod secrets;
pub mod sessions;
mod sweep;
mod tickets;
pub mod tokens;

pub use app::App;
pub use config::Config;
pub use error::Error;
pub use rpc::ACCESS;

/// The migrations of the schema `auth`.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();
