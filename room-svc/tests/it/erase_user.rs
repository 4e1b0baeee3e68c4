//! EraseUser.

use proto::{event::Kind, reason::Reason, room::RoomRole};
use tonic::Code;

use crate::world::{World, assert_field, assert_refused, json, kind_of};

/// Everything that a stream holds, as text.
async fn text_of(world: &World, stream: &str) -> String {
    let events = world.events(stream).await;
    let texts = events.into_iter().map(|event| event.data.into());
    let texts = texts.map(|data| String::from_utf8(data).expect("text"));
    texts.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn of_messages_only_their_places_are_left() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bobolink").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    ada.says("#talk", "of hers").await.expect("sent");
    let said = bob.says("#talk", "a secret of his").await.expect("sent");
    let head = world.events(&room.room_id).await.len();
    assert!(world.erases(&bob).await > 1);
    assert!(world.erases_once(&bob.id()).await.expect("done").is_done);

    let events = world.events(&room.room_id).await;
    let tombstone = &events[usize::try_from(said.seq).expect("a seq") - 1];
    assert_eq!(
        (tombstone.seq, &tombstone.event_id, kind_of(tombstone)),
        (said.seq, &said.message_id, Kind::MessagePosted)
    );
    let left = serde_json::json!({
        "key": "", "author": { "id": bob.id(), "name": "deleted user" }, "body": "", "rev": 1, "mentions": [],
        "deleted": true,
    });
    assert_eq!(json(&tombstone.data), left);
    let later = &events[head..];
    let kinds: Vec<_> = later.iter().map(kind_of).collect();
    assert_eq!(kinds, [Kind::MemberLeft, Kind::MessageDeleted]);
    assert_eq!(json(&later[1].data)["message"], said.message_id.as_str());
    assert!(later.iter().all(|event| event.actor.is_empty()));
    let text = text_of(&world, &room.room_id).await;
    assert!(
        !text.contains("Bobolink") && !text.contains("secret of his"),
        "{text}"
    );
    assert!(text.contains("of hers"));
}

#[tokio::test]
async fn rooms_are_left_to_others_and_what_was_theirs_alone_is_gone() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bobolink").await);
    let (owned, alone) = (bob.creates("bird").await, bob.creates_private("nest").await);
    let said = ada.creates("talk").await.room_id;
    let said = ada.says(&said, "of hers").await.expect("sent");
    ada.joins("#bird").await.expect("joined");
    bob.invites("#nest", &ada.id()).await.expect("invited");
    bob.code("#bird", 0).await;
    world
        .run(format!(
            "insert into room.reaction (tenant_id, room_id, message_id, emoji, user_id)
             values ('default', '{}', '{}', '👍', '{}')",
            said.room_id,
            said.message_id,
            bob.id()
        ))
        .await;
    world.erases(&bob).await;
    for stream in [&owned.room_id, &alone.room_id, &ada.id()] {
        let text = text_of(&world, stream).await;
        assert!(!text.contains("Bobolink"), "{text}");
    }
    let nest = world.kinds(&alone.room_id).await;
    assert_eq!(nest.last(), Some(&Kind::RoomDeleted));
    let feed = format!("stream.event where stream_id = '{}'", bob.id());
    let members = format!("room.member where user_id = '{}'", bob.id());
    let working = "room.invite where revoked_at is null";
    for question in [&feed, &members, working, "room.reaction", "room.invitation"] {
        assert_eq!(world.counts(question).await, 0, "{question}");
    }
    let bird = ada.joins("#bird").await.expect("a view");
    assert_eq!(
        (bird.members.len(), bird.members[0].role()),
        (1, RoomRole::Owner)
    );
}

#[tokio::test]
async fn many_messages_take_many_steps_and_nothing_is_done_twice() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    for number in 0..1_100 {
        bob.says("#talk", &format!("m{number}"))
            .await
            .expect("sent");
    }
    let steps = world.erases(&bob).await;
    assert!(steps >= 5, "{steps} steps");
    let events = world.events(&room.room_id).await;
    let of = |kind| events.iter().filter(move |event| kind_of(event) == kind);
    assert_eq!(of(Kind::MessageDeleted).count(), 1_100);
    assert!(of(Kind::MessagePosted).all(|event| json(&event.data)["deleted"] == true));
    let alive = world
        .counts("room.message where not is_deleted or search <> ''")
        .await;
    assert_eq!(alive, 0);
    assert!(world.erases_once(&bob.id()).await.expect("done").is_done);
    assert_eq!(world.events(&room.room_id).await.len(), events.len());
}

#[tokio::test]
async fn the_other_one_keeps_a_direct_conversation() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bobolink").await);
    let opened = bob.opens_direct(&ada.id()).await.expect("opened");
    let room = opened.room.expect("a room").room_id;
    ada.says(&room, "of hers").await.expect("sent");
    bob.says(&room, "of his").await.expect("sent");
    world.erases(&bob).await;
    let direct = ada.opens_direct(&bob.id()).await.expect("opened");
    let direct = direct.room.expect("a room");
    assert_eq!(
        (direct.name.as_str(), &direct.peer_id, direct.members),
        ("deleted user", &bob.id(), 1)
    );
    let mine = ada.lists_own().await.remove(0).room.expect("a room");
    assert_eq!(mine.name, "deleted user");
    for stream in [room, ada.id()] {
        let text = text_of(&world, &stream).await;
        assert!(!text.contains("Bobolink"), "{text}");
    }
}

#[tokio::test]
async fn traces_of_being_put_out_go_too() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bobolink").await);
    let room = ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    ada.kicks("#talk", &bob.id()).await.expect("kicked");
    bob.joins("#talk").await.expect("joined");
    ada.bans("#talk", &bob.id()).await.expect("banned");
    world.erases(&bob).await;
    let text = text_of(&world, &room.room_id).await;
    assert!(!text.contains("Bobolink"), "{text}");
    assert_eq!(text.matches("deleted user").count(), 4, "{text}");
    let joining = bob.joins("#talk").await;
    assert_refused(joining, Code::Unauthenticated, Reason::TOKEN_INVALID);
    assert_field(world.erases_once("bob").await, "user");
}
