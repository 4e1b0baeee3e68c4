//! ExplainMessage.

use proto::{
    reason::Reason,
    room::{
        Delivered, ExplainMessageRequest, ExplainMessageResponse, room_service_server::RoomService,
    },
};
use rpc::Refusal;
use tonic::{Code, Request, Status};

use crate::world::{Person, World, assert_refused, key};

async fn asks(
    world: &World,
    tenant: &str,
    message_id: &str,
    user_id: &str,
) -> Result<ExplainMessageResponse, Status> {
    let request = ExplainMessageRequest {
        tenant: tenant.into(),
        message_id: message_id.into(),
        user_id: user_id.into(),
    };
    let answer = world.app.explain_message(Request::new(request)).await;
    answer.map(tonic::Response::into_inner)
}

async fn explained(world: &World, message_id: &str, person: &Person) -> ExplainMessageResponse {
    let answer = asks(world, "default", message_id, &person.id()).await;
    answer.expect("explained")
}

#[tokio::test]
async fn every_rule_between_a_message_and_a_person_is_told() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    let early = ada.says("#talk", "nobody is here").await.expect("sent");
    assert!(!explained(&world, &early.message_id, &bob).await.is_member);
    let joined = bob.joins("#talk").await.expect("joined").head;
    let said = ada.says("#talk", "hi").await.expect("sent");
    let plain = explained(&world, &said.message_id, &bob).await;
    let expected = ExplainMessageResponse {
        room_id: room.room_id.clone(),
        seq: said.seq,
        at_ms: said.at_ms,
        author_id: ada.id(),
        is_member: true,
        joined_seq: joined,
        ..ExplainMessageResponse::default()
    };
    assert_eq!(plain, expected);
    let late = explained(&world, &early.message_id, &bob).await;
    assert!(late.is_member && late.joined_seq > late.seq);

    let delivered = Delivered {
        room_id: room.room_id.clone(),
        seq: said.seq,
    };
    bob.delivers(vec![delivered]).await.expect("delivered");
    let got = explained(&world, &said.message_id, &bob).await;
    assert_eq!((got.delivered_seq, got.read_seq), (said.seq, 0));
    bob.has_read("#talk", said.seq).await.expect("read");
    let read = explained(&world, &said.message_id, &bob).await;
    assert_eq!((read.delivered_seq, read.read_seq), (said.seq, said.seq));

    bob.hides("#talk", &said.message_id).await.expect("hidden");
    assert!(explained(&world, &said.message_id, &bob).await.is_hidden);
    world.hides(&bob, &ada).await;
    assert!(
        explained(&world, &said.message_id, &bob)
            .await
            .is_author_blocked
    );
    world.shows(&bob, &ada).await;
    world.shadows(&ada).await;
    assert!(
        explained(&world, &said.message_id, &bob)
            .await
            .is_author_shadowed
    );
    ada.retracts("#talk", &said.message_id)
        .await
        .expect("deleted");
    world.bans(&bob).await;
    let last = explained(&world, &said.message_id, &bob).await;
    assert!(last.is_deleted && last.is_banned);
    assert!(!explained(&world, &said.message_id, &ada).await.is_banned);
}

#[tokio::test]
async fn another_tenant_s_message_is_not_there_and_nonsense_is_refused() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    ada.creates("talk").await;
    let said = ada.says("#talk", "hi").await.expect("sent");
    for (tenant, message) in [("other", said.message_id.clone()), ("default", key())] {
        assert_refused(
            asks(&world, tenant, &message, &ada.id()).await,
            Code::NotFound,
            Reason::MESSAGE_NOT_FOUND,
        );
    }
    let bad = [
        ("no tenant!", said.message_id.as_str(), ada.id()),
        ("default", "x", ada.id()),
        ("default", said.message_id.as_str(), "x".into()),
    ];
    for (tenant, message, user) in bad {
        let status = asks(&world, tenant, message, &user).await;
        let refusal = Refusal::of(&status.expect_err("refused"));
        assert_eq!(refusal.reason, Reason::FIELD_INVALID);
    }
}
