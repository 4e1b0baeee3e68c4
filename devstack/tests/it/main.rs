//! The stack itself, and the product on it.
#![expect(
    clippy::too_many_lines,
    reason = "a test of the whole product reads as one story"
)]

mod account;
mod admin;
mod admin_port;
mod bans;
mod blocks;
mod bus_cluster;
mod command;
mod community;
mod connections;
mod console;
mod conversation;
mod coverage;
mod credentials;
mod deliveries;
mod ids;
mod least_privilege;
mod least_privilege_pg;
mod nginx;
mod operation;
mod presence;
mod pressure;
mod races;
mod ranges;
mod refusals;
mod regions;
mod rollout;
mod routes;
mod security;
mod spans;
mod stage;
mod state;
mod stores;
mod story;
mod survival;
mod sweep;
mod tls;
mod tracing;
mod versions;
