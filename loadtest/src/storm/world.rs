//! What all devices of a storm have in common: the rooms, where the load balancer sends them, and what is counted.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::Semaphore;

use crate::target::Target;

/// Devices that connect for the first time, at a time.
const FIRST_AT_ONCE: usize = 48;

/// What devices met on their way.
#[derive(Debug, Default, Clone)]
pub struct Met {
    /// Attempts that came to nothing, by reason.
    pub refused: BTreeMap<String, u64>,
    /// Answers with 503 that did not say when to come back.
    pub without_retry_after: u64,
    /// From the death of the gateway until a device had been told everything it missed.
    pub returns: Vec<Duration>,
    /// Connections that ended after the storm had begun, beyond those that died with the gateway.
    pub relapses: u64,
}

/// The shared state of one storm.
#[derive(Debug)]
pub struct World {
    /// Ids of the rooms, by number.
    pub rooms: Vec<String>,
    /// Both gateways.
    pub gateways: Vec<Target>,
    /// Bounds the set-up.
    pub doors: Semaphore,
    /// Devices that are online.
    pub online: AtomicUsize,
    /// Messages that were acknowledged.
    pub acked: AtomicU64,
    /// Events that anyone was told.
    pub heard: AtomicU64,
    numbers: HashMap<String, u32>,
    /// By room: the highest place that was acknowledged or told of.
    heads: Vec<AtomicU32>,
    /// Which gateway a load balancer sends new connections to.
    balanced_to: AtomicUsize,
    met: Mutex<Met>,
    struck: Mutex<Option<Instant>>,
}

impl World {
    /// Begins with these rooms; devices are sent to the first gateway.
    #[must_use]
    pub fn new(rooms: Vec<String>, gateways: Vec<Target>) -> Self {
        Self {
            doors: Semaphore::new(FIRST_AT_ONCE),
            online: AtomicUsize::new(0),
            acked: AtomicU64::new(0),
            heard: AtomicU64::new(0),
            numbers: rooms.iter().cloned().zip(0..).collect(),
            heads: rooms.iter().map(|_| AtomicU32::new(0)).collect(),
            balanced_to: AtomicUsize::new(0),
            met: Mutex::default(),
            struck: Mutex::default(),
            rooms,
            gateways,
        }
    }

    /// Returns the number of a room.
    #[must_use]
    pub fn room(&self, id: &str) -> Option<u32> {
        self.numbers.get(id).copied()
    }

    /// Takes note that a place exists.
    pub fn exists(&self, room: u32, seq: u32) {
        self.heads[room as usize].fetch_max(seq, Ordering::AcqRel);
    }

    /// Returns the highest place of a room that anyone knows of.
    #[must_use]
    pub fn head(&self, room: u32) -> u32 {
        self.heads[room as usize].load(Ordering::Acquire)
    }

    /// Returns where the load balancer sends a connection now.
    #[must_use]
    pub fn balanced(&self) -> usize {
        self.balanced_to.load(Ordering::Acquire)
    }

    /// The gateway is dead: from now on everyone is sent to another one.
    pub fn strike(&self, survivor: usize) {
        self.balanced_to.store(survivor, Ordering::Release);
        *lock(&self.struck) = Some(Instant::now());
    }

    /// Returns how long ago the gateway died.
    #[must_use]
    pub fn since_strike(&self) -> Option<Duration> {
        lock(&self.struck).map(|at| at.elapsed())
    }

    /// Notes what a device met.
    pub fn met(&self) -> MutexGuard<'_, Met> {
        lock(&self.met)
    }
}

/// Counters stay usable when a device panicked: the panic itself is reported where it is joined.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
