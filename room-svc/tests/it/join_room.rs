//! JoinRoom.

use std::sync::atomic::{AtomicBool, Ordering};

use futures::{StreamExt, future::join_all};
use proto::{
    event::Kind,
    id::Tenant,
    reason::Reason,
    room::{JoinRoomResponse, RoomRole},
    stream::Event,
};
use tonic::Code;

use crate::world::{
    Person, World, assert_field, assert_refused, bytes_of, json, key, kind_of, talk::bodies,
};

#[tokio::test]
async fn joining_tells_the_room_and_shows_what_was_said() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("bob").await);
    let room = ada.creates("talk").await;
    for number in 0..60 {
        ada.says("#talk", &format!("m{number}"))
            .await
            .expect("sent");
    }
    let joined = bob.joins("#talk").await.expect("joined");
    let seen = joined.room.expect("a room");
    assert_eq!(
        (seen.room_id.as_str(), seen.members, seen.is_joined),
        (room.room_id.as_str(), 2, true)
    );
    let bodies: Vec<_> = joined
        .messages
        .iter()
        .map(|message| json(&message.data)["body"].clone())
        .collect();
    let expected: Vec<String> = (10..60).map(|number| format!("m{number}")).collect();
    assert_eq!(bodies, expected);
    let members: Vec<_> = joined
        .members
        .iter()
        .map(|member| (member.name.as_str(), member.role()))
        .collect();
    assert_eq!(
        members,
        [("Ada", RoomRole::Owner), ("bob", RoomRole::Member)]
    );

    let events = world.events(&room.room_id).await;
    let last = events.last().expect("events");
    assert_eq!(
        (kind_of(last), last.actor.as_str()),
        (Kind::MemberJoined, bob.id().as_str())
    );
    assert_eq!(
        (joined.head, joined.head_id.as_str()),
        (last.seq, last.event_id.as_str())
    );
    assert_eq!(world.kinds(&bob.id()).await, [Kind::MembershipChanged]);
}

#[tokio::test]
async fn a_member_who_joins_again_gets_the_view_of_now_and_nothing_is_written() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    let key_of_join = key();
    let first = bob.joins_with("#talk", &key_of_join).await.expect("joined");
    let said = ada.says("#talk", "hi").await.expect("sent");
    for again in [
        bob.joins_with(&room.room_id, &key_of_join).await,
        bob.joins("#talk").await,
    ] {
        let again = again.expect("joined");
        assert_eq!(
            (again.head, again.head_id),
            (said.seq, said.message_id.clone())
        );
        assert_eq!(again.messages.len(), 1);
        assert_eq!(again.room.expect("a room").members, 2);
    }
    assert_eq!(first.head + 1, said.seq);
    assert_eq!(world.events(&room.room_id).await.len(), 4);
}

#[tokio::test]
async fn a_key_is_good_for_one_room_and_one_passage() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    ada.creates("one").await;
    ada.creates("two").await;
    let used = key();
    bob.joins_with("#one", &used).await.expect("joined");
    assert_refused(
        bob.joins_with("#two", &used).await,
        Code::AlreadyExists,
        Reason::CONFLICT,
    );
    assert_refused(
        bob.leaves_with("#one", &used).await,
        Code::AlreadyExists,
        Reason::CONFLICT,
    );
    bob.leaves("#one").await.expect("left");
    // The repeat of a join that was undone neither joins again nor shows the room.
    assert_refused(
        bob.joins_with("#one", &used).await,
        Code::PermissionDenied,
        Reason::NOT_A_MEMBER,
    );
    bob.joins("#one").await.expect("joined by a new request");
    assert_field(bob.joins_with("#two", "").await, "key");
}

#[tokio::test]
async fn a_private_room_opens_by_invitation_once() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates_private("secret").await;
    let nowhere = bytes_of(bob.joins(&key()).await);
    for named in ["#secret", &room.room_id, "#nothing", "no/name"] {
        assert_eq!(bytes_of(bob.joins(named).await), nowhere, "{named}");
    }
    ada.invites("#secret", &bob.id()).await.expect("invited");
    assert_eq!(
        bob.joins("#secret")
            .await
            .expect("joined")
            .room
            .expect("a room")
            .members,
        2
    );
    bob.leaves("#secret").await.expect("left");
    assert_refused(
        bob.joins("#secret").await,
        Code::NotFound,
        Reason::ROOM_NOT_FOUND,
    );
}

#[tokio::test]
async fn one_person_joining_many_times_at_once_is_one_member() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    for answer in join_all((0..8).map(|_| bob.joins("#talk"))).await {
        assert_eq!(answer.expect("joined").room.expect("a room").members, 2);
    }
    assert_eq!(
        world.kinds(&room.room_id).await,
        [Kind::RoomCreated, Kind::MemberJoined, Kind::MemberJoined]
    );
    assert_eq!(world.kinds(&bob.id()).await.len(), 1);
}

#[tokio::test]
async fn the_view_is_what_one_may_see() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let cid = world.person("Cid").await;
    ada.creates("talk").await;
    cid.joins("#talk").await.expect("joined");
    let root = ada.says("#talk", "hi").await.expect("sent");
    ada.answers("#talk", &root.message_id, "in a thread")
        .await
        .expect("sent");
    cid.says("#talk", "ho").await.expect("sent");
    cid.reacts("#talk", &root.message_id, "👍", true)
        .await
        .expect("reacted");
    let joined = bob.joins("#talk").await.expect("joined");
    assert_eq!(bodies(&joined.messages), ["hi", "ho"]);
    assert_eq!(joined.messages[0].reactions.len(), 1);
    world.hides(&bob, &cid).await;
    let again = bob.joins("#talk").await.expect("joined");
    assert_eq!(bodies(&again.messages), ["hi"]);
    assert!(again.messages[0].reactions.is_empty());
}

const ROOMS: usize = 10;
const PEOPLE: usize = 100;

/// The reply of a join and what the log holds after its head are, together, everything: no gap, no overlap.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_joins_beside_live_traffic_miss_and_repeat_nothing() {
    let world = World::new().await;
    let host = world.person("Host").await;
    let mut rooms = Vec::new();
    for number in 0..ROOMS {
        rooms.push(host.creates(&format!("room {number}")).await.room_id);
    }
    let people = join_all((0..PEOPLE).map(|number| person_of_number(&world, number))).await;
    let is_over = AtomicBool::new(false);
    let talking = join_all(rooms.iter().map(|room| talk(&host, room, &is_over)));
    let joining = async {
        let pairs = people
            .iter()
            .flat_map(|person| rooms.iter().map(move |room| (person, room)));
        let joins = pairs.map(|(person, room)| async move {
            (room.clone(), person.joins(room).await.expect("joined"))
        });
        let joined: Vec<(String, JoinRoomResponse)> = futures::stream::iter(joins)
            .buffer_unordered(16)
            .collect()
            .await;
        is_over.store(true, Ordering::Relaxed);
        joined
    };
    let (sent, joined) = tokio::join!(talking, joining);
    assert_eq!(joined.len(), ROOMS * PEOPLE);

    for (room, sent) in rooms.iter().zip(sent) {
        let events = world.events(room).await;
        let complete: Vec<&Event> = events
            .iter()
            .filter(|event| kind_of(event) == Kind::MessagePosted)
            .collect();
        assert_eq!(
            complete.iter().map(|event| event.seq).collect::<Vec<_>>(),
            sent
        );
        let replies: Vec<_> = joined
            .iter()
            .filter(|(of, _)| of == room)
            .map(|(_, reply)| reply)
            .collect();
        assert_eq!(replies.len(), PEOPLE);
        for reply in replies {
            check(&world, room, reply, &complete).await;
        }
        let members = host.gets(room).await.expect("a room").members;
        assert_eq!(usize::try_from(members), Ok(PEOPLE + 1));
    }
}

async fn person_of_number(world: &World, number: usize) -> Person {
    world.person(&format!("Guest {number}")).await
}

async fn talk(host: &Person, room: &str, is_over: &AtomicBool) -> Vec<i64> {
    let mut sent = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        sent.push(host.says(room, "tick").await.expect("sent").seq);
    }
    sent
}

async fn check(world: &World, room: &str, reply: &JoinRoomResponse, complete: &[&Event]) {
    let up_to_head = complete
        .iter()
        .filter(|event| event.seq <= reply.head)
        .count();
    let expected = complete[up_to_head.saturating_sub(50)..]
        .iter()
        .map(|event| event.event_id.as_str());
    let stream_id = room.parse().expect("an id");
    let (tenant, mut after, mut after_id) =
        (Tenant::default_tenant(), reply.head, reply.head_id.clone());
    let mut later: Vec<Event> = Vec::new();
    loop {
        let range = world
            .app
            .log
            .range(&tenant, stream_id, after, &after_id, 500)
            .await
            .expect("a range");
        assert!(range.is_continuous, "the head of a join is a good cursor");
        later.extend(range.events);
        if later.last().map_or(reply.head, |event| event.seq) == range.head {
            break;
        }
        let last = later.last().expect("progress");
        (after, after_id) = (last.seq, last.event_id.clone());
    }
    let later = later
        .iter()
        .filter(|event| kind_of(event) == Kind::MessagePosted);
    let told = reply
        .messages
        .iter()
        .map(|message| message.message_id.as_str());
    let told: Vec<&str> = told
        .chain(later.map(|event| event.event_id.as_str()))
        .collect();
    assert_eq!(told, expected.collect::<Vec<_>>());
}
