//! Changes of a room itself: its name, topic and slow mode, its owner, its end.

use proto::{
    event::RoomUpdated,
    id::{RoomId, UserId},
};
use rpc::Caller;
use serde_json::json;

use crate::{
    App, Error,
    db::{self, rooms::LockedRoom, updates::DoomedRoom},
    departures, events,
    events::governance::{self, Author},
    members::RoomRole,
    mutation::{self, Keyed, Mutation, retrying},
    names::{RoomName, RoomRef},
    rooms::{self, Room, RoomKind},
    users::UserRef,
};

/// The longest slow mode: six hours.
pub const SLOW_MODE_MAX_MS: i64 = 21_600_000;

/// How many members one transaction of a deletion takes out: each needs their own lock.
const BATCH: i64 = 100;

/// A request to change a room. What is `None` stays.
#[derive(Debug, Clone)]
pub struct Change {
    /// Idempotency key.
    pub key: String,
    /// Which room.
    pub room: RoomRef,
    /// Its new name.
    pub name: Option<RoomName>,
    /// Its new topic.
    pub topic: Option<String>,
    /// Its new slow mode; 0 for none.
    pub slow_mode_ms: Option<i64>,
}

/// A request to end a room.
#[derive(Debug, Clone)]
pub struct Deletion {
    /// Idempotency key.
    pub key: String,
    /// Which room.
    pub room: RoomRef,
}

/// A request to hand a room over.
#[derive(Debug, Clone)]
pub struct Transfer {
    /// Idempotency key.
    pub key: String,
    /// Which room.
    pub room: RoomRef,
    /// To whom.
    pub user: UserRef,
}

impl Change {
    fn keyed(&self, room_id: RoomId) -> Keyed {
        let name = self.name.as_ref().map(RoomName::as_str);
        let slow_mode = self.slow_mode_ms.map(i64::to_be_bytes);
        let parts: [&[u8]; 7] = [
            room_id.0.as_bytes(),
            &[u8::from(name.is_some())],
            name.unwrap_or_default().as_bytes(),
            &[u8::from(self.topic.is_some())],
            self.topic.as_deref().unwrap_or_default().as_bytes(),
            &[u8::from(slow_mode.is_some())],
            slow_mode.as_ref().map_or(&[], |millis| millis.as_slice()),
        ];
        Keyed::new(&self.key, "room.update", &parts)
    }

    /// Returns what differs from the room as it is.
    fn difference(&self, room: &LockedRoom) -> RoomUpdated {
        let name = self.name.as_ref().map(RoomName::as_str);
        let topic = self.topic.as_deref();
        RoomUpdated {
            name: name.filter(|name| *name != room.name).map(Into::into),
            topic: topic.filter(|topic| *topic != room.topic).map(Into::into),
            slow_mode_ms: self
                .slow_mode_ms
                .filter(|slow_mode_ms| *slow_mode_ms != room.slow_mode_ms),
        }
    }
}

/// Changes a room and returns it as it is then.
///
/// # Errors
/// `NotAMember`, `PermissionDenied`, `RoomExists`, `Conflict`.
pub async fn update(app: &App, caller: &Caller, change: Change) -> Result<Room, Error> {
    let room_id = rooms::resolve_keyed(app, caller, &change.room, &change.key).await?;
    let room_id = room_id.ok_or(Error::NotAMember)?;
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move { retrying(|| update_once(&app, &caller, room_id, &change)).await }).await
}

async fn update_once(
    app: &App,
    caller: &Caller,
    room_id: RoomId,
    change: &Change,
) -> Result<Room, Error> {
    let keyed = change.keyed(room_id);
    let mut mutation = mutation::begin(app, caller, &keyed).await?;
    let tenant = &caller.tenant;
    let room = db::rooms::lock_room(&mut mutation.tx, tenant, room_id).await?;
    let room = room.ok_or(Error::NotAMember)?;
    let standing =
        db::members::find_standing(&mut *mutation.tx, tenant, room_id, caller.user_id).await?;
    if mutation.is_repeat() {
        standing.role.ok_or(Error::NotAMember)?;
        return shown(&mut mutation, caller, room_id).await;
    }
    let moderator = "only owners and moderators of the room change it";
    let role = room
        .kind
        .require(standing.role, RoomRole::Moderator, moderator)?;
    let changed = change.difference(&room);
    if changed == RoomUpdated::default() {
        return shown(&mut mutation, caller, room_id).await;
    }
    if changed.name.is_some() && role != RoomRole::Owner {
        return Err(Error::PermissionDenied(
            "only an owner of the room renames it",
        ));
    }
    db::updates::update_room(&mut mutation.tx, tenant, room_id, &changed).await?;
    mutation
        .record(vec![governance::room_updated(
            caller, room_id, &changed, &keyed,
        )])
        .await?;
    let updated = shown(&mut mutation, caller, room_id).await?;
    mutation::commit(app, mutation).await?;
    rooms::forget_name(app, caller, &room.name);
    rooms::forget_name(app, caller, &updated.name);
    Ok(updated)
}

async fn shown(mutation: &mut Mutation, caller: &Caller, room_id: RoomId) -> Result<Room, Error> {
    let tenant = &caller.tenant;
    let room = db::rooms::find_room(&mut *mutation.tx, tenant, caller.user_id, room_id).await?;
    room.ok_or(Error::NotAMember)
}

/// Ends a room: nobody sees it again.
///
/// Members are taken out in batches, each holding the locks of its people, and the last batch ends the stream: nothing
/// can follow that event. The first batch marks the room as deleted, so nobody enters meanwhile; a deletion that was
/// interrupted goes on when it is asked for again.
///
/// # Errors
/// `NotAMember`, `PermissionDenied`, `Conflict`.
pub async fn delete(app: &App, caller: &Caller, deletion: Deletion) -> Result<(), Error> {
    let room_id = rooms::resolve_keyed(app, caller, &deletion.room, &deletion.key).await?;
    let room_id = room_id.ok_or(Error::NotAMember)?;
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move {
        let keyed = Keyed::new(&deletion.key, "room.delete", &[room_id.0.as_bytes()]);
        while !retrying(|| delete_batch(&app, &caller, room_id, &keyed)).await? {}
        Ok(())
    })
    .await
}

/// Takes one batch out; `true` when the room is gone.
async fn delete_batch(
    app: &App,
    caller: &Caller,
    room_id: RoomId,
    keyed: &Keyed,
) -> Result<bool, Error> {
    let mut mutation = mutation::begin(app, caller, keyed).await?;
    if mutation.is_repeat() {
        return Ok(true);
    }
    let tenant = &caller.tenant;
    let batch = lock_batch(&mut mutation, caller, room_id).await?;
    let room = db::updates::lock_doomed_room(&mut mutation.tx, tenant, room_id).await?;
    // A room without members that is deleted was deleted by another request.
    let room = room.filter(|room| !room.is_deleted || room.members > 0);
    let room = room.ok_or(Error::NotAMember)?;
    let role = require_end(&mut mutation, caller, room_id, room.kind).await?;
    db::updates::update_deleted(&mut mutation.tx, tenant, room_id).await?;
    let mut gone = db::updates::delete_members(&mut mutation.tx, tenant, room_id, &batch).await?;
    let others =
        db::updates::list_others(&mut mutation.tx, tenant, room_id, caller.user_id, 1).await?;
    let is_over = others.is_empty();
    if is_over {
        // The caller goes last: until then it is their membership that lets them go on.
        let own = [caller.user_id];
        gone.extend(db::updates::delete_members(&mut mutation.tx, tenant, room_id, &own).await?);
        departures::close(&mut mutation.tx, tenant, room_id).await?;
    }
    let change = i64::try_from(gone.len()).unwrap_or(i64::MAX);
    db::rooms::add_members(&mut mutation.tx, tenant, room_id, -change).await?;
    let end = is_over.then_some(keyed);
    record_departures(&mut mutation, caller, room_id, &room, &gone, end).await?;
    if is_over && role != Some(RoomRole::Owner) {
        let (subject, detail) = (room_id.to_string(), json!({}));
        db::acts::insert_act(&mut mutation.tx, caller, "room.delete", &subject, &detail).await?;
    }
    mutation::commit(app, mutation).await?;
    rooms::forget_name(app, caller, &room.name);
    Ok(is_over)
}

/// Takes the locks of some members, which come before the room's; only for one who may end the room.
async fn lock_batch(
    mutation: &mut Mutation,
    caller: &Caller,
    room_id: RoomId,
) -> Result<Vec<UserId>, Error> {
    let tenant = &caller.tenant;
    let room = db::rooms::find_room(&mut *mutation.tx, tenant, caller.user_id, room_id).await?;
    if let Some(room) = room {
        require_end(mutation, caller, room_id, room.kind).await?;
    }
    let batch =
        db::updates::list_others(&mut mutation.tx, tenant, room_id, caller.user_id, BATCH).await?;
    for user_id in &batch {
        stream::lock_actor(&mut mutation.tx, tenant, *user_id).await?;
    }
    Ok(batch)
}

/// Refuses whoever may not end the room, and returns the role of one who may.
async fn require_end(
    mutation: &mut Mutation,
    caller: &Caller,
    room_id: RoomId,
    kind: RoomKind,
) -> Result<Option<RoomRole>, Error> {
    let tenant = &caller.tenant;
    let standing =
        db::members::find_standing(&mut *mutation.tx, tenant, room_id, caller.user_id).await?;
    if !caller.is_admin || kind == RoomKind::Direct {
        let why = "only an owner of the room deletes it";
        kind.require(standing.role, RoomRole::Owner, why)?;
    }
    Ok(standing.role)
}

/// Tells the gateways of those who are out now; with the key, which comes last, also the room.
async fn record_departures(
    mutation: &mut Mutation,
    caller: &Caller,
    room_id: RoomId,
    room: &DoomedRoom,
    gone: &[UserId],
    keyed: Option<&Keyed>,
) -> Result<(), Error> {
    let departures = gone.iter().map(|user_id| {
        governance::membership_of(caller, *user_id, room_id, &room.name, room.kind, false)
    });
    let end =
        keyed.map(|keyed| governance::room_deleted(Author::Caller(caller), room_id, Some(keyed)));
    mutation.record(departures.chain(end).collect()).await?;
    Ok(())
}

/// Makes another member the owner in the caller's place, who becomes a moderator.
///
/// # Errors
/// `NotAMember`, `PermissionDenied`, `UserNotFound`, `Conflict`.
pub async fn transfer(app: &App, caller: &Caller, transfer: Transfer) -> Result<(), Error> {
    let room_id = rooms::resolve(app, caller, &transfer.room).await?;
    let room_id = room_id.ok_or(Error::NotAMember)?;
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move { retrying(|| transfer_once(&app, &caller, room_id, &transfer)).await })
        .await
}

async fn transfer_once(
    app: &App,
    caller: &Caller,
    room_id: RoomId,
    transfer: &Transfer,
) -> Result<(), Error> {
    let user = transfer.user.to_string();
    let parts: [&[u8]; 2] = [room_id.0.as_bytes(), user.as_bytes()];
    let keyed = Keyed::new(&transfer.key, "room.transfer", &parts);
    let mut mutation = mutation::begin(app, caller, &keyed).await?;
    if mutation.is_repeat() {
        return Ok(());
    }
    let tenant = &caller.tenant;
    let room = db::rooms::lock_room(&mut mutation.tx, tenant, room_id).await?;
    let room = room.ok_or(Error::NotAMember)?;
    let own = UserRef::Id(caller.user_id);
    let own = db::members::find_member(&mut *mutation.tx, tenant, room_id, &own).await?;
    let why = "only an owner of the room hands it over";
    let role = own.as_ref().map(|own| own.role);
    room.kind.require(role, RoomRole::Owner, why)?;
    let heir = db::members::find_member(&mut *mutation.tx, tenant, room_id, &transfer.user).await?;
    let (own, heir) = own.zip(heir).ok_or(Error::UserNotFound)?;
    if heir.user_id == own.user_id {
        return Err(Error::PermissionDenied(
            "one hands a room over to someone else",
        ));
    }
    let (owner, moderator) = (RoomRole::Owner, RoomRole::Moderator);
    let author = Author::Caller(caller);
    let passed = (heir.role != owner)
        .then(|| governance::role_passed(author, room_id, heir.person(), owner));
    let stepped = events::role_changed(caller, room_id, own.person(), moderator, &keyed);
    mutation
        .record(passed.into_iter().chain([stepped]).collect())
        .await?;
    for (user_id, role) in [(heir.user_id, owner), (own.user_id, moderator)] {
        db::members::update_role(&mut mutation.tx, tenant, room_id, user_id, role).await?;
    }
    mutation::commit(app, mutation).await
}
