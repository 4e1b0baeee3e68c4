//! Frames about friends, blocks, settings, presence and notifications.

use proto::social::*;
use serde_json::json;

use crate::{
    relayed::Relayed,
    world::{KEY, World},
};

fn bob() -> Option<Person> {
    Some(Person {
        user_id: "u2".into(),
        name: "bob".into(),
    })
}

#[tokio::test]
async fn friends_are_asked_and_accepted() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    let user = json!({"id": "u2", "name": "bob"});
    for (state, name) in [
        (FriendState::Pending, "pending"),
        (FriendState::Friends, "friends"),
    ] {
        let request = Relayed {
            kind: "friend.request",
            data: json!({"user": "@bob", "note": "from tea"}),
            call: "social/RequestFriend",
            asks: RequestFriendRequest {
                user_id: "@bob".into(),
                note: "from tea".into(),
                key: KEY.into(),
            },
            answers: RequestFriendResponse {
                state: state.into(),
                user: bob(),
            },
            reply: json!({"state": name, "user": user}),
        };
        world.changes(&mut ada, request).await;
    }
    let accept = Relayed {
        kind: "friend.accept",
        data: json!({"user": "u2"}),
        call: "social/AcceptFriend",
        asks: AcceptFriendRequest {
            user_id: "u2".into(),
            key: KEY.into(),
        },
        answers: AcceptFriendResponse {
            state: FriendState::Friends.into(),
            user: bob(),
        },
        reply: json!({"state": "friends", "user": user}),
    };
    world.changes(&mut ada, accept).await;
}

#[tokio::test]
async fn requests_and_friendships_end() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    let data = json!({"user": "@bob"});
    let (user_id, key) = (|| "@bob".to_owned(), || KEY.to_owned());
    let decline = Relayed {
        kind: "friend.decline",
        data: data.clone(),
        call: "social/DeclineFriend",
        asks: DeclineFriendRequest {
            user_id: user_id(),
            key: key(),
        },
        answers: DeclineFriendResponse {},
        reply: json!({}),
    };
    world.changes(&mut ada, decline).await;
    let cancel = Relayed {
        kind: "friend.cancel",
        data: data.clone(),
        call: "social/CancelFriend",
        asks: CancelFriendRequest {
            user_id: user_id(),
            key: key(),
        },
        answers: CancelFriendResponse {},
        reply: json!({}),
    };
    world.changes(&mut ada, cancel).await;
    let remove = Relayed {
        kind: "friend.remove",
        data: data.clone(),
        call: "social/RemoveFriend",
        asks: RemoveFriendRequest {
            user_id: user_id(),
            key: key(),
        },
        answers: RemoveFriendResponse {},
        reply: json!({}),
    };
    world.changes(&mut ada, remove).await;
    for verb in ["request", "accept", "decline", "cancel", "remove"] {
        let kind = format!("friend.{verb}");
        world.needs(&mut ada, &kind, &data, &["user"]).await;
    }
}

#[tokio::test]
async fn friends_and_requests_are_listed() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    let pending = |note: &str| PendingRequest {
        user: bob(),
        note: note.into(),
        at_ms: 5,
    };
    let user = json!({"id": "u2", "name": "bob"});
    let list = Relayed {
        kind: "friend.list",
        data: json!({"page": "p", "limit": 2}),
        call: "social/ListFriends",
        asks: ListFriendsRequest {
            page: "p".into(),
            limit: 2,
        },
        answers: ListFriendsResponse {
            friends: vec![bob().expect("bob")],
            incoming: vec![pending("hi")],
            outgoing: vec![pending("")],
            next_page: "q".into(),
        },
        reply: json!({
            "friends": [user],
            "incoming": [{"user": user, "note": "hi", "at": 5}],
            "outgoing": [{"user": user, "note": "", "at": 5}],
            "next": "q",
        }),
    };
    world.asks(&mut ada, list).await;
}

#[tokio::test]
async fn blocks_come_and_go() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    let user = json!({"id": "u2", "name": "bob"});
    for (data, is_mutual) in [
        (json!({"user": "@bob", "mutual": true}), true),
        (json!({"user": "@bob"}), false),
    ] {
        let add = Relayed {
            kind: "block.add",
            data,
            call: "social/AddBlock",
            asks: AddBlockRequest {
                user_id: "@bob".into(),
                key: KEY.into(),
                is_mutual,
            },
            answers: AddBlockResponse { user: bob() },
            reply: json!({"user": user}),
        };
        world.changes(&mut ada, add).await;
    }
    let remove = Relayed {
        kind: "block.remove",
        data: json!({"user": "@bob"}),
        call: "social/RemoveBlock",
        asks: RemoveBlockRequest {
            user_id: "@bob".into(),
            key: KEY.into(),
        },
        answers: RemoveBlockResponse { user: bob() },
        reply: json!({"user": user}),
    };
    world.changes(&mut ada, remove).await;
    for kind in ["block.add", "block.remove"] {
        world.needs(&mut ada, kind, &json!({}), &["user"]).await;
    }
    let list = Relayed {
        kind: "block.list",
        data: json!({"page": "p", "limit": 2}),
        call: "social/ListBlocks",
        asks: ListBlocksRequest {
            page: "p".into(),
            limit: 2,
        },
        answers: ListBlocksResponse {
            blocks: vec![Block {
                user: bob(),
                is_mutual: true,
                at_ms: 5,
            }],
            next_page: String::new(),
        },
        reply: json!({"blocks": [{"user": user, "mutual": true, "at": 5}]}),
    };
    world.asks(&mut ada, list).await;
}

#[tokio::test]
async fn settings_and_presence_are_set() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    let settings = || {
        Some(Settings {
            direct_from: "shared".into(),
        })
    };
    let get = Relayed {
        kind: "settings.get",
        data: json!({}),
        call: "social/GetSettings",
        asks: GetSettingsRequest {},
        answers: GetSettingsResponse {
            settings: settings(),
        },
        reply: json!({"settings": {"directFrom": "shared"}}),
    };
    world.asks(&mut ada, get).await;
    for (data, direct_from) in [
        (json!({"directFrom": "shared"}), Some("shared".into())),
        (json!({}), None),
    ] {
        let update = Relayed {
            kind: "settings.update",
            data,
            call: "social/UpdateSettings",
            asks: UpdateSettingsRequest {
                direct_from,
                key: KEY.into(),
            },
            answers: UpdateSettingsResponse {
                settings: settings(),
            },
            reply: json!({"settings": {"directFrom": "shared"}}),
        };
        world.changes(&mut ada, update).await;
    }
    let data = json!({"status": "away", "text": "tea", "until": 99});
    let set = Relayed {
        kind: "presence.set",
        data: data.clone(),
        call: "social/SetPresence",
        asks: SetPresenceRequest {
            status: "away".into(),
            text: "tea".into(),
            until_ms: 99,
            key: KEY.into(),
        },
        answers: SetPresenceResponse {},
        reply: json!({}),
    };
    world.changes(&mut ada, set).await;
    world
        .needs(&mut ada, "presence.set", &data, &["status"])
        .await;
}

#[tokio::test]
async fn notifications_are_listed_and_read() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    let notification = |data: &'static [u8]| Notification {
        notification_id: "n1".into(),
        kind: "mention".into(),
        title: "bob".into(),
        body: "hi".into(),
        data: data.into(),
        at_ms: 5,
        is_read: true,
    };
    let view = |data| json!({"id": "n1", "kind": "mention", "title": "bob", "body": "hi", "data": data, "at": 5, "read": true});
    let list = Relayed {
        kind: "notify.list",
        data: json!({"page": "p", "limit": 2}),
        call: "social/ListNotifications",
        asks: ListNotificationsRequest {
            page: "p".into(),
            limit: 2,
        },
        answers: ListNotificationsResponse {
            notifications: vec![notification(br#"{"room":"r1"}"#), notification(b"")],
            next_page: "q".into(),
        },
        reply: json!({
            "notifications": [view(json!({"room": "r1"})), view(json!({}))],
            "next": "q",
        }),
    };
    world.asks(&mut ada, list).await;
    let read = Relayed {
        kind: "notify.read",
        data: json!({"ids": ["n1", "n2"]}),
        call: "social/ReadNotifications",
        asks: ReadNotificationsRequest {
            notification_ids: vec!["n1".into(), "n2".into()],
            key: KEY.into(),
        },
        answers: ReadNotificationsResponse { unread: 3 },
        reply: json!({"unread": 3}),
    };
    world.changes(&mut ada, read).await;
    world
        .needs(&mut ada, "notify.read", &json!({}), &["ids"])
        .await;
}
