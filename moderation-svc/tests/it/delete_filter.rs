//! DeleteFilter.

use proto::{id::Tenant, moderation::CreateFilterRequest, reason::Reason};
use tonic::Code;

use crate::world::{World, assert_field, assert_no_admin, assert_refused, key};

fn filter(pattern: &str) -> CreateFilterRequest {
    CreateFilterRequest {
        pattern: pattern.into(),
        action: "refuse".into(),
        key: key(),
    }
}

#[tokio::test]
async fn a_filter_is_taken_away_once() {
    let world = World::new().await;
    let ada = world.admin("Ada").await;
    let made = ada.adds_filter(filter("spam")).await.expect("a filter");
    let kept = ada.adds_filter(filter("ham")).await.expect("a filter");
    let revision = world.pulls(0).await.revision;
    let used = key();
    for _ in 0..2 {
        ada.deletes_filter(&made.filter_id, &used)
            .await
            .expect("deleted");
    }
    ada.deletes_filter(&made.filter_id, &key())
        .await
        .expect("away already");
    let left = ada.lists_filters().await.expect("filters");
    assert_eq!(left, std::slice::from_ref(&kept));
    assert_eq!(world.pulls(0).await.revision, revision + 1);
    assert_eq!(
        world.acts().await,
        ["filter.create", "filter.create", "filter.delete"]
    );
    assert_eq!(world.told().await.len(), 3);
    let other = ada.deletes_filter(&kept.filter_id, &used).await;
    assert_refused(other, Code::AlreadyExists, Reason::CONFLICT);
}

#[tokio::test]
async fn users_and_other_tenants_take_nothing_away() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let made = ada.adds_filter(filter("spam")).await.expect("a filter");
    assert_no_admin(bob.deletes_filter(&made.filter_id, &key()).await);
    let other: Tenant = "other".parse().expect("a tenant");
    let zoe = world.person_of("Zoe", true, other).await;
    zoe.deletes_filter(&made.filter_id, &key())
        .await
        .expect("not there for her");
    assert_eq!(ada.lists_filters().await.expect("filters").len(), 1);
    assert_field(ada.deletes_filter("x", &key()).await, "filter");
    assert_field(ada.deletes_filter(&made.filter_id, "").await, "key");
}
