//! How a connection takes it that it asked too much: who waits as told is never held at fault, who does not is sent away.
//!
//! Each refusal names a time of its own, one turn after the one before, as if the refused stood in a line. A client that
//! repeats each request when its time has come, or all when the last has, therefore never has more places in the line
//! than requests that wait; and of these it may have as many as it may send at once. Only what finds the line full is
//! held against it: the client has sent more than that, or has not waited.

use std::{collections::VecDeque, num::NonZeroU32, time::Duration};

use tokio::time::Instant;

/// This many refusals that are held against a connection end it, if they come within [`WINDOW`].
const MAX: u32 = 30;
/// See [`MAX`].
const WINDOW: Duration = Duration::from_secs(10);

/// See the module.
#[derive(Debug)]
pub struct Refusals {
    /// How far two requests of weight 1 are apart.
    turn: Duration,
    /// Most places in the line.
    places: usize,
    /// When those that were refused may come again.
    line: VecDeque<Instant>,
    since: Option<Instant>,
    count: u32,
}

/// What a client is told that asks too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// How long to wait.
    pub wait: Duration,
    /// Whether it did not wait too often.
    pub is_too_much: bool,
}

impl Refusals {
    /// Takes the time between two requests, and how many may come at once.
    #[must_use]
    pub fn new(turn: Duration, at_once: NonZeroU32) -> Self {
        Self {
            turn,
            places: usize::try_from(at_once.get()).unwrap_or(usize::MAX),
            line: VecDeque::new(),
            since: None,
            count: 0,
        }
    }

    /// Refuses a request that would have passed after `wait`, were it alone.
    pub fn refuse(&mut self, now: Instant, wait: Duration, weight: NonZeroU32) -> Refused {
        while self.line.front().is_some_and(|place| *place <= now) {
            self.line.pop_front();
        }
        let behind = self
            .line
            .back()
            .map(|last| *last + self.turn * weight.get());
        let place = behind.map_or(now + wait, |behind| behind.max(now + wait));
        let is_full = self.line.len() >= self.places;
        if !is_full {
            self.line.push_back(place);
        }
        Refused {
            wait: place - now,
            is_too_much: is_full && self.count(now),
        }
    }

    /// Holds a refusal against the connection that it was not told of; `true` when there were too many. The window
    /// starts anew when it is over.
    pub fn count(&mut self, now: Instant) -> bool {
        match self.since {
            Some(since) if now.duration_since(since) < WINDOW => self.count += 1,
            _ => (self.since, self.count) = (Some(now), 1),
        }
        self.count >= MAX
    }
}

#[cfg(test)]
mod tests;
