//! Friendships: their end, and the list of them.

use rpc::Caller;

use crate::{
    App, Error, db, events,
    mutation::{self, Keyed, retrying},
    pages::{Page, Paging},
    people::{self, Person, UserRef},
    requests::{self, Pending},
};

/// Most waiting requests that are listed, each way.
const PENDING_LISTED: i64 = 200;

/// A request to end a friendship.
#[derive(Debug, Clone)]
pub struct Parting {
    /// Idempotency key.
    pub key: String,
    /// The other one.
    pub user: UserRef,
}

/// A page of friends; the first one has the requests that wait.
#[derive(Debug, Clone)]
pub struct Friends {
    /// Friends by name.
    pub page: Page<Person>,
    /// Requests that wait for the caller, newest first.
    pub incoming: Vec<Pending>,
    /// The caller's own requests that wait, newest first.
    pub outgoing: Vec<Pending>,
}

/// Ends a friendship. Whoever is no friend is none already.
///
/// # Errors
/// `UserNotFound`, `FieldInvalid` for oneself, `Conflict`.
pub async fn remove(app: &App, caller: &Caller, parting: Parting) -> Result<(), Error> {
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move { retrying(|| remove_once(&app, &caller, &parting)).await }).await
}

/// Lists the caller's friends by name.
///
/// # Errors
/// None but the database's.
pub async fn list(app: &App, caller: &Caller, paging: Paging) -> Result<Friends, Error> {
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(async move {
        let (tenant, own) = (&caller.tenant, caller.user_id);
        let friends = db::friends::list_friends(&db, tenant, own, &paging).await?;
        let (mut incoming, mut outgoing) = (Vec::new(), Vec::new());
        if paging.after.is_none() {
            incoming = db::requests::list_incoming(&db, tenant, own, PENDING_LISTED).await?;
            outgoing = db::requests::list_outgoing(&db, tenant, own, PENDING_LISTED).await?;
        }
        Ok(Friends {
            page: paging.cut(friends, Person::place),
            incoming,
            outgoing,
        })
    })
    .await
}

async fn remove_once(app: &App, caller: &Caller, parting: &Parting) -> Result<(), Error> {
    let user = parting.user.to_string();
    let keyed = Keyed::new(&parting.key, "friend.remove", &[user.as_bytes()]);
    let mut mutation = mutation::begin(app, caller, &keyed).await?;
    if mutation.is_repeat() {
        return Ok(());
    }
    let (tenant, own) = (&caller.tenant, caller.user_id);
    let other = people::get_other(&mut mutation.tx, caller, &parting.user).await?;
    // Friends may write to each other: the other loses that here, so their lock is needed too.
    db::bonds::lock_other(&mut mutation.tx, tenant, own, other.user_id).await?;
    db::bonds::lock_pair(&mut mutation.tx, tenant, own, other.user_id).await?;
    let bond = requests::get_bond(app, caller, &mut mutation, &other).await?;
    if !bond.are_friends {
        return Ok(());
    }
    let mut appends = vec![
        events::friend_removed(caller, own, &other, Some(&keyed)),
        events::friend_removed(caller, other.user_id, &Person::of(caller), None),
    ];
    if !db::people::is_sharing_room(&mut mutation.tx, tenant, own, other.user_id).await? {
        appends.push(events::presence_withdrawn(caller, own, other.user_id));
        appends.push(events::presence_withdrawn(caller, other.user_id, own));
    }
    mutation.record(appends).await?;
    db::friends::delete_friend(&mut mutation.tx, tenant, own, other.user_id).await?;
    mutation::commit(app, mutation).await
}
