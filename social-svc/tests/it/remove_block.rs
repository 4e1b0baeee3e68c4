//! RemoveBlock.

use proto::{
    event::Kind::{BlockUpdated, HiddenChanged, PresenceWithdrawn},
    reason::Reason,
    social::RemoveBlockRequest,
};
use tonic::Code;

use crate::world::{World, assert_field, assert_refused, assert_unknown, key};

#[tokio::test]
async fn an_ended_block_hides_nothing_and_is_told_once() {
    let world = World::new().await;
    let [ada, eve, cyd] = world.people(["Ada", "Eve", "Cyd"]).await;
    ada.blocks_mutually(&eve).await.expect("blocked");
    let unblock = RemoveBlockRequest {
        user_id: "@Eve".into(),
        key: key(),
    };
    for _ in 0..2 {
        let unblocked = ada.remove_block(unblock.clone()).await.expect("unblocked");
        assert_eq!(unblocked.user, Some(eve.wire()));
    }
    ada.unblocks(&eve).await.expect("no block already");
    ada.unblocks(&cyd).await.expect("never was");
    assert_eq!(
        world.kinds(&ada).await,
        [BlockUpdated, HiddenChanged, BlockUpdated, HiddenChanged]
    );
    assert_eq!(
        world.kinds(&eve).await,
        [PresenceWithdrawn, HiddenChanged, HiddenChanged]
    );
    assert_eq!(world.last(&ada, BlockUpdated).await["blocked"], false);
    assert_eq!(world.last(&ada, HiddenChanged).await["hidden"], false);
    assert_eq!(world.last(&eve, HiddenChanged).await["hidden"], false);
    assert_eq!((ada.hidden().await.len(), eve.hidden().await.len()), (0, 0));

    let other = RemoveBlockRequest {
        user_id: cyd.id(),
        ..unblock
    };
    assert_refused(
        ada.remove_block(other).await,
        Code::AlreadyExists,
        Reason::CONFLICT,
    );
}

#[tokio::test]
async fn what_another_block_hides_stays_hidden() {
    let world = World::new().await;
    let [ada, bob] = world.people(["Ada", "Bob"]).await;
    ada.blocks_mutually(&bob).await.expect("blocked");
    bob.blocks_mutually(&ada).await.expect("blocked");
    let told = |person| {
        let world = &world;
        async move {
            world
                .kinds(person)
                .await
                .iter()
                .filter(|kind| **kind == HiddenChanged)
                .count()
        }
    };
    let (of_ada, of_bob) = (told(&ada).await, told(&bob).await);
    ada.unblocks(&bob).await.expect("unblocked");
    assert_eq!(ada.hidden().await, [bob.id()]);
    assert_eq!(bob.hidden().await, [ada.id()]);
    assert_eq!((told(&ada).await, told(&bob).await), (of_ada, of_bob));

    bob.blocks(&ada).await.expect("one-way");
    assert_eq!((ada.hidden().await.len(), bob.hidden().await.len()), (0, 1));
    bob.unblocks(&ada).await.expect("unblocked");
    assert_eq!((ada.hidden().await.len(), bob.hidden().await.len()), (0, 0));
    assert_eq!(
        (told(&ada).await, told(&bob).await),
        (of_ada + 1, of_bob + 1)
    );
}

#[tokio::test]
async fn refusals_name_what_is_wrong() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let eve = world.stranger("Eve").await;
    assert_unknown(ada.unblocks(&eve).await);
    assert_field(ada.unblocks(&ada).await, "user");
    let keyless = RemoveBlockRequest {
        user_id: eve.id(),
        key: String::new(),
    };
    assert_field(ada.remove_block(keyless).await, "key");
}
