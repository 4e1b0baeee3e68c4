//! RequestFriend.

use futures::future::join_all;
use proto::{
    event::Kind::{FriendAccepted, FriendRequested, FriendSent, Notified},
    reason::Reason,
    social::{FriendState, RequestFriendRequest},
};
use tonic::Code;

use crate::{
    contracts,
    world::{
        Person, World, asking, assert_field, assert_nothing_waits, assert_refused, assert_unknown,
        bonds, bytes_of, key,
    },
};

#[tokio::test]
async fn a_request_waits_and_is_told_to_both_once() {
    let world = World::new().await;
    let [ada, bob] = world.people(["Ada", "Bob"]).await;
    let request = RequestFriendRequest {
        user_id: "@bob".into(),
        note: " from the choir ".into(),
        key: key(),
    };
    let first = ada.request_friend(request.clone()).await.expect("asked");
    assert_eq!(
        (first.state(), &first.user),
        (FriendState::Pending, &Some(bob.wire()))
    );
    let again = ada.request_friend(request.clone()).await;
    assert_eq!(again.expect("a repeat"), first);
    assert_eq!(ada.asks(&bob).await.expect("asked"), FriendState::Pending);

    assert_eq!(world.kinds(&ada).await, [FriendSent]);
    assert_eq!(world.kinds(&bob).await, [FriendRequested, Notified]);
    assert_eq!(world.last(&ada, FriendSent).await["user"]["name"], "Bob");
    let told = world.last(&bob, FriendRequested).await;
    assert_eq!(
        (told["from"]["id"].as_str(), told["note"].as_str()),
        (Some(ada.id().as_str()), Some("from the choir"))
    );
    let notified = world.last(&bob, Notified).await;
    assert_eq!(notified["kind"], "friend.requested");
    assert_eq!(notified["data"]["user"], ada.id());
    let waiting = bob.friends().await.incoming;
    assert_eq!(
        (&waiting[0].user, waiting[0].note.as_str()),
        (&Some(ada.wire()), "from the choir")
    );

    let other = RequestFriendRequest {
        note: "from work".into(),
        ..request
    };
    let other = ada.request_friend(other).await;
    assert_refused(other, Code::AlreadyExists, Reason::CONFLICT);
}

#[tokio::test]
async fn a_request_that_crosses_another_makes_friends() {
    let world = World::new().await;
    let [ada, bob] = world.people(["Ada", "Bob"]).await;
    ada.asks(&bob).await.expect("asked");
    let request = asking(&ada.id());
    for _ in 0..2 {
        let crossed = bob.request_friend(request.clone()).await.expect("friends");
        assert_eq!(crossed.state(), FriendState::Friends);
    }
    assert_eq!(ada.bonds().await, bonds(&["Bob"], &[], &[]));
    assert_eq!(bob.bonds().await, bonds(&["Ada"], &[], &[]));
    assert_eq!(
        world.kinds(&ada).await,
        [FriendSent, FriendAccepted, Notified]
    );
    assert_eq!(
        world.kinds(&bob).await,
        [FriendRequested, Notified, FriendAccepted]
    );
    assert_eq!(world.last(&ada, Notified).await["kind"], "friend.accepted");
    for (one, other) in [(&ada, &bob), (&bob, &ada)] {
        assert_refused(
            one.asks(other).await,
            Code::AlreadyExists,
            Reason::ALREADY_FRIENDS,
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_pairs_that_ask_each_other_at_the_same_moment_are_friends() {
    let world = World::new().await;
    let mut pairs = Vec::new();
    for number in 0..50 {
        let one = world.person(&format!("one{number}")).await;
        let other = world.person(&format!("other{number}")).await;
        pairs.push((one, other));
    }
    let crossing = pairs.iter().map(|(one, other)| async move {
        let (first, second) = tokio::join!(one.asks(other), other.asks(one));
        [first.expect("asked"), second.expect("asked")]
    });
    for states in join_all(crossing).await {
        let friends = states
            .iter()
            .filter(|state| **state == FriendState::Friends);
        assert_eq!(friends.count(), 1, "{states:?}");
    }
    for (one, other) in &pairs {
        let [friends, incoming, outgoing] = one.bonds().await;
        assert_eq!(friends, [other.caller.name.as_str()]);
        assert_eq!(other.bonds().await[0], [one.caller.name.as_str()]);
        assert_eq!((incoming.len(), outgoing.len()), (0, 0));
        for person in [one, other] {
            let kinds = world.kinds(person).await;
            let accepted = kinds.iter().filter(|kind| **kind == FriendAccepted);
            assert_eq!(accepted.count(), 1, "{kinds:?}");
        }
    }
}

#[tokio::test]
async fn refusals_name_what_is_wrong() {
    let world = World::new().await;
    let [ada, bob] = world.people(["Ada", "Bob"]).await;
    let eve = world.stranger("Eve").await;
    for unknown in [key(), "@nobody".into(), eve.id(), "@eve".into(), "%".into()] {
        assert_unknown(ada.request_friend(asking(&unknown)).await);
    }
    let noted = |note: &str| RequestFriendRequest {
        note: note.into(),
        ..asking(&bob.id())
    };
    let with_key = |key: &str| RequestFriendRequest {
        key: key.into(),
        ..asking(&bob.id())
    };
    assert_field(ada.asks(&ada).await, "user");
    assert_field(ada.request_friend(asking("")).await, "user");
    assert_field(ada.request_friend(asking("a\0")).await, "user");
    assert_field(ada.request_friend(noted(&"x".repeat(201))).await, "note");
    assert_field(ada.request_friend(noted("two\nlines")).await, "note");
    assert_field(ada.request_friend(with_key("")).await, "key");
    assert_eq!(world.kinds(&ada).await, []);
    let long = noted(&"é".repeat(200));
    ada.request_friend(long).await.expect("200 characters");
}

#[tokio::test]
async fn the_logged_out_and_the_banned_ask_nobody() {
    let world = World::new().await;
    let [ada, bob, cyd] = world.people(["Ada", "Bob", "Cyd"]).await;
    contracts::log_out(&world.db, &ada.caller).await;
    assert_refused(
        ada.asks(&cyd).await,
        Code::Unauthenticated,
        Reason::TOKEN_INVALID,
    );
    contracts::ban(&world.db, &bob.caller).await;
    assert_refused(bob.asks(&cyd).await, Code::PermissionDenied, Reason::BANNED);
    assert_eq!(cyd.bonds().await, bonds(&[], &[], &[]));
}

#[tokio::test]
async fn only_so_many_requests_wait_and_a_full_box_looks_the_same() {
    let world = World::with(|config| {
        config.outgoing_requests = 2;
        config.incoming_requests = 2;
    })
    .await;
    let [ada, bob, cyd, dan] = world.people(["Ada", "Bob", "Cyd", "Dan"]).await;
    ada.asks(&bob).await.expect("asked");
    ada.asks(&cyd).await.expect("asked");
    // A decline is not told, so it frees nothing.
    cyd.declines(&ada).await.expect("declined");
    let own = bytes_of(ada.asks(&dan).await);
    assert_refused(ada.asks(&dan).await, Code::ResourceExhausted, Reason::QUOTA);
    assert_eq!(ada.asks(&cyd).await.expect("waits"), FriendState::Pending);
    ada.cancels(&bob).await.expect("cancelled");
    ada.asks(&dan).await.expect("there is room again");

    bob.asks(&dan).await.expect("asked");
    assert_eq!(bytes_of(cyd.asks(&dan).await), own);
    dan.declines(&bob).await.expect("declined");
    cyd.asks(&dan).await.expect("there is room again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_box_is_never_fuller_than_it_may_be() {
    let world = World::with(|config| config.incoming_requests = 5).await;
    let star = world.person("Star").await;
    let mut fans = Vec::new();
    for number in 0..20 {
        fans.push(world.person(&format!("fan{number}")).await);
    }
    // Every connection is made by now: nobody is late.
    join_all(fans.iter().map(Person::bonds)).await;
    let asked = join_all(fans.iter().map(|fan| fan.asks(&star))).await;
    let (waiting, refused): (Vec<_>, Vec<_>) = asked.into_iter().partition(Result::is_ok);
    assert_eq!((waiting.len(), refused.len()), (5, 15));
    assert_eq!(star.bonds().await[1].len(), 5);
}

#[tokio::test]
async fn who_is_blocked_gets_the_answers_of_everyone_and_the_blocker_nothing() {
    let world = World::with(|config| config.incoming_requests = 1).await;
    let [ada, eve, cyd] = world.people(["Ada", "Eve", "Cyd"]).await;
    ada.blocks(&eve).await.expect("blocked");
    let before = world.kinds(&ada).await;
    let asked = RequestFriendRequest {
        note: "please".into(),
        ..asking(&ada.id())
    };
    let answer = eve.request_friend(asked.clone()).await.expect("asked");
    assert_eq!(
        (answer.state(), &answer.user),
        (FriendState::Pending, &Some(ada.wire()))
    );
    assert_eq!(eve.request_friend(asked).await.expect("a repeat"), answer);
    assert_eq!(eve.bonds().await, bonds(&[], &[], &["Ada"]));
    assert_eq!(world.kinds(&eve).await.last(), Some(&FriendSent));
    assert_eq!(world.kinds(&ada).await, before);
    assert_eq!(ada.bonds().await, bonds(&[], &[], &[]));
    assert_nothing_waits(ada.accepts(&eve).await);
    assert_nothing_waits(ada.declines(&eve).await);
    // It takes no room from others either, and the blocker is told to unblock first.
    cyd.asks(&ada).await.expect("there is room");
    assert_field(ada.asks(&eve).await, "user");

    ada.unblocks(&eve).await.expect("unblocked");
    assert_eq!(ada.bonds().await[1], ["Cyd", "Eve"]);
    assert_eq!(
        ada.accepts(&eve).await.expect("accepted"),
        FriendState::Friends
    );
}

#[tokio::test]
async fn a_full_box_refuses_the_blocked_as_everyone() {
    let world = World::with(|config| config.incoming_requests = 1).await;
    let [ada, bob, cyd, eve] = world.people(["Ada", "Bob", "Cyd", "Eve"]).await;
    bob.asks(&ada).await.expect("asked");
    ada.blocks(&eve).await.expect("blocked");
    assert_eq!(
        bytes_of(eve.asks(&ada).await),
        bytes_of(cyd.asks(&ada).await)
    );
}

#[tokio::test]
async fn who_is_hidden_by_moderators_asks_in_vain() {
    let world = World::new().await;
    let [ada, eve] = world.people(["Ada", "Eve"]).await;
    contracts::shadow(&world.db, &eve.caller).await;
    assert_eq!(eve.asks(&ada).await.expect("asked"), FriendState::Pending);
    assert_eq!(eve.bonds().await[2], ["Ada"]);
    assert_eq!(ada.bonds().await, bonds(&[], &[], &[]));
    assert_eq!(world.kinds(&ada).await, []);
    // Whoever asks them is answered by what they asked.
    assert_eq!(ada.asks(&eve).await.expect("asked"), FriendState::Friends);
}
