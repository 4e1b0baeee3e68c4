//! Events of messages: in the room's stream, and in the feeds of those they concern.

use proto::{
    event::{
        Kind, MessageDeleted, MessageEdited, MessageHidden, MessagePinned, MessagePosted, Notified,
        ReactionChanged, ReadMarked, ThreadCreated,
    },
    id::{EventId, RoomId, UserId},
};
use rpc::Caller;
use stream::Append;

use super::{append, person};
use crate::{
    mentions::Place,
    messages::NewMessage,
    mutation::Keyed,
    reactions::Reacting,
    reads::{Counter, Reading},
};

/// Most characters of a notification's text.
const EXCERPT_CHARS: usize = 140;

/// A message.
pub(crate) fn posted(
    caller: &Caller,
    room_id: RoomId,
    message: NewMessage,
    keyed: &Keyed,
    mentions: &[UserId],
) -> Append {
    let data = MessagePosted {
        key: message.key,
        author: person(caller),
        body: message.body,
        rev: 1,
        reply_to: message.reply_to.map(|reply_to| reply_to.to_string()),
        thread: message.thread.map(|thread| thread.to_string()),
        mentions: texts(mentions),
        edited_at: None,
        deleted: false,
    };
    append(
        caller,
        room_id.into(),
        Kind::MessagePosted,
        &data,
        Some(keyed),
    )
}

/// A message has another text.
pub(crate) fn edited(
    caller: &Caller,
    room_id: RoomId,
    message_id: EventId,
    now: &MessagePosted,
    keyed: &Keyed,
) -> Append {
    let data = MessageEdited {
        message: message_id.to_string(),
        body: now.body.clone(),
        rev: now.rev,
        mentions: now.mentions.clone(),
    };
    append(
        caller,
        room_id.into(),
        Kind::MessageEdited,
        &data,
        Some(keyed),
    )
}

/// A message was taken from everyone.
pub(crate) fn deleted(
    caller: &Caller,
    room_id: RoomId,
    message_id: EventId,
    keyed: &Keyed,
) -> Append {
    let data = MessageDeleted {
        message: message_id.to_string(),
        by: person(caller),
    };
    append(
        caller,
        room_id.into(),
        Kind::MessageDeleted,
        &data,
        Some(keyed),
    )
}

/// The caller took a message from their own devices.
pub(crate) fn hidden(
    caller: &Caller,
    room_id: RoomId,
    message_id: EventId,
    keyed: &Keyed,
) -> Append {
    let data = MessageHidden {
        room: room_id.to_string(),
        message: message_id.to_string(),
    };
    append(
        caller,
        caller.user_id.into(),
        Kind::MessageHidden,
        &data,
        Some(keyed),
    )
}

/// Someone added or took back a reaction.
pub(crate) fn reaction_changed(
    caller: &Caller,
    room_id: RoomId,
    reacting: &Reacting,
    count: i64,
    keyed: &Keyed,
) -> Append {
    let data = ReactionChanged {
        message: reacting.message_id.to_string(),
        emoji: reacting.emoji.clone(),
        user: person(caller),
        on: reacting.is_on,
        count,
    };
    append(
        caller,
        room_id.into(),
        Kind::ReactionChanged,
        &data,
        Some(keyed),
    )
}

/// A message was pinned or unpinned.
pub(crate) fn pinned(
    caller: &Caller,
    room_id: RoomId,
    message_id: EventId,
    is_pinned: bool,
    keyed: &Keyed,
) -> Append {
    let data = MessagePinned {
        message: message_id.to_string(),
        on: is_pinned,
        by: person(caller),
    };
    append(
        caller,
        room_id.into(),
        Kind::MessagePinned,
        &data,
        Some(keyed),
    )
}

/// A thread was opened.
pub(crate) fn thread_created(
    caller: &Caller,
    room_id: RoomId,
    thread_id: EventId,
    title: &str,
    keyed: &Keyed,
) -> Append {
    let data = ThreadCreated {
        thread: thread_id.to_string(),
        title: title.into(),
        by: person(caller),
    };
    append(
        caller,
        room_id.into(),
        Kind::ThreadCreated,
        &data,
        Some(keyed),
    )
}

/// The caller has read.
pub(crate) fn read_marked(
    caller: &Caller,
    room_id: RoomId,
    reading: &Reading,
    counter: Counter,
    keyed: &Keyed,
) -> Append {
    let data = ReadMarked {
        room: room_id.to_string(),
        thread: reading.thread.map(|thread| thread.to_string()),
        read: counter.read,
        unread: counter.unread,
        mentions: counter.mentions,
        head: counter.head,
    };
    append(
        caller,
        caller.user_id.into(),
        Kind::ReadMarked,
        &data,
        Some(keyed),
    )
}

/// Tells a person that a message speaks of them.
pub(crate) fn mentioned(caller: &Caller, told: UserId, place: &Place, body: &str) -> Append {
    let title = match &place.room_name {
        Some(room) => format!("{} mentioned you in #{room}", caller.name),
        None => format!("{} mentioned you", caller.name),
    };
    let notice = notice("mention", title, body, place);
    append(caller, told.into(), Kind::Notified, &notice, None)
}

/// Tells a message's author that someone reacted.
pub(crate) fn reacted(caller: &Caller, author: UserId, place: &Place, emoji: &str) -> Append {
    let title = match &place.room_name {
        Some(room) => format!("{} reacted to your message in #{room}", caller.name),
        None => format!("{} reacted to your message", caller.name),
    };
    let notice = notice("reaction", title, emoji, place);
    append(caller, author.into(), Kind::Notified, &notice, None)
}

fn notice(kind: &str, title: String, body: &str, place: &Place) -> Notified {
    let mut data = serde_json::json!({
        "room": place.room_id.to_string(),
        "message": place.message_id.to_string(),
    });
    if let Some(thread) = place.thread {
        data["thread"] = thread.to_string().into();
    }
    Notified {
        kind: kind.into(),
        title,
        body: body.chars().take(EXCERPT_CHARS).collect(),
        data,
    }
}

pub(crate) fn texts(users: &[UserId]) -> Vec<String> {
    users.iter().map(ToString::to_string).collect()
}
