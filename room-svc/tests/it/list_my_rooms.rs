//! ListMyRooms.

use crate::world::World;

#[tokio::test]
async fn one_s_rooms_come_with_the_ends_of_their_streams() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    assert!(ada.lists_own().await.is_empty());
    ada.creates("zebra").await;
    ada.creates_private("apple").await;
    bob.creates("not hers").await;
    let said = ada.says("#zebra", "hi").await.expect("sent");
    let mine = ada.lists_own().await;
    let named: Vec<_> = mine
        .iter()
        .map(|mine| (mine.room.as_ref().map(|room| room.name.as_str()), mine.head))
        .collect();
    assert_eq!(named, [(Some("apple"), 2), (Some("zebra"), said.seq)]);
    assert_eq!(mine[1].head_id, said.message_id);
    assert!(
        mine.iter()
            .all(|mine| mine.room.as_ref().is_some_and(|room| room.is_joined))
    );
    let apple = mine[0].room.as_ref().expect("a room");
    assert_eq!(
        mine[0].head_id,
        world.events(&apple.room_id).await[1].event_id
    );
    ada.leaves("#apple").await.expect("left");
    assert_eq!(ada.lists_own().await.len(), 1);
}

#[tokio::test]
async fn each_room_comes_with_what_is_unread_in_it() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    for name in ["one", "two", "three"] {
        ada.creates(name).await;
        bob.joins(name).await.expect("joined");
    }
    for number in 0..1_050 {
        let body = if number < 100 { "hi @bob" } else { "hi" };
        ada.says("#one", body).await.expect("sent");
    }
    ada.says("#two", "@bob").await.expect("sent");
    ada.says("#two", "x").await.expect("sent");
    let counted: Vec<_> = bob
        .lists_own()
        .await
        .into_iter()
        .map(|mine| {
            let counter = mine.counter.expect("a counter");
            assert_eq!(counter.head, mine.head);
            let name = mine.room.expect("a room").name;
            (name, counter.unread, counter.mentions)
        })
        .collect();
    // At most a thousand are counted: the newest, and the mentions among them.
    assert_eq!(
        counted,
        [
            ("one".into(), 1_000, 50),
            ("three".into(), 0, 0),
            ("two".into(), 2, 1)
        ]
    );
}
