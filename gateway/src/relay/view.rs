//! Rooms, people and messages as clients see them.

mod people;

use proto::{
    event::{Position, render_message},
    moderation::BanMode,
    room::{Counter, Message, Reaction, Room, RoomRole},
    social::FriendState,
    words::RoomKind,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

pub(crate) use people::{MemberView, PersonView, UserView};

/// A room.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Room")]
pub(crate) struct RoomView<'a> {
    /// The room's id.
    id: &'a str,
    /// Its name, without `#`; of a direct conversation the other person's.
    name: &'a str,
    /// What it is.
    #[schemars(with = "RoomKind")]
    kind: &'a str,
    /// What it is about.
    topic: &'a str,
    /// How many members it has.
    members: i64,
    /// Whether the caller is one of them.
    joined: bool,
    /// When it was made, milliseconds since the epoch.
    created_at: i64,
    /// Shortest time between two messages of one member; 0 when there is none.
    slow_mode_ms: i64,
    /// Id of the other person of a direct conversation.
    #[serde(skip_serializing_if = "str::is_empty")]
    peer: &'a str,
}

impl<'a> From<&'a Room> for RoomView<'a> {
    fn from(room: &'a Room) -> Self {
        Self {
            id: &room.room_id,
            name: &room.name,
            kind: &room.kind,
            topic: &room.topic,
            members: room.members,
            joined: room.is_joined,
            created_at: room.created_at_ms,
            slow_mode_ms: room.slow_mode_ms,
            peer: &room.peer_id,
        }
    }
}

/// What someone has not read, as of `head`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Counter")]
pub(crate) struct CounterView {
    /// Seq up to which they have read.
    read: i64,
    /// Messages after it; at most 1,000 are counted.
    unread: i64,
    /// Those that mention them.
    mentions: i64,
    /// The newest seq when this was counted.
    head: i64,
}

impl From<&Counter> for CounterView {
    fn from(counter: &Counter) -> Self {
        Self {
            read: counter.read,
            unread: counter.unread,
            mentions: counter.mentions,
            head: counter.head,
        }
    }
}

/// A reaction in a message object.
#[derive(Serialize)]
struct ReactionView<'a> {
    emoji: &'a str,
    count: i64,
    own: bool,
}

impl<'a> From<&'a Reaction> for ReactionView<'a> {
    fn from(reaction: &'a Reaction) -> Self {
        Self {
            emoji: &reaction.emoji,
            count: reaction.count,
            own: reaction.is_own,
        }
    }
}

/// Returns on the wire how it stands between two people.
pub(crate) fn friend_state(state: FriendState) -> &'static str {
    match state {
        FriendState::Pending => "pending",
        FriendState::Friends => "friends",
        FriendState::None | FriendState::Unspecified => "none",
    }
}

/// Returns on the wire what a ban does.
pub(crate) fn ban_mode_name(mode: BanMode) -> &'static str {
    match mode {
        BanMode::Shadow => "shadow",
        BanMode::Enforce | BanMode::Unspecified => "enforce",
    }
}

/// Finds what a ban does by its name on the wire.
pub(crate) fn ban_mode(name: &str) -> Option<BanMode> {
    [BanMode::Enforce, BanMode::Shadow]
        .into_iter()
        .find(|mode| ban_mode_name(*mode) == name)
}

/// Returns a time that may be none: services write that as 0.
pub(crate) fn time(at_ms: i64) -> Option<i64> {
    Some(at_ms).filter(|at_ms| *at_ms != 0)
}

/// Copies a stored JSON object; one that is none is empty.
pub(crate) fn object(text: &[u8]) -> Box<RawValue> {
    let stored = std::str::from_utf8(text).ok();
    let stored = stored.and_then(|text| serde_json::from_str::<&RawValue>(text).ok());
    let stored = stored.filter(|raw| raw.get().starts_with('{'));
    stored.map_or_else(
        || RawValue::from_string("{}".into()).expect("JSON"),
        ToOwned::to_owned,
    )
}

/// Returns a role's name on the wire.
fn role_name(role: RoomRole) -> &'static str {
    match role {
        RoomRole::Owner => "owner",
        RoomRole::Moderator => "moderator",
        RoomRole::Member | RoomRole::Unspecified => "member",
    }
}

/// Finds a role by its name on the wire.
pub(crate) fn role(name: &str) -> Option<RoomRole> {
    [RoomRole::Owner, RoomRole::Moderator, RoomRole::Member]
        .into_iter()
        .find(|role| role_name(*role) == name)
}

/// Writes a message object: the stored text with the commit's fields and the reactions in front. `None` if the stored
/// text is no JSON.
pub(crate) fn message(message: &Message) -> Option<Box<RawValue>> {
    let reactions: Vec<_> = message.reactions.iter().map(ReactionView::from).collect();
    let reactions = serde_json::to_string(&reactions).ok()?;
    let mut out = Vec::with_capacity(message.data.len() + reactions.len() + 160);
    let position = Position {
        stream: &message.room_id,
        seq: message.seq,
        event_id: &message.message_id,
        at_ms: message.at_ms,
    };
    render_message(&mut out, position, &reactions, &message.data);
    RawValue::from_string(String::from_utf8(out).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_object() {
        let mut stored = Message {
            message_id: "m".into(),
            room_id: "r".into(),
            seq: 3,
            at_ms: 9,
            data: br#"{"key":"k","author":{"id":"u","name":"ada"},"body":"hi","rev":1}"#
                .as_slice()
                .into(),
            ..Message::default()
        };
        insta::assert_snapshot!(message(&stored).expect("JSON").get(), @r#"{"message":"m","room":"r","seq":3,"at":9,"reactions":[],"key":"k","author":{"id":"u","name":"ada"},"body":"hi","rev":1}"#);
        stored.reactions = vec![Reaction {
            emoji: "\"".into(),
            count: 2,
            is_own: true,
        }];
        stored.data = br#"{"body":"hi"}"#.as_slice().into();
        insta::assert_snapshot!(message(&stored).expect("JSON").get(), @r#"{"message":"m","room":"r","seq":3,"at":9,"reactions":[{"emoji":"\"","count":2,"own":true}],"body":"hi"}"#);
        stored.data = b"no JSON".as_slice().into();
        assert!(message(&stored).is_none());
    }

    #[test]
    fn names_round_trip() {
        for name in ["owner", "moderator", "member"] {
            assert_eq!(role(name).map(role_name), Some(name));
        }
        for name in ["enforce", "shadow"] {
            assert_eq!(ban_mode(name).map(ban_mode_name), Some(name));
        }
        assert_eq!((role("OWNER"), ban_mode("")), (None, None));
    }

    #[test]
    fn what_is_no_object_is_an_empty_one() {
        assert_eq!(object(br#" {"a": 1} "#).get(), r#"{"a": 1}"#);
        for bad in ["", "{", "[]", "null", "\u{1}"] {
            assert_eq!(object(bad.as_bytes()).get(), "{}", "{bad}");
        }
        assert_eq!(object(b"\xff").get(), "{}");
    }
}
