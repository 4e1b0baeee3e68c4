//! Live connections: who is listed, and what an operator does with one.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use redis::AsyncCommands;
use serde_json::{Value, json};
use testkit::{PASSWORD, Person, Socket};

use crate::{
    console::{Console, eventually, now_ms},
    stage::Stage,
};

/// How long a change may take to be listed.
const LISTED: Duration = Duration::from_secs(5);
/// How long the connections of a dead gateway may be listed.
const PURGED: Duration = Duration::from_secs(45);

const LIST: &str = "ModerationService/ListConnections";
const SEND: &str = "ModerationService/SendToConnection";
const BROADCAST: &str = "ModerationService/Broadcast";
const DISCONNECT: &str = "ModerationService/Disconnect";
const IS_ACTIVE: &str = "ModerationService/IsActive";

/// Lists the connections once there are so many.
pub(crate) async fn listed(console: &Console<'_>, user: &str, count: usize) -> Vec<Value> {
    let what = format!("{count} connections to be listed");
    eventually(&what, LISTED, async || {
        let answer = console.done(LIST, json!({"user_id": user})).await;
        let connections = answer["connections"].as_array().cloned();
        let connections = connections.unwrap_or_default();
        let total = answer["total"].as_str().unwrap_or("0").to_owned();
        (connections.len() == count && total == count.to_string()).then_some(connections)
    })
    .await
}

fn number(value: &Value) -> i64 {
    let number = value.as_str().and_then(|text| text.parse().ok());
    number.unwrap_or_else(|| panic!("not a number: {value}"))
}

fn id(connection: &Value) -> String {
    let id = connection["connectionId"].as_str();
    id.expect("a connection has an id").to_owned()
}

/// What Redis holds of a session.
async fn session_hash(stage: &Stage, session: &str) -> BTreeMap<String, String> {
    let client = redis::Client::open(stage.redis_url()).expect("a URL");
    let mut redis = client
        .get_multiplexed_async_connection()
        .await
        .expect("connected");
    let key = format!("hubbub:session:default:{session}");
    redis.hgetall(key).await.expect("fields")
}

#[tokio::test]
async fn every_connection_is_listed_with_what_an_operator_asks() {
    let stage = Stage::open().await;
    let begun = now_ms();
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let grace = Person::sign_up(&stage.http(1), "grace").await;
    let mut phone = ada.connect(&stage.ws(0)).await;
    let desk = ada.connect(&stage.ws(1)).await;
    let _of_grace = grace.connect(&stage.ws(1)).await;
    let console = Console::open(&stage).await;
    let all = listed(&console, "", 3).await;
    let of_ada = listed(&console, "@ada", 2).await;
    assert_eq!(
        listed(&console, grace.id(), 1).await[0]["userName"],
        "grace"
    );
    let mut gateways = Vec::new();
    for connection in &of_ada {
        assert!(all.iter().any(|other| id(other) == id(connection)));
        assert_eq!(
            (
                &connection["userId"],
                &connection["userName"],
                &connection["address"]
            ),
            (&json!(ada.id()), &json!("ada"), &json!("127.0.0.1"))
        );
        assert!(
            !connection["sessionId"]
                .as_str()
                .expect("a session")
                .is_empty()
        );
        let (since, last_seen) = (
            number(&connection["sinceMs"]),
            number(&connection["lastSeenMs"]),
        );
        assert!(begun <= since && since <= last_seen && last_seen <= now_ms());
        gateways.push(connection["gateway"].as_str().expect("a gateway"));
    }
    assert_ne!(gateways[0], gateways[1], "one on each");

    // A sign of life is seen in time.
    let quiet = number(&of_ada[0]["lastSeenMs"]).max(number(&of_ada[1]["lastSeenMs"]));
    eventually("to be seen again", Duration::from_secs(25), async || {
        phone.settle().await;
        let seen = listed(&console, "@ada", 2).await;
        let last = seen
            .iter()
            .map(|connection| number(&connection["lastSeenMs"]));
        (last.max() > Some(quiet)).then_some(())
    })
    .await;

    // Pages.
    let first = console.done(LIST, json!({"limit": 2})).await;
    let page = first["nextPage"].as_str().expect("there is more");
    let second = console.done(LIST, json!({"limit": 2, "page": page})).await;
    let mut paged: Vec<_> = [&first, &second]
        .into_iter()
        .flat_map(|page| page["connections"].as_array().expect("connections"))
        .map(id)
        .collect();
    let mut ids: Vec<_> = all.iter().map(id).collect();
    paged.sort();
    ids.sort();
    assert_eq!(paged, ids);

    desk.close().await;
    listed(&console, "@ada", 1).await;
}

#[tokio::test]
async fn redis_holds_a_hash_of_every_session_that_is_connected() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let phone = ada.connect(&stage.ws(0)).await;
    let console = Console::open(&stage).await;
    let connection = listed(&console, "@ada", 1).await.remove(0);
    let session = connection["sessionId"].as_str().expect("a session");
    let is_online = async |expected: &str| {
        let what = format!("online to be {expected}");
        let fields = eventually(&what, LISTED, async || {
            let fields = session_hash(&stage, session).await;
            (fields.get("online")? == expected).then_some(fields)
        })
        .await;
        assert_eq!((&*fields["id"], &*fields["username"]), (session, "ada"));
    };
    is_online("1").await;
    // A second device of the session keeps it online.
    let desk = ada.connect(&stage.ws(1)).await;
    listed(&console, "@ada", 2).await;
    phone.close().await;
    listed(&console, "@ada", 1).await;
    is_online("1").await;
    desk.close().await;
    is_online("0").await;
    let _again = ada.connect(&stage.ws(1)).await;
    is_online("1").await;
    // Another log-in is another session.
    let other = Person::log_in(&stage.http(1), "ada", PASSWORD).await;
    let _other = other.connect(&stage.ws(0)).await;
    let connections = listed(&console, "@ada", 2).await;
    let mut sessions = connections
        .iter()
        .map(|connection| &connection["sessionId"]);
    assert!(sessions.any(|other| other != session));
}

#[tokio::test]
async fn an_operator_reaches_one_socket_or_all_wherever_they_are() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let grace = Person::sign_up(&stage.http(1), "grace").await;
    let mut phone = ada.connect(&stage.ws(0)).await;
    let console = Console::open(&stage).await;
    let phones_id = id(&listed(&console, "@ada", 1).await[0]);
    let mut desk = ada.connect(&stage.ws(1)).await;
    let mut of_grace = grace.connect(&stage.ws(1)).await;
    listed(&console, "", 3).await;

    let data = json!({"text": "to you alone"}).to_string();
    let send = json!({"connection_id": phones_id, "kind": "operator.notice", "data": data});
    console.done(SEND, send).await;
    let notice = phone.expect("operator.notice").await;
    assert_eq!(notice.data, json!({"text": "to you alone"}));
    for socket in [&mut phone, &mut desk, &mut of_grace] {
        let frames = socket.settle().await;
        assert!(frames.iter().all(|frame| frame.kind != "operator.notice"));
    }

    let data = json!({"text": "we restart at noon"}).to_string();
    let broadcast = json!({"kind": "operator.notice", "data": data});
    let reached = console.done(BROADCAST, broadcast).await;
    assert_eq!(reached["connections"], 3, "{reached}");
    assert!(reached.get("unreached").is_none(), "{reached}");
    for socket in [&mut phone, &mut desk, &mut of_grace] {
        let notice = socket.expect("operator.notice").await;
        assert_eq!(notice.data["text"], "we restart at noon");
        assert!(notice.seq.is_none(), "it is in no stream");
    }

    // Nothing that looks like an event of ours, and only objects.
    for (kind, data) in [
        ("message.new", "{}"),
        ("operator.x", "[]"),
        ("operator.x", "{"),
    ] {
        let bad = json!({"connection_id": phones_id, "kind": kind, "data": data});
        let refused = console.call(SEND, bad).await.expect_err("refused");
        assert!(refused.contains("FIELD_INVALID"), "{refused}");
        let bad = json!({"kind": kind, "data": data});
        let refused = console.call(BROADCAST, bad).await.expect_err("refused");
        assert!(refused.contains("FIELD_INVALID"), "{refused}");
    }

    let who = json!({"connection_id": phones_id});
    assert_eq!(console.done(IS_ACTIVE, who.clone()).await["isActive"], true);
    console.done(DISCONNECT, who.clone()).await;
    let closed = phone.closed().await;
    assert_eq!(closed.code, 4005, "{closed:?}");
    assert_eq!(phone.expect("bye").await.data["reconnect"], "resume");
    is_gone(&console, &phones_id).await;
    desk.settle().await;

    // Their log-in is still good.
    let room = ada.creates_room("general").await;
    let mut phone = ada.resume(&stage.ws(1), &phone).await;
    assert_eq!(phone.welcome["resumed"], true);
    phone
        .send("message.send", json!({"room": room, "body": "back"}))
        .await
        .expect("sent");
}

/// Every way of asking for a connection that has ended answers that it has.
async fn is_gone(console: &Console<'_>, connection: &str) {
    let who = json!({"connection_id": connection});
    assert_ne!(console.done(IS_ACTIVE, who.clone()).await["isActive"], true);
    let send = json!({"connection_id": connection, "kind": "operator.x", "data": "{}"});
    for (method, request) in [(SEND, send), (DISCONNECT, who)] {
        let refused = console.call(method, request).await.expect_err("gone");
        assert!(
            refused.contains("NotFound") && refused.contains("CONNECTION_GONE"),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn the_connections_of_a_dead_gateway_are_gone_and_forgotten() {
    let mut stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(1), "ada").await;
    let mut lost: Vec<Socket> = Vec::new();
    for _ in 0..3 {
        lost.push(ada.connect(&stage.ws(0)).await);
    }
    let mut alive = ada.connect(&stage.ws(1)).await;
    let token = stage.admin().await.account.token;
    let console = Console::with_token(&stage, token.clone());
    let ids: Vec<_> = listed(&console, "@ada", 4).await.iter().map(id).collect();
    stage.kill_gateway(0).await;
    let died = Instant::now();
    for socket in &mut lost {
        assert_eq!(socket.closed().await.code, 1006);
    }
    // The token was given out by the gateway that is dead; it is as good as before.
    let console = Console::with_token(&stage, token);
    let mut gone = 0;
    for connection in &ids {
        let who = json!({"connection_id": connection});
        if console.done(IS_ACTIVE, who).await["isActive"] == true {
            continue;
        }
        is_gone(&console, connection).await;
        gone += 1;
    }
    assert_eq!(gone, 3, "at once, whatever the list says");
    eventually("the dead to be forgotten", PURGED, async || {
        let answer = console.done(LIST, json!({"user_id": "@ada"})).await;
        let left = answer["connections"].as_array().expect("one is left");
        (left.len() == 1).then_some(())
    })
    .await;
    assert!(died.elapsed() < PURGED);
    let data = json!({"text": "are you there"}).to_string();
    let broadcast = json!({"kind": "operator.notice", "data": data});
    console.done(BROADCAST, broadcast).await;
    alive.expect("operator.notice").await;
}
