//! What the bots of a run have in common: the plan, the rooms, the clock and the counters.

use std::{
    sync::{OnceLock, atomic::AtomicU64},
    time::Instant,
};

use crate::plan::Plan;

/// What all bots of a run share.
#[derive(Debug)]
pub struct Shared {
    /// Who sends what.
    pub plan: Plan,
    /// Ids of the rooms, by number.
    pub rooms: Vec<String>,
    /// Connections in each room, by number.
    pub members: Vec<u64>,
    /// Length of a message body.
    pub body_length: usize,
    /// When message 0 is due; set once, after everyone is connected.
    pub start: OnceLock<Instant>,
    /// Counters that tell when the run is over.
    pub progress: Progress,
}

/// How far the run is.
#[derive(Debug, Default)]
pub struct Progress {
    /// Frames received, of any kind.
    pub heard: AtomicU64,
    /// Sends answered, by ack or error.
    pub answered: AtomicU64,
    /// Deliveries that the acks so far promise.
    pub promised: AtomicU64,
    /// Deliveries of messages so far.
    pub delivered: AtomicU64,
}

impl Shared {
    /// Returns microseconds since the start; 0 before.
    #[must_use]
    pub fn now_us(&self) -> u64 {
        let start = self.start.get();
        start.map_or(0, |start| {
            Instant::now().saturating_duration_since(*start).as_micros() as u64
        })
    }

    /// Returns microseconds since a message was due; 0 before.
    #[must_use]
    pub fn since_due_us(&self, message: u32) -> u32 {
        let due = self.plan.due(message).as_micros() as u64;
        u32::try_from(self.now_us().saturating_sub(due)).unwrap_or(u32::MAX)
    }
}
