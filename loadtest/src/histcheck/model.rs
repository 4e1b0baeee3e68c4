//! What a run leaves behind: sends, what every device was told, the final read, and what was done to the people and
//! to the machines meanwhile.
//!
//! All times are microseconds of one clock of the run.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The 16 bytes of an event's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(pub [u8; 16]);

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        uuid::Uuid::from_bytes(self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        uuid::Uuid::deserialize(deserializer).map(|id| Self(*id.as_bytes()))
    }
}

/// [`Delivery::message`] of a durable event that is not a message.
pub const NOT_A_MESSAGE: u32 = u32::MAX;
/// [`Delivery::message`] of a message whose payload nobody of this run wrote.
pub const FOREIGN: u32 = u32::MAX - 1;

/// How a send ended, as its sender knows it after the last attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Outcome {
    /// Never handed to the socket.
    NotSent,
    /// Answered with an error: certainly not stored. A refusal after an attempt without an answer is [`Self::Unknown`],
    /// unless whoever refused has looked for that attempt.
    Refused,
    /// Stored once or not at all.
    Unknown,
    /// Acknowledged.
    Acked {
        /// Place in the room's stream.
        seq: u32,
        /// The message's id.
        id: Id,
        /// When the answer arrived.
        at_us: u64,
        /// The answer says that an attempt before this one was the one that was stored.
        duplicate: bool,
    },
}

/// One message that the plan of the run asks for. Its index in [`History::sends`] is the message's number; a sender's
/// numbers grow in the order of sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Send {
    /// Who sent it: a device, by its index in [`History::observers`].
    pub bot: u32,
    /// Where to.
    pub room: u32,
    /// When the first attempt was handed to a socket.
    pub invoked_us: u64,
    /// When the last answer came; 0 without one.
    pub resolved_us: u64,
    /// How it ended.
    pub outcome: Outcome,
}

/// One durable event as a device received it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Delivery {
    /// The event's id.
    pub id: Id,
    /// The room.
    pub room: u32,
    /// Place in the room's stream.
    pub seq: u32,
    /// What the server says it told this device before.
    pub prev: u32,
    /// Number of the message, [`NOT_A_MESSAGE`] or [`FOREIGN`].
    pub message: u32,
    /// Since the moment the message was due to be sent; 0 when not a message.
    pub latency_us: u32,
    /// When it was received.
    pub at_us: u64,
}

/// Where a device's view of a room begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Start {
    /// The room.
    pub room: u32,
    /// The head that the join or welcome answered; the first delivery is the one after it.
    pub seq: u32,
}

/// Something other than a delivery in the life of a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Turn {
    /// Index into [`Observer::deliveries`]: it happened before that one. Never falls from turn to turn.
    pub before: usize,
    /// When.
    pub at_us: u64,
    /// What.
    pub what: TurnKind,
}

/// What a [`Turn`] is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum TurnKind {
    /// The server gave continuity up (`room.reset`, `room.gap`): the device reads the latest page and goes on after it.
    Restart {
        /// The room.
        room: u32,
        /// The head that the server named; the next delivery is the one after it.
        seq: u32,
        /// The messages of the latest page up to `seq`, oldest first, as (seq, id). Empty when the page never came,
        /// which is a fault unless the device restarts again, leaves or is denied before it could come.
        snapshot: Vec<(u32, Id)>,
    },
    /// Its membership begins, perhaps again.
    Joined {
        /// The room.
        room: u32,
        /// Deliveries begin with the one after it: its own arrival, or what follows that.
        seq: u32,
    },
    /// Its membership ended: nothing is told until the next [`Self::Joined`].
    Left {
        /// The room.
        room: u32,
        /// Place of the departure, the last event that it may get; `u32::MAX` when unknown, and then only a [`Denial`]
        /// says from when on a delivery is wrong.
        seq: u32,
    },
    /// It has a connection and was welcomed.
    Connected {
        /// Number of the gateway.
        gateway: u32,
    },
    /// The connection ended.
    Disconnected,
}

/// Everything one device saw in its whole life, also over reconnects, in the order of arrival.
///
/// It drops what it has already, as every client does, so a repeat that is left is a fault.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observer {
    /// Whose device it is.
    pub user: u32,
    /// Rooms that it is in from the beginning.
    pub starts: Vec<Start>,
    /// Its deliveries.
    pub deliveries: Vec<Delivery>,
    /// What else happened to it. A device without any is connected from beginning to end.
    pub turns: Vec<Turn>,
}

/// One message of the final read of a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// Place in the room's stream.
    pub seq: u32,
    /// The message's id.
    pub id: Id,
    /// Number of the message, or [`FOREIGN`].
    pub message: u32,
}

/// A fault, from before it was made to after it was undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Window {
    /// When it may have begun.
    pub from_us: u64,
    /// When it was over for certain; `u64::MAX` for never.
    pub healed_us: u64,
}

/// What a [`Denial`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Scope {
    /// All rooms: a ban, a log-out everywhere.
    Everything,
    /// One room: a kick, a ban from the room.
    Room(u32),
}

/// A "no" to a person on all their devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Denial {
    /// Whom.
    pub user: u32,
    /// About what.
    pub scope: Scope,
    /// When it was asked for; before that it cannot have held.
    pub asked_us: u64,
    /// When it was acknowledged: from here on nothing of theirs is accepted.
    pub acked_us: u64,
    /// When its undoing was asked for, if ever.
    pub lifted_us: Option<u64>,
    /// How long after `acked_us` something may still reach them: 2 s, or 10 s when a gateway could not be told.
    pub grace_us: u64,
}

/// Somebody read where a room ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Look {
    /// The room.
    pub room: u32,
    /// When it was asked for.
    pub asked_us: u64,
    /// When the answer came.
    pub answered_us: u64,
    /// The place of the last event at some moment between the two.
    pub end: u32,
}

/// Somebody sees no more of what somebody else does. A block both ways is two of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Block {
    /// The user who must not see.
    pub by: u32,
    /// The user whose messages are hidden.
    pub of: u32,
    /// When it was asked for; before that it cannot have held.
    pub asked_us: u64,
    /// When it was acknowledged.
    pub acked_us: u64,
    /// When its undoing was asked for, if ever.
    pub lifted_us: Option<u64>,
    /// How long after `acked_us` something may still be shown: 2 s, or 10 s when a gateway could not be told.
    pub grace_us: u64,
}

/// An older backup in the place of the database. What was acknowledged after it was begun and before it was put there may
/// be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Restore {
    /// Before the backup was begun: what was acknowledged until then is in it.
    pub backup_us: u64,
    /// Before the database was stopped to be replaced: nobody was told of the loss until then.
    pub replaced_us: u64,
    /// When the database with the backup's content was there for certain. Nothing that was committed to the other is told
    /// for the first time after it.
    pub restored_us: u64,
}

/// How long things may take and how often they may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Bounds {
    /// After a fault ends (or a connection begins) a device has everything within this time.
    pub catch_up_us: u64,
    /// A send is answered within this time after the fault that was in its way.
    pub answer_us: u64,
    /// How often continuity may be given up, all devices together.
    pub restarts_max: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            catch_up_us: 5_000_000,
            answer_us: 10_000_000,
            restarts_max: 0,
        }
    }
}

/// Everything that is known about a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// By message number.
    pub sends: Vec<Send>,
    /// By device.
    pub observers: Vec<Observer>,
    /// By room, as the history pages gave them to somebody who is a member and blocks nobody, oldest first.
    pub finals: Vec<Vec<Entry>>,
    /// By room, the head that a welcome named after the run. Empty when nobody asked; then nothing is said of restarts
    /// that name a head beyond the end.
    pub heads: Vec<u32>,
    /// What was broken. Without any, nothing is said of how long things took.
    pub faults: Vec<Window>,
    /// Who was told no.
    pub denials: Vec<Denial>,
    /// Where rooms ended in between. Without any, nothing is said of what was on its way when a denial was answered.
    pub looks: Vec<Look>,
    /// Who must not see whom.
    pub blocks: Vec<Block>,
    /// The backup that took the place of the database, if any.
    pub restore: Option<Restore>,
    /// How much is allowed.
    pub settings: Bounds,
}

impl History {
    /// Returns whose device `bot` is; `None` when there is no such device.
    #[must_use]
    pub fn user_of(&self, bot: u32) -> Option<u32> {
        self.observers
            .get(bot as usize)
            .map(|observer| observer.user)
    }
}
