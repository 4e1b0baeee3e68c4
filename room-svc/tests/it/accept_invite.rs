//! AcceptInvite.

use futures::future::join_all;
use proto::{event::Kind, reason::Reason, room::RoomRole};
use tonic::Code;

use crate::world::{World, assert_field, assert_refused, bytes_of, key};

#[tokio::test]
async fn a_code_lets_in_as_a_join_does() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates_private("secret").await;
    ada.says("#secret", "hi").await.expect("sent");
    let code = ada.code("#secret", 5).await;
    let used = key();
    let joined = bob.accepts_with(&code, &used).await.expect("joined");
    let events = world.events(&room.room_id).await;
    let last = events.last().expect("events");
    assert_eq!((joined.head, &joined.head_id), (last.seq, &last.event_id));
    assert_eq!((joined.messages.len(), joined.members.len()), (1, 2));
    let seen = joined.room.clone().expect("a room");
    assert_eq!((seen.room_id, seen.is_joined), (room.room_id.clone(), true));
    // Neither a repeat nor a member's visit uses the code up.
    for again in [
        bob.accepts_with(&code, &used).await,
        bob.accepts(&code).await,
        ada.accepts(&code).await,
    ] {
        assert_eq!(again.expect("a view").head, joined.head);
    }
    let uses = ada.lists_invites("#secret").await.expect("codes")[0].uses;
    assert_eq!(uses, 1);
    assert_eq!(
        world.kinds(&bob.id()).await,
        [Kind::MembershipChanged],
        "told once"
    );
    bob.leaves("#secret").await.expect("left");
    let repeat = bob.accepts_with(&code, &used).await;
    assert_refused(repeat, Code::PermissionDenied, Reason::NOT_A_MEMBER);
    bob.accepts(&code).await.expect("joined by a new request");
    let other = ada.code("#secret", 5).await;
    let conflict = bob.accepts_with(&other, &used).await;
    assert_refused(conflict, Code::AlreadyExists, Reason::CONFLICT);
}

#[tokio::test]
async fn whatever_is_wrong_with_a_code_the_answer_is_the_same() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let eve = world.person("Eve").await;
    ada.creates_private("secret").await;
    ada.creates_private("doomed").await;
    let expired = ada.code("#secret", 0).await;
    world.lets_time_pass().await;
    let (once, revoked) = (ada.code("#secret", 1).await, ada.code("#secret", 0).await);
    let (good, gone) = (ada.code("#secret", 0).await, ada.code("#doomed", 0).await);
    eve.accepts(&once).await.expect("joined");
    ada.revokes("#secret", &revoked).await.expect("ended");
    ada.deletes_room("#doomed").await.expect("deleted");
    let unknown = bytes_of(bob.accepts(&"x".repeat(22)).await);
    assert_eq!(unknown.0, Code::NotFound);
    for code in [&expired, &once, &revoked, &gone, "x", &"é".repeat(11)] {
        assert_eq!(bytes_of(bob.accepts(code).await), unknown, "{code}");
    }
    ada.bans("#secret", &bob.id()).await.expect("banned");
    assert_eq!(bytes_of(bob.accepts(&good).await), unknown);
    ada.unbans("#secret", &bob.id()).await.expect("lifted");
    bob.accepts(&good).await.expect("joined");
    // A member sees the room by any of its codes.
    eve.accepts(&once).await.expect("a view");
    assert_field(bob.accepts("").await, "code");
    assert_field(bob.accepts_with(&good, "").await, "key");
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_who_race_for_five_uses_are_five_members() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let room = ada.creates_private("secret").await;
    let code = ada.code("#secret", 5).await;
    let people = join_all((0..20).map(|number| {
        let world = &world;
        async move { world.person(&format!("Guest {number}")).await }
    }))
    .await;
    let races = people.iter().map(|person| {
        let (person, code) = (person.clone(), code.clone());
        tokio::spawn(async move { person.accepts(&code).await })
    });
    let mut entered = 0;
    for answer in join_all(races).await {
        match answer.expect("no panic") {
            Ok(_) => entered += 1,
            refusal => {
                assert_refused(refusal, Code::NotFound, Reason::INVITE_INVALID);
            }
        }
    }
    assert_eq!(entered, 5);
    assert_eq!(ada.gets(&room.room_id).await.expect("a room").members, 6);
    assert_eq!(world.counts("room.invite where uses = 5").await, 1);
}

#[tokio::test]
async fn who_enters_an_empty_channel_by_a_code_owns_it() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    ada.creates("talk").await;
    let code = ada.code("#talk", 0).await;
    ada.leaves("#talk").await.expect("left");
    let joined = bob.accepts(&code).await.expect("joined");
    assert_eq!(joined.members[0].role(), RoomRole::Owner);
}
