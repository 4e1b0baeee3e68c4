//! Bans of address ranges: who is hit, who is not, and what a forged header is worth.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::{Closed, PASSWORD, Person, SUBPROTOCOL, Socket};
use tokio_tungstenite::tungstenite::Error as WsError;

use crate::{
    bans::shown_out,
    console::{Console, eventually, now_ms},
    stage::Stage,
};

const TOLD: Duration = Duration::from_secs(2);
const REPAIRED: Duration = Duration::from_secs(10);
const FORWARDED_FOR: &str = "x-forwarded-for";
/// The proxy is this machine.
const PROXIED: [(&str, &str); 1] = [("HUBBUB_GATEWAY__TRUSTED_PROXIES", r#"["127.0.0.1/32"]"#)];

/// Requests that a proxy forwards, with what stands in `X-Forwarded-For`.
struct Forwarded<'a> {
    stage: &'a Stage,
    line: &'a str,
    http: reqwest::Client,
}

impl<'a> Forwarded<'a> {
    fn from(stage: &'a Stage, line: &'a str) -> Self {
        Self {
            stage,
            line,
            http: reqwest::Client::new(),
        }
    }

    /// Sends a request; status, content type and body.
    async fn asks(
        &self,
        gateway: usize,
        method: &str,
        path: &str,
        body: &Value,
    ) -> (u16, String, Value) {
        let url = format!("{}{path}", self.stage.http(gateway));
        let mut request = self
            .http
            .request(method.parse().expect("a method"), url)
            .header(FORWARDED_FOR, self.line);
        if !body.is_null() {
            request = request.json(body);
        }
        let response = request.send().await.expect("an answer");
        let status = response.status().as_u16();
        let kind = response.headers().get("content-type");
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.to_owned();
        (status, kind, response.json().await.unwrap_or_default())
    }

    async fn enters(&self, path: &str, name: &str) -> (u16, Value) {
        let body = json!({"username": name, "password": PASSWORD});
        let (status, _, answer) = self.asks(0, "POST", path, &body).await;
        (status, answer)
    }

    async fn upgrades(&self, gateway: usize) -> Result<Socket, WsError> {
        let url = self.stage.ws(gateway);
        Socket::open(&url, &[SUBPROTOCOL], &[(FORWARDED_FOR, self.line)]).await
    }

    /// Connects and says hello.
    async fn connects(&self, gateway: usize, token: &Value) -> Result<Socket, Closed> {
        let mut socket = self.upgrades(gateway).await.expect("upgraded");
        socket.hello(json!({"token": token})).await?;
        Ok(socket)
    }
}

/// The status of a refused upgrade.
fn refused(upgraded: Result<Socket, WsError>) -> u16 {
    match upgraded {
        Err(WsError::Http(response)) => response.status().as_u16(),
        Err(other) => panic!("not refused in good order: {other}"),
        Ok(_) => panic!("upgraded"),
    }
}

#[tokio::test]
async fn a_banned_range_is_refused_on_every_route_and_closed_on_every_gateway() {
    let stage = Stage::with_env(&PROXIED).await;
    let root = stage.admin().await;
    let mut of_root = root.connect(&stage.ws(1)).await;
    let cafe = Forwarded::from(&stage, "203.0.113.7");
    let home = Forwarded::from(&stage, "198.51.100.7");
    let (status, mallory) = cafe.enters("/signup", "mallory").await;
    assert_eq!(status, 201, "{mallory}");
    let (_, ada) = home.enters("/signup", "ada").await;
    let mut in_cafe = Vec::new();
    for gateway in [0, 1] {
        in_cafe.push(cafe.connects(gateway, &mallory["token"]).await.expect("in"));
    }
    let mut at_home = home.connects(0, &ada["token"]).await.expect("in");
    let mut visitor = home.connects(1, &mallory["token"]).await.expect("in");

    let preview = json!({"cidr": "203.0.113.0/24"});
    let seen = eventually("the registry to know them", TOLD, async || {
        let seen = of_root.send("mod.preview", preview.clone()).await;
        let seen = seen.expect("a preview");
        (seen["liveConnections"] == 2).then_some(seen)
    })
    .await;
    assert_eq!(
        (&seen["users"], &seen["admins"]),
        (&json!(1), &json!(0)),
        "{seen}"
    );
    assert_eq!(seen["sample"], json!(["mallory"]), "{seen}");

    let ban = json!({"cidr": "203.0.113.99/24", "reason": "a bot farm"});
    let banned = of_root.send("mod.ban", ban).await.expect("banned");
    let acked = Instant::now();
    assert_eq!(banned["ban"]["cidr"], "203.0.113.0/24", "its shortest form");
    assert_eq!(banned["hit"]["users"], 1);
    for socket in &mut in_cafe {
        let after = shown_out(socket, acked).await;
        assert!(after < TOLD, "took {after:?}");
    }
    // Whoever is somewhere else is not hit, not even the same person.
    for socket in [&mut at_home, &mut visitor] {
        assert!(
            socket
                .settle()
                .await
                .iter()
                .all(|frame| frame.kind != "bye")
        );
    }

    let neighbour = Forwarded::from(&stage, "203.0.113.200");
    let forger = Forwarded::from(&stage, "198.51.100.7, 203.0.113.9");
    for gateway in [0, 1] {
        for who in [&cafe, &neighbour, &forger] {
            for (method, path) in [
                ("POST", "/signup"),
                ("POST", "/login"),
                ("POST", "/v1/rt/tickets"),
                ("GET", "/account"),
                ("GET", "/rooms"),
                ("GET", "/"),
                ("GET", "/docs"),
                ("GET", "/openapi.json"),
                ("GET", "/no-such-route"),
            ] {
                let body = if method == "POST" {
                    json!({})
                } else {
                    Value::Null
                };
                let (status, kind, problem) = who.asks(gateway, method, path, &body).await;
                assert_eq!(
                    (status, kind.as_str()),
                    (403, "application/problem+json"),
                    "{path}"
                );
                assert_eq!(problem["reason"], "BANNED", "{path}");
            }
            assert_eq!(refused(who.upgrades(gateway).await), 403);
        }
        assert_eq!(
            home.asks(gateway, "GET", "/v1/jwks", &Value::Null).await.0,
            200
        );
    }

    let (status, _) = root
        .post("/users/unban", json!({"cidr": "203.0.113.0/24"}))
        .await;
    assert_eq!(status, 200);
    // Each gateway hears of it by itself.
    eventually("the range to be free", TOLD, async || {
        for gateway in [0, 1] {
            let (status, ..) = cafe.asks(gateway, "GET", "/v1/jwks", &Value::Null).await;
            if status != 200 {
                return None;
            }
        }
        Some(())
    })
    .await;
    cafe.connects(1, &mallory["token"]).await.expect("back");
}

#[tokio::test]
async fn ranges_of_both_families_count_and_end_by_themselves() {
    let stage = Stage::with_env(&PROXIED).await;
    let root = stage.admin().await;
    let status = async |address: &str| {
        let visitor = Forwarded::from(&stage, address);
        let (status, ..) = visitor.asks(1, "GET", "/v1/jwks", &Value::Null).await;
        status
    };
    // Long enough to make all four and to see each hold.
    let until = now_ms() + 10_000;
    for (cidr, short, hit, free) in [
        (
            "2001:db8:1:2:3:4:5:6",
            "2001:db8:1:2::/64",
            "2001:db8:1:2::ffff",
            "2001:db8:1:3::1",
        ),
        (
            "2001:db8:2::/48",
            "2001:db8:2::/48",
            "2001:db8:2:ffff::1",
            "2001:db8:3::1",
        ),
        ("192.0.2.77", "192.0.2.77/32", "192.0.2.77", "192.0.2.78"),
        (
            "198.51.100.128/25",
            "198.51.100.128/25",
            "198.51.100.255",
            "198.51.100.127",
        ),
    ] {
        let ban = json!({"cidr": cidr, "reason": "abuse", "until": until});
        let (code, banned) = root.post("/users/ban", ban).await;
        assert_eq!(
            (code, &banned["ban"]["cidr"]),
            (200, &json!(short)),
            "{banned}"
        );
        eventually(short, TOLD, async || {
            (status(hit).await == 403).then_some(())
        })
        .await;
        assert_eq!(status(free).await, 200, "{free} is not in {short}");
    }
    // An IPv4 address written as IPv6 is the same address.
    assert_eq!(status("::ffff:192.0.2.77").await, 403);
    let patience = Duration::from_secs(20);
    for hit in ["2001:db8:1:2::ffff", "192.0.2.77", "198.51.100.255"] {
        eventually("the ban to end", patience, async || {
            (status(hit).await == 200).then_some(())
        })
        .await;
        assert!(now_ms() >= until, "it ended too early");
    }
}

#[tokio::test]
async fn a_ban_that_would_hit_everyone_or_oneself_is_refused() {
    let stage = Stage::with_env(&PROXIED).await;
    let root = stage.admin().await;
    // The administrator works from an office.
    let office = Forwarded::from(&stage, "198.51.100.1");
    let (name, password) = stage.admin_credentials();
    let body = json!({"username": name, "password": password});
    let (status, _, there) = office.asks(0, "POST", "/login", &body).await;
    assert_eq!(status, 200, "{there}");
    let mut socket = office.connects(0, &there["token"]).await.expect("in");
    for cidr in [
        "0.0.0.0/0",
        "0.0.0.0/1",
        "64.0.0.0/7",
        "::/0",
        "2000::/3",
        "::ffff:0:0/90",
        // The caller's own.
        "198.51.100.1",
        "198.51.100.0/24",
    ] {
        let ban = json!({"cidr": cidr, "reason": "by mistake"});
        let refused = socket.send("mod.ban", ban).await.expect_err("refused");
        assert_eq!(refused.reason, "RANGE_REFUSED", "{cidr}");
    }
    for nonsense in [
        "",
        "mallory",
        "203.0.113",
        "0313.0.0.1",
        "203.0.113.0/33",
        "::1%eth0",
    ] {
        let ban = json!({"cidr": nonsense, "reason": "by mistake"});
        let refused = socket.send("mod.ban", ban).await.expect_err("refused");
        assert_eq!(refused.reason, "FIELD_INVALID", "{nonsense}");
    }
    let both = json!({"cidr": "203.0.113.0/24", "user": "@admin", "reason": "x"});
    let refused = socket
        .send("mod.ban", both)
        .await
        .expect_err("one of the two");
    assert_eq!(refused.reason, "FIELD_INVALID");
    assert_eq!(root.get("/account").await.0, 200, "the caller is still in");
}

#[tokio::test]
async fn a_shadow_over_a_range_refuses_nobody() {
    let stage = Stage::with_env(&PROXIED).await;
    let root = stage.admin().await;
    let cafe = Forwarded::from(&stage, "203.0.113.7");
    let (_, mallory) = cafe.enters("/signup", "mallory").await;
    let mut socket = cafe.connects(0, &mallory["token"]).await.expect("in");
    let ban = json!({"cidr": "203.0.113.0/24", "reason": "to see", "mode": "shadow"});
    let (status, banned) = root.post("/users/ban", ban).await;
    assert_eq!(
        (status, &banned["hit"]["users"]),
        (200, &json!(1)),
        "{banned}"
    );
    let made = json!({"name": "general"});
    socket
        .send("room.create", made)
        .await
        .expect("nothing is refused");
    assert_eq!(cafe.enters("/login", "mallory").await.0, 200);
}

#[tokio::test]
async fn a_gateway_that_loses_every_event_closes_a_banned_range_all_the_same() {
    let mut stage = Stage::with_env(&PROXIED).await;
    let deaf = [("HUBBUB_FAILPOINT", "lose_events")];
    stage.start_gateway_with(1, &deaf).await;
    let root = stage.admin().await;
    let cafe = Forwarded::from(&stage, "203.0.113.7");
    let (_, mallory) = cafe.enters("/signup", "mallory").await;
    let mut socket = cafe.connects(1, &mallory["token"]).await.expect("in");
    let ban = json!({"cidr": "203.0.113.7", "reason": "spam"});
    assert_eq!(root.post("/users/ban", ban).await.0, 200);
    let after = shown_out(&mut socket, Instant::now()).await;
    assert!(after < REPAIRED, "took {after:?}");
    assert_eq!(refused(cafe.upgrades(1).await), 403);
}

#[tokio::test]
async fn a_forwarded_address_is_believed_from_proxies_only() {
    let stage = Stage::open().await;
    let root = stage.admin().await;
    let liar = Forwarded::from(&stage, "203.0.113.7");
    let (status, mallory) = liar.enters("/signup", "mallory").await;
    assert_eq!(status, 201);
    let ban = json!({"cidr": "203.0.113.0/24", "reason": "spam"});
    let (status, banned) = root.post("/users/ban", ban).await;
    assert_eq!(
        (status, &banned["hit"]["users"]),
        (200, &json!(0)),
        "{banned}"
    );
    // Nobody is refused for what somebody writes into a header, and what was seen is the peer's address.
    let mut socket = liar.connects(0, &mallory["token"]).await.expect("in");
    assert!(
        socket
            .settle()
            .await
            .iter()
            .all(|frame| frame.kind != "bye")
    );
    let console = Console::open(&stage).await;
    let whose = json!({"user_id": "@mallory"});
    let seen = console
        .done("AuthService/ListAddresses", whose.clone())
        .await;
    let seen: Vec<_> = seen["addresses"]
        .as_array()
        .expect("addresses")
        .iter()
        .collect();
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_eq!(seen[0]["address"], "127.0.0.1");

    let proxied = Stage::with_env(&PROXIED).await;
    let console = Console::open(&proxied).await;
    // The client writes the leftmost entry, the proxy the rightmost one.
    let forger = Forwarded::from(&proxied, "192.0.2.1, 203.0.113.7");
    assert_eq!(forger.enters("/signup", "mallory").await.0, 201);
    let seen = console.done("AuthService/ListAddresses", whose).await;
    assert_eq!(seen["addresses"][0]["address"], "203.0.113.7", "{seen}");
    let person = Person::log_in(&proxied.http(0), "mallory", PASSWORD).await;
    assert_eq!(person.get("/account").await.0, 200);
}
