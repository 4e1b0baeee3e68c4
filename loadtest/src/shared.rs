//! What the bots of a run have in common: the plan, the rooms, the clock and the counters.

use std::{
    collections::{HashMap, HashSet},
    sync::{OnceLock, atomic::AtomicU64},
    time::{Duration, Instant},
};

use crate::{pacer::BACKLOG, plan::Plan};

/// An ack later than this is what nobody wants to wait for.
pub const LATE: Duration = Duration::from_millis(100);

/// What all bots of a run share.
#[derive(Debug)]
pub struct Shared {
    /// Who sends what.
    pub plan: Plan,
    /// Ids of the rooms, by number.
    pub rooms: Vec<String>,
    /// Numbers of the rooms, by id.
    pub numbers: HashMap<String, u32>,
    /// Messages that may wait for a bot: [`BACKLOG`], or as many as one burst hands to it. What comes on top is held
    /// back.
    pub backlog: usize,
    /// Connections in each room that are reading, by number.
    pub members: Vec<AtomicU64>,
    /// Length of a message body.
    pub body_length: usize,
    /// When the first message of each phase is due; each is set once, when the phase begins.
    pub starts: Vec<OnceLock<Instant>>,
    /// Whether bots do as well-behaved clients do: one send under way at a time, and none while they are asked to wait.
    pub is_patient: bool,
    /// Connections for which the kernel keeps next to nothing, so that a server notices soon when they do not read.
    pub narrow: HashSet<usize>,
    /// Counters that tell when the run is over.
    pub progress: Progress,
}

/// How far the run is.
#[derive(Debug, Default)]
pub struct Progress {
    /// Frames received, of any kind.
    pub heard: AtomicU64,
    /// Messages that were handed to bots, of all phases so far.
    pub handed: AtomicU64,
    /// Sends that have ended: answered by ack or error, or held back because the sender is asked to wait.
    pub answered: AtomicU64,
    /// Acks that came later than [`LATE`] after their message was due.
    pub late: AtomicU64,
    /// Deliveries that the acks so far promise.
    pub promised: AtomicU64,
    /// Deliveries of messages so far.
    pub delivered: AtomicU64,
}

/// Returns how many messages may wait for one bot of a plan.
#[must_use]
pub fn backlog(plan: &Plan) -> usize {
    let bursts = plan.schedule.phases().iter().map(|phase| phase.burst);
    let greatest = bursts.max().unwrap_or(0) as usize;
    greatest.div_ceil(plan.connections).max(BACKLOG)
}

impl Shared {
    /// Returns microseconds since the first phase began; 0 before.
    #[must_use]
    pub fn now_us(&self) -> u64 {
        self.since_start_us(0)
    }

    /// Returns microseconds since a message was due; 0 before.
    #[must_use]
    pub fn since_due_us(&self, message: u32) -> u32 {
        let schedule = &self.plan.schedule;
        let due = schedule.due(message).as_micros() as u64;
        let since_start = self.since_start_us(schedule.phase_of(message));
        u32::try_from(since_start.saturating_sub(due)).unwrap_or(u32::MAX)
    }

    fn since_start_us(&self, phase: usize) -> u64 {
        let start = self.starts.get(phase).and_then(OnceLock::get);
        start.map_or(0, |start| {
            Instant::now().saturating_duration_since(*start).as_micros() as u64
        })
    }
}
