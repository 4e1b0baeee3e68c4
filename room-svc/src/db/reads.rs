//! SQL on `room.read_mark`, and counting what is unread. What another person must never see is not counted either, so
//! the same conditions stand here as where pages are read.

use proto::id::{EventId, RoomId, UserId};
use rpc::Caller;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::reads::{Counter, Delivered, Receipt};

/// Where a person stands in a room or one of its threads.
pub(crate) struct Reader {
    /// How far they have read.
    pub(crate) read: i64,
    /// Where the room's stream ends.
    pub(crate) head: i64,
    /// How many are in the room.
    pub(crate) members: i64,
    /// Whether the room has the thread in question; true when none is.
    pub(crate) is_thread_found: bool,
}

/// Finds where the caller stands; none for one who is not in the room.
pub(crate) async fn find_reader(
    conn: &mut PgConnection,
    caller: &Caller,
    room_id: RoomId,
    thread: Option<EventId>,
) -> Result<Option<Reader>, sqlx::Error> {
    sqlx::query_as!(
        Reader,
        r#"
        select greatest(m.joined_seq, coalesce(k.read_seq, 0)) as "read!", coalesce(d.seq, 0) as "head!", r.members,
            $4::uuid is null or exists (
                select 1
                from room.thread t
                where t.tenant_id = $1 and t.room_id = $3 and t.thread_id = $4
            ) as "is_thread_found!"
        from room.member m
        join room.room r on r.tenant_id = m.tenant_id and r.room_id = m.room_id
        left join stream.head d on d.tenant_id = m.tenant_id and d.stream_id = m.room_id
        left join room.read_mark k
            on k.tenant_id = m.tenant_id and k.user_id = m.user_id and k.room_id = m.room_id
                and k.thread_id = coalesce($4::uuid, '00000000-0000-0000-0000-000000000000')
        where m.tenant_id = $1 and m.room_id = $3 and m.user_id = $2
        "#,
        caller.tenant.as_str(),
        caller.user_id.0,
        room_id.0,
        thread.map(|thread| thread.0),
    )
    .fetch_optional(conn)
    .await
}

/// Notes how far the caller has read; what was read was delivered.
pub(crate) async fn update_read(
    conn: &mut PgConnection,
    caller: &Caller,
    room_id: RoomId,
    thread: Option<EventId>,
    seq: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        insert into room.read_mark as k (tenant_id, user_id, room_id, thread_id, read_seq, delivered_seq)
        values ($1, $2, $3, $4, $5, $5)
        on conflict (tenant_id, user_id, room_id, thread_id) do update
        set read_seq = greatest(k.read_seq, excluded.read_seq),
            delivered_seq = greatest(k.delivered_seq, excluded.delivered_seq)
        "#,
        caller.tenant.as_str(),
        caller.user_id.0,
        room_id.0,
        thread.map_or(Uuid::nil(), |thread| thread.0),
        seq,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Counts what the caller has not read of a room outside its threads, or of one thread, as of the room's head. Row by
/// row from the newest, so that no more is read than is counted.
pub(crate) async fn count_unread(
    conn: &mut PgConnection,
    caller: &Caller,
    room_id: RoomId,
    thread: Option<EventId>,
) -> Result<Counter, sqlx::Error> {
    sqlx::query_as!(
        Counter,
        r#"
        select a.read as "read!", a.head as "head!", c.unread as "unread!", c.mentions as "mentions!"
        from (
            select m.room_id, greatest(m.joined_seq, coalesce(k.read_seq, 0)) as read, coalesce(d.seq, 0) as head
            from room.member m
            left join stream.head d on d.tenant_id = m.tenant_id and d.stream_id = m.room_id
            left join room.read_mark k
                on k.tenant_id = m.tenant_id and k.user_id = m.user_id and k.room_id = m.room_id
                    and k.thread_id = $4
            where m.tenant_id = $1 and m.room_id = $3 and m.user_id = $2
        ) a
        cross join lateral (
            select count(*) as unread, count(*) filter (where u.is_mention) as mentions
            from (
                select $2 = any(g.mentions) as is_mention
                from room.message g
                where g.tenant_id = $1 and g.room_id = a.room_id and g.lane = $4
                    and g.seq > a.read
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
        ) c
        "#,
        caller.tenant.as_str(),
        caller.user_id.0,
        room_id.0,
        thread.map_or(Uuid::nil(), |thread| thread.0),
    )
    .fetch_one(conn)
    .await
}

/// Notes how far messages have reached the caller's devices, in rooms that they are in and never beyond the head.
/// Answers what is news, and how many are in each of those rooms.
pub(crate) async fn update_delivered(
    conn: impl PgExecutor<'_>,
    caller: &Caller,
    rooms: &[Uuid],
    seqs: &[i64],
) -> Result<Vec<Delivered>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        with news as (
            insert into room.read_mark as k (tenant_id, user_id, room_id, thread_id, read_seq, delivered_seq)
            select m.tenant_id, m.user_id, m.room_id, '00000000-0000-0000-0000-000000000000', 0, least(i.seq, d.seq)
            from (
                select a.room_id, max(a.seq) as seq
                from unnest($3::uuid[], $4::bigint[]) as a (room_id, seq)
                group by a.room_id
            ) i
            join room.member m on m.tenant_id = $1 and m.room_id = i.room_id and m.user_id = $2
            join stream.head d on d.tenant_id = $1 and d.stream_id = i.room_id
            where i.seq > 0
            order by m.room_id
            on conflict (tenant_id, user_id, room_id, thread_id) do update
            set delivered_seq = excluded.delivered_seq
            where k.delivered_seq < excluded.delivered_seq
            returning k.room_id, k.delivered_seq
        )
        select n.room_id, n.delivered_seq, r.members
        from news n
        join room.room r on r.tenant_id = $1 and r.room_id = n.room_id
        "#,
        caller.tenant.as_str(),
        caller.user_id.0,
        rooms,
        seqs,
    )
    .fetch_all(conn)
    .await?;
    let news = rows.into_iter().map(|row| Delivered {
        room_id: RoomId(row.room_id),
        seq: row.delivered_seq,
        members: row.members,
    });
    Ok(news.collect())
}

/// Lists how far the members of a room have got, as the caller may see them, those who read furthest first.
pub(crate) async fn list_receipts(
    conn: impl PgExecutor<'_>,
    caller: &Caller,
    room_id: RoomId,
    limit: i64,
) -> Result<Vec<Receipt>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        select m.user_id, greatest(m.joined_seq, coalesce(k.read_seq, 0)) as "read!",
            greatest(m.joined_seq, coalesce(k.delivered_seq, 0)) as "delivered!"
        from room.member m
        left join room.read_mark k
            on k.tenant_id = m.tenant_id and k.user_id = m.user_id and k.room_id = m.room_id
                and k.thread_id = '00000000-0000-0000-0000-000000000000'
        where m.tenant_id = $1 and m.room_id = $3
            and not exists (
                select 1
                from social.block_edge b
                where b.tenant_id = $1 and b.viewer_id = $2 and b.hidden_id = m.user_id
            )
            and (m.user_id = $2 or not exists (
                select 1 from moderation.shadow_ban s where s.tenant_id = $1 and s.user_id = m.user_id
            ))
        order by 2 desc, 3 desc, m.user_id
        limit $4
        "#,
        caller.tenant.as_str(),
        caller.user_id.0,
        room_id.0,
        limit,
    )
    .fetch_all(conn)
    .await?;
    let receipts = rows.into_iter().map(|row| Receipt {
        user_id: UserId(row.user_id),
        delivered: row.delivered,
        read: row.read,
    });
    Ok(receipts.collect())
}
