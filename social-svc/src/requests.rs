//! Asking to be friends, and the answers.

use proto::event::Kind;
use rpc::Caller;
use stream::Stored;
use time::OffsetDateTime;

use crate::{
    App, Error,
    bonds::{Asked, Bond, Step},
    db, events,
    mutation::{self, Keyed, Mutation, retrying},
    people::{self, Person, UserRef},
};

/// Most characters of what is written with a request.
pub const NOTE_MAX_CHARS: usize = 200;

/// Told alike for one's own requests and for those that wait for the other: how many that are is not for the asker.
const TOO_MANY: &str = "too many friend requests wait for an answer: try again later";

/// What two people are after a request, as far as the caller is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FriendState {
    /// The request waits.
    Pending,
    /// They are friends.
    Friends,
}

/// A request to be friends.
#[derive(Debug, Clone)]
pub struct NewRequest {
    /// Idempotency key.
    pub key: String,
    /// Who is asked.
    pub user: UserRef,
    /// What is written with it; may be empty.
    pub note: String,
}

/// An answer to a request, or a request taken back.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Idempotency key.
    pub key: String,
    /// The other one.
    pub user: UserRef,
}

/// What became of a request.
#[derive(Debug, Clone)]
pub struct Requested {
    /// What the two are now.
    pub state: FriendState,
    /// The other one.
    pub user: Person,
}

/// A request that waits, as one of the two sees it.
#[derive(Debug, Clone)]
pub struct Pending {
    /// The other one.
    pub user: Person,
    /// What was written with it.
    pub note: String,
    /// When it was made.
    pub created_at: OffsetDateTime,
}

impl NewRequest {
    fn keyed(&self) -> Keyed {
        let user = self.user.to_string();
        let parts: [&[u8]; 2] = [user.as_bytes(), self.note.as_bytes()];
        Keyed::new(&self.key, "friend.request", &parts)
    }
}

impl Reply {
    fn keyed(&self, operation: &str) -> Keyed {
        Keyed::new(&self.key, operation, &[self.user.to_string().as_bytes()])
    }
}

impl Requested {
    fn new(state: FriendState, user: Person) -> Self {
        Self { state, user }
    }

    /// What an earlier request with the same key was answered.
    fn of_first(first: &Stored) -> Result<Self, Error> {
        let state = match events::kind_of(first) {
            Some(Kind::FriendAccepted) => FriendState::Friends,
            _ => FriendState::Pending,
        };
        Ok(Self::new(state, events::person_in(first)?))
    }
}

/// Asks a person to be friends. Whoever was asked by that person already is a friend at once.
///
/// # Errors
/// `UserNotFound`, `AlreadyFriends`, `Quota`, `FieldInvalid`, `Conflict`.
pub async fn request(
    app: &App,
    caller: &Caller,
    new_request: NewRequest,
) -> Result<Requested, Error> {
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move { retrying(|| request_once(&app, &caller, &new_request)).await }).await
}

/// Accepts a request.
///
/// # Errors
/// `RequestNotFound`, `Conflict`.
pub async fn accept(app: &App, caller: &Caller, reply: Reply) -> Result<Requested, Error> {
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move { retrying(|| accept_once(&app, &caller, &reply)).await }).await
}

/// Declines a request; the asker is not told.
///
/// # Errors
/// `RequestNotFound`, `Conflict`.
pub async fn decline(app: &App, caller: &Caller, reply: Reply) -> Result<(), Error> {
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move { retrying(|| decline_once(&app, &caller, &reply)).await }).await
}

/// Takes the caller's own request back.
///
/// # Errors
/// `RequestNotFound`, `Conflict`.
pub async fn cancel(app: &App, caller: &Caller, reply: Reply) -> Result<(), Error> {
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move { retrying(|| cancel_once(&app, &caller, &reply)).await }).await
}

async fn request_once(
    app: &App,
    caller: &Caller,
    new_request: &NewRequest,
) -> Result<Requested, Error> {
    let keyed = new_request.keyed();
    let mut mutation = mutation::begin(app, caller, &keyed).await?;
    if let Some(first) = mutation.first() {
        return Requested::of_first(first);
    }
    let tenant = &caller.tenant;
    let other = people::get_other(&mut mutation.tx, caller, &new_request.user).await?;
    db::bonds::lock_pair(&mut mutation.tx, tenant, caller.user_id, other.user_id).await?;
    let bond = get_bond(app, caller, &mut mutation, &other).await?;
    match bond.on_request() {
        Step::AlreadyFriends => Err(Error::AlreadyFriends),
        Step::UnblockFirst => Err(Error::FieldInvalid {
            field: "user",
            why: "you block this person: unblock them first",
        }),
        Step::Nothing => Ok(Requested::new(FriendState::Pending, other)),
        Step::Befriend => befriend(app, caller, mutation, other, &keyed).await,
        Step::Ask { is_told } => {
            require_space(app, caller, &mut mutation, &other).await?;
            db::requests::insert_request(
                &mut mutation.tx,
                tenant,
                caller.user_id,
                other.user_id,
                &new_request.note,
            )
            .await?;
            ask(app, caller, mutation, other, new_request, is_told).await
        }
        Step::Pretend => {
            require_space(app, caller, &mut mutation, &other).await?;
            db::requests::update_renewed(
                &mut mutation.tx,
                tenant,
                caller.user_id,
                other.user_id,
                &new_request.note,
            )
            .await?;
            ask(app, caller, mutation, other, new_request, false).await
        }
    }
}

/// Refuses a request when too many wait, of the caller or for the other. What is kept from the other does not count for
/// them: it must not fill a box that they cannot empty.
async fn require_space(
    app: &App,
    caller: &Caller,
    mutation: &mut Mutation,
    other: &Person,
) -> Result<(), Error> {
    let tenant = &caller.tenant;
    db::requests::lock_incoming(&mut mutation.tx, tenant, other.user_id).await?;
    let outgoing =
        db::requests::count_outgoing(&mut mutation.tx, tenant, caller.user_id, other.user_id)
            .await?;
    let incoming = db::requests::count_incoming(&mut mutation.tx, tenant, other.user_id).await?;
    if outgoing >= i64::from(app.config.outgoing_requests)
        || incoming >= i64::from(app.config.incoming_requests)
    {
        return Err(Error::Quota(TOO_MANY));
    }
    Ok(())
}

async fn ask(
    app: &App,
    caller: &Caller,
    mut mutation: Mutation,
    other: Person,
    new_request: &NewRequest,
    is_told: bool,
) -> Result<Requested, Error> {
    let keyed = new_request.keyed();
    let mut appends = vec![events::friend_sent(caller, &other, &keyed)];
    if is_told {
        appends.push(events::friend_requested(caller, &other, &new_request.note));
        appends.push(events::notified_of_request(
            caller,
            &other,
            &new_request.note,
        ));
    }
    mutation.record(appends).await?;
    mutation::commit(app, mutation).await?;
    Ok(Requested::new(FriendState::Pending, other))
}

async fn accept_once(app: &App, caller: &Caller, reply: &Reply) -> Result<Requested, Error> {
    let keyed = reply.keyed("friend.accept");
    let mut mutation = mutation::begin(app, caller, &keyed).await?;
    if let Some(first) = mutation.first() {
        return Requested::of_first(first);
    }
    let (other, bond) = answered(app, caller, &mut mutation, reply).await?;
    if bond.are_friends {
        return Ok(Requested::new(FriendState::Friends, other));
    }
    if !bond.is_asked() {
        return Err(Error::RequestNotFound);
    }
    befriend(app, caller, mutation, other, &keyed).await
}

async fn decline_once(app: &App, caller: &Caller, reply: &Reply) -> Result<(), Error> {
    let keyed = reply.keyed("friend.decline");
    let mut mutation = mutation::begin(app, caller, &keyed).await?;
    if mutation.is_repeat() {
        return Ok(());
    }
    let (other, bond) = answered(app, caller, &mut mutation, reply).await?;
    if !bond.is_asked() {
        return Err(Error::RequestNotFound);
    }
    mutation
        .record(vec![events::friend_declined(caller, &other, Some(&keyed))])
        .await?;
    db::requests::update_declined(
        &mut mutation.tx,
        &caller.tenant,
        other.user_id,
        caller.user_id,
    )
    .await?;
    mutation::commit(app, mutation).await
}

async fn cancel_once(app: &App, caller: &Caller, reply: &Reply) -> Result<(), Error> {
    let keyed = reply.keyed("friend.cancel");
    let mut mutation = mutation::begin(app, caller, &keyed).await?;
    if mutation.is_repeat() {
        return Ok(());
    }
    let (other, bond) = answered(app, caller, &mut mutation, reply).await?;
    if !bond.sent.is_some_and(Asked::waits_for_asker) {
        return Err(Error::RequestNotFound);
    }
    let own = events::friend_cancelled(caller, caller.user_id, &other, Some(&keyed));
    let mut appends = vec![own];
    if bond.is_asking() {
        appends.push(events::friend_cancelled(
            caller,
            other.user_id,
            &Person::of(caller),
            None,
        ));
    }
    mutation.record(appends).await?;
    withdraw(caller, &mut mutation, &other).await?;
    mutation::commit(app, mutation).await
}

/// Takes the caller's request back. One that was declined keeps its row, so that the decline keeps its time.
pub(crate) async fn withdraw(
    caller: &Caller,
    mutation: &mut Mutation,
    other: &Person,
) -> Result<(), Error> {
    let (tenant, own) = (&caller.tenant, caller.user_id);
    db::requests::delete_waiting(&mut mutation.tx, tenant, own, other.user_id).await?;
    db::requests::update_withdrawn(&mut mutation.tx, tenant, own, other.user_id).await?;
    Ok(())
}

/// Finds the other one of a request with what the two are. Somebody unknown asked nothing and was asked nothing.
async fn answered(
    app: &App,
    caller: &Caller,
    mutation: &mut Mutation,
    reply: &Reply,
) -> Result<(Person, Bond), Error> {
    let other = db::people::find_person(&mut mutation.tx, &caller.tenant, &reply.user).await?;
    let other = other
        .filter(|other| other.user_id != caller.user_id)
        .ok_or(Error::RequestNotFound)?;
    let tenant = &caller.tenant;
    db::bonds::lock_pair(&mut mutation.tx, tenant, caller.user_id, other.user_id).await?;
    let bond = get_bond(app, caller, mutation, &other).await?;
    Ok((other, bond))
}

/// Reads what the two are. The pair's lock is held, so it stays so.
pub(crate) async fn get_bond(
    app: &App,
    caller: &Caller,
    mutation: &mut Mutation,
    other: &Person,
) -> Result<Bond, Error> {
    let bond = db::bonds::get_bond(
        &mut mutation.tx,
        &caller.tenant,
        caller.user_id,
        other.user_id,
        app.config.ask_again_days,
    );
    Ok(bond.await?)
}

/// Makes the two friends: every request between them is answered.
async fn befriend(
    app: &App,
    caller: &Caller,
    mut mutation: Mutation,
    other: Person,
    keyed: &Keyed,
) -> Result<Requested, Error> {
    let (tenant, own) = (&caller.tenant, caller.user_id);
    db::requests::delete_between(&mut mutation.tx, tenant, own, other.user_id).await?;
    db::friends::insert_friend(&mut mutation.tx, tenant, own, other.user_id).await?;
    mutation
        .record(vec![
            events::friend_accepted(caller, own, &other, Some(keyed)),
            events::friend_accepted(caller, other.user_id, &Person::of(caller), None),
            events::notified_of_friend(caller, &other),
        ])
        .await?;
    mutation::commit(app, mutation).await?;
    Ok(Requested::new(FriendState::Friends, other))
}
