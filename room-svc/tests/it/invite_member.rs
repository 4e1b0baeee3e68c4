//! InviteMember.

use proto::{event::Kind, reason::Reason, room::RoomRole};
use tonic::Code;

use crate::world::{World, assert_field, assert_refused, bytes_of, json, key};

#[tokio::test]
async fn the_invited_is_told_once_and_auth_is_asked_in_the_caller_s_name() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates_private("secret").await;
    let used = key();
    for _ in 0..2 {
        ada.invites_with("#secret", &bob.id(), &used)
            .await
            .expect("invited");
    }
    ada.invites("#secret", "@Bob")
        .await
        .expect("invited already");
    assert_eq!(world.kinds(&bob.id()).await, [Kind::RoomInvited]);
    let feed = world.events(&bob.id()).await;
    let told = json(&feed[0].data);
    assert_eq!(told["room"], room.room_id.as_str());
    assert_eq!(
        (told["name"].as_str(), told["by"]["name"].as_str()),
        (Some("secret"), Some("Ada"))
    );
    let tokens = world.accounts.tokens.lock().expect("not poisoned").clone();
    assert!(
        tokens.iter().all(|token| token == "Bearer token-of-Ada"),
        "{tokens:?}"
    );

    bob.joins("#secret").await.expect("joined");
    ada.invites("#secret", &bob.id())
        .await
        .expect("a member already");
    assert_eq!(
        world.kinds(&bob.id()).await,
        [Kind::RoomInvited, Kind::MembershipChanged]
    );
    let eve = world.person("Eve").await;
    let other = ada.invites_with("#secret", &eve.id(), &used).await;
    assert_refused(other, Code::AlreadyExists, Reason::CONFLICT);
}

#[tokio::test]
async fn owners_and_moderators_invite() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let eve = world.person("Eve").await;
    ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let refused = bob.invites("#talk", &eve.id()).await;
    assert_refused(refused, Code::PermissionDenied, Reason::PERMISSION_DENIED);
    ada.gives_role("#talk", &bob.id(), RoomRole::Moderator)
        .await
        .expect("a moderator");
    bob.invites("#talk", &eve.id()).await.expect("invited");
}

#[tokio::test]
async fn strangers_learn_nothing_of_rooms_nor_of_people() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    ada.creates_private("secret").await;
    let nowhere = bytes_of(bob.invites(&key(), &ada.id()).await);
    assert_eq!(nowhere.0, Code::PermissionDenied);
    for (named, user) in [
        ("#secret", ada.id()),
        ("#nothing", ada.id()),
        ("#secret", key()),
    ] {
        assert_eq!(
            bytes_of(bob.invites(named, &user).await),
            nowhere,
            "{named}"
        );
    }
    for user in [key(), "@nobody".into()] {
        assert_refused(
            ada.invites("#secret", &user).await,
            Code::NotFound,
            Reason::USER_NOT_FOUND,
        );
    }
    assert_field(ada.invites("#secret", "").await, "user");
    assert_field(ada.invites_with("#secret", &bob.id(), "").await, "key");
}
