//! How changes in a person's name begin and end here, and when they are tried again.

use std::future::Future;

use proto::event::ModerationNoted;
use rpc::Caller;
pub(crate) use stream::{Keyed, Mutation};

use crate::{App, Error, audit::Act, db};

/// Begins a change: the caller's lock, the key, and for what is new whether the caller may act at all.
pub(crate) async fn begin(app: &App, caller: &Caller, keyed: &Keyed) -> Result<Mutation, Error> {
    let mut mutation = Mutation::begin(&app.db, &caller.tenant, caller.user_id, keyed).await?;
    if !mutation.is_repeat() {
        db::standings::require_active(&mut mutation.tx, caller).await?;
    }
    Ok(mutation)
}

/// Begins an administrator's act.
pub(crate) async fn begin_act(
    app: &App,
    caller: &Caller,
    keyed: &Keyed,
) -> Result<Mutation, Error> {
    let mut mutation = begin(app, caller, keyed).await?;
    if !mutation.is_repeat() {
        db::standings::require_admin(&mut *mutation.tx, caller).await?;
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

/// Writes the audit row of an act and commits. The row comes last: it holds the tenant's chain.
pub(crate) async fn commit_act(
    app: &App,
    caller: &Caller,
    mut mutation: Mutation,
    act: Act,
) -> Result<(), Error> {
    db::audit::insert_act(&mut mutation.tx, caller, &act).await?;
    commit(app, mutation).await
}

/// Returns the id that the first request with this key noted.
pub(crate) fn first_subject<T: std::str::FromStr>(mutation: &Mutation) -> Result<T, Error> {
    let noted = mutation
        .first()
        .and_then(|first| serde_json::from_slice::<ModerationNoted>(&first.event.data).ok());
    noted
        .and_then(|noted| noted.subject.parse().ok())
        .ok_or(Error::Internal("a key without the id it made"))
}

/// Repeats work that lost against other transactions (deadlock, lock timeout).
pub(crate) async fn retrying<T, F>(work: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    stream::retrying(Error::is_worth_a_retry, work).await
}
