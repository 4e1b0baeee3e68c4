//! GetRoom.

use proto::reason::Reason;
use tonic::Code;

use crate::world::{World, assert_field, bytes_of, key};

#[tokio::test]
async fn a_room_is_found_by_id_and_by_any_spelling_of_its_name() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("General").await;
    for named in [room.room_id.as_str(), "#general", "#GENERAL", "general"] {
        let found = bob.gets(named).await.expect("a room");
        assert_eq!(
            (found.room_id.as_str(), found.is_joined),
            (room.room_id.as_str(), false)
        );
    }
    assert!(ada.gets("#general").await.expect("a room").is_joined);
    assert_field(ada.gets("").await, "room");
}

#[tokio::test]
async fn a_hidden_room_answers_as_one_that_does_not_exist() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates_private("secret").await;
    let nowhere = bytes_of(bob.gets(&key()).await);
    assert_eq!(
        (nowhere.0, nowhere.1.as_str()),
        (Code::NotFound, "no such room")
    );
    for named in [
        room.room_id.as_str(),
        "#secret",
        "#nothing",
        "no/name",
        "\0",
    ] {
        assert_eq!(bytes_of(bob.gets(named).await), nowhere, "{named}");
    }
    assert_eq!(
        rpc::Refusal::of(&bob.gets("#secret").await.expect_err("hidden")).reason,
        Reason::ROOM_NOT_FOUND
    );
    ada.invites("#secret", &bob.id()).await.expect("invited");
    assert_eq!(bob.gets("#secret").await.expect("visible").kind, "private");
}

#[tokio::test]
async fn a_name_that_was_missing_is_found_once_it_exists_and_tenants_are_apart() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    ada.gets("#late").await.expect_err("not yet");
    let room = ada.creates("late").await;
    assert_eq!(
        ada.gets("#late").await.expect("a room").room_id,
        room.room_id
    );
    let eve = world
        .person_of("Eve", "elsewhere".parse().expect("a tenant"))
        .await;
    eve.gets("#late").await.expect_err("another tenant's");
    eve.gets(&room.room_id).await.expect_err("another tenant's");
}
