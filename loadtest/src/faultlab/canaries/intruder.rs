//! Somebody who uses every kind of credential in every place that takes one, and wrong ones too, for as long as it
//! lives: what is written down about failures is where secrets leak.

use std::time::Duration;

use anyhow::{Context, Result};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::{SinkExt, StreamExt};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    client_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use super::Canaries;
use crate::{account::fresh_key, target::Target};

/// How long one answer may take.
const TIMEOUT: Duration = Duration::from_secs(3);
const BETWEEN_ROUNDS: Duration = Duration::from_secs(2);

/// Tries the doors until it is dropped.
#[derive(Debug)]
pub struct Intruder(JoinHandle<()>);

impl Drop for Intruder {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Intruder {
    /// Begins, with gateways that may be broken at any time, and plants whatever it uses.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn send(gateways: &[Target], canaries: &Canaries) -> Result<Self> {
        let client = Client::builder()
            .no_proxy()
            .pool_max_idle_per_host(0)
            .timeout(TIMEOUT);
        let visit = Visit {
            client: client.build()?,
            canaries: canaries.clone(),
        };
        let gateways = gateways.to_vec();
        Ok(Self(tokio::spawn(async move {
            for gateway in gateways.iter().cycle() {
                // It is there to fail; what counts is what others write down about it.
                let _ = visit.pay(gateway).await;
                sleep(BETWEEN_ROUNDS).await;
            }
        })))
    }
}

struct Visit {
    client: Client,
    canaries: Canaries,
}

impl Visit {
    async fn pay(&self, gateway: &Target) -> Result<()> {
        let name = format!("visitor{:08x}", rand::random::<u32>());
        let (password, wrong) = (fresh_key(), fresh_key());
        self.canaries.plant("a password", &password);
        self.canaries.plant("a wrong password", &wrong);
        let url = |path: &str| format!("{}{path}", gateway.http);
        let body = json!({ "username": name, "password": password });
        let grant = self
            .post(self.client.post(url("/signup")).json(&body))
            .await?;
        for username in [&name, &wrong] {
            let body = json!({ "username": username, "password": wrong });
            self.post(self.client.post(url("/login")).json(&body))
                .await?;
        }
        let token = grant["token"].as_str().context("no token")?;
        let session = grant["session"].as_str().context("no session")?;
        self.canaries.plant("an access token", token);
        self.canaries.plant("a session token", session);
        let change = json!({ "oldPassword": wrong, "newPassword": password });
        let change = self.client.post(url("/v1/account/password")).json(&change);
        self.post(change.bearer_auth(token)).await?;
        let ticket = self.client.post(url("/v1/rt/tickets")).json(&json!({}));
        let ticket = self.post(ticket.bearer_auth(token)).await?;
        let ticket = ticket["ticket"].as_str().context("no ticket")?;
        self.canaries.plant("a ticket", ticket);
        self.knock(gateway, (token, session, ticket)).await
    }

    async fn post(&self, request: RequestBuilder) -> Result<Value> {
        let answer = request.send().await?.text().await?;
        Ok(serde_json::from_str(&answer).unwrap_or_default())
    }

    /// Opens a WebSocket with each credential in each place, and asks over REST with those that are wrong there.
    async fn knock(
        &self,
        gateway: &Target,
        (token, session, ticket): (&str, &str, &str),
    ) -> Result<()> {
        let forged = format!("{}-forged", fresh_key());
        self.canaries.plant("a forged token", &forged);
        let bearer = format!("bearer.{}", URL_SAFE_NO_PAD.encode(token));
        let cookie = format!("sid={session}");
        let plain = proto::frame::SUBPROTOCOL.to_owned();
        let both = format!("{plain}, {bearer}");
        for (query, protocols, hello) in [
            (String::new(), &plain, json!({ "ticket": ticket })),
            (String::new(), &plain, json!({ "ticket": ticket })),
            (String::new(), &plain, json!({ "token": forged })),
            (String::new(), &both, json!({})),
            (format!("?session={session}"), &plain, json!({})),
            (format!("?session={forged}"), &plain, json!({})),
            (
                format!("?Authorization=Bearer%20{token}"),
                &plain,
                json!({}),
            ),
        ] {
            let entered = self.enter(gateway, (&query, protocols), &cookie, &hello);
            // Refused or not, the next one is tried.
            let _ = timeout(TIMEOUT, entered).await;
        }
        for bad in [&forged, session] {
            let url = format!("{}/v1/account?session={bad}", gateway.http);
            let asked = self
                .client
                .get(url)
                .bearer_auth(bad)
                .header("cookie", &cookie);
            self.post(asked).await?;
        }
        Ok(())
    }

    async fn enter(
        &self,
        gateway: &Target,
        (query, protocols): (&str, &str),
        cookie: &str,
        hello: &Value,
    ) -> Result<()> {
        let mut request = format!("{}{query}", gateway.ws).into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", HeaderValue::from_str(protocols)?);
        headers.insert("cookie", HeaderValue::from_str(cookie)?);
        headers.insert("origin", HeaderValue::from_str(&gateway.http)?);
        let stream = TcpStream::connect(gateway.address).await?;
        let (mut socket, _) = client_async(request, stream).await?;
        let hello = json!({ "type": "hello", "id": "h", "data": hello });
        socket.send(Message::text(hello.to_string())).await?;
        socket.next().await.context("no answer")??;
        // A frame that breaks off in the middle of a token: errors like to quote what they do not understand.
        let broken = format!(r#"{{"type":"auth.refresh","data":{{"token":"{cookie}"#);
        socket.send(Message::text(broken)).await?;
        socket.next().await.context("no goodbye")??;
        Ok(())
    }
}
