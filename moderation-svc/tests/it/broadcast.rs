//! Broadcast.

use proto::id::Tenant;
use serde_json::json;

use crate::world::{World, assert_field, assert_no_admin};

#[tokio::test]
async fn every_connection_of_the_tenant_is_reached() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let (g1, _one) = world.gateway("g1").await;
    let (g2, _two) = world.gateway("g2").await;
    let (_g3, _three) = world.gateway("g3").await;
    let other: Tenant = "other".parse().expect("a tenant");
    let zoe = world.person_of("Zoe", true, other).await;
    world.connects(&bob, &g1).await;
    world.connects(&bob, &g2).await;
    world.connects(&ada, &g2).await;
    world.connects(&zoe, &g2).await;
    let reached = ada.broadcasts("operator.notice", r#"{"text":"hi"}"#).await;
    let reached = reached.expect("sent");
    assert_eq!((reached.connections, reached.unreached), (3, 0));
    let expected = (
        String::new(),
        "operator.notice".into(),
        r#"{"text":"hi"}"#.into(),
    );
    assert_eq!((g1.sent(), g2.sent()), (vec![expected], g1.sent()));
    assert_eq!(
        world.audit().await,
        [(
            ada.id(),
            "connection.broadcast".into(),
            "default".into(),
            json!({ "kind": "operator.notice" })
        )]
    );
}

#[tokio::test]
async fn gateways_that_do_not_answer_are_counted_and_those_that_are_not_there_forgotten() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let (g1, _one) = world.gateway("g1").await;
    let (g2, _two) = world.gateway("g2").await;
    world.reports("g9", Vec::new(), Vec::new()).await;
    world.connects(&bob, &g1).await;
    world.connects(&bob, &g2).await;
    g2.falls_silent();
    let reached = ada.broadcasts("operator.notice", "{}").await.expect("sent");
    assert_eq!((reached.connections, reached.unreached), (1, 2));
    // Only the silent one may still have heard it.
    let reached = ada.broadcasts("operator.notice", "{}").await.expect("sent");
    assert_eq!((reached.connections, reached.unreached), (1, 1));
}

#[tokio::test]
async fn a_gateway_that_stopped_reporting_is_not_waited_for() {
    let world = World::new().await;
    let ada = world.admin("Ada").await;
    let (g1, _stop) = world.gateway("g1").await;
    g1.falls_silent();
    let mut redis = world.redis().await;
    redis::cmd("ZADD")
        .arg(&["hubbub:gateways", "1", "g1"])
        .exec_async(&mut redis)
        .await
        .expect("its lease is over");
    let reached = ada.broadcasts("operator.notice", "{}").await.expect("sent");
    assert_eq!((reached.connections, reached.unreached), (0, 0));
}

#[tokio::test]
async fn refusals() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let (g1, _stop) = world.gateway("g1").await;
    assert_no_admin(bob.broadcasts("operator.notice", "{}").await);
    assert_field(ada.broadcasts("message.new", "{}").await, "kind");
    assert_field(ada.broadcasts("operator.notice", "[1]").await, "data");
    assert!(g1.sent().is_empty() && world.acts().await.is_empty());
}
