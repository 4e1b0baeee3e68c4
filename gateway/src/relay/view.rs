//! Rooms, members and messages as clients see them.

use proto::{
    event::{Kind, Position, render_data},
    room::{Member, Message, Room, RoomRole},
};
use serde::Serialize;
use serde_json::value::RawValue;

/// A room in answers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoomView<'a> {
    id: &'a str,
    name: &'a str,
    kind: &'a str,
    topic: &'a str,
    members: i64,
    joined: bool,
    created_at: i64,
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
        }
    }
}

/// A member in answers.
#[derive(Serialize)]
pub(crate) struct MemberView<'a> {
    id: &'a str,
    name: &'a str,
    role: &'static str,
}

impl<'a> From<&'a Member> for MemberView<'a> {
    fn from(member: &'a Member) -> Self {
        Self {
            id: &member.user_id,
            name: &member.name,
            role: role_name(member.role()),
        }
    }
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

/// Writes a message object: the stored text with the commit's fields in front.
pub(crate) fn message(message: &Message) -> Option<Box<RawValue>> {
    let mut out = Vec::with_capacity(message.data.len() + 160);
    let position = Position {
        stream: &message.room_id,
        seq: message.seq,
        event_id: &message.message_id,
        at_ms: message.at_ms,
    };
    render_data(&mut out, Kind::MessagePosted, position, &message.data);
    let text = String::from_utf8(out).ok()?;
    RawValue::from_string(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_object() {
        let stored = Message {
            message_id: "m".into(),
            room_id: "r".into(),
            seq: 3,
            at_ms: 9,
            data: br#"{"key":"k","author":{"id":"u","name":"ada"},"body":"hi","rev":1}"#
                .as_slice()
                .into(),
            ..Message::default()
        };
        insta::assert_snapshot!(message(&stored).expect("JSON").get(), @r#"{"message":"m","room":"r","seq":3,"at":9,"key":"k","author":{"id":"u","name":"ada"},"body":"hi","rev":1}"#);
    }

    #[test]
    fn roles_round_trip() {
        for name in ["owner", "moderator", "member"] {
            assert_eq!(role(name).map(role_name), Some(name));
        }
        assert_eq!(role("OWNER"), None);
    }
}
