//! Faults under way: connections that die, and processes that die between the commit and the answer.

use std::collections::HashSet;

use futures::future::join_all;
use proto::id::UserId;
use stream::AppendError;

use crate::{World, message, new_stream};

#[tokio::test(flavor = "multi_thread")]
async fn terminated_connections_lose_and_double_nothing() {
    let world = World::new().await;
    let (writer, room) = (world.writer(), new_stream());
    let pool = world.pool.clone();
    let killer = tokio::spawn(async move {
        let kill = "select count(pg_terminate_backend(pid)) from pg_stat_activity
                    where datname = current_database() and pid <> pg_backend_pid()";
        let mut tick = tokio::time::interval(std::time::Duration::from_millis(20));
        // Where a kill takes long there is time for others all the same.
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            // Fails when it picks a connection it has just killed.
            let _ = sqlx::query_scalar::<_, i64>(kill).fetch_one(&pool).await;
            tick.tick().await;
        }
    });
    let senders = (0..8).map(|sender| {
        let writer = writer.clone();
        tokio::spawn(async move {
            let actor = UserId::generate();
            for i in 0..100 {
                let append = message(room, actor, &i.to_string(), &format!("{sender}-{i}"));
                // As a client would: the same again until there is an answer.
                loop {
                    match writer.append(append.clone()).await {
                        Ok(_) => break,
                        Err(AppendError::Db(_)) => {}
                        Err(error) => panic!("{error:?}"),
                    }
                }
            }
        })
    });
    for sender in join_all(senders).await {
        sender.expect("no panic");
    }
    killer.abort();
    let _ = killer.await;
    let events = loop {
        // The pool may still hold connections that were killed.
        if sqlx::raw_sql("select 1").execute(&world.pool).await.is_ok() {
            break world.events(room).await;
        }
    };
    assert_eq!(events.len(), 800);
    assert_eq!(
        events
            .iter()
            .map(|event| &event.data)
            .collect::<HashSet<_>>()
            .len(),
        800
    );
}

/// A process that dies: this test binary, run again with a fail point armed.
#[cfg(feature = "failpoints")]
mod dying {
    use std::{os::unix::process::ExitStatusExt, process::Stdio};

    use futures::StreamExt;
    use proto::{id::StreamId, subject};
    use stream::{Announcer, Writer};
    use tokio_util::{sync::CancellationToken, task::TaskTracker};

    use super::*;
    use crate::{HOOKS, PATIENCE};

    const SIGABRT: i32 = 6;

    fn variable(name: &str) -> Option<String> {
        std::env::var_os(name).and_then(|value| value.into_string().ok())
    }

    /// The part that dies. Without its variables it is a test that has nothing to do.
    #[tokio::test(flavor = "multi_thread")]
    async fn child() {
        let Some(args) = variable("STREAM_TEST_CHILD") else {
            return;
        };
        let [database, nats, room, ada] = args
            .split(' ')
            .collect::<Vec<_>>()
            .try_into()
            .expect("four arguments");
        let options = variable("HUBBUB_TEST_POSTGRES")
            .expect("set")
            .parse::<sqlx::postgres::PgConnectOptions>();
        let pool = sqlx::PgPool::connect_with(options.expect("a url").database(database))
            .await
            .expect("connected");
        let nats = async_nats::connect(nats).await.expect("connected");
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let announcer = Announcer::start(nats, pool.clone(), &tasks, stop.clone());
        let writer = Writer::start(pool, HOOKS, announcer, &tasks, stop);
        let (room, ada): (StreamId, UserId) =
            (room.parse().expect("an id"), ada.parse().expect("an id"));
        writer
            .append(message(room, ada, "harmless", "harmless"))
            .await
            .expect("stored");
        let answer = writer.append(message(room, ada, "deadly", "deadly")).await;
        panic!("lived to see the answer {answer:?}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_committed_by_the_dead_is_found_by_its_key() {
        for point in ["after_commit", "after_publish", "before_reply"] {
            let world = World::new().await;
            let (room, ada) = (new_stream(), UserId::generate());
            let subject = subject::events(subject::Partition::of(room)).to_string();
            let mut published = world
                .nats
                .client
                .subscribe(subject)
                .await
                .expect("subscribed");
            world.nats.client.flush().await.expect("flushed");
            let database: String = sqlx::query_scalar("select current_database()::text")
                .fetch_one(&world.pool)
                .await
                .expect("read");
            let child = tokio::process::Command::new(std::env::current_exe().expect("this binary"))
                .args(["--exact", "faults::dying::child", "--nocapture"])
                .env(
                    "STREAM_TEST_CHILD",
                    format!("{database} {} {room} {ada}", world.nats.url),
                )
                .env("HUBBUB_FAILPOINT", point)
                .env("HUBBUB_FAILPOINT_MATCH", "deadly")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            let status = tokio::time::timeout(PATIENCE, child)
                .await
                .expect("in time")
                .expect("started");
            assert_eq!(status.signal(), Some(SIGABRT), "{point}: {status}");

            world.nats.client.flush().await.expect("flushed");
            assert!(
                published.next().await.is_some(),
                "{point}: the harmless one was published"
            );
            if point == "after_publish" {
                let deadly = tokio::time::timeout(PATIENCE, published.next()).await;
                assert!(deadly.expect("in time").is_some());
            }
            let again = world
                .writer()
                .append(message(room, ada, "deadly", "deadly"))
                .await
                .expect("answered");
            assert_eq!((again.seq, again.is_duplicate), (2, true), "{point}");
        }
    }
}
