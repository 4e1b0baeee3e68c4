//! Silencing accounts for a time, and warning them.

use proto::id::UserId;
use rpc::Caller;
use serde_json::json;

use crate::{
    App, Error,
    audit::Act,
    db, events,
    mutation::{self, Keyed, Mutation, retrying},
    users::{self, UserRef},
};

/// The longest mute.
const MUTE_MAX_MS: i64 = 28 * 24 * 3_600 * 1_000;

/// A request to silence an account.
#[derive(Debug, Clone)]
pub struct NewMute {
    /// Idempotency key.
    pub key: String,
    /// Whom.
    pub user: UserRef,
    /// Why.
    pub reason: String,
    /// Until when.
    pub until_ms: i64,
}

/// A request to let an account speak again.
#[derive(Debug, Clone)]
pub struct Unmuting {
    /// Idempotency key.
    pub key: String,
    /// Whom.
    pub user: UserRef,
}

/// A request to warn an account.
#[derive(Debug, Clone)]
pub struct NewWarning {
    /// Idempotency key.
    pub key: String,
    /// Whom.
    pub user: UserRef,
    /// Of what.
    pub reason: String,
}

/// A mute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mute {
    /// Whom it silences.
    pub user_id: UserId,
    /// Why.
    pub reason: String,
    /// Since when.
    pub created_at_ms: i64,
    /// Until when.
    pub until_ms: i64,
}

impl NewMute {
    fn keyed(&self) -> Keyed {
        let user = self.user.to_string();
        let until = self.until_ms.to_be_bytes();
        let parts: [&[u8]; 3] = [user.as_bytes(), self.reason.as_bytes(), &until];
        Keyed::new(&self.key, "mute", &parts)
    }
}

/// Silences an account everywhere. One that is silenced already is given the new reason and end.
///
/// # Errors
/// `AdminRequired`, `UserNotFound`, `PermissionDenied`, `FieldInvalid`, `Conflict`.
pub async fn mute(app: &App, caller: &Caller, new_mute: NewMute) -> Result<(), Error> {
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move { retrying(|| mute_once(&app, &caller, &new_mute)).await }).await
}

/// Lets an account speak again. One that may speak may go on.
///
/// # Errors
/// `AdminRequired`, `UserNotFound` for a name that nobody has, `Conflict`.
pub async fn unmute(app: &App, caller: &Caller, unmuting: Unmuting) -> Result<(), Error> {
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move { retrying(|| unmute_once(&app, &caller, &unmuting)).await }).await
}

/// Tells an account that it broke the rules.
///
/// # Errors
/// `AdminRequired`, `UserNotFound`, `Conflict`.
pub async fn warn(app: &App, caller: &Caller, warning: NewWarning) -> Result<(), Error> {
    let (app, caller) = (app.clone(), caller.clone());
    pg::unit(async move { retrying(|| warn_once(&app, &caller, &warning)).await }).await
}

async fn mute_once(app: &App, caller: &Caller, new_mute: &NewMute) -> Result<(), Error> {
    let keyed = new_mute.keyed();
    let mut mutation = mutation::begin_act(app, caller, &keyed).await?;
    if mutation.is_repeat() {
        return Ok(());
    }
    let user_id = claim(caller, &mut mutation, &new_mute.user).await?;
    let now_ms = db::clock::get_now_ms(&mut *mutation.tx).await?;
    check_end(new_mute.until_ms, now_ms)?;
    let (reason, until_ms) = (new_mute.reason.as_str(), new_mute.until_ms);
    let before = db::mutes::find_mute(&mut *mutation.tx, &caller.tenant, user_id).await?;
    if before.is_some_and(|before| before.reason == reason && before.until_ms == until_ms) {
        return Ok(());
    }
    let muted = events::muted(caller, user_id, reason, until_ms, &keyed);
    mutation.record(vec![muted]).await?;
    db::mutes::insert_mute(&mut mutation.tx, caller, user_id, reason, until_ms).await?;
    let act = Act::new("mute", &user_id).with(json!({ "until": until_ms }));
    mutation::commit_act(app, caller, mutation, act).await
}

/// Checks that the account may be silenced and takes its lock: nothing it says commits between here and the mute.
async fn claim(caller: &Caller, mutation: &mut Mutation, user: &UserRef) -> Result<UserId, Error> {
    let (tx, tenant) = (&mut mutation.tx, &caller.tenant);
    let person = users::get(tx, tenant, user).await?;
    if person.is_admin || person.user_id == caller.user_id {
        return Err(Error::PermissionDenied("administrators cannot be muted"));
    }
    stream::lock_actor(tx, tenant, person.user_id).await?;
    Ok(person.user_id)
}

fn check_end(until_ms: i64, now_ms: i64) -> Result<(), Error> {
    if until_ms > now_ms && until_ms <= now_ms + MUTE_MAX_MS {
        return Ok(());
    }
    Err(Error::FieldInvalid {
        field: "until",
        why: "a time within the next 28 days, in milliseconds since the epoch",
    })
}

async fn unmute_once(app: &App, caller: &Caller, unmuting: &Unmuting) -> Result<(), Error> {
    let user = unmuting.user.to_string();
    let keyed = Keyed::new(&unmuting.key, "unmute", &[user.as_bytes()]);
    let mut mutation = mutation::begin_act(app, caller, &keyed).await?;
    if mutation.is_repeat() {
        return Ok(());
    }
    let tenant = &caller.tenant;
    let user_id = users::resolve(&mut mutation.tx, tenant, &unmuting.user).await?;
    if !db::mutes::delete_mute(&mut mutation.tx, tenant, user_id).await? {
        return Ok(());
    }
    let unmuted = events::unmuted(caller, user_id, &keyed);
    mutation.record(vec![unmuted]).await?;
    mutation::commit_act(app, caller, mutation, Act::new("unmute", &user_id)).await
}

async fn warn_once(app: &App, caller: &Caller, warning: &NewWarning) -> Result<(), Error> {
    let user = warning.user.to_string();
    let parts: [&[u8]; 2] = [user.as_bytes(), warning.reason.as_bytes()];
    let keyed = Keyed::new(&warning.key, "warn", &parts);
    let mut mutation = mutation::begin_act(app, caller, &keyed).await?;
    if mutation.is_repeat() {
        return Ok(());
    }
    let person = users::get(&mut mutation.tx, &caller.tenant, &warning.user).await?;
    let warned = events::warned(caller, person.user_id, &warning.reason, &keyed);
    mutation.record(vec![warned]).await?;
    mutation::commit_act(app, caller, mutation, Act::new("warn", &person.user_id)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mute_ends_within_28_days() {
        for good in [1_001, 1_000 + MUTE_MAX_MS] {
            assert!(check_end(good, 1_000).is_ok(), "{good}");
        }
        for bad in [0, 1_000, 1_001 + MUTE_MAX_MS, i64::MAX] {
            assert!(check_end(bad, 1_000).is_err(), "{bad}");
        }
    }
}
