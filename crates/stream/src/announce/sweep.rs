//! The sweep: heads of everything young in the database, for commits whose process died before it told anyone.

use std::time::Duration;

use sqlx::{PgPool, Postgres, pool::PoolConnection};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::heads;
use crate::db::read;

/// How often.
const EVERY: Duration = Duration::from_secs(1);
/// How far back. Longer than any transaction can be under way, so nothing becomes visible behind it.
const WINDOW_SECONDS: f64 = 15.0;

/// Sweeps while this process holds the lock that one of all holds; otherwise tries for it at every tick.
///
/// There is no cursor, so there is nothing to skip: every sweep looks at the whole window.
pub(super) async fn sweep(nats: async_nats::Client, pool: PgPool, stop: CancellationToken) {
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The session that holds the lock. It never goes back to the pool: closing it is what gives the lock up.
    let mut leader: Option<PoolConnection<Postgres>> = None;
    while stop.run_until_cancelled(tick.tick()).await.is_some() {
        let swept = async {
            let mut connection = match leader.take() {
                Some(connection) => connection,
                None => match lead(&pool).await? {
                    Some(connection) => connection,
                    None => return Ok(None),
                },
            };
            let heads = read::list_young_heads(&mut connection, WINDOW_SECONDS).await?;
            Ok::<_, sqlx::Error>(Some((connection, heads)))
        };
        match swept.await {
            Ok(Some((connection, young))) => {
                leader = Some(connection);
                heads::publish(&nats, young).await;
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "the sweep failed and is tried again"),
        }
    }
}

async fn lead(pool: &PgPool) -> Result<Option<PoolConnection<Postgres>>, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    if !read::try_lock_sweep(&mut connection).await? {
        return Ok(None);
    }
    connection.close_on_drop();
    Ok(Some(connection))
}
