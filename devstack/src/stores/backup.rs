//! A backup of Postgres, taken while it runs, and put in its place later.
//!
//! Made as `pg_basebackup` makes one, which not every installation has: Postgres is told that a copy begins, its files are
//! copied in whatever state they are, and the write-ahead log of that time makes one state of them.

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use sqlx::{Connection, Executor, PgConnection, Row};

use super::{Store, Stores, database_url};
use crate::checkout::{self, Account};

/// Of the running server, or taken when the rest is there.
const LEFT_OUT: [&str; 3] = ["postmaster.pid", "postmaster.opts", WAL];
const WAL: &str = "pg_wal";

/// A copy of Postgres' cluster as it was at some moment while it was taken.
#[derive(Debug)]
pub struct Backup(PathBuf);

impl Stores {
    /// Copies Postgres' cluster while it runs. Everything committed before the call is in the copy.
    ///
    /// # Errors
    /// Fails when Postgres does not let itself be copied, or its files cannot be.
    pub async fn back_up(&self) -> Result<Backup> {
        let home = checkout::reachable(&self.dir.join("postgres"))?;
        let (data, copy) = (home.join("data"), home.join("backup"));
        if copy.exists() {
            std::fs::remove_dir_all(&copy)?;
        }
        let account = checkout::postgres_account()?;
        let url = database_url(self.port(Store::Postgres), "postgres");
        // The copy is made within one session: Postgres forgets of a backup whose session ends.
        let mut postgres = PgConnection::connect(&url).await?;
        postgres
            .execute("select pg_backup_start('devstack', true)")
            .await?;
        copy_folder(&data, &copy, account, &LEFT_OUT)?;
        let stopped = postgres
            .fetch_one("select labelfile from pg_backup_stop(false)")
            .await?;
        copy_folder(&data.join(WAL), &copy.join(WAL), account, &[])?;
        let label = copy.join("backup_label");
        std::fs::write(&label, stopped.try_get::<String, _>(0)?)?;
        give(&label, account)?;
        postgres.close().await?;
        Ok(Backup(copy))
    }

    /// Stops Postgres, puts a backup in the place of its cluster, and starts it again. What was committed since the backup
    /// is gone.
    ///
    /// # Errors
    /// Fails when the cluster cannot be replaced or does not come up.
    pub async fn restore(&mut self, backup: Backup) -> Result<()> {
        let home = checkout::reachable(&self.dir.join("postgres"))?;
        let (data, lost) = (home.join("data"), home.join("data.lost"));
        let Backup(copy) = backup;
        ensure!(copy.exists(), "the backup is gone");
        self.stop_one(Store::Postgres).await;
        if lost.exists() {
            std::fs::remove_dir_all(&lost)?;
        }
        std::fs::rename(&data, &lost)?;
        std::fs::rename(&copy, &data)?;
        self.start_again(Store::Postgres).await
    }
}

/// Copies a folder of a running server, whose files come and go, for the account that it runs as.
fn copy_folder(from: &Path, to: &Path, account: Option<Account>, without: &[&str]) -> Result<()> {
    std::fs::create_dir(to).with_context(|| format!("cannot make {}", to.display()))?;
    std::fs::set_permissions(to, std::fs::Permissions::from_mode(0o700))?;
    give(to, account)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if without.iter().any(|left_out| name == *left_out) {
            continue;
        }
        let (source, target) = (entry.path(), to.join(&name));
        let copied = match entry.file_type() {
            Ok(kind) if kind.is_dir() => {
                copy_folder(&source, &target, account, &[])?;
                continue;
            }
            Ok(_) => std::fs::copy(&source, &target).map(drop),
            Err(error) => Err(error),
        };
        match copied {
            Ok(()) => give(&target, account)?,
            // Removed meanwhile: the write-ahead log knows of it.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                return Err(error).with_context(|| format!("cannot copy {}", source.display()));
            }
        }
    }
    Ok(())
}

fn give(path: &Path, account: Option<Account>) -> Result<()> {
    account.map_or(Ok(()), |account| checkout::give(path, account))
}
