//! What word filters report by themselves.

use proto::id::{EventId, FilterId, RoomId, Tenant, UserId};

use crate::{
    App, Error, db,
    reports::{Category, Report},
};

/// A message that a filter caught but did not refuse.
#[derive(Debug, Clone)]
pub struct Alert {
    /// Whose installation.
    pub tenant: Tenant,
    /// Which filter.
    pub filter_id: FilterId,
    /// Which message.
    pub message_id: EventId,
    /// Its room.
    pub room_id: RoomId,
    /// Its author.
    pub user_id: UserId,
    /// Its text.
    pub snapshot: String,
}

/// Puts a message into the queue, once per message and filter.
///
/// # Errors
/// None but the database's.
pub async fn file(app: &App, alert: Alert) -> Result<(), Error> {
    let mut report = Report::open(alert.user_id, Category::Filter);
    report.filter_id = Some(alert.filter_id);
    report.message_id = Some(alert.message_id);
    report.room_id = Some(alert.room_id);
    report.snapshot = alert.snapshot;
    let db = app.db.clone();
    pg::unit(async move {
        let mut conn = db.acquire().await?;
        db::reports::insert_alert(&mut conn, &alert.tenant, &report).await?;
        Ok(())
    })
    .await
}
