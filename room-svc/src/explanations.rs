//! Why somebody has a message, or has not: what the log and the rules say. What sockets do, gateways know.

use proto::id::{EventId, RoomId, Tenant, UserId};

use crate::{App, Error, db};

/// A message and a person, as the rules stand now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The room it stands in.
    pub room_id: RoomId,
    /// Its place there.
    pub seq: i64,
    /// When it was stored, milliseconds since the epoch.
    pub at_ms: i64,
    /// Who wrote it.
    pub author: UserId,
    /// Whether it was taken away for everyone.
    pub is_deleted: bool,
    /// Where the room's stream stood when the person came; none for one who is not in the room.
    pub joined_seq: Option<i64>,
    /// Whether the person took it from their own devices.
    pub is_hidden: bool,
    /// Whether a block, either's, hides the author from the person.
    pub is_author_blocked: bool,
    /// Whether nobody but the author hears the author.
    pub is_author_shadowed: bool,
    /// Whether the person is banned from the installation.
    pub is_banned: bool,
    /// What the person's devices say they have got.
    pub delivered_seq: i64,
    /// What the person has read.
    pub read_seq: i64,
}

/// Says what there is to say of a message and a person. The person need not exist: nobody is in no room.
///
/// # Errors
/// `MessageNotFound`.
pub async fn explain(
    app: &App,
    tenant: Tenant,
    message_id: EventId,
    user_id: UserId,
) -> Result<Explanation, Error> {
    let db = app.db.clone();
    pg::unit(async move {
        let found = db::explanations::find_explanation(&db, &tenant, message_id, user_id).await?;
        found.ok_or(Error::MessageNotFound)
    })
    .await
}
