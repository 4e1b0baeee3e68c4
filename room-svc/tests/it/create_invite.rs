//! CreateInvite.

use proto::{
    event::Kind,
    reason::Reason,
    room::{CreateInviteRequest, RoomRole},
};
use tonic::Code;

use crate::world::{
    World, assert_field, assert_refused, bytes_of,
    governing::{in_seconds, invite},
    key,
};

#[tokio::test]
async fn a_code_is_made_once_and_says_what_it_is_good_for() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let room = ada.creates_private("secret").await;
    let request = CreateInviteRequest {
        valid_seconds: 600,
        max_uses: 5,
        ..invite("#secret")
    };
    let made = ada.creates_invite(request.clone()).await.expect("a code");
    assert_eq!(made.code.len(), 22);
    assert!(made.code.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert_eq!(
        (&made.room_id, made.room_name.as_str()),
        (&room.room_id, "secret")
    );
    assert_eq!(
        (made.max_uses, made.uses, &made.created_by),
        (5, 0, &ada.id())
    );
    assert!((in_seconds(590)..=in_seconds(601)).contains(&made.expires_at_ms));
    let again = ada.creates_invite(request.clone()).await;
    assert_eq!(again.expect("the same code"), made);
    let other = CreateInviteRequest {
        max_uses: 6,
        ..request
    };
    let conflict = ada.creates_invite(other).await;
    assert_refused(conflict, Code::AlreadyExists, Reason::CONFLICT);
    let week = ada.creates_invite(invite("#secret")).await.expect("a code");
    assert!((in_seconds(604_790)..=in_seconds(604_801)).contains(&week.expires_at_ms));
    assert_ne!(week.code, made.code);
    // Nobody is told of it.
    assert_eq!(world.kinds(&room.room_id).await.len(), 2);
    let own = world.kinds(&ada.id()).await;
    let noted = Kind::ModerationNoted;
    assert_eq!(own, [Kind::MembershipChanged, noted, noted]);
}

#[tokio::test]
async fn moderators_make_codes_within_bounds() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let eve = world.person("Eve").await;
    ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let refused = bob.creates_invite(invite("#talk")).await;
    assert_refused(refused, Code::PermissionDenied, Reason::PERMISSION_DENIED);
    ada.gives_role("#talk", &bob.id(), RoomRole::Moderator)
        .await
        .expect("a moderator");
    bob.creates_invite(invite("#talk")).await.expect("a code");
    let nowhere = bytes_of(eve.creates_invite(invite(&key())).await);
    assert_eq!(bytes_of(eve.creates_invite(invite("#talk")).await), nowhere);
    for seconds in [1, 59, 2_592_001, u32::MAX] {
        let request = CreateInviteRequest {
            valid_seconds: seconds,
            ..invite("#talk")
        };
        assert_field(ada.creates_invite(request).await, "validSeconds");
    }
    for seconds in [60, 2_592_000] {
        let request = CreateInviteRequest {
            valid_seconds: seconds,
            max_uses: 1_000,
            ..invite("#talk")
        };
        ada.creates_invite(request).await.expect("a code");
    }
    let request = CreateInviteRequest {
        max_uses: 1_001,
        ..invite("#talk")
    };
    assert_field(ada.creates_invite(request).await, "maxUses");
}

#[tokio::test]
async fn a_room_has_so_many_codes_at_a_time() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    ada.creates("talk").await;
    for _ in 0..100 {
        ada.code("#talk", 0).await;
    }
    let full = ada.creates_invite(invite("#talk")).await;
    assert_refused(full, Code::ResourceExhausted, Reason::QUOTA);
    world.lets_time_pass().await;
    ada.code("#talk", 0).await;
}
