//! A user over REST: sign up, rooms, tickets, history.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use reqwest::{Client, RequestBuilder, StatusCode};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;

use crate::{histcheck::Entry, plan::Plan, target::Target, wire};

/// How long one request may be told to come back later before it fails.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long one attempt may take.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Messages per history page.
const PAGE: usize = 100;

/// A signed-up user.
#[derive(Debug)]
pub struct Account {
    client: Client,
    token: String,
    home: Target,
    name: String,
    password: String,
}

impl Account {
    /// Signs up user number `user` of the run at a gateway.
    ///
    /// # Errors
    /// When the gateway refuses or cannot be reached.
    pub async fn sign_up(run: &str, user: usize, home: &Target) -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct Grant {
            token: String,
        }
        let client = Client::builder()
            .no_proxy()
            .local_address(home.source(user))
            // An idle REST connection would count as memory of the WebSocket ones.
            .pool_max_idle_per_host(0)
            .timeout(TIMEOUT)
            .build()?;
        let (name, password) = (format!("lt{run}u{user}"), fresh_key());
        let body = json!({ "username": name, "password": password });
        let url = format!("{}/signup", home.http);
        let grant: Grant = patiently(|| client.post(&url).json(&body))
            .await
            .context("cannot sign up")?;
        Ok(Self {
            client,
            token: grant.token,
            home: home.clone(),
            name,
            password,
        })
    }

    /// Logs in again, which is one more session; the first one stays.
    ///
    /// # Errors
    /// When the gateway refuses, even if only for now, or cannot be reached.
    pub async fn log_in(&self) -> anyhow::Result<()> {
        let body = json!({ "username": self.name, "password": self.password });
        let url = format!("{}/v1/login", self.home.http);
        let response = self.client.post(url).json(&body).send().await?;
        let status = response.status();
        let text = response.text().await?;
        anyhow::ensure!(status.is_success(), "{status}: {text}");
        Ok(())
    }

    /// Returns the access token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Creates a public room and returns its id; this user is its owner and first member.
    ///
    /// # Errors
    /// When the gateway refuses or cannot be reached.
    pub async fn create_room(&self, name: &str) -> anyhow::Result<String> {
        #[derive(Deserialize)]
        struct Created {
            room: Room,
        }
        #[derive(Deserialize)]
        struct Room {
            id: String,
        }
        let created: Created = self
            .post(&self.home, "/rooms", &json!({ "name": name }))
            .await?;
        Ok(created.room.id)
    }

    /// Gets a single-use ticket from the gateway that it will be used at.
    ///
    /// # Errors
    /// When the gateway refuses or cannot be reached.
    pub async fn ticket(&self, target: &Target) -> anyhow::Result<String> {
        #[derive(Deserialize)]
        struct Ticket {
            ticket: String,
        }
        let answer: Ticket = self.post(target, "/v1/rt/tickets", &json!({})).await?;
        Ok(answer.ticket)
    }

    /// Reads a room's whole history, oldest first.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub async fn history(&self, room: &str, plan: &Plan) -> anyhow::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        // Seq 1 is the creation of the room. 0 would stand for the newest page.
        let mut after = 1;
        loop {
            let url = format!(
                "{}/v1/rooms/{room}/messages?after={after}&limit={PAGE}",
                self.home.http
            );
            let text = patiently_text(|| self.client.get(&url).bearer_auth(&self.token)).await?;
            let page: Page<'_> = serde_json::from_str(&text).context("not a history page")?;
            for message in &page.messages {
                let id = wire::parse_id(message.message).context("a message id is not a uuid")?;
                entries.push(Entry {
                    seq: message.seq,
                    id,
                    message: plan.message_of(&message.body),
                });
            }
            let last = page.messages.last().map_or(after, |message| message.seq);
            if !page.more {
                return Ok(entries);
            }
            if last <= after {
                bail!("room {room}: the page after {after} does not advance");
            }
            after = last;
        }
    }

    async fn post<T: DeserializeOwned>(
        &self,
        target: &Target,
        path: &str,
        body: &serde_json::Value,
    ) -> anyhow::Result<T> {
        let (url, key) = (format!("{}{path}", target.http), fresh_key());
        let request = || {
            let request = self.client.post(&url).bearer_auth(&self.token);
            request.header("Idempotency-Key", &key).json(body)
        };
        patiently(request)
            .await
            .with_context(|| format!("cannot post to {path}"))
    }
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    messages: Vec<wire::Message<'a>>,
    more: bool,
}

/// Returns a fresh, time-ordered key; any fresh id of the product has that form.
pub fn fresh_key() -> String {
    proto::id::ConnectionId::generate().to_string()
}

async fn patiently<T: DeserializeOwned>(request: impl Fn() -> RequestBuilder) -> anyhow::Result<T> {
    let text = patiently_text(request).await?;
    serde_json::from_str(&text).context("unexpected answer")
}

/// Sends a request, and again when the answer is to come back later, no sooner than it says.
async fn patiently_text(request: impl Fn() -> RequestBuilder) -> anyhow::Result<String> {
    let started = Instant::now();
    loop {
        let response = request().send().await?;
        let status = response.status();
        let later = response
            .headers()
            .get("retry-after")
            .and_then(|value| value.to_str().ok()?.parse().ok());
        let text = response.text().await?;
        if status.is_success() {
            return Ok(text);
        }
        let is_busy = matches!(
            status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
        );
        if !is_busy || started.elapsed() > PATIENCE {
            bail!("{status}: {text}");
        }
        let jitter = Duration::from_millis(rand::random_range(50..250));
        tokio::time::sleep(Duration::from_secs(later.unwrap_or(0).min(30)) + jitter).await;
    }
}
