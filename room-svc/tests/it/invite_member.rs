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
    let told_of_invitation = [Kind::RoomInvited, Kind::Notified];
    assert_eq!(world.kinds(&bob.id()).await, told_of_invitation);
    let feed = world.events(&bob.id()).await;
    let told = json(&feed[0].data);
    assert_eq!(told["room"], room.room_id.as_str());
    assert_eq!(
        (told["name"].as_str(), told["by"]["name"].as_str()),
        (Some("secret"), Some("Ada"))
    );
    let notified = json(&feed[1].data);
    assert_eq!(notified["kind"], "room.invited");
    assert_eq!(notified["data"]["room"], room.room_id.as_str());
    // The key is remembered where no client looks.
    let own = world.kinds(&ada.id()).await;
    assert_eq!(own, [Kind::MembershipChanged, Kind::ModerationNoted]);
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
        [Kind::RoomInvited, Kind::Notified, Kind::MembershipChanged]
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

/// A person who blocks the caller, or from whom the caller is hidden, is told nothing; the caller cannot tell.
#[tokio::test]
async fn who_must_not_hear_of_the_caller_is_not_told_and_the_caller_cannot_tell() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let eve = world.person("Eve").await;
    ada.creates_private("secret").await;
    world.hides_from(&ada, &bob).await;
    let used = key();
    for _ in 0..2 {
        ada.invites_with("#secret", &bob.id(), &used)
            .await
            .expect("the same answer");
    }
    let other = ada.invites_with("#secret", &eve.id(), &used).await;
    assert_refused(other, Code::AlreadyExists, Reason::CONFLICT);
    assert!(world.kinds(&bob.id()).await.is_empty());
    let joining = bob.joins("#secret").await;
    assert_refused(joining, Code::NotFound, Reason::ROOM_NOT_FOUND);
    world.shadows(&ada).await;
    ada.invites("#secret", &eve.id())
        .await
        .expect("the same answer");
    assert!(world.kinds(&eve.id()).await.is_empty());
    let noted = Kind::ModerationNoted;
    let own = world.kinds(&ada.id()).await;
    assert_eq!(own, [Kind::MembershipChanged, noted, noted]);
    assert_eq!(world.counts("room.invitation").await, 0);
}
