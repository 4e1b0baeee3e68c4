//! AcceptFriend.

use proto::{
    event::Kind::{FriendAccepted, FriendRequested, FriendSent, Notified},
    reason::Reason,
    social::FriendState,
};
use tonic::Code;

use crate::{
    contracts,
    world::{World, accepting, assert_field, assert_nothing_waits, assert_refused},
};

#[tokio::test]
async fn an_accepted_request_makes_friends_who_are_told_once() {
    let world = World::new().await;
    let [ada, bob] = world.people(["Ada", "Bob"]).await;
    ada.asks(&bob).await.expect("asked");
    let accept = accepting("@ADA");
    for _ in 0..2 {
        let accepted = bob.accept_friend(accept.clone()).await.expect("accepted");
        assert_eq!(
            (accepted.state(), accepted.user),
            (FriendState::Friends, Some(ada.wire()))
        );
    }
    // From another device it is so already.
    assert_eq!(
        bob.accepts(&ada).await.expect("friends"),
        FriendState::Friends
    );
    assert_eq!(
        world.kinds(&ada).await,
        [FriendSent, FriendAccepted, Notified]
    );
    assert_eq!(
        world.kinds(&bob).await,
        [FriendRequested, Notified, FriendAccepted]
    );
    assert_eq!(
        world.last(&ada, FriendAccepted).await["user"]["id"],
        bob.id()
    );
    assert_eq!(
        world.last(&bob, FriendAccepted).await["user"]["id"],
        ada.id()
    );
    assert_eq!(ada.bonds().await[0], ["Bob"]);
    assert_eq!(bob.bonds().await[0], ["Ada"]);
}

#[tokio::test]
async fn only_what_was_asked_can_be_accepted() {
    let world = World::new().await;
    let [ada, bob, cyd] = world.people(["Ada", "Bob", "Cyd"]).await;
    ada.asks(&bob).await.expect("asked");
    // Not by the asker, not by a third, not of nobody.
    assert_nothing_waits(ada.accepts(&bob).await);
    assert_nothing_waits(cyd.accepts(&ada).await);
    assert_nothing_waits(bob.accepts(&bob).await);
    assert_nothing_waits(bob.accept_friend(accepting("@nobody")).await);
    assert_field(bob.accept_friend(accepting("")).await, "user");

    let used = accepting(&ada.id());
    bob.accept_friend(used.clone()).await.expect("accepted");
    let other = proto::social::AcceptFriendRequest {
        user_id: cyd.id(),
        ..used
    };
    assert_refused(
        bob.accept_friend(other).await,
        Code::AlreadyExists,
        Reason::CONFLICT,
    );
}

#[tokio::test]
async fn nobody_accepts_someone_who_closed_their_account() {
    let world = World::new().await;
    let [ada, bob] = world.people(["Ada", "Bob"]).await;
    ada.asks(&bob).await.expect("asked");
    contracts::close(&world.db, ada.caller.user_id).await;
    assert_eq!(bob.bonds().await[1], [""; 0]);
    assert_nothing_waits(bob.accepts(&ada).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acceptance_and_a_cancellation_at_once_have_one_winner() {
    let world = World::new().await;
    for number in 0..10 {
        let ada = world.person(&format!("ada{number}")).await;
        let bob = world.person(&format!("bob{number}")).await;
        ada.asks(&bob).await.expect("asked");
        let (accepted, cancelled) = tokio::join!(bob.accepts(&ada), ada.cancels(&bob));
        assert_ne!(accepted.is_ok(), cancelled.is_ok());
        assert_eq!(ada.bonds().await[0].len(), usize::from(accepted.is_ok()));
        assert_eq!(ada.bonds().await[2].len(), 0);
    }
}
