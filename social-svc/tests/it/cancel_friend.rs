//! CancelFriend.

use proto::{
    event::Kind::{FriendCancelled, FriendRequested, FriendSent, Notified},
    reason::Reason,
    social::CancelFriendRequest,
};
use tonic::Code;

use crate::world::{World, assert_field, assert_nothing_waits, assert_refused, key};

#[tokio::test]
async fn a_request_that_is_taken_back_is_gone_for_both() {
    let world = World::new().await;
    let [ada, bob, cyd] = world.people(["Ada", "Bob", "Cyd"]).await;
    ada.asks(&bob).await.expect("asked");
    let cancel = CancelFriendRequest {
        user_id: "@Bob".into(),
        key: key(),
    };
    for _ in 0..2 {
        ada.cancel_friend(cancel.clone()).await.expect("cancelled");
    }
    assert_eq!(world.kinds(&ada).await, [FriendSent, FriendCancelled]);
    assert_eq!(
        world.kinds(&bob).await,
        [FriendRequested, Notified, FriendCancelled]
    );
    assert_eq!(
        world.last(&bob, FriendCancelled).await["user"]["id"],
        ada.id()
    );
    assert_eq!(ada.bonds().await[2], [""; 0]);
    assert_eq!(bob.bonds().await[1], [""; 0]);
    assert_nothing_waits(bob.accepts(&ada).await);

    let other = CancelFriendRequest {
        user_id: cyd.id(),
        ..cancel.clone()
    };
    assert_refused(
        ada.cancel_friend(other).await,
        Code::AlreadyExists,
        Reason::CONFLICT,
    );
    let nobody = CancelFriendRequest {
        user_id: String::new(),
        ..cancel
    };
    assert_field(ada.cancel_friend(nobody).await, "user");
}

#[tokio::test]
async fn only_the_asker_takes_it_back() {
    let world = World::new().await;
    let [ada, bob, cyd] = world.people(["Ada", "Bob", "Cyd"]).await;
    ada.asks(&bob).await.expect("asked");
    assert_nothing_waits(bob.cancels(&ada).await);
    assert_nothing_waits(cyd.cancels(&bob).await);
    assert_nothing_waits(cyd.cancels(&cyd).await);
    assert_eq!(bob.bonds().await[1], ["Ada"]);
}

#[tokio::test]
async fn what_was_never_told_is_not_taken_back_aloud() {
    let world = World::new().await;
    let [ada, eve] = world.people(["Ada", "Eve"]).await;
    ada.blocks(&eve).await.expect("blocked");
    let before = world.kinds(&ada).await;
    eve.asks(&ada).await.expect("asked");
    eve.cancels(&ada).await.expect("cancelled");
    assert_eq!(world.kinds(&ada).await, before);
    ada.unblocks(&eve).await.expect("unblocked");
    assert_eq!(ada.bonds().await[1], [""; 0]);
}
