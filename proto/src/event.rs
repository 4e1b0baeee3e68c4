//! The registry of durable events: what stands in a stream, and what a client is told of it.
//!
//! The stored `data` is a JSON object written once by the owner of the stream. Fields that only the commit knows
//! (`seq`, `at`, ids) are put in front of it by [`render_data`], so the stored text is copied, never parsed.

use std::io::Write;

use serde::{Deserialize, Serialize};

/// The type of a durable event. The number is stored and never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i16)]
pub enum Kind {
    /// A message; data is [`MessagePosted`].
    MessagePosted = 1,
    /// Someone joined; data is [`MemberJoined`].
    MemberJoined = 2,
    /// Someone left; data is [`MemberLeft`].
    MemberLeft = 3,
    /// A room came to be; data is [`RoomCreated`].
    RoomCreated = 4,
    /// A member's role changed; data is [`RoleChanged`].
    RoleChanged = 5,
    /// Private feed: someone invited this user; data is [`RoomInvited`].
    RoomInvited = 20,
    /// Private feed, for gateways only: the user is now in a room or no longer; data is [`MembershipChanged`].
    MembershipChanged = 21,
    /// Private feed, for gateways only: sessions ended; data is [`SessionsRevoked`].
    SessionsRevoked = 22,
}

impl Kind {
    /// Every kind.
    pub const ALL: &[Self] = &[
        Self::MessagePosted,
        Self::MemberJoined,
        Self::MemberLeft,
        Self::RoomCreated,
        Self::RoleChanged,
        Self::RoomInvited,
        Self::MembershipChanged,
        Self::SessionsRevoked,
    ];

    /// Returns the stored number.
    #[must_use]
    pub fn number(self) -> i16 {
        self as i16
    }

    /// Finds a kind by its stored number.
    #[must_use]
    pub fn from_number(number: i16) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.number() == number)
    }

    /// Returns the frame type that clients see, or `None` for an event that only gateways act on.
    #[must_use]
    pub fn frame_type(self) -> Option<&'static str> {
        Some(match self {
            Self::MessagePosted => "message.new",
            Self::MemberJoined => "room.memberJoined",
            Self::MemberLeft => "room.memberLeft",
            Self::RoomCreated => "room.created",
            Self::RoleChanged => "room.roleChanged",
            Self::RoomInvited => "room.invited",
            Self::MembershipChanged | Self::SessionsRevoked => return None,
        })
    }
}

/// A person in an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// User id.
    pub id: String,
    /// Name at the time of the event.
    pub name: String,
}

/// Stored data of [`Kind::MessagePosted`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessagePosted {
    /// The idempotency key the author chose.
    pub key: String,
    /// Who wrote it.
    pub author: Person,
    /// The text, 1 to 4,000 characters.
    pub body: String,
    /// Revision; 1 until edited.
    pub rev: u32,
    /// Id of the message this answers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reply_to: Option<String>,
    /// Reactions; empty when posted.
    pub reactions: Vec<serde_json::Value>,
    /// Mentioned users; empty when posted.
    pub mentions: Vec<String>,
}

/// Stored data of [`Kind::MemberJoined`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberJoined {
    /// Who joined.
    pub user: Person,
    /// `owner`, `moderator` or `member`.
    pub role: String,
}

/// Stored data of [`Kind::MemberLeft`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberLeft {
    /// Who left.
    pub user: Person,
    /// `left`, `kicked` or `banned`.
    pub reason: String,
}

/// Stored data of [`Kind::RoomCreated`]; always seq 1 of its stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomCreated {
    /// The room's name.
    pub name: String,
    /// `channel` or `private`.
    pub kind: String,
    /// Who created it.
    pub by: Person,
}

/// Stored data of [`Kind::RoleChanged`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleChanged {
    /// Whose role.
    pub user: Person,
    /// `owner`, `moderator` or `member`.
    pub role: String,
}

/// Stored data of [`Kind::RoomInvited`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomInvited {
    /// The room's id.
    pub room: String,
    /// The room's name.
    pub name: String,
    /// Who invited.
    pub by: Person,
}

/// Stored data of [`Kind::MembershipChanged`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipChanged {
    /// The room's id.
    pub room: String,
    /// The room's name.
    pub name: String,
    /// `channel` or `private`.
    pub kind: String,
    /// Now a member, or no longer.
    pub joined: bool,
}

/// Stored data of [`Kind::SessionsRevoked`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionsRevoked {
    /// The sessions that ended.
    pub sessions: Vec<String>,
    /// `logout`, `revoked` or `password`.
    pub reason: String,
}

/// What only the commit knows of an event.
#[derive(Debug, Clone, Copy)]
pub struct Position<'a> {
    /// The stream's id as text: a room or a user.
    pub stream: &'a str,
    /// Place in the stream, from 1.
    pub seq: i64,
    /// The event's id.
    pub event_id: &'a str,
    /// Commit time, milliseconds since the epoch.
    pub at_ms: i64,
}

/// Appends the client's `data` object of an event to `out`: the commit's fields, then the stored ones.
///
/// `stored` must be a JSON object; its text is copied.
pub fn render_data(out: &mut Vec<u8>, kind: Kind, position: Position<'_>, stored: &[u8]) {
    let Position {
        stream,
        seq,
        event_id,
        at_ms,
    } = position;
    // Writing to a Vec cannot fail.
    let _ = if kind == Kind::MessagePosted {
        write!(
            out,
            r#"{{"message":"{event_id}","room":"{stream}","seq":{seq},"at":{at_ms}"#
        )
    } else {
        write!(out, r#"{{"at":{at_ms}"#)
    };
    let inner = stored.trim_ascii();
    let inner = inner.strip_prefix(b"{").unwrap_or(inner).trim_ascii_start();
    if inner.starts_with(b"}") || inner.is_empty() {
        out.push(b'}');
    } else {
        out.push(b',');
        out.extend_from_slice(inner);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_unique() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_number(kind.number()), Some(*kind));
        }
        assert_eq!(Kind::from_number(0), None);
    }

    #[test]
    fn the_commit_s_fields_stand_before_the_stored_ones() {
        let position = Position {
            stream: "r",
            seq: 7,
            event_id: "e",
            at_ms: 9,
        };
        let mut out = Vec::new();
        render_data(&mut out, Kind::MessagePosted, position, br#"{"body":"hi"}"#);
        assert_eq!(
            out,
            br#"{"message":"e","room":"r","seq":7,"at":9,"body":"hi"}"#
        );
        out.clear();
        render_data(&mut out, Kind::MemberLeft, position, b" { } ");
        assert_eq!(out, br#"{"at":9}"#);
    }
}
