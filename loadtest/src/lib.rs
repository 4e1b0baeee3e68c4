//! The load generator: bots that talk like real clients, and a checker that proves nothing was lost, doubled or
//! reordered.
//!
//! A run is a plan (who is in which room, who sends what and when), a stage (accounts, rooms and sockets), bots that
//! only record, and a report computed afterwards. All traffic stays on the loopback interface.

pub mod account;
pub mod bare;
pub mod bot;
pub mod census;
pub mod cli;
pub mod comparison;
pub mod dialect;
pub mod faultlab;
pub mod finals;
pub mod fleet;
pub mod floor;
pub mod histcheck;
pub mod lap;
pub mod log_alone;
pub mod machine;
pub mod markdown;
pub mod outcome;
pub mod pacer;
pub mod peer;
pub mod plan;
pub mod procs;
pub mod progress;
pub mod report;
pub mod rooms;
pub mod scaling;
pub mod scenario;
pub mod schedule;
pub mod shared;
pub mod socket;
pub mod stage;
pub mod storm;
pub mod summary;
pub mod svg;
pub mod tally;
pub mod target;
pub mod token;
pub mod traffic;
pub mod wire;

pub use cli::main;
