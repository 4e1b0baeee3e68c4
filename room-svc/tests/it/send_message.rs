//! SendMessage.

use futures::future::join_all;
use proto::{event::Kind, event::MessagePosted, reason::Reason, room::SendMessageRequest};
use tonic::Code;

use crate::{
    auth,
    world::{World, assert_field, assert_refused, bytes_of, key, message},
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
