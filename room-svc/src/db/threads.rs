//! SQL on `room.thread`.

use proto::id::{EventId, RoomId, UserId};
use rpc::Caller;
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::threads::{NewThread, Thread};

struct ThreadRow {
    thread_id: Uuid,
    room_id: Uuid,
    title: String,
    root_message: Option<Uuid>,
    created_by: Uuid,
    created_at: OffsetDateTime,
    last_seq: i64,
    messages: i64,
    unread: i64,
    read: i64,
}

impl From<ThreadRow> for Thread {
    fn from(row: ThreadRow) -> Self {
        Self {
            thread_id: EventId(row.thread_id),
            room_id: RoomId(row.room_id),
            title: row.title,
            root_message: row.root_message.map(EventId),
            created_by: UserId(row.created_by),
            created_at: row.created_at,
            last_seq: row.last_seq,
            messages: row.messages,
            unread: row.unread,
            read: row.read,
        }
    }
}

pub(crate) async fn insert_thread(
    conn: &mut PgConnection,
    caller: &Caller,
    room_id: RoomId,
    new_thread: &NewThread,
    thread_id: EventId,
    seq: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        insert into room.thread (tenant_id, thread_id, room_id, title, created_by, created_at, last_seq)
        values ($1, $2, $3, $4, $5, clock_timestamp(), $6)
        "#,
        caller.tenant.as_str(),
        thread_id.0,
        room_id.0,
        new_thread.title,
        caller.user_id.0,
        seq,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Lists the threads of a room that the caller is in, the latest activity first, after a place in that order; or the
/// one that is asked for. A thread is hidden with the message that it began with, or with who gave its title.
pub(crate) async fn list_threads(
    conn: impl PgExecutor<'_>,
    caller: &Caller,
    room_id: RoomId,
    only: Option<EventId>,
    after: Option<(i64, Uuid)>,
    limit: i64,
) -> Result<Vec<Thread>, sqlx::Error> {
    let rows = sqlx::query_as!(
        ThreadRow,
        r#"
        with page as (
            select t.thread_id, t.room_id, t.title, t.root_message, t.created_by, t.created_at, t.last_seq,
                greatest(m.joined_seq, coalesce(k.read_seq, 0)) as read
            from room.member m
            join room.thread t on t.tenant_id = m.tenant_id and t.room_id = m.room_id
            left join room.message o on o.tenant_id = t.tenant_id and o.message_id = t.root_message
            left join room.read_mark k
                on k.tenant_id = m.tenant_id and k.user_id = m.user_id and k.room_id = m.room_id
                    and k.thread_id = t.thread_id
            where m.tenant_id = $1 and m.room_id = $3 and m.user_id = $2
                and ($4::uuid is null or t.thread_id = $4)
                and ($5::bigint is null or (t.last_seq, t.thread_id) < ($5, $6::uuid))
                and (coalesce(o.author, t.created_by) = $2 or (
                    not exists (
                        select 1
                        from social.block_edge b
                        where b.tenant_id = $1 and b.viewer_id = $2 and b.hidden_id = coalesce(o.author, t.created_by)
                    )
                    and not exists (
                        select 1
                        from moderation.shadow_ban s
                        where s.tenant_id = $1 and s.user_id = coalesce(o.author, t.created_by)
                    )
                ))
            order by t.last_seq desc, t.thread_id desc
            limit $7
        )
        select p.thread_id, p.room_id, p.title, p.root_message, p.created_by, p.created_at, p.last_seq,
            p.read as "read!", c.messages as "messages!", n.unread as "unread!"
        from page p
        cross join lateral (
            select count(*) as messages
            from room.message g
            where g.tenant_id = $1 and g.room_id = $3 and g.lane = p.thread_id and not g.is_deleted
                and (g.author = $2 or (
                    not exists (
                        select 1
                        from social.block_edge b
                        where b.tenant_id = $1 and b.viewer_id = $2 and b.hidden_id = g.author
                    )
                    and not exists (
                        select 1 from moderation.shadow_ban s where s.tenant_id = $1 and s.user_id = g.author
                    )
                ))
                and (
                    select h.message_id
                    from room.hidden h
                    where h.tenant_id = $1 and h.user_id = $2 and h.message_id = g.message_id
                ) is null
        ) c
        cross join lateral (
            select count(*) as unread, count(*) filter (where u.is_mention) as mentions
            from (
                select $2 = any(g.mentions) as is_mention
                from room.message g
                where g.tenant_id = $1 and g.room_id = p.room_id and g.lane = p.thread_id
                    and g.seq > p.read
                    and g.author <> $2 and not g.is_deleted
                    and (g.author = $2 or (
                        not exists (
                            select 1
                            from social.block_edge b
                            where b.tenant_id = $1 and b.viewer_id = $2 and b.hidden_id = g.author
                        )
                        and not exists (
                            select 1 from moderation.shadow_ban s where s.tenant_id = $1 and s.user_id = g.author
                        )
                    ))
                    and (
                        select h.message_id
                        from room.hidden h
                        where h.tenant_id = $1 and h.user_id = $2 and h.message_id = g.message_id
                    ) is null
                order by g.seq desc
                limit 1000
            ) u
        ) n
        order by p.last_seq desc, p.thread_id desc
        "#,
        caller.tenant.as_str(),
        caller.user_id.0,
        room_id.0,
        only.map(|thread_id| thread_id.0),
        after.map(|(last_seq, _)| last_seq),
        after.map(|(_, thread_id)| thread_id),
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Thread::from).collect())
}
