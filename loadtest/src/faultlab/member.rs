//! People of the lab: accounts that log in, own rooms, and one of them an administrator.

mod command;

use std::time::Duration;

use anyhow::{Context, Result, bail};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    account::fresh_key,
    faultlab::canaries::Canaries,
    histcheck::Entry,
    target::Target,
    wire::{self, Message},
};

const TIMEOUT: Duration = Duration::from_secs(8);
const PATIENCE: Duration = Duration::from_secs(60);
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(200);
/// Messages per history page.
const PAGE: usize = 100;

/// An account and its present token.
#[derive(Debug, Clone)]
pub struct Member {
    client: Client,
    gateways: Vec<Target>,
    /// The account's id.
    pub id: String,
    name: String,
    password: String,
    token: String,
    /// Everything that only this person may know.
    canaries: Canaries,
}

impl Member {
    /// Signs up.
    ///
    /// # Errors
    /// When no gateway lets them within a minute.
    pub async fn sign_up(name: &str, gateways: &[Target]) -> Result<Self> {
        let (password, canaries) = (fresh_key(), Canaries::default());
        Self::enter("/signup", (name, &password), gateways, canaries).await
    }

    /// Logs in with an account that exists.
    ///
    /// # Errors
    /// When no gateway lets them within a minute.
    pub async fn log_in(name: &str, password: &str, gateways: &[Target]) -> Result<Self> {
        Self::enter("/login", (name, password), gateways, Canaries::default()).await
    }

    /// Gets a new token: the old one may end during the next run.
    ///
    /// # Errors
    /// When no gateway answers within a minute.
    pub async fn again(&self) -> Result<Self> {
        let who = (self.name.as_str(), self.password.as_str());
        Self::enter("/login", who, &self.gateways, self.canaries.clone()).await
    }

    async fn enter(
        path: &str,
        (name, password): (&str, &str),
        gateways: &[Target],
        canaries: Canaries,
    ) -> Result<Self> {
        let client = Client::builder()
            .no_proxy()
            // An idle connection would count as something that a gateway does not give back.
            .pool_max_idle_per_host(0)
            .timeout(TIMEOUT);
        let mut member = Self {
            client: client.build()?,
            gateways: gateways.to_vec(),
            id: String::new(),
            name: name.to_owned(),
            password: password.to_owned(),
            token: String::new(),
            canaries,
        };
        let body = json!({ "username": name, "password": password });
        let grant = member.post(path, &body).await?;
        member.id = text(&grant["user"]["id"])?;
        member.token = text(&grant["token"])?;
        let canaries = &member.canaries;
        canaries.plant("a password", password);
        canaries.plant("an access token", &member.token);
        canaries.plant("a session token", &text(&grant["session"])?);
        Ok(member)
    }

    /// Returns what only this person may know: the password, and every token of every log-in so far.
    #[must_use]
    pub fn canaries(&self) -> &Canaries {
        &self.canaries
    }

    /// Returns the name that people see, which is no secret.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the token for `hello`.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Creates a public room and returns its id.
    ///
    /// # Errors
    /// When no gateway answers within a minute, or the room is refused.
    pub async fn create_room(&self, name: &str) -> Result<String> {
        let created = self.post("/rooms", &json!({ "name": name })).await?;
        text(&created["room"]["id"])
    }

    /// Bans an account and answers once that holds.
    ///
    /// # Errors
    /// When it is refused, or no gateway answers within a minute.
    pub async fn ban(&self, user: &str) -> Result<()> {
        let body = json!({ "user": user, "reason": "a rehearsal" });
        self.post("/users/ban", &body).await.map(drop)
    }

    /// Lifts the ban of an account.
    ///
    /// # Errors
    /// When it is refused, or no gateway answers within a minute.
    pub async fn unban(&self, user: &str) -> Result<()> {
        self.post("/users/unban", &json!({ "user": user }))
            .await
            .map(drop)
    }

    /// Blocks somebody, or stops to.
    ///
    /// # Errors
    /// When it is refused, or no gateway answers within a minute.
    pub async fn block(&self, user: &str, on: bool) -> Result<()> {
        let path = if on { "/users/block" } else { "/users/unblock" };
        self.post(path, &json!({ "user": user })).await.map(drop)
    }

    /// Reads a room's whole history, oldest first; `number` tells which message a body is.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub async fn history(&self, room: &str, number: impl Fn(&str) -> u32) -> Result<Vec<Entry>> {
        let mut entries = Vec::new();
        // Seq 1 is the creation of the room. 0 would stand for the newest page.
        let mut after = 1;
        loop {
            let path = format!("/v1/rooms/{room}/messages?after={after}&limit={PAGE}");
            let page = self.request(Method::GET, &path, None).await?;
            let messages: Vec<Message<'_>> = page["messages"]
                .as_array()
                .context("not a history page")?
                .iter()
                .map(serde::Deserialize::deserialize)
                .collect::<Result<_, _>>()?;
            for message in &messages {
                entries.push(Entry {
                    seq: message.seq,
                    id: wire::parse_id(message.message).context("a message id is not a uuid")?,
                    message: number(&message.body),
                });
            }
            let Some(last) = messages.last().filter(|_| page["more"] == true) else {
                return Ok(entries);
            };
            after = last.seq;
        }
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.request(Method::POST, path, Some(body)).await
    }

    /// Sends a request to one gateway after the other, under one key, until one of them answers what is final.
    async fn request(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let key = fresh_key();
        let deadline = tokio::time::Instant::now() + PATIENCE;
        let mut last = String::new();
        for attempt in 0.. {
            let gateway = &self.gateways[attempt % self.gateways.len()];
            let url = format!("{}{path}", gateway.http);
            let mut request = self.client.request(method.clone(), url);
            request = request.header("Idempotency-Key", &key);
            if !self.token.is_empty() {
                request = request.bearer_auth(&self.token);
            }
            if let Some(body) = body {
                request = request.json(body);
            }
            match answer(request).await {
                Answer::Done(value) => return Ok(value),
                Answer::Refused(why) => bail!("{path}: {why}"),
                Answer::Later(why) => last = why,
            }
            if tokio::time::Instant::now() > deadline {
                break;
            }
            tokio::time::sleep(BETWEEN_ATTEMPTS).await;
        }
        bail!("{path}: still no answer: {last}")
    }
}

enum Answer {
    Done(Value),
    Refused(String),
    Later(String),
}

async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = match request.send().await {
        Ok(response) => response,
        Err(error) => return Answer::Later(error.to_string()),
    };
    let status = response.status();
    let text = match response.text().await {
        Ok(text) => text,
        Err(error) => return Answer::Later(error.to_string()),
    };
    if status.is_success() {
        let body = if text.is_empty() { "null" } else { &text };
        return serde_json::from_str(body)
            .map_or_else(|error| Answer::Refused(error.to_string()), Answer::Done);
    }
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return Answer::Later(format!("{status}: {text}"));
    }
    Answer::Refused(format!("{status}: {text}"))
}

fn text(value: &Value) -> Result<String> {
    value
        .as_str()
        .map(str::to_owned)
        .context("an answer has not the field it should have")
}
