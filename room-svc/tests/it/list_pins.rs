//! ListPins.

use proto::reason::Reason;
use tonic::Code;

use crate::world::{World, assert_refused, talk::bodies};

#[tokio::test]
async fn the_latest_pin_comes_first_and_only_what_one_may_see() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let cid = world.person("Cid").await;
    ada.creates("talk").await;
    assert_refused(
        bob.lists_pins("#talk").await,
        Code::PermissionDenied,
        Reason::NOT_A_MEMBER,
    );
    for person in [&bob, &cid] {
        person.joins("#talk").await.expect("joined");
    }
    let first = ada.says("#talk", "first").await.expect("sent");
    let second = cid.says("#talk", "second").await.expect("sent");
    let third = ada.says("#talk", "third").await.expect("sent");
    for said in [&third, &first, &second] {
        ada.pins("#talk", &said.message_id, true)
            .await
            .expect("pinned");
    }
    bob.reacts("#talk", &first.message_id, "👍", true)
        .await
        .expect("reacted");
    let pinned = bob.lists_pins("#talk").await.expect("pins");
    assert_eq!(bodies(&pinned), ["second", "first", "third"]);
    assert_eq!(pinned[1].reactions.len(), 1);
    world.hides(&bob, &cid).await;
    bob.hides("#talk", &third.message_id).await.expect("hidden");
    assert_eq!(
        bodies(&bob.lists_pins("#talk").await.expect("pins")),
        ["first"]
    );
    world.shadows(&cid).await;
    assert_eq!(
        bodies(&ada.lists_pins("#talk").await.expect("pins")),
        ["first", "third"]
    );
    assert_eq!(cid.lists_pins("#talk").await.expect("pins").len(), 3);
    bob.leaves("#talk").await.expect("left");
    assert_refused(
        bob.lists_pins("#talk").await,
        Code::PermissionDenied,
        Reason::NOT_A_MEMBER,
    );
}
