//! Everything that stands on the client wire, for the documents that clients are made from: each type of frame with
//! the very Rust types that are read and written.

mod plain;
mod registry;

use std::collections::BTreeMap;

use proto::event::{Kind, Owner, PresenceChanged, ReadUpdated, Typing};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{
    conn::{
        events::Expiring,
        inbound::ClientState,
        said::Hello,
        welcome::{ResumeSession, Welcome},
    },
    fanout::notices::{Gap, Reset},
    frame::{Bye, Ping},
    relay::{self, Empty},
    rest,
};
pub use registry::{Asked, Registry, Told};

pub use crate::{
    error::Error,
    frame::{Frame, Malformed},
};

/// Describes a type.
pub type Describe = fn(&mut SchemaGenerator) -> Schema;

/// What a client hears after a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// `ok` with the answer, or `error`.
    Ok,
    /// An event of this type.
    Event(&'static str),
    /// Nothing.
    None,
}

/// A type of frame that clients send.
#[derive(Debug, Clone, Copy)]
pub struct Command {
    /// The type.
    pub kind: &'static str,
    /// Whether it needs an idempotency key.
    pub is_keyed: bool,
    /// How it is answered.
    pub reply: Reply,
    /// Describes its data.
    pub asked: Describe,
    /// Describes the data of what answers it.
    pub answered: Describe,
    /// Reads a frame's data as its handler does.
    pub read: fn(&Frame) -> Result<(), Error>,
}

impl Command {
    const fn own<Q: DeserializeOwned + JsonSchema, A: JsonSchema>(
        kind: &'static str,
        reply: Reply,
    ) -> Self {
        Self {
            kind,
            is_keyed: false,
            reply,
            asked: SchemaGenerator::subschema_for::<Q>,
            answered: SchemaGenerator::subschema_for::<A>,
            read: |frame| frame.payload::<Q>().map(drop),
        }
    }
}

/// What stands in a frame beside `type` and `data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// Nothing.
    Nothing,
    /// Place in a room: `room`, `seq`, `prev`, `cursor`, and `replayed` when it is told again.
    PlaceInRoom,
    /// Place in the user's own feed: the same with `stream` for `room`.
    PlaceInFeed,
    /// `room`.
    Room,
    /// `room` or `stream`.
    Stream,
    /// `n`, and no data.
    Number,
}

/// A type of frame that the server sends, beside the answers to commands.
#[derive(Debug, Clone, Copy)]
pub struct Event {
    /// The type; `operator.*` stands for all that begin so.
    pub kind: &'static str,
    /// What it says, in a sentence.
    pub about: &'static str,
    /// What stands beside its data.
    pub beside: Beside,
    /// The durable event it tells.
    pub durable: Option<Kind>,
    data: Option<Describe>,
}

impl Event {
    const fn told<T: JsonSchema>(kind: &'static str, beside: Beside, about: &'static str) -> Self {
        Self {
            kind,
            about,
            beside,
            durable: None,
            data: Some(SchemaGenerator::subschema_for::<T>),
        }
    }

    /// Describes its data.
    pub fn describe(&self, generator: &mut SchemaGenerator) -> Schema {
        let durable = self.durable.and_then(|kind| kind.data_schema(generator));
        durable
            .or_else(|| self.data.map(|describe| describe(generator)))
            .unwrap_or_default()
    }
}

/// What is answered by the connection itself.
const OWN: [Command; 5] = [
    Command::own::<Hello, Welcome<'_>>("hello", Reply::Event("welcome")),
    Command::own::<Hello, Welcome<'_>>("connection", Reply::Event("welcome")),
    Command::own::<ClientState, Empty>("client.state", Reply::Ok),
    Command::own::<Ping, Empty>("ping", Reply::Event("pong")),
    Command::own::<Ping, Empty>("pong", Reply::None),
];

/// What is told once and never stored.
const ONCE: [Event; 13] = [
    Event::told::<Welcome<'_>>("welcome", Beside::Nothing, "The client is online."),
    Event::told::<ResumeSession<'_>>(
        "client/RESUME_SESSION",
        Beside::Nothing,
        "The client is back where it was; follows a welcome that resumes.",
    ),
    Event::told::<Empty>(
        "ping",
        Beside::Number,
        "The server asks for a sign of life: any frame answers it.",
    ),
    Event::told::<Empty>("pong", Beside::Number, "The answer to the client's ping."),
    Event::told::<Bye>(
        "bye",
        Beside::Nothing,
        "The last frame before the server closes.",
    ),
    Event::told::<BTreeMap<String, u32>>(
        "shed",
        Beside::Nothing,
        "Event, and how many of it were left out because the client reads slowly.",
    ),
    Event::told::<Expiring>(
        "auth.expiring",
        Beside::Nothing,
        "The credential ends soon.",
    ),
    Event::told::<Gap>(
        "room.gap",
        Beside::Stream,
        "Events were not told again: load them by pages.",
    ),
    Event::told::<Reset>(
        "room.reset",
        Beside::Stream,
        "Continuity cannot be proved: forget the stream and load it anew.",
    ),
    Event::told::<Typing>("typing", Beside::Room, "Someone writes."),
    Event::told::<ReadUpdated>(
        "read.updated",
        Beside::Room,
        "Someone has read, or messages have come to their devices.",
    ),
    Event::told::<PresenceChanged>(
        "presence.changed",
        Beside::Nothing,
        "A watched person is seen differently.",
    ),
    Event::told::<Map<String, Value>>(
        "operator.*",
        Beside::Nothing,
        "What the people who run the server say.",
    ),
];

/// Lists what clients may send.
pub fn commands() -> impl Iterator<Item = Command> {
    let relayed = relay::table().map(|row| Command {
        kind: row.kind,
        is_keyed: row.is_keyed,
        reply: Reply::Ok,
        asked: row.asked,
        answered: row.answered,
        read: row.read,
    });
    OWN.into_iter().chain(relayed)
}

/// Lists what the server tells, beside the answers to commands.
pub fn events() -> impl Iterator<Item = Event> {
    let durable = Kind::ALL.iter().filter_map(|kind| {
        Some(Event {
            kind: kind.frame_type()?,
            about: kind.about(),
            beside: match kind.owner() {
                Owner::Room => Beside::PlaceInRoom,
                Owner::User | Owner::Tenant => Beside::PlaceInFeed,
            },
            durable: Some(*kind),
            data: None,
        })
    });
    durable.chain(ONCE)
}

/// Describes the `error` of a refusal.
pub fn refusal(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<Error>()
}

/// Describes a durable event as it stands in `history.sync`.
pub fn durable_frame(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<relay::DurableFrame>()
}

/// Writes the OpenAPI document of REST, as a server with default settings serves it.
///
/// # Errors
/// When it cannot be written.
pub fn openapi() -> serde_json::Result<Value> {
    serde_json::to_value(rest::document())
}
