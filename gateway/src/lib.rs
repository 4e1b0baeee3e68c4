//! Holds client connections and relays their frames to the services.
//!
//! Owns sockets, framing, the live part of sessions and the fan-out to local sockets. Must never hold anything that a
//! client could not present again to another gateway, decide a business rule, or speak SQL.
//!
//! One message's way: [`listener`] upgrades → [`conn`] reads a frame → [`frame`] parses its envelope → [`relay`] calls a
//! service; back: the stream receiver → [`hub`] finds the members → [`fanout`] renders once → each connection's queue.

pub mod address;
pub mod admission;
pub mod app;
pub mod config;
pub mod conn;
pub mod contract;
pub mod enforced;
pub mod error;
pub mod fanout;
pub mod frame;
pub mod hidden;
pub mod hub;
pub mod lease;
pub mod limits;
pub mod listener;
pub mod operator;
pub mod origin;
pub mod relay;
pub mod reports;
pub mod rest;
pub mod session;
mod site;
pub mod whispers;

pub use app::App;
pub use config::Config;
