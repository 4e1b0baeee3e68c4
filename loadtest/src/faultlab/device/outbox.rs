//! What a device has yet to get through: one message in flight per room, repeated under its key until it is known
//! whether it was stored.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use crate::{account::fresh_key, histcheck::Outcome};

/// So long an answer may take before the message is sent again (`design/guarantees.md` 3.5).
const ANSWER: Duration = Duration::from_secs(5);

/// One message on its way.
#[derive(Debug)]
pub struct Parcel {
    /// Number of the message.
    pub message: u32,
    /// Its idempotency key, the same for every attempt.
    pub key: String,
    /// When it was handed to a socket first; `None` before.
    invoked_us: Option<u64>,
    /// Before this moment it is not sent (again).
    not_before: Instant,
    /// An attempt was never answered, so a refusal of a later one says nothing about this one.
    is_doubtful: bool,
}

/// How a message ended.
#[derive(Debug, Clone, Copy)]
pub struct Result {
    /// Number of the message.
    pub message: u32,
    /// When it was handed to a socket first, in microseconds of the run's clock.
    pub invoked_us: u64,
    /// When the last answer came, in the same clock; 0 without one.
    pub resolved_us: u64,
    /// What is known of it.
    pub outcome: Outcome,
}

/// The queues of one device, by room number.
#[derive(Debug, Default)]
pub struct Outbox {
    rooms: Vec<VecDeque<Parcel>>,
    /// What has ended.
    pub results: Vec<Result>,
}

impl Outbox {
    /// Makes empty queues for so many rooms.
    #[must_use]
    pub fn new(rooms: usize) -> Self {
        Self {
            rooms: (0..rooms).map(|_| VecDeque::new()).collect(),
            results: Vec::new(),
        }
    }

    /// Puts a message at the end of its room's queue.
    pub fn push(&mut self, room: u32, message: u32) {
        self.rooms[room as usize].push_back(Parcel {
            message,
            key: fresh_key(),
            invoked_us: None,
            not_before: Instant::now(),
            is_doubtful: false,
        });
    }

    /// Returns the first messages of their rooms that are due to be sent, as (room, message, key), and takes note that
    /// they are.
    pub fn due(&mut self, now_us: u64) -> Vec<(u32, u32, String)> {
        let now = Instant::now();
        let mut due = Vec::new();
        for (room, queue) in self.rooms.iter_mut().enumerate() {
            let Some(parcel) = queue.front_mut().filter(|it| it.not_before <= now) else {
                continue;
            };
            parcel.is_doubtful |= parcel.invoked_us.is_some();
            parcel.invoked_us.get_or_insert(now_us);
            parcel.not_before = now + ANSWER;
            due.push((room as u32, parcel.message, parcel.key.clone()));
        }
        due
    }

    /// A new connection: whatever was in flight is sent again at once.
    pub fn reconnected(&mut self) {
        let now = Instant::now();
        for parcel in self.rooms.iter_mut().filter_map(VecDeque::front_mut) {
            parcel.not_before = now;
        }
    }

    /// The server has certainly not stored this attempt and says when to come back.
    pub fn postpone(&mut self, message: u32, after: Duration) {
        if let Some((queue, _)) = self.find(message)
            && let Some(parcel) = queue.front_mut()
        {
            parcel.not_before = Instant::now() + after;
        }
    }

    /// The server has stored or refused a message. Answers of repeated frames find nothing and change nothing.
    pub fn resolve(&mut self, message: u32, outcome: Outcome, now_us: u64) {
        let Some((queue, _)) = self.find(message) else {
            return;
        };
        let Some(parcel) = queue.pop_front() else {
            return;
        };
        let is_refused = outcome == Outcome::Refused;
        self.results.push(Result {
            message,
            invoked_us: parcel.invoked_us.unwrap_or(now_us),
            resolved_us: now_us,
            outcome: if is_refused && parcel.is_doubtful {
                Outcome::Unknown
            } else {
                outcome
            },
        });
    }

    /// Returns how many messages have not ended.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.rooms.iter().map(VecDeque::len).sum()
    }

    /// Closes the books: what has not ended is unknown, or was never sent.
    #[must_use]
    pub fn close(mut self) -> Vec<Result> {
        let left = self.rooms.iter().flatten().map(|parcel| Result {
            message: parcel.message,
            invoked_us: parcel.invoked_us.unwrap_or(0),
            resolved_us: 0,
            outcome: match parcel.invoked_us {
                Some(_) => Outcome::Unknown,
                None => Outcome::NotSent,
            },
        });
        self.results.extend(left);
        self.results
    }

    fn find(&mut self, message: u32) -> Option<(&mut VecDeque<Parcel>, u32)> {
        let is_first =
            |queue: &VecDeque<Parcel>| queue.front().is_some_and(|it| it.message == message);
        let room = self.rooms.iter().position(is_first)?;
        Some((&mut self.rooms[room], room as u32))
    }
}
