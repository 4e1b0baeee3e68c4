//! TransferRoom.

use futures::future::join;
use proto::{
    event::Kind,
    reason::Reason,
    room::{ListMembersRequest, RoomRole},
};
use tonic::Code;

use crate::world::{Person, World, assert_field, assert_refused, bytes_of, json, key, kind_of};

async fn roles(person: &Person, room: &str) -> Vec<(String, RoomRole)> {
    let request = ListMembersRequest {
        room: room.into(),
        ..ListMembersRequest::default()
    };
    let listed = person.lists_members(request).await.expect("members");
    let roles = listed.members.into_iter().map(|member| {
        let role = member.role();
        (member.name, role)
    });
    roles.collect()
}

#[tokio::test]
async fn another_member_becomes_the_owner_and_the_caller_a_moderator() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let used = key();
    for _ in 0..2 {
        ada.transfers_with("#talk", "@bob", &used)
            .await
            .expect("handed over");
    }
    let expected = [
        ("Ada".into(), RoomRole::Moderator),
        ("Bob".into(), RoomRole::Owner),
    ];
    assert_eq!(roles(&bob, "#talk").await, expected);
    let events = world.events(&room.room_id).await;
    assert_eq!(events.len(), 5);
    let told: Vec<_> = events[3..]
        .iter()
        .map(|event| (kind_of(event), json(&event.data)))
        .map(|(kind, data)| (kind, data["user"]["name"].clone(), data["role"].clone()))
        .collect();
    assert_eq!(
        told,
        [
            (Kind::RoleChanged, "Bob".into(), "owner".into()),
            (Kind::RoleChanged, "Ada".into(), "moderator".into()),
        ]
    );
    let other = ada.transfers_with("#talk", &ada.id(), &used).await;
    assert_refused(other, Code::AlreadyExists, Reason::CONFLICT);
    ada.leaves("#talk").await.expect("free to go");
}

#[tokio::test]
async fn only_owners_hand_over_and_only_to_members() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let eve = world.person("Eve").await;
    ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let refused = bob.transfers("#talk", &ada.id()).await;
    assert_refused(refused, Code::PermissionDenied, Reason::PERMISSION_DENIED);
    let nowhere = bytes_of(eve.transfers(&key(), &ada.id()).await);
    assert_eq!(bytes_of(eve.transfers("#talk", &ada.id()).await), nowhere);
    let stranger = ada.transfers("#talk", &eve.id()).await;
    assert_refused(stranger, Code::NotFound, Reason::USER_NOT_FOUND);
    let own = ada.transfers("#talk", &ada.id()).await;
    assert_refused(own, Code::PermissionDenied, Reason::PERMISSION_DENIED);
    assert_field(ada.transfers("#talk", "").await, "user");
    assert_field(ada.transfers_with("#talk", &bob.id(), "").await, "key");
}

#[tokio::test]
async fn a_room_that_changes_hands_twice_at_once_has_one_owner() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let eve = world.person("Eve").await;
    ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    eve.joins("#talk").await.expect("joined");
    let (bob_id, eve_id) = (bob.id(), eve.id());
    let both = join(
        ada.transfers("#talk", &bob_id),
        ada.transfers("#talk", &eve_id),
    );
    let (one, other) = both.await;
    assert_ne!(one.is_ok(), other.is_ok());
    let owners = roles(&ada, "#talk").await;
    let owners = owners.iter().filter(|(_, role)| *role == RoomRole::Owner);
    assert_eq!(owners.count(), 1);
}
