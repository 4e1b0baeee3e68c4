//! SQL on `room.room`, and the heads of rooms' streams beside it.

use pg::OnConstraint;
use proto::id::{EventId, RoomId, Tenant, UserId};
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    Error,
    memberships::MyRoom,
    pages::Paging,
    reads::Counter,
    rooms::{Head, NewRoom, Room, RoomKind},
    users::DELETED_USER,
};

/// A room that this transaction holds: its membership cannot change beside it.
pub(crate) struct LockedRoom {
    pub(crate) name: String,
    pub(crate) kind: RoomKind,
    pub(crate) topic: String,
    pub(crate) slow_mode_ms: i64,
    pub(crate) members: i64,
}

struct RoomRow {
    room_id: Uuid,
    name: String,
    name_folded: String,
    kind: String,
    topic: String,
    members: i64,
    created_at: OffsetDateTime,
    slow_mode_ms: i64,
    is_joined: bool,
    is_invited: bool,
    peer_id: Option<Uuid>,
    peer_name: Option<String>,
}

impl From<RoomRow> for Room {
    fn from(row: RoomRow) -> Self {
        let kind = RoomKind::from_stored(&row.kind);
        Self {
            room_id: RoomId(row.room_id),
            name: shown_name(kind, row.name, row.peer_name),
            name_folded: row.name_folded,
            kind,
            topic: row.topic,
            members: row.members,
            created_at: row.created_at,
            slow_mode_ms: row.slow_mode_ms,
            is_joined: row.is_joined,
            is_invited: row.is_invited,
            peer_id: row.peer_id.map(UserId),
        }
    }
}

/// A direct conversation is called after the other one, who may be gone.
fn shown_name(kind: RoomKind, name: String, peer_name: Option<String>) -> String {
    match kind {
        RoomKind::Direct => peer_name.unwrap_or_else(|| DELETED_USER.into()),
        RoomKind::Channel | RoomKind::Private => name,
    }
}

pub(crate) async fn insert_room(
    conn: &mut PgConnection,
    tenant: &Tenant,
    created_by: UserId,
    room_id: RoomId,
    new_room: &NewRoom,
) -> Result<(), Error> {
    let inserted = sqlx::query!(
        r#"
        insert into room.room (tenant_id, room_id, name, name_folded, kind, topic, created_by)
        values ($1, $2, $3, $4, $5, $6, $7)
        "#,
        tenant.as_str(),
        room_id.0,
        new_room.name.as_str(),
        new_room.name.folded(),
        new_room.kind.as_str(),
        new_room.topic,
        created_by.0,
    )
    .execute(conn)
    .await;
    inserted
        .map(|_| ())
        .on_constraint("room_name_key", || Error::RoomExists)
}

pub(crate) async fn find_room_id(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    name_folded: &str,
) -> Result<Option<RoomId>, sqlx::Error> {
    let room_id = sqlx::query_scalar!(
        r#"
        select room_id
        from room.room
        where tenant_id = $1 and name_folded = $2 and deleted_at is null and kind <> 'direct'
        "#,
        tenant.as_str(),
        name_folded,
    )
    .fetch_optional(conn)
    .await?;
    Ok(room_id.map(RoomId))
}

pub(crate) async fn find_room(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
    room_id: RoomId,
) -> Result<Option<Room>, sqlx::Error> {
    let row = sqlx::query_as!(
        RoomRow,
        r#"
        select r.room_id, r.name, r.name_folded, r.kind, r.topic, r.members, r.created_at, r.slow_mode_ms,
            m.user_id is not null as "is_joined!", i.user_id is not null as "is_invited!",
            case when r.direct_low = $2 then r.direct_high else r.direct_low end as peer_id,
            p.name as "peer_name?"
        from room.room r
        left join room.member m
            on m.tenant_id = r.tenant_id and m.room_id = r.room_id and m.user_id = $2
        left join room.invitation i
            on i.tenant_id = r.tenant_id and i.room_id = r.room_id and i.user_id = $2
        left join room.member p
            on p.tenant_id = r.tenant_id and p.room_id = r.room_id
            and p.user_id = case when r.direct_low = $2 then r.direct_high else r.direct_low end
        where r.tenant_id = $1 and r.room_id = $3 and r.deleted_at is null
        "#,
        tenant.as_str(),
        user_id.0,
        room_id.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(Room::from))
}

/// Waits for every change of this room's membership that is under way, and makes later ones wait.
pub(crate) async fn lock_room(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
) -> Result<Option<LockedRoom>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        select name, kind, topic, slow_mode_ms, members
        from room.room
        where tenant_id = $1 and room_id = $2 and deleted_at is null
        for no key update
        "#,
        tenant.as_str(),
        room_id.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| LockedRoom {
        name: row.name,
        kind: RoomKind::from_stored(&row.kind),
        topic: row.topic,
        slow_mode_ms: row.slow_mode_ms,
        members: row.members,
    }))
}

pub(crate) async fn add_members(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
    change: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update room.room set members = members + $3 where tenant_id = $1 and room_id = $2",
        tenant.as_str(),
        room_id.0,
        change,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Lists the rooms that a person may see and whose folded name is like `pattern`.
pub(crate) async fn list_visible(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
    pattern: &str,
    paging: &Paging,
) -> Result<Vec<Room>, sqlx::Error> {
    let (after_name, after_id) = paging.start();
    let rows = sqlx::query_as!(
        RoomRow,
        r#"
        select r.room_id, r.name, r.name_folded, r.kind, r.topic, r.members, r.created_at, r.slow_mode_ms,
            m.user_id is not null as "is_joined!", i.user_id is not null as "is_invited!",
            null::uuid as peer_id, null::text as peer_name
        from room.room r
        left join room.member m
            on m.tenant_id = r.tenant_id and m.room_id = r.room_id and m.user_id = $2
        left join room.invitation i
            on i.tenant_id = r.tenant_id and i.room_id = r.room_id and i.user_id = $2
        where r.tenant_id = $1 and r.deleted_at is null and r.kind <> 'direct'
            and (r.kind = 'channel' or m.user_id is not null or i.user_id is not null)
            and r.name_folded like $3
            and ($4::text is null or (r.name_folded, r.room_id) > ($4, $5::uuid))
        order by r.name_folded, r.room_id
        limit $6
        "#,
        tenant.as_str(),
        user_id.0,
        pattern,
        after_name,
        after_id,
        paging.rows_to_read(),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Room::from).collect())
}

/// One room of one of several people, as the statement answers it.
struct JoinedRow {
    nth: i64,
    room_id: Uuid,
    name: String,
    name_folded: String,
    kind: String,
    topic: String,
    members: i64,
    created_at: OffsetDateTime,
    slow_mode_ms: i64,
    peer_id: Option<Uuid>,
    peer_name: Option<String>,
    head: i64,
    head_id: Option<Uuid>,
    read: i64,
    unread: i64,
    mentions: i64,
}

impl From<JoinedRow> for MyRoom {
    fn from(row: JoinedRow) -> Self {
        Self {
            head: Head {
                seq: row.head,
                event_id: row.head_id.map(EventId),
            },
            counter: Counter {
                read: row.read,
                unread: row.unread,
                mentions: row.mentions,
                head: row.head,
            },
            room: Room {
                room_id: RoomId(row.room_id),
                name: shown_name(RoomKind::from_stored(&row.kind), row.name, row.peer_name),
                name_folded: row.name_folded,
                kind: RoomKind::from_stored(&row.kind),
                topic: row.topic,
                members: row.members,
                created_at: row.created_at,
                slow_mode_ms: row.slow_mode_ms,
                is_joined: true,
                is_invited: false,
                peer_id: row.peer_id.map(UserId),
            },
        }
    }
}

/// Lists the rooms that each of these people is in with their heads and what is unread in them (at most 1,000 each), in
/// the order given. One statement: everything is of one moment.
pub(crate) async fn list_joined(
    conn: impl PgExecutor<'_>,
    people: &[(Tenant, UserId)],
) -> Result<Vec<Vec<MyRoom>>, sqlx::Error> {
    let tenants: Vec<&str> = people.iter().map(|(tenant, _)| tenant.as_str()).collect();
    let ids: Vec<Uuid> = people.iter().map(|(_, user_id)| user_id.0).collect();
    let rows = sqlx::query_as!(
        JoinedRow,
        r#"
        select w.nth as "nth!",
            j.room_id as "room_id!", j.name as "name!", j.name_folded as "name_folded!", j.kind as "kind!",
            j.topic as "topic!", j.members as "members!", j.created_at as "created_at!", j.slow_mode_ms as "slow_mode_ms!",
            j.peer_id as "peer_id?", j.peer_name as "peer_name?", j.head as "head!", j.head_id as "head_id?",
            j.read as "read!", j.unread as "unread!", j.mentions as "mentions!"
        from unnest($1::text[], $2::uuid[]) with ordinality as w (tenant_id, user_id, nth)
        cross join lateral (
            select r.room_id, r.name, r.name_folded, r.kind, r.topic, r.members, r.created_at, r.slow_mode_ms,
                case when r.direct_low = m.user_id then r.direct_high else r.direct_low end as peer_id,
                p.name as peer_name, coalesce(p.name_folded, r.name_folded) as shown, coalesce(d.seq, 0) as head,
                e.event_id as head_id, a.read, c.unread, c.mentions
            from room.member m
            join room.room r on r.tenant_id = m.tenant_id and r.room_id = m.room_id
            left join lateral (
                select o.name, o.name_folded
                from room.member o
                where o.tenant_id = w.tenant_id and o.room_id = r.room_id
                    and o.user_id = case when r.direct_low = w.user_id then r.direct_high else r.direct_low end
                limit 1
            ) p on true
            left join stream.head d on d.tenant_id = m.tenant_id and d.stream_id = m.room_id
            left join stream.event e
                on e.tenant_id = d.tenant_id and e.stream_id = d.stream_id and e.seq = d.seq
            left join room.read_mark k
                on k.tenant_id = m.tenant_id and k.user_id = m.user_id and k.room_id = m.room_id
                    and k.thread_id = '00000000-0000-0000-0000-000000000000'
            cross join lateral (select greatest(m.joined_seq, coalesce(k.read_seq, 0)) as read) a
            cross join lateral room.unread(
                w.tenant_id, w.user_id, m.room_id, '00000000-0000-0000-0000-000000000000', a.read
            ) c
            where m.tenant_id = w.tenant_id and m.user_id = w.user_id and r.deleted_at is null
            -- Kept apart: joined to all people at once, members would be read from end to end.
            offset 0
        ) j
        order by w.nth, j.shown, j.room_id
        "#,
        &tenants as &[&str],
        &ids,
    )
    .fetch_all(conn)
    .await?;
    let mut joined = vec![Vec::new(); people.len()];
    for row in rows {
        let place = usize::try_from(row.nth - 1).ok();
        if let Some(rooms) = place.and_then(|place| joined.get_mut(place)) {
            rooms.push(row.into());
        }
    }
    Ok(joined)
}

/// Finds the end of a room's stream.
pub(crate) async fn find_head(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
) -> Result<Head, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        select h.seq, e.event_id
        from stream.head h
        join stream.event e on e.tenant_id = h.tenant_id and e.stream_id = h.stream_id and e.seq = h.seq
        where h.tenant_id = $1 and h.stream_id = $2
        "#,
        tenant.as_str(),
        room_id.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map_or(
        Head {
            seq: 0,
            event_id: None,
        },
        |row| Head {
            seq: row.seq,
            event_id: Some(EventId(row.event_id)),
        },
    ))
}
