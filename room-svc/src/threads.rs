//! Threads: conversations beside a room's own.

use proto::{
    event::{Kind, ThreadCreated},
    id::{EventId, RoomId, UserId},
};
use rpc::Caller;
use stream::Appended;
use uuid::Uuid;

use crate::{
    App, Error, db, events, members, messages,
    mutation::{self, Keyed, retrying},
    names::RoomRef,
    pages::{Page, Paging, Place},
    rooms,
};

/// Most characters of a title.
const TITLE_MAX_CHARS: usize = 100;

/// A thread as one person sees it. Its id is one of its own, or the id of the message that it began with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// Its id.
    pub thread_id: EventId,
    /// The room it belongs to.
    pub room_id: RoomId,
    /// What it is about; empty for one that began as the answer to a message.
    pub title: String,
    /// The message it began with.
    pub root_message: Option<EventId>,
    /// Who opened it.
    pub created_by: UserId,
    /// When, milliseconds since the epoch.
    pub created_at_ms: i64,
    /// Seq of the latest message, or of its creation.
    pub last_seq: i64,
    /// Messages that are not deleted and that the person may see.
    pub messages: i64,
    /// What the person has not read of it; at most 1,000 are counted.
    pub unread: i64,
    /// How far they have read.
    pub read: i64,
}

/// A request to open a thread.
#[derive(Debug, Clone)]
pub struct NewThread {
    /// Idempotency key.
    pub key: String,
    /// In which room.
    pub room: RoomRef,
    /// What it is about; [`check_title`] has passed it.
    pub title: String,
}

/// A thread that was opened, now or by an earlier request with the same key.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The thread.
    pub thread: Thread,
    /// Whether an earlier request opened it.
    pub is_duplicate: bool,
}

impl NewThread {
    fn keyed(&self, room_id: RoomId) -> Keyed {
        let parts: [&[u8]; 2] = [room_id.0.as_bytes(), self.title.as_bytes()];
        Keyed::new(&self.key, "thread.create", &parts)
    }

    fn opened(&self, caller: &Caller, room_id: RoomId) -> Thread {
        Thread {
            thread_id: EventId::generate(),
            room_id,
            title: self.title.clone(),
            root_message: None,
            created_by: caller.user_id,
            created_at_ms: 0,
            last_seq: 0,
            messages: 0,
            unread: 0,
            read: 0,
        }
    }
}

impl Thread {
    /// The thread just after it was opened.
    fn begun(self, opened: &Appended, read: i64) -> Self {
        Self {
            created_at_ms: opened.at_ms,
            last_seq: opened.seq,
            read,
            ..self
        }
    }

    fn place(&self) -> Place {
        Place {
            name: self.last_seq.to_string(),
            id: self.thread_id.0,
        }
    }
}

/// Checks a title: one line of text with something to see.
///
/// # Errors
/// `FieldInvalid`.
pub fn check_title(title: &str) -> Result<(), Error> {
    let is_line = !title.chars().any(char::is_control);
    if is_line
        && title.chars().count() <= TITLE_MAX_CHARS
        && title.chars().any(messages::is_visible)
    {
        Ok(())
    } else {
        Err(Error::FieldInvalid {
            field: "title",
            why: "one line of 1 to 100 characters",
        })
    }
}

/// Opens a thread.
///
/// # Errors
/// `NotAMember`, `Muted`, `RecipientUnavailable`, `WordRefused`, `Conflict`.
pub async fn create(app: &App, caller: &Caller, new_thread: NewThread) -> Result<Opened, Error> {
    let room_id = rooms::resolve(app, caller, &new_thread.room).await?;
    let room_id = room_id.ok_or(Error::NotAMember)?;
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move { retrying(|| create_once(&app, &caller, room_id, &new_thread)).await })
        .await
}

/// Lists the threads of a room, the latest activity first.
///
/// # Errors
/// `NotAMember`, `FieldInvalid`.
pub async fn list(
    app: &App,
    caller: &Caller,
    room: RoomRef,
    paging: Paging,
) -> Result<Page<Thread>, Error> {
    let room_id = members::require_member(app, caller, &room).await?;
    let after = match &paging.after {
        Some(place) => activity(place)?,
        None => (i64::MAX, Uuid::max()),
    };
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(async move {
        let limit = paging.rows_to_read();
        let threads = db::threads::list_threads(&db, &caller, room_id, after, limit).await?;
        Ok(paging.cut(threads, Thread::place))
    })
    .await
}

async fn create_once(
    app: &App,
    caller: &Caller,
    room_id: RoomId,
    new_thread: &NewThread,
) -> Result<Opened, Error> {
    let keyed = new_thread.keyed(room_id);
    let mut mutation = mutation::begin(app, caller, &keyed).await?;
    let thread = new_thread.opened(caller, room_id);
    if let Some(first) = mutation.first() {
        let thread_id = opened_by(&first.event.data)?;
        let appended = messages::answered(first)?;
        let reader = db::reads::find_reader(&mut mutation.tx, caller, room_id, Some(thread_id));
        let reader = reader.await?.ok_or(Error::NotAMember)?;
        return Ok(Opened {
            thread: Thread {
                thread_id,
                ..thread
            }
            .begun(&appended, reader.read),
            is_duplicate: true,
        });
    }
    messages::require_voice(&mut mutation, caller, room_id, Kind::ThreadCreated).await?;
    // There is no message to report: for a title, a filter that only wants to be told has no say.
    app.filters.check(&caller.tenant, &new_thread.title)?;
    let created = events::messages::thread_created(caller, &thread, &keyed);
    let appended = mutation.record(vec![created]).await?;
    let appended = appended
        .first()
        .ok_or(Error::Internal("an append without an answer"))?;
    let reader =
        db::reads::find_reader(&mut mutation.tx, caller, room_id, Some(thread.thread_id)).await?;
    let thread = thread.begun(appended, reader.ok_or(Error::NotAMember)?.read);
    db::threads::insert_thread(&mut mutation.tx, caller, &thread).await?;
    mutation::commit(app, mutation).await?;
    Ok(Opened {
        thread,
        is_duplicate: false,
    })
}

fn opened_by(data: &[u8]) -> Result<EventId, Error> {
    let data: Option<ThreadCreated> = serde_json::from_slice(data).ok();
    data.and_then(|data| data.thread.parse().ok())
        .ok_or(Error::Internal("a thread's event cannot be read"))
}

/// Reads a place in the order of activity.
fn activity(place: &Place) -> Result<(i64, Uuid), Error> {
    match place.name.parse() {
        Ok(last_seq) => Ok((last_seq, place.id)),
        Err(_) => Err(Error::FieldInvalid {
            field: "page",
            why: "not a page of this list",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::check_title;

    #[test]
    fn a_title_is_a_line_with_something_to_see() {
        assert!(check_title("Plans for May").is_ok());
        assert!(check_title(&"x".repeat(100)).is_ok());
        for bad in ["", " ", "\u{200B}", "a\nb", "a\0", &"x".repeat(101)] {
            assert!(check_title(bad).is_err(), "{bad:?}");
        }
    }
}
