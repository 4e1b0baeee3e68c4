//! UpdateRoom.

use std::time::{Duration, Instant};

use proto::{
    event::Kind,
    reason::Reason,
    room::{RoomRole, UpdateRoomRequest},
};
use tonic::Code;

use crate::world::{
    World, assert_field, assert_refused, bytes_of,
    governing::{rename, update},
    json, key, kind_of, new_room,
};

#[tokio::test]
async fn moderators_change_what_is_said_of_a_room_and_owners_its_name() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let eve = world.person("Eve").await;
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    eve.joins("#talk").await.expect("joined");
    ada.gives_role("#talk", &bob.id(), RoomRole::Moderator)
        .await
        .expect("a moderator");
    let change = UpdateRoomRequest {
        topic: Some(" all of it ".into()),
        slow_mode_ms: Some(5_000),
        ..update("#talk")
    };
    for _ in 0..2 {
        let updated = bob.updates(change.clone()).await.expect("changed");
        assert_eq!(
            (
                updated.topic.as_str(),
                updated.slow_mode_ms,
                updated.is_joined
            ),
            ("all of it", 5_000, true)
        );
    }
    let events = world.events(&room.room_id).await;
    let last = events.last().expect("events");
    assert_eq!((events.len(), kind_of(last)), (6, Kind::RoomUpdated));
    let told = serde_json::json!({ "topic": "all of it", "slowModeMs": 5_000 });
    assert_eq!(json(&last.data), told);
    assert_eq!(eve.gets("#talk").await.expect("a room").slow_mode_ms, 5_000);
    let listed = eve.lists_own().await.remove(0).room.expect("a room");
    assert_eq!(listed.slow_mode_ms, 5_000);

    let renaming = bob.updates(rename("#talk", "Babel")).await;
    assert_refused(renaming, Code::PermissionDenied, Reason::PERMISSION_DENIED);
    let idle = eve.updates(update("#talk")).await;
    assert_refused(idle, Code::PermissionDenied, Reason::PERMISSION_DENIED);
    let stranger = world.person("Zoe").await;
    let nowhere = bytes_of(stranger.updates(rename(&key(), "x")).await);
    assert_eq!(
        bytes_of(stranger.updates(rename("#talk", "x")).await),
        nowhere
    );
    assert_eq!(nowhere.0, Code::PermissionDenied);
}

#[tokio::test]
async fn what_stays_as_it_was_is_no_change() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    ada.gives_role("#talk", &bob.id(), RoomRole::Moderator)
        .await
        .expect("a moderator");
    let same = UpdateRoomRequest {
        topic: Some(String::new()),
        ..rename("#talk", "talk")
    };
    bob.updates(same).await.expect("nothing changes");
    assert_eq!(world.events(&room.room_id).await.len(), 4);
}

#[tokio::test]
async fn an_old_name_leads_nowhere_and_is_free() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let room = ada.creates("talk").await;
    let there = ada.clone().at(world.another_app());
    for person in [&ada, &there] {
        person.says("#talk", "hi").await.expect("sent");
    }
    let change = rename("#talk", "Babel");
    ada.updates(change.clone()).await.expect("renamed");
    let again = ada.updates(change).await.expect("the same answer");
    assert_eq!(again.name, "Babel");
    let old = ada.says("#talk", "hi").await;
    assert_refused(old, Code::PermissionDenied, Reason::NOT_A_MEMBER);
    // Another replica may still remember the name, but not for long.
    let since = Instant::now();
    while there.says("#talk", "hi").await.is_ok() {
        assert!(since.elapsed() < Duration::from_secs(10), "still known");
        tokio::task::yield_now().await;
    }
    let new = ada.creates("Talk").await;
    assert_ne!(new.room_id, room.room_id);
    for person in [&ada, &there] {
        assert_eq!(
            person.gets("#talk").await.expect("a room").room_id,
            new.room_id
        );
        let babel = person.gets("#babel").await.expect("a room");
        assert_eq!(babel.room_id, room.room_id);
    }
}

#[tokio::test]
async fn a_name_that_is_taken_stays_taken() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    ada.creates("one").await;
    let two = ada.creates("two").await;
    let taken = ada.updates(rename("#two", "ONE")).await;
    assert_refused(taken, Code::AlreadyExists, Reason::ROOM_EXISTS);
    assert_eq!(ada.gets("#two").await.expect("a room"), two);
    let spelled = ada.updates(rename("#two", "TWO")).await.expect("renamed");
    assert_eq!(spelled.name, "TWO");
    let exists = ada.tries_to_create(new_room("two")).await;
    assert_refused(exists, Code::AlreadyExists, Reason::ROOM_EXISTS);
}

#[tokio::test]
async fn a_key_is_good_for_one_change_and_bad_fields_are_named() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    ada.creates("talk").await;
    let first = UpdateRoomRequest {
        topic: Some("one".into()),
        ..update("#talk")
    };
    ada.updates(first.clone()).await.expect("changed");
    for other in [
        UpdateRoomRequest {
            topic: Some("two".into()),
            ..first.clone()
        },
        UpdateRoomRequest {
            topic: None,
            name: Some("one".into()),
            ..first.clone()
        },
        UpdateRoomRequest {
            slow_mode_ms: Some(0),
            ..first.clone()
        },
    ] {
        let refused = ada.updates(other).await;
        assert_refused(refused, Code::AlreadyExists, Reason::CONFLICT);
    }
    let bad = |change: UpdateRoomRequest| ada.updates(change);
    for millis in [-1, 21_600_001] {
        let change = UpdateRoomRequest {
            slow_mode_ms: Some(millis),
            ..update("#talk")
        };
        assert_field(bad(change).await, "slowModeMs");
    }
    let topic = UpdateRoomRequest {
        topic: Some("two\nlines".into()),
        ..update("#talk")
    };
    assert_field(bad(topic).await, "topic");
    assert_field(bad(rename("#talk", "a/b")).await, "name");
    let keyless = UpdateRoomRequest {
        key: String::new(),
        ..first
    };
    assert_field(bad(keyless).await, "key");
}
