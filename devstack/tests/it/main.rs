//! The stack itself, and the product on it.
#![expect(
    clippy::too_many_lines,
    reason = "a test of the whole product reads as one story"
)]

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
