//! ListHidden.

use crate::world::World;

#[tokio::test]
async fn hidden_are_those_one_blocks_and_those_who_block_one_both_ways() {
    let world = World::new().await;
    let [ada, bob, cyd, dan] = world.people(["Ada", "Bob", "Cyd", "Dan"]).await;
    assert_eq!(ada.hidden().await, [""; 0]);
    ada.blocks(&bob).await.expect("blocked");
    cyd.blocks_mutually(&ada).await.expect("blocked");
    dan.blocks(&ada).await.expect("blocked");
    let mut expected = [bob.id(), cyd.id()];
    expected.sort();
    assert_eq!(ada.hidden().await, expected);
    assert_eq!(bob.hidden().await, [""; 0]);
    assert_eq!(cyd.hidden().await, [ada.id()]);
    assert_eq!(dan.hidden().await, [ada.id()]);
    // Two blocks that hide the same are told once.
    ada.blocks(&cyd).await.expect("blocked");
    assert_eq!(ada.hidden().await, expected);
}
