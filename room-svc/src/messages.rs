//! Messages: what may be said, storing it, and reading it again.

use proto::{
    event::Kind,
    frame::BODY_MAX_CHARS,
    id::{EventId, RoomId},
};
use rpc::Caller;
use stream::{Anchor, Appended, Page};

use crate::{App, Error, events, members, mutation::Keyed, names::RoomRef, rooms};

/// A request to say something.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Idempotency key.
    pub key: String,
    /// Where.
    pub room: RoomRef,
    /// What; [`check_body`] has passed it.
    pub body: String,
    /// The message it answers.
    pub reply_to: Option<EventId>,
}

/// A stored message.
#[derive(Debug, Clone, Copy)]
pub struct Sent {
    /// The room it stands in.
    pub room_id: RoomId,
    /// Where it stands, and whether an earlier request put it there.
    pub appended: Appended,
}

/// A request for stored messages.
#[derive(Debug, Clone)]
pub struct History {
    /// Of which room.
    pub room: RoomRef,
    /// From where.
    pub anchor: Anchor,
    /// Most messages.
    pub limit: u32,
}

impl NewMessage {
    pub(crate) fn keyed(&self, room_id: RoomId) -> Keyed {
        let reply_to = self.reply_to.map(|reply_to| *reply_to.0.as_bytes());
        let parts: [&[u8]; 3] = [
            room_id.0.as_bytes(),
            self.body.as_bytes(),
            reply_to.as_ref().map_or(&[], |id| id.as_slice()),
        ];
        Keyed::new(&self.key, "message.send", &parts)
    }
}

/// Checks the text of a message.
///
/// # Errors
/// `BodyEmpty`, `BodyTooLong`, or `FieldInvalid` for a NUL, which Postgres' JSON cannot hold.
pub fn check_body(body: &str) -> Result<(), Error> {
    if body.chars().count() > BODY_MAX_CHARS {
        return Err(Error::BodyTooLong);
    }
    if body.contains('\0') {
        return Err(Error::FieldInvalid {
            field: "body",
            why: "a message has no NUL characters",
        });
    }
    if !body.chars().any(is_visible) {
        return Err(Error::BodyEmpty);
    }
    Ok(())
}

/// Stores a message. Whether the caller may is decided in the transaction that stores it.
///
/// # Errors
/// `NotAMember`, `Conflict`, `SessionEnded`, `Overloaded`, `Db`, `InDoubt`.
pub async fn send(app: &App, caller: &Caller, message: NewMessage) -> Result<Sent, Error> {
    let room_id = rooms::resolve(app, caller, &message.room)
        .await?
        .ok_or(Error::NotAMember)?;
    let append = events::message_posted(caller, room_id, message);
    let appended = app.writer.append(append).await?;
    Ok(Sent { room_id, appended })
}

/// Reads messages of a room that the caller is in.
///
/// # Errors
/// `NotAMember`.
pub async fn list(app: &App, caller: &Caller, history: History) -> Result<Page, Error> {
    let room_id = members::require_member(app, caller, &history.room).await?;
    let History { anchor, limit, .. } = history;
    Ok(app
        .log
        .page(
            &caller.tenant,
            room_id.into(),
            Kind::MessagePosted,
            anchor,
            limit,
        )
        .await?)
}

/// Whether a character leaves a mark on the screen. Blanks, controls and the invisible characters that are used to send
/// "nothing" do not.
fn is_visible(each: char) -> bool {
    let is_invisible = matches!(
        each,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{2800}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FFF0}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}'
    );
    !each.is_whitespace() && !each.is_control() && !is_invisible
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::reason::Reason;
    use rpc::Refusal;
    use tonic::Status;

    fn reason_of(body: &str) -> Option<Reason> {
        check_body(body)
            .err()
            .map(|error| Refusal::of(&Status::from(error)).reason)
    }

    #[test]
    fn a_message_needs_one_visible_character() {
        for empty in [
            "",
            " ",
            "\n\t ",
            "\u{200B}\u{FEFF}",
            "\u{2800}",
            "\u{3164} \u{00A0}",
        ] {
            assert_eq!(reason_of(empty), Some(Reason::BODY_EMPTY), "{empty:?}");
        }
        for body in ["x", " x ", "❤\u{FE0F}", "\u{200F}שלום"] {
            assert_eq!(reason_of(body), None, "{body:?}");
        }
    }

    #[test]
    fn the_limit_counts_characters_not_bytes() {
        assert_eq!(reason_of(&"🦀".repeat(4_000)), None);
        assert_eq!(reason_of(&"x".repeat(4_001)), Some(Reason::BODY_TOO_LONG));
        assert_eq!(reason_of("a\0b"), Some(Reason::FIELD_INVALID));
    }

    #[test]
    fn a_key_is_tied_to_room_text_and_answer() {
        let (room_id, other) = (RoomId::generate(), RoomId::generate());
        let message = NewMessage {
            key: "k".into(),
            room: RoomRef::Id(room_id),
            body: "hi".into(),
            reply_to: None,
        };
        let print = |message: &NewMessage, room_id| message.keyed(room_id).fingerprint;
        let first = print(&message, room_id);
        assert_eq!(
            first,
            print(
                &NewMessage {
                    room: RoomRef::Name("x".into()),
                    ..message.clone()
                },
                room_id
            )
        );
        assert_ne!(first, print(&message, other));
        assert_ne!(
            first,
            print(
                &NewMessage {
                    body: "ho".into(),
                    ..message.clone()
                },
                room_id
            )
        );
        let answer = NewMessage {
            reply_to: Some(EventId::generate()),
            ..message
        };
        assert_ne!(first, print(&answer, room_id));
    }
}
