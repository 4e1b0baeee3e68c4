//! Messages: what may be said, and storing it.

use proto::{
    event::Kind,
    frame::BODY_MAX_CHARS,
    id::{EventId, FilterId, RoomId},
};
use rpc::Caller;
use stream::{Appended, Refused, Stored};

use crate::{
    App, Error, db, events,
    filter::Alert,
    mentions,
    mutation::{Keyed, Mutation},
    names::RoomRef,
    rooms,
};

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
    /// The thread it belongs to, or a message whose thread it is.
    pub thread: Option<EventId>,
}

/// A stored message.
#[derive(Debug, Clone, Copy)]
pub struct Sent {
    /// The room it stands in.
    pub room_id: RoomId,
    /// Where it stands, and whether an earlier request put it there.
    pub appended: Appended,
}

/// What must be known before a message can be stored.
struct Draft {
    message: NewMessage,
    keyed: Keyed,
    is_mentioning: bool,
    /// The filter that wants to be told.
    alerted: Option<FilterId>,
}

impl NewMessage {
    pub(crate) fn keyed(&self, room_id: RoomId) -> Keyed {
        let bytes = |id: EventId| *id.0.as_bytes();
        let (reply_to, thread) = (self.reply_to.map(bytes), self.thread.map(bytes));
        let mut parts: Vec<&[u8]> = vec![
            room_id.0.as_bytes(),
            self.body.as_bytes(),
            reply_to.as_ref().map_or(&[], |id| id.as_slice()),
        ];
        // Keys from before there were threads keep their fingerprints.
        parts.extend(thread.as_ref().map(<[u8; 16]>::as_slice));
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
/// `NotAMember`, `Muted`, `SlowMode`, `RecipientUnavailable`, `MessageNotFound`, `WordRefused`, `Conflict`,
/// `SessionEnded`, `Banned`, `Overloaded`, `Db`, `InDoubt`.
pub async fn send(app: &App, caller: &Caller, message: NewMessage) -> Result<Sent, Error> {
    let room_id = rooms::resolve(app, caller, &message.room)
        .await?
        .ok_or(Error::NotAMember)?;
    let keyed = message.keyed(room_id);
    let appended = match draft(app, caller, room_id, message, &keyed).await {
        Ok(draft) => store(app, caller, room_id, draft).await?,
        // What was answered before keeps its answer, whatever would be said today.
        Err(error) => first_answer(app, caller, keyed).await?.ok_or(error)?,
    };
    Ok(Sent { room_id, appended })
}

/// Refuses a caller who may not put anything before the people of a room: the guard of the log, in a transaction of
/// ours.
pub(crate) async fn require_voice(
    mutation: &mut Mutation,
    caller: &Caller,
    room_id: RoomId,
    kind: Kind,
) -> Result<(), Error> {
    match db::messages::find_refusal(&mut mutation.tx, caller, room_id, kind).await? {
        Some(reason) => Err(Refused::Denied(reason).into()),
        None => Ok(()),
    }
}

/// What an earlier request stored, as the answer to its repeat.
pub(crate) fn answered(first: &Stored) -> Result<Appended, Error> {
    let event_id = first.event.event_id.parse();
    Ok(Appended {
        seq: first.event.seq,
        event_id: event_id.map_err(|_| Error::Internal("an event's id is not an id"))?,
        at_ms: first.event.at_ms,
        is_duplicate: true,
        era: 0,
    })
}

/// Whether a character leaves a mark on the screen. Blanks, controls and the invisible characters that are used to send
/// "nothing" do not.
pub(crate) fn is_visible(each: char) -> bool {
    let is_blank = matches!(
        each,
        '\u{115F}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{FFA0}'
    );
    !each.is_whitespace() && !each.is_control() && !is_blank && !is_without_width(each)
}

/// Whether a character takes no room at all: it may stand within a word and nobody sees it.
pub(crate) fn is_without_width(each: char) -> bool {
    matches!(
        each,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FFF0}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// Judges the words, and finds what the message refers to. A plain message costs no question to the database.
async fn draft(
    app: &App,
    caller: &Caller,
    room_id: RoomId,
    mut message: NewMessage,
    keyed: &Keyed,
) -> Result<Draft, Error> {
    let alerted = app.filters.check(&caller.tenant, &message.body)?;
    if message.reply_to.is_some() || message.thread.is_some() {
        message.thread = find_thread(app, caller, room_id, &message).await?;
    }
    Ok(Draft {
        is_mentioning: mentions::is_any(app, caller, room_id, &message.body).await?,
        message,
        keyed: keyed.clone(),
        alerted,
    })
}

/// Finds the message that is answered, and the thread that is meant.
async fn find_thread(
    app: &App,
    caller: &Caller,
    room_id: RoomId,
    message: &NewMessage,
) -> Result<Option<EventId>, Error> {
    let (db, caller) = (app.db.clone(), caller.clone());
    let (reply_to, thread) = (message.reply_to, message.thread);
    pg::unit(async move {
        let found = db::messages::find_references(&db, &caller, room_id, reply_to, thread).await?;
        if !found.is_member {
            return Err(Error::NotAMember);
        }
        if !found.is_reply_found || (thread.is_some() && found.thread.is_none()) {
            return Err(Error::MessageNotFound);
        }
        Ok(found.thread)
    })
    .await
}

async fn store(
    app: &App,
    caller: &Caller,
    room_id: RoomId,
    draft: Draft,
) -> Result<Appended, Error> {
    let Draft {
        message,
        keyed,
        is_mentioning,
        alerted,
    } = draft;
    let snapshot = alerted.map(|filter_id| (filter_id, message.body.clone()));
    let appended = if is_mentioning {
        mentions::send(app, caller, room_id, message, keyed).await?
    } else {
        let append = events::messages::posted(caller, room_id, message, &keyed, &[]);
        app.writer.append(append).await?
    };
    if let Some((filter_id, snapshot)) = snapshot
        && !appended.is_duplicate
    {
        app.filters.alert(Alert {
            tenant: caller.tenant.clone(),
            filter_id,
            message_id: appended.event_id,
            room_id,
            user_id: caller.user_id,
            snapshot,
        });
    }
    Ok(appended)
}

async fn first_answer(app: &App, caller: &Caller, keyed: Keyed) -> Result<Option<Appended>, Error> {
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(async move {
        let mut conn = db.acquire().await?;
        let first =
            stream::find_by_key(&mut conn, &caller.tenant, caller.user_id, &keyed.key).await?;
        match first {
            Some(first) if first.fingerprint == keyed.fingerprint => answered(&first).map(Some),
            Some(_) => Err(Error::Conflict),
            None => Ok(None),
        }
    })
    .await
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
    fn a_key_is_tied_to_room_text_answer_and_thread() {
        let (room_id, other) = (RoomId::generate(), RoomId::generate());
        let message = NewMessage {
            key: "k".into(),
            room: RoomRef::Id(room_id),
            body: "hi".into(),
            reply_to: None,
            thread: None,
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
            ..message.clone()
        };
        assert_ne!(first, print(&answer, room_id));
        let threaded = NewMessage {
            reply_to: None,
            thread: answer.reply_to,
            ..message
        };
        assert_ne!(first, print(&threaded, room_id));
        assert_ne!(print(&answer, room_id), print(&threaded, room_id));
    }
}
