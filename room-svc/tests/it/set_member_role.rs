//! SetMemberRole.

use futures::future::join_all;
use proto::{event::Kind, reason::Reason, room::RoomRole};
use tonic::Code;

use crate::world::{World, assert_field, assert_refused, bytes_of, json, key};

#[tokio::test]
async fn an_owner_gives_roles_and_the_room_is_told() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let used = key();
    for _ in 0..2 {
        ada.gives_role_with("#talk", &bob.id(), RoomRole::Moderator, &used)
            .await
            .expect("a role");
    }
    ada.gives_role("#talk", "@bob", RoomRole::Moderator)
        .await
        .expect("the same role");
    let events = world.events(&room.room_id).await;
    let told = json(&events[3].data);
    assert_eq!(
        (events.len(), events[3].kind as i16),
        (4, Kind::RoleChanged.number())
    );
    assert_eq!(
        (told["user"]["id"].as_str(), told["role"].as_str()),
        (Some(bob.id().as_str()), Some("moderator"))
    );
    let other = ada
        .gives_role_with("#talk", &bob.id(), RoomRole::Owner, &used)
        .await;
    assert_refused(other, Code::AlreadyExists, Reason::CONFLICT);
}

#[tokio::test]
async fn others_may_not_and_strangers_learn_nothing() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let eve = world.person("Eve").await;
    ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    ada.gives_role("#talk", &bob.id(), RoomRole::Moderator)
        .await
        .expect("a role");
    let refused = bob.gives_role("#talk", &bob.id(), RoomRole::Owner).await;
    assert_refused(refused, Code::PermissionDenied, Reason::PERMISSION_DENIED);
    let nowhere = bytes_of(eve.gives_role(&key(), &bob.id(), RoomRole::Owner).await);
    assert_eq!(
        bytes_of(eve.gives_role("#talk", &bob.id(), RoomRole::Owner).await),
        nowhere
    );
    let stranger = ada
        .gives_role("#talk", &eve.id(), RoomRole::Moderator)
        .await;
    assert_refused(stranger, Code::NotFound, Reason::USER_NOT_FOUND);
    assert_field(
        ada.gives_role("#talk", &bob.id(), RoomRole::Unspecified)
            .await,
        "role",
    );
    assert_field(
        ada.gives_role_with("#talk", &bob.id(), RoomRole::Owner, "")
            .await,
        "key",
    );
}

#[tokio::test]
async fn a_room_keeps_an_owner_even_when_two_step_down_at_once() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let alone = ada.gives_role("#talk", &ada.id(), RoomRole::Member).await;
    assert_refused(alone, Code::PermissionDenied, Reason::PERMISSION_DENIED);
    ada.gives_role("#talk", &ada.id(), RoomRole::Owner)
        .await
        .expect("nothing changes");
    ada.gives_role("#talk", &bob.id(), RoomRole::Owner)
        .await
        .expect("a second owner");
    let both = [&ada, &bob].map(|person| async {
        person
            .gives_role("#talk", &person.id(), RoomRole::Member)
            .await
    });
    let answers = join_all(both).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
}
