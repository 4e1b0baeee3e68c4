//! PinMessage.

use proto::{
    event::{Kind, MessagePinned},
    reason::Reason,
    room::{PinMessageRequest, RoomRole},
};
use tonic::Code;

use crate::world::{World, assert_field, assert_refused, key, kind_of, talk::bodies};

#[tokio::test]
async fn moderators_pin_and_unpin() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let said = bob.says("#talk", "hi").await.expect("sent");
    assert_refused(
        bob.pins("#talk", &said.message_id, true).await,
        Code::PermissionDenied,
        Reason::PERMISSION_DENIED,
    );
    ada.gives_role("#talk", &bob.id(), RoomRole::Moderator)
        .await
        .expect("given");
    bob.pins("#talk", &said.message_id, true)
        .await
        .expect("pinned");
    let events = world.events(&room.room_id).await;
    let event = events.last().expect("an event");
    assert_eq!(kind_of(event), Kind::MessagePinned);
    let told: MessagePinned = serde_json::from_slice(&event.data).expect("a pin");
    assert_eq!(
        (told.message, told.on, told.by.id),
        (said.message_id.clone(), true, bob.id())
    );
    // What is so already is not told again.
    ada.pins("#talk", &said.message_id, true)
        .await
        .expect("pinned already");
    assert_eq!(world.events(&room.room_id).await.len(), events.len());
    ada.pins("#talk", &said.message_id, false)
        .await
        .expect("unpinned");
    assert!(bob.lists_pins("#talk").await.expect("pins").is_empty());
}

#[tokio::test]
async fn both_people_of_a_direct_conversation_pin() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates_private("ours").await;
    ada.invites("#ours", &bob.id()).await.expect("invited");
    bob.joins("#ours").await.expect("joined");
    let said = ada.says(&room.room_id, "hi").await.expect("sent");
    world.makes_direct(&room.room_id).await;
    bob.pins(&room.room_id, &said.message_id, true)
        .await
        .expect("pinned");
    assert_eq!(
        bodies(&ada.lists_pins(&room.room_id).await.expect("pins")),
        ["hi"]
    );
}

#[tokio::test]
async fn a_repeat_changes_nothing_and_other_data_is_a_conflict() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    ada.creates("talk").await;
    let said = ada.says("#talk", "hi").await.expect("sent");
    let request = PinMessageRequest {
        room: "#talk".into(),
        message_id: said.message_id.clone(),
        is_pinned: true,
        key: key(),
    };
    ada.sets_pin(request.clone()).await.expect("pinned");
    ada.pins("#talk", &said.message_id, false)
        .await
        .expect("unpinned");
    ada.sets_pin(request.clone()).await.expect("pinned once");
    assert!(ada.lists_pins("#talk").await.expect("pins").is_empty());
    let other = PinMessageRequest {
        is_pinned: false,
        ..request
    };
    assert_refused(
        ada.sets_pin(other).await,
        Code::AlreadyExists,
        Reason::CONFLICT,
    );
}

#[tokio::test]
async fn a_room_has_at_most_fifty_pins() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    ada.creates("talk").await;
    let mut last = String::new();
    for number in 0..51 {
        let said = ada.says("#talk", &number.to_string()).await.expect("sent");
        last = said.message_id;
        if number < 50 {
            ada.pins("#talk", &last, true).await.expect("pinned");
        }
    }
    assert_refused(
        ada.pins("#talk", &last, true).await,
        Code::ResourceExhausted,
        Reason::QUOTA,
    );
    let pinned = ada.lists_pins("#talk").await.expect("pins");
    assert_eq!(pinned.len(), 50);
    ada.pins("#talk", &pinned[9].message_id, false)
        .await
        .expect("unpinned");
    ada.pins("#talk", &last, true).await.expect("pinned");
}

#[tokio::test]
async fn only_what_one_sees_where_one_is() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    ada.creates("talk").await;
    ada.creates("other").await;
    let said = ada.says("#talk", "hi").await.expect("sent");
    assert_refused(
        bob.pins("#talk", &said.message_id, true).await,
        Code::PermissionDenied,
        Reason::NOT_A_MEMBER,
    );
    for (room, message_id) in [("#other", said.message_id.clone()), ("#talk", key())] {
        assert_refused(
            ada.pins(room, &message_id, true).await,
            Code::NotFound,
            Reason::MESSAGE_NOT_FOUND,
        );
    }
    assert_field(ada.pins("#talk", "x", true).await, "message");
}
