//! What ends everywhere at once: all sessions of a person, with every socket they hold, also where the news is lost.

use std::time::{Duration, Instant};

use serde_json::json;
use testkit::{PASSWORD, Person, SUBPROTOCOL, Socket};

use crate::{console::Console, stage::Stage};

/// How soon a socket of an ended session is closed.
const TOLD: Duration = Duration::from_secs(2);
/// The same on a gateway that loses every event: announced heads reveal what was missed.
const REPAIRED: Duration = Duration::from_secs(10);

/// Waits for the end of a socket and says how long after `since` it came.
async fn ends(socket: &mut Socket, since: Instant) -> Duration {
    let closed = socket.closed().await;
    assert_eq!(closed.code, 4101, "{closed:?}");
    since.elapsed()
}

#[tokio::test]
async fn when_all_sessions_end_every_socket_ends_and_no_door_opens_again() {
    let mut stage = Stage::open().await;
    let deaf = [("HUBBUB_FAILPOINT", "lose_events")];
    stage.start_gateway_with(1, &deaf).await;
    let mallory = Person::sign_up(&stage.http(0), "mallory").await;
    let phone = Person::log_in(&stage.http(0), "mallory", PASSWORD).await;
    let mut first = mallory.connect(&stage.ws(0)).await;
    let mut second = phone.connect(&stage.ws(0)).await;
    let mut deafened = phone.connect(&stage.ws(1)).await;
    let (status, body) = phone.post("/v1/rt/tickets", json!({})).await;
    assert_eq!(status, 201, "{body}");

    let console = Console::open(&stage).await;
    let whose = json!({"user_id": "@mallory"});
    console.done("AuthService/RevokeUserSessions", whose).await;
    let since = Instant::now();
    let (one, other, late) = tokio::join!(
        ends(&mut first, since),
        ends(&mut second, since),
        ends(&mut deafened, since)
    );
    assert!(one < TOLD && other < TOLD, "{one:?} {other:?}");
    assert!(late < REPAIRED, "{late:?}");

    // Nothing that the sessions gave opens a door again.
    for hello in [
        json!({"token": phone.account.token}),
        json!({"ticket": body["ticket"]}),
        json!({"token": mallory.account.token, "resume": first.resume()}),
    ] {
        for index in [0, 1] {
            let opened = Socket::open(&stage.ws(index), &[SUBPROTOCOL], &[]).await;
            let closed = opened.expect("upgraded").hello(hello.clone()).await;
            let code = closed.expect_err("shown out").code;
            assert!([4101, 4401].contains(&code), "{code} for {hello}");
        }
    }
    assert_eq!(phone.get("/account").await.0, 401);
    assert_eq!(phone.post("/v1/rt/tickets", json!({})).await.0, 401);
}
