//! Letting people into rooms that are not open.

use proto::id::{RoomId, UserId};
use rpc::Caller;

use crate::{
    App, Error, db,
    events::governance,
    members::RoomRole,
    mutation::{self, Keyed, retrying},
    names::RoomRef,
    rooms::{self, RoomKind},
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
/// `NotAMember`, `PermissionDenied` (also for whom the room keeps out), `UserNotFound`, `Conflict`.
pub async fn invite(app: &App, caller: &Caller, invitation: NewInvitation) -> Result<(), Error> {
    let room_id = rooms::resolve(app, caller, &invitation.room).await?;
    let room_id = room_id.ok_or(Error::NotAMember)?;
    require_host(app, caller, room_id).await?;
    // Asked before the transaction: no lock waits for another service.
    let invited = users::get(app, &invitation.token, &invitation.user).await?;
    let invited = invited.user_id;
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
        let room = db::rooms::find_room(&db, &caller.tenant, caller.user_id, room_id).await?;
        let room = room.ok_or(Error::NotAMember)?;
        let standing =
            db::members::find_standing(&db, &caller.tenant, room_id, caller.user_id).await?;
        may_invite(room.kind, standing.role)
    })
    .await
}

fn may_invite(kind: RoomKind, role: Option<RoomRole>) -> Result<(), Error> {
    let why = "only owners and moderators of the room invite";
    kind.require(role, RoomRole::Moderator, why).map(|_| ())
}

/// Invites, unless the invited person must not learn of the caller's doings: then the caller gets the same answer, and
/// nothing else happens.
///
/// In both cases the key is remembered by a note in the caller's own feed that no client is shown. Were it remembered
/// by what the invited person is told, its absence would tell the two cases apart.
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
    may_invite(room.kind, host.role)?;
    let guest = db::members::find_standing(&mut *mutation.tx, tenant, room_id, invited).await?;
    if guest.role.is_some() || guest.is_invited {
        return Ok(());
    }
    if guest.is_banned {
        return Err(Error::PermissionDenied(
            "this person is banned from the room",
        ));
    }
    let is_hidden =
        db::blocks::is_hidden(&mut mutation.tx, tenant, invited, caller.user_id).await?;
    let room_text = room_id.to_string();
    let mut events = vec![governance::noted(caller, "room.invite", &room_text, keyed)];
    if !is_hidden {
        events.extend(governance::room_invited(
            caller, invited, room_id, &room.name,
        ));
    }
    mutation.record(events).await?;
    if !is_hidden {
        let by = caller.user_id;
        db::invitations::insert_invitation(&mut mutation.tx, tenant, room_id, invited, by).await?;
    }
    mutation::commit(app, mutation).await
}
