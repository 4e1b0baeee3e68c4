//! What stands in `docs/story.md` happens.

mod page;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::{PASSWORD, SUBPROTOCOL, Socket};
use tokio_tungstenite::tungstenite::Error as WsError;

use crate::stage::Stage;
use page::Story;

const PAGE: &str = include_str!("../../../docs/story.md");
const TRUSTED: (&str, &str) = ("HUBBUB_GATEWAY__TRUSTED_PROXIES", r#"["127.0.0.1/32"]"#);
const OF_ADA: &str = "198.51.100.4";
const OF_GRACE: &str = "203.0.113.7";
/// A ban takes hold, and ends, everywhere within this time.
const SOON: Duration = Duration::from_secs(2);

/// Posts name and password from an address; status and body.
async fn enters(url: &str, name: &str, address: &str) -> (u16, Value) {
    let request = reqwest::Client::new()
        .post(url)
        .header("x-forwarded-for", address)
        .json(&json!({"username": name, "password": PASSWORD}));
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or_default())
}

async fn signs_up(gateway: &str, name: &str, address: &str) -> Value {
    let (status, body) = enters(&format!("{gateway}/signup"), name, address).await;
    assert_eq!(status, 201, "{body}");
    body["token"].clone()
}

async fn connects(ws: &str, address: &str) -> Result<Socket, WsError> {
    Socket::open(ws, &[SUBPROTOCOL], &[("x-forwarded-for", address)]).await
}

#[tokio::test]
async fn the_story() {
    let stage = Stage::with_env(&[TRUSTED]).await;
    let mut story = Story::read(PAGE);
    story.name("ADA_TOKEN", signs_up(&stage.http(0), "ada", OF_ADA).await);
    story.name(
        "GRACE_TOKEN",
        signs_up(&stage.http(1), "grace", OF_GRACE).await,
    );
    let connected = async |gateway, address| {
        let opened = connects(&stage.ws(gateway), address).await;
        opened.expect("the gateway accepts the connection")
    };
    story.enter("ada", connected(0, OF_ADA).await);
    story.enter("grace", connected(1, OF_GRACE).await);
    story.step("Ada and Grace sign up").await;
    story.step("Strangers cannot write to each other").await;
    story.step("Grace asks Ada to be friends").await;
    story.step("Ada accepts").await;
    story.step("They write to each other").await;
    story.step("Two threads stay apart").await;
    story.step("A room").await;

    story.step("Ada blocks Grace").await;
    let before = story.socket("grace").take_unread();
    let told = before.iter().any(|frame| frame.kind.starts_with("block."));
    assert!(!told, "a block is told to the blocker's own devices only");
    settled(story.socket("ada")).await;
    story
        .step("Ada does not see Grace, and Grace cannot tell")
        .await;
    let unheard = story.named("UNHEARD").clone();
    let heard = story.socket("ada").take_unread();
    assert!(
        heard
            .iter()
            .all(|frame| frame.data["message"] != unheard && frame.kind != "friend.requested"),
        "{heard:#?}"
    );
    story
        .step("Ada unblocks Grace, and they are friends again")
        .await;
    story.step("Ada corrects herself").await;

    let mut phone = connected(0, OF_GRACE).await;
    let token = json!({"token": story.named("GRACE_TOKEN")});
    phone.hello(token).await.expect("welcome");
    story.name("PHONE_MEMORY", phone.resume());
    phone.close().await;
    story.step("Ada takes a message back").await;
    let admin = stage.admin().await;
    story.name("ADMIN_TOKEN", admin.account.token.as_str());
    story.name("ADMIN", admin.id());
    story.enter("admin", connected(0, "192.0.2.1").await);
    story.enter("phone", connected(0, OF_GRACE).await);
    story.step("Who comes later does not see it either").await;
    for who in ["admin", "phone"] {
        let seen = story.socket(who).settle().await;
        assert!(
            seen.iter()
                .all(|frame| !frame.raw.to_string().contains("swordfish")),
            "{who}: {seen:#?}"
        );
    }
    story.step("Ada reports a message").await;
    story
        .step("The administrator works through the queue")
        .await;

    story.step("The administrator bans Grace's network").await;
    let banned = Instant::now();
    story.step("Grace is shown out").await;
    for who in ["grace", "phone"] {
        assert_eq!(story.socket(who).closed().await.code, 4403, "{who}");
    }
    assert!(banned.elapsed() < SOON, "took {:?}", banned.elapsed());
    let memory = story.socket("grace").resume();
    story.name("GRACE_MEMORY", memory);
    is_refused(&stage).await;

    story.step("The administrator lifts the ban").await;
    let lifted = Instant::now();
    for gateway in 0..2 {
        let url = format!("{}/login", stage.http(gateway));
        while enters(&url, "grace", OF_GRACE).await.0 != 200 {
            assert!(lifted.elapsed() < SOON, "gateway {gateway} still refuses");
        }
    }
    story.enter("grace", connected(0, OF_GRACE).await);
    story.step("Grace is back").await;
    story.end();
}

/// Waits until this connection has come to the end of its user's own feed as of now.
async fn settled(socket: &mut Socket) {
    let status = json!({"status": "online", "text": "listening"});
    socket.send("presence.set", status).await.expect("set");
    socket.expect("presence.updated").await;
}

/// Nobody from Grace's network is let in, by either gateway, by whatever way; others are.
async fn is_refused(stage: &Stage) {
    for gateway in 0..2 {
        let url = stage.http(gateway);
        let spoofed = format!("{OF_ADA}, {OF_GRACE}");
        for address in [OF_GRACE, "203.0.113.250", &spoofed] {
            let (status, body) = enters(&format!("{url}/login"), "grace", address).await;
            assert_eq!(
                (status, &body["reason"]),
                (403, &json!("BANNED")),
                "{address}"
            );
            let refused = connects(&stage.ws(gateway), address).await;
            let Err(WsError::Http(response)) = refused else {
                panic!("{address} was let in: {refused:?}")
            };
            assert_eq!(response.status(), 403, "{address}");
        }
        let (status, body) = enters(&format!("{url}/login"), "ada", OF_ADA).await;
        assert_eq!(status, 200, "{body}");
    }
}
