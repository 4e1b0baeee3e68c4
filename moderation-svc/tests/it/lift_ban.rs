//! LiftBan, and bans whose time is over.

use std::time::Duration;

use moderation_svc::lifts;
use proto::{
    event::Kind,
    moderation::{BanMode, CreateBanRequest, LiftBanRequest},
    reason::Reason,
};
use serde_json::json;
use tonic::Code;

use crate::{
    neighbours,
    world::{
        Person, World, account_ban, assert_field, assert_no_admin, assert_refused, in_hours, key,
        range_ban,
    },
};

/// How long a test waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(20);

fn lift_of(user: &Person) -> LiftBanRequest {
    LiftBanRequest {
        user_id: user.id(),
        key: key(),
        ..LiftBanRequest::default()
    }
}

fn shadow_of(user: &Person) -> CreateBanRequest {
    CreateBanRequest {
        mode: BanMode::Shadow.into(),
        until_ms: in_hours(1),
        ..account_ban(&user.id())
    }
}

/// Lets an hour and more go by for every ban.
async fn time_passes(world: &World) {
    let sql = "update moderation.ban set until = until - interval '2 hours'";
    neighbours::run(&world.db, sql.into()).await;
}

/// Sweeps until so many bans have ended: one that someone is just looking at is left for the next time.
async fn sweeps(world: &World, count: usize) {
    let swept = tokio::time::timeout(PATIENCE, async {
        let mut ended = 0;
        while ended < count {
            ended += lifts::end_over(&world.app).await.expect("ended");
        }
        assert_eq!(ended, count);
    });
    swept.await.expect("they end");
}

#[tokio::test]
async fn a_ban_is_lifted_by_id_and_by_name() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let created = ada.bans(account_ban(&bob.id())).await.expect("banned");
    let by_id = LiftBanRequest {
        ban_id: created.ban.expect("a ban").ban_id,
        key: key(),
        ..LiftBanRequest::default()
    };
    assert_eq!(ada.lifts(by_id.clone()).await.expect("lifted"), 1);
    assert!(!world.is_banned(&bob).await);
    assert_eq!(ada.lifts(by_id.clone()).await.expect("the first answer"), 1);
    let other = LiftBanRequest {
        ban_id: key(),
        ..by_id.clone()
    };
    assert_refused(
        ada.lifts(other).await,
        Code::AlreadyExists,
        Reason::CONFLICT,
    );
    let done = LiftBanRequest {
        key: key(),
        ..by_id
    };
    assert_eq!(ada.lifts(done).await.expect("nothing left"), 0);

    ada.bans(account_ban(&bob.id())).await.expect("banned");
    let by_name = LiftBanRequest {
        user_id: bob.named(),
        ..lift_of(&bob)
    };
    assert_eq!(ada.lifts(by_name).await.expect("lifted"), 1);

    assert_eq!(
        world.acts().await,
        ["ban.create", "ban.lift", "ban.create", "ban.lift"]
    );
    // Who is let in again need not be told.
    assert_eq!(
        world.kinds(bob.caller.user_id).await,
        [Kind::Banned, Kind::Banned]
    );
}

#[tokio::test]
async fn a_range_is_lifted_by_itself_only() {
    let world = World::new().await;
    let ada = world.admin("Ada").await;
    let created = ada.bans(range_ban("203.0.113.0/24")).await.expect("banned");
    let by_range = |cidr: &str| LiftBanRequest {
        cidr: cidr.into(),
        key: key(),
        ..LiftBanRequest::default()
    };
    let wider = ada.lifts(by_range("203.0.113.0/25")).await;
    assert_eq!(wider.expect("another range"), 0);
    let same = ada.lifts(by_range("203.0.113.99/24")).await;
    assert_eq!(same.expect("lifted"), 1);
    let ban_id = created.ban.expect("a ban").ban_id;
    let told = world.told().await;
    assert_eq!(
        told.last(),
        Some(&(Kind::RangeLifted, json!({ "ban": ban_id })))
    );
    assert_eq!(world.acts().await, ["ban.create", "ban.lift"]);
}

#[tokio::test]
async fn whoever_was_hidden_is_seen_again() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    ada.bans(shadow_of(&bob)).await.expect("banned");
    assert_eq!(ada.lifts(lift_of(&bob)).await.expect("lifted"), 1);
    let shown = json!({ "user": bob.id(), "hidden": false });
    assert_eq!(
        world.told().await.last(),
        Some(&(Kind::ShadowChanged, shown))
    );
    assert!(world.enforced().await.shadowed.is_empty());
}

#[tokio::test]
async fn a_ban_that_is_over_ends_by_itself_and_shows_whom_it_hid_once() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let eve = world.person("Eve").await;
    ada.bans(shadow_of(&bob)).await.expect("banned");
    let for_an_hour = CreateBanRequest {
        until_ms: in_hours(1),
        ..account_ban(&eve.id())
    };
    ada.bans(for_an_hour).await.expect("banned");
    let range = CreateBanRequest {
        until_ms: in_hours(1),
        ..range_ban("203.0.113.0/24")
    };
    ada.bans(range).await.expect("banned");
    assert_eq!(lifts::end_over(&world.app).await.expect("ended"), 0);
    let before = world.told().await.len();

    time_passes(&world).await;
    // Over at once, before anyone has swept.
    assert!(!world.is_banned(&eve).await);
    let enforced = world.enforced().await;
    assert!(enforced.ranges.is_empty() && enforced.shadowed.is_empty());
    assert_eq!(ada.lifts(lift_of(&eve)).await.expect("over already"), 0);
    sweeps(&world, 3).await;
    let told = world.told().await;
    let shown = json!({ "user": bob.id(), "hidden": false });
    assert_eq!(told[before..], [(Kind::ShadowChanged, shown)]);
    assert_eq!(lifts::end_over(&world.app).await.expect("ended"), 0);
    assert_eq!(world.told().await.len(), before + 1);
}

#[tokio::test]
async fn a_new_ban_after_one_that_is_over_is_another_ban() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let first = ada.bans(shadow_of(&bob)).await.expect("banned");
    time_passes(&world).await;
    let second = ada.bans(account_ban(&bob.id())).await.expect("banned");
    let id = |created: &proto::moderation::CreateBanResponse| {
        created.ban.as_ref().map(|ban| ban.ban_id.clone())
    };
    assert_ne!(id(&first), id(&second));
    // Nobody had swept: the new ban shows whom the old one hid.
    let shown = json!({ "user": bob.id(), "hidden": false });
    assert_eq!(
        world.told().await.last(),
        Some(&(Kind::ShadowChanged, shown))
    );
    assert_eq!(lifts::end_over(&world.app).await.expect("ended"), 0);
    assert!(world.is_banned(&bob).await);
}

#[tokio::test]
async fn what_is_not_banned_is_lifted_already() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    for user_id in [bob.id(), key(), "@nobody".into()] {
        let request = LiftBanRequest {
            user_id,
            ..lift_of(&bob)
        };
        assert_eq!(ada.lifts(request).await.expect("nothing to lift"), 0);
    }
    assert!(world.acts().await.is_empty());
    assert_no_admin(bob.lifts(lift_of(&bob)).await);
}

#[tokio::test]
async fn bad_requests_are_told_apart() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let nothing = LiftBanRequest {
        key: key(),
        ..LiftBanRequest::default()
    };
    assert_field(ada.lifts(nothing).await, "user");
    let both = LiftBanRequest {
        ban_id: key(),
        ..lift_of(&bob)
    };
    assert_field(ada.lifts(both).await, "ban");
    let no_id = LiftBanRequest {
        ban_id: "x".into(),
        key: key(),
        ..LiftBanRequest::default()
    };
    assert_field(ada.lifts(no_id).await, "ban");
    let no_range = LiftBanRequest {
        cidr: "x".into(),
        key: key(),
        ..LiftBanRequest::default()
    };
    assert_field(ada.lifts(no_range).await, "cidr");
    let no_key = LiftBanRequest {
        key: String::new(),
        ..lift_of(&bob)
    };
    assert_field(ada.lifts(no_key).await, "key");
}
