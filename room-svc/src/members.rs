//! Who is in a room, and as what.

use proto::{
    event::Person,
    id::{RoomId, UserId},
};
use rpc::Caller;

use crate::{
    App, Error, db, events,
    mutation::{self, Keyed, retrying},
    names::RoomRef,
    pages::{Page, Paging, Place},
    rooms,
    users::UserRef,
};

/// What a member may do in a room. Each may do what the ones before may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RoomRole {
    /// Talks.
    Member,
    /// Invites, and acts on members below.
    Moderator,
    /// Gives roles, renames and deletes.
    Owner,
}

/// A person in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The person.
    pub user_id: UserId,
    /// Their name when they joined.
    pub name: String,
    /// Their name as it is compared.
    pub name_folded: String,
    /// Their role.
    pub role: RoomRole,
}

/// What a person is to a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Their role; `None` for one who is not in it.
    pub role: Option<RoomRole>,
    /// Whether an invitation waits for them.
    pub is_invited: bool,
    /// Whether they are kept out.
    pub is_banned: bool,
}

/// A request to give a role.
#[derive(Debug, Clone)]
pub struct NewRole {
    /// Idempotency key.
    pub key: String,
    /// In which room.
    pub room: RoomRef,
    /// To whom.
    pub user: UserRef,
    /// Which role.
    pub role: RoomRole,
}

impl RoomRole {
    /// Returns the name that is stored and told.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Moderator => "moderator",
            Self::Owner => "owner",
        }
    }

    /// Reads the stored name. What is not known to be more is the least.
    #[must_use]
    pub fn from_stored(text: &str) -> Self {
        match text {
            "owner" => Self::Owner,
            "moderator" => Self::Moderator,
            _ => Self::Member,
        }
    }
}

impl Member {
    pub(crate) fn place(&self) -> Place {
        Place {
            name: self.name_folded.clone(),
            id: self.user_id.0,
        }
    }

    pub(crate) fn person(&self) -> Person {
        Person {
            id: self.user_id.to_string(),
            name: self.name.clone(),
        }
    }
}

/// Lists the members of a room that the caller is in, by name.
///
/// # Errors
/// `NotAMember`.
pub async fn list(
    app: &App,
    caller: &Caller,
    room: RoomRef,
    paging: Paging,
) -> Result<Page<Member>, Error> {
    let room_id = require_member(app, caller, &room).await?;
    let (db, tenant) = (app.db.clone(), caller.tenant.clone());
    pg::unit(async move {
        let members = db::members::list_members(&db, &tenant, room_id, &paging).await?;
        Ok(paging.cut(members, Member::place))
    })
    .await
}

/// Gives a member a role.
///
/// # Errors
/// `NotAMember`, `PermissionDenied`, `UserNotFound`, `Conflict`.
pub async fn set_role(app: &App, caller: &Caller, new_role: NewRole) -> Result<(), Error> {
    let room_id = rooms::resolve(app, caller, &new_role.room).await?;
    let room_id = room_id.ok_or(Error::NotAMember)?;
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move { retrying(|| set_role_once(&app, &caller, room_id, &new_role)).await })
        .await
}

/// Resolves a room for reading by one of its members.
pub(crate) async fn require_member(
    app: &App,
    caller: &Caller,
    room: &RoomRef,
) -> Result<RoomId, Error> {
    let room_id = rooms::resolve(app, caller, room)
        .await?
        .ok_or(Error::NotAMember)?;
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(async move {
        let is_member =
            db::members::is_member(&db, &caller.tenant, room_id, caller.user_id).await?;
        if is_member {
            Ok(room_id)
        } else {
            Err(Error::NotAMember)
        }
    })
    .await
}

async fn set_role_once(
    app: &App,
    caller: &Caller,
    room_id: RoomId,
    new_role: &NewRole,
) -> Result<(), Error> {
    let keyed = new_role.keyed(room_id);
    let mut mutation = mutation::begin(app, caller, &keyed).await?;
    if mutation.is_repeat() {
        return Ok(());
    }
    let tenant = &caller.tenant;
    // The room's lock keeps its owners as they are while they are counted.
    let room = db::rooms::lock_room(&mut mutation.tx, tenant, room_id).await?;
    let room = room.ok_or(Error::NotAMember)?;
    let standing =
        db::members::find_standing(&mut *mutation.tx, tenant, room_id, caller.user_id).await?;
    room.kind.require(
        standing.role,
        RoomRole::Owner,
        "only an owner of the room gives roles",
    )?;
    let target =
        db::members::find_member(&mut *mutation.tx, tenant, room_id, &new_role.user).await?;
    let target = target.ok_or(Error::UserNotFound)?;
    if target.role == new_role.role {
        return Ok(());
    }
    let owners = db::members::count_owners(&mut mutation.tx, tenant, room_id).await?;
    if target.role == RoomRole::Owner && owners == 1 {
        return Err(Error::PermissionDenied(
            "a room needs an owner: make another member an owner first",
        ));
    }
    let changed = events::role_changed(caller, room_id, target.person(), new_role.role, &keyed);
    mutation.record(vec![changed]).await?;
    db::members::update_role(
        &mut mutation.tx,
        tenant,
        room_id,
        target.user_id,
        new_role.role,
    )
    .await?;
    mutation::commit(app, mutation).await
}

impl NewRole {
    fn keyed(&self, room_id: RoomId) -> Keyed {
        let user = self.user.to_string();
        let parts: [&[u8]; 3] = [
            room_id.0.as_bytes(),
            user.as_bytes(),
            self.role.as_str().as_bytes(),
        ];
        Keyed::new(&self.key, "room.role", &parts)
    }
}

#[cfg(test)]
mod tests {
    use super::RoomRole::{Member, Moderator, Owner};

    #[test]
    fn roles_are_ordered_and_keep_their_names() {
        assert!(Member < Moderator && Moderator < Owner);
        for role in [Member, Moderator, Owner] {
            assert_eq!(super::RoomRole::from_stored(role.as_str()), role);
        }
        assert_eq!(super::RoomRole::from_stored("emperor"), Member);
    }
}
