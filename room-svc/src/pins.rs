//! Pinned messages.

use proto::id::{EventId, RoomId};
use rpc::Caller;

use crate::{
    App, Error, db, events,
    history::{self, Message},
    members::{self, RoomRole},
    mutation::{self, Keyed, retrying},
    names::RoomRef,
    rooms,
};

/// Most pins of a room.
pub(crate) const PINS_MAX: i64 = 50;

/// A request to pin or unpin a message.
#[derive(Debug, Clone)]
pub struct Pinning {
    /// Idempotency key.
    pub key: String,
    /// Where the message stands.
    pub room: RoomRef,
    /// Which message.
    pub message_id: EventId,
    /// Pin it, or take the pin away.
    pub is_pinned: bool,
}

impl Pinning {
    fn keyed(&self, room_id: RoomId) -> Keyed {
        let parts: [&[u8]; 3] = [
            room_id.0.as_bytes(),
            self.message_id.0.as_bytes(),
            &[u8::from(self.is_pinned)],
        ];
        Keyed::new(&self.key, "message.pin", &parts)
    }
}

/// Pins or unpins a message.
///
/// # Errors
/// `NotAMember`, `PermissionDenied`, `MessageNotFound`, `Quota`, `Conflict`.
pub async fn set(app: &App, caller: &Caller, pinning: Pinning) -> Result<(), Error> {
    let room_id = rooms::resolve(app, caller, &pinning.room).await?;
    let room_id = room_id.ok_or(Error::NotAMember)?;
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move { retrying(|| set_once(&app, &caller, room_id, &pinning)).await }).await
}

/// Lists the pinned messages that the caller may see, the latest pin first.
///
/// # Errors
/// `NotAMember`.
pub async fn list(app: &App, caller: &Caller, room: RoomRef) -> Result<Vec<Message>, Error> {
    let room_id = members::require_member(app, caller, &room).await?;
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(async move {
        let messages = db::pins::list_pins(&db, &caller, room_id, PINS_MAX).await?;
        // The list has no pages: should fifty of the longest messages not fit an answer, the oldest pins wait.
        let (messages, _) = history::fit(messages, PINS_MAX as usize);
        history::with_reactions(&db, &caller, messages).await
    })
    .await
}

async fn set_once(
    app: &App,
    caller: &Caller,
    room_id: RoomId,
    pinning: &Pinning,
) -> Result<(), Error> {
    let keyed = pinning.keyed(room_id);
    let mut mutation = mutation::begin(app, caller, &keyed).await?;
    if mutation.is_repeat() {
        return Ok(());
    }
    let tenant = &caller.tenant;
    // The room's lock keeps its pins as they are while they are counted.
    let locked = db::rooms::lock_room(&mut mutation.tx, tenant, room_id).await?;
    locked.ok_or(Error::NotAMember)?;
    let place = db::pins::find_place(&mut mutation.tx, caller, room_id, pinning.message_id).await?;
    let place = place.ok_or(Error::NotAMember)?;
    if place.role < RoomRole::Moderator && !place.is_direct {
        return Err(Error::PermissionDenied(
            "only owners and moderators of the room pin messages",
        ));
    }
    let message_id = pinning.message_id;
    let message = db::messages::lock_message(&mut mutation.tx, caller, room_id, message_id).await?;
    let message = message.filter(|message| message.is_visible && !message.is_deleted);
    message.ok_or(Error::MessageNotFound)?;
    if place.is_pinned == pinning.is_pinned {
        return Ok(());
    }
    if pinning.is_pinned && place.pins >= PINS_MAX {
        return Err(Error::Quota("a room has at most 50 pinned messages"));
    }
    let pinned = events::messages::pinned(caller, room_id, message_id, pinning.is_pinned, &keyed);
    mutation.record(vec![pinned]).await?;
    if pinning.is_pinned {
        db::pins::insert_pin(&mut mutation.tx, caller, room_id, message_id).await?;
    } else {
        db::pins::delete_pin(&mut mutation.tx, tenant, room_id, message_id).await?;
    }
    mutation::commit(app, mutation).await
}
