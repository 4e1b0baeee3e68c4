//! Appending: order, idempotency, the guard, and what happens when something fails.

use std::{collections::HashSet, sync::Arc};

use futures::future::join_all;
use proto::{event::Kind, id::UserId};
use stream::{AppendError, KEY_CONSTRAINT, Refused, find_by_key, lock_actor};

use crate::{World, message, new_stream, stored, tenant};

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_senders_leave_no_hole_and_keep_their_order() {
    let world = World::new().await;
    let (writer, streams) = (world.writer(), [new_stream(), new_stream(), new_stream()]);
    let senders = (0..16).map(|sender| {
        let writer = writer.clone();
        tokio::spawn(async move {
            let (actor, mut last) = (UserId::generate(), [0; 3]);
            for i in 0..60 {
                let append = message(
                    streams[i % 3],
                    actor,
                    &format!("{sender}-{i}"),
                    &format!("{sender} {i}"),
                );
                let appended = writer.append(append).await.expect("stored");
                assert!(
                    appended.seq > last[i % 3],
                    "a sender's order is the order of the answers"
                );
                last[i % 3] = appended.seq;
            }
        })
    });
    for sender in join_all(senders).await {
        sender.expect("no panic");
    }
    for stream_id in streams {
        let events = world.events(stream_id).await;
        assert_eq!(events.len(), 16 * 20);
        assert!(
            events.is_sorted_by_key(|event| event.at_ms),
            "time does not run against seq"
        );
        assert_eq!(
            events
                .iter()
                .map(|event| &event.event_id)
                .collect::<HashSet<_>>()
                .len(),
            16 * 20
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_gets_the_first_answer_and_other_content_a_conflict() {
    let world = World::new().await;
    let (writer, room, other_room, ada) = (
        world.writer(),
        new_stream(),
        new_stream(),
        UserId::generate(),
    );
    let first = writer
        .append(message(room, ada, "k", "hello"))
        .await
        .expect("stored");
    assert!(!first.is_duplicate);
    let again = writer
        .append(message(room, ada, "k", "hello"))
        .await
        .expect("answered");
    assert!(again.is_duplicate);
    assert_eq!(
        (again.seq, again.event_id, again.at_ms),
        (first.seq, first.event_id, first.at_ms)
    );

    let mut other_kind = message(room, ada, "k", "hello");
    other_kind.kind = Kind::MemberJoined;
    for conflicting in [
        message(room, ada, "k", "other"),
        message(other_room, ada, "k", "hello"),
        other_kind,
    ] {
        let refused = writer.append(conflicting).await;
        assert!(
            matches!(refused, Err(AppendError::Refused(Refused::Conflict))),
            "{refused:?}"
        );
    }
    // Another person's key is another key.
    let second = writer
        .append(message(room, UserId::generate(), "k", "hello"))
        .await
        .expect("stored");
    assert_eq!(second.seq, 2);
    assert!(world.events(other_room).await.is_empty());

    let mut connection = world.pool.acquire().await.expect("connection");
    let stored = find_by_key(&mut connection, &tenant(), ada, "k")
        .await
        .expect("read")
        .expect("found");
    assert_eq!(stored.stream_id, room);
    assert_eq!(stored.event, world.events(room).await[0]);
    assert_eq!(
        stored.fingerprint,
        message(room, ada, "k", "hello").fingerprint
    );
    assert!(
        find_by_key(&mut connection, &tenant(), ada, "k2")
            .await
            .expect("read")
            .is_none()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn twins_in_one_batch_are_told_apart() {
    let world = World::new().await;
    let (room, ada) = (new_stream(), UserId::generate());
    let mut keyless = message(room, ada, "", "x");
    keyless.key = None;
    let batch = [
        message(room, ada, "a", "one"),
        message(room, ada, "a", "one"),
        message(room, ada, "a", "two"),
        keyless.clone(),
        keyless,
        message(room, ada, "b", "three"),
    ];
    let results = world.append_silently(&batch).await;
    let brief: Vec<_> = results
        .iter()
        .map(|result| result.as_ref().map(|it| (it.seq, it.is_duplicate)).ok())
        .collect();
    assert_eq!(
        brief,
        [
            Some((1, false)),
            Some((1, true)),
            None,
            Some((2, false)),
            Some((3, false)),
            Some((4, false))
        ]
    );
    let events = stream::events_of(&batch, &results);
    let events: Vec<_> = events.iter().map(stored).collect();
    assert_eq!(events, world.events(room).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn alone_an_append_is_answered_as_in_a_batch() {
    let world = World::new().await;
    let mut all = Vec::new();
    for is_alone in [true, false] {
        let (room, other, ada) = (new_stream(), new_stream(), UserId::generate());
        let mut keyless = message(room, ada, "", "x");
        keyless.key = None;
        let mut of_nobody = keyless.clone();
        of_nobody.actor = None;
        let mut other_kind = message(room, ada, "a", "one");
        other_kind.kind = Kind::MemberJoined;
        let asked = [
            message(room, ada, "a", "one"),
            message(room, ada, "a", "one"),
            message(room, ada, "a", "two"),
            message(other, ada, "a", "one"),
            other_kind,
            keyless.clone(),
            keyless,
            of_nobody.clone(),
            of_nobody,
            message(room, UserId::generate(), "a", "one"),
            message(room, ada, "b", "three"),
        ];
        let mut answers = Vec::new();
        for append in asked {
            let mut batch = vec![append];
            if !is_alone {
                batch.push(message(new_stream(), UserId::generate(), "filler", "x"));
            }
            let results = world.append_silently(&batch).await;
            assert_eq!(results.len(), batch.len());
            answers.push(results[0].clone().map(|it| (it.seq, it.is_duplicate)));
        }
        let stored = world.events(room).await.into_iter();
        all.push((
            answers,
            stored
                .map(|it| (it.seq, it.kind, it.data))
                .collect::<Vec<_>>(),
        ));
        assert!(world.events(other).await.is_empty());
    }
    assert_eq!(
        all[0].0[..3],
        [Ok((1, false)), Ok((1, true)), Err(Refused::Conflict)]
    );
    assert_eq!(all[0], all[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_the_guard_leaves_no_hole() {
    let world = World::new().await;
    let (writer, room) = (world.writer(), new_stream());
    let (ada, eve) = (UserId::generate(), UserId::generate());
    let before = writer
        .append(message(room, eve, "0", "before"))
        .await
        .expect("stored");
    ban(&world.pool, eve).await;
    let sends = (1..=20).map(|i| {
        let actor = if i % 2 == 0 { ada } else { eve };
        writer.append(message(room, actor, &i.to_string(), "x"))
    });
    for (i, result) in join_all(sends).await.into_iter().enumerate() {
        match result {
            Ok(_) => assert_eq!(i % 2, 1),
            Err(AppendError::Refused(Refused::Denied(reason))) => {
                assert_eq!((i % 2, reason.as_str()), (0, "BANNED"));
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!(world.events(room).await.len(), 11);
    // What was accepted before keeps its answer: it is not an acceptance.
    let again = writer
        .append(message(room, eve, "0", "before"))
        .await
        .expect("answered");
    assert_eq!((again.seq, again.is_duplicate), (before.seq, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn once_a_ban_is_committed_nothing_more_is_accepted() {
    let world = World::new().await;
    let (writer, room, eve) = (world.writer(), new_stream(), UserId::generate());
    let mut banning = world.pool.begin().await.expect("begin");
    lock_actor(&mut banning, &tenant(), eve)
        .await
        .expect("locked");
    let sending = tokio::spawn(async move { writer.append(message(room, eve, "1", "x")).await });
    // The append is inside its statement, waiting for the lock that the ban holds.
    let waits = || async {
        let waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted";
        sqlx::query_scalar::<_, i64>(waiting)
            .fetch_one(&world.pool)
            .await
            .expect("read")
            > 0
    };
    while !waits().await {
        tokio::task::yield_now().await;
    }
    ban(&mut *banning, eve).await;
    banning.commit().await.expect("commit");
    let refused = sending.await.expect("no panic");
    assert!(
        matches!(refused, Err(AppendError::Refused(Refused::Denied(_)))),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rolled_back_transaction_gives_its_seq_back() {
    let world = World::new().await;
    let (room, ada) = (new_stream(), UserId::generate());
    world
        .append_silently(&[message(room, ada, "1", "one")])
        .await;
    let mut transaction = world.pool.begin().await.expect("begin");
    let lost = stream::append_in(&mut transaction, &[message(room, ada, "2", "two")])
        .await
        .expect("append");
    assert_eq!(lost[0].as_ref().expect("placed").seq, 2);
    transaction.rollback().await.expect("rollback");
    let kept = world
        .append_silently(&[message(room, ada, "3", "three")])
        .await;
    assert_eq!(kept[0].as_ref().expect("placed").seq, 2);
    assert_eq!(world.events(room).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poisoned_member_does_not_fail_its_neighbours() {
    let world = World::new().await;
    let (writer, room, ada) = (world.writer(), new_stream(), UserId::generate());
    let poisons = [r#"{"a":"#, "[1]", "{\"a\":\"\0\"}", ""];
    let sends = (0..40).map(|i| {
        let mut append = message(room, ada, &i.to_string(), &i.to_string());
        if i % 10 == 0 {
            append.data = poisons[i / 10].into();
        }
        writer.append(append)
    });
    for (i, result) in join_all(sends).await.into_iter().enumerate() {
        match result {
            Ok(_) => assert_ne!(i % 10, 0),
            Err(AppendError::Db(_)) => assert_eq!(i % 10, 0),
            Err(error) => panic!("{error:?}"),
        }
    }
    let bodies: Vec<_> = world
        .events(room)
        .await
        .into_iter()
        .map(|event| event.key)
        .collect();
    let expected: Vec<_> = (0..40)
        .filter(|i| i % 10 != 0)
        .map(|i| i.to_string())
        .collect();
    assert_eq!(bodies, expected, "the neighbours are stored in their order");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_racing_sends_of_one_key_store_one() {
    let world = World::new().await;
    let replicas = [world.writer(), world.writer(), world.writer()];
    let (room, ada) = (new_stream(), UserId::generate());
    let sends = (0..1_000).map(|i| {
        let writer = replicas[i % 3].clone();
        tokio::spawn(async move { writer.append(message(room, ada, "same", "same")).await })
    });
    let answers: Vec<_> = join_all(sends)
        .await
        .into_iter()
        .map(|answer| answer.expect("no panic"))
        .collect();
    let answers: Vec<_> = answers
        .into_iter()
        .map(|answer| answer.expect("answered"))
        .collect();
    let ids: HashSet<_> = answers
        .iter()
        .map(|answer| (answer.seq, answer.event_id))
        .collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(
        answers.iter().filter(|answer| !answer.is_duplicate).count(),
        1
    );
    assert_eq!(world.events(room).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_who_race_for_a_key_are_told_by_the_constraint() {
    let world = World::new().await;
    let (room, other, ada) = (new_stream(), new_stream(), UserId::generate());
    let mut first = world.pool.begin().await.expect("begin");
    stream::append_in(&mut first, &[message(room, ada, "k", "x")])
        .await
        .expect("append");
    let pool = world.pool.clone();
    let second = tokio::spawn(async move {
        let mut second = pool.begin().await.expect("begin");
        stream::append_in(&mut second, &[message(other, ada, "k", "x")]).await
    });
    first.commit().await.expect("commit");
    // Either it saw the winner, or it ran into the constraint.
    match second.await.expect("no panic") {
        Ok(results) => assert_eq!(results, [Err(Refused::Conflict)]),
        Err(sqlx::Error::Database(error)) => assert_eq!(error.constraint(), Some(KEY_CONSTRAINT)),
        Err(error) => panic!("{error:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_refuses_before_any_work() {
    let world = World::new().await;
    let (writer, room, ada) = (Arc::new(world.writer()), new_stream(), UserId::generate());
    // The head's row is locked, so the first batch cannot end and everything else has to wait.
    world
        .append_silently(&[message(room, ada, "first", "x")])
        .await;
    let mut holder = world.pool.begin().await.expect("begin");
    stream::append_in(&mut holder, &[message(room, ada, "held", "x")])
        .await
        .expect("append");
    let sends: Vec<_> = (0..4_000)
        .map(|i| {
            let writer = Arc::clone(&writer);
            tokio::spawn(
                async move { writer.append(message(room, ada, &i.to_string(), "x")).await },
            )
        })
        .collect();
    let refused = || async { sends.iter().filter(|send| send.is_finished()).count() >= 900 };
    while !refused().await {
        tokio::task::yield_now().await;
    }
    holder.commit().await.expect("commit");
    let answers: Vec<_> = join_all(sends)
        .await
        .into_iter()
        .map(|answer| answer.expect("no panic"))
        .collect();
    let stored = answers.iter().filter(|answer| answer.is_ok()).count();
    let overloaded = answers
        .iter()
        .filter(|answer| matches!(answer, Err(AppendError::Overloaded)))
        .count();
    assert_eq!(stored + overloaded, 4_000);
    assert!(stored >= 2_048, "{stored}");
    assert_eq!(world.events(room).await.len(), stored + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_is_finished_at_the_end() {
    let world = World::new().await;
    let (writer, room, ada) = (world.writer(), new_stream(), UserId::generate());
    let sends: Vec<_> = (0..100)
        .map(|i| {
            let writer = writer.clone();
            tokio::spawn(
                async move { writer.append(message(room, ada, &i.to_string(), "x")).await },
            )
        })
        .collect();
    world.stop.cancel();
    world.tasks.close();
    tokio::time::timeout(crate::PATIENCE, world.tasks.wait())
        .await
        .expect("the tasks end");
    let mut stored = 0;
    for send in sends {
        match send.await.expect("no panic") {
            Ok(_) => stored += 1,
            Err(error) => assert!(matches!(error, AppendError::Overloaded), "{error:?}"),
        }
    }
    assert_eq!(world.events(room).await.len(), stored);
    let late = writer.append(message(room, ada, "late", "x")).await;
    assert!(matches!(late, Err(AppendError::Overloaded)), "{late:?}");
}

async fn ban(executor: impl sqlx::PgExecutor<'_>, actor: UserId) {
    sqlx::query_scalar::<_, i64>(
        "with b as (insert into owner.ban values ($1) returning 1) select count(*) from b",
    )
    .bind(actor.0)
    .fetch_one(executor)
    .await
    .expect("banned");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_is_told_of_what_was_stored_and_of_nothing_else() {
    let world = World::new().await;
    let (writer, room, ada) = (world.writer(), new_stream(), UserId::generate());
    let first = writer
        .append(message(room, ada, "one", "first"))
        .await
        .expect("stored");
    writer
        .append(message(room, ada, "one", "first"))
        .await
        .expect("answered");
    let conflict = writer.append(message(room, ada, "one", "other")).await;
    assert!(conflict.is_err());
    let batch = (0..20).map(|i| {
        let (writer, key) = (writer.clone(), format!("k{}", i % 10));
        async move { writer.append(message(room, ada, &key, &key)).await }
    });
    for answer in join_all(batch).await {
        answer.expect("stored or a repeat");
    }
    let seen = seen(&world, room).await;
    assert_eq!(seen.len(), 11);
    assert_eq!(seen[0], (1, first.event_id.0, "first".to_owned()));
    let events = world.events(room).await;
    for (event, (seq, event_id, _)) in events.iter().zip(&seen) {
        assert_eq!((event.seq, &event.event_id), (*seq, &event_id.to_string()));
    }
}

/// What the owner's function was told of a stream, in order.
async fn seen(world: &World, room: proto::id::StreamId) -> Vec<(i64, uuid::Uuid, String)> {
    sqlx::query_as(
        "select seq, event_id, data->>'body' from owner.seen where stream = $1 order by seq",
    )
    .bind(room.0)
    .fetch_all(&world.pool)
    .await
    .expect("the owner's table")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rewritten_event_keeps_its_place_and_its_key() {
    let world = World::new().await;
    let (writer, room, ada) = (world.writer(), new_stream(), UserId::generate());
    let first = writer
        .append(message(room, ada, "k", "a secret"))
        .await
        .expect("stored");
    let mut conn = world.pool.acquire().await.expect("a connection");
    let is_there = stream::rewrite(&mut conn, &tenant(), room, first.seq, r#"{"body":""}"#).await;
    assert!(is_there.expect("rewritten"));
    let is_there = stream::rewrite(&mut conn, &tenant(), room, 99, "{}").await;
    assert!(!is_there.expect("nothing there"));
    let events = world.events(room).await;
    assert_eq!(events[0].data.as_ref(), br#"{"body":""}"#);
    let again = writer
        .append(message(room, ada, "k", "a secret"))
        .await
        .expect("answered");
    assert!(again.is_duplicate && again.event_id == first.event_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_stream_sends_its_readers_back_to_the_beginning() {
    let world = World::new().await;
    let (writer, room, ada) = (world.writer(), new_stream(), UserId::generate());
    for key in ["a", "b"] {
        let append = message(room, ada, key, key);
        writer.append(append).await.expect("stored");
    }
    let mut conn = world.pool.acquire().await.expect("a connection");
    stream::erase(&mut conn, &tenant(), room)
        .await
        .expect("erased");
    let range = world.log.range(&tenant(), room, 0, "", 10).await;
    let range = range.expect("read");
    assert!(!range.is_continuous && range.events.is_empty() && range.head == 2);
    let next = writer.append(message(room, ada, "c", "c")).await;
    assert_eq!(next.expect("stored").seq, 3, "no seq is used twice");
}
