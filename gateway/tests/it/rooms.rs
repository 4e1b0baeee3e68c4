//! Frames about rooms, their members and the codes that let people in.

use proto::{
    auth::{GetUserRequest, GetUserResponse, User, get_user_request::By},
    id::RoomId,
    room::*,
};
use serde_json::{Value, json};

use crate::{
    relayed::Relayed,
    world::{KEY, World},
};

fn tea() -> Room {
    Room {
        room_id: "r1".into(),
        name: "tea".into(),
        kind: "private".into(),
        topic: "leaves".into(),
        members: 3,
        is_joined: true,
        created_at_ms: 7,
        slow_mode_ms: 500,
        peer_id: String::new(),
    }
}

fn tea_view() -> Value {
    json!({
        "id": "r1", "name": "tea", "kind": "private", "topic": "leaves", "members": 3, "joined": true,
        "createdAt": 7, "slowModeMs": 500,
    })
}

#[tokio::test]
async fn a_room_is_changed_and_deleted() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    let key = || KEY.to_owned();
    let update = Relayed {
        kind: "room.update",
        data: json!({"room": "#tea", "name": "tee", "topic": "", "slowModeMs": 500, "new": 1}),
        call: "room/UpdateRoom",
        asks: UpdateRoomRequest {
            room: "#tea".into(),
            name: Some("tee".into()),
            topic: Some(String::new()),
            slow_mode_ms: Some(500),
            key: key(),
        },
        answers: UpdateRoomResponse { room: Some(tea()) },
        reply: json!({"room": tea_view()}),
    };
    world.changes(&mut ada, update).await;
    world.script.asked::<UpdateRoomRequest>("room/UpdateRoom");
    ada.request(
        "room.update",
        Some(KEY),
        &json!({"room": "r1", "topic": "x"}),
    )
    .await;
    let asked = world.script.asked::<UpdateRoomRequest>("room/UpdateRoom");
    let (_, asked) = &asked[0];
    assert_eq!(
        (&asked.name, asked.slow_mode_ms),
        (&None, None),
        "what is absent stays"
    );
    let delete = Relayed {
        kind: "room.delete",
        data: json!({"room": "r1"}),
        call: "room/DeleteRoom",
        asks: DeleteRoomRequest {
            room: "r1".into(),
            key: key(),
        },
        answers: DeleteRoomResponse {},
        reply: json!({}),
    };
    world.changes(&mut ada, delete).await;
}

#[tokio::test]
async fn members_are_named_by_name() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    let bob = User {
        user_id: "u2".into(),
        name: "bob".into(),
        ..User::default()
    };
    world
        .script
        .answers("auth/GetUser", &GetUserResponse { user: Some(bob) });
    let key = || KEY.to_owned();
    let (room, user_id) = (|| "r1".to_owned(), || "u2".to_owned());
    let data = json!({"room": "r1", "user": "@bob"});
    let transfer = Relayed {
        kind: "room.transfer",
        data: data.clone(),
        call: "room/TransferRoom",
        asks: TransferRoomRequest {
            room: room(),
            user_id: user_id(),
            key: key(),
        },
        answers: TransferRoomResponse {},
        reply: json!({}),
    };
    world.changes(&mut ada, transfer).await;
    let ban = Relayed {
        kind: "room.ban",
        data: json!({"room": "r1", "user": "@bob", "reason": "spam", "until": 99}),
        call: "room/BanMember",
        asks: BanMemberRequest {
            room: room(),
            user_id: user_id(),
            reason: "spam".into(),
            until_ms: 99,
            key: key(),
        },
        answers: BanMemberResponse {},
        reply: json!({}),
    };
    world.changes(&mut ada, ban).await;
    let looked_up = world.script.asked::<GetUserRequest>("auth/GetUser");
    assert!(!looked_up.is_empty(), "a name is looked up");
    for (_, question) in looked_up {
        assert_eq!(question.by, Some(By::Name("@bob".into())));
    }
}

#[tokio::test]
async fn members_are_named_by_id() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    let unban = Relayed {
        kind: "room.unban",
        data: json!({"room": "r1", "user": "u2"}),
        call: "room/UnbanMember",
        asks: UnbanMemberRequest {
            room: "r1".into(),
            user_id: "u2".into(),
            key: KEY.into(),
        },
        answers: UnbanMemberResponse {},
        reply: json!({}),
    };
    world.changes(&mut ada, unban).await;
    let looked_up = world.script.asked::<GetUserRequest>("auth/GetUser");
    assert!(looked_up.is_empty(), "an id stands for itself");
    let data = json!({"room": "r1", "user": "u2"});
    for kind in ["room.transfer", "room.ban", "room.unban"] {
        world.needs(&mut ada, kind, &data, &["room", "user"]).await;
    }
}

#[tokio::test]
async fn who_is_kept_out_is_listed() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
    let restriction = |kind: &str, until_ms| Restriction {
        user_id: "u2".into(),
        name: "bob".into(),
        kind: kind.into(),
        reason: "spam".into(),
        until_ms,
        by_user_id: "u1".into(),
        created_at_ms: 5,
    };
    let bans = Relayed {
        kind: "room.bans",
        data: json!({"room": "r1", "page": "p", "limit": 7}),
        call: "room/ListRestrictions",
        asks: ListRestrictionsRequest {
            room: "r1".into(),
            page: "p".into(),
            limit: 7,
        },
        answers: ListRestrictionsResponse {
            restrictions: vec![restriction("ban", 0), restriction("mute", 9)],
            next_page: "q".into(),
        },
        reply: json!({
            "restrictions": [
                {"user": {"id": "u2", "name": "bob"}, "kind": "ban", "reason": "spam", "by": "u1", "at": 5},
                {"user": {"id": "u2", "name": "bob"}, "kind": "mute", "reason": "spam", "until": 9,
                 "by": "u1", "at": 5},
            ],
            "next": "q",
        }),
    };
    world.asks(&mut ada, bans).await;
}

#[tokio::test]
async fn codes_are_made_listed_and_ended() {
    let world = World::busy().await;
    let mut ada = world.connect("ada").await;
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
    let create = Relayed {
        kind: "invite.create",
        data: json!({"room": "r1", "validSeconds": 60, "maxUses": 5}),
        call: "room/CreateInvite",
        asks: CreateInviteRequest {
            room: "r1".into(),
            valid_seconds: 60,
            max_uses: 5,
            key: KEY.into(),
        },
        answers: CreateInviteResponse {
            invite: Some(invite()),
        },
        reply: json!({"invite": view}),
    };
    world.changes(&mut ada, create).await;
    let list = Relayed {
        kind: "invite.list",
        data: json!({"room": "r1"}),
        call: "room/ListInvites",
        asks: ListInvitesRequest { room: "r1".into() },
        answers: ListInvitesResponse {
            invites: vec![invite()],
        },
        reply: json!({"invites": [view]}),
    };
    world.asks(&mut ada, list).await;
    let revoke = Relayed {
        kind: "invite.revoke",
        data: json!({"room": "r1", "code": "abc"}),
        call: "room/RevokeInvite",
        asks: RevokeInviteRequest {
            room: "r1".into(),
            code: "abc".into(),
            key: KEY.into(),
        },
        answers: RevokeInviteResponse {},
        reply: json!({}),
    };
    world.changes(&mut ada, revoke).await;
    world
        .needs(&mut ada, "invite.accept", &json!({}), &["code"])
        .await;
}

#[tokio::test]
async fn a_code_leads_into_a_room_like_a_join() {
    let world = World::start().await;
    let room = world.services.room("eve").await;
    let mut bob = world.connect("bob").await;
    let joined = JoinRoomResponse {
        room: Some(Room {
            room_id: room.to_string(),
            ..tea()
        }),
        head: 2,
        head_id: "e2".into(),
        messages: Vec::new(),
        members: vec![Member {
            user_id: "u1".into(),
            name: "eve".into(),
            role: RoomRole::Owner.into(),
        }],
    };
    let accepted = AcceptInviteResponse {
        joined: Some(joined),
    };
    world.script.answers("room/AcceptInvite", &accepted);
    let reply = bob
        .request("invite.accept", Some("k"), &json!({"code": "abc"}))
        .await;
    let data = &reply["data"];
    assert_eq!(
        (&data["room"]["id"], &data["head"], &data["cursor"]),
        (&json!(room), &json!(2), &json!("e2"))
    );
    assert_eq!(
        data["members"],
        json!([{"id": "u1", "name": "eve", "role": "owner"}])
    );
    let asked = world
        .script
        .asked::<AcceptInviteRequest>("room/AcceptInvite");
    let expected = AcceptInviteRequest {
        code: "abc".into(),
        key: "k".into(),
    };
    assert_eq!(asked, [("bob".to_owned(), expected)]);
    // The feed said nothing: it is the answer that makes the connection follow the room.
    hears_the_next(&world, &mut bob, room).await;
}

/// Checks that a connection follows a room: the next message comes, once.
pub(crate) async fn hears_the_next(world: &World, client: &mut crate::world::Client, room: RoomId) {
    let posted = world.services.post(room, "hi").await;
    let is_it = |frame: &Value| frame["room"] == json!(room) && frame["seq"] == posted.seq;
    if !client.seen.iter().any(is_it) {
        client.wait(is_it).await;
    }
    assert_eq!(client.seen.iter().filter(|frame| is_it(frame)).count(), 1);
}
