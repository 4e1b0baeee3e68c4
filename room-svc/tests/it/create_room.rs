//! CreateRoom.

use futures::{StreamExt, future::join_all};
use prost::Message;
use proto::{
    event::Kind, reason::Reason, room::CreateRoomRequest, room::room_service_server::RoomService,
    stream::EventBatch,
};
use tonic::{Code, Request};

use crate::{
    auth,
    world::{World, assert_field, assert_refused, json, new_room},
};

#[tokio::test]
async fn the_creator_owns_the_room_and_the_log_tells_it() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let mut bus = world
        .nats
        .client
        .subscribe("evt.>")
        .await
        .expect("a subscription");
    world.nats.client.flush().await.expect("the bus");
    let request = CreateRoomRequest {
        topic: " all of it ".into(),
        ..new_room("#General Talk")
    };
    let created = ada.tries_to_create(request).await.expect("a room");
    let room = created.room.expect("a room");
    assert!(!created.is_duplicate && room.is_joined && room.created_at_ms > 0);
    assert_eq!(
        (room.name.as_str(), room.kind.as_str(), room.topic.as_str()),
        ("General Talk", "channel", "all of it")
    );
    assert_eq!(room.members, 1);

    assert_eq!(
        world.kinds(&room.room_id).await,
        [Kind::RoomCreated, Kind::MemberJoined]
    );
    let events = world.events(&room.room_id).await;
    assert_eq!(json(&events[0].data)["name"], "General Talk");
    assert_eq!(json(&events[1].data)["role"], "owner");
    let feed = world.events(&ada.id()).await;
    let told = json(&feed[0].data);
    assert_eq!(
        (feed.len(), feed[0].kind as i16),
        (1, Kind::MembershipChanged.number())
    );
    assert_eq!(
        (told["room"].as_str(), told["joined"].as_bool()),
        (Some(room.room_id.as_str()), Some(true))
    );

    let mut announced = Vec::new();
    while announced.len() < 3 {
        let message = tokio::time::timeout(testkit::PATIENCE, bus.next())
            .await
            .expect("in time")
            .expect("a batch");
        announced.extend(EventBatch::decode(message.payload).expect("a batch").events);
    }
    for event in &mut announced {
        // Only what is told live says in which run of the server it was written.
        assert!(std::mem::take(&mut event.era) > 0);
    }
    announced.sort_by_key(|event| (event.stream_id != room.room_id, event.seq));
    assert_eq!(announced, [events, feed].concat());
}

#[tokio::test]
async fn a_repeat_gives_the_first_answer_and_other_data_is_a_conflict() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let request = new_room("one");
    let first = ada.tries_to_create(request.clone()).await.expect("a room");
    let again = ada
        .tries_to_create(request.clone())
        .await
        .expect("the same room");
    assert!(!first.is_duplicate && again.is_duplicate);
    assert_eq!(first.room, again.room);

    for other in [
        CreateRoomRequest {
            name: "two".into(),
            ..request.clone()
        },
        CreateRoomRequest {
            topic: "other".into(),
            ..request.clone()
        },
        CreateRoomRequest {
            is_private: true,
            ..request.clone()
        },
    ] {
        assert_refused(
            ada.tries_to_create(other).await,
            Code::AlreadyExists,
            Reason::CONFLICT,
        );
    }
    // A key belongs to a person.
    let other = CreateRoomRequest {
        name: "two".into(),
        ..request
    };
    assert!(
        !bob.tries_to_create(other)
            .await
            .expect("a room")
            .is_duplicate
    );
}

#[tokio::test]
async fn many_requests_at_once_with_one_key_make_one_room() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let request = new_room("one");
    let answers = join_all((0..8).map(|_| ada.tries_to_create(request.clone()))).await;
    let answers: Vec<_> = answers
        .into_iter()
        .map(|answer| answer.expect("a room"))
        .collect();
    assert_eq!(
        answers.iter().filter(|answer| !answer.is_duplicate).count(),
        1
    );
    assert!(answers.iter().all(|answer| answer.room == answers[0].room));
    assert_eq!(ada.lists_own().await.len(), 1);
}

#[tokio::test]
async fn a_name_is_taken_in_every_spelling_but_only_in_its_tenant() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    ada.creates_private("Комната").await;
    for name in ["Комната", "#КОМНАТА", " комната "] {
        assert_refused(
            ada.tries_to_create(new_room(name)).await,
            Code::AlreadyExists,
            Reason::ROOM_EXISTS,
        );
    }
    let eve = world
        .person_of("Eve", "elsewhere".parse().expect("a tenant"))
        .await;
    assert_eq!(eve.creates("комната").await.members, 1);
}

#[tokio::test]
async fn bad_fields_are_named() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    for name in [
        "",
        "#",
        "a/b",
        "a\0b",
        &"x".repeat(65),
        "01900000-0000-7000-8000-00000000abcd",
    ] {
        assert_field(ada.tries_to_create(new_room(name)).await, "name");
    }
    for key in ["", "a b", &"k".repeat(65)] {
        let request = CreateRoomRequest {
            key: key.into(),
            ..new_room("one")
        };
        assert_field(ada.tries_to_create(request).await, "key");
    }
    for topic in ["two\nlines", &"x".repeat(257)] {
        let request = CreateRoomRequest {
            topic: topic.into(),
            ..new_room("one")
        };
        assert_field(ada.tries_to_create(request).await, "topic");
    }
    let request = CreateRoomRequest {
        topic: "ж".repeat(256),
        ..new_room(&"ж".repeat(64))
    };
    ada.tries_to_create(request)
        .await
        .expect("the limits count characters");
}

#[tokio::test]
async fn without_a_live_session_nothing_is_made() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let request = new_room("one");
    ada.tries_to_create(request.clone()).await.expect("a room");
    auth::end_session(&world.db, &ada.caller).await;
    assert_refused(
        ada.tries_to_create(new_room("two")).await,
        Code::Unauthenticated,
        Reason::TOKEN_INVALID,
    );
    assert!(
        ada.tries_to_create(request)
            .await
            .expect("the first answer")
            .is_duplicate
    );
    let nobody = world.app.create_room(Request::new(new_room("three"))).await;
    assert_refused(nobody, Code::Unauthenticated, Reason::TOKEN_MISSING);
}

#[tokio::test]
async fn one_person_may_be_in_so_many_rooms() {
    let config = room_svc::config::RoomConfig {
        name_cache: 1,
        rooms_per_user: 2,
    };
    let world = World::with(config).await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    for name in ["one", "two"] {
        ada.creates(name).await;
    }
    assert_field(ada.tries_to_create(new_room("three")).await, "room");
    bob.creates("three").await;
    assert_field(ada.joins("#three").await, "room");
    ada.leaves("#one").await.expect("left");
    ada.joins("#three").await.expect("joined");
}
