//! Who lets whom in, who knows whom, and who hears of it.

use std::time::Instant;

use serde_json::{Value, json};
use testkit::{PASSWORD, Person};

use super::{SOON, does, hears_of, reason, says};
use crate::stage::Stage;

#[tokio::test]
async fn a_code_lets_in_as_many_as_it_says() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let mut of_ada = ada.connect(&stage.ws(0)).await;
    let made = does(
        &mut of_ada,
        "room.create",
        json!({"name": "club", "private": true}),
    )
    .await;
    let room = made["room"]["id"].as_str().expect("an id").to_owned();
    let created = does(
        &mut of_ada,
        "invite.create",
        json!({"room": room, "maxUses": 2, "validSeconds": 3_600}),
    )
    .await;
    let invite = &created["invite"];
    assert_eq!(
        (&invite["room"], &invite["uses"], &invite["maxUses"]),
        (&json!(room), &json!(0), &json!(2))
    );
    let code = json!({"code": invite["code"]});

    let mut guests = Vec::new();
    for (index, name) in ["bob", "carol", "dave"].into_iter().enumerate() {
        let guest = Person::sign_up(&stage.http(1), name).await;
        guests.push(guest.connect(&stage.ws(index % 2)).await);
    }
    let [bob, carol, dave] = guests.as_mut_slice() else {
        unreachable!("three guests")
    };
    let joined = does(bob, "invite.accept", code.clone()).await;
    assert_eq!(
        (&joined["room"]["id"], &joined["room"]["joined"]),
        (&json!(room), &json!(true))
    );
    does(bob, "invite.accept", code.clone()).await;
    let listed = does(&mut of_ada, "invite.list", json!({"room": room})).await;
    assert_eq!(
        listed["invites"][0]["uses"], 1,
        "whoever is in uses nothing up"
    );
    assert_eq!(
        reason(bob, "invite.list", json!({"room": room})).await,
        "PERMISSION_DENIED"
    );
    assert_eq!(
        reason(bob, "invite.create", json!({"room": room})).await,
        "PERMISSION_DENIED"
    );
    does(carol, "invite.accept", code.clone()).await;
    assert_eq!(
        reason(dave, "invite.accept", code).await,
        "INVITE_INVALID",
        "used up"
    );
    let listed = does(&mut of_ada, "invite.list", json!({"room": room})).await;
    assert_eq!(
        listed["invites"],
        json!([]),
        "what is used up is not listed"
    );

    let message = says(&mut of_ada, &room, "welcome, both").await["message"].clone();
    for guest in [bob, carol] {
        hears_of(guest, "message.new", &message).await;
    }
    let created = does(&mut of_ada, "invite.create", json!({"room": room})).await;
    let code = json!({"code": created["invite"]["code"]});
    let revoked = json!({"room": room, "code": created["invite"]["code"]});
    does(&mut of_ada, "invite.revoke", revoked.clone()).await;
    does(&mut of_ada, "invite.revoke", revoked).await;
    assert_eq!(
        reason(dave, "invite.accept", code).await,
        "INVITE_INVALID",
        "revoked"
    );
    assert_eq!(
        reason(dave, "room.get", json!({"room": room})).await,
        "ROOM_NOT_FOUND"
    );
}

#[tokio::test]
async fn rest_has_short_names_for_what_one_does_to_people() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let bob = Person::sign_up(&stage.http(1), "bob").await;
    let admin = stage.admin().await;
    let mut of_ada = ada.connect(&stage.ws(1)).await;
    let of_bob = json!({"user": "@bob"});
    let state = async |person: &Person, path: &str, user: &Value| {
        let (status, body) = person.post(path, user.clone()).await;
        assert_eq!(status, 200, "{path}: {body}");
        body["state"]
            .as_str()
            .unwrap_or_else(|| panic!("{path}: {body}"))
            .to_owned()
    };

    for _ in 0..2 {
        assert_eq!(state(&ada, "/users/add", &of_bob).await, "pending");
    }
    assert_eq!(
        state(&bob, "/users/add", &json!({"user": ada.id()})).await,
        "friends"
    );
    of_ada.expect("friend.accepted").await;
    let (_, account) = ada.get("/account").await;
    assert_eq!(
        (&account["friends"], &account["blocked"]),
        (&json!(1), &json!(0)),
        "{account}"
    );
    assert_eq!(
        state(&ada, "/users/add", &of_bob).await,
        "friends",
        "it is so already"
    );
    for _ in 0..2 {
        assert_eq!(state(&ada, "/users/remove", &of_bob).await, "none");
    }
    for _ in 0..2 {
        assert_eq!(state(&ada, "/users/block", &of_bob).await, "blocked");
    }
    let told = of_ada.expect("block.updated").await.data;
    assert_eq!(
        (&told["user"]["name"], &told["blocked"]),
        (&json!("bob"), &json!(true))
    );
    let (_, account) = ada.get("/account").await;
    assert_eq!(
        (&account["friends"], &account["blocked"]),
        (&json!(0), &json!(1)),
        "{account}"
    );
    for _ in 0..2 {
        assert_eq!(state(&ada, "/users/unblock", &of_bob).await, "none");
    }
    for path in [
        "/users/add",
        "/users/remove",
        "/users/block",
        "/users/unblock",
    ] {
        let (status, body) = ada.post(path, json!({"user": "@nobody"})).await;
        assert_eq!(
            (status, &body["reason"]),
            (404, &json!("USER_NOT_FOUND")),
            "{path}"
        );
        let (status, body) = ada.post(path, json!({})).await;
        assert_eq!(
            (status, &body["reason"]),
            (422, &json!("FIELD_INVALID")),
            "{path}"
        );
    }
    let (status, body) = ada.post("/users/block", json!({"user": "@ada"})).await;
    assert_eq!(
        (status, &body["reason"]),
        (422, &json!("FIELD_INVALID")),
        "oneself"
    );

    let ban = json!({"user": "@bob", "reason": "advertising"});
    for path in ["/users/ban", "/users/unban"] {
        let (status, body) = ada.post(path, ban.clone()).await;
        assert_eq!(
            (status, &body["reason"]),
            (403, &json!("ADMIN_REQUIRED")),
            "{path}"
        );
    }
    let mut socket = bob.connect(&stage.ws(0)).await;
    let (status, body) = admin.post("/users/ban", ban).await;
    assert_eq!(status, 200, "{body}");
    assert!(body["ban"]["id"].is_string(), "{body}");
    assert_eq!(body["hit"]["users"], 1);
    let banned = Instant::now();
    assert_eq!(socket.closed().await.code, 4403);
    assert!(banned.elapsed() < SOON, "took {:?}", banned.elapsed());
    let log_in = async || {
        let request = reqwest::Client::new().post(format!("{}/login", stage.http(0)));
        let request = request.json(&json!({"username": "bob", "password": PASSWORD}));
        let response = request.send().await.expect("an answer");
        (
            response.status().as_u16(),
            response.json::<Value>().await.expect("JSON"),
        )
    };
    let (status, body) = log_in().await;
    assert_eq!((status, &body["reason"]), (403, &json!("BANNED")));
    let (status, body) = admin.post("/users/unban", of_bob).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(log_in().await.0, 200);
}

#[tokio::test]
async fn notifications_wait_for_whoever_was_away() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let bob = Person::sign_up(&stage.http(1), "bob").await;
    let room = ada.creates_room("general").await;
    let mut of_ada = ada.connect(&stage.ws(0)).await;
    let mut desk = bob.connect(&stage.ws(1)).await;
    does(&mut desk, "room.join", json!({"room": room})).await;
    let of_bob = says(&mut desk, &room, "good night").await["message"].clone();

    let mention = says(&mut of_ada, &room, "wait, @bob").await["message"].clone();
    let told = desk.expect("notify.new").await.data;
    assert_eq!(
        (
            &told["kind"],
            &told["data"]["message"],
            &told["data"]["room"]
        ),
        (&json!("mention"), &mention, &json!(room))
    );
    desk.close().await;
    does(
        &mut of_ada,
        "reaction.add",
        json!({"room": room, "message": of_bob, "emoji": "🌙"}),
    )
    .await;
    does(&mut of_ada, "friend.request", json!({"user": "@bob"})).await;
    let party = does(
        &mut of_ada,
        "room.create",
        json!({"name": "party", "private": true}),
    )
    .await;
    does(
        &mut of_ada,
        "room.invite",
        json!({"room": party["room"]["id"], "user": "@bob"}),
    )
    .await;

    let mut phone = bob.connect(&stage.ws(0)).await;
    let mut desk = bob.connect(&stage.ws(1)).await;
    let list = does(&mut phone, "notify.list", json!({})).await;
    let list = list["notifications"]
        .as_array()
        .expect("notifications")
        .clone();
    let kinds: Vec<_> = list
        .iter()
        .map(|each| each["kind"].as_str().expect("a kind"))
        .collect();
    assert_eq!(
        kinds,
        ["room.invited", "friend.requested", "reaction", "mention"],
        "the newest first"
    );
    assert!(list.iter().all(|each| each["read"] == false), "{list:?}");

    let ids = json!([list[0]["id"], list[3]["id"]]);
    for _ in 0..2 {
        let read = does(&mut phone, "notify.read", json!({"ids": ids})).await;
        assert_eq!(read["unread"], 2);
    }
    for device in [&mut phone, &mut desk] {
        let told = device.expect("notify.updated").await.data;
        assert_eq!((&told["ids"], &told["unread"]), (&ids, &json!(2)));
    }
    let list = does(&mut desk, "notify.list", json!({})).await;
    let read = list["notifications"]
        .as_array()
        .expect("notifications")
        .iter();
    let read: Vec<_> = read.map(|each| each["read"] == true).collect();
    assert_eq!(read, [true, false, false, true]);

    // The one who asked hears of the yes.
    does(&mut phone, "friend.accept", json!({"user": "@ada"})).await;
    let told = of_ada.expect("notify.new").await.data;
    assert_eq!(told["kind"], "friend.accepted");
    let of_ada_s = does(&mut of_ada, "notify.list", json!({})).await;
    assert_eq!(of_ada_s["notifications"][0]["kind"], "friend.accepted");
}
