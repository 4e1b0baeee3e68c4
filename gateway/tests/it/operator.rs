//! What operators do with the sockets of one gateway.

use proto::{
    event::Kind,
    gateway::{
        BroadcastRequest, DisconnectRequest, ExplainRequest, IsActiveRequest, Progress, SendRequest,
    },
};
use serde_json::json;
use tonic::Code;

use crate::{services::user, world::World};

const TENANT: &str = "default";
const ELSEWHERE: &str = "other";
const DATA: &[u8] = br#"{"text":"back in five"}"#;

fn connection_of(world: &World, name: &str) -> String {
    let handles = world.app.hub.connections();
    let found = handles
        .iter()
        .find(|handle| {
            let who = handle.who.get();
            who.is_some_and(|who| who.user == user(name))
        })
        .expect("a socket");
    found.id.to_string()
}

#[tokio::test]
async fn an_event_reaches_the_one_socket_that_is_meant() {
    let world = World::start().await;
    let (mut ada, bob) = (world.connect("ada").await, world.connect("bob").await);
    let mut operator = world.operator().await;
    let send = |tenant: &str, connection_id: String, kind: &str, data: &'static [u8]| SendRequest {
        tenant: tenant.into(),
        connection_id,
        kind: kind.into(),
        data: data.into(),
    };
    let id = connection_of(&world, "ada");
    let sent = send(TENANT, id.clone(), "operator.note", DATA);
    assert!(
        !operator
            .send(sent)
            .await
            .expect("sent")
            .into_inner()
            .is_gone
    );
    let event = ada.expect("operator.note").await;
    assert_eq!(event["data"], json!({"text": "back in five"}));
    assert!(
        !bob.seen
            .iter()
            .any(|frame| frame["type"] == "operator.note")
    );

    // Another tenant's connection is as good as gone; so is one that never was.
    for (tenant, id) in [
        (ELSEWHERE, id.clone()),
        (TENANT, user("nobody").to_string()),
    ] {
        let answer = operator.send(send(tenant, id, "operator.note", DATA)).await;
        assert!(answer.expect("answered").into_inner().is_gone);
    }
    for (kind, data) in [("message.new", DATA), ("operator.note", b"[]" as &[u8])] {
        let refused = operator.send(send(TENANT, id.clone(), kind, data)).await;
        assert_eq!(refused.expect_err("refused").code(), Code::InvalidArgument);
    }
}

#[tokio::test]
async fn a_broadcast_reaches_everyone_of_the_tenant() {
    let world = World::start().await;
    let (mut ada, mut bob) = (world.connect("ada").await, world.connect("bob").await);
    let mut operator = world.operator().await;
    let broadcast = |tenant: &str| BroadcastRequest {
        tenant: tenant.into(),
        kind: "operator.note".into(),
        data: DATA.into(),
    };
    let answer = operator.broadcast(broadcast(TENANT)).await.expect("sent");
    assert_eq!(answer.into_inner().connections, 2);
    ada.expect("operator.note").await;
    bob.expect("operator.note").await;
    let answer = operator
        .broadcast(broadcast(ELSEWHERE))
        .await
        .expect("sent");
    assert_eq!(answer.into_inner().connections, 0);
}

#[tokio::test]
async fn a_socket_that_is_ended_may_come_back() {
    let world = World::start().await;
    let mut ada = world.connect("ada").await;
    let id = connection_of(&world, "ada");
    let mut operator = world.operator().await;
    let is_active = IsActiveRequest {
        tenant: TENANT.into(),
        connection_id: id.clone(),
    };
    let answer = operator.is_active(is_active.clone()).await;
    assert!(answer.expect("answered").into_inner().is_active);
    let disconnect = DisconnectRequest {
        tenant: TENANT.into(),
        connection_id: id,
    };
    let answer = operator.disconnect(disconnect.clone()).await;
    assert!(!answer.expect("ended").into_inner().is_gone);
    let bye = ada.expect("bye").await;
    assert_eq!(bye["data"]["reconnect"], "resume");
    ada.closed().await;
    let answer = operator.is_active(is_active).await;
    assert!(!answer.expect("answered").into_inner().is_active);
    let answer = operator.disconnect(disconnect).await;
    assert!(answer.expect("answered").into_inner().is_gone);
}

#[tokio::test]
async fn how_far_a_socket_has_got_is_told() {
    let world = World::start().await;
    let room = world.services.room("ada").await;
    let mut ada = world.connect("ada").await;
    let id = connection_of(&world, "ada");
    let mut operator = world.operator().await;
    let asked = |tenant: &str, connection_id: &str, stream_id: String, seq: i64| ExplainRequest {
        tenant: tenant.into(),
        connection_id: connection_id.into(),
        stream_id,
        seq,
    };
    let known = |name: &str| json!({"room": name});
    ada.request("room.join", None, &known(&room.to_string()))
        .await;
    let data = r#"{"key":"k","author":{"id":"a","name":"ada"},"body":"hi","rev":1,"mentions":[]}"#;
    let event = world
        .services
        .commit(room.into(), Kind::MessagePosted, data.into())
        .await;
    ada.expect("message.new").await;
    let answer = operator
        .explain(asked(TENANT, &id, room.to_string(), event.seq))
        .await
        .expect("answered")
        .into_inner();
    assert_eq!(
        (answer.progress(), answer.told_seq, answer.heard_seq),
        (Progress::Passed, event.seq, event.seq)
    );
    let next = operator
        .explain(asked(TENANT, &id, room.to_string(), event.seq + 1))
        .await
        .expect("answered");
    assert_eq!(next.into_inner().progress(), Progress::NotHeard);
    let elsewhere = user("nobody").to_string();
    let strange = operator
        .explain(asked(TENANT, &id, elsewhere.clone(), 1))
        .await;
    let strange = strange.expect("answered").into_inner().progress();
    assert_eq!(strange, Progress::NotFollowing);
    for (tenant, id) in [(ELSEWHERE, id.as_str()), (TENANT, elsewhere.as_str())] {
        let answer = operator
            .explain(asked(tenant, id, room.to_string(), 1))
            .await;
        let progress = answer.expect("answered").into_inner().progress();
        assert_eq!(progress, Progress::Gone);
    }
    let refused = operator.explain(asked(TENANT, &id, "x".into(), 1)).await;
    assert_eq!(refused.expect_err("refused").code(), Code::InvalidArgument);
}
