//! What all devices of a run have in common: the clock, the rooms and how far everyone is.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU32, AtomicU64, Ordering},
    time::Instant,
};

use crate::histcheck::FOREIGN;

/// The shared state of one run.
#[derive(Debug)]
pub struct World {
    /// Ids of the rooms, by number.
    pub rooms: Vec<String>,
    /// Sends that have not ended.
    pub unresolved: AtomicU64,
    /// Connections that ended, beyond those that were asked to.
    pub reconnects: AtomicU64,
    numbers: HashMap<String, u32>,
    /// Stands before the number in every body, so that messages of another run are told apart.
    run: String,
    started: Instant,
    /// By room: the highest place that anyone knows of.
    heads: Vec<AtomicU32>,
    /// By device, then room: the highest place told.
    told: Vec<Vec<AtomicU32>>,
}

impl World {
    /// Begins a run with these rooms and so many devices.
    #[must_use]
    pub fn new(run: &str, rooms: Vec<String>, devices: usize) -> Self {
        let zeros = || rooms.iter().map(|_| AtomicU32::new(0)).collect::<Vec<_>>();
        Self {
            unresolved: AtomicU64::new(0),
            reconnects: AtomicU64::new(0),
            numbers: rooms.iter().cloned().zip(0..).collect(),
            run: format!("lab {run} "),
            started: Instant::now(),
            heads: zeros(),
            told: (0..devices).map(|_| zeros()).collect(),
            rooms,
        }
    }

    /// Returns microseconds since the run began.
    #[must_use]
    pub fn now_us(&self) -> u64 {
        self.started.elapsed().as_micros() as u64
    }

    /// Returns how many connections ended that were not asked to.
    #[must_use]
    pub fn reconnects(&self) -> u64 {
        self.reconnects.load(Ordering::Relaxed)
    }

    /// Returns the number of a room of this run.
    #[must_use]
    pub fn room(&self, id: &str) -> Option<u32> {
        self.numbers.get(id).copied()
    }

    /// Returns the body of a message.
    #[must_use]
    pub fn body(&self, message: u32) -> String {
        format!("{}{message}", self.run)
    }

    /// Returns which message a body is; [`FOREIGN`] for others.
    #[must_use]
    pub fn number_of(&self, body: &str) -> u32 {
        let number = body.strip_prefix(&self.run);
        number
            .and_then(|number| number.parse().ok())
            .unwrap_or(FOREIGN)
    }

    /// Takes note that a place exists.
    pub fn exists(&self, room: u32, seq: u32) {
        self.heads[room as usize].fetch_max(seq, Ordering::Relaxed);
    }

    /// Takes note that a device was told up to a place.
    pub fn reached(&self, device: u32, room: u32, seq: u32) {
        self.exists(room, seq);
        self.told[device as usize][room as usize].fetch_max(seq, Ordering::Relaxed);
    }

    /// A device's view of a room was given up: it knows nothing of it until it has read the latest page.
    pub fn restarted(&self, device: u32, room: u32) {
        self.told[device as usize][room as usize].store(0, Ordering::Relaxed);
    }

    /// The log was put back to where rooms ended earlier: whoever was told more has to be told so.
    pub fn restored(&self, heads: &[u32]) {
        for (room, &head) in heads.iter().enumerate() {
            self.heads[room].store(head, Ordering::Relaxed);
            for told in self.told.iter().map(|rooms| &rooms[room]) {
                if told.load(Ordering::Relaxed) > head {
                    told.store(0, Ordering::Relaxed);
                }
            }
        }
    }

    /// Returns the highest place that anyone knows of, by room.
    #[must_use]
    pub fn heads(&self) -> Vec<u32> {
        let load = |head: &AtomicU32| head.load(Ordering::Relaxed);
        self.heads.iter().map(load).collect()
    }

    /// Whether a device's view of a room has begun.
    #[must_use]
    pub fn has_begun(&self, device: usize, room: usize) -> bool {
        self.told[device][room].load(Ordering::Relaxed) > 0
    }

    /// Whether a device has been told a room up to the place in `goal`.
    #[must_use]
    pub fn has_reached(&self, device: usize, room: usize, goal: &[u32]) -> bool {
        self.told[device][room].load(Ordering::Relaxed) >= goal[room]
    }
}
