//! A database that is replaced by an older backup of itself.

use anyhow::{Context, Result};
use devstack::stores::Store;
use sqlx::{Connection, PgConnection};
use tokio::time::{Instant, sleep};

use super::Strike;
use crate::histcheck::Restore;

/// Copies Postgres while people talk, lets them talk on, then puts the copy in its place. Nothing else is told or started
/// anew: gateways and devices know more than the database does, and have to find that out by themselves.
pub(super) async fn restore(strike: &mut Strike<'_>) -> Result<String> {
    let world = strike.crowd.world.clone();
    let backup_us = world.now_us();
    let backup = strike.lab.fleet.stores.back_up().await?;
    sleep(strike.span).await;
    let heads = heads(strike).await?;
    let replaced_us = world.now_us();
    let down = Instant::now();
    strike.lab.fleet.stores.restore(backup).await?;
    let away = down.elapsed();
    let restored_us = world.now_us();
    let restored = self::heads(strike).await?;
    world.restored(&restored);
    strike.notes.restore = Some(Restore {
        backup_us,
        replaced_us,
        restored_us,
    });
    let lost = heads.iter().zip(&restored);
    let lost: u32 = lost.map(|(had, has)| had.saturating_sub(*has)).sum();
    anyhow::ensure!(lost > 0, "the backup lacks nothing");
    Ok(format!(
        "{lost} events at least taken back, Postgres away for {:.1} s",
        away.as_secs_f64()
    ))
}

/// Reads where the rooms end, by number.
async fn heads(strike: &Strike<'_>) -> Result<Vec<u32>> {
    let port = strike.lab.fleet.stores.port(Store::Postgres);
    let url = devstack::stores::database_url(port, devstack::stores::DATABASE);
    let mut postgres = PgConnection::connect(&url).await?;
    let mut heads = Vec::new();
    for room in &strike.crowd.world.rooms {
        let id: uuid::Uuid = room.parse().context("a room's id")?;
        let head: Option<i64> =
            sqlx::query_scalar("select seq from stream.head where stream_id = $1")
                .bind(id)
                .fetch_optional(&mut postgres)
                .await?;
        heads.push(u32::try_from(head.unwrap_or(0))?);
    }
    postgres.close().await?;
    Ok(heads)
}
