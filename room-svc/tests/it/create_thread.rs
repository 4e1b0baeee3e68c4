//! CreateThread.

use proto::{
    event::{Kind, ThreadCreated},
    reason::Reason,
    room::CreateThreadRequest,
};
use tonic::Code;

use crate::world::{World, assert_field, assert_refused, key, kind_of, talk::bodies};

fn of(room: &str, title: &str) -> CreateThreadRequest {
    CreateThreadRequest {
        room: room.into(),
        title: title.into(),
        key: key(),
    }
}

#[tokio::test]
async fn a_thread_is_told_and_can_be_written_in() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let opened = ada.opens("#talk", " Plans ").await.expect("opened");
    assert_eq!(
        (opened.title.as_str(), opened.created_by.as_str()),
        ("Plans", ada.id().as_str())
    );
    assert_eq!(
        (
            opened.messages,
            opened.unread,
            opened.root_message_id.as_str()
        ),
        (0, 0, "")
    );
    let events = world.events(&room.room_id).await;
    let event = events.last().expect("an event");
    assert_eq!(
        (kind_of(event), event.seq),
        (Kind::ThreadCreated, opened.last_seq)
    );
    let told: ThreadCreated = serde_json::from_slice(&event.data).expect("a thread");
    assert_eq!(
        (told.thread.as_str(), told.title.as_str(), told.by.id),
        (opened.thread_id.as_str(), "Plans", ada.id())
    );
    bob.answers("#talk", &opened.thread_id, "yes")
        .await
        .expect("sent");
    assert_eq!(
        bodies(&ada.thread("#talk", &opened.thread_id).await),
        ["yes"]
    );
    assert!(ada.history("#talk").await.is_empty());
}

#[tokio::test]
async fn a_repeat_opens_nothing_and_other_data_is_a_conflict() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let request = of("#talk", "Plans");
    let first = bob.creates_thread(request.clone()).await.expect("opened");
    let again = bob.creates_thread(request.clone()).await.expect("opened");
    assert_eq!(first.thread, again.thread);
    assert_eq!((first.is_duplicate, again.is_duplicate), (false, true));
    let other = CreateThreadRequest {
        title: "Other".into(),
        ..request.clone()
    };
    assert_refused(
        bob.creates_thread(other).await,
        Code::AlreadyExists,
        Reason::CONFLICT,
    );
    let threads = world.kinds(&room.room_id).await;
    let created = threads
        .iter()
        .filter(|kind| **kind == Kind::ThreadCreated)
        .count();
    assert_eq!(created, 1);
    bob.leaves("#talk").await.expect("left");
    assert_refused(
        bob.creates_thread(request).await,
        Code::PermissionDenied,
        Reason::NOT_A_MEMBER,
    );
}

#[tokio::test]
async fn who_may_not_speak_opens_nothing() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    assert_refused(
        bob.opens("#talk", "Plans").await,
        Code::PermissionDenied,
        Reason::NOT_A_MEMBER,
    );
    bob.joins("#talk").await.expect("joined");
    world.mutes_in(&room.room_id, &bob, Some("1 hour")).await;
    assert_refused(
        bob.opens("#talk", "Plans").await,
        Code::PermissionDenied,
        Reason::ROOM_MUTED,
    );
    for bad in ["", "  ", "a\nb", &"x".repeat(101)] {
        assert_field(ada.opens("#talk", bad).await, "title");
    }
    ada.opens("#talk", &"x".repeat(100)).await.expect("opened");
}
