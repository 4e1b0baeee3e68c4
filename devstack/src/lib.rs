//! The local stack: finds or installs the stores, runs them and the services as child processes, and ends them.
//!
//! `cargo dev` is this crate's binary; fleet tests use the same code as their harness, so the way a newcomer starts
//! is itself tested. Everything it keeps lies under `.hubbub/` of the checkout. It knows the services only by their
//! binaries, environment and public routes; no chat logic belongs here.

pub mod banner;
pub mod binaries;
pub mod bus;
pub mod checkout;
pub mod command;
pub mod doctor;
pub mod fleet;
pub mod ports;
pub mod process;
pub mod screen;
pub mod secrets;
pub mod seed;
pub mod stores;
pub mod suite;
pub mod supervisor;
pub mod tools;
pub mod up;
pub mod wait;
pub mod web;
