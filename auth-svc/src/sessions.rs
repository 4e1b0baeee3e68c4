//! Sessions: opened by a log-in, found by token or id, ended for good.

use std::time::Duration;

use ::rpc::Caller;
use proto::id::{SessionId, Tenant, UserId};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, Postgres, Transaction};

use crate::{
    App, Error,
    accounts::{Account, Role},
    credentials::Rejection,
    db::{
        found::{self, Key, Use},
        sessions as db,
    },
    events::{self, Ending},
    feeds, keys,
    secrets::{self, Hash},
    tokens::{self, Audience, Issued},
};

/// The use of a session is not noted again within this, or a sixth of its idle time if that is less.
const SEEN_FOR: Duration = Duration::from_secs(5 * 60);

/// Whom a live session belongs to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Identity {
    /// The tenant.
    pub tenant: Tenant,
    /// The person.
    pub user_id: UserId,
    /// Their name.
    pub name: String,
    /// Their platform role.
    pub role: Role,
    /// The session.
    pub session_id: SessionId,
    /// When it ends if it is not used.
    pub expires_at_ms: i64,
}

/// A session in its owner's list.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its id.
    pub session_id: SessionId,
    /// When it was opened.
    pub created_at_ms: i64,
    /// When it was used, give or take a few minutes.
    pub last_seen_at_ms: i64,
    /// When it ends if it is not used.
    pub expires_at_ms: i64,
    /// The User-Agent it was opened with.
    pub agent: String,
}

/// A session that was just opened: the only moment its token exists in the clear.
pub(crate) struct Opened {
    pub(crate) identity: Identity,
    pub(crate) token: SecretString,
}

/// Which sessions of a person to end.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Which {
    One(SessionId),
    AllBut(SessionId),
    All,
}

/// What the commit of an ending has to tell.
pub(crate) struct Ended {
    keys: Vec<String>,
    events: events::Committed,
}

/// A session as Postgres has it.
pub(crate) struct Found {
    pub(crate) identity: Identity,
    pub(crate) is_revoked: bool,
    pub(crate) is_expired: bool,
    /// Whether its owner is banned.
    pub(crate) is_banned: bool,
    /// Since its use was noted.
    pub(crate) unseen: Duration,
    /// Until it expires.
    pub(crate) left: Duration,
}

/// Opens a session for an account that the transaction holds: made by it, or locked by it.
pub(crate) async fn open(
    app: &App,
    connection: &mut PgConnection,
    account: &Account,
    agent: &str,
) -> Result<Opened, Error> {
    let fresh = secrets::generate(secrets::SESSION);
    let session_id = SessionId::generate();
    let new = db::NewSession {
        tenant: &account.tenant,
        session_id,
        user_id: account.user_id,
        token_hash: &fresh.hash,
        agent,
        lifetimes: app.config.sessions.lifetimes(account.role),
    };
    let expires_at_ms = db::insert_session(connection, new).await?;
    let identity = Identity {
        tenant: account.tenant.clone(),
        user_id: account.user_id,
        name: account.name.clone(),
        role: account.role,
        session_id,
        expires_at_ms,
    };
    Ok(Opened {
        identity,
        token: fresh.text,
    })
}

/// Finds the live session of a token.
pub(crate) async fn by_token(app: &App, token: &str) -> Result<Identity, Error> {
    let hash = secrets::hash_of(secrets::SESSION, token).ok_or(Rejection::Malformed)?;
    let key = keys::token(&hash);
    if let Some(identity) = cached(app, &key).await? {
        return Ok(identity);
    }
    let found = app.crowd.sessions.ask(Key::Token(hash)).await?;
    admit(app, &key, found).await
}

/// Finds a live session by its id.
pub(crate) async fn by_id(
    app: &App,
    tenant: &Tenant,
    session_id: SessionId,
) -> Result<Identity, Error> {
    let key = keys::session(tenant, session_id);
    if let Some(identity) = cached(app, &key).await? {
        return Ok(identity);
    }
    let asked = Key::Id(tenant.clone(), session_id);
    let found = app.crowd.sessions.ask(asked).await?;
    admit(app, &key, found).await
}

/// Refuses a caller who is no administrator, whatever their token says.
pub(crate) async fn of_admin(app: &App, caller: &Caller) -> Result<Identity, Error> {
    let identity = of_caller(app, caller).await?;
    if identity.role == Role::Admin {
        Ok(identity)
    } else {
        Err(Error::AdminRequired)
    }
}

/// Begins a change of the caller's own account: takes their lock, then makes sure that they may still act. A ban or an
/// ending that was acknowledged before is seen; a later one waits.
pub(crate) async fn begin(
    app: &App,
    caller: &Caller,
) -> Result<Transaction<'static, Postgres>, Error> {
    let mut transaction = pg::begin(&app.db).await?;
    stream::lock_actor(&mut transaction, &caller.tenant, caller.user_id).await?;
    let found = found::find_session(&mut *transaction, &caller.tenant, caller.session_id).await?;
    live(found)?;
    Ok(transaction)
}

/// Checks that the caller's session still lives: their token may have outlived it, and their role. Postgres decides,
/// because what follows may be a write.
pub(crate) async fn of_caller(app: &App, caller: &Caller) -> Result<Identity, Error> {
    let key = keys::session(&caller.tenant, caller.session_id);
    let asked = Key::Id(caller.tenant.clone(), caller.session_id);
    let found = app.crowd.sessions.ask(asked).await?;
    admit(app, &key, found).await
}

/// Makes a fresh access token for the caller's session.
pub(crate) async fn issue_token(app: &App, caller: &Caller) -> Result<Issued, Error> {
    let identity = of_caller(app, caller).await?;
    tokens::issue(&app.keyring, &identity, Audience::Access)
}

/// Lists the caller's live sessions, newest first.
pub(crate) async fn list(app: &App, caller: &Caller) -> Result<Vec<Session>, Error> {
    of_caller(app, caller).await?;
    Ok(db::list_sessions(&app.db, &caller.tenant, caller.user_id).await?)
}

/// Ends the caller's own session.
pub(crate) async fn log_out(app: &App, caller: &Caller) -> Result<(), Error> {
    end(app, caller, caller.session_id, Ending::LogOut).await
}

/// Ends one of the caller's sessions. One that is not theirs is as good as ended.
pub(crate) async fn revoke(app: &App, caller: &Caller, session_id: SessionId) -> Result<(), Error> {
    of_caller(app, caller).await?;
    end(app, caller, session_id, Ending::Revoked).await
}

async fn end(
    app: &App,
    caller: &Caller,
    session_id: SessionId,
    ending: Ending,
) -> Result<(), Error> {
    let mut transaction = pg::begin(&app.db).await?;
    // Before anything else: whoever writes as this person waits for us, or we for them.
    stream::lock_actor(&mut transaction, &caller.tenant, caller.user_id).await?;
    let which = Which::One(session_id);
    let ended = end_in(
        &mut transaction,
        &caller.tenant,
        caller.user_id,
        which,
        ending,
    )
    .await?;
    transaction.commit().await?;
    tell(app, ended).await;
    Ok(())
}

/// Ends sessions in the caller's transaction, which must hold the actor's lock; [`tell`] follows the commit.
pub(crate) async fn end_in(
    connection: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
    which: Which,
    ending: Ending,
) -> Result<Ended, Error> {
    let rows = match which {
        Which::One(session_id) => {
            db::update_revoked(connection, tenant, user_id, session_id).await?
        }
        Which::AllBut(session_id) => {
            db::update_others_revoked(connection, tenant, user_id, session_id).await?
        }
        Which::All => db::update_all_revoked(connection, tenant, user_id).await?,
    };
    let ids: Vec<SessionId> = rows.iter().map(|row| SessionId(row.session_id)).collect();
    let appends = events::sessions_revoked(tenant, user_id, &ids, ending);
    let events = feeds::append(connection, &appends).await?;
    Ok(Ended {
        keys: cache_keys(tenant, &rows),
        events,
    })
}

/// Says what a commit ended: to the gateways and to the cache.
pub(crate) async fn tell(app: &App, ended: Ended) {
    app.announcer.committed(ended.events);
    app.cache.forget(&ended.keys).await;
}

/// Makes the cache forget what it knows of a person.
pub(crate) async fn forget_cached(
    app: &App,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<(), Error> {
    let rows = db::list_cache_keys(&app.db, tenant, user_id).await?;
    app.cache.forget(&cache_keys(tenant, &rows)).await;
    Ok(())
}

fn cache_keys(tenant: &Tenant, rows: &[db::KeyRow]) -> Vec<String> {
    let by_id = rows
        .iter()
        .map(|row| keys::session(tenant, SessionId(row.session_id)));
    let by_token = rows.iter().filter_map(|row| {
        let hash: Hash = row.token_hash.as_slice().try_into().ok()?;
        Some(keys::token(&hash))
    });
    by_id.chain(by_token).collect()
}

/// Returns what the cache knows. Bans are not in it, because nobody tells this service of them: whether there is one is asked
/// every time, which is less than what a session costs Postgres.
async fn cached(app: &App, key: &str) -> Result<Option<Identity>, Error> {
    let Some(identity) = app.cache.find(key).await else {
        return Ok(None);
    };
    let now_ms = app.keyring.loaded().now_s() * 1000;
    if u64::try_from(identity.expires_at_ms).is_ok_and(|ends_ms| ends_ms > now_ms) {
        let person = (identity.tenant.clone(), identity.user_id);
        let is_banned = app.crowd.bans.ask(person).await?;
        return if is_banned {
            Err(Error::Banned)
        } else {
            Ok(Some(identity))
        };
    }
    Ok(None)
}

/// Refuses what is no live session of someone who may use it.
fn live(found: Option<Found>) -> Result<Found, Error> {
    let found = found.ok_or(Rejection::Revoked)?;
    if found.is_revoked {
        return Err(Rejection::Revoked.into());
    }
    if found.is_expired {
        return Err(Rejection::Expired.into());
    }
    if found.is_banned {
        return Err(Error::Banned);
    }
    Ok(found)
}

async fn admit(app: &App, key: &str, found: Option<Found>) -> Result<Identity, Error> {
    let found = live(found)?;
    let mut identity = found.identity;
    let idle_s = app.config.sessions.lifetimes(identity.role).idle_s;
    if found.unseen >= SEEN_FOR.min(Duration::from_secs(idle_s.unsigned_abs().into()) / 6) {
        let (tenant, session_id) = (identity.tenant.clone(), identity.session_id);
        let used = Use {
            tenant,
            session_id,
            idle_s,
        };
        let moved = app.crowd.uses.ask(used).await?;
        identity.expires_at_ms = moved.unwrap_or(identity.expires_at_ms);
    }
    app.cache.keep(key, &identity, found.left).await;
    Ok(identity)
}
