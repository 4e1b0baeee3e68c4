//! Routes of REST under all their names, the calls they become, and what is refused.

use proto::{auth::*, moderation::*, reason::Reason, room::*, social::*};
use serde_json::{Value, json};
use tonic::{Code, Status};

use crate::{
    relayed::Routed,
    world::{KEY, World},
};

fn bob() -> Option<Person> {
    Some(Person {
        user_id: "u2".into(),
        name: "bob".into(),
    })
}

#[tokio::test]
async fn people_are_added_and_removed() {
    let world = World::busy().await;
    let request = |state: FriendState, name: &str| Routed {
        routes: &["POST /v1/users/add", "POST /users/add"],
        body: Some(json!({"user": "@bob", "note": "hi", "new": 1})),
        call: "social/RequestFriend",
        asks: RequestFriendRequest {
            user_id: "@bob".into(),
            note: "hi".into(),
            key: KEY.into(),
        },
        answers: RequestFriendResponse {
            state: state.into(),
            user: bob(),
        },
        reply: (200, json!({"state": name})),
    };
    world.routes(request(FriendState::Pending, "pending")).await;
    world.routes(request(FriendState::Friends, "friends")).await;
    let already = rpc::status(
        Code::AlreadyExists,
        Reason::ALREADY_FRIENDS,
        "you are friends",
    );
    world.script.refuses("social/RequestFriend", already);
    let body = json!({"user": "@bob"});
    let again = world.http("ada", "POST /users/add", Some(&body)).await;
    assert_eq!(
        (again.status, again.json()),
        (200, json!({"state": "friends"}))
    );
    let remove = Routed {
        routes: &["POST /v1/users/remove", "POST /users/remove"],
        body: Some(json!({"user": "@bob"})),
        call: "social/RemoveFriend",
        asks: RemoveFriendRequest {
            user_id: "@bob".into(),
            key: KEY.into(),
        },
        answers: RemoveFriendResponse {},
        reply: (200, json!({"state": "none"})),
    };
    world.routes(remove).await;
}

#[tokio::test]
async fn people_are_blocked_and_unblocked() {
    let world = World::busy().await;
    let block = Routed {
        routes: &["POST /v1/users/block", "POST /users/block"],
        body: Some(json!({"user": "@bob", "mutual": true})),
        call: "social/AddBlock",
        asks: AddBlockRequest {
            user_id: "@bob".into(),
            key: KEY.into(),
            is_mutual: true,
        },
        answers: AddBlockResponse { user: bob() },
        reply: (200, json!({"state": "blocked"})),
    };
    world.routes(block).await;
    let unblock = Routed {
        routes: &["POST /v1/users/unblock", "POST /users/unblock"],
        body: Some(json!({"user": "@bob"})),
        call: "social/RemoveBlock",
        asks: RemoveBlockRequest {
            user_id: "@bob".into(),
            key: KEY.into(),
        },
        answers: RemoveBlockResponse { user: bob() },
        reply: (200, json!({"state": "none"})),
    };
    world.routes(unblock).await;
    for route in ["add", "remove", "block", "unblock"] {
        let route = format!("POST /users/{route}");
        let refused = world.http("ada", &route, Some(&json!({}))).await;
        assert_eq!(refused.status, 422, "{route}");
        assert_eq!(
            refused.json()["fields"],
            json!({"user": "is needed"}),
            "{route}"
        );
    }
}

#[tokio::test]
async fn friends_are_listed() {
    let world = World::busy().await;
    let user = json!({"id": "u2", "name": "bob"});
    let friends = Routed {
        routes: &[
            "GET /v1/users/friends?page=p&limit=2",
            "GET /users/friends?page=p&limit=2",
        ],
        body: None,
        call: "social/ListFriends",
        asks: ListFriendsRequest {
            page: "p".into(),
            limit: 2,
        },
        answers: ListFriendsResponse {
            friends: vec![bob().expect("bob")],
            incoming: vec![PendingRequest {
                user: bob(),
                note: "hi".into(),
                at_ms: 5,
            }],
            outgoing: Vec::new(),
            next_page: "q".into(),
        },
        reply: (
            200,
            json!({
                "friends": [user], "incoming": [{"user": user, "note": "hi", "at": 5}], "outgoing": [], "next": "q",
            }),
        ),
    };
    world.routes(friends).await;
}

#[tokio::test]
async fn blocks_are_listed() {
    let world = World::busy().await;
    let user = json!({"id": "u2", "name": "bob"});
    let blocks = Routed {
        routes: &["GET /v1/users/blocks", "GET /users/blocks"],
        body: None,
        call: "social/ListBlocks",
        asks: ListBlocksRequest::default(),
        answers: ListBlocksResponse {
            blocks: vec![Block {
                user: bob(),
                is_mutual: false,
                at_ms: 5,
            }],
            next_page: String::new(),
        },
        reply: (
            200,
            json!({"blocks": [{"user": user, "mutual": false, "at": 5}]}),
        ),
    };
    world.routes(blocks).await;
}

#[tokio::test]
async fn notifications_are_listed() {
    let world = World::busy().await;
    let notifications = Routed {
        routes: &["GET /v1/notifications?page=p&limit=2"],
        body: None,
        call: "social/ListNotifications",
        asks: ListNotificationsRequest {
            page: "p".into(),
            limit: 2,
        },
        answers: ListNotificationsResponse {
            notifications: vec![Notification {
                notification_id: "n1".into(),
                kind: "mention".into(),
                title: "bob".into(),
                body: "hi".into(),
                data: br#"{"room":"r1"}"#.as_slice().into(),
                at_ms: 5,
                is_read: false,
            }],
            next_page: "q".into(),
        },
        reply: (
            200,
            json!({
                "notifications": [{
                    "id": "n1", "kind": "mention", "title": "bob", "body": "hi", "data": {"room": "r1"}, "at": 5,
                    "read": false,
                }],
                "next": "q",
            }),
        ),
    };
    world.routes(notifications).await;
}

#[tokio::test]
async fn accounts_and_ranges_are_banned() {
    let world = World::busy().await;
    let ban = Routed {
        routes: &["POST /v1/users/ban", "POST /users/ban"],
        body: Some(
            json!({"cidr": "203.0.113.7/24", "reason": "spam", "until": 99, "mode": "shadow"}),
        ),
        call: "moderation/CreateBan",
        asks: CreateBanRequest {
            user_id: String::new(),
            cidr: "203.0.113.7/24".into(),
            reason: "spam".into(),
            until_ms: 99,
            mode: BanMode::Shadow.into(),
            key: KEY.into(),
        },
        answers: CreateBanResponse {
            ban: Some(Ban {
                ban_id: "b1".into(),
                cidr: "203.0.113.0/24".into(),
                reason: "spam".into(),
                mode: BanMode::Shadow.into(),
                until_ms: 99,
                ..Ban::default()
            }),
            hit_users: 4,
            is_duplicate: false,
        },
        reply: (
            200,
            json!({
                "ban": {"id": "b1", "cidr": "203.0.113.0/24", "reason": "spam", "mode": "shadow", "until": 99},
                "hit": {"users": 4},
            }),
        ),
    };
    world.routes(ban).await;
    let unban = Routed {
        routes: &["POST /v1/users/unban", "POST /users/unban"],
        body: Some(json!({"user": "@bob"})),
        call: "moderation/LiftBan",
        asks: LiftBanRequest {
            ban_id: String::new(),
            user_id: "@bob".into(),
            cidr: String::new(),
            key: KEY.into(),
        },
        answers: LiftBanResponse { lifted: 1 },
        reply: (200, json!({"lifted": 1})),
    };
    world.routes(unban).await;
    let body = json!({"user": "@bob", "mode": "loud", "until": "soon"});
    let refused = world.http("ada", "POST /users/ban", Some(&body)).await;
    assert_eq!(
        refused.json()["fields"],
        json!({
            "mode": "must be enforce or shadow", "until": "must be a whole number", "reason": "is needed",
        })
    );
}

#[tokio::test]
async fn codes_are_made_and_listed() {
    let world = World::busy().await;
    let invite = || Invite {
        code: "abc".into(),
        room_id: "r1".into(),
        room_name: "tea".into(),
        created_by: "u1".into(),
        expires_at_ms: 9,
        max_uses: 5,
        uses: 1,
    };
    let view = json!({"code": "abc", "room": "r1", "name": "tea", "expiresAt": 9, "maxUses": 5, "uses": 1});
    let create = Routed {
        routes: &["POST /v1/rooms/%23tea/invites"],
        body: Some(json!({"validSeconds": 60, "maxUses": 5})),
        call: "room/CreateInvite",
        asks: CreateInviteRequest {
            room: "#tea".into(),
            valid_seconds: 60,
            max_uses: 5,
            key: KEY.into(),
        },
        answers: CreateInviteResponse {
            invite: Some(invite()),
        },
        reply: (201, json!({"invite": view})),
    };
    world.routes(create).await;
    let list = Routed {
        routes: &["GET /v1/rooms/r1/invites"],
        body: None,
        call: "room/ListInvites",
        asks: ListInvitesRequest { room: "r1".into() },
        answers: ListInvitesResponse {
            invites: vec![invite()],
        },
        reply: (200, json!({"invites": [view]})),
    };
    world.routes(list).await;
}

#[tokio::test]
async fn a_code_lets_people_into_a_room() {
    let world = World::busy().await;
    let accept = Routed {
        routes: &["POST /v1/invites/abc/accept"],
        body: None,
        call: "room/AcceptInvite",
        asks: AcceptInviteRequest {
            code: "abc".into(),
            key: KEY.into(),
        },
        answers: AcceptInviteResponse {
            joined: Some(JoinRoomResponse {
                room: Some(Room {
                    room_id: "r1".into(),
                    name: "tea".into(),
                    kind: "private".into(),
                    is_joined: true,
                    ..Room::default()
                }),
                head: 3,
                ..JoinRoomResponse::default()
            }),
        },
        reply: (
            200,
            json!({
                "room": {
                    "id": "r1", "name": "tea", "kind": "private", "topic": "", "members": 0, "joined": true,
                    "createdAt": 0, "slowModeMs": 0,
                },
                "head": 3,
            }),
        ),
    };
    world.routes(accept).await;
}

#[tokio::test]
async fn messages_are_listed_by_thread_and_found_by_words() {
    let world = World::busy().await;
    let message = || Message {
        message_id: "m1".into(),
        room_id: "r1".into(),
        seq: 4,
        at_ms: 9,
        data: br#"{"body":"hi"}"#.as_slice().into(),
        reactions: vec![Reaction {
            emoji: "👍".into(),
            count: 2,
            is_own: false,
        }],
        ..Message::default()
    };
    let view = json!({
        "message": "m1", "room": "r1", "seq": 4, "at": 9, "body": "hi",
        "reactions": [{"emoji": "👍", "count": 2, "own": false}],
    });
    let list = Routed {
        routes: &["GET /v1/rooms/r1/messages?after=2&limit=3&thread=t1"],
        body: None,
        call: "room/ListMessages",
        asks: ListMessagesRequest {
            room: "r1".into(),
            after: 2,
            limit: 3,
            thread: "t1".into(),
            ..ListMessagesRequest::default()
        },
        answers: ListMessagesResponse {
            messages: vec![message()],
            has_more: true,
        },
        reply: (200, json!({"messages": [view], "more": true})),
    };
    world.routes(list).await;
    let search = Routed {
        routes: &["GET /v1/search?query=hi%20-ho&room=%23tea&page=p&limit=3"],
        body: None,
        call: "room/SearchMessages",
        asks: SearchMessagesRequest {
            query: "hi -ho".into(),
            room: "#tea".into(),
            page: "p".into(),
            limit: 3,
        },
        answers: SearchMessagesResponse {
            messages: vec![message()],
            next_page: "q".into(),
        },
        reply: (200, json!({"messages": [view], "next": "q"})),
    };
    world.routes(search).await;
    let refused = world.http("ada", "GET /v1/search", None).await;
    assert_eq!(refused.status, 422);
}

#[tokio::test]
async fn an_account_is_renamed_hidden_and_erased() {
    let world = World::busy().await;
    let password = || "correct horse".to_owned();
    let rename = Routed {
        routes: &["POST /v1/account/rename"],
        body: Some(json!({"name": "ada_l", "password": password()})),
        call: "auth/ChangeName",
        asks: ChangeNameRequest {
            name: "ada_l".into(),
            password: password(),
        },
        answers: ChangeNameResponse {
            user: Some(User {
                user_id: "u1".into(),
                name: "ada_l".into(),
                role: Role::User.into(),
            }),
        },
        reply: (
            200,
            json!({"user": {"id": "u1", "name": "ada_l", "role": "USER"}}),
        ),
    };
    world.routes(rename).await;
    for (route, call) in [
        ("POST /v1/account/deactivate", "auth/DeactivateAccount"),
        ("POST /v1/account/erase", "auth/EraseAccount"),
    ] {
        let body = json!({"password": password()});
        let wrong = Reason::CREDENTIALS_INVALID;
        let refusal = rpc::status(Code::Unauthenticated, wrong, "wrong password");
        world.script.refuses(call, refusal);
        let refused = world.http("ada", route, Some(&body)).await;
        assert_eq!(refused.status, 401, "{route}");
        assert!(!refused.headers.contains_key("set-cookie"), "{route}");
        // The two messages have the same shape.
        world.script.answers(call, &EraseAccountResponse {});
        let done = world.http("ada", route, Some(&body)).await;
        assert_eq!(done.status, 204, "{route}");
        let cookie = done.headers["set-cookie"].to_str().expect("text");
        assert!(
            cookie.starts_with("__Host-sid=; Max-Age=0"),
            "{route}: {cookie}"
        );
        let asked = world.script.asked::<EraseAccountRequest>(call);
        assert_eq!(asked[1].1.password, password(), "{route}");
        let bare = world.http("ada", route, Some(&json!({}))).await;
        assert_eq!(
            bare.json()["fields"],
            json!({"password": "is needed"}),
            "{route}"
        );
    }
}

#[tokio::test]
async fn the_account_counts_friends_and_blocks() {
    let world = World::start().await;
    let relations = CountRelationsResponse {
        friends: 3,
        blocked: 2,
        unread_notifications: 1,
    };
    world.script.answers("social/CountRelations", &relations);
    for route in ["GET /v1/account", "GET /account"] {
        let account = world.http("ada", route, None).await.json();
        assert_eq!(
            (
                &account["friends"],
                &account["blocked"],
                &account["user"]["name"]
            ),
            (&json!(3), &json!(2), &json!("ada"))
        );
    }
    let reason = Reason::UPSTREAM_UNAVAILABLE;
    let away = rpc::status(Code::Unavailable, reason, "no service answers");
    world.script.refuses("social/CountRelations", away);
    let refused = world.http("ada", "GET /account", None).await;
    assert_eq!(refused.status, 503);
    assert_eq!(refused.json()["reason"], "UPSTREAM_UNAVAILABLE");
}

#[tokio::test]
async fn every_refusal_has_its_status() {
    let world = World::busy().await;
    let body = json!({"username": "ada", "password": "correct horse"});
    let refused = async |code: Code, reason: Reason| -> (u16, Value) {
        let refusal = rpc::status(code, reason, "no");
        world.script.refuses("auth/LogIn", refusal);
        let answer = world.http("", "POST /login", Some(&body)).await;
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        (answer.status, answer.json()["reason"].clone())
    };
    for (code, reason, status) in [
        (Code::PermissionDenied, Reason::BANNED, 403),
        (Code::PermissionDenied, Reason::ROOM_MUTED, 403),
        (Code::PermissionDenied, Reason::RECIPIENT_UNAVAILABLE, 403),
        (Code::NotFound, Reason::MESSAGE_NOT_FOUND, 404),
        (Code::NotFound, Reason::REQUEST_NOT_FOUND, 404),
        (Code::NotFound, Reason::INVITE_INVALID, 404),
        (Code::NotFound, Reason::REPORT_NOT_FOUND, 404),
        (Code::AlreadyExists, Reason::ALREADY_FRIENDS, 409),
        (Code::NotFound, Reason::CONNECTION_GONE, 410),
        (Code::InvalidArgument, Reason::WORD_REFUSED, 422),
        (Code::InvalidArgument, Reason::RANGE_REFUSED, 422),
        (Code::ResourceExhausted, Reason::SLOW_MODE, 429),
        (Code::ResourceExhausted, Reason::QUOTA, 429),
    ] {
        assert_eq!(
            refused(code, reason).await,
            (status, json!(reason.as_str())),
            "{reason:?}"
        );
    }
    let slow = rpc::retry_later(
        Code::ResourceExhausted,
        Reason::SLOW_MODE,
        "slow",
        std::time::Duration::from_millis(1_500),
    );
    world.script.refuses("auth/LogIn", slow);
    let answer = world.http("", "POST /login", Some(&body)).await;
    assert_eq!(answer.headers["retry-after"], "2");
    world
        .script
        .refuses("auth/LogIn", Status::internal("10.0.0.7"));
    let answer = world.http("", "POST /login", Some(&body)).await;
    assert_eq!(answer.status, 500);
    assert!(!answer.json().to_string().contains("10.0.0.7"));
}

#[tokio::test]
async fn the_session_s_secret_goes_into_a_cookie_or_into_the_answer_never_into_both() {
    let world = World::busy().await;
    let grant = || Grant {
        user: Some(User {
            user_id: "u1".into(),
            name: "ada".into(),
            role: Role::User.into(),
        }),
        access_token: "jwt".into(),
        session_token: "hs_secret".into(),
        session_id: "s1".into(),
        session_expires_at_ms: i64::MAX / 2,
        ..Grant::default()
    };
    for (route, call, status) in [
        ("POST /v1/signup", "auth/SignUp", 201),
        ("POST /v1/login", "auth/LogIn", 200),
    ] {
        // The two messages have the same shape.
        world.script.answers(
            call,
            &LogInResponse {
                grant: Some(grant()),
            },
        );
        let mut body = json!({"username": "ada", "password": "correct horse"});
        let kept = world.http("", route, Some(&body)).await;
        assert_eq!(kept.status, status, "{route}");
        assert!(
            kept.headers["set-cookie"]
                .to_str()
                .expect("text")
                .contains("hs_secret")
        );
        assert!(kept.json().get("sessionToken").is_none(), "{route}");
        body["credential"] = json!("token");
        let told = world.http("", route, Some(&body)).await;
        assert!(!told.headers.contains_key("set-cookie"), "{route}");
        assert_eq!(told.json()["sessionToken"], "hs_secret", "{route}");
        assert_eq!(told.json()["session"], "s1", "{route}");
        body["credential"] = json!("both");
        let refused = world.http("", route, Some(&body)).await;
        assert_eq!(
            refused.json()["fields"],
            json!({"credential": "must be cookie or token"}),
            "{route}"
        );
    }
}
