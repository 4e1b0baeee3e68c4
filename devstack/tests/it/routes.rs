//! The short routes and event names, with the answers they were asked to give.

use serde_json::{Value, json};
use testkit::{PASSWORD, Person, SUBPROTOCOL, Socket};

use crate::stage::{Stage, bodies};

/// Sends a request without a token.
async fn as_stranger(stage: &Stage, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let url = format!("{}{path}", stage.http(0));
    let request = reqwest::Client::new().request(method.parse().expect("a method"), url);
    let response = request.json(body).send().await.expect("an answer");
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or_default())
}

#[tokio::test]
async fn every_short_route_gives_its_answers() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let grace = Person::sign_up(&stage.http(1), "grace").await;
    for (path, name, password, status) in [
        ("/signup", "linus", PASSWORD, 201),
        ("/signup", "LINUS", PASSWORD, 409),
        ("/signup", "a b", PASSWORD, 422),
        ("/signup", "barbara", "short", 422),
        ("/login", "linus", PASSWORD, 200),
        ("/login", "linus", "wrong password", 401),
        ("/login", "nobody", PASSWORD, 401),
    ] {
        let body = json!({"username": name, "password": password});
        let (was, answer) = as_stranger(&stage, "POST", path, &body).await;
        assert_eq!(was, status, "{path} {name}: {answer}");
        if was < 300 {
            assert_eq!(
                (&answer["user"]["name"], &answer["user"]["role"]),
                (&json!(name), &json!("USER"))
            );
            assert!(answer["token"].is_string() && answer["session"].is_string());
        }
    }

    for (method, path) in [
        ("GET", "/rooms"),
        ("POST", "/rooms"),
        ("GET", "/account"),
        ("POST", "/users/add"),
        ("POST", "/users/remove"),
        ("POST", "/users/block"),
        ("POST", "/users/unblock"),
        ("POST", "/users/ban"),
        ("POST", "/users/unban"),
    ] {
        let (status, problem) = as_stranger(&stage, method, path, &json!({})).await;
        assert_eq!(
            (status, &problem["reason"]),
            (401, &json!("TOKEN_MISSING")),
            "{path}"
        );
    }
    for (body, status) in [
        (json!({"name": "general"}), 201),
        (json!({"name": "General"}), 409),
        (json!({"name": ""}), 422),
        (json!({}), 422),
    ] {
        let (was, answer) = ada.post("/rooms", body.clone()).await;
        assert_eq!(was, status, "{body}: {answer}");
    }
    let hidden = json!({"name": "hidden", "private": true});
    assert_eq!(ada.post("/rooms", hidden).await.0, 201);
    let (status, listed) = grace.get("/rooms").await;
    let names: Vec<_> = listed["rooms"]
        .as_array()
        .expect("rooms")
        .iter()
        .map(|room| &room["name"])
        .collect();
    assert_eq!(
        (status, names),
        (200, vec![&json!("general")]),
        "only what one may see"
    );

    for (path, user, status, what) in [
        ("/users/add", "@nobody", 404, json!("USER_NOT_FOUND")),
        ("/users/add", "@ada", 422, json!("FIELD_INVALID")),
        ("/users/add", "@grace", 200, json!("pending")),
        ("/users/add", "@grace", 200, json!("pending")),
    ] {
        let (was, answer) = ada.post(path, json!({"user": user})).await;
        let found = if was == 200 {
            &answer["state"]
        } else {
            &answer["reason"]
        };
        assert_eq!((was, found), (status, &what), "{path} {user}: {answer}");
    }
    // The same from the other side is the acceptance; then they are friends already.
    let (status, answer) = grace.post("/users/add", json!({"user": ada.id()})).await;
    assert_eq!(
        (status, &answer["state"]),
        (200, &json!("friends")),
        "{answer}"
    );
    let (status, answer) = ada.post("/users/add", json!({"user": "@grace"})).await;
    assert_eq!(
        (status, &answer["state"]),
        (200, &json!("friends")),
        "it is so already: {answer}"
    );
    for (user, status) in [("@linus", 200), ("@linus", 200), ("@grace", 409)] {
        let request = reqwest::Client::new()
            .post(format!("{}/users/add", stage.http(0)))
            .bearer_auth(&ada.account.token)
            .header("idempotency-key", "one-key")
            .json(&json!({"user": user}));
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), status, "one key for two people");
    }
    let (_, account) = ada.get("/account").await;
    assert_eq!(
        (&account["friends"], &account["blocked"]),
        (&json!(1), &json!(0)),
        "{account}"
    );
    for _ in 0..2 {
        let (status, answer) = ada.post("/users/remove", json!({"user": "@grace"})).await;
        assert_eq!(
            (status, &answer["state"]),
            (200, &json!("none")),
            "idempotent: {answer}"
        );
    }

    for _ in 0..2 {
        let (status, answer) = ada.post("/users/block", json!({"user": "@grace"})).await;
        assert_eq!(
            (status, &answer["state"]),
            (200, &json!("blocked")),
            "{answer}"
        );
    }
    let (_, account) = ada.get("/account").await;
    assert_eq!(
        (&account["friends"], &account["blocked"]),
        (&json!(0), &json!(1)),
        "{account}"
    );
    let (status, problem) = ada.post("/users/block", json!({"user": ada.id()})).await;
    assert_eq!(
        (status, &problem["reason"]),
        (422, &json!("FIELD_INVALID")),
        "oneself"
    );
    let (status, problem) = ada.post("/users/block", json!({"user": "@nobody"})).await;
    assert_eq!(
        (status, &problem["reason"]),
        (404, &json!("USER_NOT_FOUND"))
    );
    for _ in 0..2 {
        let (status, answer) = ada.post("/users/unblock", json!({"user": "@grace"})).await;
        assert_eq!(status, 200, "{answer}");
    }
    let (_, account) = ada.get("/account").await;
    assert_eq!(account["blocked"], 0);
}

#[tokio::test]
async fn the_first_names_of_the_events_are_understood() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let grace = Person::sign_up(&stage.http(1), "grace").await;
    let room = ada.creates_room("general").await;
    let mut of_ada = ada.connect(&stage.ws(0)).await;
    of_ada
        .send("message.send", json!({"room": room, "body": "before"}))
        .await
        .expect("sent");
    let befriend = json!({"user": "@grace"});
    assert_eq!(ada.post("/users/add", befriend).await.0, 200);
    let befriend = json!({"user": "@ada"});
    assert_eq!(grace.post("/users/add", befriend).await.0, 200);

    let mut of_grace = Socket::open(&stage.ws(1), &[SUBPROTOCOL], &[])
        .await
        .expect("upgraded");
    let hello = json!({"type": "connection", "id": "1", "data": {"token": grace.account.token}});
    of_grace.raw(&hello.to_string()).await;
    let welcome = of_grace.expect("welcome").await;
    assert_eq!(welcome.data["user"]["id"], grace.id());
    let joined = of_grace
        .send("join_room", json!({"room": "#general"}))
        .await;
    let joined = joined.expect("joined");
    assert_eq!(
        bodies(&joined["messages"]),
        ["before"],
        "with what was said"
    );
    let say = json!({"room": room, "body": "hello all"});
    let sent = of_grace
        .send_keyed("new_chat_message", "k1", say.clone())
        .await;
    let sent = sent.expect("sent");
    let heard = of_ada.wait(|frame| frame.data["body"] == "hello all").await;
    let heard = heard.expect("connected");
    assert_eq!(
        (&heard.data["message"], heard.seq),
        (&sent["message"], sent["seq"].as_i64())
    );
    let again = of_grace.send_keyed("message.send", "k1", say).await;
    let again = again.expect("two names of one thing");
    assert_eq!(
        (&again["message"], &again["duplicate"]),
        (&sent["message"], &json!(true))
    );
    let say = json!({"to": "@ada", "body": "hello you"});
    let sent = of_grace
        .send("new_direct_message", say)
        .await
        .expect("sent");
    let heard = of_ada.wait(|frame| frame.data["body"] == "hello you").await;
    let heard = heard.expect("connected");
    assert_eq!(
        (heard.room.as_deref(), &heard.data["message"]),
        (sent["room"].as_str(), &sent["message"])
    );
}
