//! Codes that let people in: whoever has one enters, for a time and a number of uses.

use proto::{
    event::ModerationNoted,
    id::{RoomId, UserId},
};
use rpc::Caller;
use time::OffsetDateTime;

use crate::{
    App, Error, codes,
    db::{self, rooms::LockedRoom},
    events::governance,
    members::RoomRole,
    memberships::{self, Joined},
    mutation::{self, Keyed, Mutation, retrying},
    names::RoomRef,
    rooms::{self, Head},
};

/// Most codes of one room that work at a time.
pub const CODES_MAX: i64 = 100;
/// How short and how long a code may work, in seconds.
pub const VALID_SECONDS: std::ops::RangeInclusive<u32> = 60..=2_592_000;
/// Most uses of one code.
pub const USES_MAX: u32 = 1_000;

const MODERATORS: &str = "only owners and moderators of the room do this";

/// A code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    /// What is passed on.
    pub code: String,
    /// Where it leads.
    pub room_id: RoomId,
    /// What that room is called now.
    pub room_name: String,
    /// Who made it.
    pub created_by: UserId,
    /// Until when it works.
    pub expires_at: OffsetDateTime,
    /// How many it lets in; 0 for no bound.
    pub max_uses: u32,
    /// How many it let in.
    pub uses: u32,
    /// Whether it lets the next one in.
    pub is_working: bool,
}

/// A request for a code.
#[derive(Debug, Clone)]
pub struct NewInvite {
    /// Idempotency key.
    pub key: String,
    /// To which room.
    pub room: RoomRef,
    /// How long it works, within [`VALID_SECONDS`].
    pub valid_seconds: u32,
    /// How many it lets in, at most [`USES_MAX`]; 0 for no bound.
    pub max_uses: u32,
}

/// A request to end a code.
#[derive(Debug, Clone)]
pub struct Revocation {
    /// Idempotency key.
    pub key: String,
    /// Of which room.
    pub room: RoomRef,
    /// Which.
    pub code: String,
}

/// A request to enter by a code.
#[derive(Debug, Clone)]
pub struct Acceptance {
    /// Idempotency key.
    pub key: String,
    /// The code.
    pub code: String,
}

/// Makes a code.
///
/// # Errors
/// `NotAMember`, `PermissionDenied`, `Quota`, `Conflict`.
pub async fn create(app: &App, caller: &Caller, new_invite: NewInvite) -> Result<Invite, Error> {
    let room_id = rooms::resolve(app, caller, &new_invite.room).await?;
    let room_id = room_id.ok_or(Error::NotAMember)?;
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move {
        let parts: [&[u8]; 3] = [
            room_id.0.as_bytes(),
            &new_invite.valid_seconds.to_be_bytes(),
            &new_invite.max_uses.to_be_bytes(),
        ];
        let keyed = Keyed::new(&new_invite.key, "invite.create", &parts);
        retrying(|| create_once(&app, &caller, room_id, &new_invite, &keyed)).await
    })
    .await
}

async fn create_once(
    app: &App,
    caller: &Caller,
    room_id: RoomId,
    new_invite: &NewInvite,
    keyed: &Keyed,
) -> Result<Invite, Error> {
    let mut mutation = mutation::begin(app, caller, keyed).await?;
    let tenant = &caller.tenant;
    // Asked of a repeat too: a code that still works is not shown to one who may not see codes any more.
    require_moderator(&mut mutation, caller, room_id).await?;
    if let Some(code) = first_code(&mutation) {
        // Whoever deleted the room took the code with it.
        let first = db::invites::find_invite(&mut *mutation.tx, tenant, &code).await?;
        return first.ok_or(Error::NotAMember);
    }
    let working = db::invites::list_invites(&mut *mutation.tx, tenant, room_id, CODES_MAX).await?;
    if working.len() as i64 >= CODES_MAX {
        return Err(Error::Quota("a room has at most 100 codes: end one first"));
    }
    let code = codes::generate();
    let row = db::invites::NewInvite {
        code: &code,
        room_id,
        created_by: caller.user_id,
        valid_seconds: new_invite.valid_seconds,
        max_uses: new_invite.max_uses,
    };
    db::invites::insert_invite(&mut mutation.tx, tenant, &row).await?;
    // Nobody is told of a code: its maker passes it on. The note is where a repeat finds it.
    let noted = governance::noted(caller, "invite.create", &code, keyed);
    mutation.record(vec![noted]).await?;
    let invite = db::invites::find_invite(&mut *mutation.tx, tenant, &code).await?;
    let invite = invite.ok_or(Error::Internal("a code vanished in its own transaction"))?;
    mutation::commit(app, mutation).await?;
    Ok(invite)
}

/// Returns the code that an earlier request with this key made.
fn first_code(mutation: &Mutation) -> Option<String> {
    let first = mutation.first()?;
    let noted = serde_json::from_slice::<ModerationNoted>(&first.event.data).ok()?;
    Some(noted.subject)
}

/// Lists the codes of a room that still work, newest first.
///
/// # Errors
/// `NotAMember`, `PermissionDenied`.
pub async fn list(app: &App, caller: &Caller, room: RoomRef) -> Result<Vec<Invite>, Error> {
    let room_id = rooms::resolve(app, caller, &room).await?;
    let room_id = room_id.ok_or(Error::NotAMember)?;
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(async move {
        let tenant = &caller.tenant;
        let room = db::rooms::find_room(&db, tenant, caller.user_id, room_id).await?;
        let room = room.ok_or(Error::NotAMember)?;
        let standing = db::members::find_standing(&db, tenant, room_id, caller.user_id).await?;
        room.kind
            .require(standing.role, RoomRole::Moderator, MODERATORS)?;
        Ok(db::invites::list_invites(&db, tenant, room_id, CODES_MAX).await?)
    })
    .await
}

/// Ends a code. One that does not work any more, or never did, is ended already.
///
/// # Errors
/// `NotAMember`, `PermissionDenied`, `Conflict`.
pub async fn revoke(app: &App, caller: &Caller, revocation: Revocation) -> Result<(), Error> {
    let room_id = rooms::resolve(app, caller, &revocation.room).await?;
    let room_id = room_id.ok_or(Error::NotAMember)?;
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move {
        let parts: [&[u8]; 2] = [room_id.0.as_bytes(), revocation.code.as_bytes()];
        let keyed = Keyed::new(&revocation.key, "invite.revoke", &parts);
        retrying(|| revoke_once(&app, &caller, room_id, &revocation.code, &keyed)).await
    })
    .await
}

async fn revoke_once(
    app: &App,
    caller: &Caller,
    room_id: RoomId,
    code: &str,
    keyed: &Keyed,
) -> Result<(), Error> {
    let mut mutation = mutation::begin(app, caller, keyed).await?;
    if mutation.is_repeat() {
        return Ok(());
    }
    let tenant = &caller.tenant;
    require_moderator(&mut mutation, caller, room_id).await?;
    // What is no code was never one of this room: there is nothing to end.
    if !codes::is_code(code)
        || !db::invites::update_revoked(&mut mutation.tx, tenant, room_id, code).await?
    {
        return Ok(());
    }
    let noted = governance::noted(caller, "invite.revoke", code, keyed);
    mutation.record(vec![noted]).await?;
    mutation::commit(app, mutation).await
}

/// Locks the room for one of its moderators. The lock keeps the uses of its codes as they are.
async fn require_moderator(
    mutation: &mut Mutation,
    caller: &Caller,
    room_id: RoomId,
) -> Result<LockedRoom, Error> {
    let tenant = &caller.tenant;
    let room = db::rooms::lock_room(&mut mutation.tx, tenant, room_id).await?;
    let room = room.ok_or(Error::NotAMember)?;
    let standing =
        db::members::find_standing(&mut *mutation.tx, tenant, room_id, caller.user_id).await?;
    room.kind
        .require(standing.role, RoomRole::Moderator, MODERATORS)?;
    Ok(room)
}

/// Enters a room by a code. A member gets the view of now, and the code keeps its uses.
///
/// # Errors
/// `InviteInvalid`, `Conflict`; `NotAMember` when this very request was done before and the caller has left since.
pub async fn accept(app: &App, caller: &Caller, acceptance: Acceptance) -> Result<Joined, Error> {
    if !codes::is_code(&acceptance.code) {
        return Err(Error::InviteInvalid);
    }
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move {
        let Acceptance { key, code } = &acceptance;
        let keyed = Keyed::new(key, "invite.accept", &[code.as_bytes()]);
        let (room_id, head) = retrying(|| accept_once(&app, &caller, code, &keyed)).await?;
        memberships::view(&app, &caller, room_id, head).await
    })
    .await
}

async fn accept_once(
    app: &App,
    caller: &Caller,
    code: &str,
    keyed: &Keyed,
) -> Result<(RoomId, Head), Error> {
    let mut mutation = mutation::begin(app, caller, keyed).await?;
    let tenant = &caller.tenant;
    let invite = db::invites::find_invite(&mut *mutation.tx, tenant, code).await?;
    let room_id = invite.ok_or(Error::InviteInvalid)?.room_id;
    let room = db::rooms::lock_room(&mut mutation.tx, tenant, room_id).await?;
    let room = room.ok_or(Error::InviteInvalid)?;
    let standing =
        db::members::find_standing(&mut *mutation.tx, tenant, room_id, caller.user_id).await?;
    if standing.role.is_some() {
        let head = db::rooms::find_head(&mut mutation.tx, tenant, room_id).await?;
        return Ok((room_id, head));
    }
    if mutation.is_repeat() {
        return Err(Error::NotAMember);
    }
    // Read again under the room's lock: now its uses are exact.
    let invite = db::invites::find_invite(&mut *mutation.tx, tenant, code).await?;
    if standing.is_banned || !invite.is_some_and(|invite| invite.is_working) {
        return Err(Error::InviteInvalid);
    }
    db::invites::update_uses(&mut mutation.tx, tenant, code).await?;
    let head = memberships::admit(app, mutation, caller, room_id, &room, keyed).await?;
    Ok((room_id, head))
}
