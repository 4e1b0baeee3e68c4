//! Who people are and how they prove it: accounts, passwords, sessions, tickets, tokens and their keys.
//!
//! Owns the schema `auth` and publishes the contract view `auth.live_session`. Knows no room.
//!
//! Invariants:
//! - a secret is never stored: passwords as Argon2id, session tokens and tickets as SHA-256, signing keys sealed;
//! - Postgres decides, by its own clock; Redis only saves round trips and may vanish at any time;
//! - an unknown name and a wrong password differ neither in bytes nor in duration;
//! - sessions end in the same transaction that tells the user's private feed.

pub mod accounts;
mod app;
mod cache;
pub mod config;
pub mod credentials;
mod db;
mod delays;
mod error;
mod events;
pub mod keyring;
mod keys;
mod logins;
mod names;
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
