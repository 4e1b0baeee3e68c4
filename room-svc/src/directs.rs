//! Direct conversations: rooms of two people, for good. Either of them finds the same one.

use proto::id::{RoomId, UserId};
use rpc::Caller;

use crate::{
    App, Error, db,
    events::governance,
    memberships::MyRoom,
    mutation::{self, Keyed, Mutation, retrying},
    users::{self, User, UserRef},
};

/// Two different people, in no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    low: UserId,
    high: UserId,
}

/// A request to open a conversation.
#[derive(Clone)]
pub struct Opening {
    /// Idempotency key.
    pub key: String,
    /// With whom.
    pub user: UserRef,
    /// The caller's own token: auth-svc is asked in their name.
    pub token: String,
}

/// The other one, as far as they are known.
#[derive(Debug, Clone)]
enum Peer {
    /// They have an account.
    Known(User),
    /// They have none any more, or never had one.
    Unknown(UserId),
}

impl Pair {
    /// Makes a pair; `None` for a person and themselves.
    #[must_use]
    pub fn of(one: UserId, other: UserId) -> Option<Self> {
        let (low, high) = (one.min(other), one.max(other));
        (low != high).then_some(Self { low, high })
    }

    /// Returns the person whose id is smaller.
    #[must_use]
    pub fn low(self) -> UserId {
        self.low
    }

    /// Returns the person whose id is greater.
    #[must_use]
    pub fn high(self) -> UserId {
        self.high
    }
}

impl Peer {
    fn user_id(&self) -> UserId {
        match self {
            Self::Known(user) => user.user_id,
            Self::Unknown(user_id) => *user_id,
        }
    }
}

/// Finds the conversation with a person, or makes it. One that exists is found whatever has happened between the two:
/// its history stays theirs.
///
/// # Errors
/// `RecipientUnavailable`, `FieldInvalid` for oneself, `Quota`, `Conflict`.
pub async fn open(app: &App, caller: &Caller, opening: Opening) -> Result<MyRoom, Error> {
    let peer = find_peer(app, &opening).await?;
    let pair = Pair::of(caller.user_id, peer.user_id()).ok_or(Error::FieldInvalid {
        field: "user",
        why: "someone else",
    })?;
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move {
        let parts: [&[u8]; 2] = [pair.low.0.as_bytes(), pair.high.0.as_bytes()];
        let keyed = Keyed::new(&opening.key, "direct.open", &parts);
        retrying(|| open_once(&app, &caller, pair, &peer, &keyed)).await
    })
    .await
}

async fn find_peer(app: &App, opening: &Opening) -> Result<Peer, Error> {
    match (
        users::get(app, &opening.token, &opening.user).await,
        &opening.user,
    ) {
        (Ok(user), _) => Ok(Peer::Known(user)),
        (Err(Error::UserNotFound), UserRef::Id(user_id)) => Ok(Peer::Unknown(*user_id)),
        (Err(Error::UserNotFound), UserRef::Name(_)) => Err(Error::RecipientUnavailable),
        (Err(error), _) => Err(error),
    }
}

async fn open_once(
    app: &App,
    caller: &Caller,
    pair: Pair,
    peer: &Peer,
    keyed: &Keyed,
) -> Result<MyRoom, Error> {
    let mut mutation = mutation::begin(app, caller, keyed).await?;
    let tenant = &caller.tenant;
    if let Some(room_id) = db::directs::find_direct(&mut *mutation.tx, tenant, pair).await? {
        return shown(&mut mutation, caller, room_id).await;
    }
    let Peer::Known(peer) = peer else {
        return Err(Error::RecipientUnavailable);
    };
    require_welcome(app, &mut mutation, caller, peer).await?;
    let room_id = RoomId::generate();
    if !db::directs::insert_direct(&mut mutation.tx, tenant, room_id, pair, caller.user_id).await? {
        // The other one opened it at the same moment.
        let room_id = db::directs::find_direct(&mut *mutation.tx, tenant, pair).await?;
        let room_id = room_id.ok_or(Error::Internal("a direct conversation vanished"))?;
        return shown(&mut mutation, caller, room_id).await;
    }
    let created = governance::direct_created(caller, peer, room_id, keyed);
    let appended = mutation.record(created.into()).await?;
    let since = appended.first().map_or(0, |created| created.seq);
    let own = User {
        user_id: caller.user_id,
        name: caller.name.clone(),
    };
    for user in [&own, peer] {
        let member = db::members::NewMember::of_direct(user, since);
        db::members::insert_member(&mut mutation.tx, tenant, room_id, member).await?;
    }
    let room = shown(&mut mutation, caller, room_id).await?;
    mutation::commit(app, mutation).await?;
    Ok(room)
}

/// Refuses a conversation that the other one does not want. Too many of them are refused to the caller by name, and to
/// others without a word: how many someone has is theirs to know.
async fn require_welcome(
    app: &App,
    mutation: &mut Mutation,
    caller: &Caller,
    peer: &User,
) -> Result<(), Error> {
    let (tenant, most) = (&caller.tenant, i64::from(app.config.rooms_per_user));
    let is_welcome =
        db::blocks::is_reachable(&mut mutation.tx, tenant, caller.user_id, peer.user_id).await?;
    let theirs = db::members::count_rooms(&mut mutation.tx, tenant, peer.user_id, true).await?;
    if !is_welcome || theirs >= most {
        return Err(Error::RecipientUnavailable);
    }
    let own = db::members::count_rooms(&mut mutation.tx, tenant, caller.user_id, true).await?;
    if own >= most {
        return Err(Error::Quota(
            "you have as many direct conversations as one may have",
        ));
    }
    Ok(())
}

async fn shown(mutation: &mut Mutation, caller: &Caller, room_id: RoomId) -> Result<MyRoom, Error> {
    let tenant = &caller.tenant;
    let room = db::rooms::find_room(&mut *mutation.tx, tenant, caller.user_id, room_id).await?;
    let room = room.ok_or(Error::Internal("a direct conversation vanished"))?;
    let head = db::rooms::find_head(&mut mutation.tx, tenant, room_id).await?;
    let counter = db::reads::count_unread(&mut mutation.tx, caller, room_id, None).await?;
    Ok(MyRoom {
        room,
        head,
        counter,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_has_no_order_and_two_people() {
        let (ada, bob) = (UserId::generate(), UserId::generate());
        assert_eq!(Pair::of(ada, bob), Pair::of(bob, ada));
        assert_eq!(Pair::of(ada, ada), None);
        let pair = Pair::of(bob, ada).expect("two people");
        assert!(pair.low() < pair.high());
    }
}
