//! Canaries: secrets that stand nowhere else are used in every way there is, and then looked for in every log, in every
//! trace, in the files of Postgres (which remember what was deleted) and in Redis.

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use devstack::fleet::{Fleet, FleetOptions, Kind};
use serde_json::{Value, json};
use testkit::{Person, SUBPROTOCOL, Socket};

use super::{
    collector::Collector,
    written::{cache, database, holds, logs},
};
use crate::console::eventually;

/// A name, so that the search itself is seen to find something.
const NAME: &str = "canary-person";
/// How long traces may be on their way.
const TRACED_WITHIN: Duration = Duration::from_secs(20);

/// What nobody may find, by what it is.
type Canaries = BTreeMap<&'static str, String>;

fn canary(of: &str) -> String {
    format!("canary {of} {}", uuid::Uuid::now_v7().simple())
}

async fn post(fleet: &Fleet, path: &str, body: &Value) -> (u16, Value) {
    let url = format!("{}{path}", fleet.gateway(0).url);
    let sent = reqwest::Client::new().post(url).json(body).send().await;
    let answer = sent.expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap_or_default())
}

/// Uses passwords, right and wrong, in every place that takes one.
async fn use_passwords(fleet: &Fleet, canaries: &mut Canaries) -> Person {
    let (first, second) = (canary("first password"), canary("second password"));
    let (wrong, weak) = (canary("wrong password"), canary("of a bad name"));
    let taken = canary("of a taken name");
    let sign_up = json!({"username": NAME, "password": first});
    let (status, account) = post(fleet, "/signup", &sign_up).await;
    assert_eq!(status, 201, "{account}");
    let account = serde_json::from_value(account).expect("an account");
    let ada = Person::of_account(&fleet.gateway(0).url, account);
    for (path, body, expected) in [
        ("/signup", json!({"username": NAME, "password": taken}), 409),
        ("/signup", json!({"username": "x y", "password": weak}), 422),
        ("/login", json!({"username": NAME, "password": wrong}), 401),
        ("/login", json!({"username": wrong, "password": wrong}), 401),
        (
            "/login",
            json!({"username": NAME, "password": [wrong]}),
            422,
        ),
        ("/login", json!({"username": NAME, "password": first}), 200),
    ] {
        let (status, answer) = post(fleet, path, &body).await;
        assert_eq!(status, expected, "{path}: {answer}");
        assert!(!answer.to_string().contains(&wrong), "{answer}");
    }
    let change = json!({"oldPassword": wrong, "newPassword": second});
    let refused = ada.post("/v1/account/password", change).await;
    assert!((400..500).contains(&refused.0), "{refused:?}");
    let change = json!({"oldPassword": first, "newPassword": second});
    let changed = ada.post("/v1/account/password", change).await;
    assert!((200..300).contains(&changed.0), "{changed:?}");
    canaries.extend([
        ("the first password", first),
        ("the second password", second),
        ("a wrong password", wrong),
        ("the password of a refused name", weak),
        ("the password of a taken name", taken),
    ]);
    ada
}

async fn open(
    fleet: &Fleet,
    query: &str,
    protocols: &[&str],
    headers: &[(&'static str, &str)],
) -> Socket {
    let url = format!("{}{query}", fleet.gateway(0).ws_url);
    let opened = Socket::open(&url, protocols, headers).await;
    opened.expect("upgraded")
}

/// Uses every kind of credential in every place that takes one, and forged ones too.
async fn use_credentials(fleet: &Fleet, ada: &Person, canaries: &mut Canaries) {
    let (token, session) = (&ada.account.token, &ada.account.session);
    let (_, made) = ada.post("/v1/rt/tickets", json!({})).await;
    let ticket = made["ticket"].as_str().expect("a ticket").to_owned();
    let forged = format!("{}.forged", uuid::Uuid::now_v7().simple());
    let of_frame = uuid::Uuid::now_v7().simple().to_string();
    let bearer = format!("bearer.{}", URL_SAFE_NO_PAD.encode(token));
    let cookie = format!("sid={session}; __Host-sid={session}");
    let origin = fleet.gateway(0).url.clone();
    for (query, protocols, headers, hello) in [
        (
            String::new(),
            vec![SUBPROTOCOL],
            vec![],
            json!({"ticket": ticket}),
        ),
        (
            String::new(),
            vec![SUBPROTOCOL],
            vec![],
            json!({"ticket": ticket}),
        ),
        (
            String::new(),
            vec![SUBPROTOCOL],
            vec![],
            json!({"token": token}),
        ),
        (
            String::new(),
            vec![SUBPROTOCOL],
            vec![],
            json!({"token": forged}),
        ),
        (String::new(), vec![SUBPROTOCOL, &bearer], vec![], json!({})),
        (
            String::new(),
            vec![SUBPROTOCOL],
            vec![("cookie", cookie.as_str()), ("origin", origin.as_str())],
            json!({}),
        ),
        (
            format!("?session={session}"),
            vec![SUBPROTOCOL],
            vec![],
            json!({}),
        ),
        (
            format!("?session={forged}"),
            vec![SUBPROTOCOL],
            vec![],
            json!({}),
        ),
        (
            format!("?Authorization=Bearer%20{token}"),
            vec![SUBPROTOCOL],
            vec![],
            json!({}),
        ),
        (
            format!("?Authorization={forged}"),
            vec![SUBPROTOCOL],
            vec![],
            json!({}),
        ),
    ] {
        let mut socket = open(fleet, &query, &protocols, &headers).await;
        // Some are refused; what counts is what is written down about it.
        if socket.hello(hello).await.is_ok() {
            let refresh = json!({"token": forged});
            socket
                .send("auth.refresh", refresh)
                .await
                .expect_err("forged");
            let refresh = json!({"token": token});
            socket.send("auth.refresh", refresh).await.expect("good");
            socket
                .raw(&format!(r#"{{"type":"hello","token":"{of_frame}""#))
                .await;
            assert_eq!(socket.closed().await.code, 4400);
        }
    }
    let client = reqwest::Client::new();
    for bad in [&forged, token, session] {
        for path in ["/account", "/v1/none", "/v1/account/export"] {
            let url = format!(
                "{}{path}?session={bad}&Authorization={bad}",
                fleet.gateway(0).url
            );
            let asked = client.get(url).bearer_auth(bad).header("cookie", &cookie);
            asked.send().await.expect("an answer");
        }
    }
    canaries.extend([
        ("a ticket", ticket),
        ("an access token", token.clone()),
        ("a session token", session.clone()),
        ("a forged token", forged),
        ("a token in a broken frame", of_frame),
    ]);
}

#[tokio::test]
async fn no_secret_is_written_down_anywhere() {
    let (collector, endpoint) = Collector::start().await;
    let options = FleetOptions::temporary()
        .gateways(1)
        .env("HUBBUB_TELEMETRY__OTLP_ENDPOINT", &endpoint)
        .env("OTEL_BSP_SCHEDULE_DELAY", "200")
        // More than an operator should ever turn on.
        .env("HUBBUB_TELEMETRY__FILTER", "debug");
    let fleet = Fleet::start(options).await.expect("the product starts");
    let mut canaries = Canaries::new();
    let ada = use_passwords(&fleet, &mut canaries).await;
    use_credentials(&fleet, &ada, &mut canaries).await;
    canaries.insert("the administrator's password", fleet.admin().1.to_owned());
    let words = canary("words");
    let room = ada.creates_room("general").await;
    let mut socket = ada.connect(&fleet.gateway(0).ws_url).await;
    let said = json!({"room": room, "body": words});
    socket.send("message.send", said).await.expect("sent");
    eventually("the traces to come", TRACED_WITHIN, async || {
        collector.text().contains("stream.append").then_some(())
    })
    .await;

    let mut written = logs(&fleet);
    assert!(written.len() > 5, "every process has a log");
    let gateway = fleet.node(Kind::Gateway, 0).log();
    let is_debugged = std::fs::read_to_string(gateway).expect("a log");
    assert!(
        is_debugged.contains("\"DEBUG\""),
        "the logs say all they can"
    );
    written.push(("the traces".into(), collector.text()));
    for (place, text) in &written {
        assert!(!holds(text, &words), "{place} has what people say");
    }
    let stored = database(&fleet).await;
    for known in [NAME, &words] {
        let is_found = stored.iter().any(|(_, text)| holds(text, known));
        assert!(is_found, "the search does not find {known}");
    }
    written.extend(stored);
    written.extend(cache(&fleet).await);
    let mut leaks = Vec::new();
    for (what, secret) in &canaries {
        let places = written.iter().filter(|(_, text)| holds(text, secret));
        leaks.extend(places.map(|(place, _)| format!("{what} is in {place}")));
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
}
