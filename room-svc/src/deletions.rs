//! Taking messages away: from everyone, or from one's own devices.

use proto::id::{EventId, RoomId};
use rpc::Caller;

use crate::{
    App, Error, db,
    db::messages::LockedMessage,
    edits, events,
    members::RoomRole,
    mutation::{self, Keyed, Mutation, retrying},
    names::RoomRef,
    rooms,
};

/// From whom a message is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// From all; a tombstone stays.
    Everyone,
    /// From the caller's own devices.
    Me,
}

/// A request to take a message away.
#[derive(Debug, Clone)]
pub struct Deletion {
    /// Idempotency key.
    pub key: String,
    /// Where it stands.
    pub room: RoomRef,
    /// Which.
    pub message_id: EventId,
    /// From whom.
    pub scope: Scope,
}

impl Deletion {
    fn keyed(&self, room_id: RoomId) -> Keyed {
        let scope: &[u8] = match self.scope {
            Scope::Everyone => b"everyone",
            Scope::Me => b"me",
        };
        let parts: [&[u8]; 3] = [room_id.0.as_bytes(), self.message_id.0.as_bytes(), scope];
        Keyed::new(&self.key, "message.delete", &parts)
    }
}

/// Takes a message away and answers the seq of the event that tells of it; 0 when it was gone already.
///
/// # Errors
/// `NotAMember`, `MessageNotFound`, `PermissionDenied`, `Conflict`.
pub async fn delete(app: &App, caller: &Caller, deletion: Deletion) -> Result<i64, Error> {
    let room_id = rooms::resolve(app, caller, &deletion.room).await?;
    let room_id = room_id.ok_or(Error::NotAMember)?;
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move { retrying(|| delete_once(&app, &caller, room_id, &deletion)).await }).await
}

async fn delete_once(
    app: &App,
    caller: &Caller,
    room_id: RoomId,
    deletion: &Deletion,
) -> Result<i64, Error> {
    let keyed = deletion.keyed(room_id);
    let mut mutation = mutation::begin(app, caller, &keyed).await?;
    if let Some(first) = mutation.first() {
        return Ok(first.event.seq);
    }
    let standing =
        db::members::find_standing(&mut *mutation.tx, &caller.tenant, room_id, caller.user_id);
    let role = standing.await?.role.ok_or(Error::NotAMember)?;
    let message_id = deletion.message_id;
    let locked = db::messages::lock_message(&mut mutation.tx, caller, room_id, message_id).await?;
    let locked = locked.ok_or(Error::MessageNotFound)?;
    let seq = match deletion.scope {
        Scope::Everyone => {
            require_right(caller, role, &locked)?;
            if locked.is_deleted {
                return Ok(0);
            }
            bury(&mut mutation, caller, room_id, message_id, &locked, &keyed).await?
        }
        Scope::Me => {
            let is_new = locked.is_visible
                && db::messages::insert_hidden(&mut mutation.tx, caller, room_id, message_id)
                    .await?;
            if !is_new {
                return require_hidden(&mut mutation, caller, message_id).await;
            }
            let hidden = events::messages::hidden(caller, room_id, message_id, &keyed);
            let appended = mutation.record(vec![hidden]).await?;
            appended.first().map_or(0, |appended| appended.seq)
        }
    };
    mutation::commit(app, mutation).await?;
    Ok(seq)
}

/// The author, if it is not hidden from them, and whoever moderates the room, whether or not they see it: a message
/// that was reported must not be safe from a moderator who blocks its author.
fn require_right(caller: &Caller, role: RoomRole, locked: &LockedMessage) -> Result<(), Error> {
    if role >= RoomRole::Moderator {
        return Ok(());
    }
    if !locked.is_visible {
        return Err(Error::MessageNotFound);
    }
    if locked.author != caller.user_id {
        return Err(Error::PermissionDenied(
            "only its author and moderators of the room take a message from everyone",
        ));
    }
    Ok(())
}

/// What is hidden by the caller's own wish is done already; what is hidden otherwise is not there.
async fn require_hidden(
    mutation: &mut Mutation,
    caller: &Caller,
    message_id: EventId,
) -> Result<i64, Error> {
    if db::messages::is_hidden(&mut mutation.tx, caller, message_id).await? {
        Ok(0)
    } else {
        Err(Error::MessageNotFound)
    }
}

async fn bury(
    mutation: &mut Mutation,
    caller: &Caller,
    room_id: RoomId,
    message_id: EventId,
    locked: &LockedMessage,
    keyed: &Keyed,
) -> Result<i64, Error> {
    let tenant = &caller.tenant;
    let stored = db::messages::get_data(&mut mutation.tx, tenant, room_id, locked.seq).await?;
    let mut now = edits::read(&stored)?;
    now.body.clear();
    now.mentions.clear();
    now.deleted = true;
    let deleted = events::messages::deleted(caller, room_id, message_id, keyed);
    let appended = mutation.record(vec![deleted]).await?;
    edits::rewrite(mutation, caller, room_id, locked.seq, &now).await?;
    db::messages::update_deleted(&mut mutation.tx, tenant, room_id, locked.seq).await?;
    db::reactions::delete_reactions(&mut mutation.tx, tenant, message_id).await?;
    db::pins::delete_pin(&mut mutation.tx, tenant, room_id, message_id).await?;
    if locked.author != caller.user_id {
        db::messages::insert_act(&mut mutation.tx, caller, room_id, message_id, locked.author)
            .await?;
    }
    Ok(appended.first().map_or(0, |appended| appended.seq))
}
