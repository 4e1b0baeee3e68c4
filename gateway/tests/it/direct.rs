//! Direct conversations: opened, written to in order, and followed like any other room.

use proto::{id::RoomId, room::*};
use serde_json::json;
use tonic::{Code, Status};

use crate::{
    rooms::hears_the_next,
    world::{KEY, World},
};

fn opened(room: RoomId, head: i64) -> OpenDirectResponse {
    OpenDirectResponse {
        room: Some(Room {
            room_id: room.to_string(),
            name: "bob".into(),
            kind: "direct".into(),
            peer_id: "u2".into(),
            is_joined: true,
            ..Room::default()
        }),
        head,
        head_id: "e2".into(),
        counter: Some(Counter {
            read: 1,
            unread: 1,
            mentions: 0,
            head,
        }),
    }
}

#[tokio::test]
async fn a_conversation_is_opened_and_followed() {
    let world = World::start().await;
    let mut ada = world.connect("ada").await;
    let room = world.services.room("bob").await;
    world.script.answers("room/OpenDirect", &opened(room, 2));
    let keyless = ada.request("dm.open", None, &json!({"user": "@bob"})).await;
    assert_eq!(keyless["error"]["fields"], json!({"key": "is needed"}));
    let reply = ada
        .request("dm.open", Some(KEY), &json!({"user": "@bob"}))
        .await;
    assert_eq!(
        reply["data"],
        json!({
            "room": {
                "id": room, "name": "bob", "kind": "direct", "topic": "", "members": 0, "joined": true,
                "createdAt": 0, "slowModeMs": 0, "peer": "u2",
            },
            "head": 2, "cursor": "e2", "counter": {"read": 1, "unread": 1, "mentions": 0, "head": 2},
        })
    );
    let asked = world.script.asked::<OpenDirectRequest>("room/OpenDirect");
    let expected = OpenDirectRequest {
        user_id: "@bob".into(),
        key: KEY.into(),
    };
    assert_eq!(asked, [("ada".to_owned(), expected)]);
    hears_the_next(&world, &mut ada, room).await;
    // A person's name is no room's name.
    let sync = json!({"room": "#bob", "after": 0});
    let named = ada.request("history.sync", None, &sync).await;
    assert_eq!(named["error"]["reason"], "NOT_A_MEMBER");
}

#[tokio::test]
async fn a_message_to_a_person_opens_the_conversation_first() {
    let world = World::start().await;
    let mut ada = world.connect("ada").await;
    let room = world.services.room("bob").await;
    world.script.answers("room/OpenDirect", &opened(room, 2));
    let answer = |is_duplicate| SendMessageResponse {
        message_id: "m1".into(),
        seq: 3,
        at_ms: 9,
        is_duplicate,
        room_id: room.to_string(),
    };
    world.script.answers("room/SendMessage", &answer(false));
    world.services.post(room, "hi").await;
    let data = json!({"to": "@bob", "body": "hi", "thread": "t1", "replyTo": "m0"});
    let sent = ada.request("dm.send", Some(KEY), &data).await;
    let mut reply = json!({"message": "m1", "room": room, "seq": 3, "at": 9});
    assert_eq!(sent["data"], reply);
    let [(_, open)] = &world.script.asked::<OpenDirectRequest>("room/OpenDirect")[..] else {
        panic!("one call")
    };
    assert_eq!(open.user_id, "@bob");
    assert_ne!(open.key, KEY, "one key stands for one change");
    let expected = SendMessageRequest {
        room: room.to_string(),
        key: KEY.into(),
        body: "hi".into(),
        reply_to: "m0".into(),
        thread: "t1".into(),
    };
    let asked = world.script.asked::<SendMessageRequest>("room/SendMessage");
    assert_eq!(asked, [("ada".to_owned(), expected)]);
    // The feed said nothing: its author hears the message itself, and everything after, because of the answer.
    hears_the_next(&world, &mut ada, room).await;
    assert_eq!(ada.events(&room.to_string()), [(3, 2), (4, 3)]);
    world.script.answers("room/SendMessage", &answer(true));
    let again = ada.request("dm.send", Some(KEY), &data).await;
    reply["duplicate"] = true.into();
    assert_eq!(again["data"], reply);
    let [(_, repeated)] = &world.script.asked::<OpenDirectRequest>("room/OpenDirect")[..] else {
        panic!("one call")
    };
    assert_eq!(repeated.key, open.key, "a repeat is a repeat of both");
    for field in ["to", "body"] {
        let mut data = data.clone();
        data.as_object_mut().expect("an object").remove(field);
        let refused = ada.request("dm.send", Some("other"), &data).await;
        assert_eq!(refused["error"]["fields"], json!({field: "is needed"}));
    }
}

#[tokio::test]
async fn who_cannot_be_written_to_is_not_written_to() {
    let world = World::start().await;
    let mut ada = world.connect("ada").await;
    let reason = proto::reason::Reason::RECIPIENT_UNAVAILABLE;
    let refusal = rpc::status(Code::PermissionDenied, reason, "no");
    world.script.refuses("room/OpenDirect", refusal);
    let data = json!({"to": "@eve", "body": "hi", "user": "@eve"});
    for kind in ["dm.open", "dm.send", "new_direct_message"] {
        let refused = ada.request(kind, Some(KEY), &data).await;
        assert_eq!(
            refused["error"]["reason"], "RECIPIENT_UNAVAILABLE",
            "{kind}"
        );
    }
    assert!(
        world
            .script
            .asked::<SendMessageRequest>("room/SendMessage")
            .is_empty()
    );
}

#[tokio::test]
async fn messages_to_one_person_keep_their_order() {
    let world = World::start().await;
    let mut ada = world.connect("ada").await;
    let room = world.services.room("ada").await;
    // The first opening is slow to be known: its answer is lost twice.
    let lost = || Err(Status::unknown("the answer is lost"));
    let found = prost::Message::encode_to_vec(&opened(room, 2));
    world
        .script
        .replies("room/OpenDirect", [lost(), lost(), Ok(found.into())]);
    let mut last = String::new();
    for body in ["a", "b", "c"] {
        let data = json!({"to": "@bob", "body": body});
        last = ada.post("dm.send", Some(body), &data).await;
    }
    ada.wait(|frame| frame["id"] == last.as_str()).await;
    let asked = world.script.asked::<SendMessageRequest>("room/SendMessage");
    let bodies: Vec<_> = asked.iter().map(|(_, sent)| sent.body.as_str()).collect();
    assert_eq!(bodies, ["a", "b", "c"]);
}

#[tokio::test]
async fn the_names_of_other_clients_work_too() {
    let world = World::start().await;
    let room = world.services.room("eve").await;
    let mut ada = world.connect("ada").await;
    let said = ada.request("connection", None, &json!({})).await;
    assert_eq!((&said["type"], &said["data"]), (&json!("ok"), &json!({})));
    let joined = ada.request("join_room", Some("j"), &json!(room)).await;
    assert_eq!(joined["data"]["room"]["id"], json!(room));
    let data = json!({"room": room, "body": "hi", "key": "inside"});
    let sent = ada.request("new_chat_message", None, &data).await;
    assert_eq!(sent["data"]["room"], json!(room));
    let [(_, asked)] = &world.script.asked::<SendMessageRequest>("room/SendMessage")[..] else {
        panic!("one call")
    };
    assert_eq!(asked.key, "inside");
    world.script.answers("room/OpenDirect", &opened(room, 4));
    let data = json!({"to": "@eve", "body": "ho"});
    let keyless = ada.request("new_direct_message", None, &data).await;
    assert_eq!(keyless["error"]["fields"], json!({"key": "is needed"}));
    let direct = ada.request("new_direct_message", Some("d"), &data).await;
    assert_eq!(direct["data"]["room"], json!(room));
    let left = ada.request("leave_room", Some("l"), &json!(room)).await;
    assert_eq!(left["type"], "ok");
    let [(_, left)] = &world.script.asked::<LeaveRoomRequest>("room/LeaveRoom")[..] else {
        panic!("one call")
    };
    assert_eq!(left.room, room.to_string());
}
