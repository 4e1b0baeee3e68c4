//! MarkRead.

use proto::{
    event::{Kind, ReadMarked},
    reason::Reason,
    room::{Counter, MarkReadRequest},
};
use tonic::Code;

use crate::world::{World, assert_field, assert_refused, json, key, kind_of};

fn of(room: &str, thread: &str, seq: i64) -> MarkReadRequest {
    MarkReadRequest {
        room: room.into(),
        thread: thread.into(),
        seq,
        key: key(),
    }
}

#[tokio::test]
async fn what_is_left_is_counted_and_told_to_one_s_own_devices() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    ada.says("#talk", "before").await.expect("sent");
    let joined = bob.joins("#talk").await.expect("joined");
    let fresh = bob.counter(&room.room_id).await;
    assert_eq!(
        (fresh.read, fresh.unread, fresh.mentions),
        (joined.head, 0, 0)
    );
    let first = ada.says("#talk", "one").await.expect("sent");
    ada.says("#talk", "two @bob").await.expect("sent");
    bob.says("#talk", "my own").await.expect("sent");
    let last = ada.says("#talk", "three").await.expect("sent");
    let counter = bob.counter(&room.room_id).await;
    assert_eq!((counter.unread, counter.mentions), (3, 1));
    let marked = bob.marks(of("#talk", "", first.seq)).await.expect("marked");
    let expected = Counter {
        read: first.seq,
        unread: 2,
        mentions: 1,
        head: last.seq,
    };
    assert_eq!((marked.counter, marked.is_told), (Some(expected), true));
    assert_eq!(bob.counter(&room.room_id).await, expected);
    let feed = world.events(&bob.id()).await;
    let event = feed.last().expect("an event");
    assert_eq!(kind_of(event), Kind::ReadMarked);
    let told: ReadMarked = serde_json::from_slice(&event.data).expect("a mark");
    assert_eq!((told.room, told.thread), (room.room_id.clone(), None));
    assert_eq!(
        (told.read, told.unread, told.mentions, told.head),
        (first.seq, 2, 1, last.seq)
    );
    // It never goes back, and what is so already is not told again.
    for earlier in [0, first.seq - 1, first.seq] {
        let same = bob.has_read("#talk", earlier).await.expect("so already");
        assert_eq!(same, expected);
    }
    assert_eq!(world.events(&bob.id()).await.len(), feed.len());
    assert_eq!(
        bob.has_read("#talk", last.seq)
            .await
            .expect("marked")
            .unread,
        0
    );
}

#[tokio::test]
async fn a_repeat_gives_the_first_answer_and_other_data_is_a_conflict() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let said = ada.says("#talk", "one").await.expect("sent");
    let request = of("#talk", "", said.seq);
    let first = bob.marks(request.clone()).await.expect("marked");
    ada.says("#talk", "two").await.expect("sent");
    assert_eq!(bob.marks(request.clone()).await.expect("marked"), first);
    let other = MarkReadRequest {
        seq: said.seq + 1,
        ..request
    };
    assert_refused(
        bob.marks(other).await,
        Code::AlreadyExists,
        Reason::CONFLICT,
    );
}

#[tokio::test]
async fn a_thread_is_read_by_itself() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    ada.creates("other").await;
    bob.joins("#talk").await.expect("joined");
    let root = ada.says("#talk", "root").await.expect("sent");
    let first = ada
        .answers("#talk", &root.message_id, "one")
        .await
        .expect("sent");
    let last = ada
        .answers("#talk", &root.message_id, "two @bob")
        .await
        .expect("sent");
    // Outside, only the root counts.
    let outside = bob.counter(&room.room_id).await;
    assert_eq!((outside.unread, outside.mentions), (1, 0));
    let marked = bob
        .marks(of("#talk", &root.message_id, first.seq))
        .await
        .expect("marked");
    let expected = Counter {
        read: first.seq,
        unread: 1,
        mentions: 1,
        head: last.seq,
    };
    assert_eq!(marked.counter, Some(expected));
    assert_eq!(bob.counter(&room.room_id).await.unread, 1);
    bob.has_read("#talk", last.seq).await.expect("marked");
    assert_eq!(bob.threads("#talk").await[0].unread, 1);
    for (room, thread) in [("#other", root.message_id.clone()), ("#talk", key())] {
        assert_field(ada.marks(of(room, &thread, 1)).await, "thread");
    }
}

#[tokio::test]
async fn who_comes_back_has_not_missed_what_was_said_without_them() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    ada.says("#talk", "one").await.expect("sent");
    bob.leaves("#talk").await.expect("left");
    ada.says("#talk", "two").await.expect("sent");
    let again = bob.joins("#talk").await.expect("joined");
    let counter = bob.counter(&room.room_id).await;
    assert_eq!((counter.read, counter.unread), (again.head, 0));
}

#[tokio::test]
async fn small_rooms_are_told_how_far_others_have_read() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let root = ada.says("#talk", "hi").await.expect("sent");
    let answer = ada
        .answers("#talk", &root.message_id, "ho")
        .await
        .expect("sent");
    let mut heard = world.hears(&room.room_id).await;
    bob.has_read("#talk", root.seq).await.expect("marked");
    let told = heard.next().await;
    assert_eq!(
        (told.kind.as_str(), told.actor.as_str(), told.stream_id),
        ("read.updated", bob.id().as_str(), room.room_id.clone())
    );
    assert_eq!(
        json(&told.data),
        serde_json::json!({"user": bob.id(), "seq": root.seq})
    );
    // What has not moved is not told: the next that is heard is the thread's.
    bob.has_read("#talk", root.seq).await.expect("so already");
    bob.marks(of("#talk", &root.message_id, answer.seq))
        .await
        .expect("marked");
    assert_eq!(
        json(&heard.next().await.data),
        serde_json::json!({"user": bob.id(), "seq": answer.seq, "thread": root.message_id})
    );
    world.crowds(&room.room_id, 101).await;
    let last = ada.says("#talk", "again").await.expect("sent");
    let marked = bob.marks(of("#talk", "", last.seq)).await.expect("marked");
    assert!(!marked.is_told);
}

#[tokio::test]
async fn bad_marks_are_told_apart() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    ada.creates("talk").await;
    let said = ada.says("#talk", "hi").await.expect("sent");
    assert_field(ada.marks(of("#talk", "", said.seq + 1)).await, "seq");
    assert_field(ada.marks(of("#talk", "", -1)).await, "seq");
    assert_field(ada.marks(of("#talk", "x", 1)).await, "thread");
    assert_refused(
        bob.marks(of("#talk", "", 1)).await,
        Code::PermissionDenied,
        Reason::NOT_A_MEMBER,
    );
}
