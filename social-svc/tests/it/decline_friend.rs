//! DeclineFriend.

use proto::{
    event::Kind::{FriendCancelled, FriendDeclined, FriendRequested, FriendSent, Notified},
    reason::Reason,
    social::{DeclineFriendRequest, FriendState},
};
use tonic::Code;

use crate::world::{Person, World, assert_field, assert_nothing_waits, assert_refused, bonds, key};

#[tokio::test]
async fn a_decline_is_told_to_the_one_who_declines_only() {
    let world = World::new().await;
    let [ada, bob, cyd] = world.people(["Ada", "Bob", "Cyd"]).await;
    ada.asks(&bob).await.expect("asked");
    let decline = DeclineFriendRequest {
        user_id: ada.id(),
        key: key(),
    };
    for _ in 0..2 {
        bob.decline_friend(decline.clone()).await.expect("declined");
    }
    assert_nothing_waits(bob.declines(&ada).await);
    assert_nothing_waits(bob.accepts(&ada).await);
    assert_eq!(world.kinds(&ada).await, [FriendSent]);
    assert_eq!(
        world.kinds(&bob).await,
        [FriendRequested, Notified, FriendDeclined]
    );
    assert_eq!(ada.bonds().await, bonds(&[], &[], &["Bob"]));
    assert_eq!(bob.bonds().await[1], [""; 0]);

    let other = DeclineFriendRequest {
        user_id: cyd.id(),
        ..decline.clone()
    };
    assert_refused(
        bob.decline_friend(other).await,
        Code::AlreadyExists,
        Reason::CONFLICT,
    );
    let keyless = DeclineFriendRequest {
        key: String::new(),
        ..decline
    };
    assert_field(bob.decline_friend(keyless).await, "key");
    assert_nothing_waits(bob.declines(&cyd).await);
    assert_nothing_waits(ada.declines(&bob).await);
}

/// However the declined asks again, for a week they are told that it waits, and the other one is left in peace.
#[tokio::test]
async fn a_declined_request_cannot_be_pressed() {
    let world = World::new().await;
    let [ada, bob] = world.people(["Ada", "Bob"]).await;
    ada.asks(&bob).await.expect("asked");
    bob.declines(&ada).await.expect("declined");
    let peace = world.kinds(&bob).await;
    assert_eq!(ada.asks(&bob).await.expect("waits"), FriendState::Pending);
    assert_eq!(world.kinds(&ada).await, [FriendSent]);
    for _ in 0..2 {
        ada.cancels(&bob).await.expect("cancelled");
        assert_nothing_waits(ada.cancels(&bob).await);
        assert_eq!(ada.bonds().await[2], [""; 0]);
        assert_eq!(ada.asks(&bob).await.expect("waits"), FriendState::Pending);
        assert_eq!(ada.bonds().await[2], ["Bob"]);
    }
    assert_eq!(
        world.kinds(&ada).await[1..],
        [FriendCancelled, FriendSent, FriendCancelled, FriendSent]
    );
    assert_eq!(world.kinds(&bob).await, peace);
    assert_eq!(bob.bonds().await[1], [""; 0]);

    days_pass(&world).await;
    ada.asks(&bob).await.expect("asked");
    assert_eq!(bob.bonds().await[1], ["Ada"]);
    assert_eq!(world.kinds(&bob).await.len(), peace.len() + 2);
    bob.accepts(&ada).await.expect("accepted");
}

#[tokio::test]
async fn who_declined_may_still_ask_and_finds_an_open_door() {
    let world = World::new().await;
    let [ada, bob] = world.people(["Ada", "Bob"]).await;
    ada.asks(&bob).await.expect("asked");
    bob.declines(&ada).await.expect("declined");
    assert_eq!(bob.asks(&ada).await.expect("asked"), FriendState::Friends);

    let [cyd, dan]: [Person; 2] = world.people(["Cyd", "Dan"]).await;
    cyd.asks(&dan).await.expect("asked");
    dan.declines(&cyd).await.expect("declined");
    cyd.cancels(&dan).await.expect("cancelled");
    // They took it back: now they are asked.
    assert_eq!(dan.asks(&cyd).await.expect("asked"), FriendState::Pending);
    assert_eq!(cyd.bonds().await, bonds(&[], &["Dan"], &[]));
}

/// Eight days pass since every decline.
async fn days_pass(world: &World) {
    let aged = sqlx::query!(
        "update social.friend_request set declined_at = declined_at - interval '8 days'"
    );
    aged.execute(&world.db).await.expect("writes");
}
