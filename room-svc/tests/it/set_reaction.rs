//! SetReaction.

use futures::future::join_all;
use proto::{
    event::{Kind, Notified, ReactionChanged},
    reason::Reason,
    room::{Reaction, SetReactionRequest},
};
use tonic::Code;

use crate::world::{Person, World, assert_field, assert_refused, key, kind_of};

fn reaction(room: &str, message_id: &str, emoji: &str, is_on: bool) -> SetReactionRequest {
    SetReactionRequest {
        room: room.into(),
        message_id: message_id.into(),
        emoji: emoji.into(),
        is_on,
        key: key(),
    }
}

async fn seen(person: &Person) -> Vec<Reaction> {
    person.history("#talk").await[0].reactions.clone()
}

fn of(emoji: &str, count: i64, is_own: bool) -> Reaction {
    Reaction {
        emoji: emoji.into(),
        count,
        is_own,
    }
}

#[tokio::test]
async fn reactions_are_counted_told_and_taken_back() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let said = ada.says("#talk", "hi").await.expect("sent");
    let thumb = bob
        .reacts("#talk", &said.message_id, "👍", true)
        .await
        .expect("reacted");
    ada.reacts("#talk", &said.message_id, "❤️", true)
        .await
        .expect("reacted");
    let second = ada
        .reacts("#talk", &said.message_id, "👍", true)
        .await
        .expect("reacted");
    assert_eq!((thumb.count, second.count), (1, 2));
    assert_eq!(seen(&bob).await, [of("👍", 2, true), of("❤️", 1, false)]);
    let events = world.events(&room.room_id).await;
    let event = events.last().expect("an event");
    assert_eq!(
        (kind_of(event), event.seq),
        (Kind::ReactionChanged, second.seq)
    );
    let told: ReactionChanged = serde_json::from_slice(&event.data).expect("a reaction");
    assert_eq!(
        (told.message, told.user.id, told.on, told.count),
        (said.message_id.clone(), ada.id(), true, 2)
    );
    let off = bob
        .reacts("#talk", &said.message_id, "👍", false)
        .await
        .expect("taken back");
    assert_eq!(off.count, 1);
    assert_eq!(seen(&bob).await, [of("❤️", 1, false), of("👍", 1, false)]);
    // What is so already is not told again.
    let before = world.events(&room.room_id).await.len();
    for is_on in [true, false] {
        let who = if is_on { &ada } else { &bob };
        let same = who
            .reacts("#talk", &said.message_id, "👍", is_on)
            .await
            .expect("so already");
        assert_eq!((same.count, same.seq), (1, 0));
    }
    assert_eq!(world.events(&room.room_id).await.len(), before);
}

#[tokio::test]
async fn a_repeat_gives_the_first_answer_and_rivals_are_all_counted() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    ada.creates("talk").await;
    let said = ada.says("#talk", "hi").await.expect("sent");
    let mut people = vec![ada.clone()];
    for number in 0..5 {
        let person = world.person(&format!("user{number}")).await;
        person.joins("#talk").await.expect("joined");
        people.push(person);
    }
    let all = people
        .iter()
        .map(|person| person.reacts("#talk", &said.message_id, "🎉", true));
    let mut counts: Vec<i64> = join_all(all)
        .await
        .into_iter()
        .map(|answer| answer.expect("reacted").count)
        .collect();
    counts.sort_unstable();
    assert_eq!(counts, [1, 2, 3, 4, 5, 6]);
    assert_eq!(seen(&ada).await, [of("🎉", 6, true)]);
    let request = reaction("#talk", &said.message_id, "🎉", false);
    let first = ada.sets_reaction(request.clone()).await.expect("off");
    people[1]
        .reacts("#talk", &said.message_id, "🎉", false)
        .await
        .expect("off");
    assert_eq!(
        ada.sets_reaction(request.clone()).await.expect("off"),
        first
    );
    let other = SetReactionRequest {
        is_on: true,
        ..request
    };
    assert_refused(
        ada.sets_reaction(other).await,
        Code::AlreadyExists,
        Reason::CONFLICT,
    );
}

#[tokio::test]
async fn the_author_is_told_unless_they_hide_who_reacted() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let (cid, eve) = (world.person("Cid").await, world.person("Eve").await);
    ada.creates("talk").await;
    for person in [&bob, &cid, &eve] {
        person.joins("#talk").await.expect("joined");
    }
    let said = ada.says("#talk", "hi").await.expect("sent");
    world.hides(&ada, &cid).await;
    world.shadows(&eve).await;
    for person in [&ada, &bob, &cid, &eve] {
        person
            .reacts("#talk", &said.message_id, "👍", true)
            .await
            .expect("reacted");
    }
    bob.reacts("#talk", &said.message_id, "👍", false)
        .await
        .expect("taken back");
    let feed = world.events(&ada.id()).await;
    let told: Vec<Notified> = feed
        .iter()
        .filter(|event| kind_of(event) == Kind::Notified)
        .map(|event| serde_json::from_slice(&event.data).expect("a notification"))
        .collect();
    assert_eq!(told.len(), 1);
    assert_eq!(
        (told[0].kind.as_str(), told[0].title.as_str()),
        ("reaction", "Bob reacted to your message in #talk")
    );
    assert_eq!(
        (told[0].body.as_str(), &told[0].data["message"]),
        ("👍", &said.message_id.clone().into())
    );
    // Neither are they counted for one who must not see them.
    assert_eq!(seen(&ada).await, [of("👍", 1, true)]);
    assert_eq!(seen(&bob).await, [of("👍", 2, false)]);
    assert_eq!(seen(&eve).await, [of("👍", 3, true)]);
}

#[tokio::test]
async fn reactions_have_bounds() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let said = ada.says("#talk", "hi").await.expect("sent");
    for number in 0..50 {
        let emoji = char::from_u32(0x1F600 + number).expect("an emoji");
        ada.reacts("#talk", &said.message_id, &emoji.to_string(), true)
            .await
            .expect("reacted");
    }
    assert_refused(
        bob.reacts("#talk", &said.message_id, "👍", true).await,
        Code::ResourceExhausted,
        Reason::QUOTA,
    );
    bob.reacts("#talk", &said.message_id, "\u{1F600}", true)
        .await
        .expect("one that is there");
    assert_eq!(seen(&bob).await.len(), 50);
    for bad in ["", "a", "👍👍👍👍👍👍👍👍👍", " "] {
        assert_field(
            ada.reacts("#talk", &said.message_id, bad, true).await,
            "emoji",
        );
    }
    assert_field(ada.reacts("#talk", "x", "👍", true).await, "message");
    world.mutes_in(&room.room_id, &bob, None).await;
    assert_refused(
        bob.reacts("#talk", &said.message_id, "\u{1F601}", true)
            .await,
        Code::PermissionDenied,
        Reason::ROOM_MUTED,
    );
}

#[tokio::test]
async fn only_to_what_one_sees_where_one_is() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    ada.creates("talk").await;
    ada.creates("other").await;
    let said = ada.says("#talk", "hi").await.expect("sent");
    assert_refused(
        bob.reacts("#talk", &said.message_id, "👍", true).await,
        Code::PermissionDenied,
        Reason::NOT_A_MEMBER,
    );
    bob.joins("#talk").await.expect("joined");
    world.hides(&bob, &ada).await;
    for (who, room, message_id) in [
        (&bob, "#talk", said.message_id.clone()),
        (&ada, "#other", said.message_id.clone()),
        (&ada, "#talk", key()),
    ] {
        assert_refused(
            who.reacts(room, &message_id, "👍", true).await,
            Code::NotFound,
            Reason::MESSAGE_NOT_FOUND,
        );
    }
}
