//! SQL on `room.message`: writing, and what a change of a message must know. Pages of them are in [`super::history`].

use proto::{
    event::Kind,
    id::{EventId, RoomId, Tenant, UserId},
};
use rpc::Caller;
use sqlx::{PgConnection, PgExecutor};
use stream::Appended;
use uuid::Uuid;

/// What a message refers to.
pub(crate) struct References {
    pub(crate) is_member: bool,
    /// Whether the answered message is there; true when none is answered.
    pub(crate) is_reply_found: bool,
    /// The thread that is meant, if it is there.
    pub(crate) thread: Option<EventId>,
}

/// A message that this transaction holds.
pub(crate) struct LockedMessage {
    pub(crate) seq: i64,
    pub(crate) author: UserId,
    pub(crate) thread: Option<EventId>,
    pub(crate) rev: u32,
    pub(crate) mentions: Vec<UserId>,
    pub(crate) is_deleted: bool,
    /// Whether the caller may see it.
    pub(crate) is_visible: bool,
}

/// Asks the log's guard, and answers what it refuses for.
pub(crate) async fn find_refusal(
    conn: &mut PgConnection,
    caller: &Caller,
    room_id: RoomId,
    kind: Kind,
) -> Result<Option<String>, sqlx::Error> {
    let reason = sqlx::query_scalar!(
        r#"
        select room.may_append_alone($1, $2, $3, $4, $5) as reason
        "#,
        caller.tenant.as_str(),
        room_id.0,
        caller.user_id.0,
        caller.session_id.0,
        kind.number(),
    )
    .fetch_one(conn)
    .await?;
    Ok(reason)
}

/// Finds what a new message of the caller's refers to, among what they may see. A message of a thread stands for its
/// thread, and a message outside threads for the thread that it begins.
pub(crate) async fn find_references(
    conn: impl PgExecutor<'_>,
    caller: &Caller,
    room_id: RoomId,
    reply_to: Option<EventId>,
    thread: Option<EventId>,
) -> Result<References, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        with seen as (
            select g.message_id, g.thread_id, g.is_deleted
            from room.message g
            where g.tenant_id = $1 and g.room_id = $2 and g.message_id = any(array[$4::uuid, $5::uuid])
                and (g.author = $3 or (
                    not exists (
                        select 1
                        from social.block_edge b
                        where b.tenant_id = $1 and b.viewer_id = $3 and b.hidden_id = g.author
                    )
                    and not exists (
                        select 1 from moderation.shadow_ban s where s.tenant_id = $1 and s.user_id = g.author
                    )
                ))
                and (
                    select h.message_id
                    from room.hidden h
                    where h.tenant_id = $1 and h.user_id = $3 and h.message_id = g.message_id
                ) is null
        )
        select
            exists (
                select 1 from room.member m where m.tenant_id = $1 and m.room_id = $2 and m.user_id = $3
            ) as "is_member!",
            $4::uuid is null or exists (select 1 from seen where message_id = $4) as "is_reply_found!",
            coalesce(
                (
                    select t.thread_id
                    from room.thread t
                    where t.tenant_id = $1 and t.room_id = $2 and t.thread_id = $5
                ),
                (select coalesce(thread_id, message_id) from seen where message_id = $5 and not is_deleted)
            ) as thread_id
        "#,
        caller.tenant.as_str(),
        room_id.0,
        caller.user_id.0,
        reply_to.map(|id| id.0),
        thread.map(|id| id.0),
    )
    .fetch_one(conn)
    .await?;
    Ok(References {
        is_member: row.is_member,
        is_reply_found: row.is_reply_found,
        thread: row.thread_id.map(EventId),
    })
}

/// Locks the heads of a room's stream and of people's feeds, in the order in which every append locks them.
pub(crate) async fn lock_heads(
    conn: &mut PgConnection,
    caller: &Caller,
    room_id: RoomId,
    people: &[UserId],
) -> Result<(), sqlx::Error> {
    let streams: Vec<Uuid> = people
        .iter()
        .map(|user_id| user_id.0)
        .chain([room_id.0])
        .collect();
    sqlx::query!(
        r#"
        select h.seq
        from stream.head h
        where h.tenant_id = $1 and h.stream_id = any($2)
        order by h.tenant_id, h.stream_id
        for no key update
        "#,
        caller.tenant.as_str(),
        &streams,
    )
    .fetch_all(conn)
    .await?;
    Ok(())
}

/// Does for a message of our own transaction what the log does for those it stores.
pub(crate) async fn insert_message(
    conn: &mut PgConnection,
    caller: &Caller,
    room_id: RoomId,
    appended: &Appended,
    data: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        select room.apply_alone(
            $1, $2, $3, $4, $5, $6, $7, timestamptz 'epoch' + $8::bigint * interval '1 millisecond'
        )::text as "done?"
        "#,
        caller.tenant.as_str(),
        room_id.0,
        appended.seq,
        appended.event_id.0,
        caller.user_id.0,
        Kind::MessagePosted.number(),
        data,
        appended.at_ms,
    )
    .fetch_one(conn)
    .await?;
    Ok(())
}

/// Finds what a room is called; none for a direct conversation.
pub(crate) async fn find_room_name(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "select name from room.room where tenant_id = $1 and room_id = $2 and kind <> 'direct'",
        tenant.as_str(),
        room_id.0,
    )
    .fetch_optional(conn)
    .await
}

/// Locks a message: edits, deletions, reactions and pins of it follow each other.
pub(crate) async fn lock_message(
    conn: &mut PgConnection,
    caller: &Caller,
    room_id: RoomId,
    message_id: EventId,
) -> Result<Option<LockedMessage>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        select g.seq, g.author, g.thread_id, g.rev, g.mentions, g.is_deleted,
            (g.author = $3 or (
                not exists (
                    select 1
                    from social.block_edge b
                    where b.tenant_id = $1 and b.viewer_id = $3 and b.hidden_id = g.author
                )
                and not exists (
                    select 1 from moderation.shadow_ban s where s.tenant_id = $1 and s.user_id = g.author
                )
            ))
            and (
                select h.message_id
                from room.hidden h
                where h.tenant_id = $1 and h.user_id = $3 and h.message_id = g.message_id
            ) is null as "is_visible!"
        from room.message g
        where g.tenant_id = $1 and g.room_id = $2 and g.message_id = $4
        for no key update of g
        "#,
        caller.tenant.as_str(),
        room_id.0,
        caller.user_id.0,
        message_id.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| LockedMessage {
        seq: row.seq,
        author: UserId(row.author),
        thread: row.thread_id.map(EventId),
        rev: row.rev.unsigned_abs(),
        mentions: row.mentions.into_iter().map(UserId).collect(),
        is_deleted: row.is_deleted,
        is_visible: row.is_visible,
    }))
}

/// Reads what the log holds of a message. Asked after its lock: nobody changes it meanwhile.
pub(crate) async fn get_data(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
    seq: i64,
) -> Result<String, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        select e.data::text as "data!"
        from stream.event e
        where e.tenant_id = $1 and e.stream_id = $2 and e.seq = $3
        "#,
        tenant.as_str(),
        room_id.0,
        seq,
    )
    .fetch_one(conn)
    .await
}

/// Takes over another text.
pub(crate) async fn update_body(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
    seq: i64,
    body: &str,
    mentions: &[UserId],
) -> Result<(), sqlx::Error> {
    let mentions: Vec<Uuid> = mentions.iter().map(|user_id| user_id.0).collect();
    sqlx::query!(
        r#"
        update room.message
        set rev = rev + 1, mentions = $5, search = room.words(room_id, $4)
        where tenant_id = $1 and room_id = $2 and seq = $3
        "#,
        tenant.as_str(),
        room_id.0,
        seq,
        body,
        &mentions,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Makes a message a tombstone.
pub(crate) async fn update_deleted(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
    seq: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        update room.message
        set is_deleted = true, mentions = '{}', search = ''
        where tenant_id = $1 and room_id = $2 and seq = $3
        "#,
        tenant.as_str(),
        room_id.0,
        seq,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes a message from a person's own devices. `false` when it was taken already.
pub(crate) async fn insert_hidden(
    conn: &mut PgConnection,
    caller: &Caller,
    room_id: RoomId,
    message_id: EventId,
) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query!(
        r#"
        insert into room.hidden (tenant_id, user_id, message_id, room_id)
        values ($1, $2, $3, $4)
        on conflict (tenant_id, user_id, message_id) do nothing
        "#,
        caller.tenant.as_str(),
        caller.user_id.0,
        message_id.0,
        room_id.0,
    )
    .execute(conn)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Writes what a moderator did to another's message into the audit log.
pub(crate) async fn insert_act(
    conn: &mut PgConnection,
    caller: &Caller,
    room_id: RoomId,
    message_id: EventId,
    author: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        select moderation.record_act(
            $1, $2, 'message.delete', $3, jsonb_build_object('room', $4::text, 'author', $5::text)
        )::text as "done?"
        "#,
        caller.tenant.as_str(),
        caller.user_id.0,
        message_id.to_string(),
        room_id.to_string(),
        author.to_string(),
    )
    .fetch_one(conn)
    .await?;
    Ok(())
}

/// Whether a person took a message from their own devices.
pub(crate) async fn is_hidden(
    conn: &mut PgConnection,
    caller: &Caller,
    message_id: EventId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        select exists (
            select 1 from room.hidden where tenant_id = $1 and user_id = $2 and message_id = $3
        ) as "is_hidden!"
        "#,
        caller.tenant.as_str(),
        caller.user_id.0,
        message_id.0,
    )
    .fetch_one(conn)
    .await
}
