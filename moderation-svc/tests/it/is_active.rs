//! IsActive.

use proto::{id::Tenant, reason::Reason};
use tonic::Code;

use crate::world::{World, assert_field, assert_no_admin, assert_refused, key};

#[tokio::test]
async fn the_gateway_knows_and_a_dead_id_is_forgotten() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let (g1, _stop) = world.gateway("g1").await;
    let id = world.connects(&bob, &g1).await.connection_id;
    assert!(ada.asks_whether_active(&id).await.expect("an answer"));
    g1.loses("default", id.parse().expect("an id"));
    assert!(!ada.asks_whether_active(&id).await.expect("an answer"));
    let fields = world.hash(&format!("hubbub:conn:default:{id}")).await;
    assert!(fields.is_empty());
    assert!(!ada.asks_whether_active(&id).await.expect("an answer"));
    // A look is no act.
    assert!(world.acts().await.is_empty());
}

#[tokio::test]
async fn what_is_not_there_or_not_one_s_own_is_not_active() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let (g1, _stop) = world.gateway("g1").await;
    let other: Tenant = "other".parse().expect("a tenant");
    let zoe = world.person_of("Zoe", true, other).await;
    let id = world.connects(&bob, &g1).await.connection_id;
    assert!(!zoe.asks_whether_active(&id).await.expect("an answer"));
    assert!(!ada.asks_whether_active(&key()).await.expect("an answer"));
    assert_no_admin(bob.asks_whether_active(&id).await);
    assert_field(ada.asks_whether_active("x").await, "connection");
    assert!(ada.asks_whether_active(&id).await.expect("an answer"));
}

#[tokio::test]
async fn without_an_answer_nobody_knows() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let (g1, _stop) = world.gateway("g1").await;
    let id = world.connects(&bob, &g1).await.connection_id;
    g1.falls_silent();
    assert_refused(
        ada.asks_whether_active(&id).await,
        Code::DeadlineExceeded,
        Reason::UPSTREAM_UNAVAILABLE,
    );
}
