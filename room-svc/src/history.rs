//! Reading stored messages: as one person may see them.

use std::collections::HashMap;

use proto::id::{EventId, RoomId, UserId};
use rpc::Caller;
use sqlx::PgPool;
use stream::Anchor;
use uuid::Uuid;

use crate::{App, Error, db, members, names::RoomRef, reactions::Reaction};

/// An answer must fit a message of the bus (1 MiB): a page ends early rather than exceed this. What is left over is for
/// reactions, whose number and size are bounded.
const ANSWER_BYTES: usize = 512 * 1024;
/// What a message weighs beside its data.
const MESSAGE_OVERHEAD: usize = 256;

/// A stored message as one person sees it. Who took it away is gone with it: a tombstone keeps its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub message_id: EventId,
    /// The room it stands in.
    pub room_id: RoomId,
    /// Its place there.
    pub seq: i64,
    /// When it was stored, milliseconds since the epoch.
    pub at_ms: i64,
    /// Who wrote it.
    pub author: UserId,
    /// The key that the author chose.
    pub key: String,
    /// The stored JSON object.
    pub data: String,
    /// What the person may see of the reactions.
    pub reactions: Vec<Reaction>,
}

/// Messages, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessagePage {
    /// The messages.
    pub messages: Vec<Message>,
    /// Whether more follow in the direction of reading (for [`Anchor::Around`] in either).
    pub has_more: bool,
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At a place.
    Seq(Anchor),
    /// With the first message of this time or later, milliseconds since the epoch.
    Time(i64),
}

/// A request for stored messages.
#[derive(Debug, Clone)]
pub struct History {
    /// Of which room.
    pub room: RoomRef,
    /// Of which thread; none for what stands outside threads.
    pub thread: Option<EventId>,
    /// From where.
    pub start: Start,
    /// Most messages.
    pub limit: u32,
}

/// Which messages a page is cut from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shelf {
    pub(crate) room_id: RoomId,
    /// None for what stands outside threads.
    pub(crate) thread: Option<EventId>,
}

impl Shelf {
    /// Where its messages stand in their table.
    pub(crate) fn lane(self) -> Uuid {
        self.thread.map_or(Uuid::nil(), |thread| thread.0)
    }
}

/// Reads messages of a room that the caller is in.
///
/// # Errors
/// `NotAMember`.
pub async fn list(app: &App, caller: &Caller, history: History) -> Result<MessagePage, Error> {
    let room_id = members::require_member(app, caller, &history.room).await?;
    let (db, caller) = (app.db.clone(), caller.clone());
    let shelf = Shelf {
        room_id,
        thread: history.thread,
    };
    pg::unit(async move {
        let anchor = match history.start {
            Start::Seq(anchor) => anchor,
            Start::Time(at_ms) => {
                Anchor::After(db::history::seq_at(&db, &caller, shelf, at_ms).await? - 1)
            }
        };
        page(&db, &caller, shelf, anchor, history.limit).await
    })
    .await
}

/// Finds one message, in whichever room it stands.
///
/// # Errors
/// `MessageNotFound`.
pub async fn get(app: &App, caller: &Caller, message_id: EventId) -> Result<Message, Error> {
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(async move {
        let found = db::history::find_message(&db, &caller, message_id).await?;
        let found = with_reactions(&db, &caller, found.into_iter().collect()).await?;
        found.into_iter().next().ok_or(Error::MessageNotFound)
    })
    .await
}

/// Reads a page.
pub(crate) async fn page(
    db: &PgPool,
    caller: &Caller,
    shelf: Shelf,
    anchor: Anchor,
    limit: u32,
) -> Result<MessagePage, Error> {
    let limit = limit as usize;
    let mut page = match anchor {
        Anchor::Newest => before(db, caller, shelf, i64::MAX, limit).await?,
        Anchor::Before(seq) => before(db, caller, shelf, seq, limit).await?,
        Anchor::After(seq) => after(db, caller, shelf, seq, limit).await?,
        Anchor::Around(seq) => around(db, caller, shelf, seq, limit).await?,
    };
    page.messages = with_reactions(db, caller, page.messages).await?;
    Ok(page)
}

/// Puts the reactions to messages beside them.
pub(crate) async fn with_reactions(
    db: &PgPool,
    caller: &Caller,
    mut messages: Vec<Message>,
) -> Result<Vec<Message>, Error> {
    let ids: Vec<Uuid> = messages
        .iter()
        .map(|message| message.message_id.0)
        .collect();
    if ids.is_empty() {
        return Ok(messages);
    }
    let mut all: HashMap<EventId, Vec<Reaction>> = HashMap::new();
    for (message_id, reaction) in db::reactions::list_reactions(db, caller, &ids).await? {
        all.entry(message_id).or_default().push(reaction);
    }
    for message in &mut messages {
        message.reactions = all.remove(&message.message_id).unwrap_or_default();
    }
    Ok(messages)
}

/// Cuts messages to a number and to what fits an answer; at least one stays, or reading would never get past it. Tells
/// whether any were cut off.
pub(crate) fn fit(messages: Vec<Message>, limit: usize) -> (Vec<Message>, bool) {
    fit_bytes(messages, limit, ANSWER_BYTES)
}

fn fit_bytes(mut messages: Vec<Message>, limit: usize, bytes: usize) -> (Vec<Message>, bool) {
    let mut total = 0;
    let fitting = messages.iter().take_while(|message| {
        total += message.data.len() + MESSAGE_OVERHEAD;
        total <= bytes
    });
    let fitting = fitting.count().max(1).min(limit);
    let is_cut = messages.len() > fitting;
    messages.truncate(fitting);
    (messages, is_cut)
}

async fn before(
    db: &PgPool,
    caller: &Caller,
    shelf: Shelf,
    seq: i64,
    limit: usize,
) -> Result<MessagePage, Error> {
    half_before(db, caller, shelf, seq, limit, ANSWER_BYTES).await
}

async fn after(
    db: &PgPool,
    caller: &Caller,
    shelf: Shelf,
    seq: i64,
    limit: usize,
) -> Result<MessagePage, Error> {
    half_after(db, caller, shelf, seq, limit, ANSWER_BYTES).await
}

async fn around(
    db: &PgPool,
    caller: &Caller,
    shelf: Shelf,
    seq: i64,
    limit: usize,
) -> Result<MessagePage, Error> {
    let (newer, bytes) = (limit / 2, ANSWER_BYTES / 2);
    let older = limit - newer;
    let mut page = half_before(db, caller, shelf, seq.saturating_add(1), older, bytes).await?;
    let rest = half_after(db, caller, shelf, seq, newer, bytes).await?;
    page.messages.extend(rest.messages);
    page.has_more |= rest.has_more;
    Ok(page)
}

/// Reads one message more than asked for, to know whether more follow.
async fn half_before(
    db: &PgPool,
    caller: &Caller,
    shelf: Shelf,
    seq: i64,
    limit: usize,
    bytes: usize,
) -> Result<MessagePage, Error> {
    let read = db::history::list_before(db, caller, shelf, seq, limit as i64 + 1).await?;
    let (mut messages, has_more) = fit_bytes(read, limit, bytes);
    messages.reverse();
    Ok(MessagePage { messages, has_more })
}

async fn half_after(
    db: &PgPool,
    caller: &Caller,
    shelf: Shelf,
    seq: i64,
    limit: usize,
    bytes: usize,
) -> Result<MessagePage, Error> {
    let read = db::history::list_after(db, caller, shelf, seq, limit as i64 + 1).await?;
    let (messages, has_more) = fit_bytes(read, limit, bytes);
    Ok(MessagePage { messages, has_more })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(bytes: usize) -> Message {
        Message {
            message_id: EventId::generate(),
            room_id: RoomId::generate(),
            seq: 1,
            at_ms: 0,
            author: UserId::generate(),
            key: String::new(),
            data: "x".repeat(bytes),
            reactions: Vec::new(),
        }
    }

    #[test]
    fn a_page_ends_at_its_number_or_its_weight_but_is_never_empty() {
        let cut = |sizes: &[usize], limit| {
            let messages = sizes.iter().map(|bytes| message(*bytes)).collect();
            let (messages, is_cut) = fit_bytes(messages, limit, 1_000);
            (messages.len(), is_cut)
        };
        assert_eq!(cut(&[], 2), (0, false));
        assert_eq!(cut(&[1, 1], 2), (2, false));
        assert_eq!(cut(&[1, 1, 1], 2), (2, true));
        assert_eq!(cut(&[400, 400], 2), (1, true));
        assert_eq!(cut(&[5_000, 1], 2), (1, true));
    }
}
