//! DeleteRoom.

use futures::{StreamExt, future::join_all};
use proto::{event::Kind, reason::Reason, room::ListRoomsRequest, room::RoomRole};
use tonic::Code;

use crate::insisting::Insisting;
use crate::world::{World, assert_refused, bytes_of, json, key, kind_of};

#[tokio::test]
async fn a_deleted_room_is_gone_for_everyone_and_its_name_is_free() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let eve = world.person("Eve").await;
    let room = ada.creates_private("talk").await;
    for (person, is_joining) in [(&bob, true), (&eve, false)] {
        ada.invites("#talk", &person.id()).await.expect("invited");
        if is_joining {
            person.joins("#talk").await.expect("joined");
        }
    }
    bob.says("#talk", "hi").await.expect("sent");
    let code = ada.code("#talk", 0).await;
    let used = key();
    for _ in 0..2 {
        ada.deletes_with("#talk", &used).await.expect("deleted");
    }
    let events = world.events(&room.room_id).await;
    let last = events.last().expect("events");
    assert_eq!(kind_of(last), Kind::RoomDeleted);
    assert_eq!(json(&last.data)["by"]["name"], "Ada");
    for person in [&ada, &bob] {
        let feed = world.events(&person.id()).await;
        let told = feed.last().expect("events");
        assert_eq!(kind_of(told), Kind::MembershipChanged);
        assert_eq!(json(&told.data)["joined"], false);
        assert!(person.lists_own().await.is_empty());
    }
    let nowhere = bytes_of(ada.gets(&key()).await);
    for person in [&ada, &bob, &eve] {
        for named in ["#talk", &room.room_id] {
            assert_eq!(bytes_of(person.gets(named).await), nowhere);
            assert_eq!(bytes_of(person.joins(named).await), nowhere);
        }
        let sent = person.says(&room.room_id, "still here").await;
        assert_refused(sent, Code::PermissionDenied, Reason::NOT_A_MEMBER);
    }
    let entering = eve.accepts(&code).await;
    assert_refused(entering, Code::NotFound, Reason::INVITE_INVALID);
    assert_eq!(events.len(), world.events(&room.room_id).await.len());

    let new = bob.creates("Talk").await;
    assert_eq!(
        bob.gets("#talk").await.expect("a room").room_id,
        new.room_id
    );
    let listed = ada.lists(ListRoomsRequest::default()).await.expect("rooms");
    let ids: Vec<_> = listed.rooms.iter().map(|room| &room.room_id).collect();
    assert_eq!(ids, [&new.room_id]);
    // The name belongs to another room now: the repeat must not touch it.
    let again = ada.deletes_with("#talk", &used).await;
    assert_refused(again, Code::AlreadyExists, Reason::CONFLICT);
    ada.deletes_with(&room.room_id, &used)
        .await
        .expect("the first answer");
    let twice = ada.deletes_room(&room.room_id).await;
    assert_refused(twice, Code::PermissionDenied, Reason::NOT_A_MEMBER);
}

#[tokio::test]
async fn owners_and_administrators_delete() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let root = world.admin("Root").await;
    for name in ["one", "two", "empty"] {
        ada.creates(name).await;
    }
    bob.joins("#one").await.expect("joined");
    ada.gives_role("#one", &bob.id(), RoomRole::Moderator)
        .await
        .expect("a moderator");
    let refused = bob.deletes_room("#one").await;
    assert_refused(refused, Code::PermissionDenied, Reason::PERMISSION_DENIED);
    let nowhere = bytes_of(bob.deletes_room(&key()).await);
    assert_eq!(bytes_of(bob.deletes_room("#two").await), nowhere);
    assert_eq!(nowhere.0, Code::PermissionDenied);

    ada.deletes_room("#one").await.expect("deleted");
    assert!(
        world.recorded_acts().await.is_empty(),
        "an owner's own business"
    );
    let two = ada.gets("#two").await.expect("a room");
    root.deletes_room("#two").await.expect("deleted");
    ada.leaves("#empty").await.expect("left");
    root.deletes_room("#empty").await.expect("deleted");
    let acts = world.recorded_acts().await;
    assert_eq!((acts.len(), acts[0].action.as_str()), (2, "room.delete"));
    assert_eq!(acts[0].subject, two.room_id);
    assert!(ada.lists_own().await.is_empty());
    let missing = root.deletes_room(&key()).await;
    assert_refused(missing, Code::PermissionDenied, Reason::NOT_A_MEMBER);
}

/// G4: the end of a room is the last event of its stream, whatever was under way.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_follows_the_end_of_a_room() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    for _ in 0..20 {
        let room = ada.creates("talk").await.room_id;
        bob.joins(&room).await.expect("joined");
        let insisting = Insisting::begin(&bob, &room).await;
        ada.deletes_room(&room).await.expect("deleted");
        insisting.end(Reason::NOT_A_MEMBER).await;
        let kinds = world.kinds(&room).await;
        assert_eq!(kinds.last(), Some(&Kind::RoomDeleted));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_is_out_of_a_large_room() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let room = ada.creates("talk").await;
    let people = join_all((0..250).map(|number| {
        let world = &world;
        async move { world.person(&format!("Guest {number}")).await }
    }))
    .await;
    let joins = people.iter().map(|person| person.joins(&room.room_id));
    let joined: Vec<_> = futures::stream::iter(joins)
        .buffer_unordered(8)
        .collect()
        .await;
    assert!(joined.iter().all(Result::is_ok));
    ada.deletes_room(&room.room_id).await.expect("deleted");
    let kinds = world.kinds(&room.room_id).await;
    assert_eq!(kinds.last(), Some(&Kind::RoomDeleted));
    assert_eq!(world.counts("room.member").await, 0);
    let members = world.counts("room.room where members <> 0").await;
    assert_eq!(members, 0);
    for person in &people {
        let kinds = world.kinds(&person.id()).await;
        assert_eq!(kinds, [Kind::MembershipChanged, Kind::MembershipChanged]);
    }
}

#[tokio::test]
async fn a_deletion_that_was_interrupted_goes_on() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    // As the first batch of many leaves it.
    world
        .run("update room.room set deleted_at = now()".into())
        .await;
    let used = key();
    for _ in 0..2 {
        ada.deletes_with(&room.room_id, &used)
            .await
            .expect("deleted");
    }
    assert_eq!(world.counts("room.member").await, 0);
    let kinds = world.kinds(&room.room_id).await;
    assert_eq!(kinds.last(), Some(&Kind::RoomDeleted));
}
