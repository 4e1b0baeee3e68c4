//! A storm of cancelled transactions (sqlx #4393), and the calm after it: no session may be left inside one.

use std::future::Future;

use pg::begin;
use sqlx::{Executor, PgPool, Row};

use crate::{cut, pool};

/// Workers of the storm, each on a task of its own; as many as the pool has sessions.
const WORKERS: u32 = 8;
const CANCELLED_EACH: u64 = 150;
/// More than a transaction needs to be polled.
const STAGES: u64 = 16;
const HEALTHY_EACH: u32 = 1_250;

/// Runs as many tasks as there are workers to their end.
async fn at_once<F>(work: impl Fn(u32) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let tasks: Vec<_> = (0..WORKERS)
        .map(|worker| tokio::spawn(work(worker)))
        .collect();
    for task in tasks {
        task.await.expect("the work is done");
    }
}

async fn cancel(pool: PgPool, worker: u32) {
    for round in 0..CANCELLED_EACH {
        let work = async {
            let mut transaction = begin(&pool).await?;
            transaction.execute("create temp table t ()").await?;
            transaction.execute("select 1 / 0").await?;
            transaction.commit().await
        };
        // Cuts the exchange off at every stage.
        cut(work, (u64::from(worker) + round) % STAGES).await;
    }
}

async fn query(pool: PgPool) {
    for _ in 0..HEALTHY_EACH {
        let is_fresh = is_fresh(&pool).await;
        assert!(is_fresh, "a session was handed on inside a transaction");
    }
}

/// Whether the session that is lent next is in no transaction.
pub(crate) async fn is_fresh(pool: &PgPool) -> bool {
    // One message to the server, and so one transaction of its own; inside one that somebody left open, `now()` would
    // be the beginning of that.
    let fresh = pool.fetch_one("select now() = statement_timestamp()").await;
    fresh.expect("a healthy session").get(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_healthy_queries_follow_a_storm_of_cancelled_ones() {
    let pool = pool(WORKERS).await;
    at_once(|worker| cancel(pool.clone(), worker)).await;
    at_once(|_| query(pool.clone())).await;
    let open = "select count(*) from pg_stat_activity \
        where datname = current_database() and state like 'idle in transaction%'";
    let left = sqlx::query_scalar::<_, i64>(open).fetch_one(&pool).await;
    assert_eq!(left.expect("counted"), 0);
}
