//! Every failed proof of who somebody is, counted and logged by its class: an alarm looks at these.

use devstack::fleet::Kind;
use serde_json::{Value, json};
use testkit::{Person, SUBPROTOCOL, Socket};

use crate::stage::Stage;

/// Says `hello` with a token that must not be good.
async fn is_shown_out(stage: &Stage, token: &str) {
    let socket = Socket::open(&stage.ws(0), &[SUBPROTOCOL], &[]).await;
    let mut socket = socket.expect("upgraded");
    let closed = socket.hello(json!({"token": token})).await;
    closed.expect_err("closed");
}

async fn tries_password(stage: &Stage, name: &str) -> u16 {
    let body = json!({"username": name, "password": "a wrong password"});
    let request = reqwest::Client::new().post(format!("{}/login", stage.http(0)));
    let response = request.json(&body).send().await.expect("an answer");
    response.status().as_u16()
}

/// Returns how often auth-svc has counted a class.
async fn counted(stage: &Stage, class: &str) -> Option<u64> {
    let url = format!("{}/metrics", stage.internal(Kind::Auth));
    let metrics = reqwest::get(url).await.expect("an answer").text().await;
    let metrics = metrics.expect("a body");
    let label = format!("error_type=\"{class}\"");
    let is_it =
        |line: &&str| line.starts_with("authentication_failed_total{") && line.contains(&label);
    let count = metrics.lines().find(is_it)?.rsplit(' ').next()?;
    Some(count.parse().expect("a count"))
}

#[tokio::test]
async fn every_failed_proof_is_counted_and_logged_by_its_class() {
    let stage = Stage::open().await;
    let ada = Person::sign_up(&stage.http(0), "ada").await;
    let token = ada.account.token.clone();
    let tampered = format!("{}AAAA", &token[..token.len() - 4]);
    is_shown_out(&stage, "no token at all").await;
    is_shown_out(&stage, &tampered).await;
    let (status, body) = ada.post("/logout", json!({})).await;
    assert!((200..300).contains(&status), "{status}: {body}");
    is_shown_out(&stage, &token).await;
    assert_eq!(tries_password(&stage, "unheard-of").await, 401);
    // Five are free; on a slow machine the delay after the fifth may be over before the sixth.
    let mut wrong = 0;
    while tries_password(&stage, "ada").await == 401 {
        wrong += 1;
        assert!(wrong < 10, "guesses are never delayed");
    }
    assert!(wrong >= 5, "{wrong} guesses");

    let log = stage.log(Kind::Auth);
    let lines = log
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let failures: Vec<_> = lines
        .filter(|line| line["event_type"] == "authentication_failed")
        .map(|line| line["error_type"].as_str().unwrap_or_default().to_owned())
        .collect();
    for (class, expected) in [
        ("malformed", 1),
        ("bad_signature", 1),
        ("revoked", 1),
        ("credentials", wrong + 1),
        ("delayed", 1),
    ] {
        assert_eq!(counted(&stage, class).await, Some(expected), "{class}");
        let logged = failures.iter().filter(|logged| *logged == class).count();
        assert_eq!(logged as u64, expected, "{class} in {failures:?}");
    }
    for name in ["unheard-of", "a wrong password", token.as_str()] {
        assert!(!log.contains(name), "{name} is in the log");
    }
}
