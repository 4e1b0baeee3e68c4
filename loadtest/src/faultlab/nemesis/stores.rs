//! Stores that die, stand still and forget.

use std::time::Duration;

use anyhow::Result;
use devstack::stores::{self, Store};
use faultproxy::{Direction, Fault};
use sqlx::{Connection, PgConnection};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, sleep},
};

use super::{Strike, processes::freeze};
use crate::faultlab::links::Way;

const BETWEEN_ENDED: Duration = Duration::from_millis(200);

pub(super) async fn kill_nats(strike: &mut Strike<'_>) -> Result<String> {
    for away in [Duration::from_millis(500), Duration::from_secs(4)] {
        strike.lab.fleet.stores.kill9(Store::Nats).await;
        sleep(away).await;
        strike.lab.fleet.stores.start_again(Store::Nats).await?;
        sleep(strike.span / 3).await;
    }
    Ok("2 kills".to_owned())
}

pub(super) async fn freeze_nats(strike: &mut Strike<'_>) -> Result<String> {
    let pid = strike.lab.fleet.stores.pid(Store::Nats);
    freeze(pid, strike.span).await?;
    Ok(format!("{} s frozen", strike.span.as_secs()))
}

pub(super) async fn kill_postgres(strike: &mut Strike<'_>) -> Result<String> {
    for _ in 0..2 {
        strike.lab.fleet.stores.kill9(Store::Postgres).await;
        strike.lab.fleet.stores.start_again(Store::Postgres).await?;
        sleep(strike.span / 3).await;
    }
    Ok("2 kills".to_owned())
}

/// Ends connections of the services in the middle of whatever they do.
#[expect(
    clippy::disallowed_methods,
    reason = "a statement of the server's own catalogue, which no schema of ours describes"
)]
pub(super) async fn end_sessions(strike: &mut Strike<'_>) -> Result<String> {
    let port = strike.lab.fleet.stores.port(Store::Postgres);
    let url = stores::database_url(port, stores::DATABASE);
    let mut postgres = PgConnection::connect(&url).await?;
    let started = Instant::now();
    let mut ended = 0;
    while started.elapsed() < strike.span {
        ended += sqlx::query(
            "select pg_terminate_backend(pid) from pg_stat_activity
             where pid <> pg_backend_pid() and datname = current_database()
             order by random() limit 1",
        )
        .execute(&mut postgres)
        .await?
        .rows_affected();
        sleep(BETWEEN_ENDED).await;
    }
    postgres.close().await?;
    Ok(format!("{ended} connections ended"))
}

pub(super) async fn trouble_redis(strike: &mut Strike<'_>) -> Result<String> {
    let third = strike.span / 3;
    let port = strike.lab.fleet.stores.port(Store::Redis);
    let mut redis = TcpStream::connect(("127.0.0.1", port)).await?;
    redis.write_all(b"FLUSHALL\r\n").await?;
    let mut answer = [0; 5];
    redis.read_exact(&mut answer).await?;
    anyhow::ensure!(answer == *b"+OK\r\n", "Redis does not flush");
    sleep(third).await;
    let dark = Fault::blackhole(Direction::Both);
    let links = &strike.lab.links;
    links.apply(Way::To(Store::Redis), |_, _| true, dark);
    sleep(third).await;
    links.heal();
    strike.lab.fleet.stores.kill9(Store::Redis).await;
    sleep(third).await;
    strike.lab.fleet.stores.start_again(Store::Redis).await?;
    Ok("emptied, unreachable, killed".to_owned())
}
