//! What becomes of a room when one of its members goes.

use proto::id::{RoomId, Tenant, UserId};
use sqlx::PgConnection;
use stream::Append;

use crate::{
    db::{self, rooms::LockedRoom},
    events::governance::{self, Author},
    members::{Member, RoomRole},
    rooms::RoomKind,
};

/// What a departure brings with it.
#[derive(Debug, Clone)]
pub(crate) enum Aftermath {
    /// Nothing. A channel without members waits for the next who joins, and becomes theirs.
    None,
    /// The last owner goes: another member becomes the owner.
    Inherited(Member),
    /// The last member of a private room goes: nobody could ever enter it again.
    Ended,
}

impl Aftermath {
    /// Tells what the departure of a member will bring with it. The caller holds the room's lock.
    pub(crate) async fn foresee(
        conn: &mut PgConnection,
        tenant: &Tenant,
        room_id: RoomId,
        room: &LockedRoom,
        (leaver, role): (UserId, RoomRole),
    ) -> Result<Self, sqlx::Error> {
        if room.members <= 1 {
            return Ok(match room.kind {
                RoomKind::Private => Self::Ended,
                RoomKind::Channel | RoomKind::Direct => Self::None,
            });
        }
        if role != RoomRole::Owner
            || db::members::count_owners(&mut *conn, tenant, room_id).await? > 1
        {
            return Ok(Self::None);
        }
        let heir = db::members::find_heir(conn, tenant, room_id, leaver).await?;
        Ok(heir.map_or(Self::None, Self::Inherited))
    }

    /// Returns what the room is told beside the departure itself.
    pub(crate) fn event(&self, author: Author<'_>, room_id: RoomId) -> Option<Append> {
        match self {
            Self::None => None,
            Self::Inherited(heir) => Some(governance::role_passed(
                author,
                room_id,
                heir.person(),
                RoomRole::Owner,
            )),
            Self::Ended => Some(governance::room_deleted(author, room_id, None)),
        }
    }

    /// Takes the member out of the tables, with all that follows.
    pub(crate) async fn settle(
        &self,
        conn: &mut PgConnection,
        tenant: &Tenant,
        room_id: RoomId,
        leaver: UserId,
    ) -> Result<(), sqlx::Error> {
        db::members::delete_member(&mut *conn, tenant, room_id, leaver).await?;
        db::rooms::add_members(&mut *conn, tenant, room_id, -1).await?;
        match self {
            Self::None => Ok(()),
            Self::Inherited(heir) => {
                let owner = RoomRole::Owner;
                db::members::update_role(conn, tenant, room_id, heir.user_id, owner).await
            }
            Self::Ended => {
                db::updates::update_deleted(&mut *conn, tenant, room_id).await?;
                close(conn, tenant, room_id).await
            }
        }
    }
}

/// Takes away everything that could still lead into a room that was deleted.
pub(crate) async fn close(
    conn: &mut PgConnection,
    tenant: &Tenant,
    room_id: RoomId,
) -> Result<(), sqlx::Error> {
    db::invitations::delete_invitations(&mut *conn, tenant, room_id).await?;
    db::invites::delete_invites(&mut *conn, tenant, room_id).await?;
    db::restrictions::delete_restrictions(conn, tenant, room_id).await
}
