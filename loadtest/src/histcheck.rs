//! The history checker: decides from what every client saw whether the service kept its promises.
//!
//! Knows nothing of sockets or JSON. Time and memory are linear in the number of observations.
//! A check that could not decide anything passes: it only ever reports what is provably wrong.

mod check;
#[cfg(test)]
mod tests;

pub use check::check;
use serde::Serialize;

/// The 16 bytes of an event's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(pub [u8; 16]);

/// [`Delivery::message`] of a durable event that is not a message.
pub const NOT_A_MESSAGE: u32 = u32::MAX;
/// [`Delivery::message`] of a message whose payload nobody of this run wrote.
pub const FOREIGN: u32 = u32::MAX - 1;

/// How a send ended, as its sender knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Never handed to the socket.
    NotSent,
    /// Answered with an error: certainly not stored.
    Refused,
    /// Not answered: stored once or not at all.
    Unknown,
    /// Acknowledged.
    Acked {
        /// Place in the room's stream.
        seq: u32,
        /// The message's id.
        id: Id,
        /// When the answer arrived, in microseconds of the run's clock.
        at_us: u64,
    },
}

/// One message that the plan of the run asks for. Its index in [`History::sends`] is the message's number.
#[derive(Debug, Clone, Copy)]
pub struct Send {
    /// Who sent it: a connection.
    pub bot: u32,
    /// Where to.
    pub room: u32,
    /// When it was handed to the socket, in microseconds of the run's clock.
    pub invoked_us: u64,
    /// How it ended.
    pub outcome: Outcome,
}

/// One durable event as a connection received it.
#[derive(Debug, Clone, Copy)]
pub struct Delivery {
    /// The event's id.
    pub id: Id,
    /// The room.
    pub room: u32,
    /// Place in the room's stream.
    pub seq: u32,
    /// What the server says it told this connection before.
    pub prev: u32,
    /// Number of the message, [`NOT_A_MESSAGE`] or [`FOREIGN`].
    pub message: u32,
    /// Since the moment the message was due to be sent; 0 when not a message.
    pub latency_us: u32,
}

/// Where a connection's view of a room begins.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    /// The room.
    pub room: u32,
    /// The head that the join or welcome answered; the first delivery is the one after it.
    pub seq: u32,
}

/// Everything one connection received, in the order of arrival.
#[derive(Debug, Default)]
pub struct Observer {
    /// Its rooms.
    pub starts: Vec<Start>,
    /// Its deliveries.
    pub deliveries: Vec<Delivery>,
}

/// One message of the final read of a room.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Place in the room's stream.
    pub seq: u32,
    /// The message's id.
    pub id: Id,
    /// Number of the message, or [`FOREIGN`].
    pub message: u32,
}

/// Everything that is known about a run.
#[derive(Debug, Default)]
pub struct History {
    /// By message number.
    pub sends: Vec<Send>,
    /// By connection.
    pub observers: Vec<Observer>,
    /// By room, as the history pages gave them, oldest first.
    pub finals: Vec<Vec<Entry>>,
}

/// A promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Check {
    /// C1: every acknowledged message is in the final read and reached every connection of its room.
    Lost,
    /// C2: nothing that was refused or never sent appears; nothing is shown that is not stored.
    Phantom,
    /// C3: one message has one place; a connection gets each place once.
    Duplicate,
    /// C4: each connection is told seq after seq, and the server's `prev` is what it was told before.
    Order,
    /// C5: a place holds the same event for every observer.
    Agreement,
    /// C6: a message acknowledged before another was sent stands before it.
    RealTime,
    /// C7: a sender's messages stand, and are acknowledged, in the order they were sent.
    SenderOrder,
}

impl Check {
    /// Every check, in the order of the report.
    pub const ALL: [Self; 7] = [
        Self::Lost,
        Self::Phantom,
        Self::Duplicate,
        Self::Order,
        Self::Agreement,
        Self::RealTime,
        Self::SenderOrder,
    ];

    /// Returns the short name of the report, such as `C1 lost`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lost => "C1 lost",
            Self::Phantom => "C2 phantom",
            Self::Duplicate => "C3 duplicate",
            Self::Order => "C4 order",
            Self::Agreement => "C5 agreement",
            Self::RealTime => "C6 real time",
            Self::SenderOrder => "C7 sender order",
        }
    }
}

/// How many violations of one check are described in words; the rest are only counted.
const EXAMPLES: usize = 5;

/// What was found wrong with one promise.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// Which promise.
    pub check: Check,
    /// How often it was broken.
    pub violations: u64,
    /// The first few, in words.
    pub examples: Vec<String>,
}

/// The result of [`check`]: one finding per promise.
#[derive(Debug, Clone, Serialize)]
pub struct Verdict {
    findings: Vec<Finding>,
}

impl Verdict {
    fn new() -> Self {
        let clean = |check| Finding {
            check,
            violations: 0,
            examples: Vec::new(),
        };
        Self {
            findings: Check::ALL.map(clean).into(),
        }
    }

    fn add(&mut self, check: Check, example: impl FnOnce() -> String) {
        let finding = &mut self.findings[check as usize];
        finding.violations += 1;
        if finding.examples.len() < EXAMPLES {
            finding.examples.push(example());
        }
    }

    /// Returns one finding per check, in the order of [`Check::ALL`].
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Returns the finding of one check.
    #[must_use]
    pub fn of(&self, check: Check) -> &Finding {
        &self.findings[check as usize]
    }

    /// Whether every promise was kept.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.iter().all(|finding| finding.violations == 0)
    }
}
