//! The Postgres pool, units of work that survive a cancelled caller, one reading for many callers, what a database error
//! means, and rights of roles.
//!
//! Knows no table. SQL lives in the `db` modules of whoever owns the schema.

mod failure;
pub mod gather;
pub mod grants;
pub mod pages;

use std::{future::Future, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sqlx::{
    Connection, PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};

pub use failure::{Failure, OnConstraint, classify};
pub use gather::{Gather, Unanswered};

/// Where Postgres is and how much of it one process may use.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `postgres://user:password@host:port/database`: what the process works as.
    pub url: SecretString,
    /// The same for the owner of the schemas, who migrates and grants; `url` unless told.
    #[serde(default)]
    pub migrate_url: Option<SecretString>,
    /// Whether the process migrates before it serves; it does unless told.
    #[serde(default = "yes")]
    pub migrates_at_start: bool,
    /// Most connections of this process; 16 unless told.
    #[serde(default = "default_max_connections")]
    pub max_connections: u32,
}

fn default_max_connections() -> u32 {
    16
}

fn yes() -> bool {
    true
}

/// How long a request may wait for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(1);
/// Connections are renewed after this, so that a failover or a new role takes hold.
const MAX_LIFETIME: Duration = Duration::from_secs(600);
/// A session that lay idle for longer is asked whether it still lives before it is trusted with anything: a Postgres that
/// was started anew took longer than this.
pub const TRUST: Duration = Duration::from_millis(500);

/// Opens a pool. Connections are made when needed, so this succeeds while Postgres is away.
///
/// Every session runs with `statement_timeout` 2 s, `lock_timeout` 1 s and
/// `idle_in_transaction_session_timeout` 5 s, and without just-in-time compilation.
///
/// # Errors
/// When the URL cannot be parsed.
#[expect(
    clippy::unused_async,
    reason = "callers await it, and a pool that connects eagerly would too"
)]
pub async fn connect(settings: &Settings, name: &str) -> Result<PgPool, sqlx::Error> {
    let options: PgConnectOptions = settings.url.expose_secret().parse()?;
    let options = options.application_name(name).options([
        ("statement_timeout", "2s"),
        ("lock_timeout", "1s"),
        ("idle_in_transaction_session_timeout", "5s"),
        // Compiling a statement that runs for a millisecond takes a hundred.
        ("jit", "off"),
    ]);
    Ok(PgPoolOptions::new()
        .max_connections(settings.max_connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .max_lifetime(MAX_LIFETIME)
        .test_before_acquire(false)
        .before_acquire(|connection, session| {
            Box::pin(async move {
                if session.idle_for > TRUST {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_lazy_with(options))
}

/// Begins a transaction on a session of the pool.
///
/// Dropping the returned future leaves no session inside a transaction, as dropping that of [`PgPool::begin`] does
/// (sqlx #4393): what was begun is rolled back before the session is lent again. Nothing else may begin one.
///
/// # Errors
/// When there is no session, or Postgres refuses.
///
/// # Panics
/// When the driver panics.
pub async fn begin(pool: &PgPool) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let pool = pool.clone();
    unit(async move { pool.begin().await }).await
}

/// Runs a unit of database work to its end, even when the caller goes away.
///
/// Dropping the returned future drops the wait, never the SQL: see [`begin`] for why.
///
/// # Errors
/// Those of `work`.
///
/// # Panics
/// When `work` panics.
pub async fn unit<T, E>(work: impl Future<Output = Result<T, E>> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    let task = tokio::spawn(tracing::Instrument::in_current_span(work));
    match task.await {
        Ok(result) => result,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
