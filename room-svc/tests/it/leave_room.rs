//! LeaveRoom.

use proto::{
    event::Kind,
    reason::Reason,
    room::{Member, RoomRole},
};
use tonic::Code;

use crate::{
    auth,
    insisting::Insisting,
    world::{World, assert_field, assert_refused, bytes_of, json, key, kind_of},
};

#[tokio::test]
async fn leaving_tells_the_room_once_and_a_repeat_is_done_already() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let used = key();
    for _ in 0..2 {
        bob.leaves_with("#talk", &used).await.expect("left");
    }
    bob.leaves("#talk").await.expect("not in it");
    let events = world.events(&room.room_id).await;
    let last = events.last().expect("events");
    assert_eq!((events.len(), kind_of(last)), (4, Kind::MemberLeft));
    let told = json(&last.data);
    assert_eq!(
        (told["user"]["name"].as_str(), told["reason"].as_str()),
        (Some("Bob"), Some("left"))
    );
    let feed = world.events(&bob.id()).await;
    assert_eq!(json(&feed.last().expect("events").data)["joined"], false);
    assert_eq!(ada.gets("#talk").await.expect("a room").members, 1);

    bob.joins("#talk").await.expect("joined again");
    bob.leaves_with("#talk", &used)
        .await
        .expect("the first answer");
    assert!(
        bob.gets("#talk").await.expect("a room").is_joined,
        "a repeat has no new effect"
    );
    ada.creates("other").await;
    assert_refused(
        bob.leaves_with("#other", &used).await,
        Code::AlreadyExists,
        Reason::CONFLICT,
    );
}

#[tokio::test]
async fn the_last_owner_hands_over_first() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    assert_field(ada.leaves("#talk").await, "room");
    ada.gives_role("#talk", &bob.id(), RoomRole::Owner)
        .await
        .expect("another owner");
    ada.leaves("#talk").await.expect("left");
    bob.leaves("#talk").await.expect("the last one may leave");
    assert_eq!(ada.gets("#talk").await.expect("a room").members, 0);
}

#[tokio::test]
async fn the_last_one_out_ends_a_private_room_and_frees_a_channel() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let secret = ada.creates_private("secret").await;
    ada.invites("#secret", &bob.id()).await.expect("invited");
    let used = key();
    for _ in 0..2 {
        ada.leaves_with("#secret", &used).await.expect("left");
    }
    let kinds = world.kinds(&secret.room_id).await;
    let (left, deleted) = (Kind::MemberLeft, Kind::RoomDeleted);
    assert_eq!(
        kinds,
        [Kind::RoomCreated, Kind::MemberJoined, left, deleted]
    );
    let late = bob.joins(&secret.room_id).await;
    assert_refused(late, Code::NotFound, Reason::ROOM_NOT_FOUND);
    let again = bob.creates_private("secret").await;
    assert_eq!(bob.gets("#secret").await.expect("a room"), again);

    ada.creates("talk").await;
    ada.leaves("#talk").await.expect("left");
    let joined = bob.joins("#talk").await.expect("joined");
    assert_eq!(joined.members[0].role(), RoomRole::Owner);
    let joined = ada.joins("#talk").await.expect("joined");
    let roles: Vec<_> = joined.members.iter().map(Member::role).collect();
    assert_eq!(roles, [RoomRole::Member, RoomRole::Owner]);
}

#[tokio::test]
async fn a_hidden_room_cannot_be_left() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates_private("secret").await;
    let nowhere = bytes_of(bob.leaves(&key()).await);
    assert_eq!(nowhere.0, Code::NotFound);
    for named in ["#secret", &room.room_id, "#nothing"] {
        assert_eq!(bytes_of(bob.leaves(named).await), nowhere, "{named}");
    }
    auth::end_session(&world.db, &ada.caller).await;
    assert_refused(
        ada.leaves("#secret").await,
        Code::Unauthenticated,
        Reason::TOKEN_INVALID,
    );
}

/// G4: once a leave is acknowledged, nothing that was under way is accepted after it.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_accepted_after_an_acknowledged_leave() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    for _ in 0..20 {
        bob.joins("#talk").await.expect("joined");
        let insisting = Insisting::begin(&bob, &room.room_id).await;
        bob.leaves("#talk").await.expect("left");
        // What the log holds at this moment is all there will ever be of this stay.
        let events = world.events(&room.room_id).await;
        let posted = events.iter().map(kind_of);
        let at_ack = posted.filter(|kind| *kind == Kind::MessagePosted).count();
        let accepted = insisting.end(Reason::NOT_A_MEMBER).await;
        let events = world.events(&room.room_id).await;
        let left = events
            .iter()
            .rposition(|event| kind_of(event) == Kind::MemberLeft)
            .expect("a leave");
        assert!(
            events[left..]
                .iter()
                .all(|event| kind_of(event) != Kind::MessagePosted)
        );
        assert_eq!(
            events
                .iter()
                .filter(|event| kind_of(event) == Kind::MessagePosted)
                .count(),
            at_ack
        );
        for id in accepted {
            assert!(events.iter().any(|event| event.event_id == id));
        }
    }
}
