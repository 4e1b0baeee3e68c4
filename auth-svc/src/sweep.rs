//! Background work: key rotation, deleting what is over, and telling other services.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{App, Error, addresses::KEPT_DAYS, db, keyring};

/// How often rows that are over are deleted.
const SWEEP_EVERY: Duration = Duration::from_secs(600);

/// How often jobs are looked for.
const JOBS_EVERY: Duration = Duration::from_secs(1);

/// Keeps the keys fresh until `stop`.
pub(crate) async fn keys(app: App, stop: CancellationToken) {
    while pause(keyring::RELOAD_EVERY, &stop).await {
        if let Err(error) = app.keyring.refresh().await {
            tracing::warn!(
                error = format!("{error:#}"),
                "signing keys were not refreshed"
            );
        }
    }
}

/// Deletes rows that are over until `stop`. Replicas do not coordinate: deleting twice harms nobody.
pub(crate) async fn rows(app: App, stop: CancellationToken) {
    while pause(SWEEP_EVERY, &stop).await {
        if let Err(error) = app.sweep().await {
            tracing::warn!(%error, "old rows were not deleted");
        }
    }
}

/// Does jobs until `stop`. Replicas share them: each job is one replica's at a time.
pub(crate) async fn jobs(app: App, stop: CancellationToken) {
    while pause(JOBS_EVERY, &stop).await {
        while !stop.is_cancelled() {
            match app.run_job().await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(%error, "jobs were not done");
                    break;
                }
            }
        }
    }
}

impl App {
    /// Deletes rows that are over: what the background task does every ten minutes.
    ///
    /// # Errors
    /// When Postgres is away.
    pub async fn sweep(&self) -> Result<(), Error> {
        db::tickets::delete_expired_tickets(&self.db).await?;
        db::login_delays::delete_forgotten(&self.db).await?;
        db::sessions::delete_old_sessions(&self.db).await?;
        db::addresses::delete_old_sightings(&self.db, KEPT_DAYS).await?;
        Ok(())
    }
}

/// Waits; false means that it is time to stop.
async fn pause(time: Duration, stop: &CancellationToken) -> bool {
    stop.run_until_cancelled(tokio::time::sleep(time))
        .await
        .is_some()
}
