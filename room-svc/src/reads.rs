//! How far people have got: what they have read, what has reached their devices, and what is left.

use proto::{
    event::{ReadMarked, ReadUpdated},
    id::{EventId, RoomId, UserId},
    stream::Ephemeral,
};
use rpc::Caller;
use uuid::Uuid;

use crate::{
    App, Error, db, events, members,
    mutation::{self, Keyed, retrying},
    names::RoomRef,
    rooms,
};

/// In larger rooms nobody is told how far others have read: each mark would go to everyone.
const TOLD_MEMBERS: i64 = 100;
/// Most people in a list of receipts.
const RECEIPTS_MAX: i64 = 100;
/// The frame that others are told by.
const READ_UPDATED: &str = "read.updated";

/// What a person has not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counter {
    /// How far they have read.
    pub read: i64,
    /// Messages of others after it that they may see; at most 1,000 are counted, the newest.
    pub unread: i64,
    /// Those among them that mention the person.
    pub mentions: i64,
    /// Where the room's stream ended when this was counted.
    pub head: i64,
}

/// A request to note what was read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Idempotency key.
    pub key: String,
    /// Where.
    pub room: RoomRef,
    /// In which thread; none for the room outside its threads.
    pub thread: Option<EventId>,
    /// How far.
    pub seq: i64,
}

/// What was noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marked {
    /// What is left.
    pub counter: Counter,
    /// Whether others are told.
    pub is_told: bool,
}

/// How far messages of a room have reached a person's devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivered {
    /// Which room.
    pub room_id: RoomId,
    /// How far.
    pub seq: i64,
    /// How many are in the room.
    pub members: i64,
}

/// How far a member of a room has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// Who.
    pub user_id: UserId,
    /// What has reached their devices.
    pub delivered: i64,
    /// What they have read.
    pub read: i64,
}

impl Reading {
    fn keyed(&self, room_id: RoomId) -> Keyed {
        let thread = self.thread.map_or(Uuid::nil(), |thread| thread.0);
        let seq = self.seq.to_be_bytes();
        let parts: [&[u8]; 3] = [room_id.0.as_bytes(), thread.as_bytes(), &seq];
        Keyed::new(&self.key, "read.mark", &parts)
    }
}

/// Notes how far the caller has read; a mark never goes back.
///
/// # Errors
/// `NotAMember`, `Conflict`; `FieldInvalid` for a place beyond the head or a thread of another room.
pub async fn mark(app: &App, caller: &Caller, reading: Reading) -> Result<Marked, Error> {
    let room_id = rooms::resolve(app, caller, &reading.room).await?;
    let room_id = room_id.ok_or(Error::NotAMember)?;
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move {
        let (marked, is_news) = retrying(|| mark_once(&app, &caller, room_id, &reading)).await?;
        if is_news && marked.is_told {
            let data = ReadUpdated {
                user: caller.user_id.to_string(),
                seq: Some(marked.counter.read),
                thread: reading.thread.map(|thread| thread.to_string()),
                delivered: None,
            };
            tell(&app, &caller, room_id, &data).await;
        }
        Ok(marked)
    })
    .await
}

/// Notes how far messages have reached the caller's devices; rooms that they are not in are passed over.
///
/// # Errors
/// None but the database's.
pub async fn deliver(app: &App, caller: &Caller, rooms: Vec<(RoomId, i64)>) -> Result<(), Error> {
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move {
        let (ids, seqs): (Vec<Uuid>, Vec<i64>) = rooms
            .into_iter()
            .map(|(room_id, seq)| (room_id.0, seq))
            .unzip();
        let news = db::reads::update_delivered(&app.db, &caller, &ids, &seqs).await?;
        for room in news.iter().filter(|room| room.members <= TOLD_MEMBERS) {
            let data = ReadUpdated {
                user: caller.user_id.to_string(),
                delivered: Some(room.seq),
                ..ReadUpdated::default()
            };
            tell(&app, &caller, room.room_id, &data).await;
        }
        Ok(())
    })
    .await
}

/// Lists how far the members of a room have got, those who read furthest first.
///
/// # Errors
/// `NotAMember`.
pub async fn receipts(app: &App, caller: &Caller, room: RoomRef) -> Result<Vec<Receipt>, Error> {
    let room_id = members::require_member(app, caller, &room).await?;
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(
        async move { Ok(db::reads::list_receipts(&db, &caller, room_id, RECEIPTS_MAX).await?) },
    )
    .await
}

/// Answers what is left, and whether the mark moved.
async fn mark_once(
    app: &App,
    caller: &Caller,
    room_id: RoomId,
    reading: &Reading,
) -> Result<(Marked, bool), Error> {
    let keyed = reading.keyed(room_id);
    let mut mutation = mutation::begin(app, caller, &keyed).await?;
    let thread = reading.thread;
    let reader = db::reads::find_reader(&mut mutation.tx, caller, room_id, thread).await?;
    let is_told = reader
        .as_ref()
        .is_some_and(|reader| reader.members <= TOLD_MEMBERS);
    if let Some(first) = mutation.first() {
        let counter = read(&first.event.data)?;
        return Ok((Marked { counter, is_told }, false));
    }
    let reader = reader.ok_or(Error::NotAMember)?;
    if !reader.is_thread_found {
        return Err(Error::FieldInvalid {
            field: "thread",
            why: "not a thread of this room",
        });
    }
    if reading.seq > reader.head {
        return Err(Error::FieldInvalid {
            field: "seq",
            why: "the room has not come so far",
        });
    }
    if reading.seq <= reader.read {
        let counter = db::reads::count_unread(&mut mutation.tx, caller, room_id, thread).await?;
        return Ok((Marked { counter, is_told }, false));
    }
    db::reads::update_read(&mut mutation.tx, caller, room_id, thread, reading.seq).await?;
    let counter = db::reads::count_unread(&mut mutation.tx, caller, room_id, thread).await?;
    let marked = events::messages::read_marked(caller, room_id, reading, counter, &keyed);
    mutation.record(vec![marked]).await?;
    mutation::commit(app, mutation).await?;
    Ok((Marked { counter, is_told }, true))
}

/// Reads what an earlier request told.
fn read(data: &[u8]) -> Result<Counter, Error> {
    let data: ReadMarked =
        serde_json::from_slice(data).map_err(|_| Error::Internal("a read mark cannot be read"))?;
    Ok(Counter {
        read: data.read,
        unread: data.unread,
        mentions: data.mentions,
        head: data.head,
    })
}

/// Tells the room once. It names whose doing it is: gateways keep it from those who hide that person.
async fn tell(app: &App, caller: &Caller, room_id: RoomId, data: &ReadUpdated) {
    let Ok(data) = serde_json::to_vec(data) else {
        return;
    };
    let message = Ephemeral {
        tenant: caller.tenant.to_string(),
        stream_id: room_id.to_string(),
        kind: READ_UPDATED.into(),
        actor: caller.user_id.to_string(),
        data: data.into(),
    };
    app.ephemerals.publish(message).await;
}
