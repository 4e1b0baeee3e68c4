//! SendToConnection.

use proto::{id::Tenant, reason::Reason};
use serde_json::json;
use tonic::Code;

use crate::{
    neighbours,
    world::{World, assert_field, assert_gone, assert_no_admin, assert_refused, key},
};

#[tokio::test]
async fn an_event_reaches_its_connection_on_whatever_gateway_and_is_written_down() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let (g1, _one) = world.gateway("g1").await;
    let (g2, _two) = world.gateway("g2").await;
    world.connects(&bob, &g1).await;
    let connection = world.connects(&bob, &g2).await;
    let id = connection.connection_id;
    ada.sends(&id, "hello").await.expect("sent");
    let expected = (
        id.clone(),
        "operator.notice".into(),
        r#"{"text":"hello"}"#.into(),
    );
    assert_eq!((g1.sent(), g2.sent()), (vec![], vec![expected]));
    assert_eq!(
        world.audit().await,
        [(
            ada.id(),
            "connection.send".into(),
            id,
            json!({ "user": bob.id(), "kind": "operator.notice" })
        )]
    );
}

#[tokio::test]
async fn one_that_its_gateway_does_not_have_is_gone_and_forgotten() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let (g1, _stop) = world.gateway("g1").await;
    let connection = world.connects(&bob, &g1).await;
    let id = connection.connection_id.clone();
    g1.loses("default", id.parse().expect("an id"));
    assert_gone(ada.sends(&id, "hello").await);
    let listed = ada.lists_connections(Default::default()).await;
    assert_eq!(listed.expect("connections").total, 0);
    let fields = world.hash(&format!("hubbub:conn:default:{id}")).await;
    assert!(fields.is_empty());
    let session = format!("hubbub:session:default:{}", connection.session_id);
    assert_eq!(world.hash(&session).await["online"], "0");
    assert_gone(ada.sends(&id, "hello").await);
    assert!(g1.sent().is_empty());
}

#[tokio::test]
async fn a_gateway_that_is_not_there_has_no_connections() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let connection = bob.connection();
    let live = proto::moderation::LiveConnection {
        tenant: "default".into(),
        connection: Some(connection.clone()),
    };
    world.reports("g9", vec![live.clone()], Vec::new()).await;
    assert_gone(ada.sends(&connection.connection_id, "hello").await);
    let listed = ada.lists_connections(Default::default()).await;
    assert_eq!(listed.expect("connections").total, 0);
    // It was only cut off from the bus for a moment.
    world.reports("g9", vec![live], Vec::new()).await;
    let listed = ada.lists_connections(Default::default()).await;
    assert_eq!(listed.expect("connections").total, 1);
}

#[tokio::test]
async fn a_gateway_that_does_not_answer_leaves_the_outcome_open() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let (g1, _stop) = world.gateway("g1").await;
    let connection = world.connects(&bob, &g1).await;
    g1.falls_silent();
    let refusal = assert_refused(
        ada.sends(&connection.connection_id, "hello").await,
        Code::DeadlineExceeded,
        Reason::UPSTREAM_UNAVAILABLE,
    );
    assert!(refusal.is_unknown_outcome());
    let listed = ada.lists_connections(Default::default()).await;
    assert_eq!(listed.expect("connections").total, 1);
}

#[tokio::test]
async fn unknown_ids_and_another_tenant_s_are_gone() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let (g1, _stop) = world.gateway("g1").await;
    let other: Tenant = "other".parse().expect("a tenant");
    let zoe = world.person_of("Zoe", true, other).await;
    let connection = world.connects(&bob, &g1).await;
    let id = connection.connection_id;
    assert_gone(zoe.sends(&id, "hello").await);
    assert_gone(ada.sends(&key(), "hello").await);
    assert!(g1.sent().is_empty() && world.acts().await.is_empty());
    ada.sends(&id, "hello").await.expect("still there");
}

#[tokio::test]
async fn refusals() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let (g1, _stop) = world.gateway("g1").await;
    let id = world.connects(&bob, &g1).await.connection_id;
    assert_no_admin(bob.sends(&id, "hello").await);
    assert_field(ada.sends("x", "hello").await, "connection");
    for kind in ["message.new", "operator.", ""] {
        assert_field(ada.sends_frame(&id, kind, "{}").await, "kind");
    }
    let big = format!(r#"{{"text":"{}"}}"#, "x".repeat(16 * 1_024));
    for data in ["", "[]", "hello", &big] {
        assert_field(ada.sends_frame(&id, "operator.notice", data).await, "data");
    }
    neighbours::demote(&world.db, &ada.caller).await;
    assert_no_admin(ada.sends(&id, "hello").await);
    assert!(g1.sent().is_empty() && world.acts().await.is_empty());
}
