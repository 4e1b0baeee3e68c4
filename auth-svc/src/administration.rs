//! What administrators do with accounts.

use ::rpc::Caller;
use proto::id::UserId;
use serde_json::json;
use sqlx::PgConnection;

use crate::{
    App, Error,
    accounts::{Account, By, Role},
    addresses::Sighting,
    db::{accounts as db, addresses, moderation, sessions as session_rows},
    events::Ending,
    names::Username,
    pages::{Page, Paging, Place},
    sessions::{self, Which},
};

/// How far back administrators look, in days.
const SEEN_DAYS: i32 = 30;
/// Most addresses in one list.
const ADDRESSES_MAX: i64 = 100;

/// Gives an account a platform role.
pub(crate) async fn set_role(
    app: &App,
    caller: &Caller,
    by: By,
    role: Role,
) -> Result<Account, Error> {
    let target = target(app, caller, by).await?;
    let (tenant, user_id) = (&caller.tenant, target.user_id);
    if user_id == caller.user_id {
        return Err(Error::OwnRole);
    }
    let mut transaction = pg::begin(&app.db).await?;
    stream::lock_actor(&mut transaction, tenant, user_id).await?;
    require_admin(&mut transaction, caller).await?;
    let mut account = db::lock_account(&mut transaction, tenant, user_id)
        .await?
        .ok_or(Error::UserNotFound)?;
    if account.role == role {
        return Ok(account);
    }
    let detail = json!({"from": account.role.as_str(), "to": role.as_str()});
    account.role = role;
    db::update_role(&mut transaction, tenant, user_id, role).await?;
    if role == Role::Admin {
        let lifetimes = app.config.sessions.lifetimes(role);
        session_rows::update_shortened(&mut transaction, tenant, user_id, lifetimes).await?;
    }
    let (actor, action) = (caller.user_id, "role.set");
    moderation::insert_act(&mut transaction, tenant, actor, action, user_id, &detail).await?;
    transaction.commit().await?;
    sessions::forget_cached(app, tenant, user_id).await?;
    tracing::info!(
        event_type = "role_changed",
        user.id = %user_id,
        by = %caller.user_id,
        role = role.as_str(),
        "platform role changed"
    );
    Ok(account)
}

/// Ends every session of a person and returns how many of them were live.
pub(crate) async fn revoke_sessions(app: &App, caller: &Caller, by: By) -> Result<u32, Error> {
    let target = target(app, caller, by).await?;
    let (tenant, user_id) = (&caller.tenant, target.user_id);
    let mut transaction = pg::begin(&app.db).await?;
    stream::lock_actor(&mut transaction, tenant, user_id).await?;
    let admins = require_admin(&mut transaction, caller).await?;
    if user_id != caller.user_id && admins.contains(&user_id) {
        return Err(Error::AdminProtected);
    }
    // A log-in beside this waits, or is counted.
    db::lock_account(&mut transaction, tenant, user_id)
        .await?
        .ok_or(Error::UserNotFound)?;
    let count = session_rows::count_live_sessions(&mut transaction, tenant, user_id).await?;
    let all = Which::All;
    let ended = sessions::end_in(&mut transaction, tenant, user_id, all, Ending::Revoked).await?;
    if count > 0 {
        let (actor, action) = (caller.user_id, "sessions.revoke");
        let detail = json!({"sessions": count});
        moderation::insert_act(&mut transaction, tenant, actor, action, user_id, &detail).await?;
    }
    transaction.commit().await?;
    sessions::tell(app, ended).await;
    tracing::info!(
        event_type = "sessions_revoked",
        user.id = %user_id,
        by = %caller.user_id,
        count,
        "sessions ended by an administrator"
    );
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Lists where an account was used from lately.
pub(crate) async fn list_addresses(
    app: &App,
    caller: &Caller,
    by: By,
) -> Result<Vec<Sighting>, Error> {
    let target = target(app, caller, by).await?;
    let (tenant, user_id) = (&caller.tenant, target.user_id);
    Ok(addresses::list_sightings(&app.db, tenant, user_id, SEEN_DAYS, ADDRESSES_MAX).await?)
}

/// Lists the accounts whose names have a part in them.
pub(crate) async fn list_users(
    app: &App,
    caller: &Caller,
    query: &str,
    paging: &Paging,
) -> Result<Page<Account>, Error> {
    sessions::of_admin(app, caller).await?;
    let part = query
        .strip_prefix('@')
        .unwrap_or(query)
        .to_ascii_lowercase();
    let rows = db::list_accounts(&app.db, &caller.tenant, &part, paging).await?;
    Ok(paging.cut(rows, |account| Place::of(&account.name)))
}

/// Finds whom an administrator means, also someone who is away.
async fn target(app: &App, caller: &Caller, by: By) -> Result<Account, Error> {
    sessions::of_admin(app, caller).await?;
    let (user_id, name) = match by {
        By::Id(user_id) => (Some(user_id), None),
        By::Name(name) => {
            let name = Username::parse(name.strip_prefix('@').unwrap_or(&name));
            let name = name.map_err(|_| Error::UserNotFound)?;
            (None, Some(name.folded()))
        }
    };
    db::find_existing(&app.db, &caller.tenant, user_id, name.as_deref())
        .await?
        .ok_or(Error::UserNotFound)
}

/// Refuses a caller who is no administrator any more, and keeps all who are so until the commit: of two who take each
/// other's role away one is too late.
async fn require_admin(
    connection: &mut PgConnection,
    caller: &Caller,
) -> Result<Vec<UserId>, Error> {
    let admins = db::lock_admins(connection, &caller.tenant).await?;
    if admins.contains(&caller.user_id) {
        Ok(admins)
    } else {
        Err(Error::AdminRequired)
    }
}
