//! Changing the text of one's own message.

use proto::{
    event::{Kind, MessageEdited, MessagePosted},
    id::{EventId, FilterId, RoomId, UserId},
};
use rpc::Caller;
use stream::Appended;

use crate::{
    App, Error, db,
    db::messages::LockedMessage,
    events,
    filter::Alert,
    mentions::{self, Place},
    messages,
    mutation::{self, Keyed, Mutation, retrying},
    names::RoomRef,
    rooms,
};

/// A request to change a message.
#[derive(Debug, Clone)]
pub struct Edit {
    /// Idempotency key.
    pub key: String,
    /// Where it stands.
    pub room: RoomRef,
    /// Which.
    pub message_id: EventId,
    /// Its text from now on; [`messages::check_body`] has passed it.
    pub body: String,
    /// The revision that the change is based on.
    pub rev: u32,
}

/// A message that was changed, now or by an earlier request with the same key.
#[derive(Debug, Clone, Copy)]
pub struct Edited {
    /// Its revision now.
    pub rev: u32,
    /// The event that tells of it.
    pub appended: Appended,
}

impl Edit {
    fn keyed(&self, room_id: RoomId) -> Keyed {
        let rev = self.rev.to_be_bytes();
        let parts: [&[u8]; 4] = [
            room_id.0.as_bytes(),
            self.message_id.0.as_bytes(),
            self.body.as_bytes(),
            &rev,
        ];
        Keyed::new(&self.key, "message.edit", &parts)
    }
}

/// Changes the text of a message of the caller's, and tells those whom it names now and did not name before.
///
/// # Errors
/// `NotAMember`, `Muted`, `MessageNotFound`, `PermissionDenied`, `Stale`, `WordRefused`, `Conflict`.
pub async fn edit(app: &App, caller: &Caller, edit: Edit) -> Result<Edited, Error> {
    let room_id = rooms::resolve(app, caller, &edit.room).await?;
    let room_id = room_id.ok_or(Error::NotAMember)?;
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move {
        let (edited, alerted) = retrying(|| edit_once(&app, &caller, room_id, &edit)).await?;
        if let Some(filter_id) = alerted {
            app.filters.alert(Alert {
                tenant: caller.tenant,
                filter_id,
                message_id: edit.message_id,
                room_id,
                user_id: caller.user_id,
                snapshot: edit.body,
            });
        }
        Ok(edited)
    })
    .await
}

async fn edit_once(
    app: &App,
    caller: &Caller,
    room_id: RoomId,
    edit: &Edit,
) -> Result<(Edited, Option<FilterId>), Error> {
    let keyed = edit.keyed(room_id);
    let mut mutation = mutation::begin(app, caller, &keyed).await?;
    if let Some(first) = mutation.first() {
        let data: MessageEdited = serde_json::from_slice(&first.event.data)
            .map_err(|_| Error::Internal("an edit cannot be read"))?;
        let appended = messages::answered(first)?;
        let rev = data.rev;
        return Ok((Edited { rev, appended }, None));
    }
    messages::require_voice(&mut mutation, caller, room_id, Kind::MessageEdited).await?;
    let locked =
        db::messages::lock_message(&mut mutation.tx, caller, room_id, edit.message_id).await?;
    let locked = require_own(caller, edit, locked)?;
    let alerted = app.filters.check(&caller.tenant, &edit.body)?;

    let mentioned = mentions::resolve(&mut mutation, caller, room_id, &edit.body).await?;
    let users: Vec<UserId> = mentioned.iter().map(|each| each.user_id).collect();
    let stored = db::messages::get_data(&mut mutation.tx, &caller.tenant, room_id, locked.seq);
    let mut now = read(&stored.await?)?;
    now.body.clone_from(&edit.body);
    now.rev = locked.rev + 1;
    now.mentions = events::messages::texts(&users);

    let place = Place {
        room_id,
        room_name: db::messages::find_room_name(&mut mutation.tx, &caller.tenant, room_id).await?,
        message_id: edit.message_id,
        thread: locked.thread,
    };
    let mut newly = mentioned;
    newly.retain(|each| !locked.mentions.contains(&each.user_id));
    let mut appends = vec![events::messages::edited(
        caller,
        room_id,
        edit.message_id,
        &now,
        &keyed,
    )];
    appends.extend(mentions::notices(caller, &newly, &place, &edit.body));
    let appended = mutation.record(appends).await?;
    let appended = *appended
        .first()
        .ok_or(Error::Internal("an append without an answer"))?;

    now.edited_at = Some(appended.at_ms);
    rewrite(&mut mutation, caller, room_id, locked.seq, &now).await?;
    let (tenant, seq) = (&caller.tenant, locked.seq);
    db::messages::update_body(&mut mutation.tx, tenant, room_id, seq, &edit.body, &users).await?;
    mutation::commit(app, mutation).await?;
    let rev = now.rev;
    Ok((Edited { rev, appended }, alerted))
}

/// Hidden is not found; what is seen and another's is theirs; what is gone has no text.
fn require_own(
    caller: &Caller,
    edit: &Edit,
    locked: Option<LockedMessage>,
) -> Result<LockedMessage, Error> {
    let locked = locked.filter(|locked| locked.is_visible);
    let locked = locked.ok_or(Error::MessageNotFound)?;
    if locked.author != caller.user_id {
        return Err(Error::PermissionDenied("only its author changes a message"));
    }
    if locked.is_deleted {
        return Err(Error::MessageNotFound);
    }
    if locked.rev != edit.rev {
        return Err(Error::Stale);
    }
    Ok(locked)
}

/// Reads what the log holds of a message.
pub(crate) fn read(data: &str) -> Result<MessagePosted, Error> {
    serde_json::from_str(data).map_err(|_| Error::Internal("a message cannot be read"))
}

/// Puts a message's data of now in the place of the old.
pub(crate) async fn rewrite(
    mutation: &mut Mutation,
    caller: &Caller,
    room_id: RoomId,
    seq: i64,
    now: &MessagePosted,
) -> Result<(), Error> {
    let data = serde_json::to_string(now).expect("texts, numbers and lists are always JSON");
    let tenant = &caller.tenant;
    let is_done = stream::rewrite(&mut mutation.tx, tenant, room_id.into(), seq, &data).await?;
    if is_done {
        Ok(())
    } else {
        Err(Error::Internal("a message is not in the log"))
    }
}
