//! CountRelations.

use proto::social::CountRelationsResponse;

use crate::world::World;

#[tokio::test]
async fn everything_is_counted_for_the_caller_alone() {
    let world = World::new().await;
    let [ada, bob, cyd, dan] = world.people(["Ada", "Bob", "Cyd", "Dan"]).await;
    assert_eq!(ada.counts().await, CountRelationsResponse::default());
    world.befriends(&ada, &bob).await;
    world.befriends(&cyd, &ada).await;
    dan.blocks(&ada).await.expect("blocked");
    ada.blocks(&dan).await.expect("blocked");
    let expected = CountRelationsResponse {
        friends: 2,
        blocked: 1,
        // Bob accepted, Cyd asked.
        unread_notifications: 2,
    };
    assert_eq!(ada.counts().await, expected);
}
