//! Signing up, logging in and changing the password.

use std::net::IpAddr;

use ::rpc::Caller;
use proto::id::Tenant;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    App, Error,
    accounts::{self, Account, Role},
    credentials,
    db::accounts as db,
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
    let mut transaction = app.db.begin().await?;
    let account = accounts::create(
        &mut transaction,
        &input.tenant,
        &input.name,
        &hash,
        Role::User,
    )
    .await?;
    let opened = sessions::open(app, &mut transaction, &account, &input.client.agent).await?;
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
    let identity = sessions::of_caller(app, caller).await?;
    check_password("new_password", &identity.name, &input.new)?;
    let attempt = delays::begin_for_session(app, &caller.tenant, &identity.name)
        .await
        .inspect_err(credentials::record_failure)?;
    let name = identity.name.to_ascii_lowercase();
    let proven = prove(app, &caller.tenant, &name, input.old, &attempt)
        .await
        .inspect_err(credentials::record_failure)?;
    let hash = app.hasher.hash(input.new).await?;

    let mut transaction = app.db.begin().await?;
    stream::lock_actor(&mut transaction, &caller.tenant, caller.user_id).await?;
    if !db::update_password(&mut transaction, &proven.account, &hash).await? {
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

/// An account whose password was just verified.
struct Proven {
    account: Account,
    hash: String,
}

async fn prove_and_open(app: &App, input: LogIn) -> Result<Opened, Error> {
    let LogIn {
        tenant,
        name,
        password,
        client,
    } = input;
    let attempt = delays::begin(app, &tenant, &name, client.address).await?;
    let proven = prove(app, &tenant, &name, password.clone(), &attempt).await?;
    let mut connection = app.db.acquire().await?;
    let opened = sessions::open(app, &mut connection, &proven.account, &client.agent).await?;
    drop(connection);
    if app.hasher.is_outdated(&proven.hash) {
        rehash(app, &proven, password).await;
    }
    Ok(opened)
}

async fn prove(
    app: &App,
    tenant: &Tenant,
    name: &str,
    password: SecretString,
    attempt: &delays::Attempt,
) -> Result<Proven, Error> {
    let found = match Username::parse(name) {
        Ok(name) => db::find_account_by_name(&app.db, tenant, &name.folded()).await?,
        Err(_) => None,
    };
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
