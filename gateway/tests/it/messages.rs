//! Frames about messages, their threads, and how far they were read.

use proto::room::*;
use serde_json::{Value, json};

use crate::{
    relayed::Relayed,
    world::{KEY, World},
};

fn hello() -> Message {
    Message {
        message_id: "m1".into(),
        room_id: "r1".into(),
        seq: 4,
        at_ms: 9,
        author_id: "u2".into(),
        key: "k".into(),
        data: br#"{"key":"k","author":{"id":"u2","name":"bob"},"body":"hi","rev":1,"mentions":[]}"#
            .as_slice()
            .into(),
        reactions: vec![Reaction {
            emoji: "👍".into(),
            count: 2,
            is_own: true,
        }],
    }
}

fn hello_view() -> Value {
    json!({
        "message": "m1", "room": "r1", "seq": 4, "at": 9, "reactions": [{"emoji": "👍", "count": 2, "own": true}],
        "key": "k", "author": {"id": "u2", "name": "bob"}, "body": "hi", "rev": 1, "mentions": [],
    })
}

#[tokio::test]
async fn a_message_is_sent() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    let data = json!({"room": "#tea", "body": "hi", "replyTo": "m0", "thread": "t1"});
    let send = Relayed {
        kind: "message.send",
        data: data.clone(),
        call: "room/SendMessage",
        asks: SendMessageRequest {
            room: "#tea".into(),
            key: KEY.into(),
            body: "hi".into(),
            reply_to: "m0".into(),
            thread: "t1".into(),
        },
        answers: SendMessageResponse {
            message_id: "m1".into(),
            seq: 4,
            at_ms: 9,
            is_duplicate: true,
            room_id: "r1".into(),
        },
        reply: json!({"message": "m1", "room": "r1", "seq": 4, "at": 9, "duplicate": true}),
    };
    world.changes(&mut ada, send).await;
    world
        .needs(&mut ada, "message.send", &data, &["room", "body"])
        .await;
}

#[tokio::test]
async fn a_message_is_edited() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    let data = json!({"room": "r1", "message": "m1", "body": "ho", "rev": 1});
    let edit = Relayed {
        kind: "message.edit",
        data: data.clone(),
        call: "room/EditMessage",
        asks: EditMessageRequest {
            room: "r1".into(),
            message_id: "m1".into(),
            body: "ho".into(),
            rev: 1,
            key: KEY.into(),
        },
        answers: EditMessageResponse {
            rev: 2,
            at_ms: 10,
            seq: 5,
            is_duplicate: false,
        },
        reply: json!({"rev": 2, "at": 10, "seq": 5}),
    };
    world.changes(&mut ada, edit).await;
    world
        .needs(
            &mut ada,
            "message.edit",
            &data,
            &["room", "message", "body", "rev"],
        )
        .await;
}

#[tokio::test]
async fn a_message_is_deleted() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    for (name, scope) in [("everyone", DeleteScope::Everyone), ("me", DeleteScope::Me)] {
        let delete = Relayed {
            kind: "message.delete",
            data: json!({"room": "r1", "message": "m1", "scope": name}),
            call: "room/DeleteMessage",
            asks: DeleteMessageRequest {
                room: "r1".into(),
                message_id: "m1".into(),
                scope: scope.into(),
                key: KEY.into(),
            },
            answers: DeleteMessageResponse { seq: 6 },
            reply: json!({"seq": 6}),
        };
        world.changes(&mut ada, delete).await;
    }
    let data = json!({"room": "r1", "message": "m1", "scope": "all"});
    let refused = ada.request("message.delete", Some(KEY), &data).await;
    assert_eq!(
        refused["error"]["fields"],
        json!({"scope": "must be everyone or me"})
    );
}

#[tokio::test]
async fn reactions_and_pins_come_and_go() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    for (kind, is_on) in [("reaction.add", true), ("reaction.remove", false)] {
        let data = json!({"room": "r1", "message": "m1", "emoji": "👍"});
        let react = Relayed {
            kind,
            data: data.clone(),
            call: "room/SetReaction",
            asks: SetReactionRequest {
                room: "r1".into(),
                message_id: "m1".into(),
                emoji: "👍".into(),
                is_on,
                key: KEY.into(),
            },
            answers: SetReactionResponse { count: 3, seq: 8 },
            reply: json!({"count": 3}),
        };
        world.changes(&mut ada, react).await;
        world
            .needs(&mut ada, kind, &data, &["room", "message", "emoji"])
            .await;
    }
    for (kind, is_pinned) in [("message.pin", true), ("message.unpin", false)] {
        let pin = Relayed {
            kind,
            data: json!({"room": "r1", "message": "m1"}),
            call: "room/PinMessage",
            asks: PinMessageRequest {
                room: "r1".into(),
                message_id: "m1".into(),
                is_pinned,
                key: KEY.into(),
            },
            answers: PinMessageResponse {},
            reply: json!({}),
        };
        world.changes(&mut ada, pin).await;
    }
}

#[tokio::test]
async fn messages_are_read_one_by_one_and_by_pages() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    let get = Relayed {
        kind: "message.get",
        data: json!({"message": "m1"}),
        call: "room/GetMessage",
        asks: GetMessageRequest {
            message_id: "m1".into(),
        },
        answers: GetMessageResponse {
            message: Some(hello()),
        },
        reply: json!({"message": hello_view()}),
    };
    world.asks(&mut ada, get).await;
    let page = Relayed {
        kind: "history.get",
        data: json!({"room": "r1", "before": 9, "limit": 7, "thread": "t1"}),
        call: "room/ListMessages",
        asks: ListMessagesRequest {
            room: "r1".into(),
            before: 9,
            after: 0,
            around: 0,
            at: 0,
            limit: 7,
            thread: "t1".into(),
        },
        answers: ListMessagesResponse {
            messages: vec![hello()],
            has_more: true,
        },
        reply: json!({"messages": [hello_view()], "more": true}),
    };
    world.asks(&mut ada, page).await;
}

#[tokio::test]
async fn messages_are_found_among_the_pins_and_by_words() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    let pins = Relayed {
        kind: "message.pins",
        data: json!({"room": "r1"}),
        call: "room/ListPins",
        asks: ListPinsRequest { room: "r1".into() },
        answers: ListPinsResponse {
            messages: vec![hello()],
        },
        reply: json!({"messages": [hello_view()]}),
    };
    world.asks(&mut ada, pins).await;
    let search = Relayed {
        kind: "message.search",
        data: json!({"query": "\"hi\" -ho", "room": "#tea", "page": "p", "limit": 3}),
        call: "room/SearchMessages",
        asks: SearchMessagesRequest {
            query: "\"hi\" -ho".into(),
            room: "#tea".into(),
            page: "p".into(),
            limit: 3,
        },
        answers: SearchMessagesResponse {
            messages: vec![hello()],
            next_page: "q".into(),
        },
        reply: json!({"messages": [hello_view()], "next": "q"}),
    };
    world.asks(&mut ada, search).await;
    world
        .needs(&mut ada, "message.search", &json!({}), &["query"])
        .await;
}

#[tokio::test]
async fn threads_are_opened_and_listed() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    let thread = |root: &str| Thread {
        thread_id: "t1".into(),
        room_id: "r1".into(),
        title: "plans".into(),
        root_message_id: root.into(),
        created_by: "u1".into(),
        created_at_ms: 5,
        messages: 3,
        last_seq: 8,
        unread: 2,
        read: 6,
    };
    let mut view = json!({
        "id": "t1", "room": "r1", "title": "plans", "by": "u1", "createdAt": 5, "messages": 3, "lastSeq": 8,
        "read": 6, "unread": 2,
    });
    let create = Relayed {
        kind: "thread.create",
        data: json!({"room": "r1", "title": "plans"}),
        call: "room/CreateThread",
        asks: CreateThreadRequest {
            room: "r1".into(),
            title: "plans".into(),
            key: KEY.into(),
        },
        answers: CreateThreadResponse {
            thread: Some(thread("")),
            is_duplicate: true,
        },
        reply: json!({"thread": view, "duplicate": true}),
    };
    world.changes(&mut ada, create).await;
    view["root"] = "m1".into();
    let list = Relayed {
        kind: "thread.list",
        data: json!({"room": "r1", "page": "p", "limit": 3}),
        call: "room/ListThreads",
        asks: ListThreadsRequest {
            room: "r1".into(),
            page: "p".into(),
            limit: 3,
        },
        answers: ListThreadsResponse {
            threads: vec![thread("m1")],
            next_page: String::new(),
        },
        reply: json!({"threads": [view]}),
    };
    world.asks(&mut ada, list).await;
}

#[tokio::test]
async fn reading_is_marked_and_shown() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    let data = json!({"room": "r1", "seq": 7, "thread": "t1"});
    let mark = Relayed {
        kind: "read.mark",
        data: data.clone(),
        call: "room/MarkRead",
        asks: MarkReadRequest {
            room: "r1".into(),
            thread: "t1".into(),
            seq: 7,
            key: KEY.into(),
        },
        answers: MarkReadResponse {
            counter: Some(Counter {
                read: 7,
                unread: 2,
                mentions: 1,
                head: 9,
            }),
            is_told: true,
        },
        reply: json!({"read": 7, "unread": 2, "mentions": 1, "head": 9}),
    };
    world.changes(&mut ada, mark).await;
    world
        .needs(&mut ada, "read.mark", &data, &["room", "seq"])
        .await;
    let list = Relayed {
        kind: "read.list",
        data: json!({"room": "r1"}),
        call: "room/ListReceipts",
        asks: ListReceiptsRequest { room: "r1".into() },
        answers: ListReceiptsResponse {
            receipts: vec![Receipt {
                user_id: "u2".into(),
                delivered: 9,
                read: 7,
            }],
        },
        reply: json!({"receipts": [{"user": "u2", "delivered": 9, "read": 7}]}),
    };
    world.asks(&mut ada, list).await;
}
