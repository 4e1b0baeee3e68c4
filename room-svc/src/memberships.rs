//! Entering and leaving rooms, and the rooms that one is in.

use std::sync::Arc;

use pg::Gather;
use proto::{
    frame::RECENT,
    id::{RoomId, Tenant, UserId},
};
use rpc::Caller;
use sqlx::PgPool;
use stream::Anchor;

use crate::{
    App, Error,
    db::{self, rooms::LockedRoom},
    departures::Aftermath,
    events,
    events::governance::Author,
    history::{self, Message, Shelf},
    members::{Member, RoomRole, Standing},
    mutation::{self, Keyed, Mutation, retrying},
    names::RoomRef,
    pages::Paging,
    reads::Counter,
    rooms::{self, Head, Room, RoomKind},
};

/// How many members a join answers with.
const FIRST_MEMBERS: usize = 100;

/// Most people whose rooms one statement reads; each may be in very many.
const MEMBERS_MAX: usize = 32;

/// The rooms that a person is in, read at once for all who come back at the same time.
pub type OwnRooms = Gather<(Tenant, UserId), Vec<MyRoom>, Arc<sqlx::Error>>;

/// A request to enter or to leave a room.
#[derive(Debug, Clone)]
pub struct Passage {
    /// Idempotency key.
    pub key: String,
    /// Which room.
    pub room: RoomRef,
}

/// What one finds on entering: everything up to and including `head` is in here or older than it.
#[derive(Debug, Clone)]
pub struct Joined {
    /// The room.
    pub room: Room,
    /// Where what is told here ends and what is live begins.
    pub head: Head,
    /// The newest messages up to the head that the person may see, oldest first.
    pub messages: Vec<Message>,
    /// The first members by name.
    pub members: Vec<Member>,
}

/// A room that one is in, with the end of its stream and what one has not read of it.
#[derive(Debug, Clone)]
pub struct MyRoom {
    /// The room.
    pub room: Room,
    /// The end of its stream.
    pub head: Head,
    /// What is unread, outside threads.
    pub counter: Counter,
}

/// Enters a room. A member who enters again gets the view of now, and nothing is written.
///
/// # Errors
/// `RoomNotFound`, `Banned`, `Conflict`; `NotAMember` when this very request was done before and the caller has left
/// since.
pub async fn join(app: &App, caller: &Caller, passage: Passage) -> Result<Joined, Error> {
    let room_id = rooms::resolve_keyed(app, caller, &passage.room, &passage.key).await?;
    let room_id = room_id.ok_or(Error::RoomNotFound)?;
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move {
        let keyed = Keyed::new(&passage.key, "room.join", &[room_id.0.as_bytes()]);
        let head = retrying(|| enter(&app, &caller, room_id, &keyed)).await?;
        view(&app, &caller, room_id, head).await
    })
    .await
}

/// Leaves a room. Leaving a room that one is not in is done already.
///
/// # Errors
/// `RoomNotFound`, `Conflict`; `FieldInvalid` for the last owner of a room with other members, and for a direct
/// conversation.
pub async fn leave(app: &App, caller: &Caller, passage: Passage) -> Result<(), Error> {
    let room_id = rooms::resolve_keyed(app, caller, &passage.room, &passage.key).await?;
    let room_id = room_id.ok_or(Error::RoomNotFound)?;
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move {
        let keyed = Keyed::new(&passage.key, "room.leave", &[room_id.0.as_bytes()]);
        retrying(|| exit(&app, &caller, room_id, &keyed)).await
    })
    .await
}

/// Lists the rooms that the caller is in, by name, each with its head as of one moment.
///
/// # Errors
/// `Overloaded`, and the database's.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<MyRoom>, Error> {
    let member = (caller.tenant.clone(), caller.user_id);
    Ok(app.own_rooms.ask(member).await?)
}

/// Makes what answers [`list`].
pub(crate) fn own_rooms(db: &PgPool) -> OwnRooms {
    let pool = db.clone();
    Gather::new(MEMBERS_MAX, move |people: Vec<_>| {
        let pool = pool.clone();
        async move { Ok(list_joined(&pool, &people).await?) }
    })
}

async fn list_joined(
    pool: &PgPool,
    people: &[(Tenant, UserId)],
) -> Result<Vec<Vec<MyRoom>>, sqlx::Error> {
    match db::rooms::list_joined(pool, people).await {
        // Together they took too long. One who is in very many rooms must not keep the others from theirs.
        Err(error) if people.len() > 1 && db::is_cancelled(&error) => {
            let mut joined = Vec::with_capacity(people.len());
            for person in people {
                joined.extend(db::rooms::list_joined(pool, std::slice::from_ref(person)).await?);
            }
            Ok(joined)
        }
        listed => listed,
    }
}

/// Refuses a person who is in as many rooms as one may be.
pub(crate) async fn require_space(
    app: &App,
    mutation: &mut Mutation,
    caller: &Caller,
) -> Result<(), Error> {
    let tenant = &caller.tenant;
    let joined = db::members::count_rooms(&mut mutation.tx, tenant, caller.user_id, false).await?;
    if joined >= i64::from(app.config.rooms_per_user) {
        return Err(Error::FieldInvalid {
            field: "room",
            why: "you are in as many rooms as one may be: leave one first",
        });
    }
    Ok(())
}

async fn enter(app: &App, caller: &Caller, room_id: RoomId, keyed: &Keyed) -> Result<Head, Error> {
    let mut mutation = mutation::begin(app, caller, keyed).await?;
    let tenant = &caller.tenant;
    let room = db::rooms::lock_room(&mut mutation.tx, tenant, room_id).await?;
    let room = room.ok_or(Error::RoomNotFound)?;
    let standing =
        db::members::find_standing(&mut *mutation.tx, tenant, room_id, caller.user_id).await?;
    if standing.role.is_some() {
        return Ok(db::rooms::find_head(&mut mutation.tx, tenant, room_id).await?);
    }
    if mutation.is_repeat() {
        // To enter again on a repeat would undo the leave; to show the room would tell more than is theirs.
        return Err(Error::NotAMember);
    }
    may_enter(&room, standing)?;
    admit(app, mutation, caller, room_id, &room, keyed).await
}

/// A room that one may not even see does not tell that one is banned from it.
fn may_enter(room: &LockedRoom, standing: Standing) -> Result<(), Error> {
    match room.kind {
        RoomKind::Channel if standing.is_banned => Err(Error::Banned),
        RoomKind::Channel => Ok(()),
        RoomKind::Private if standing.is_invited && !standing.is_banned => Ok(()),
        RoomKind::Private | RoomKind::Direct => Err(Error::RoomNotFound),
    }
}

/// Lets the caller into a room that the mutation holds, and commits. Whoever enters a room without members owns it.
pub(crate) async fn admit(
    app: &App,
    mut mutation: Mutation,
    caller: &Caller,
    room_id: RoomId,
    room: &LockedRoom,
    keyed: &Keyed,
) -> Result<Head, Error> {
    require_space(app, &mut mutation, caller).await?;
    let tenant = &caller.tenant;
    let role = if room.members == 0 {
        RoomRole::Owner
    } else {
        RoomRole::Member
    };
    let appended = mutation
        .record(vec![
            events::member_joined(caller, room_id, role, Some(keyed)),
            events::membership_changed(caller, room_id, &room.name, room.kind, true),
        ])
        .await?;
    let joined = appended
        .first()
        .ok_or(Error::Internal("an append without an answer"))?;
    // The stream's head is locked since the append: this seq is the head of the moment of joining.
    let head = Head {
        seq: joined.seq,
        event_id: Some(joined.event_id),
    };
    let member = db::members::NewMember::of(caller, role, joined.seq);
    db::members::insert_member(&mut mutation.tx, tenant, room_id, member).await?;
    db::rooms::add_members(&mut mutation.tx, tenant, room_id, 1).await?;
    db::invitations::delete_invitation(&mut mutation.tx, tenant, room_id, caller.user_id).await?;
    mutation::commit(app, mutation).await?;
    Ok(head)
}

async fn exit(app: &App, caller: &Caller, room_id: RoomId, keyed: &Keyed) -> Result<(), Error> {
    let mut mutation = mutation::begin(app, caller, keyed).await?;
    if mutation.is_repeat() {
        return Ok(());
    }
    let tenant = &caller.tenant;
    let room = db::rooms::lock_room(&mut mutation.tx, tenant, room_id).await?;
    let room = room.ok_or(Error::RoomNotFound)?;
    let standing =
        db::members::find_standing(&mut *mutation.tx, tenant, room_id, caller.user_id).await?;
    let Some(role) = standing.role else {
        let is_visible = room.kind == RoomKind::Channel || standing.is_invited;
        return if is_visible {
            Ok(())
        } else {
            Err(Error::RoomNotFound)
        };
    };
    if room.kind == RoomKind::Direct {
        return Err(Error::FieldInvalid {
            field: "room",
            why: "a direct conversation cannot be left",
        });
    }
    let going = (caller.user_id, role);
    let after = Aftermath::foresee(&mut mutation.tx, tenant, room_id, &room, going).await?;
    if matches!(after, Aftermath::Inherited(_)) {
        // Whoever goes by themselves chooses who comes after them.
        return Err(Error::FieldInvalid {
            field: "room",
            why: "you are its last owner: make another member an owner first",
        });
    }
    let mut events = vec![
        events::member_left(caller, room_id, keyed),
        events::membership_changed(caller, room_id, &room.name, room.kind, false),
    ];
    events.extend(after.event(Author::Caller(caller), room_id));
    mutation.record(events).await?;
    after
        .settle(&mut mutation.tx, tenant, room_id, caller.user_id)
        .await?;
    mutation::commit(app, mutation).await?;
    if matches!(after, Aftermath::Ended) {
        rooms::forget_name(app, caller, &room.name);
    }
    Ok(())
}

/// Reads what a join answers with. Up to a head no message comes or goes, so reading them after the transaction that
/// found the head leaves no gap. One that was changed meanwhile is told again by what is live, which does no harm.
pub(crate) async fn view(
    app: &App,
    caller: &Caller,
    room_id: RoomId,
    head: Head,
) -> Result<Joined, Error> {
    let room = rooms::find_visible(app, caller, room_id).await?;
    let anchor = Anchor::Before(head.seq.saturating_add(1));
    let shelf = Shelf {
        room_id,
        thread: None,
    };
    let page = history::page(&app.db, caller, shelf, anchor, RECENT).await?;
    let paging = Paging {
        after: None,
        limit: FIRST_MEMBERS,
    };
    let members = db::members::list_members(&app.db, &caller.tenant, room_id, &paging).await?;
    Ok(Joined {
        room,
        head,
        messages: page.messages,
        members: paging.cut(members, Member::place).rows,
    })
}
