//! Word filters, as moderation-svc hands them out.

use proto::{id::FilterId, reason::Reason};
use tonic::Code;

use crate::world::{
    World, assert_refused, message,
    talk::{bodies, edit},
};

#[tokio::test]
async fn a_refused_word_is_neither_sent_nor_edited_in() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let other = world
        .person_of("Oda", "other".parse().expect("a tenant"))
        .await;
    let room = ada.creates("talk").await;
    other.creates("talk").await;
    let early = message("#talk", "darn early");
    let first = ada.sends(early.clone()).await.expect("sent");
    let filter_id = FilterId::generate().to_string();
    world
        .moderation
        .filters(&[(&filter_id, "darn*", "refuse")])
        .await;
    for body in ["darn", "oh DARNED", "d\u{0430}rn", "@ada darn"] {
        assert_refused(
            ada.says("#talk", body).await,
            Code::InvalidArgument,
            Reason::WORD_REFUSED,
        );
    }
    let said = ada.says("#talk", "dawn").await.expect("sent");
    assert_refused(
        ada.edits(edit("#talk", &said.message_id, "darn", 1)).await,
        Code::InvalidArgument,
        Reason::WORD_REFUSED,
    );
    assert_refused(
        ada.opens("#talk", "Darn plans").await,
        Code::InvalidArgument,
        Reason::WORD_REFUSED,
    );
    assert_eq!(bodies(&ada.history("#talk").await), ["darn early", "dawn"]);
    // What was answered before keeps its answer.
    let again = ada.sends(early).await.expect("the first answer");
    assert_eq!((again.seq, again.is_duplicate), (first.seq, true));
    // Filters are their tenant's own.
    other.says("#talk", "darn").await.expect("sent");
    world.moderation.filters(&[]).await;
    ada.says("#talk", "darn").await.expect("sent");
    assert_eq!(world.events(&room.room_id).await.len(), 5);
}

#[tokio::test]
async fn an_alert_lets_it_pass_and_tells() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let filter_id = FilterId::generate().to_string();
    world
        .moderation
        .filters(&[(&filter_id, "cheap pills", "alert")])
        .await;
    let request = message("#talk", "Cheap  PILLS!");
    let said = bob.sends(request.clone()).await.expect("sent");
    bob.sends(request).await.expect("a repeat");
    let to_ada = bob.says("#talk", "@Ada cheap pills").await.expect("sent");
    let third = bob.says("#talk", "cheap thrills").await.expect("sent");
    bob.edits(edit("#talk", &third.message_id, "cheap pills", 1))
        .await
        .expect("edited");
    let alerts = world.moderation.alerts(3).await;
    let told: Vec<_> = alerts
        .iter()
        .map(|alert| (alert.message_id.as_str(), alert.snapshot.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (said.message_id.as_str(), "Cheap  PILLS!"),
            (to_ada.message_id.as_str(), "@Ada cheap pills"),
            (third.message_id.as_str(), "cheap pills"),
        ]
    );
    let first = &alerts[0];
    assert_eq!(
        (first.tenant.as_str(), &first.filter_id, &first.room_id),
        ("default", &filter_id, &room.room_id)
    );
    assert_eq!(first.user_id, bob.id());
}
