//! DeleteMessage.

use proto::{
    event::{Kind, MessageDeleted, MessageHidden, MessagePosted},
    reason::Reason,
    room::{DeleteMessageRequest, DeleteScope, RoomRole, SearchMessagesRequest},
};
use tonic::Code;

use crate::world::{World, assert_field, assert_refused, key, kind_of, talk::bodies};

fn of(room: &str, message_id: &str, scope: DeleteScope) -> DeleteMessageRequest {
    DeleteMessageRequest {
        room: room.into(),
        message_id: message_id.into(),
        scope: scope.into(),
        key: key(),
    }
}

#[tokio::test]
async fn what_is_taken_from_everyone_is_gone_everywhere_and_leaves_a_tombstone() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let said = bob.says("#talk", "secret @Ada").await.expect("sent");
    ada.reacts("#talk", &said.message_id, "👍", true)
        .await
        .expect("reacted");
    ada.pins("#talk", &said.message_id, true)
        .await
        .expect("pinned");
    let before = ada.counter(&room.room_id).await;
    assert_eq!((before.unread, before.mentions), (1, 1));
    let deleted = bob
        .retracts("#talk", &said.message_id)
        .await
        .expect("deleted");
    let events = world.events(&room.room_id).await;
    let event = events.last().expect("an event");
    assert_eq!(
        (kind_of(event), event.seq),
        (Kind::MessageDeleted, deleted.seq)
    );
    let told: MessageDeleted = serde_json::from_slice(&event.data).expect("a deletion");
    assert_eq!(
        (told.message, told.by.id),
        (said.message_id.clone(), bob.id())
    );
    let stored = &events[said.seq as usize - 1].data;
    let stored: MessagePosted = serde_json::from_slice(stored).expect("a message");
    assert_eq!((stored.body.as_str(), stored.deleted), ("", true));
    assert_eq!((stored.author.id, stored.mentions.len()), (bob.id(), 0));
    let seen = ada.history("#talk").await;
    assert_eq!(bodies(&seen), [""]);
    assert!(seen[0].reactions.is_empty());
    assert!(ada.lists_pins("#talk").await.expect("pins").is_empty());
    let after = ada.counter(&room.room_id).await;
    assert_eq!((after.unread, after.mentions), (0, 0));
    let search = SearchMessagesRequest {
        query: "secret".into(),
        ..SearchMessagesRequest::default()
    };
    assert!(
        bob.searches(search)
            .await
            .expect("found")
            .messages
            .is_empty()
    );
    assert!(world.acts().await.is_empty(), "one's own message is no act");
}

#[tokio::test]
async fn what_is_gone_is_gone_and_nothing_more_is_told() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let said = bob.says("#talk", "secret").await.expect("sent");
    bob.retracts("#talk", &said.message_id)
        .await
        .expect("deleted");
    let events = world.events(&room.room_id).await;
    for refused in [
        ada.reacts("#talk", &said.message_id, "👍", true)
            .await
            .map(|_| ()),
        ada.pins("#talk", &said.message_id, true).await,
    ] {
        assert_refused(refused, Code::NotFound, Reason::MESSAGE_NOT_FOUND);
    }
    let again = bob
        .retracts("#talk", &said.message_id)
        .await
        .expect("deleted already");
    assert_eq!(again.seq, 0);
    assert_eq!(world.events(&room.room_id).await.len(), events.len());
}

#[tokio::test]
async fn moderators_take_anyones_message_and_it_is_audited() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let cid = world.person("Cid").await;
    ada.creates("talk").await;
    for person in [&bob, &cid] {
        person.joins("#talk").await.expect("joined");
    }
    let said = bob.says("#talk", "hi").await.expect("sent");
    let owner_s = ada.says("#talk", "rules").await.expect("sent");
    assert_refused(
        cid.retracts("#talk", &said.message_id).await,
        Code::PermissionDenied,
        Reason::PERMISSION_DENIED,
    );
    ada.gives_role("#talk", &cid.id(), RoomRole::Moderator)
        .await
        .expect("given");
    // A moderator's own block does not shield those whom it hides.
    world.hides(&cid, &bob).await;
    cid.retracts("#talk", &said.message_id)
        .await
        .expect("deleted");
    cid.retracts("#talk", &owner_s.message_id)
        .await
        .expect("deleted");
    let acts = world.acts().await;
    let expected = |message_id: &str| (cid.id(), "message.delete".into(), message_id.to_owned());
    assert_eq!(
        acts,
        [expected(&said.message_id), expected(&owner_s.message_id)]
    );
}

#[tokio::test]
async fn what_is_taken_from_oneself_stays_with_the_others() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let said = ada.says("#talk", "hi @bob").await.expect("sent");
    ada.says("#talk", "ho").await.expect("sent");
    let request = of("#talk", &said.message_id, DeleteScope::Me);
    let hidden = bob.deletes(request.clone()).await.expect("hidden");
    let feed = world.events(&bob.id()).await;
    let event = feed.last().expect("an event");
    assert_eq!(
        (kind_of(event), event.seq),
        (Kind::MessageHidden, hidden.seq)
    );
    let told: MessageHidden = serde_json::from_slice(&event.data).expect("a hiding");
    assert_eq!(
        (told.room, told.message),
        (room.room_id.clone(), said.message_id.clone())
    );
    assert_eq!(bodies(&bob.history("#talk").await), ["ho"]);
    assert_eq!(bodies(&ada.history("#talk").await), ["hi @bob", "ho"]);
    let counter = bob.counter(&room.room_id).await;
    assert_eq!((counter.unread, counter.mentions), (1, 0));
    // The same key gives the same answer; a new key finds it done.
    assert_eq!(bob.deletes(request).await.expect("hidden").seq, hidden.seq);
    assert_eq!(
        bob.hides("#talk", &said.message_id)
            .await
            .expect("hidden already")
            .seq,
        0
    );
    assert_eq!(world.events(&bob.id()).await.len(), feed.len());
    // To the person it is not there any more.
    assert_refused(
        bob.reacts("#talk", &said.message_id, "👍", true).await,
        Code::NotFound,
        Reason::MESSAGE_NOT_FOUND,
    );
}

#[tokio::test]
async fn a_key_is_good_for_one_deletion() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let room = ada.creates("talk").await;
    let first = ada.says("#talk", "one").await.expect("sent");
    let second = ada.says("#talk", "two").await.expect("sent");
    let request = of("#talk", &first.message_id, DeleteScope::Everyone);
    let seq = ada.deletes(request.clone()).await.expect("deleted").seq;
    assert_eq!(
        ada.deletes(request.clone()).await.expect("deleted").seq,
        seq
    );
    for other in [
        DeleteMessageRequest {
            message_id: second.message_id.clone(),
            ..request.clone()
        },
        DeleteMessageRequest {
            scope: DeleteScope::Me.into(),
            ..request.clone()
        },
    ] {
        assert_refused(
            ada.deletes(other).await,
            Code::AlreadyExists,
            Reason::CONFLICT,
        );
    }
    assert_eq!(world.events(&room.room_id).await.len(), 5);
}

#[tokio::test]
async fn whoever_does_not_see_it_is_told_that_it_is_not_there() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    ada.creates("talk").await;
    ada.creates("other").await;
    let said = ada.says("#talk", "hi").await.expect("sent");
    for scope in [DeleteScope::Everyone, DeleteScope::Me] {
        assert_refused(
            bob.deletes(of("#talk", &said.message_id, scope)).await,
            Code::PermissionDenied,
            Reason::NOT_A_MEMBER,
        );
        for (room, message_id) in [("#talk", key()), ("#other", said.message_id.clone())] {
            assert_refused(
                ada.deletes(of(room, &message_id, scope)).await,
                Code::NotFound,
                Reason::MESSAGE_NOT_FOUND,
            );
        }
    }
    bob.joins("#talk").await.expect("joined");
    world.hides(&bob, &ada).await;
    for scope in [DeleteScope::Everyone, DeleteScope::Me] {
        assert_refused(
            bob.deletes(of("#talk", &said.message_id, scope)).await,
            Code::NotFound,
            Reason::MESSAGE_NOT_FOUND,
        );
    }
    assert_field(
        ada.deletes(of("#talk", &said.message_id, DeleteScope::Unspecified))
            .await,
        "scope",
    );
    assert_field(
        ada.deletes(of("#talk", "x", DeleteScope::Me)).await,
        "message",
    );
}
