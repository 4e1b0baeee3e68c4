//! Accounts, their names and platform roles.

use ::rpc::Caller;
use anyhow::Context;
use pg::OnConstraint;
use proto::id::{Tenant, UserId};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::{
    App, Error, db::accounts as db, events, feeds, jobs, logins, names::Username, passwords,
    sessions,
};

/// A platform role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Role {
    /// Everybody.
    User,
    /// May moderate and administrate.
    Admin,
}

impl Role {
    /// Returns the stored name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "USER",
            Self::Admin => "ADMIN",
        }
    }

    /// Reads the stored name; what is not ADMIN has no power.
    pub(crate) fn from_stored(name: &str) -> Self {
        if name == "ADMIN" {
            Self::Admin
        } else {
            Self::User
        }
    }
}

/// An account, without its secret.
#[derive(Debug, Clone)]
pub struct Account {
    /// The tenant.
    pub tenant: Tenant,
    /// The person.
    pub user_id: UserId,
    /// The name as its owner writes it.
    pub name: String,
    /// The platform role.
    pub role: Role,
    /// Grows with every change of the password.
    pub password_version: i32,
}

/// How a user is looked up.
#[derive(Debug, Clone)]
pub(crate) enum By {
    Id(UserId),
    /// As written by a person: with or without `@`, in any case.
    Name(String),
}

/// Makes the row of a new account.
pub(crate) async fn create(
    connection: &mut sqlx::PgConnection,
    tenant: &Tenant,
    name: &Username,
    password_hash: &str,
    role: Role,
) -> Result<Account, Error> {
    let account = Account {
        tenant: tenant.clone(),
        user_id: UserId::generate(),
        name: name.as_str().into(),
        role,
        password_version: 1,
    };
    db::insert_account(connection, &account, &name.folded(), password_hash)
        .await
        .on_constraint("account_name_folded_key", || Error::UsernameTaken)?;
    Ok(account)
}

/// Finds a user of the caller's tenant.
pub(crate) async fn get(app: &App, caller: &Caller, by: By) -> Result<Account, Error> {
    sessions::of_caller(app, caller).await?;
    let found = match by {
        By::Id(user_id) => db::find_account(&app.db, &caller.tenant, user_id).await?,
        By::Name(name) => {
            let name = name.strip_prefix('@').unwrap_or(&name);
            let name = Username::parse(name).map_err(|_| Error::UserNotFound)?;
            db::find_account_by_name(&app.db, &caller.tenant, &name.folded()).await?
        }
    };
    found.ok_or(Error::UserNotFound)
}

/// Finds the names of people who can be found.
pub(crate) async fn names(
    app: &App,
    caller: &Caller,
    ids: &[UserId],
) -> Result<Vec<(UserId, String)>, Error> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    Ok(db::list_names(&app.db, &caller.tenant, &ids).await?)
}

/// Gives the caller another name.
pub(crate) async fn change_name(
    app: &App,
    caller: &Caller,
    name: Username,
    password: SecretString,
) -> Result<Account, Error> {
    if passwords::has_name(name.as_str(), password.expose_secret()) {
        let (field, why) = ("name", "must not be part of the password");
        return Err(Error::Field { field, why });
    }
    let mut account = logins::prove_caller(app, caller, password).await?;
    let mut transaction = sessions::begin(app, caller).await?;
    if account.name == name.as_str() {
        return Ok(account);
    }
    let is_done = db::update_name(&mut transaction, &account, name.as_str(), &name.folded())
        .await
        .on_constraint("account_name_folded_key", || Error::UsernameTaken)?;
    if !is_done {
        return Err(Error::CredentialsInvalid);
    }
    account.name = name.as_str().into();
    let appends = [events::account_updated(&account)];
    let events = feeds::append(&mut transaction, &appends).await?;
    jobs::note_name(&mut transaction, &caller.tenant, caller.user_id).await?;
    transaction.commit().await?;
    app.announcer.committed(events);
    sessions::forget_cached(app, &caller.tenant, caller.user_id).await?;
    tracing::info!(event_type = "name_changed", user.id = %caller.user_id, "name changed");
    Ok(account)
}

/// Makes the administrator that the configuration names, unless the name is taken.
pub(crate) async fn bootstrap(app: &App, admin: &SecretString) -> anyhow::Result<()> {
    let (name, password) = admin
        .expose_secret()
        .split_once(':')
        .context("auth.bootstrap_admin must be name:password")?;
    let name = Username::parse(name)
        .map_err(|why| anyhow::anyhow!("auth.bootstrap_admin: the name must be {why}"))?;
    anyhow::ensure!(
        passwords::has_valid_length(password),
        "auth.bootstrap_admin: the password must have 8 to 256 bytes"
    );
    let tenant = Tenant::default_tenant();
    if let Some((account, _)) = db::find_secret_by_name(&app.db, &tenant, &name.folded()).await? {
        if account.role != Role::Admin {
            tracing::warn!("the bootstrap administrator's name belongs to an ordinary account");
        }
        return Ok(());
    }
    let hash = app.hasher.hash(password.into()).await?;
    let mut connection = app.db.acquire().await?;
    match create(&mut connection, &tenant, &name, &hash, Role::Admin).await {
        // Another replica was faster.
        Err(Error::UsernameTaken) => {}
        Err(error) => return Err(error.into()),
        Ok(account) => {
            tracing::info!(user.id = %account.user_id, "made the bootstrap administrator");
        }
    }
    Ok(())
}
