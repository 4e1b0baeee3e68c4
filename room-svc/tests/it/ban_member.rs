//! BanMember.

use futures::future::join_all;
use proto::{
    event::Kind,
    reason::Reason,
    room::{BanMemberRequest, RoomRole},
};
use tonic::Code;

use crate::insisting::Insisting;
use crate::world::{
    World, assert_field, assert_refused, bytes_of,
    governing::{ban, in_seconds},
    json, key, kind_of,
};

#[tokio::test]
async fn who_is_banned_is_out_and_stays_out() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let request = ban("#talk", &bob.id());
    for _ in 0..2 {
        ada.orders_ban(request.clone()).await.expect("banned");
    }
    let events = world.events(&room.room_id).await;
    assert_eq!(events.len(), 4);
    assert_eq!(json(&events[3].data)["reason"], "banned");
    let feed = world.events(&bob.id()).await;
    let kinds: Vec<_> = feed.iter().map(kind_of).collect();
    assert_eq!(
        kinds,
        [
            Kind::MembershipChanged,
            Kind::Banned,
            Kind::MembershipChanged
        ]
    );
    assert_eq!(json(&feed[1].data)["room"], room.room_id.as_str());
    let acts = world.recorded_acts().await;
    assert_eq!((acts.len(), acts[0].action.as_str()), (1, "room.ban"));
    for named in ["#talk", &room.room_id] {
        let joining = bob.joins(named).await;
        assert_refused(joining, Code::PermissionDenied, Reason::BANNED);
    }
    let code = ada.code("#talk", 0).await;
    let unknown = bytes_of(bob.accepts(&"x".repeat(22)).await);
    assert_eq!(bytes_of(bob.accepts(&code).await), unknown);
    let inviting = ada.invites("#talk", &bob.id()).await;
    assert_refused(inviting, Code::PermissionDenied, Reason::PERMISSION_DENIED);
    let other = BanMemberRequest {
        reason: "other".into(),
        ..request
    };
    let conflict = ada.orders_ban(other).await;
    assert_refused(conflict, Code::AlreadyExists, Reason::CONFLICT);
}

#[tokio::test]
async fn strangers_are_banned_ahead_and_a_private_room_does_not_tell() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates_private("secret").await;
    ada.invites("#secret", &bob.id()).await.expect("invited");
    ada.bans("#secret", "@Bob").await.expect("banned");
    let nowhere = bytes_of(bob.joins(&key()).await);
    assert_eq!(bytes_of(bob.joins("#secret").await), nowhere);
    assert_eq!(bytes_of(bob.joins(&room.room_id).await), nowhere);
    assert_eq!(world.kinds(&room.room_id).await.len(), 2);
    let kinds = world.kinds(&bob.id()).await;
    assert_eq!(kinds.last(), Some(&Kind::Banned));
    for user in [key(), "@nobody".into()] {
        let unknown = ada.bans("#secret", &user).await;
        assert_refused(unknown, Code::NotFound, Reason::USER_NOT_FOUND);
    }
    ada.unbans("#secret", &bob.id()).await.expect("lifted");
    assert_eq!(bytes_of(bob.joins("#secret").await), nowhere);
    ada.invites("#secret", &bob.id()).await.expect("invited");
    bob.joins("#secret").await.expect("joined");
}

#[tokio::test]
async fn a_ban_ends_with_its_time() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    for seconds in [0, -60] {
        let past = BanMemberRequest {
            until_ms: in_seconds(seconds),
            ..ban("#talk", &bob.id())
        };
        assert_field(ada.orders_ban(past).await, "until");
    }
    let until_ms = in_seconds(3_600);
    let request = BanMemberRequest {
        until_ms,
        ..ban("#talk", &bob.id())
    };
    ada.orders_ban(request).await.expect("banned");
    let feed = world.events(&bob.id()).await;
    assert_eq!(json(&feed[1].data)["until"], until_ms);
    let joining = bob.joins("#talk").await;
    assert_refused(joining, Code::PermissionDenied, Reason::BANNED);
    world.lets_time_pass().await;
    bob.joins("#talk").await.expect("joined");
    ada.bans("#talk", &bob.id()).await.expect("banned again");
    assert!(bob.joins("#talk").await.is_err());
}

#[tokio::test]
async fn bans_follow_the_order_of_roles() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let (eve, root) = (world.person("Eve").await, world.admin("Root").await);
    ada.creates("talk").await;
    for person in [&bob, &eve] {
        person.joins("#talk").await.expect("joined");
    }
    let refused = eve.bans("#talk", &bob.id()).await;
    assert_refused(refused, Code::PermissionDenied, Reason::PERMISSION_DENIED);
    ada.gives_role("#talk", &bob.id(), RoomRole::Moderator)
        .await
        .expect("a moderator");
    let above = bob.bans("#talk", &ada.id()).await;
    assert_refused(above, Code::PermissionDenied, Reason::PERMISSION_DENIED);
    let nowhere = bytes_of(world.person("Zoe").await.bans(&key(), &bob.id()).await);
    let zoe = world.person("Zed").await;
    assert_eq!(bytes_of(zoe.bans("#talk", &bob.id()).await), nowhere);
    bob.bans("#talk", &zoe.id()).await.expect("banned ahead");
    root.bans("#talk", &ada.id()).await.expect("banned");
    let longest = "x".repeat(501);
    let wordy = BanMemberRequest {
        reason: longest,
        ..ban("#talk", &eve.id())
    };
    assert_field(bob.orders_ban(wordy).await, "reason");
}

/// G4: once a ban is acknowledged, nothing that was under way is accepted after it, and nobody slips in again.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_accepted_after_an_acknowledged_ban() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let room = ada.creates("talk").await;
    for number in 0..20 {
        let bob = world.person(&format!("Bob {number}")).await;
        bob.joins("#talk").await.expect("joined");
        let insisting = Insisting::begin(&bob, &room.room_id).await;
        let joins = join_all((0..3).map(|_| bob.joins("#talk")));
        let banning = async {
            ada.bans("#talk", &bob.id()).await.expect("banned");
            world.events(&room.room_id).await.len()
        };
        let (_, at_ack) = tokio::join!(joins, banning);
        insisting.end(Reason::NOT_A_MEMBER).await;
        let events = world.events(&room.room_id).await;
        assert_eq!(events.len(), at_ack);
        assert_eq!(kind_of(events.last().expect("events")), Kind::MemberLeft);
        assert!(!bob.gets("#talk").await.expect("a room").is_joined);
    }
}
