//! Disconnect.

use std::time::Duration;

use proto::id::Tenant;
use serde_json::json;

use crate::world::{World, assert_field, assert_gone, assert_no_admin, key};

/// How long a test waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_connection_is_closed_where_it_is() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let (_g1, _one) = world.gateway("g1").await;
    let (g2, _two) = world.gateway("g2").await;
    let id = world.connects(&bob, &g2).await.connection_id;
    ada.disconnects(&id).await.expect("closed");
    assert_eq!(
        world.audit().await,
        [(
            ada.id(),
            "connection.disconnect".into(),
            id.clone(),
            json!({ "user": bob.id() })
        )]
    );
    // Its gateway has not reported it yet: asked again, it says so, and the id is forgotten.
    assert_gone(ada.disconnects(&id).await);
    let listed = ada.lists_connections(Default::default()).await;
    assert_eq!(listed.expect("connections").total, 0);
}

#[tokio::test]
async fn a_gateway_that_went_down_has_no_connections() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let (g1, stop) = world.gateway("g1").await;
    let id = world.connects(&bob, &g1).await.connection_id;
    stop.cancel();
    // Until the bus knows that it is gone, it answers.
    let told = tokio::time::timeout(PATIENCE, async {
        while !matches!(ada.asks_whether_active(&id).await, Ok(false)) {}
    });
    told.await.expect("the bus knows");
    assert_gone(ada.disconnects(&id).await);
}

#[tokio::test]
async fn refusals() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let (g1, _stop) = world.gateway("g1").await;
    let other: Tenant = "other".parse().expect("a tenant");
    let zoe = world.person_of("Zoe", true, other).await;
    let id = world.connects(&bob, &g1).await.connection_id;
    assert_no_admin(bob.disconnects(&id).await);
    assert_gone(zoe.disconnects(&id).await);
    assert_gone(ada.disconnects(&key()).await);
    assert_field(ada.disconnects("x").await, "connection");
    assert!(world.acts().await.is_empty());
    assert!(ada.asks_whether_active(&id).await.expect("an answer"));
}
