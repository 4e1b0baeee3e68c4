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
