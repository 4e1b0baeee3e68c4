//! Notifications: events of the private feed that any service writes, and which of them were read.

use proto::id::EventId;
use rpc::Caller;
use time::OffsetDateTime;

use crate::{
    App, Error, db, events,
    mutation::{self, Keyed, Mutation, retrying},
};

/// Most notifications that are named in one request.
pub const IDS_MAX: usize = 200;

/// A notification.
#[derive(Debug, Clone)]
pub struct Notification {
    /// The event's id.
    pub event_id: EventId,
    /// Its place in the feed.
    pub seq: i64,
    /// The stored JSON: kind, title, body and data.
    pub data: String,
    /// When it came.
    pub at: OffsetDateTime,
    /// Whether it was read.
    pub is_read: bool,
}

/// A page of notifications, newest first.
#[derive(Debug, Clone)]
pub struct Notifications {
    /// The notifications.
    pub rows: Vec<Notification>,
    /// The next page has what came before this seq, if there is one.
    pub next: Option<i64>,
}

/// A request to mark notifications as read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Idempotency key.
    pub key: String,
    /// Which; empty for all there are.
    pub ids: Vec<EventId>,
}

/// Lists the caller's notifications before a seq, without those of people whom they must not see by now.
///
/// # Errors
/// None but the database's.
pub async fn list(
    app: &App,
    caller: &Caller,
    before: Option<i64>,
    limit: usize,
) -> Result<Notifications, Error> {
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(async move {
        let one_more = i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1;
        let before = before.unwrap_or(i64::MAX);
        let (tenant, own) = (&caller.tenant, caller.user_id);
        let mut rows =
            db::notifications::list_notifications(&db, tenant, own, before, one_more).await?;
        let is_more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| is_more).map(|last| last.seq);
        Ok(Notifications { rows, next })
    })
    .await
}

/// Marks notifications as read and returns how many are left. Ids of anything else are passed over.
///
/// # Errors
/// `Conflict`.
pub async fn read(app: &App, caller: &Caller, reading: Reading) -> Result<i64, Error> {
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move { retrying(|| read_once(&app, &caller, &reading)).await }).await
}

async fn read_once(app: &App, caller: &Caller, reading: &Reading) -> Result<i64, Error> {
    let keyed = reading.keyed();
    let mut mutation = mutation::begin(app, caller, &keyed).await?;
    if let Some(first) = mutation.first() {
        return events::unread_in(first);
    }
    let (tenant, own) = (&caller.tenant, caller.user_id);
    let is_changed = mark(caller, &mut mutation, &reading.ids).await?;
    let unread = db::notifications::count_unread(&mut *mutation.tx, tenant, own).await?;
    if !is_changed {
        return Ok(unread);
    }
    let event = events::notifications_read(caller, &reading.ids, unread, &keyed);
    mutation.record(vec![event]).await?;
    mutation::commit(app, mutation).await?;
    Ok(unread)
}

/// Writes what was read; `false` when all of it was read already.
async fn mark(caller: &Caller, mutation: &mut Mutation, ids: &[EventId]) -> Result<bool, Error> {
    let (tenant, own) = (&caller.tenant, caller.user_id);
    let tx = &mut mutation.tx;
    if ids.is_empty() {
        if db::notifications::count_unread(&mut **tx, tenant, own).await? == 0 {
            return Ok(false);
        }
        db::notifications::update_mark_to_head(tx, tenant, own).await?;
    } else {
        if db::notifications::insert_read(tx, tenant, own, ids).await? == 0 {
            return Ok(false);
        }
        db::notifications::update_mark(tx, tenant, own).await?;
    }
    // The mark says the same for what is before it.
    db::notifications::delete_read_before_mark(tx, tenant, own).await?;
    Ok(true)
}

impl Reading {
    fn keyed(&self) -> Keyed {
        let ids: Vec<&[u8]> = self
            .ids
            .iter()
            .map(|id| id.0.as_bytes().as_slice())
            .collect();
        Keyed::new(&self.key, "notifications.read", &ids)
    }
}
