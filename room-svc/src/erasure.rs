//! What is left of a person who changes their name, or is erased.
//!
//! An erasure goes step by step, each a transaction that holds the person's lock, and may be interrupted anywhere: first
//! they leave every room, then what they wrote is blanked in the order of its keys, then the rest is forgotten. Seqs
//! stay, so that no log has holes. What leads to their events is the index of their keys; what else was written in the
//! transaction of such an event has its very time.

use std::collections::HashSet;

use proto::{
    event::{Kind, MessagePosted, Person, ThreadCreated},
    id::{EventId, RoomId, StreamId, Tenant, UserId},
};
use serde_json::{Value, json};
use sqlx::{Postgres, Transaction};
use stream::Append;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    App, Error,
    db::{self, rooms::LockedRoom},
    departures::Aftermath,
    events::governance::{self, Author},
    members::RoomRole,
    mutation::retrying,
    users::DELETED_USER,
};

/// How many rooms one step leaves.
const ROOMS: i64 = 50;
/// How many events one step blanks.
const EVENTS: i64 = 500;
/// How many reactions one step takes back.
const REACTIONS: i64 = 1_000;
/// What a thread is called whose title is gone.
const UNTITLED: &str = "[deleted]";

/// An event of a person's doing.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub(crate) stream_id: StreamId,
    pub(crate) seq: i64,
    pub(crate) event_id: EventId,
    /// None for a kind that this version does not know.
    pub(crate) kind: Option<Kind>,
    pub(crate) key: Option<String>,
    pub(crate) data: String,
    pub(crate) at: OffsetDateTime,
}

impl Written {
    /// Whether it is a message that has not been taken away.
    fn is_alive(&self) -> bool {
        let is_deleted = || {
            let stored = serde_json::from_str::<MessagePosted>(&self.data);
            stored.is_ok_and(|stored| stored.deleted)
        };
        self.kind == Some(Kind::MessagePosted) && !is_deleted()
    }

    /// Returns the thread whose title this is.
    fn thread(&self) -> Option<Uuid> {
        if self.kind != Some(Kind::ThreadCreated) {
            return None;
        }
        let created: ThreadCreated = serde_json::from_str(&self.data).ok()?;
        created.thread.parse().ok()
    }
}

/// Takes a person's new name over. Events keep the name of their time.
///
/// # Errors
/// None but the database's.
pub async fn rename(app: &App, tenant: Tenant, user_id: UserId, name: String) -> Result<(), Error> {
    let app = app.clone();
    pg::unit(async move {
        let mut tx = pg::begin(&app.db).await?;
        // Whoever is entering a room under the old name is in it before the names change.
        stream::lock_actor(&mut tx, &tenant, user_id).await?;
        db::members::update_names(&mut *tx, &tenant, user_id, &name).await?;
        tx.commit().await.map_err(Error::of_commit)
    })
    .await
}

/// Does one step of the erasure of a person; `true` when nothing is left to do.
///
/// # Errors
/// None but the database's.
pub async fn erase(app: &App, tenant: Tenant, user_id: UserId) -> Result<bool, Error> {
    let app = app.clone();
    pg::unit(async move { retrying(|| erase_step(&app, &tenant, user_id)).await }).await
}

async fn erase_step(app: &App, tenant: &Tenant, user_id: UserId) -> Result<bool, Error> {
    let mut tx = pg::begin(&app.db).await?;
    stream::lock_actor(&mut tx, tenant, user_id).await?;
    db::erasure::insert_erasure(&mut tx, tenant, user_id).await?;
    let progress = db::erasure::lock_erasure(&mut tx, tenant, user_id).await?;
    if progress.is_done {
        return Ok(true);
    }
    let mut step = Step {
        tx,
        tenant,
        user_id,
        events: Vec::new(),
    };
    let is_done =
        !step.leave().await? && !step.blank(&progress.last_key).await? && !step.take_back().await?;
    if is_done {
        step.forget().await?;
    }
    step.tx.commit().await.map_err(Error::of_commit)?;
    app.announcer.committed(step.events);
    Ok(is_done)
}

/// One transaction of an erasure. Each part says whether it found something to do: then the step ends with it.
struct Step<'a> {
    tx: Transaction<'static, Postgres>,
    tenant: &'a Tenant,
    user_id: UserId,
    events: Vec<proto::stream::Event>,
}

impl<'a> Step<'a> {
    /// Takes the person out of rooms. Of a direct conversation the other one stays.
    async fn leave(&mut self) -> Result<bool, Error> {
        let (tenant, user_id) = (self.tenant, self.user_id);
        let rooms = db::erasure::list_memberships(&mut self.tx, tenant, user_id, ROOMS).await?;
        let mut appends = Vec::new();
        let mut departures = Vec::new();
        for (room_id, role) in &rooms {
            let room = db::rooms::lock_room(&mut self.tx, tenant, *room_id).await?;
            // A room whose deletion was interrupted tells nobody any more.
            let after = match room {
                Some(room) => self.depart(*room_id, *role, &room, &mut appends).await?,
                None => Aftermath::None,
            };
            departures.push((*room_id, after));
        }
        self.record(&appends).await?;
        for (room_id, after) in departures {
            after.settle(&mut self.tx, tenant, room_id, user_id).await?;
        }
        Ok(!rooms.is_empty())
    }

    async fn depart(
        &mut self,
        room_id: RoomId,
        role: RoomRole,
        room: &LockedRoom,
        appends: &mut Vec<Append>,
    ) -> Result<Aftermath, Error> {
        let (author, going) = (self.author(), (self.user_id, role));
        let after = Aftermath::foresee(&mut self.tx, self.tenant, room_id, room, going).await?;
        let person = governance::erased(self.user_id);
        appends.push(governance::member_gone(author, room_id, person, "left"));
        appends.extend(after.event(author, room_id));
        Ok(after)
    }

    /// Blanks the next of what the person wrote, and their name in what was written beside it.
    async fn blank(&mut self, last_key: &str) -> Result<bool, Error> {
        let (tenant, user_id) = (self.tenant, self.user_id);
        let mut written =
            db::erasure::list_written(&mut *self.tx, tenant, user_id, last_key, EVENTS).await?;
        let Some(last) = written.last().and_then(|last| last.key.clone()) else {
            return Ok(false);
        };
        let times: HashSet<_> = written.iter().map(|event| event.at).collect();
        let times: Vec<_> = times.into_iter().collect();
        let beside = db::erasure::list_beside(&mut self.tx, tenant, user_id, &times).await?;
        written.extend(beside);
        // Their private feed is deleted in the end.
        written.retain(|event| event.stream_id != StreamId::from(user_id));
        self.bury(&written).await?;
        for event in &written {
            let Some(data) = blanked(user_id, event.kind, &event.data) else {
                continue;
            };
            stream::rewrite(&mut self.tx, tenant, event.stream_id, event.seq, &data).await?;
        }
        let threads: Vec<_> = written.iter().filter_map(Written::thread).collect();
        db::erasure::update_titles(&mut self.tx, tenant, &threads, UNTITLED).await?;
        db::erasure::update_progress(&mut self.tx, tenant, user_id, &last).await?;
        Ok(true)
    }

    /// Makes tombstones of messages, and tells whoever has read them. The events come first: they lock the rooms' heads.
    async fn bury(&mut self, written: &[Written]) -> Result<(), Error> {
        let (tenant, author) = (self.tenant, self.author());
        let alive: Vec<_> = written.iter().filter(|event| event.is_alive()).collect();
        let appends: Vec<_> = alive
            .iter()
            .map(|event| governance::message_erased(author, event.stream_id, event.event_id))
            .collect();
        self.record(&appends).await?;
        let messages: Vec<EventId> = alive.iter().map(|event| event.event_id).collect();
        db::erasure::update_messages(&mut self.tx, tenant, &messages).await?;
        db::erasure::delete_reactions_to(&mut self.tx, tenant, &messages).await?;
        let places: Vec<_> = alive
            .iter()
            .map(|event| (event.stream_id, event.event_id))
            .collect();
        db::erasure::delete_pins(&mut self.tx, tenant, &places).await?;
        Ok(())
    }

    /// Takes reactions back.
    async fn take_back(&mut self) -> Result<bool, Error> {
        let (tenant, user_id) = (self.tenant, self.user_id);
        let taken =
            db::erasure::delete_reactions_of(&mut self.tx, tenant, user_id, REACTIONS).await?;
        Ok(taken > 0)
    }

    /// Forgets what is left: what they read and hid, where they may enter and let others in, and their private feed.
    async fn forget(&mut self) -> Result<(), Error> {
        let (tenant, user_id) = (self.tenant, self.user_id);
        // Whoever put them out or befriended them did it in their own name, but the feed knows when.
        let named = db::erasure::list_named(&mut self.tx, tenant, user_id).await?;
        for event in &named {
            let Some(data) = blanked(user_id, event.kind, &event.data) else {
                continue;
            };
            stream::rewrite(&mut self.tx, tenant, event.stream_id, event.seq, &data).await?;
        }
        db::erasure::delete_read_marks(&mut self.tx, tenant, user_id).await?;
        db::erasure::delete_hidden(&mut self.tx, tenant, user_id).await?;
        db::invitations::delete_invitations_of(&mut self.tx, tenant, user_id).await?;
        db::invites::update_revoked_by(&mut self.tx, tenant, user_id).await?;
        stream::erase(&mut self.tx, tenant, user_id.into()).await?;
        db::erasure::update_done(&mut self.tx, tenant, user_id).await?;
        Ok(())
    }

    async fn record(&mut self, appends: &[Append]) -> Result<(), Error> {
        if appends.is_empty() {
            return Ok(());
        }
        let results = stream::append_in(&mut self.tx, appends).await?;
        self.events.extend(stream::events_of(appends, &results));
        Ok(())
    }

    fn author(&self) -> Author<'a> {
        Author::Erased(self.tenant, self.user_id)
    }
}

/// Returns what stands in the place of an event of a person from now on, or `None` when nothing of theirs is in it.
fn blanked(user_id: UserId, kind: Option<Kind>, data: &str) -> Option<String> {
    let erased = governance::erased(user_id);
    let stored: Value = serde_json::from_str(data).ok()?;
    let mut left = stored.clone();
    match kind {
        Some(Kind::MessagePosted) => left = tombstone(&erased, &stored),
        Some(Kind::MessageEdited) => {
            left["body"] = "".into();
            left["mentions"] = json!([]);
        }
        Some(Kind::ThreadCreated) => left["title"] = UNTITLED.into(),
        Some(Kind::Notified) => {
            left["title"] = DELETED_USER.into();
            left["body"] = "".into();
        }
        // The other one's conversation is called after this person.
        Some(Kind::MembershipChanged) if stored["kind"] == "direct" => {
            left["name"] = DELETED_USER.into();
        }
        _ => {}
    }
    rename_all(&mut left, &erased);
    (left != stored).then(|| left.to_string())
}

/// What is left of a message: that there was one, by whom, and in which thread.
fn tombstone(erased: &Person, stored: &Value) -> Value {
    let mut left = json!({
        "key": "",
        "author": erased,
        "body": "",
        "rev": stored["rev"],
        "mentions": [],
        "deleted": true,
    });
    if let Some(thread) = stored.get("thread") {
        left["thread"] = thread.clone();
    }
    left
}

/// Puts the name that is left wherever the person stands in an event.
fn rename_all(value: &mut Value, erased: &Person) {
    match value {
        Value::Object(fields) => {
            if fields.get("id").and_then(Value::as_str) == Some(&erased.id)
                && fields.contains_key("name")
            {
                fields.insert("name".into(), erased.name.clone().into());
            }
            for field in fields.values_mut() {
                rename_all(field, erased);
            }
        }
        Value::Array(items) => {
            for item in items {
                rename_all(item, erased);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(kind: Kind, data: &Value) -> Option<Value> {
        let user_id = UserId(Uuid::from_u128(7));
        let text = blanked(user_id, Some(kind), &data.to_string())?;
        Some(serde_json::from_str(&text).expect("JSON"))
    }

    fn person(id: u128, name: &str) -> Value {
        json!({ "id": Uuid::from_u128(id), "name": name })
    }

    #[test]
    fn of_a_message_only_its_place_is_left() {
        let message = json!({
            "key": "k", "author": person(7, "Ada"), "body": "secret", "rev": 3, "replyTo": "x", "thread": "t",
            "mentions": ["y"], "editedAt": 9,
        });
        let expected = json!({
            "key": "", "author": person(7, DELETED_USER), "body": "", "rev": 3, "thread": "t", "mentions": [],
            "deleted": true,
        });
        assert_eq!(left(Kind::MessagePosted, &message), Some(expected.clone()));
        assert_eq!(left(Kind::MessagePosted, &expected), None);
    }

    #[test]
    fn only_the_person_s_own_name_and_words_go() {
        let role =
            |name| json!({ "user": person(7, name), "by": person(8, "Bob"), "role": "owner" });
        assert_eq!(
            left(Kind::RoleChanged, &role("Ada")),
            Some(role(DELETED_USER))
        );
        assert_eq!(
            left(Kind::MemberLeft, &json!({ "user": person(8, "Bob") })),
            None
        );
        let edited = |body, mentions| json!({ "message": "m", "body": body, "rev": 2, "mentions": mentions });
        assert_eq!(
            left(Kind::MessageEdited, &edited("new", json!(["y"]))),
            Some(edited("", json!([])))
        );
        let joined =
            |kind, name| json!({ "room": "r", "name": name, "kind": kind, "joined": true });
        assert_eq!(
            left(Kind::MembershipChanged, &joined("direct", "Ada")),
            Some(joined("direct", DELETED_USER))
        );
        assert_eq!(
            left(Kind::MembershipChanged, &joined("channel", "Ada")),
            None
        );
    }
}
