//! CreateFilter.

use futures::future::join_all;
use proto::{
    event::Kind,
    moderation::{CreateFilterRequest, Filter},
    reason::Reason,
};
use serde_json::json;
use tonic::Code;

use crate::{
    neighbours,
    world::{World, assert_field, assert_no_admin, assert_refused, key},
};

fn filter(pattern: &str, action: &str) -> CreateFilterRequest {
    CreateFilterRequest {
        pattern: pattern.into(),
        action: action.into(),
        key: key(),
    }
}

#[tokio::test]
async fn a_filter_is_added_and_the_services_are_told() {
    let world = World::new().await;
    let ada = world.admin("Ada").await;
    let before = world.pulls(0).await.revision;
    let request = filter("  Buy   n*w ", "refuse");
    let made = ada.adds_filter(request.clone()).await.expect("a filter");
    assert_eq!(
        (made.pattern.as_str(), made.action.as_str()),
        ("Buy n*w", "refuse")
    );
    assert_eq!(made.created_by, ada.id());
    assert_eq!(
        ada.adds_filter(request.clone())
            .await
            .expect("the first answer"),
        made
    );
    assert_eq!(world.pulls(0).await.revision, before + 1);
    assert_eq!(
        world.told().await,
        [(Kind::FiltersChanged, json!({ "filter": made.filter_id }))]
    );
    assert_eq!(
        world.audit().await,
        [(
            ada.id(),
            "filter.create".into(),
            made.filter_id.clone(),
            json!({ "action": "refuse" })
        )]
    );
    let other = CreateFilterRequest {
        action: "alert".into(),
        ..request
    };
    assert_refused(
        ada.adds_filter(other).await,
        Code::AlreadyExists,
        Reason::CONFLICT,
    );
}

#[tokio::test]
async fn one_pattern_is_one_filter_and_can_change_what_it_does() {
    let world = World::new().await;
    let (ada, eve) = (world.admin("Ada").await, world.admin("Eve").await);
    let both = [&ada, &eve].map(|admin| admin.adds_filter(filter("spam", "refuse")));
    let made: Vec<Filter> = join_all(both)
        .await
        .into_iter()
        .map(|made| made.expect("a filter"))
        .collect();
    assert_eq!(made[0].filter_id, made[1].filter_id);
    assert_eq!(world.acts().await, ["filter.create"]);
    let revision = world.pulls(0).await.revision;
    let milder = eve.adds_filter(filter("SPAM", "alert")).await;
    let milder = milder.expect("the same filter");
    assert_eq!(
        (milder.filter_id, milder.action.as_str(), milder.created_by),
        (made[0].filter_id.clone(), "alert", eve.id())
    );
    assert_eq!(world.pulls(0).await.revision, revision + 1);
    assert_eq!(ada.lists_filters().await.expect("filters").len(), 1);
}

#[tokio::test]
async fn a_thousand_are_enough() {
    let world = World::new().await;
    let ada = world.admin("Ada").await;
    let sql = "insert into moderation.filter
                   (tenant_id, filter_id, pattern, pattern_folded, action, created_by)
               select 'default', gen_random_uuid(), 'word ' || i, 'word ' || i, 'alert', gen_random_uuid()
               from generate_series(1, 1000) i";
    neighbours::run(&world.db, sql.into()).await;
    let refused = ada.adds_filter(filter("one more", "alert")).await;
    assert_refused(refused, Code::ResourceExhausted, Reason::QUOTA);
    // One that is there may still be changed.
    ada.adds_filter(filter("word 7", "refuse"))
        .await
        .expect("changed");
}

#[tokio::test]
async fn refusals() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    assert_no_admin(bob.adds_filter(filter("spam", "refuse")).await);
    for pattern in ["", "x", "***", "a.b", "<i>", &"x".repeat(101)] {
        assert_field(ada.adds_filter(filter(pattern, "refuse")).await, "pattern");
    }
    assert_field(ada.adds_filter(filter("spam", "shout")).await, "action");
    let no_key = CreateFilterRequest {
        key: String::new(),
        ..filter("spam", "refuse")
    };
    assert_field(ada.adds_filter(no_key).await, "key");
    assert!(world.told().await.is_empty());
}
