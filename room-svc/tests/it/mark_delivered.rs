//! MarkDelivered.

use proto::room::{Delivered, Receipt};

use crate::world::{World, assert_field, json, key};

fn of(room: &str, seq: i64) -> Delivered {
    Delivered {
        room_id: room.into(),
        seq,
    }
}

#[tokio::test]
async fn marks_of_many_rooms_move_forward_only_and_never_beyond_the_head() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let one = ada.creates("one").await.room_id;
    let two = ada.creates("two").await.room_id;
    let three = ada.creates("three").await.room_id;
    bob.joins("#one").await.expect("joined");
    let joined = bob.joins("#two").await.expect("joined").head;
    let first = ada.says("#one", "hi").await.expect("sent").seq;
    let second = ada.says("#one", "ho").await.expect("sent").seq;
    let mut heard = world.hears(&one).await;
    let before = world.events(&bob.id()).await.len();
    bob.delivers(vec![
        of(&one, first),
        of(&two, 1_000),
        of(&three, 2),
        of(&key(), 5),
        of(&one, first - 1),
    ])
    .await
    .expect("delivered");
    let told = heard.next().await;
    assert_eq!(
        (told.kind.as_str(), told.actor.as_str()),
        ("read.updated", bob.id().as_str())
    );
    assert_eq!(
        json(&told.data),
        serde_json::json!({"user": bob.id(), "delivered": first})
    );
    let of_bob = |receipts: Vec<Receipt>| {
        let found = receipts
            .into_iter()
            .find(|receipt| receipt.user_id == bob.id());
        found.expect("a receipt").delivered
    };
    assert_eq!(
        of_bob(ada.lists_receipts("#one").await.expect("listed")),
        first
    );
    assert_eq!(
        of_bob(ada.lists_receipts("#two").await.expect("listed")),
        joined
    );
    // Back, the same, and further: only the last is news.
    for seq in [1, first, second] {
        bob.delivers(vec![of(&one, seq)]).await.expect("delivered");
    }
    assert_eq!(
        json(&heard.next().await.data),
        serde_json::json!({"user": bob.id(), "delivered": second})
    );
    assert_eq!(
        of_bob(ada.lists_receipts("#one").await.expect("listed")),
        second
    );
    // It is nothing that one's devices are told again, and it reads nothing.
    assert_eq!(world.events(&bob.id()).await.len(), before);
    assert_eq!(bob.counter(&one).await.unread, 2);
    let receipts = ada.lists_receipts("#three").await.expect("listed");
    assert!(receipts.iter().all(|receipt| receipt.user_id == ada.id()));
}

#[tokio::test]
async fn bad_marks_are_told_apart() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let room = ada.creates("talk").await.room_id;
    assert_field(ada.delivers(vec![of("#talk", 1)]).await, "delivered");
    assert_field(ada.delivers(vec![of(&room, -1)]).await, "delivered");
    assert_field(ada.delivers(vec![of(&room, 1); 201]).await, "delivered");
    ada.delivers(vec![of(&room, 1); 200])
        .await
        .expect("delivered");
    ada.delivers(Vec::new()).await.expect("nothing");
}
