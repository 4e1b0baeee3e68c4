//! The pool, against a real Postgres.

mod grants;
mod storm;

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
    time::Duration,
};

use pg::{Failure, OnConstraint, Settings, begin, classify, connect, unit};
use sqlx::{ConnectOptions, Executor, PgPool};

async fn pool(max_connections: u32) -> PgPool {
    let url = testkit::database(&[])
        .await
        .connect_options()
        .to_url_lossy()
        .to_string();
    let settings = Settings {
        url: url.into(),
        migrate_url: None,
        migrates_at_start: false,
        max_connections,
    };
    connect(&settings, "pg-test").await.expect("a pool")
}

/// Polls some work so often, each time after others had their turn, and drops it.
async fn cut(work: impl Future, polls: u64) {
    let mut work = pin!(work);
    for _ in 0..polls {
        let polled = poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await;
        if polled.is_ready() {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn sessions_are_bounded_in_time() {
    let pool = pool(1).await;
    for (name, expected) in [
        ("statement_timeout", "2s"),
        ("lock_timeout", "1s"),
        ("idle_in_transaction_session_timeout", "5s"),
    ] {
        let value = sqlx::query_scalar::<_, String>("select current_setting($1)").bind(name);
        assert_eq!(value.fetch_one(&pool).await.expect("a setting"), expected);
    }
}

#[tokio::test]
async fn cancelled_transactions_poison_no_later_borrower() {
    let pool = pool(2).await;
    for round in 0..300_u64 {
        let begun = async {
            let mut transaction = begin(&pool).await?;
            transaction.execute("select 1 / 0").await?;
            transaction.commit().await
        };
        // Cuts it off at every stage of its exchange with the server.
        cut(begun, round % 8).await;
        assert!(storm::is_fresh(&pool).await, "round {round}");
    }
}

#[tokio::test]
async fn a_unit_outlives_its_caller() {
    let is_done = Arc::new(AtomicBool::new(false));
    let (flag, release) = (Arc::clone(&is_done), Arc::new(tokio::sync::Notify::new()));
    let released = Arc::clone(&release);
    let caller = tokio::spawn(unit(async move {
        released.notified().await;
        flag.store(true, Ordering::SeqCst);
        Ok::<_, sqlx::Error>(())
    }));
    tokio::task::yield_now().await;
    caller.abort();
    assert!(caller.await.is_err(), "the caller is gone");
    release.notify_one();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(5);
    while !is_done.load(Ordering::SeqCst) {
        assert!(
            tokio::time::Instant::now() < deadline,
            "the work was lost with its caller"
        );
        tokio::task::yield_now().await;
    }
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Taken,
    Other,
}

impl From<sqlx::Error> for Outcome {
    fn from(_: sqlx::Error) -> Self {
        Self::Other
    }
}

#[tokio::test]
async fn a_named_constraint_becomes_an_outcome() {
    let pool = pool(1).await;
    let table = "create table t (n int constraint t_n_key unique); insert into t values (1)";
    pool.execute(table).await.expect("a table");
    let again = pool.execute("insert into t values (1)").await;
    assert_eq!(
        again
            .map(|_| ())
            .on_constraint("t_n_key", || Outcome::Taken),
        Err(Outcome::Taken)
    );
    let again = pool.execute("insert into t values (1)").await;
    assert_eq!(
        again.map(|_| ()).on_constraint("else", || Outcome::Taken),
        Err(Outcome::Other)
    );
}

#[tokio::test]
async fn errors_say_whether_the_work_was_done() {
    let pool = pool(2).await;
    let permanent = pool
        .execute("select 1 / 0")
        .await
        .expect_err("divides by zero");
    assert_eq!(classify(&permanent), Failure::Permanent);
    let slow = pool
        .execute("set statement_timeout = '1ms'; select pg_sleep(1)")
        .await
        .expect_err("too slow");
    assert_eq!(classify(&slow), Failure::Retryable);
    let killed = pool
        .execute("select pg_terminate_backend(pg_backend_pid())")
        .await
        .expect_err("killed");
    assert_eq!(classify(&killed), Failure::Unknown);
}
