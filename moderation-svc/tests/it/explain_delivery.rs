//! ExplainDelivery.

use proto::{
    id::Tenant,
    moderation::{DeliveryOutcome, Withheld},
    reason::Reason,
};
use tonic::Code;

use crate::world::{World, assert_field, assert_no_admin, assert_refused, key};

#[tokio::test]
async fn the_log_the_rules_and_every_socket_are_asked() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let message = world.rooms.post(&ada.caller, "hi").to_string();
    let offline = ada.asks_why(&message, "@bob").await.expect("explained");
    assert_eq!(offline.outcome(), DeliveryOutcome::Offline);
    assert_eq!((offline.seq, offline.author_id), (7, ada.id()));
    assert!(offline.sockets.is_empty());

    let (g1, _stop) = world.gateway("g1").await;
    let (g2, _stop_too) = world.gateway("g2").await;
    let first = world.connects(&bob, &g1).await.connection_id;
    let second = world.connects(&bob, &g2).await.connection_id;
    g2.falls_silent();
    let waiting = ada.asks_why(&message, &bob.id()).await.expect("explained");
    assert_eq!(waiting.outcome(), DeliveryOutcome::Waiting);
    assert_eq!(waiting.withheld(), Withheld::Unspecified);
    let told: Vec<_> = waiting
        .sockets
        .iter()
        .map(|socket| {
            let connection = socket.connection.as_ref().expect("a connection");
            let id = connection.connection_id.as_str();
            (
                id,
                socket.progress.as_str(),
                socket.told_seq,
                socket.waiting,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (first.as_str(), "queued", 6, 3),
            (second.as_str(), "unanswered", 0, 0)
        ]
    );
    // A look is no act.
    assert!(world.acts().await.is_empty());

    world
        .rooms
        .strangers
        .lock()
        .expect("not poisoned")
        .push(bob.id());
    let withheld = ada.asks_why(&message, &bob.id()).await.expect("explained");
    assert_eq!(withheld.outcome(), DeliveryOutcome::Withheld);
    assert_eq!(withheld.withheld(), Withheld::NotAMember);
}

#[tokio::test]
async fn only_administrators_ask_and_only_about_what_is_there() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let other: Tenant = "other".parse().expect("a tenant");
    let zoe = world.person_of("Zoe", true, other).await;
    let message = world.rooms.post(&ada.caller, "hi").to_string();
    assert_no_admin(bob.asks_why(&message, "@bob").await);
    for asked in [
        zoe.asks_why(&message, "@bob").await,
        ada.asks_why(&message, "@nobody").await,
    ] {
        assert_refused(asked, Code::NotFound, Reason::USER_NOT_FOUND);
    }
    assert_refused(
        ada.asks_why(&key(), "@bob").await,
        Code::NotFound,
        Reason::MESSAGE_NOT_FOUND,
    );
    assert_field(ada.asks_why("x", "@bob").await, "message");
    assert_field(ada.asks_why(&message, "").await, "user");
}
