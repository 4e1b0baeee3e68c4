//! Blocks: who must not see whose doings.

use std::sync::Arc;

use pg::Gather;
use proto::id::{Tenant, UserId};
use rpc::Caller;
use sqlx::PgPool;
use stream::Append;
use time::OffsetDateTime;

use crate::{
    App, Error,
    bonds::{Asked, Blocks, Bond, Reach},
    db, events,
    mutation::{self, Keyed, Mutation, retrying},
    pages::{Page, Paging},
    people::{self, Person, UserRef},
    requests,
};

/// Most viewers of one statement.
const VIEWERS_MAX: usize = 200;

/// Whose doings are kept from a viewer, read at once for all who come back at the same time.
pub type Hidden = Gather<(Tenant, UserId), Vec<UserId>, Arc<sqlx::Error>>;

/// A request to block a person.
#[derive(Debug, Clone)]
pub struct NewBlock {
    /// Idempotency key.
    pub key: String,
    /// Who is blocked.
    pub user: UserRef,
    /// How far it goes.
    pub reach: Reach,
}

/// A request to end a block.
#[derive(Debug, Clone)]
pub struct Unblock {
    /// Idempotency key.
    pub key: String,
    /// Who is blocked.
    pub user: UserRef,
}

/// A block of the caller's.
#[derive(Debug, Clone)]
pub struct Block {
    /// Who is blocked.
    pub user: Person,
    /// How far it goes.
    pub reach: Reach,
    /// Since when.
    pub created_at: OffsetDateTime,
}

/// Blocks a person; again with another reach, the block has that reach. Friendship and requests end.
///
/// # Errors
/// `UserNotFound`, `FieldInvalid` for oneself, `Conflict`.
pub async fn add(app: &App, caller: &Caller, new_block: NewBlock) -> Result<Person, Error> {
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move { retrying(|| add_once(&app, &caller, &new_block)).await }).await
}

/// Ends a block. Whoever is not blocked is not.
///
/// # Errors
/// `UserNotFound`, `FieldInvalid` for oneself, `Conflict`.
pub async fn remove(app: &App, caller: &Caller, unblock: Unblock) -> Result<Person, Error> {
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move { retrying(|| remove_once(&app, &caller, &unblock)).await }).await
}

/// Lists the caller's blocks by name.
///
/// # Errors
/// None but the database's.
pub async fn list(app: &App, caller: &Caller, paging: Paging) -> Result<Page<Block>, Error> {
    let (db, caller) = (app.db.clone(), caller.clone());
    pg::unit(async move {
        let blocks = db::blocks::list_blocks(&db, &caller.tenant, caller.user_id, &paging).await?;
        Ok(paging.cut(blocks, |block| block.user.place()))
    })
    .await
}

/// Makes what answers [`list_hidden`].
pub(crate) fn hidden(db: &PgPool) -> Hidden {
    let pool = db.clone();
    Gather::new(VIEWERS_MAX, move |viewers: Vec<_>| {
        let pool = pool.clone();
        async move { Ok(db::blocks::list_hidden(&pool, &viewers).await?) }
    })
}

/// Lists everyone whose doings the caller must not see.
///
/// # Errors
/// `Crowded`, and the database's.
pub async fn list_hidden(app: &App, caller: &Caller) -> Result<Vec<UserId>, Error> {
    let viewer = (caller.tenant.clone(), caller.user_id);
    Ok(app.hidden.ask(viewer).await?)
}

async fn add_once(app: &App, caller: &Caller, new_block: &NewBlock) -> Result<Person, Error> {
    let keyed = new_block.keyed();
    let mut mutation = mutation::begin(app, caller, &keyed).await?;
    if let Some(first) = mutation.first() {
        return events::person_in(first);
    }
    let (tenant, own) = (&caller.tenant, caller.user_id);
    let other = people::get_other(&mut mutation.tx, caller, &new_block.user).await?;
    db::bonds::lock_other(&mut mutation.tx, tenant, own, other.user_id).await?;
    db::bonds::lock_pair(&mut mutation.tx, tenant, own, other.user_id).await?;
    let bond = requests::get_bond(app, caller, &mut mutation, &other).await?;
    if bond.blocks.mine == Some(new_block.reach) {
        return Ok(other);
    }
    let after = Blocks {
        mine: Some(new_block.reach),
        ..bond.blocks
    };
    let told = events::block_updated(caller, &other, after.mine, &keyed);
    let mut appends = vec![told];
    if bond.blocks.mine.is_none() {
        appends.extend(endings(caller, &other, &bond));
        appends.push(events::presence_withdrawn(caller, other.user_id, own));
    }
    appends.extend(hidings(caller, &other, bond.blocks, after));
    mutation.record(appends).await?;
    if bond.blocks.mine.is_none() {
        end(caller, &mut mutation, &other).await?;
    }
    db::blocks::insert_block(
        &mut mutation.tx,
        tenant,
        own,
        other.user_id,
        new_block.reach,
    )
    .await?;
    mutation::commit(app, mutation).await?;
    Ok(other)
}

async fn remove_once(app: &App, caller: &Caller, unblock: &Unblock) -> Result<Person, Error> {
    let keyed = unblock.keyed();
    let mut mutation = mutation::begin(app, caller, &keyed).await?;
    if let Some(first) = mutation.first() {
        return events::person_in(first);
    }
    let (tenant, own) = (&caller.tenant, caller.user_id);
    let other = people::get_other(&mut mutation.tx, caller, &unblock.user).await?;
    db::bonds::lock_pair(&mut mutation.tx, tenant, own, other.user_id).await?;
    let bond = requests::get_bond(app, caller, &mut mutation, &other).await?;
    if bond.blocks.mine.is_none() {
        return Ok(other);
    }
    let after = Blocks {
        mine: None,
        ..bond.blocks
    };
    let told = events::block_updated(caller, &other, after.mine, &keyed);
    let mut appends = vec![told];
    appends.extend(hidings(caller, &other, bond.blocks, after));
    mutation.record(appends).await?;
    db::blocks::delete_block(&mut mutation.tx, tenant, own, other.user_id).await?;
    mutation::commit(app, mutation).await?;
    Ok(other)
}

/// Tells of what ends with a block. For the blocked one it looks as if the caller had ended it, or not at all: their
/// own request goes on waiting.
fn endings(caller: &Caller, other: &Person, bond: &Bond) -> Vec<Append> {
    let own = Person::of(caller);
    let mut appends = Vec::new();
    if bond.are_friends {
        appends.push(events::friend_removed(caller, own.user_id, other, None));
        appends.push(events::friend_removed(caller, other.user_id, &own, None));
    }
    if bond.sent.is_some_and(Asked::waits_for_asker) {
        appends.push(events::friend_cancelled(caller, own.user_id, other, None));
    }
    if bond.is_asking() {
        appends.push(events::friend_cancelled(caller, other.user_id, &own, None));
    }
    if bond.is_asked() {
        appends.push(events::friend_declined(caller, other, None));
    }
    appends
}

/// Ends friendship and requests.
async fn end(caller: &Caller, mutation: &mut Mutation, other: &Person) -> Result<(), Error> {
    let (tenant, own) = (&caller.tenant, caller.user_id);
    requests::withdraw(caller, mutation, other).await?;
    db::requests::update_declined(&mut mutation.tx, tenant, other.user_id, own).await?;
    db::friends::delete_friend(&mut mutation.tx, tenant, own, other.user_id).await?;
    Ok(())
}

/// Tells the gateways of both whose doings are hidden now, or no longer. What another block hides stays hidden.
fn hidings(caller: &Caller, other: &Person, before: Blocks, after: Blocks) -> Vec<Append> {
    let (own, other) = (caller.user_id, other.user_id);
    let mut appends = Vec::new();
    if before.hide_other() != after.hide_other() {
        appends.push(events::hidden_changed(
            caller,
            own,
            other,
            after.hide_other(),
        ));
    }
    if before.hide_caller() != after.hide_caller() {
        appends.push(events::hidden_changed(
            caller,
            other,
            own,
            after.hide_caller(),
        ));
    }
    appends
}

impl NewBlock {
    fn keyed(&self) -> Keyed {
        let user = self.user.to_string();
        let parts: [&[u8]; 2] = [user.as_bytes(), &[u8::from(self.reach.is_mutual())]];
        Keyed::new(&self.key, "block.add", &parts)
    }
}

impl Unblock {
    fn keyed(&self) -> Keyed {
        let user = self.user.to_string();
        Keyed::new(&self.key, "block.remove", &[user.as_bytes()])
    }
}
