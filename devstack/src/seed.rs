//! Something to look at after the first start: two people who are friends, and a room.

use anyhow::{Context, Result, bail};
use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

/// Name and password of the demo users.
pub const USERS: [(&str, &str); 2] = [
    ("ada", "analytical-engine-1843"),
    ("grace", "compiler-nanosecond-1952"),
];
/// The demo room.
pub const ROOM: &str = "general";

/// The session of the first demo user, for the lines of the banner.
#[derive(Debug, Clone)]
pub struct Demo {
    /// The session token.
    pub session: String,
}

/// Makes the demo users and room through a gateway, unless they are there.
///
/// # Errors
/// Fails when the gateway refuses for any other reason.
pub async fn run(gateway: &str) -> Result<Demo> {
    let http = reqwest::Client::new();
    for (username, password) in USERS {
        let body = json!({"username": username, "password": password});
        let response = post(&http, gateway, "/v1/signup", None, &body).await?;
        allow("sign-up", response, "USERNAME_TAKEN")?;
    }
    let [ada, grace] = [
        log_in(&http, gateway, USERS[0]).await?,
        log_in(&http, gateway, USERS[1]).await?,
    ];
    // The second request crosses the first: they are friends.
    for (account, other) in [(&ada, USERS[1].0), (&grace, USERS[0].0)] {
        let body = json!({"user": format!("@{other}")});
        let response = post(&http, gateway, "/v1/users/add", token(account), &body).await?;
        allow("friendship", response, "ALREADY_FRIENDS")?;
    }
    let room = json!({"name": ROOM, "topic": "Say hello"});
    let response = post(&http, gateway, "/v1/rooms", token(&ada), &room).await?;
    allow("room", response, "ROOM_EXISTS")?;
    Ok(Demo {
        session: ada["session"].as_str().unwrap_or_default().to_owned(),
    })
}

async fn log_in(
    http: &reqwest::Client,
    gateway: &str,
    (username, password): (&str, &str),
) -> Result<Value> {
    let body = json!({"username": username, "password": password});
    let (status, account) = post(http, gateway, "/v1/login", None, &body).await?;
    if token(&account).is_none() {
        bail!("log-in of {username}: {status} {account}");
    }
    Ok(account)
}

fn token(account: &Value) -> Option<&str> {
    account["token"].as_str()
}

async fn post(
    http: &reqwest::Client,
    gateway: &str,
    path: &str,
    token: Option<&str>,
    body: &Value,
) -> Result<(StatusCode, Value)> {
    let mut request = http.post(format!("{gateway}{path}")).json(body);
    request = request.header("idempotency-key", Uuid::now_v7().to_string());
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let response = request
        .send()
        .await
        .with_context(|| format!("{path} does not answer"))?;
    let status = response.status();
    Ok((status, response.json().await.unwrap_or_default()))
}

fn allow(what: &str, (status, body): (StatusCode, Value), reason: &str) -> Result<()> {
    if !status.is_success() && body["reason"] != reason {
        bail!("{what} of the demo data was refused: {status} {body}");
    }
    Ok(())
}
