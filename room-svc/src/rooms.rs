//! Rooms: making, finding and listing them.

use proto::id::{EventId, RoomId, UserId};
use rpc::Caller;
use time::OffsetDateTime;

use crate::{
    App, Error, db, events,
    members::RoomRole,
    memberships,
    mutation::{self, Keyed, retrying},
    names::{RoomName, RoomRef},
    pages::{Page, Paging, Place},
};

/// Most characters of a topic.
pub const TOPIC_MAX_CHARS: usize = 256;

/// Who may find and enter a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoomKind {
    /// Everyone.
    Channel,
    /// Members and the invited; for all others it does not exist.
    Private,
    /// Two people, for good; for all others it does not exist.
    Direct,
}

/// A room as one person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// The room's id, which is also its stream's.
    pub room_id: RoomId,
    /// The name as it was chosen; of a direct conversation the other one's.
    pub name: String,
    /// The name as it is compared.
    pub name_folded: String,
    /// Who may find and enter it.
    pub kind: RoomKind,
    /// What it is about; may be empty.
    pub topic: String,
    /// How many are in it.
    pub members: i64,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// Shortest time between two messages of one member, milliseconds; 0 for none.
    pub slow_mode_ms: i64,
    /// Whether the person is a member.
    pub is_joined: bool,
    /// Whether an invitation waits for the person.
    pub is_invited: bool,
    /// The other one of a direct conversation.
    pub peer_id: Option<UserId>,
}

/// Where a stream ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The last seq; 0 for a stream without events.
    pub seq: i64,
    /// The id of the event there.
    pub event_id: Option<EventId>,
}

/// A request to make a room.
#[derive(Debug, Clone)]
pub struct NewRoom {
    /// Idempotency key.
    pub key: String,
    /// Its name.
    pub name: RoomName,
    /// Its topic.
    pub topic: String,
    /// Who may find and enter it.
    pub kind: RoomKind,
}

/// A room that was made, now or by an earlier request with the same key.
#[derive(Debug, Clone)]
pub struct Created {
    /// The room.
    pub room: Room,
    /// Whether an earlier request made it.
    pub is_duplicate: bool,
}

/// A request for a list of rooms.
#[derive(Debug, Clone)]
pub struct Search {
    /// Part of a name; empty for all.
    pub query: String,
    /// Which page.
    pub paging: Paging,
}

impl RoomKind {
    /// Returns the name that is stored and told.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::Private => "private",
            Self::Direct => "direct",
        }
    }

    /// Reads the stored name. What is not known to be open is closed.
    #[must_use]
    pub fn from_stored(text: &str) -> Self {
        match text {
            "channel" => Self::Channel,
            "direct" => Self::Direct,
            _ => Self::Private,
        }
    }

    /// Refuses whoever is not in the room, is less in it than `least`, or asks this of a room that has no roles.
    pub(crate) fn require(
        self,
        role: Option<RoomRole>,
        least: RoomRole,
        why: &'static str,
    ) -> Result<RoomRole, Error> {
        let role = role.ok_or(Error::NotAMember)?;
        match self {
            Self::Direct => Err(Error::PermissionDenied(
                "a direct conversation has no roles",
            )),
            Self::Channel | Self::Private if role < least => Err(Error::PermissionDenied(why)),
            Self::Channel | Self::Private => Ok(role),
        }
    }
}

impl Room {
    /// Whether the person may know of this room.
    #[must_use]
    pub fn is_visible(&self) -> bool {
        self.kind == RoomKind::Channel || self.is_joined || self.is_invited
    }

    fn place(&self) -> Place {
        Place {
            name: self.name_folded.clone(),
            id: self.room_id.0,
        }
    }
}

impl NewRoom {
    fn keyed(&self) -> Keyed {
        let parts: [&[u8]; 3] = [
            self.name.as_str().as_bytes(),
            self.topic.as_bytes(),
            self.kind.as_str().as_bytes(),
        ];
        Keyed::new(&self.key, "room.create", &parts)
    }
}

/// Makes a room with the caller as its owner.
///
/// # Errors
/// `RoomExists`, `Conflict`.
pub async fn create(app: &App, caller: &Caller, new_room: NewRoom) -> Result<Created, Error> {
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move { retrying(|| create_once(&app, &caller, &new_room)).await }).await
}

async fn create_once(app: &App, caller: &Caller, new_room: &NewRoom) -> Result<Created, Error> {
    let keyed = new_room.keyed();
    let mut mutation = mutation::begin(app, caller, &keyed).await?;
    let tenant = &caller.tenant;
    if let Some(first) = mutation.first_stream() {
        let room = db::rooms::find_room(&mut *mutation.tx, tenant, caller.user_id, RoomId(first.0))
            .await?;
        let room = room.ok_or(Error::Internal("a room's stream has no room"))?;
        return Ok(Created {
            room,
            is_duplicate: true,
        });
    }
    memberships::require_space(app, &mut mutation, caller).await?;
    let room_id = RoomId::generate();
    db::rooms::insert_room(&mut mutation.tx, tenant, caller.user_id, room_id, new_room).await?;
    let name = new_room.name.as_str();
    let appended = mutation
        .record(vec![
            events::room_created(caller, room_id, new_room, &keyed),
            events::member_joined(caller, room_id, RoomRole::Owner, None),
            events::membership_changed(caller, room_id, name, new_room.kind, true),
        ])
        .await?;
    let joined_seq = appended.get(1).map_or(0, |joined| joined.seq);
    let owner = db::members::NewMember::of(caller, RoomRole::Owner, joined_seq);
    db::members::insert_member(&mut mutation.tx, tenant, room_id, owner).await?;
    db::rooms::add_members(&mut mutation.tx, tenant, room_id, 1).await?;
    let room = db::rooms::find_room(&mut *mutation.tx, tenant, caller.user_id, room_id).await?;
    let room = room.ok_or(Error::Internal("a room vanished in its own transaction"))?;
    mutation::commit(app, mutation).await?;
    forget_name(app, caller, name);
    Ok(Created {
        room,
        is_duplicate: false,
    })
}

/// Finds a room that the caller may see.
///
/// # Errors
/// `RoomNotFound`.
pub async fn get(app: &App, caller: &Caller, room: RoomRef) -> Result<Room, Error> {
    let room_id = resolve(app, caller, &room)
        .await?
        .ok_or(Error::RoomNotFound)?;
    find_visible(app, caller, room_id).await
}

/// Lists rooms that the caller may see, by name.
///
/// # Errors
/// None but the database's.
pub async fn list(app: &App, caller: &Caller, search: Search) -> Result<Page<Room>, Error> {
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move {
        let folded = crate::names::fold(search.query.trim().trim_start_matches('#'));
        let pattern = format!("%{}%", escape_like(&folded));
        let rooms = db::rooms::list_visible(
            &app.db,
            &caller.tenant,
            caller.user_id,
            &pattern,
            &search.paging,
        )
        .await?;
        Ok(search.paging.cut(rooms, Room::place))
    })
    .await
}

/// Finds the id of a named room, whether or not the caller may see it: decide that next.
pub(crate) async fn resolve(
    app: &App,
    caller: &Caller,
    room: &RoomRef,
) -> Result<Option<RoomId>, Error> {
    let name = match room {
        RoomRef::Id(room_id) => return Ok(Some(*room_id)),
        RoomRef::Nowhere => return Ok(None),
        RoomRef::Name(name) => name,
    };
    let cached = (caller.tenant.clone(), name.clone());
    if let Some(room_id) = app.names.get(&cached) {
        return Ok(Some(room_id));
    }
    let db = app.db.clone();
    let (room_id, cached) = pg::unit::<_, Error>(async move {
        let room_id = db::rooms::find_room_id(&db, &cached.0, &cached.1).await?;
        Ok((room_id, cached))
    })
    .await?;
    if let Some(room_id) = room_id {
        app.names.insert(cached, room_id);
    }
    Ok(room_id)
}

/// Finds the id of a named room as [`resolve`] does, or else of the room where the caller used this key: what a request
/// did may be that the room lost the name it was named by, and its repeat must still be recognised.
pub(crate) async fn resolve_keyed(
    app: &App,
    caller: &Caller,
    room: &RoomRef,
    key: &str,
) -> Result<Option<RoomId>, Error> {
    if let Some(room_id) = resolve(app, caller, room).await? {
        return Ok(Some(room_id));
    }
    let (db, caller, key) = (app.db.clone(), caller.clone(), key.to_owned());
    pg::unit(async move {
        let mut conn = db.acquire().await?;
        let first = stream::find_by_key(&mut conn, &caller.tenant, caller.user_id, &key).await?;
        Ok(first.map(|first| RoomId(first.stream_id.0)))
    })
    .await
}

/// Forgets which room a name belongs to, because it belongs to another one now, or to none. Other replicas forget it by
/// themselves, soon.
pub(crate) fn forget_name(app: &App, caller: &Caller, name: &str) {
    let cached = (caller.tenant.clone(), crate::names::fold(name));
    app.names.invalidate(&cached);
}

/// Finds a room by id if the caller may see it.
pub(crate) async fn find_visible(
    app: &App,
    caller: &Caller,
    room_id: RoomId,
) -> Result<Room, Error> {
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(async move {
        let room = db::rooms::find_room(&db, &caller.tenant, caller.user_id, room_id).await?;
        room.filter(Room::is_visible).ok_or(Error::RoomNotFound)
    })
    .await
}

/// Makes the wildcards of `like` stand for themselves.
fn escape_like(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for each in text.chars() {
        if matches!(each, '\\' | '%' | '_') {
            escaped.push('\\');
        }
        escaped.push(each);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{RoomKind, escape_like};

    #[test]
    fn wildcards_stand_for_themselves() {
        assert_eq!(escape_like(r"50%_\x"), r"50\%\_\\x");
    }

    #[test]
    fn an_unknown_kind_is_closed() {
        assert_eq!(RoomKind::from_stored("channel"), RoomKind::Channel);
        assert_eq!(RoomKind::from_stored("direct"), RoomKind::Direct);
        assert_eq!(RoomKind::from_stored("secret"), RoomKind::Private);
    }
}
