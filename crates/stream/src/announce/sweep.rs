//! The sweep: heads of everything young in the database, for commits whose process died before it told anyone.

use std::{sync::Arc, time::Duration};

use sqlx::{PgPool, Postgres, pool::PoolConnection};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::heads::Board;
use crate::db::read;

/// How often.
const EVERY: Duration = Duration::from_secs(1);
/// How far back.
const NEAR_SECONDS: f64 = 4.0;
/// How far back the first of so many sweeps looks: what became visible within eleven seconds of being written is found.
const FAR_SECONDS: f64 = 15.0;
const FAR_ONCE_IN: u32 = 4;

/// Sweeps while this process holds the lock that one of all holds, and says so each time; otherwise tries for it at
/// every tick.
///
/// There is no cursor, so there is nothing to skip: every sweep looks at all that is young.
pub(super) async fn sweep(board: Arc<Board>, pool: PgPool, stop: CancellationToken) {
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The session that holds the lock, and how often it swept. It never goes back to the pool: closing it is what gives
    // the lock up.
    let mut leader: Option<(PoolConnection<Postgres>, u32)> = None;
    while stop.run_until_cancelled(tick.tick()).await.is_some() {
        let found = async {
            let (mut connection, sweeps) = match leader.take() {
                Some(leader) => leader,
                None => match lead(&pool).await? {
                    Some(connection) => (connection, 0),
                    None => return Ok(None),
                },
            };
            let is_far = sweeps.is_multiple_of(FAR_ONCE_IN);
            let seconds = if is_far { FAR_SECONDS } else { NEAR_SECONDS };
            let heads = read::list_young_heads(&mut connection, seconds).await?;
            Ok::<_, sqlx::Error>(Some(((connection, sweeps.wrapping_add(1)), heads)))
        };
        match found.await {
            Ok(Some((leading, young))) => {
                leader = Some(leading);
                board.recent.lock().swept(young);
                board.swept.notify_one();
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
