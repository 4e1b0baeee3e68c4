//! The gateway in one process between a real bus and services that are made up: what a client sees of it.

mod bad_input;
mod conversation;
mod lifetime;
mod services;
mod world;
