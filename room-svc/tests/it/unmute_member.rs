//! UnmuteMember.

use proto::{event::Kind, reason::Reason};
use tonic::Code;

use crate::world::{World, assert_refused, bytes_of, json, key};

#[tokio::test]
async fn a_lifted_mute_lets_speak_and_is_told_once() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    ada.unmutes("#talk", &bob.id()).await.expect("no mute");
    ada.mutes("#talk", &bob.id()).await.expect("muted");
    let used = key();
    for _ in 0..2 {
        ada.unmutes_with("#talk", "@Bob", &used)
            .await
            .expect("lifted");
    }
    bob.says("#talk", "hi").await.expect("sent");
    let kinds = world.kinds(&bob.id()).await;
    assert_eq!(kinds, [Kind::MembershipChanged, Kind::Muted, Kind::Unmuted]);
    let feed = world.events(&bob.id()).await;
    let told = serde_json::json!({ "room": room.room_id });
    assert_eq!(json(&feed[2].data), told);
    let actions: Vec<_> = world
        .recorded_acts()
        .await
        .into_iter()
        .map(|act| act.action)
        .collect();
    assert_eq!(actions, ["room.mute", "room.unmute"]);
    let other = ada.unmutes_with("#talk", &bob.id(), &used).await;
    assert_refused(other, Code::AlreadyExists, Reason::CONFLICT);
}

#[tokio::test]
async fn only_moderators_lift() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let eve = world.person("Eve").await;
    ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    ada.mutes("#talk", &bob.id()).await.expect("muted");
    let refused = bob.unmutes("#talk", &bob.id()).await;
    assert_refused(refused, Code::PermissionDenied, Reason::PERMISSION_DENIED);
    let nowhere = bytes_of(eve.unmutes(&key(), &bob.id()).await);
    assert_eq!(bytes_of(eve.unmutes("#talk", &bob.id()).await), nowhere);
}
