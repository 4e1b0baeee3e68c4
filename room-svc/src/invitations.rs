//! Letting people into rooms that are not open.

use proto::id::{RoomId, UserId};
use rpc::Caller;

use crate::{
    App, Error, db, events,
    members::RoomRole,
    mutation::{self, Keyed, retrying},
    names::RoomRef,
    rooms,
    users::{self, UserRef},
};

/// A request to let someone in.
#[derive(Clone)]
pub struct NewInvitation {
    /// Idempotency key.
    pub key: String,
    /// Into which room.
    pub room: RoomRef,
    /// Whom.
    pub user: UserRef,
    /// The caller's own token: auth-svc is asked in their name.
    pub token: String,
}

/// Invites a person. Whoever is in the room or invited already is told nothing again.
///
/// # Errors
/// `NotAMember`, `PermissionDenied`, `UserNotFound`, `Conflict`.
pub async fn invite(app: &App, caller: &Caller, invitation: NewInvitation) -> Result<(), Error> {
    let room_id = rooms::resolve(app, caller, &invitation.room).await?;
    let room_id = room_id.ok_or(Error::NotAMember)?;
    require_host(app, caller, room_id).await?;
    // Asked before the transaction: no lock waits for another service.
    let invited = users::get(app, &invitation.token, &invitation.user).await?;
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move {
        let parts: [&[u8]; 2] = [room_id.0.as_bytes(), invited.0.as_bytes()];
        let keyed = Keyed::new(&invitation.key, "room.invite", &parts);
        retrying(|| invite_once(&app, &caller, room_id, invited, &keyed)).await
    })
    .await
}

/// Spares auth-svc the question of one who may not invite; the transaction decides again.
async fn require_host(app: &App, caller: &Caller, room_id: RoomId) -> Result<(), Error> {
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(async move {
        let standing =
            db::members::find_standing(&db, &caller.tenant, room_id, caller.user_id).await?;
        may_invite(standing.role)
    })
    .await
}

fn may_invite(role: Option<RoomRole>) -> Result<(), Error> {
    if role.ok_or(Error::NotAMember)? < RoomRole::Moderator {
        return Err(Error::PermissionDenied(
            "only owners and moderators of the room invite",
        ));
    }
    Ok(())
}

async fn invite_once(
    app: &App,
    caller: &Caller,
    room_id: RoomId,
    invited: UserId,
    keyed: &Keyed,
) -> Result<(), Error> {
    let mut mutation = mutation::begin(app, caller, keyed).await?;
    if mutation.is_repeat() {
        return Ok(());
    }
    let tenant = &caller.tenant;
    let room = db::rooms::lock_room(&mut mutation.tx, tenant, room_id).await?;
    let room = room.ok_or(Error::NotAMember)?;
    let host =
        db::members::find_standing(&mut *mutation.tx, tenant, room_id, caller.user_id).await?;
    may_invite(host.role)?;
    let guest = db::members::find_standing(&mut *mutation.tx, tenant, room_id, invited).await?;
    if guest.role.is_some() || guest.is_invited {
        return Ok(());
    }
    let event = events::room_invited(caller, invited, room_id, &room.name, keyed);
    mutation.record(vec![event]).await?;
    db::invitations::insert_invitation(&mut mutation.tx, tenant, room_id, invited, caller.user_id)
        .await?;
    mutation::commit(app, mutation).await
}
