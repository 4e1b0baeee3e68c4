//! What a bot is told, and what it leaves behind.

use std::collections::BTreeMap;

use crate::histcheck::{Observer, Outcome};

/// What a bot is told to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Send this message now.
    Send(u32),
    /// Stop reading from the socket, or go on.
    Stall(bool),
}

/// One send of a bot.
#[derive(Debug, Clone, Copy)]
pub struct Attempt {
    /// Number of the message.
    pub message: u32,
    /// When it was handed to the socket.
    pub invoked_us: u64,
    /// How long after it was due.
    pub lateness_us: u32,
    /// When it was answered; 0 when it was not.
    pub resolved_us: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// From due to answered; 0 when not acknowledged.
    pub latency_us: u32,
}

/// What went wrong on a connection.
#[derive(Debug, Default)]
pub struct Trouble {
    /// Why the connection ended before it was told to.
    pub closed: Option<String>,
    /// Frames that make no sense.
    pub malformed: u64,
    /// `room.gap` and `room.reset`: the server gave up on continuity.
    pub gaps: u64,
    /// Refused sends by reason.
    pub refusals: BTreeMap<String, u64>,
    /// Refusals that did not say when to come back.
    pub without_retry_after: u64,
    /// Messages that were not sent because the server had asked to wait, or because it does not read answers.
    pub held_back: u64,
    /// Whether it ever stopped reading.
    pub has_stalled: bool,
}

/// Everything one bot knows at the end.
#[derive(Debug)]
pub struct Record {
    /// Number of the connection.
    pub connection: usize,
    /// What it received.
    pub observer: Observer,
    /// What it sent.
    pub attempts: Vec<Attempt>,
    /// What went wrong.
    pub trouble: Trouble,
}
