//! UnbanMember.

use proto::{event::Kind, reason::Reason};
use tonic::Code;

use crate::world::{World, assert_field, assert_refused, bytes_of, key};

#[tokio::test]
async fn a_lifted_ban_lets_in_and_a_repeat_is_done_already() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    ada.creates("talk").await;
    ada.bans("#talk", &bob.id()).await.expect("banned");
    let used = key();
    for _ in 0..2 {
        ada.unbans_with("#talk", "@Bob", &used)
            .await
            .expect("lifted");
    }
    ada.unbans("#talk", &bob.id()).await.expect("no ban");
    bob.joins("#talk").await.expect("joined");
    let actions: Vec<_> = world
        .recorded_acts()
        .await
        .into_iter()
        .map(|act| act.action)
        .collect();
    assert_eq!(actions, ["room.ban", "room.unban"]);
    // The key is remembered where no client looks.
    let kinds = world.kinds(&ada.id()).await;
    assert_eq!(kinds, [Kind::MembershipChanged, Kind::ModerationNoted]);

    ada.bans("#talk", &bob.id()).await.expect("banned again");
    ada.unbans_with("#talk", "@Bob", &used)
        .await
        .expect("the first answer");
    let joining = bob.joins("#talk").await;
    assert_refused(joining, Code::PermissionDenied, Reason::BANNED);
    let other = ada.unbans_with("#talk", &bob.id(), &used).await;
    assert_refused(other, Code::AlreadyExists, Reason::CONFLICT);
}

#[tokio::test]
async fn a_ban_outlives_the_account_and_can_still_be_lifted() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    ada.creates("talk").await;
    ada.bans("#talk", &bob.id()).await.expect("banned");
    world.accounts.remove("Bob");
    let unknown = ada.unbans("#talk", "@Bob").await;
    assert_refused(unknown, Code::NotFound, Reason::USER_NOT_FOUND);
    ada.unbans("#talk", &bob.id()).await.expect("lifted");
    assert_eq!(world.counts("room.restriction").await, 0);
}

#[tokio::test]
async fn only_moderators_lift() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let (eve, root) = (world.person("Eve").await, world.admin("Root").await);
    ada.creates("talk").await;
    eve.joins("#talk").await.expect("joined");
    ada.bans("#talk", &bob.id()).await.expect("banned");
    let refused = eve.unbans("#talk", &bob.id()).await;
    assert_refused(refused, Code::PermissionDenied, Reason::PERMISSION_DENIED);
    let nowhere = bytes_of(bob.unbans(&key(), &bob.id()).await);
    assert_eq!(bytes_of(bob.unbans("#talk", &bob.id()).await), nowhere);
    assert_field(ada.unbans("#talk", "").await, "user");
    root.unbans("#talk", &bob.id()).await.expect("lifted");
    bob.joins("#talk").await.expect("joined");
}
