//! Somebody with an account.

use anyhow::{Context, Result, ensure};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::socket::{SUBPROTOCOL, Socket};

/// Everybody's password: long enough for the rules, and the same so that a test can log in anybody.
pub const PASSWORD: &str = "correct horse battery staple";

/// What sign-up and log-in answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Who it is.
    pub user: User,
    /// The access token.
    pub token: String,
    /// The session token.
    pub session: String,
    /// When `token` ends, as the server wrote it.
    #[serde(default)]
    pub expires_at: Value,
}

/// A user as the server tells of them.
#[derive(Debug, Clone, Deserialize)]
pub struct User {
    /// User id.
    pub id: String,
    /// Name.
    pub name: String,
    /// `USER` or `ADMIN`.
    pub role: String,
}

/// Somebody with an account, who talks to one gateway by REST and to any by WebSocket.
#[derive(Debug, Clone)]
pub struct Person {
    /// Name.
    pub name: String,
    /// The account as of the last sign-up or log-in.
    pub account: Account,
    /// The gateway's URL.
    pub gateway: String,
    http: reqwest::Client,
}

impl Person {
    /// Signs up through a gateway.
    ///
    /// # Panics
    /// Panics unless the account was made.
    pub async fn sign_up(gateway: &str, name: &str) -> Self {
        let body = json!({"username": name, "password": PASSWORD});
        Self::enter(gateway, "/v1/signup", name, &body)
            .await
            .expect("the account is made")
    }

    /// Logs in through a gateway.
    ///
    /// # Panics
    /// Panics unless that works.
    pub async fn log_in(gateway: &str, name: &str, password: &str) -> Self {
        let body = json!({"username": name, "password": password});
        Self::enter(gateway, "/v1/login", name, &body)
            .await
            .expect("the log-in works")
    }

    async fn enter(gateway: &str, path: &str, name: &str, body: &Value) -> Result<Self> {
        let gateway = gateway.trim_end_matches('/').to_owned();
        let http = reqwest::Client::new();
        let response = http
            .post(format!("{gateway}{path}"))
            .json(body)
            .send()
            .await?;
        let (status, text) = (response.status(), response.text().await?);
        ensure!(status.is_success(), "{path} for {name}: {status} {text}");
        let account =
            serde_json::from_str(&text).with_context(|| format!("{path} answered {text}"))?;
        Ok(Self {
            name: name.to_owned(),
            account,
            gateway,
            http,
        })
    }

    /// Is somebody whose account was made in another way.
    #[must_use]
    pub fn of_account(gateway: &str, account: Account) -> Self {
        Self {
            name: account.user.name.clone(),
            account,
            gateway: gateway.trim_end_matches('/').to_owned(),
            http: reqwest::Client::new(),
        }
    }

    /// Returns the user id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.account.user.id
    }

    /// Sends a request to the gateway with this person's token and returns status and body (null if not JSON).
    ///
    /// # Panics
    /// Panics when there is no answer.
    pub async fn request(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let method = method.parse().expect("an HTTP method");
        let mut request = self.http.request(method, format!("{}{path}", self.gateway));
        request = request
            .bearer_auth(&self.account.token)
            .header("idempotency-key", uuid::Uuid::now_v7().to_string());
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("the gateway answers");
        let status = response.status().as_u16();
        let text = response.text().await.expect("the answer is complete");
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Gets a path.
    pub async fn get(&self, path: &str) -> (u16, Value) {
        self.request("GET", path, None).await
    }

    /// Posts to a path.
    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.request("POST", path, Some(body)).await
    }

    /// Creates a room and returns its id.
    ///
    /// # Panics
    /// Panics unless the room was made.
    pub async fn creates_room(&self, name: &str) -> String {
        let (status, body) = self.post("/v1/rooms", json!({"name": name})).await;
        assert_eq!(status, StatusCode::CREATED.as_u16(), "{body}");
        body["room"]["id"]
            .as_str()
            .expect("a room has an id")
            .to_owned()
    }

    /// Connects to a gateway's WebSocket and says hello with the token.
    ///
    /// # Panics
    /// Panics unless the server welcomes us.
    pub async fn connect(&self, ws_url: &str) -> Socket {
        self.hello(ws_url, json!({"token": self.account.token}))
            .await
    }

    /// Connects anew, to any gateway, and resumes where `before` was.
    ///
    /// # Panics
    /// Panics unless the server welcomes us.
    pub async fn resume(&self, ws_url: &str, before: &Socket) -> Socket {
        let data = json!({"token": self.account.token, "resume": before.resume()});
        let mut socket = self.hello(ws_url, data).await;
        for (stream, cursor) in &before.cursors {
            socket
                .cursors
                .entry(stream.clone())
                .or_insert_with(|| cursor.clone());
        }
        socket
    }

    async fn hello(&self, ws_url: &str, data: Value) -> Socket {
        let opened = Socket::open(ws_url, &[SUBPROTOCOL], &[]).await;
        let mut socket = opened.expect("the gateway accepts the connection");
        socket.hello(data).await.expect("the gateway welcomes us");
        socket
    }
}
