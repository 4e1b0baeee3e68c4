//! MuteUser.

use proto::{event::Kind, moderation::MuteUserRequest, reason::Reason};
use serde_json::json;
use tonic::Code;

use crate::world::{
    Person, World, assert_field, assert_no_admin, assert_refused, in_hours, json, key,
};

fn mute_of(user: &Person) -> MuteUserRequest {
    MuteUserRequest {
        user_id: user.id(),
        reason: "shouting".into(),
        until_ms: in_hours(1),
        key: key(),
    }
}

/// Until when the contract view says that a person is silenced.
async fn muted_until(world: &World, person: &Person) -> Option<i64> {
    let until = sqlx::query_scalar!(
        r#"
        select (extract(epoch from until) * 1000)::bigint as "until_ms!"
        from moderation.active_mute
        where tenant_id = 'default' and user_id = $1
        "#,
        person.caller.user_id.0,
    );
    until.fetch_optional(&world.db).await.expect("the view")
}

#[tokio::test]
async fn an_account_is_silenced_for_a_time_and_told_why() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let request = MuteUserRequest {
        user_id: bob.named(),
        ..mute_of(&bob)
    };
    for _ in 0..2 {
        ada.mutes(request.clone()).await.expect("muted");
    }
    assert_eq!(muted_until(&world, &bob).await, Some(request.until_ms));
    let feed = world.events(bob.caller.user_id).await;
    assert_eq!(world.kinds(bob.caller.user_id).await, [Kind::Muted]);
    assert_eq!(
        json(&feed[0].data),
        json!({ "reason": "shouting", "until": request.until_ms })
    );
    assert_eq!(
        world.audit().await,
        [(
            ada.id(),
            "mute".into(),
            bob.id(),
            json!({ "until": request.until_ms })
        )]
    );
    let other = MuteUserRequest {
        until_ms: request.until_ms + 1,
        ..request.clone()
    };
    assert_refused(
        ada.mutes(other).await,
        Code::AlreadyExists,
        Reason::CONFLICT,
    );

    // The same mute under another key changes nothing; a longer one takes its place.
    let same = MuteUserRequest {
        key: key(),
        ..request.clone()
    };
    ada.mutes(same).await.expect("muted already");
    assert_eq!(world.acts().await, ["mute"]);
    let longer = MuteUserRequest {
        until_ms: in_hours(5),
        key: key(),
        ..request
    };
    ada.mutes(longer.clone()).await.expect("muted");
    assert_eq!(muted_until(&world, &bob).await, Some(longer.until_ms));
    assert_eq!(
        world.kinds(bob.caller.user_id).await,
        [Kind::Muted, Kind::Muted]
    );
}

#[tokio::test]
async fn only_users_are_muted_and_only_by_administrators() {
    let world = World::new().await;
    let (ada, eve) = (world.admin("Ada").await, world.admin("Eve").await);
    let (bob, joe) = (world.person("Bob").await, world.person("Joe").await);
    assert_no_admin(bob.mutes(mute_of(&joe)).await);
    for target in [&eve, &ada] {
        let refused = ada.mutes(mute_of(target)).await;
        assert_refused(refused, Code::PermissionDenied, Reason::PERMISSION_DENIED);
    }
    let nobody = MuteUserRequest {
        user_id: "@nobody".into(),
        ..mute_of(&bob)
    };
    assert_refused(
        ada.mutes(nobody).await,
        Code::NotFound,
        Reason::USER_NOT_FOUND,
    );
    assert!(world.acts().await.is_empty());
}

#[tokio::test]
async fn a_mute_ends_within_four_weeks() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let until = |until_ms| MuteUserRequest {
        until_ms,
        ..mute_of(&bob)
    };
    for until_ms in [0, -1, 1_000, in_hours(28 * 24 + 1)] {
        assert_field(ada.mutes(until(until_ms)).await, "until");
    }
    let no_reason = MuteUserRequest {
        reason: String::new(),
        ..mute_of(&bob)
    };
    assert_field(ada.mutes(no_reason).await, "reason");
    ada.mutes(until(in_hours(27 * 24))).await.expect("muted");
}
