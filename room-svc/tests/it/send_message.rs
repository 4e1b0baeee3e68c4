//! SendMessage.

use futures::future::join_all;
use proto::{
    event::{Kind, MessagePosted, Notified},
    reason::Reason,
    room::{RoomRole, SendMessageRequest},
};
use tonic::Code;

use crate::{
    auth,
    world::{
        Person, World, assert_field, assert_refused, bytes_of, json, key, kind_of, message,
        talk::bodies,
    },
};

#[tokio::test]
async fn a_message_is_stored_as_it_was_said() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let room = ada.creates("talk").await;
    let body = "  \"quoted\" \\ <b> 🦀\n\u{1}two ";
    let request = message("#talk", body);
    let sent = ada.sends(request.clone()).await.expect("sent");
    assert_eq!(
        (sent.seq, sent.room_id.as_str(), sent.is_duplicate),
        (3, room.room_id.as_str(), false)
    );
    let answer = SendMessageRequest {
        reply_to: sent.message_id.clone(),
        ..message(&room.room_id, "yes")
    };
    ada.sends(answer).await.expect("sent");
    let events = world.events(&room.room_id).await;
    let event = &events[2];
    assert_eq!(
        (event.event_id.as_str(), event.at_ms),
        (sent.message_id.as_str(), sent.at_ms)
    );
    assert_eq!(
        (event.kind as i16, event.key.as_str()),
        (Kind::MessagePosted.number(), request.key.as_str())
    );
    let stored: MessagePosted = serde_json::from_slice(&event.data).expect("a message");
    assert_eq!(
        (stored.body.as_str(), stored.key, stored.rev),
        (body, request.key, 1)
    );
    assert_eq!(
        (stored.author.id, stored.author.name.as_str()),
        (ada.id(), "Ada")
    );
    let reply: MessagePosted = serde_json::from_slice(&events[3].data).expect("a message");
    assert_eq!(
        (stored.reply_to, reply.reply_to),
        (None, Some(sent.message_id))
    );
}

#[tokio::test]
async fn a_repeat_gives_the_first_answer_for_ever_and_other_data_is_a_conflict() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let request = message("#talk", "hi");
    let answers = join_all((0..8).map(|_| bob.sends(request.clone()))).await;
    let answers: Vec<_> = answers
        .into_iter()
        .map(|answer| answer.expect("sent"))
        .collect();
    assert_eq!(
        answers.iter().filter(|answer| !answer.is_duplicate).count(),
        1
    );
    assert!(
        answers.iter().all(
            |answer| answer.seq == answers[0].seq && answer.message_id == answers[0].message_id
        )
    );
    // However the room is named, it is the same request.
    let by_id = SendMessageRequest {
        room: room.room_id.clone(),
        ..request.clone()
    };
    assert!(bob.sends(by_id).await.expect("sent").is_duplicate);
    ada.creates("other").await;
    bob.joins("#other").await.expect("joined");
    for other in [
        SendMessageRequest {
            body: "ho".into(),
            ..request.clone()
        },
        SendMessageRequest {
            room: "#other".into(),
            ..request.clone()
        },
        SendMessageRequest {
            reply_to: answers[0].message_id.clone(),
            ..request.clone()
        },
    ] {
        assert_refused(
            bob.sends(other).await,
            Code::AlreadyExists,
            Reason::CONFLICT,
        );
    }
    assert!(
        !ada.sends(request.clone())
            .await
            .expect("her own key")
            .is_duplicate
    );
    bob.leaves("#talk").await.expect("left");
    assert_eq!(
        bob.sends(request).await.expect("the first answer").seq,
        answers[0].seq
    );
}

#[tokio::test]
async fn a_room_one_is_not_in_answers_as_one_that_does_not_exist() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let open = ada.creates("open").await;
    let secret = ada.creates_private("secret").await;
    ada.invites("#secret", &bob.id()).await.expect("invited");
    let nowhere = bytes_of(bob.says(&key(), "hi").await);
    assert_eq!(
        (nowhere.0, nowhere.1.as_str()),
        (Code::PermissionDenied, "you are not in this room")
    );
    assert_refused(
        bob.says("#nothing", "hi").await,
        Code::PermissionDenied,
        Reason::NOT_A_MEMBER,
    );
    for named in [
        "#open",
        &open.room_id,
        "#secret",
        &secret.room_id,
        "#nothing",
        "no/name",
        &bob.id(),
    ] {
        assert_eq!(bytes_of(bob.says(named, "hi").await), nowhere, "{named}");
    }
    assert_eq!(world.events(&open.room_id).await.len(), 2);
}

#[tokio::test]
async fn bad_messages_are_told_apart() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    ada.creates("talk").await;
    for empty in ["", " \n\t", "\u{200B}"] {
        assert_refused(
            ada.says("#talk", empty).await,
            Code::InvalidArgument,
            Reason::BODY_EMPTY,
        );
    }
    let long = "x".repeat(4_001);
    assert_refused(
        ada.says("#talk", &long).await,
        Code::InvalidArgument,
        Reason::BODY_TOO_LONG,
    );
    ada.says("#talk", &"🦀".repeat(4_000))
        .await
        .expect("at the limit");
    assert_field(ada.says("#talk", "a\0b").await, "body");
    assert_field(ada.says("", "hi").await, "room");
    assert_field(
        ada.sends(SendMessageRequest {
            key: String::new(),
            ..message("#talk", "hi")
        })
        .await,
        "key",
    );
    let answer = SendMessageRequest {
        reply_to: "x".into(),
        ..message("#talk", "hi")
    };
    assert_field(ada.sends(answer).await, "replyTo");
}

#[tokio::test]
async fn an_ended_session_sends_nothing() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let room = ada.creates("talk").await;
    ada.says("#talk", "hi").await.expect("sent");
    auth::end_session(&world.db, &ada.caller).await;
    assert_refused(
        ada.says("#talk", "ho").await,
        Code::Unauthenticated,
        Reason::TOKEN_INVALID,
    );
    assert_eq!(world.events(&room.room_id).await.len(), 3);
}

#[tokio::test]
async fn without_a_database_nothing_was_stored_and_that_is_said() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let room = ada.creates("talk").await;
    let ada = ada.at(world.app_without_database());
    for answer in [
        ada.says("#talk", "hi").await,
        ada.says(&room.room_id, "hi").await,
    ] {
        let refusal = assert_refused(answer, Code::Unavailable, Reason::UPSTREAM_UNAVAILABLE);
        assert!(!refusal.is_unknown_outcome() && refusal.retry_after.is_some());
    }
    let read = ada.gets("#talk").await;
    assert_refused(read, Code::Unavailable, Reason::UPSTREAM_UNAVAILABLE);
}

#[tokio::test]
async fn what_one_answers_must_be_there_to_see() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    ada.creates("talk").await;
    ada.creates("other").await;
    bob.joins("#talk").await.expect("joined");
    let said = ada.says("#talk", "hi").await.expect("sent");
    let elsewhere = ada.says("#other", "hi").await.expect("sent");
    let answer = |room: &str, reply_to: &str| SendMessageRequest {
        reply_to: reply_to.into(),
        ..message(room, "yes")
    };
    let request = answer("#talk", &said.message_id);
    let first = bob.sends(request.clone()).await.expect("sent");
    for missing in [key(), elsewhere.message_id.clone()] {
        assert_refused(
            bob.sends(answer("#talk", &missing)).await,
            Code::NotFound,
            Reason::MESSAGE_NOT_FOUND,
        );
    }
    // Whether a message exists is no business of one who is not in the room.
    for message_id in [key(), elsewhere.message_id] {
        assert_refused(
            bob.sends(answer("#other", &message_id)).await,
            Code::PermissionDenied,
            Reason::NOT_A_MEMBER,
        );
    }
    world.hides(&bob, &ada).await;
    assert_refused(
        bob.sends(answer("#talk", &said.message_id)).await,
        Code::NotFound,
        Reason::MESSAGE_NOT_FOUND,
    );
    // What was answered before keeps its answer.
    let again = bob.sends(request.clone()).await.expect("the first answer");
    assert_eq!((again.seq, again.is_duplicate), (first.seq, true));
    let other = SendMessageRequest {
        body: "no".into(),
        ..request
    };
    assert_refused(
        bob.sends(other).await,
        Code::AlreadyExists,
        Reason::CONFLICT,
    );
}

#[tokio::test]
async fn a_message_becomes_a_thread_by_its_first_answer() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    ada.creates("talk").await;
    ada.creates("other").await;
    bob.joins("#talk").await.expect("joined");
    let root = ada.says("#talk", "root").await.expect("sent");
    let rivals = join_all(["one", "two"].map(|body| bob.answers("#talk", &root.message_id, body)));
    let answers = rivals.await;
    let answer = answers[0].as_ref().expect("sent");
    // An answer stands for its thread.
    ada.answers("#talk", &answer.message_id, "three")
        .await
        .expect("sent");
    let thread = bob.thread("#talk", &root.message_id).await;
    assert_eq!(thread.len(), 3);
    assert!(
        thread
            .iter()
            .all(|message| json(&message.data)["thread"] == root.message_id)
    );
    assert_eq!(bodies(&bob.history("#talk").await), ["root"]);
    let threads = ada.threads("#talk").await;
    assert_eq!(threads.len(), 1);
    assert_eq!(
        (&threads[0].thread_id, &threads[0].root_message_id),
        (&root.message_id, &root.message_id)
    );
    assert_eq!(
        (threads[0].created_by.as_str(), threads[0].last_seq),
        (bob.id().as_str(), thread[2].seq)
    );
    for (room, thread) in [("#other", root.message_id.clone()), ("#talk", key())] {
        assert_refused(
            ada.answers(room, &thread, "hi").await,
            Code::NotFound,
            Reason::MESSAGE_NOT_FOUND,
        );
    }
    let gone = ada.says("#talk", "gone").await.expect("sent");
    ada.retracts("#talk", &gone.message_id)
        .await
        .expect("deleted");
    assert_refused(
        bob.answers("#talk", &gone.message_id, "hi").await,
        Code::NotFound,
        Reason::MESSAGE_NOT_FOUND,
    );
    assert_field(ada.answers("#talk", "x", "hi").await, "thread");
}

/// The mentions that a person was told of.
async fn notified(world: &World, person: &Person) -> Vec<Notified> {
    let feed = world.events(&person.id()).await;
    let notified = feed
        .iter()
        .filter(|event| kind_of(event) == Kind::Notified)
        .map(|event| serde_json::from_slice::<Notified>(&event.data).expect("a notification"));
    notified
        .filter(|notified| notified.kind == "mention")
        .collect()
}

#[tokio::test]
async fn who_is_mentioned_is_told_once() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let stranger = world.person("Eve").await;
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let body = format!("@BOB, @Ada, @eve and ada@bob: {}", "x".repeat(200));
    let request = message("#talk", &body);
    let sent = ada.sends(request.clone()).await.expect("sent");
    let again = ada.sends(request.clone()).await.expect("a repeat");
    assert_eq!((again.seq, again.is_duplicate), (sent.seq, true));
    assert_eq!(
        (again.message_id, again.at_ms),
        (sent.message_id.clone(), sent.at_ms)
    );
    assert_refused(
        ada.sends(SendMessageRequest {
            body: "@bob".into(),
            ..request
        })
        .await,
        Code::AlreadyExists,
        Reason::CONFLICT,
    );
    let events = world.events(&room.room_id).await;
    let event = events.last().expect("an event");
    assert_eq!((event.seq, &event.event_id), (sent.seq, &sent.message_id));
    let stored: MessagePosted = serde_json::from_slice(&event.data).expect("a message");
    assert_eq!(stored.mentions, [bob.id()]);
    let told = notified(&world, &bob).await;
    assert_eq!(told.len(), 1);
    assert_eq!(
        (told[0].kind.as_str(), told[0].title.as_str()),
        ("mention", "Ada mentioned you in #talk")
    );
    assert_eq!(told[0].body, body.chars().take(140).collect::<String>());
    assert_eq!(
        told[0].data,
        serde_json::json!({"room": room.room_id, "message": sent.message_id})
    );
    for other in [&ada, &stranger] {
        assert!(notified(&world, other).await.is_empty());
    }
    // It is a message like every other.
    assert_eq!(bodies(&bob.history("#talk").await), [body]);
    let counter = bob.counter(&room.room_id).await;
    assert_eq!((counter.unread, counter.mentions), (1, 1));
    let answer = ada
        .answers("#talk", &sent.message_id, "@bob")
        .await
        .expect("sent");
    let told = notified(&world, &bob).await;
    assert_eq!(
        told[1].data,
        serde_json::json!({
            "room": room.room_id, "message": answer.message_id, "thread": sent.message_id
        })
    );
    assert_eq!(bob.threads("#talk").await[0].unread, 1);
}

#[tokio::test]
async fn who_hides_the_author_hears_of_no_mention_and_the_author_cannot_tell() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let (cid, eve) = (world.person("Cid").await, world.person("Eve").await);
    let room = ada.creates("talk").await;
    for person in [&bob, &cid, &eve] {
        person.joins("#talk").await.expect("joined");
    }
    world.hides(&bob, &ada).await;
    ada.says("#talk", "@bob @cid").await.expect("sent");
    assert_eq!(notified(&world, &bob).await.len(), 0);
    assert_eq!(notified(&world, &cid).await.len(), 1);
    let seen = ada.history("#talk").await;
    assert_eq!(
        json(&seen[0].data)["mentions"],
        serde_json::json!([bob.id(), cid.id()])
    );
    assert_eq!(bob.counter(&room.room_id).await.mentions, 0);
    world.shadows(&eve).await;
    eve.says("#talk", "@cid").await.expect("sent");
    assert_eq!(notified(&world, &cid).await.len(), 1);
    assert_eq!(cid.counter(&room.room_id).await.mentions, 1);
}

#[tokio::test]
async fn the_banned_and_the_muted_say_nothing_by_any_path() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let (cid, eve) = (world.person("Cid").await, world.person("Eve").await);
    let room = ada.creates("talk").await;
    for person in [&bob, &cid, &eve] {
        person.joins("#talk").await.expect("joined");
    }
    world.bans(&bob).await;
    world.mutes(&cid).await;
    world.mutes_in(&room.room_id, &eve, None).await;
    world.mutes_in(&room.room_id, &ada, Some("-1 minute")).await;
    for body in ["hi", "hi @Ada"] {
        assert_refused(
            bob.says("#talk", body).await,
            Code::PermissionDenied,
            Reason::BANNED,
        );
        let refusal = assert_refused(
            cid.says("#talk", body).await,
            Code::PermissionDenied,
            Reason::ROOM_MUTED,
        );
        let seconds = refusal.retry_after.expect("a time").as_secs();
        assert!((3_500..=3_600).contains(&seconds), "{seconds}");
        assert_refused(
            eve.says("#talk", body).await,
            Code::PermissionDenied,
            Reason::ROOM_MUTED,
        );
    }
    assert!(ada.history("#talk").await.is_empty());
    ada.says("#talk", "a mute that is over")
        .await
        .expect("sent");
}

#[tokio::test]
async fn slow_mode_spaces_what_members_say() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let cid = world.person("Cid").await;
    let room = ada.creates("talk").await;
    for person in [&bob, &cid] {
        person.joins("#talk").await.expect("joined");
    }
    ada.gives_role("#talk", &cid.id(), RoomRole::Moderator)
        .await
        .expect("given");
    world.slows(&room.room_id, 3_600_000).await;
    let request = message("#talk", "one");
    bob.sends(request.clone()).await.expect("sent");
    for body in ["two", "two @Ada"] {
        let refusal = assert_refused(
            bob.says("#talk", body).await,
            Code::ResourceExhausted,
            Reason::SLOW_MODE,
        );
        let seconds = refusal.retry_after.expect("a time").as_secs();
        assert!((3_500..=3_600).contains(&seconds), "{seconds}");
    }
    assert!(bob.sends(request).await.expect("a repeat").is_duplicate);
    for free in [&ada, &cid] {
        for body in ["a", "b"] {
            free.says("#talk", body).await.expect("sent");
        }
    }
    // Its pace is each person's own, and it is past when it is past.
    world.slows(&room.room_id, 1).await;
    bob.says("#talk", "three").await.expect("sent");
}

#[tokio::test]
async fn of_many_at_once_slow_mode_lets_one_pass() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    world.slows(&room.room_id, 60_000).await;
    let answers = join_all([(); 20].map(|()| bob.says("#talk", "me first"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    for refused in answers.into_iter().filter(Result::is_err) {
        assert_refused(refused, Code::ResourceExhausted, Reason::SLOW_MODE);
    }
}

#[tokio::test]
async fn in_a_direct_conversation_the_other_must_be_reachable() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates_private("ours").await.room_id;
    ada.invites("#ours", &bob.id()).await.expect("invited");
    bob.joins("#ours").await.expect("joined");
    world.makes_direct(&room).await;
    let said = ada.says(&room, "hi @bob").await.expect("sent");
    assert_eq!(notified(&world, &bob).await[0].title, "Ada mentioned you");
    world.estranges(&ada, &bob).await;
    for body in ["hi", "hi @bob"] {
        assert_refused(
            ada.says(&room, body).await,
            Code::PermissionDenied,
            Reason::RECIPIENT_UNAVAILABLE,
        );
    }
    let edit = crate::world::talk::edit(&room, &said.message_id, "listen", 1);
    assert_refused(
        ada.edits(edit).await,
        Code::PermissionDenied,
        Reason::RECIPIENT_UNAVAILABLE,
    );
    bob.says(&room, "bye").await.expect("the other way is open");
    assert_eq!(bodies(&bob.history(&room).await), ["hi @bob", "bye"]);
}
