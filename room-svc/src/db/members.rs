//! SQL on `room.member`.

use proto::id::{RoomId, Tenant, UserId};
use rpc::Caller;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::{
    members::{Member, RoomRole, Standing},
    names::fold,
    pages::Paging,
    users::{User, UserRef},
};

/// A row to be.
pub(crate) struct NewMember<'a> {
    user_id: UserId,
    name: &'a str,
    role: RoomRole,
    joined_seq: i64,
}

struct MemberRow {
    user_id: Uuid,
    name: String,
    name_folded: String,
    role: String,
}

impl<'a> NewMember<'a> {
    /// A member of a direct conversation, where nobody is more than the other.
    pub(crate) fn of_direct(user: &'a User, joined_seq: i64) -> Self {
        Self {
            user_id: user.user_id,
            name: &user.name,
            role: RoomRole::Member,
            joined_seq,
        }
    }

    /// The caller, in a role, since an event.
    pub(crate) fn of(caller: &'a Caller, role: RoomRole, joined_seq: i64) -> Self {
        Self {
            user_id: caller.user_id,
            name: &caller.name,
            role,
            joined_seq,
        }
    }
}

impl From<MemberRow> for Member {
    fn from(row: MemberRow) -> Self {
        Self {
            user_id: UserId(row.user_id),
            name: row.name,
            name_folded: row.name_folded,
            role: RoomRole::from_stored(&row.role),
        }
    }
}

pub(crate) async fn insert_member(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
    member: NewMember<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        insert into room.member (tenant_id, room_id, user_id, name, name_folded, role, joined_seq)
        values ($1, $2, $3, $4, $5, $6, $7)
        "#,
        tenant.as_str(),
        room_id.0,
        member.user_id.0,
        member.name,
        fold(member.name),
        member.role.as_str(),
        member.joined_seq,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn delete_member(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
    user_id: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from room.member where tenant_id = $1 and room_id = $2 and user_id = $3",
        tenant.as_str(),
        room_id.0,
        user_id.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn update_role(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
    user_id: UserId,
    role: RoomRole,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update room.member set role = $4 where tenant_id = $1 and room_id = $2 and user_id = $3",
        tenant.as_str(),
        room_id.0,
        user_id.0,
        role.as_str(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn find_standing(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    room_id: RoomId,
    user_id: UserId,
) -> Result<Standing, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        select
            (
                select m.role
                from room.member m
                where m.tenant_id = $1 and m.room_id = $2 and m.user_id = $3
            ) as role,
            exists (
                select 1
                from room.invitation i
                where i.tenant_id = $1 and i.room_id = $2 and i.user_id = $3
            ) as "is_invited!",
            exists (
                select 1
                from room.restriction b
                where b.tenant_id = $1 and b.room_id = $2 and b.user_id = $3
                    and b.kind = 'ban' and (b.until is null or b.until > now())
            ) as "is_banned!"
        "#,
        tenant.as_str(),
        room_id.0,
        user_id.0,
    )
    .fetch_one(conn)
    .await?;
    Ok(Standing {
        role: row.role.as_deref().map(RoomRole::from_stored),
        is_invited: row.is_invited,
        is_banned: row.is_banned,
    })
}

pub(crate) async fn is_member(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    room_id: RoomId,
    user_id: UserId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        select exists (
            select 1 from room.member where tenant_id = $1 and room_id = $2 and user_id = $3
        ) as "is_member!"
        "#,
        tenant.as_str(),
        room_id.0,
        user_id.0,
    )
    .fetch_one(conn)
    .await
}

pub(crate) async fn find_member(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    room_id: RoomId,
    user: &UserRef,
) -> Result<Option<Member>, sqlx::Error> {
    let (user_id, name_folded) = match user {
        UserRef::Id(user_id) => (Some(user_id.0), None),
        UserRef::Name(name) => (None, Some(fold(name))),
    };
    let row = sqlx::query_as!(
        MemberRow,
        r#"
        select user_id, name, name_folded, role
        from room.member
        where tenant_id = $1 and room_id = $2 and (user_id = $3 or name_folded = $4)
        "#,
        tenant.as_str(),
        room_id.0,
        user_id,
        name_folded,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(Member::from))
}

/// Finds who becomes the owner when the last one goes: the highest in rank, and of these who has been there longest.
pub(crate) async fn find_heir(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
    leaver: UserId,
) -> Result<Option<Member>, sqlx::Error> {
    let row = sqlx::query_as!(
        MemberRow,
        r#"
        select user_id, name, name_folded, role
        from room.member
        where tenant_id = $1 and room_id = $2 and user_id <> $3
        order by role = 'moderator' desc, joined_seq
        limit 1
        "#,
        tenant.as_str(),
        room_id.0,
        leaver.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(Member::from))
}

pub(crate) async fn update_names(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
    name: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        update room.member
        set name = $3, name_folded = $4
        where tenant_id = $1 and user_id = $2 and name <> $3
        "#,
        tenant.as_str(),
        user_id.0,
        name,
        fold(name),
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn count_owners(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        select count(*) as "owners!"
        from room.member
        where tenant_id = $1 and room_id = $2 and role = 'owner'
        "#,
        tenant.as_str(),
        room_id.0,
    )
    .fetch_one(conn)
    .await
}

/// Counts the direct conversations of a person, or all their other rooms.
pub(crate) async fn count_rooms(
    conn: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
    is_direct: bool,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        select count(*) as "rooms!"
        from room.member m
        join room.room r on r.tenant_id = m.tenant_id and r.room_id = m.room_id
        where m.tenant_id = $1 and m.user_id = $2 and (r.kind = 'direct') = $3
        "#,
        tenant.as_str(),
        user_id.0,
        is_direct,
    )
    .fetch_one(conn)
    .await
}

pub(crate) async fn list_members(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    room_id: RoomId,
    paging: &Paging,
) -> Result<Vec<Member>, sqlx::Error> {
    let (after_name, after_id) = paging.start();
    let rows = sqlx::query_as!(
        MemberRow,
        r#"
        select user_id, name, name_folded, role
        from room.member
        where tenant_id = $1 and room_id = $2
            and ($3::text is null or (name_folded, user_id) > ($3, $4::uuid))
        order by name_folded, user_id
        limit $5
        "#,
        tenant.as_str(),
        room_id.0,
        after_name,
        after_id,
        paging.rows_to_read(),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Member::from).collect())
}
