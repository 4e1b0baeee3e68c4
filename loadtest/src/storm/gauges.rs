//! What is read off the servers: statements that Postgres ran, and memory of gateways.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use devstack::{fleet::Fleet, stores::Store};
use serde::Serialize;
use sqlx::{Connection, Executor, PgConnection, Row};

use crate::machine::{field, leading_number};

/// How many of the most frequent statements are named.
const TOP: i64 = 6;

/// Counts the statements of the services' database. Needs `pg_stat_statements`, which comes with Postgres.
#[derive(Debug)]
pub struct Statements {
    connection: PgConnection,
}

/// A statement and how often it ran.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Frequent {
    /// How often it ran.
    pub calls: i64,
    /// How it begins.
    pub statement: String,
}

impl Statements {
    /// Restarts the fleet's Postgres with its counter of statements, before anything is measured.
    ///
    /// # Errors
    /// When it does not come up with it.
    pub async fn open(fleet: &mut Fleet) -> Result<Self> {
        let url = fleet.stores.postgres_url();
        let mut connection = PgConnection::connect(&url).await?;
        connection
            .execute("alter system set shared_preload_libraries = 'pg_stat_statements'")
            .await?;
        connection.close().await?;
        fleet.stores.stop_one(Store::Postgres).await;
        fleet.stores.start_again(Store::Postgres).await?;
        let mut connection = PgConnection::connect(&url).await?;
        let created = connection
            .execute("create extension if not exists pg_stat_statements")
            .await;
        created.context("this Postgres does not count statements")?;
        Ok(Self { connection })
    }

    /// Begins to count anew.
    ///
    /// # Errors
    /// When Postgres cannot be asked.
    pub async fn reset(&mut self) -> Result<()> {
        self.connection
            .execute("select pg_stat_statements_reset()")
            .await?;
        Ok(())
    }

    /// Returns how many statements ran so far, but for our own and those that only mark a transaction.
    ///
    /// # Errors
    /// When Postgres cannot be asked.
    pub async fn count(&mut self) -> Result<i64> {
        let row = self
            .connection
            .fetch_one(
                "select coalesce(sum(calls), 0)::bigint from pg_stat_statements
                 where query !~* '^(begin|commit|rollback|set |select pg_stat)|pg_stat_statements'",
            )
            .await?;
        Ok(row.try_get(0)?)
    }

    /// Returns the most frequent statements so far.
    ///
    /// # Errors
    /// When Postgres cannot be asked.
    pub async fn frequent(&mut self) -> Result<Vec<Frequent>> {
        let rows = self
            .connection
            .fetch_all(
                "select calls, left(regexp_replace(trim(query), '\\s+', ' ', 'g'), 90)
                 from pg_stat_statements
                 where query !~* '^(begin|commit|rollback|set |select pg_stat)|pg_stat_statements'
                 order by calls desc limit 12",
            )
            .await?;
        let frequent = rows.iter().take(TOP as usize).map(|row| {
            Ok(Frequent {
                calls: row.try_get(0)?,
                statement: row.try_get(1)?,
            })
        });
        frequent.collect()
    }
}

/// Resident memory of a process in bytes: now, and at most so far.
///
/// # Errors
/// When there is no such process.
pub fn resident(pid: i32) -> Result<(u64, u64)> {
    let path = format!("/proc/{pid}/status");
    let text = fs::read_to_string(Path::new(&path)).context(path)?;
    let bytes = |name| {
        let line = field(&text, name).context("Linux says how much memory a process has")?;
        leading_number(&line)
            .map(|kib| kib * 1024)
            .context("a number")
    };
    Ok((bytes("VmRSS")?, bytes("VmHWM")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_no_less_than_what_is_now() {
        let (now, peak) = resident(std::process::id() as i32).expect("we run");
        assert!(peak >= now && now > 100_000);
        assert!(resident(i32::MAX).is_err());
    }
}
