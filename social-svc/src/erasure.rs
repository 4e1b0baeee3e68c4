//! Forgetting a person.

use proto::id::{Tenant, UserId};
use stream::Append;

use crate::{
    App, Error, db, events,
    mutation::retrying,
    presence::{self, Who},
};

/// Most friends who are told in one transaction: each of them is a feed to lock.
const FRIENDS: usize = 200;

/// Forgets a person: tells their friends, and deletes everything of theirs. `false` when there is more to do: ask again.
///
/// # Errors
/// None but the database's.
pub async fn erase(app: &App, tenant: &Tenant, user_id: UserId) -> Result<bool, Error> {
    let (at, of) = (app.clone(), tenant.clone());
    let is_done = pg::unit(async move { retrying(|| erase_once(&at, &of, user_id)).await }).await?;
    if is_done {
        let who = Who {
            tenant: tenant.clone(),
            user_id,
        };
        presence::forget(app, &who).await;
    }
    Ok(is_done)
}

async fn erase_once(app: &App, tenant: &Tenant, user_id: UserId) -> Result<bool, Error> {
    let mut tx = pg::begin(&app.db).await?;
    stream::lock_actor(&mut tx, tenant, user_id).await?;
    let limit = i64::try_from(FRIENDS).unwrap_or(i64::MAX);
    let friends = db::friends::delete_friends_of(&mut tx, tenant, user_id, limit).await?;
    let is_done = friends.len() < FRIENDS;
    if is_done {
        db::requests::delete_requests_of(&mut tx, tenant, user_id).await?;
        db::blocks::delete_blocks_of(&mut tx, tenant, user_id).await?;
        db::settings::delete_setting(&mut tx, tenant, user_id).await?;
        db::presence::delete_chosen(&mut tx, tenant, user_id).await?;
        db::notifications::delete_read_of(&mut tx, tenant, user_id).await?;
        db::notifications::delete_mark(&mut tx, tenant, user_id).await?;
    }
    let told: Vec<Append> = friends
        .into_iter()
        .map(|friend| events::friend_erased(tenant, friend, user_id))
        .collect();
    let results = stream::append_in(&mut tx, &told).await?;
    let events = stream::events_of(&told, &results);
    tx.commit().await.map_err(Error::of_commit)?;
    app.announcer.committed(events);
    Ok(is_done)
}
