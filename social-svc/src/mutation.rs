//! How changes in a person's name begin here, and when they are tried again.
//!
//! Locks are taken in one order everywhere: the caller's, the other person's (by what takes something from them), the
//! pair's, the other's box of requests, and last the heads of the feeds.

use std::future::Future;

use rpc::Caller;
pub(crate) use stream::{Keyed, Mutation};

use crate::{App, Error, db};

/// Begins a change: the caller's lock, the key, and for what is new whether the caller may act at all.
pub(crate) async fn begin(app: &App, caller: &Caller, keyed: &Keyed) -> Result<Mutation, Error> {
    let mut mutation = Mutation::begin(&app.db, &caller.tenant, caller.user_id, keyed).await?;
    if !mutation.is_repeat() {
        db::standings::require_active(&mut mutation.tx, caller).await?;
    }
    Ok(mutation)
}

/// Commits and tells the world.
pub(crate) async fn commit(app: &App, mutation: Mutation) -> Result<(), Error> {
    mutation
        .commit(&app.announcer)
        .await
        .map_err(Error::of_commit)
}

/// Repeats work that lost against other transactions (deadlock, lock timeout).
pub(crate) async fn retrying<T, F>(work: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    stream::retrying(Error::is_worth_a_retry, work).await
}
