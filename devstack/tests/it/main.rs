//! The stack itself, and the product on it.

mod command;
mod conversation;
mod credentials;
mod operation;
mod pressure;
mod refusals;
mod stage;
mod state;
mod stores;
mod survival;
mod versions;
