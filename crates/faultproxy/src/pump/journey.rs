//! What becomes of the bytes of one direction, under the fault in force. No I/O.

use std::sync::Arc;

use bytes::Bytes;
use rand::{Rng, rngs::SmallRng};
use tokio::time::Instant;

use crate::{
    bus::Messages,
    control::Orders,
    fault::Way,
    line::{Line, after},
    pace::{Pace, piece_max},
    pump::Ending,
    stats::Counters,
};

/// How much is held for a receiver that takes nothing, or to which nothing gets through.
const HELD_MAX: usize = 256 << 10;

/// How much may be under way where time, not the receiver, keeps it: a delay must not make the line thinner.
const UNDER_WAY_MAX: usize = 16 << 20;

/// What a pump is to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Hand over so many bytes of the front; at least 1.
    Write(usize),
    /// Wait: until then, or until something else happens.
    Wait(Option<Instant>),
    /// Tell the receiver that there is no more.
    Shut,
    /// The direction, or the whole connection, is over.
    Finished(Result<(), Ending>),
}

/// The state of one direction.
#[derive(Debug)]
pub(super) struct Journey {
    way: Way,
    orders: Orders,
    counters: Arc<Counters>,
    jitter: SmallRng,
    /// Reads the messages of a bus; without it bytes are bytes.
    messages: Option<Messages>,
    line: Line,
    pace: Pace,
    /// How many bytes may still arrive before the connection is closed.
    budget: u64,
    /// Whether the sender may still send.
    is_reading: bool,
    /// Whether what the sender sends is thrown away: the receiver believes that it has finished.
    is_cut_off: bool,
    /// Whether the receiver was told that there is no more.
    is_shut: bool,
    /// How the direction ends when everything under way has arrived.
    end: Option<Result<(), Ending>>,
}

impl Journey {
    pub(super) fn new(
        way: Way,
        orders: Orders,
        counters: Arc<Counters>,
        jitter: SmallRng,
        messages: Option<Messages>,
    ) -> Self {
        let now = Instant::now();
        let mut journey = Self {
            way,
            orders: Orders::default(),
            counters,
            jitter,
            messages,
            line: Line::default(),
            pace: Pace::new(now),
            budget: 0,
            is_reading: true,
            is_cut_off: false,
            is_shut: false,
            end: None,
        };
        journey.begin(&orders, now);
        journey.adopt(orders, now);
        journey
    }

    /// Takes over what is in force from now on.
    pub(super) fn adopt(&mut self, orders: Orders, now: Instant) {
        if orders.epoch != self.orders.epoch {
            self.begin(&orders, now);
        }
        if orders.fault.latency.is_none() {
            self.line.hurry(now);
        }
        if orders.bus.is_none() {
            self.line.hurry_late(now);
        }
        self.orders = orders;
    }

    /// Notes what was read. What a bus cannot understand ends the connection, after what it understood.
    pub(super) fn took(&mut self, bytes: Bytes, now: Instant) {
        if self.is_cut_off {
            let lost = bytes.len() as u64;
            self.counters.count(|stats| stats.bytes_dropped += lost);
            return;
        }
        let Some(messages) = &mut self.messages else {
            return self.send(bytes, now);
        };
        let mut copies = Vec::new();
        let read = messages.read(
            &bytes,
            self.orders.bus.as_deref(),
            &self.counters,
            &mut copies,
        );
        for copy in copies {
            match copy.late {
                None => self.send(copy.bytes, now),
                Some(late) => {
                    let due = after(self.due(copy.bytes.len(), now), late);
                    self.line.push_late(due, copy.bytes);
                }
            }
        }
        if read.is_err() {
            self.is_reading = false;
            self.end = Some(Err(Ending::Closed));
        }
    }

    /// Notes that the sender has finished.
    pub(super) fn source_ended(&mut self, now: Instant) {
        self.is_reading = false;
        self.end.get_or_insert(Ok(()));
        if let Some(messages) = &mut self.messages
            && !self.is_cut_off
        {
            let rest = messages.rest();
            self.send(rest, now);
        }
    }

    /// Notes that the sender is gone without a goodbye.
    pub(super) fn source_broke(&mut self) {
        self.is_reading = false;
        self.end = Some(Err(Ending::Reset));
    }

    /// Notes that the receiver knows that there is no more.
    pub(super) fn shut(&mut self) {
        self.is_shut = true;
    }

    /// Notes that bytes of the front were handed over.
    pub(super) fn arrived(&mut self, count: usize, now: Instant) {
        self.line.advance(count);
        self.pace.went(now, count, &self.orders.fault);
        self.budget = self.budget.saturating_sub(count as u64);
    }

    pub(super) fn next(&mut self, now: Instant) -> Next {
        if self.orders.fault.is_dark(self.way) {
            return Next::Wait(None);
        }
        if self.is_shut && !self.is_reading {
            return Next::Finished(self.end.unwrap_or(Ok(())));
        }
        if self.budget == 0 {
            return Next::Finished(Err(Ending::Closed));
        }
        self.line.ripen(now);
        let Some(due) = self.line.next_due() else {
            return match self.end {
                Some(Err(ending)) => Next::Finished(Err(ending)),
                Some(Ok(())) if !self.is_shut => Next::Shut,
                _ => Next::Wait(None),
            };
        };
        let due = due.max(self.pace.free_at());
        if due > now {
            return Next::Wait(Some(due));
        }
        let budget = usize::try_from(self.budget).unwrap_or(usize::MAX);
        let piece = self.line.front().len().min(piece_max(&self.orders.fault));
        Next::Write(piece.min(budget))
    }

    /// Says whether more may be read from the sender.
    pub(super) fn wants_more(&self) -> bool {
        let is_dark = self.orders.fault.is_dark(self.way);
        let waits_for_time = self.orders.fault.latency.is_some() || self.line.has_late();
        let most = if waits_for_time && !is_dark {
            UNDER_WAY_MAX
        } else {
            HELD_MAX
        };
        self.is_reading && (self.is_cut_off || self.line.bytes() < most)
    }

    /// Returns the piece that arrives next.
    pub(super) fn front(&self) -> &[u8] {
        self.line.front()
    }

    /// Returns how many bytes are under way.
    pub(super) fn bytes(&self) -> usize {
        self.line.bytes()
    }

    /// Begins what a fault does once.
    fn begin(&mut self, orders: &Orders, now: Instant) {
        self.budget = orders.fault.drop_after.unwrap_or(u64::MAX);
        self.pace = Pace::new(now);
        if orders.fault.ends(self.way) {
            self.is_cut_off = true;
            self.end.get_or_insert(Ok(()));
        }
    }

    fn send(&mut self, bytes: Bytes, now: Instant) {
        let due = self.due(bytes.len(), now);
        self.line.push(due, bytes);
    }

    /// Rolls when bytes read now arrive.
    fn due(&mut self, bytes: usize, now: Instant) -> Instant {
        let Some(latency) = self.orders.fault.latency else {
            return now;
        };
        let bytes = bytes as u64;
        self.counters.count(|stats| stats.bytes_delayed += bytes);
        let jitter = latency.jitter.mul_f64(self.jitter.random::<f64>());
        after(now, latency.delay.saturating_add(jitter))
    }
}
