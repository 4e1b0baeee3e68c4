//! GetMessage.

use proto::reason::Reason;
use tonic::Code;

use crate::world::{World, assert_field, assert_refused, bytes_of, json, key};

#[tokio::test]
async fn a_member_finds_a_message_by_its_id_alone() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let said = ada.says("#talk", "hi").await.expect("sent");
    bob.reacts("#talk", &said.message_id, "👍", true)
        .await
        .expect("reacted");
    let found = bob.finds(&said.message_id).await.expect("found");
    assert_eq!(
        (found.room_id.as_str(), found.seq, found.at_ms),
        (room.room_id.as_str(), said.seq, said.at_ms)
    );
    assert_eq!(found.author_id, ada.id());
    assert_eq!(json(&found.data)["body"], "hi");
    let reaction = &found.reactions[0];
    assert_eq!(
        (reaction.emoji.as_str(), reaction.count, reaction.is_own),
        ("👍", 1, true)
    );
    assert!(!ada.finds(&said.message_id).await.expect("found").reactions[0].is_own);
    ada.retracts("#talk", &said.message_id)
        .await
        .expect("deleted");
    let tombstone = bob.finds(&said.message_id).await.expect("a tombstone");
    assert_eq!(json(&tombstone.data)["deleted"], true);
}

#[tokio::test]
async fn who_may_not_see_it_is_told_that_it_is_not_there() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let eve = world.person("Eve").await;
    ada.creates("talk").await;
    let said = ada.says("#talk", "hi").await.expect("sent");
    let nothing = bytes_of(bob.finds(&key()).await);
    assert_refused(
        bob.finds(&key()).await,
        Code::NotFound,
        Reason::MESSAGE_NOT_FOUND,
    );
    // A stranger.
    assert_eq!(bytes_of(bob.finds(&said.message_id).await), nothing);
    bob.joins("#talk").await.expect("joined");
    bob.finds(&said.message_id).await.expect("found");
    // Someone who hides its author.
    world.hides(&bob, &ada).await;
    assert_eq!(bytes_of(bob.finds(&said.message_id).await), nothing);
    world.shows(&bob, &ada).await;
    // Someone who took it from their own devices.
    bob.hides("#talk", &said.message_id).await.expect("hidden");
    assert_eq!(bytes_of(bob.finds(&said.message_id).await), nothing);
    ada.finds(&said.message_id).await.expect("found");
    // Everyone but its author, when nobody hears them.
    eve.joins("#talk").await.expect("joined");
    let unheard = eve.says("#talk", "spam").await.expect("sent");
    ada.finds(&unheard.message_id).await.expect("found");
    world.shadows(&eve).await;
    assert_eq!(bytes_of(ada.finds(&unheard.message_id).await), nothing);
    eve.finds(&unheard.message_id).await.expect("found");
    // One who has left.
    ada.gives_role("#talk", &bob.id(), proto::room::RoomRole::Owner)
        .await
        .expect("given");
    ada.leaves("#talk").await.expect("left");
    assert_eq!(bytes_of(ada.finds(&said.message_id).await), nothing);
    assert_field(ada.finds("x").await, "message");
}

#[tokio::test]
async fn a_message_of_another_tenant_is_not_there() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let other = world
        .person_of("Oda", "other".parse().expect("a tenant"))
        .await;
    ada.creates("talk").await;
    let said = ada.says("#talk", "hi").await.expect("sent");
    other.creates("talk").await;
    assert_refused(
        other.finds(&said.message_id).await,
        Code::NotFound,
        Reason::MESSAGE_NOT_FOUND,
    );
}
