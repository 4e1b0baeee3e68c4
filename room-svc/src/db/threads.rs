//! SQL on `room.thread`.

use proto::id::{EventId, RoomId, UserId};
use rpc::Caller;
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::threads::Thread;

struct ThreadRow {
    thread_id: Uuid,
    title: String,
    root_message: Option<Uuid>,
    created_by: Uuid,
    created_at: OffsetDateTime,
    last_seq: i64,
    messages: i64,
    unread: i64,
    read: i64,
}

impl ThreadRow {
    fn into_thread(self, room_id: RoomId) -> Thread {
        let created_at = self.created_at;
        Thread {
            thread_id: EventId(self.thread_id),
            room_id,
            title: self.title,
            root_message: self.root_message.map(EventId),
            created_by: UserId(self.created_by),
            created_at_ms: created_at.unix_timestamp() * 1_000
                + i64::from(created_at.millisecond()),
            last_seq: self.last_seq,
            messages: self.messages,
            unread: self.unread,
            read: self.read,
        }
    }
}

pub(crate) async fn insert_thread(
    conn: &mut PgConnection,
    caller: &Caller,
    thread: &Thread,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        insert into room.thread (tenant_id, thread_id, room_id, title, created_by, created_at, last_seq)
        values ($1, $2, $3, $4, $5, timestamptz 'epoch' + $6::bigint * interval '1 millisecond', $7)
        "#,
        caller.tenant.as_str(),
        thread.thread_id.0,
        thread.room_id.0,
        thread.title,
        thread.created_by.0,
        thread.created_at_ms,
        thread.last_seq,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Lists the threads of a room that the caller is in, the latest activity first, after a place in that order. A thread
/// is hidden with the message that it began with, or with who gave its title.
pub(crate) async fn list_threads(
    conn: impl PgExecutor<'_>,
    caller: &Caller,
    room_id: RoomId,
    (last_seq, thread_id): (i64, Uuid),
    limit: i64,
) -> Result<Vec<Thread>, sqlx::Error> {
    let rows = sqlx::query_as!(
        ThreadRow,
        r#"
        with page as (
            select t.thread_id, t.title, t.root_message, t.created_by, t.created_at, t.last_seq
            from room.thread t
            left join room.message o on o.tenant_id = t.tenant_id and o.message_id = t.root_message
            cross join lateral (select coalesce(o.author, t.created_by) as opener) w
            where t.tenant_id = $1 and t.room_id = $3 and (t.last_seq, t.thread_id) < ($4, $5::uuid)
                and (w.opener = $2 or (
                    not exists (
                        select 1 from social.block_edge b
                        where b.tenant_id = $1 and b.viewer_id = $2 and b.hidden_id = w.opener
                    )
                    and not exists (
                        select 1 from moderation.shadow_ban s where s.tenant_id = $1 and s.user_id = w.opener
                    )
                ))
            order by t.last_seq desc, t.thread_id desc limit $6
        )
        select p.thread_id, p.title, p.root_message, p.created_by, p.created_at, p.last_seq,
            greatest(m.joined_seq, k.read_seq) as "read!", c.messages as "messages!", n.unread as "unread!"
        from page p
        join room.member m on m.tenant_id = $1 and m.room_id = $3 and m.user_id = $2
        left join room.read_mark k
            on k.tenant_id = $1 and k.user_id = $2 and k.room_id = $3 and k.thread_id = p.thread_id
        cross join lateral (
            select count(*) as messages
            from room.message g
            where g.tenant_id = $1 and g.room_id = $3 and g.lane = p.thread_id and not g.is_deleted
                and (g.author = $2 or (
                    not exists (
                        select 1 from social.block_edge b
                        where b.tenant_id = $1 and b.viewer_id = $2 and b.hidden_id = g.author
                    )
                    and not exists (
                        select 1 from moderation.shadow_ban s where s.tenant_id = $1 and s.user_id = g.author
                    )
                ))
                and not exists (
                    select 1 from room.hidden h
                    where h.tenant_id = $1 and h.user_id = $2 and h.message_id = g.message_id
                )
        ) c
        cross join lateral room.unread($1, $2, $3, p.thread_id, greatest(m.joined_seq, k.read_seq)) n
        order by p.last_seq desc, p.thread_id desc
        "#,
        caller.tenant.as_str(),
        caller.user_id.0,
        room_id.0,
        last_seq,
        thread_id,
        limit,
    )
    .fetch_all(conn)
    .await?;
    let rows = rows.into_iter().map(|row| row.into_thread(room_id));
    Ok(rows.collect())
}
