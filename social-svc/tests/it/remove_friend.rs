//! RemoveFriend.

use proto::{
    event::Kind::{FriendRemoved, PresenceWithdrawn},
    reason::Reason,
    social::RemoveFriendRequest,
};
use tonic::Code;

use crate::{
    contracts,
    world::{World, assert_field, assert_refused, assert_unknown, key},
};

#[tokio::test]
async fn the_end_of_a_friendship_is_told_to_both_once() {
    let world = World::new().await;
    let [ada, bob, cyd] = world.people(["Ada", "Bob", "Cyd"]).await;
    world.befriends(&ada, &bob).await;
    let remove = RemoveFriendRequest {
        user_id: bob.id(),
        key: key(),
    };
    for _ in 0..2 {
        ada.remove_friend(remove.clone()).await.expect("removed");
    }
    ada.parts_from(&bob).await.expect("no friends already");
    ada.parts_from(&cyd).await.expect("never were");
    for (person, other) in [(&ada, &bob), (&bob, &ada)] {
        assert_eq!(
            world.kinds(person).await[3..],
            [FriendRemoved, PresenceWithdrawn]
        );
        assert_eq!(
            world.last(person, FriendRemoved).await["user"]["id"],
            other.id()
        );
        assert_eq!(
            world.last(person, PresenceWithdrawn).await["user"],
            other.id()
        );
        assert_eq!(person.bonds().await[0], [""; 0]);
    }
    let other = RemoveFriendRequest {
        user_id: cyd.id(),
        ..remove
    };
    assert_refused(
        ada.remove_friend(other).await,
        Code::AlreadyExists,
        Reason::CONFLICT,
    );
}

#[tokio::test]
async fn who_still_shares_a_room_is_still_seen() {
    let world = World::new().await;
    let [ada, bob] = world.people(["Ada", "Bob"]).await;
    world.befriends(&ada, &bob).await;
    contracts::meet(&world.db, &[&ada.caller, &bob.caller]).await;
    bob.parts_from(&ada).await.expect("removed");
    assert_eq!(world.kinds(&ada).await.last(), Some(&FriendRemoved));
    assert!(ada.sees(&bob).await.is_followable);
}

#[tokio::test]
async fn refusals_name_what_is_wrong() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let eve = world.stranger("Eve").await;
    assert_unknown(ada.parts_from(&eve).await);
    assert_field(ada.parts_from(&ada).await, "user");
    let keyless = RemoveFriendRequest {
        user_id: eve.id(),
        key: "a b".into(),
    };
    assert_field(ada.remove_friend(keyless).await, "key");
}
