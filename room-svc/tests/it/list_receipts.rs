//! ListReceipts.

use proto::{reason::Reason, room::Delivered};
use tonic::Code;

use crate::world::{Person, World, assert_refused};

async fn listed(person: &Person) -> Vec<(String, i64, i64)> {
    let receipts = person.lists_receipts("#talk").await.expect("listed");
    receipts
        .into_iter()
        .map(|receipt| (receipt.user_id, receipt.delivered, receipt.read))
        .collect()
}

#[tokio::test]
async fn those_who_read_furthest_come_first() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let cid = world.person("Cid").await;
    let room = ada.creates("talk").await;
    assert_refused(
        bob.lists_receipts("#talk").await,
        Code::PermissionDenied,
        Reason::NOT_A_MEMBER,
    );
    let bob_s = bob.joins("#talk").await.expect("joined").head;
    let cid_s = cid.joins("#talk").await.expect("joined").head;
    let first = ada.says("#talk", "hi").await.expect("sent").seq;
    let last = ada.says("#talk", "ho").await.expect("sent").seq;
    // Who has just come has read up to their coming.
    assert_eq!(
        listed(&ada).await,
        [
            (cid.id(), cid_s, cid_s),
            (bob.id(), bob_s, bob_s),
            (ada.id(), 2, 2)
        ]
    );
    bob.has_read("#talk", first).await.expect("marked");
    let delivered = Delivered {
        room_id: room.room_id.clone(),
        seq: last,
    };
    cid.delivers(vec![delivered]).await.expect("delivered");
    let expected = [
        (bob.id(), first, first),
        (cid.id(), last, cid_s),
        (ada.id(), 2, 2),
    ];
    assert_eq!(listed(&ada).await, expected);
    world.hides(&ada, &bob).await;
    assert_eq!(listed(&ada).await, expected[1..]);
    assert_eq!(listed(&bob).await, expected);
    world.shadows(&cid).await;
    assert_eq!(listed(&ada).await, expected[2..]);
    assert_eq!(listed(&cid).await, expected);
    bob.leaves("#talk").await.expect("left");
    assert_eq!(listed(&cid).await, expected[1..]);
}
