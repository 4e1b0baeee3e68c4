//! MuteMember.

use proto::{
    event::Kind,
    reason::Reason,
    room::{MuteMemberRequest, RoomRole},
};
use tonic::Code;

use crate::insisting::Insisting;
use crate::world::{
    World, assert_field, assert_refused, bytes_of,
    governing::{in_seconds, mute},
    json, key, kind_of,
};

#[tokio::test]
async fn who_is_muted_stays_and_does_not_speak_for_a_time() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let request = mute("#talk", "@Bob");
    for _ in 0..2 {
        ada.orders_mute(request.clone()).await.expect("muted");
    }
    let feed = world.events(&bob.id()).await;
    let kinds: Vec<_> = feed.iter().map(kind_of).collect();
    assert_eq!(kinds, [Kind::MembershipChanged, Kind::Muted]);
    let act = json(&feed[1].data);
    assert_eq!(act["room"], room.room_id.as_str());
    assert_eq!(act["until"], request.until_ms);
    assert_eq!(act["reason"], "too loud");
    let acts = world.recorded_acts().await;
    assert_eq!((acts.len(), acts[0].action.as_str()), (1, "room.mute"));
    assert_eq!(acts[0].detail["until"], request.until_ms);
    // Nobody else is told.
    assert_eq!(world.kinds(&room.room_id).await.len(), 3);

    let said = bob.says("#talk", "hi").await;
    let refusal = assert_refused(said, Code::PermissionDenied, Reason::ROOM_MUTED);
    assert!(
        refusal
            .retry_after
            .is_some_and(|after| after.as_secs() > 3_500)
    );
    bob.leaves("#talk").await.expect("left");
    bob.joins("#talk").await.expect("joined again");
    let said = bob.says("#talk", "hi").await;
    assert_refused(said, Code::PermissionDenied, Reason::ROOM_MUTED);
    world.lets_time_pass().await;
    bob.says("#talk", "hi").await.expect("sent");
    let other = MuteMemberRequest {
        until_ms: request.until_ms + 1_000,
        ..request
    };
    let conflict = ada.orders_mute(other).await;
    assert_refused(conflict, Code::AlreadyExists, Reason::CONFLICT);
}

#[tokio::test]
async fn only_members_below_are_muted_and_not_for_ever() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let (eve, root) = (world.person("Eve").await, world.admin("Root").await);
    ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    for millis in [0, 1, in_seconds(-1), in_seconds(29 * 86_400), i64::MAX] {
        let request = MuteMemberRequest {
            until_ms: millis,
            ..mute("#talk", &bob.id())
        };
        assert_field(ada.orders_mute(request).await, "until");
    }
    let refused = bob.mutes("#talk", &ada.id()).await;
    assert_refused(refused, Code::PermissionDenied, Reason::PERMISSION_DENIED);
    let nowhere = bytes_of(eve.mutes(&key(), &bob.id()).await);
    assert_eq!(bytes_of(eve.mutes("#talk", &bob.id()).await), nowhere);
    let stranger = ada.mutes("#talk", &eve.id()).await;
    assert_refused(stranger, Code::NotFound, Reason::USER_NOT_FOUND);
    ada.gives_role("#talk", &bob.id(), RoomRole::Owner)
        .await
        .expect("another owner");
    let equal = ada.mutes("#talk", &bob.id()).await;
    assert_refused(equal, Code::PermissionDenied, Reason::PERMISSION_DENIED);
    root.mutes("#talk", &bob.id()).await.expect("muted");
    let said = bob.says("#talk", "hi").await;
    assert_refused(said, Code::PermissionDenied, Reason::ROOM_MUTED);
}

/// G4: once a mute is acknowledged, nothing that was under way is accepted after it.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_accepted_after_an_acknowledged_mute() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    for _ in 0..20 {
        let insisting = Insisting::begin(&bob, &room.room_id).await;
        ada.mutes("#talk", &bob.id()).await.expect("muted");
        let at_ack = world.events(&room.room_id).await.len();
        insisting.end(Reason::ROOM_MUTED).await;
        assert_eq!(world.events(&room.room_id).await.len(), at_ack);
        ada.unmutes("#talk", &bob.id()).await.expect("lifted");
    }
}
