//! Disks that are full.

use anyhow::{Context, Result, bail, ensure};
use devstack::stores::{self, SmallDisk, Store};
use sqlx::{Connection, Executor, PgConnection};
use tokio::time::sleep;

use super::{Skipped, Strike};

/// The small disk, in bytes: the log of a run fits several times.
const SIZE: u64 = 96 << 20;
/// What Postgres says when there is no room left.
const DISK_FULL: &str = "53100";
/// What is moved to the small disk: the log, which everything that must arrive goes through, and its index of keys.
const MOVED: [&str; 2] = ["table stream.event", "index stream.event_key"];
/// Needs a page more than there are.
const PROBE: &str =
    "create table probe tablespace small as select repeat('x', 1000) from generate_series(1, 100)";

/// Room on the small disk beside the write-ahead log as it is, in bytes: a few of its segments.
const WAL_ROOM: u64 = 64 << 20;
/// One more segment of the write-ahead log.
const NEXT_SEGMENT: &str =
    "select pg_logical_emit_message(true, 'lab', 'x'); select pg_switch_wal()";
/// Segments that were left for use again; there are no more of them.
const SEGMENTS_MAX: usize = 500;

/// Fills the disk under the write-ahead log, without which Postgres cannot even give up a transaction: it ends itself.
/// When there is room again an operator starts it.
pub(super) async fn fill_wal(strike: &mut Strike<'_>) -> Result<String> {
    let folder = strike.lab.fleet.dir().join("wal");
    let size = strike.lab.fleet.stores.wal_bytes()? + WAL_ROOM;
    let disk = SmallDisk::mount(&folder, size).map_err(|why| Skipped(format!("{why:#}")))?;
    strike.lab.fleet.stores.move_wal(&disk).await?;
    let mut postgres = superuser(strike).await?;
    disk.fill()?;
    let mut segments = 0;
    while postgres.execute(NEXT_SEGMENT).await.is_ok() {
        segments += 1;
        ensure!(segments < SEGMENTS_MAX, "the disk is not full");
    }
    sleep(strike.span).await;
    disk.relieve()?;
    services_live(strike)?;
    let stores = &mut strike.lab.fleet.stores;
    let has_ended = stores.dead() == [Store::Postgres];
    stores.start_again(Store::Postgres).await?;
    stores.fetch_wal(&disk).await?;
    let ended = if has_ended { "ended" } else { "started anew" };
    Ok(format!(
        "{} s without room for the write-ahead log, Postgres {ended} by itself",
        strike.span.as_secs()
    ))
}

/// Fills the disk under the log while people talk, and makes room again.
pub(super) async fn fill_log(strike: &mut Strike<'_>) -> Result<String> {
    let folder = strike.lab.fleet.dir().join("small");
    let disk = SmallDisk::mount(&folder, SIZE).map_err(|why| Skipped(format!("{why:#}")))?;
    let mut postgres = superuser(strike).await?;
    let place = disk.path().display();
    let made = format!("create tablespace small location '{place}'");
    postgres.execute(sqlx::AssertSqlSafe(made)).await?;
    move_log(&mut postgres, "small").await?;
    disk.fill()?;
    let refused = sees_full(&mut postgres).await;
    sleep(strike.span).await;
    let still_refused = sees_full(&mut postgres).await;
    disk.relieve()?;
    ensure!(
        refused? && still_refused?,
        "the disk was not full all the while"
    );
    services_live(strike)?;
    let dead = strike.lab.fleet.stores.dead();
    ensure!(dead.is_empty(), "{dead:?} ended");
    move_log(&mut postgres, "pg_default").await?;
    postgres.execute("drop tablespace small").await?;
    postgres.close().await?;
    Ok(format!(
        "{} s without room for the log",
        strike.span.as_secs()
    ))
}

async fn superuser(strike: &Strike<'_>) -> Result<PgConnection> {
    let port = strike.lab.fleet.stores.port(Store::Postgres);
    let url = stores::database_url(port, stores::DATABASE);
    Ok(PgConnection::connect(&url).await?)
}

async fn move_log(postgres: &mut PgConnection, to: &str) -> Result<()> {
    for what in MOVED {
        let moved = format!("alter {what} set tablespace {to}");
        postgres.execute(sqlx::AssertSqlSafe(moved)).await?;
    }
    Ok(())
}

/// Whether Postgres finds no room on the small disk.
async fn sees_full(postgres: &mut PgConnection) -> Result<bool> {
    match postgres.execute(PROBE).await {
        Ok(_) => {
            postgres.execute("drop table probe").await?;
            Ok(false)
        }
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(DISK_FULL) => Ok(true),
        Err(error) => Err(error).context("the probe"),
    }
}

/// A full disk is no reason for a service to end.
fn services_live(strike: &mut Strike<'_>) -> Result<()> {
    for node in strike.lab.fleet.nodes_mut() {
        if node.has_died() {
            bail!("{} ended", node.name());
        }
    }
    Ok(())
}
