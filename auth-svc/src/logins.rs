//! Signing up, logging in, proving a password again and changing it.

use std::net::IpAddr;

use ::rpc::Caller;
use proto::id::Tenant;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    App, Error,
    accounts::{self, Account, Role},
    addresses, credentials,
    db::{accounts as db, departures, moderation},
    delays,
    events::Ending,
    names::Username,
    passwords,
    sessions::{self, Opened, Which},
    tokens::{self, Audience, Issued},
};

/// Where a request came from.
pub(crate) struct Client {
    pub(crate) address: Option<IpAddr>,
    pub(crate) agent: String,
}

/// A wish for an account.
pub(crate) struct SignUp {
    pub(crate) tenant: Tenant,
    pub(crate) name: Username,
    pub(crate) password: SecretString,
    pub(crate) client: Client,
}

/// A claim to be someone. The name is as typed: an impossible one is treated like an unknown one.
pub(crate) struct LogIn {
    pub(crate) tenant: Tenant,
    pub(crate) name: String,
    pub(crate) password: SecretString,
    pub(crate) client: Client,
}

/// A wish for another password.
pub(crate) struct ChangePassword {
    pub(crate) old: SecretString,
    pub(crate) new: SecretString,
}

/// An account whose password was just verified.
struct Proven {
    account: Account,
    hash: String,
}

/// An account at the moment of a log-in.
pub(crate) struct Returning {
    pub(crate) account: Account,
    /// Whether its owner had deactivated it.
    pub(crate) is_away: bool,
}

/// Everything a client gets when it signed in.
pub(crate) struct Grant {
    pub(crate) opened: Opened,
    pub(crate) access: Issued,
}

/// Makes an account and its first session.
pub(crate) async fn sign_up(app: &App, input: SignUp) -> Result<Grant, Error> {
    check_password("password", input.name.as_str(), &input.password)?;
    delays::charge_address(app, &input.tenant, input.client.address)
        .await
        .inspect_err(credentials::record_failure)?;
    // Before the name is looked at: a taken one takes as long as a free one.
    let hash = app.hasher.hash(input.password).await?;
    let mut transaction = pg::begin(&app.db).await?;
    let account = accounts::create(
        &mut transaction,
        &input.tenant,
        &input.name,
        &hash,
        Role::User,
    )
    .await?;
    let opened = sessions::open(app, &mut transaction, &account, &input.client.agent).await?;
    addresses::note(
        &mut transaction,
        &account.tenant,
        account.user_id,
        input.client.address,
    )
    .await?;
    transaction.commit().await?;
    tracing::info!(event_type = "signed_up", user.id = %account.user_id, "signed up");
    grant(app, opened)
}

/// Opens a session for whoever knows the password.
pub(crate) async fn log_in(app: &App, input: LogIn) -> Result<Grant, Error> {
    let result = prove_and_open(app, input).await;
    match &result {
        Ok(opened) => {
            tracing::info!(event_type = "logged_in", user.id = %opened.identity.user_id, "logged in");
        }
        Err(error) => credentials::record_failure(error),
    }
    grant(app, result?)
}

/// Changes the caller's password and ends every other session.
pub(crate) async fn change_password(
    app: &App,
    caller: &Caller,
    input: ChangePassword,
) -> Result<(), Error> {
    let account = prove_caller(app, caller, input.old).await?;
    check_password("new_password", &account.name, &input.new)?;
    let hash = app.hasher.hash(input.new).await?;

    let mut transaction = sessions::begin(app, caller).await?;
    if !db::update_password(&mut transaction, &account, &hash).await? {
        return Err(Error::CredentialsInvalid);
    }
    let others = Which::AllBut(caller.session_id);
    let (tenant, user_id) = (&caller.tenant, caller.user_id);
    let ended =
        sessions::end_in(&mut transaction, tenant, user_id, others, Ending::Password).await?;
    transaction.commit().await?;
    sessions::tell(app, ended).await;
    tracing::info!(event_type = "password_changed", user.id = %caller.user_id, "password changed");
    Ok(())
}

/// Verifies the caller's password again, before a change that a borrowed device must not make. Wrong guesses count like
/// those of a log-in.
pub(crate) async fn prove_caller(
    app: &App,
    caller: &Caller,
    password: SecretString,
) -> Result<Account, Error> {
    let identity = sessions::of_caller(app, caller).await?;
    let proven = async {
        let attempt = delays::begin_for_session(app, &caller.tenant, &identity.name).await?;
        let found = db::find_secret(&app.db, &caller.tenant, caller.user_id).await?;
        prove(app, found, password, &attempt).await
    };
    let proven = proven.await.inspect_err(credentials::record_failure)?;
    Ok(proven.account)
}

async fn prove_and_open(app: &App, input: LogIn) -> Result<Opened, Error> {
    let LogIn {
        tenant,
        name,
        password,
        client,
    } = input;
    let attempt = delays::begin(app, &tenant, &name, client.address).await?;
    let found = match Username::parse(&name) {
        Ok(name) => db::find_secret_by_name(&app.db, &tenant, &name.folded()).await?,
        Err(_) => None,
    };
    let proven = prove(app, found, password.clone(), &attempt).await?;
    let opened = return_and_open(app, &proven.account, &client).await?;
    if app.hasher.is_outdated(&proven.hash) {
        rehash(app, &proven, password).await;
    }
    Ok(opened)
}

/// Opens a session for an account whose password was verified, and brings back whoever was away. That an account is banned
/// is said here and not before: to nobody who does not know its password.
async fn return_and_open(app: &App, proven: &Account, client: &Client) -> Result<Opened, Error> {
    let mut transaction = pg::begin(&app.db).await?;
    // None: the password changed after it was verified.
    let returning = departures::lock_returning(&mut transaction, proven)
        .await?
        .ok_or(Error::CredentialsInvalid)?;
    let account = &returning.account;
    let (tenant, user_id) = (&account.tenant, account.user_id);
    if moderation::is_banned(&mut *transaction, tenant, user_id).await? {
        return Err(Error::Banned);
    }
    if returning.is_away {
        departures::update_reactivated(&mut transaction, tenant, user_id).await?;
    }
    let opened = sessions::open(app, &mut transaction, account, &client.agent).await?;
    addresses::note(
        &mut transaction,
        &account.tenant,
        account.user_id,
        client.address,
    )
    .await?;
    transaction.commit().await?;
    Ok(opened)
}

async fn prove(
    app: &App,
    found: Option<(Account, String)>,
    password: SecretString,
    attempt: &delays::Attempt,
) -> Result<Proven, Error> {
    let hash = found.as_ref().map(|(_, hash)| hash.as_str());
    let is_match = match app.hasher.verify(password, hash).await {
        Ok(is_match) => is_match,
        Err(error) => {
            attempt.refund(app).await?;
            return Err(error);
        }
    };
    match found {
        Some((account, hash)) if is_match => {
            attempt.succeed(app).await?;
            Ok(Proven { account, hash })
        }
        _ => Err(Error::CredentialsInvalid),
    }
}

/// Renews a hash made with older parameters. The log-in does not depend on it.
async fn rehash(app: &App, proven: &Proven, password: SecretString) {
    let renewed = async {
        let hash = app.hasher.hash(password).await?;
        Ok::<_, Error>(db::update_hash(&app.db, &proven.account, &proven.hash, &hash).await?)
    };
    match renewed.await {
        Ok(()) => tracing::info!(user.id = %proven.account.user_id, "renewed a password hash"),
        Err(_) => tracing::warn!("a password hash was not renewed, the next log-in tries again"),
    }
}

fn check_password(field: &'static str, name: &str, password: &SecretString) -> Result<(), Error> {
    passwords::check(name, password.expose_secret()).map_err(|why| Error::Field { field, why })
}

fn grant(app: &App, opened: Opened) -> Result<Grant, Error> {
    let access = tokens::issue(&app.keyring, &opened.identity, Audience::Access)?;
    Ok(Grant { opened, access })
}
