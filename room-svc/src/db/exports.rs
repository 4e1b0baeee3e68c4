//! SQL of an export: what the schema holds of one person, in keyset pages.

use proto::id::{Tenant, UserId};
use sqlx::PgExecutor;
use time::OffsetDateTime;
use uuid::Uuid;

/// A room that the person is in; of a direct conversation, the other one's id and name.
pub(crate) struct MembershipRow {
    pub(crate) room_id: Uuid,
    pub(crate) name: Option<String>,
    pub(crate) kind: String,
    pub(crate) role: String,
    pub(crate) peer_id: Option<Uuid>,
}

/// How far the person got in a room; the nil thread is the room outside its threads.
pub(crate) struct ReadMarkRow {
    pub(crate) room_id: Uuid,
    pub(crate) thread_id: Uuid,
    pub(crate) read_seq: i64,
    pub(crate) delivered_seq: i64,
}

/// A reaction of the person.
pub(crate) struct ReactionRow {
    pub(crate) room_id: Uuid,
    pub(crate) message_id: Uuid,
    pub(crate) emoji: String,
    pub(crate) at: OffsetDateTime,
}

pub(crate) async fn list_memberships(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
    after: Uuid,
    limit: i64,
) -> Result<Vec<MembershipRow>, sqlx::Error> {
    sqlx::query_as!(
        MembershipRow,
        r#"
        select m.room_id, r.kind, m.role,
            case when r.kind = 'direct' then p.name else r.name end as name,
            case when r.direct_low = $2 then r.direct_high else r.direct_low end as peer_id
        from room.member m
        join room.room r on r.tenant_id = m.tenant_id and r.room_id = m.room_id
        left join room.member p
            on p.tenant_id = r.tenant_id and p.room_id = r.room_id
            and p.user_id = case when r.direct_low = $2 then r.direct_high else r.direct_low end
        where m.tenant_id = $1 and m.user_id = $2 and r.deleted_at is null and m.room_id > $3
        order by m.room_id
        limit $4
        "#,
        tenant.as_str(),
        user_id.0,
        after,
        limit,
    )
    .fetch_all(conn)
    .await
}

pub(crate) async fn list_read_marks(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
    (after_room, after_thread): (Uuid, Uuid),
    limit: i64,
) -> Result<Vec<ReadMarkRow>, sqlx::Error> {
    sqlx::query_as!(
        ReadMarkRow,
        r#"
        select room_id, thread_id, read_seq, delivered_seq
        from room.read_mark
        where tenant_id = $1 and user_id = $2 and (room_id, thread_id) > ($3, $4)
        order by room_id, thread_id
        limit $5
        "#,
        tenant.as_str(),
        user_id.0,
        after_room,
        after_thread,
        limit,
    )
    .fetch_all(conn)
    .await
}

pub(crate) async fn list_reactions(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
    (after_message, after_emoji): (Uuid, &str),
    limit: i64,
) -> Result<Vec<ReactionRow>, sqlx::Error> {
    sqlx::query_as!(
        ReactionRow,
        r#"
        select room_id, message_id, emoji, at
        from room.reaction
        where tenant_id = $1 and user_id = $2 and (message_id, emoji) > ($3, $4::text collate "C")
        order by message_id, emoji
        limit $5
        "#,
        tenant.as_str(),
        user_id.0,
        after_message,
        after_emoji,
        limit,
    )
    .fetch_all(conn)
    .await
}
