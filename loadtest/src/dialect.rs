//! The protocols that bots speak: Hubbub's, and those of the servers that it is compared with.
//!
//! The same bot drives all of them, so that what the generator costs is the same for everyone.

mod centrifugo;
mod nakama;
mod native;
mod plain;
mod socketio;

use std::borrow::Cow;

use crate::{histcheck::Id, target::Target};

/// The id of whatever a server does not give one.
pub const NO_ID: Id = Id([0; 16]);

/// A protocol on top of WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// Hubbub's own.
    #[default]
    Hubbub,
    /// Bare JSON objects: what one writes oneself over a WebSocket library.
    Plain,
    /// Engine.IO 4 and Socket.IO 5 over WebSocket.
    SocketIo,
    /// Centrifugo's client protocol.
    Centrifugo,
    /// Nakama's socket.
    Nakama,
}

/// What a frame says, as far as a bot cares.
#[derive(Debug, PartialEq)]
pub enum Heard<'a> {
    /// Must be answered with this.
    Ping(String),
    /// A send was stored.
    Ack {
        /// Number of the message.
        message: u32,
        /// Place in the room; 0 when the server has none.
        seq: u32,
        /// The server's id of it, or [`NO_ID`].
        id: Id,
    },
    /// A send was refused.
    Refusal {
        /// Number of the message, when the frame says it.
        message: Option<u32>,
        /// Why.
        reason: String,
        /// When to come back; 0 when it does not say.
        retry_after_ms: u64,
    },
    /// The server gave up on continuity.
    GaveUp,
    /// Something happened in a room.
    Event(Event<'a>),
    /// Sound, and of no interest.
    Aside,
    /// Cannot be understood.
    Nonsense,
}

/// Something that happened in a room.
#[derive(Debug, PartialEq)]
pub struct Event<'a> {
    /// The server's name of the room; `None` for what is not of a room.
    pub room: Option<&'a str>,
    /// Place in the room; 0 when the server has none.
    pub seq: u32,
    /// The place told before.
    pub prev: u32,
    /// The event's id, or [`NO_ID`].
    pub id: Id,
    /// The text, when it is a message.
    pub body: Option<Cow<'a, str>>,
}

impl Dialect {
    /// Returns the path of the WebSocket.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Hubbub => "/v1/rt",
            Self::Plain => "/",
            Self::SocketIo => "/socket.io/?EIO=4&transport=websocket",
            Self::Centrifugo => "/connection/websocket",
            Self::Nakama => "/ws?lang=en&status=false&format=json",
        }
    }

    /// Returns the subprotocol to ask for.
    #[must_use]
    pub fn subprotocol(self) -> Option<&'static str> {
        (self == Self::Hubbub).then_some(proto::frame::SUBPROTOCOL)
    }

    /// Takes a frame apart.
    #[must_use]
    pub fn hear(self, text: &str) -> Heard<'_> {
        let heard = match self {
            Self::Hubbub => native::hear(text),
            Self::Plain => plain::hear(text),
            Self::SocketIo => socketio::hear(text),
            Self::Centrifugo => centrifugo::hear(text),
            Self::Nakama => nakama::hear(text),
        };
        heard.unwrap_or(Heard::Nonsense)
    }

    /// Writes a send. `room` and `body` need no escapes.
    #[must_use]
    pub fn send(self, message: u32, room: &str, body: &str) -> String {
        match self {
            Self::Hubbub => native::send(message, room, body),
            Self::Plain => plain::send(message, room, body),
            Self::SocketIo => socketio::send(message, room, body),
            Self::Centrifugo => centrifugo::send(message, room, body),
            Self::Nakama => nakama::send(message, room, body),
        }
    }

    /// Writes a wish to enter a room, for servers without accounts: all of them but Hubbub.
    #[must_use]
    pub fn enter(self, room: &str) -> String {
        match self {
            Self::SocketIo => socketio::enter(room),
            Self::Centrifugo => centrifugo::enter(room),
            Self::Nakama => nakama::enter(room),
            Self::Hubbub | Self::Plain => plain::enter(room),
        }
    }

    /// Whether a frame is the answer to [`Self::enter`].
    #[must_use]
    pub fn is_entered(self, text: &str) -> bool {
        match self {
            Self::SocketIo => socketio::is_entered(text),
            Self::Centrifugo => centrifugo::is_entered(text),
            Self::Nakama => nakama::is_entered(text),
            Self::Hubbub | Self::Plain => plain::is_entered(text),
        }
    }

    /// Whether the server says something before it is spoken to.
    #[must_use]
    pub fn is_spoken_to(self) -> bool {
        self == Self::SocketIo
    }

    /// Returns what is said first, which the server answers.
    #[must_use]
    pub fn greeting(self) -> Option<&'static str> {
        match self {
            Self::SocketIo => Some(socketio::CONNECT),
            Self::Centrifugo => Some(centrifugo::CONNECT),
            Self::Hubbub | Self::Plain | Self::Nakama => None,
        }
    }

    /// Takes the messages apart that came in one frame.
    pub fn messages(self, frame: &str) -> impl Iterator<Item = &str> {
        let separator = (self == Self::Centrifugo).then_some('\n');
        frame
            .split(move |next| Some(next) == separator)
            .filter(move |message| separator.is_none() || !message.is_empty())
    }

    /// Returns what is added to the address for a user, where a server without accounts of ours wants to know who it is.
    ///
    /// # Errors
    /// When the server does not let the user in.
    pub async fn credential(self, target: &Target, user: usize) -> anyhow::Result<Option<String>> {
        if self != Self::Nakama {
            return Ok(None);
        }
        let token = nakama::token(target, user).await?;
        Ok(Some(format!("&token={token}")))
    }

    /// Returns what shows life when nothing else is to be said.
    #[must_use]
    pub fn beat(self) -> Option<&'static str> {
        (self == Self::Hubbub).then_some(r#"{"type":"ping","n":0}"#)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_where_it_is_so_a_line_is_a_message() {
        let messages = |dialect: Dialect| dialect.messages("{}\n{\"id\":1}\n").count();
        assert_eq!(messages(Dialect::Centrifugo), 2);
        assert_eq!(messages(Dialect::Hubbub), 1);
        assert_eq!(
            Dialect::Plain.messages("").count(),
            1,
            "nonsense is counted"
        );
    }
}
