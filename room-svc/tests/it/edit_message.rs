//! EditMessage.

use futures::future::join_all;
use proto::{
    event::{Kind, MessageEdited, MessagePosted, Notified},
    reason::Reason,
    room::EditMessageRequest,
};
use tonic::Code;

use crate::world::{
    World, assert_field, assert_refused, json, key, kind_of,
    talk::{bodies, edit},
};

#[tokio::test]
async fn an_edit_changes_the_text_everywhere_and_is_told() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let said = ada.says("#talk", "helo").await.expect("sent");
    let edited = ada
        .edits(edit("#talk", &said.message_id, "hello", 1))
        .await
        .expect("edited");
    assert_eq!((edited.rev, edited.is_duplicate), (2, false));
    assert!(edited.seq > said.seq);
    let events = world.events(&room.room_id).await;
    let event = events.last().expect("an event");
    assert_eq!(
        (kind_of(event), event.seq, event.at_ms),
        (Kind::MessageEdited, edited.seq, edited.at_ms)
    );
    let told: MessageEdited = serde_json::from_slice(&event.data).expect("an edit");
    assert_eq!(
        (told.message, told.body.as_str(), told.rev),
        (said.message_id.clone(), "hello", 2)
    );
    // The log itself holds the text of now, in the old place.
    let first = &events[said.seq as usize - 1];
    let stored: MessagePosted = serde_json::from_slice(&first.data).expect("a message");
    assert_eq!(
        (first.event_id.as_str(), stored.body.as_str(), stored.rev),
        (said.message_id.as_str(), "hello", 2)
    );
    assert_eq!(stored.edited_at, Some(edited.at_ms));
    assert_eq!(first.key, stored.key);
    let seen = bob.history("#talk").await;
    assert_eq!(
        (bodies(&seen), seen[0].seq),
        (vec!["hello".into()], said.seq)
    );
    assert_eq!(
        bob.finds(&said.message_id).await.expect("found").data,
        seen[0].data
    );
    ada.edits(edit("#talk", &said.message_id, "hello!", 2))
        .await
        .expect("edited again");
}

#[tokio::test]
async fn an_edit_is_based_on_the_revision_of_now() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    ada.creates("talk").await;
    let said = ada.says("#talk", "one").await.expect("sent");
    for wrong in [2, 7] {
        assert_refused(
            ada.edits(edit("#talk", &said.message_id, "x", wrong)).await,
            Code::AlreadyExists,
            Reason::CONFLICT,
        );
    }
    let rivals = ["two", "three", "four", "five"];
    let rivals = rivals.map(|body| ada.edits(edit("#talk", &said.message_id, body, 1)));
    let answers = join_all(rivals).await;
    let won = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(won, 1);
    for lost in answers.into_iter().filter(Result::is_err) {
        assert_refused(lost, Code::AlreadyExists, Reason::CONFLICT);
    }
    let seen = ada.history("#talk").await;
    assert_eq!(json(&seen[0].data)["rev"], 2);
}

#[tokio::test]
async fn a_repeat_gives_the_first_answer_and_other_data_is_a_conflict() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let room = ada.creates("talk").await;
    let said = ada.says("#talk", "one").await.expect("sent");
    let request = edit("#talk", &said.message_id, "two", 1);
    let first = ada.edits(request.clone()).await.expect("edited");
    ada.edits(edit("#talk", &said.message_id, "three", 2))
        .await
        .expect("edited");
    let again = ada.edits(request.clone()).await.expect("the first answer");
    assert_eq!(
        (again.rev, again.seq, again.at_ms, again.is_duplicate),
        (2, first.seq, first.at_ms, true)
    );
    for other in [
        EditMessageRequest {
            body: "four".into(),
            ..request.clone()
        },
        EditMessageRequest {
            rev: 3,
            ..request.clone()
        },
    ] {
        assert_refused(
            ada.edits(other).await,
            Code::AlreadyExists,
            Reason::CONFLICT,
        );
    }
    assert_eq!(bodies(&ada.history("#talk").await), ["three"]);
    assert_eq!(world.events(&room.room_id).await.len(), 5);
}

#[tokio::test]
async fn only_its_author_may_and_hidden_is_not_found() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    ada.creates("talk").await;
    ada.creates("other").await;
    let said = ada.says("#talk", "hi").await.expect("sent");
    let request = || edit("#talk", &said.message_id, "ho", 1);
    assert_refused(
        bob.edits(request()).await,
        Code::PermissionDenied,
        Reason::NOT_A_MEMBER,
    );
    bob.joins("#talk").await.expect("joined");
    assert_refused(
        bob.edits(request()).await,
        Code::PermissionDenied,
        Reason::PERMISSION_DENIED,
    );
    world.hides(&bob, &ada).await;
    assert_refused(
        bob.edits(request()).await,
        Code::NotFound,
        Reason::MESSAGE_NOT_FOUND,
    );
    for (room, message_id) in [("#talk", key()), ("#other", said.message_id.clone())] {
        assert_refused(
            ada.edits(edit(room, &message_id, "ho", 1)).await,
            Code::NotFound,
            Reason::MESSAGE_NOT_FOUND,
        );
    }
    ada.retracts("#talk", &said.message_id)
        .await
        .expect("deleted");
    assert_refused(
        ada.edits(request()).await,
        Code::NotFound,
        Reason::MESSAGE_NOT_FOUND,
    );
}

#[tokio::test]
async fn the_muted_and_the_banned_change_nothing() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let said = bob.says("#talk", "hi").await.expect("sent");
    world.mutes_in(&room.room_id, &bob, Some("1 hour")).await;
    let refusal = assert_refused(
        bob.edits(edit("#talk", &said.message_id, "ho", 1)).await,
        Code::PermissionDenied,
        Reason::ROOM_MUTED,
    );
    assert!(
        refusal
            .retry_after
            .is_some_and(|after| after.as_secs() > 3_500)
    );
    world.bans(&bob).await;
    assert_refused(
        bob.edits(edit("#talk", &said.message_id, "ho", 1)).await,
        Code::PermissionDenied,
        Reason::BANNED,
    );
    assert_eq!(bodies(&ada.history("#talk").await), ["hi"]);
}

#[tokio::test]
async fn who_is_mentioned_now_and_was_not_before_is_told() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let cid = world.person("Cid").await;
    ada.creates("talk").await;
    for person in [&bob, &cid] {
        person.joins("#talk").await.expect("joined");
    }
    let said = ada.says("#talk", "@bob look").await.expect("sent");
    ada.edits(edit("#talk", &said.message_id, "@bob @Cid look", 1))
        .await
        .expect("edited");
    let told = |events: Vec<proto::stream::Event>| {
        let notified = events
            .into_iter()
            .filter(|event| kind_of(event) == Kind::Notified);
        notified
            .map(|event| serde_json::from_slice::<Notified>(&event.data).expect("a notification"))
            .collect::<Vec<_>>()
    };
    assert_eq!(told(world.events(&bob.id()).await).len(), 1);
    let to_cid = told(world.events(&cid.id()).await);
    assert_eq!(to_cid.len(), 1);
    assert_eq!(to_cid[0].data["message"], said.message_id);
    let seen = bob.history("#talk").await;
    assert_eq!(
        json(&seen[0].data)["mentions"],
        serde_json::json!([bob.id(), cid.id()])
    );
    // Mentions that are gone are counted no more.
    let room_id = seen[0].room_id.clone();
    assert_eq!(bob.counter(&room_id).await.mentions, 1);
    ada.edits(edit("#talk", &said.message_id, "@Cid look", 2))
        .await
        .expect("edited");
    assert_eq!(bob.counter(&room_id).await.mentions, 0);
    assert_eq!(cid.counter(&room_id).await.mentions, 1);
}

#[tokio::test]
async fn bad_edits_are_told_apart() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    ada.creates("talk").await;
    let said = ada.says("#talk", "hi").await.expect("sent");
    let good = edit("#talk", &said.message_id, "ho", 1);
    assert_refused(
        ada.edits(EditMessageRequest {
            body: " ".into(),
            ..good.clone()
        })
        .await,
        Code::InvalidArgument,
        Reason::BODY_EMPTY,
    );
    assert_refused(
        ada.edits(EditMessageRequest {
            body: "x".repeat(4_001),
            ..good.clone()
        })
        .await,
        Code::InvalidArgument,
        Reason::BODY_TOO_LONG,
    );
    for (bad, field) in [
        (
            EditMessageRequest {
                rev: 0,
                ..good.clone()
            },
            "rev",
        ),
        (
            EditMessageRequest {
                key: String::new(),
                ..good.clone()
            },
            "key",
        ),
        (
            EditMessageRequest {
                room: String::new(),
                ..good.clone()
            },
            "room",
        ),
        (
            EditMessageRequest {
                message_id: "x".into(),
                ..good.clone()
            },
            "message",
        ),
    ] {
        assert_field(ada.edits(bad).await, field);
    }
}
