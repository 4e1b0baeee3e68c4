//! What can only be asked for over a WebSocket: a connection for one command.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::tungstenite::Message;

use super::{BETWEEN_ATTEMPTS, Member, PATIENCE, TIMEOUT};
use crate::{
    account::fresh_key,
    socket::{self, Socket},
    target::Target,
    wire,
};

/// The answer to a command.
enum Answer {
    Done,
    Refused(String),
    Later(Duration),
}

impl Member {
    /// Puts somebody out of a room and answers once that holds.
    ///
    /// # Errors
    /// When it is refused, or no gateway answers within a minute.
    pub async fn kick(&self, room: &str, user: &str) -> Result<()> {
        let data = json!({ "room": room, "user": user, "reason": "a rehearsal" });
        self.command("mod.kick", &data).await
    }

    /// Gives a command at one gateway after the other, under one key, until one of them answers what is final.
    async fn command(&self, kind: &str, data: &Value) -> Result<()> {
        let frame = json!({ "type": kind, "id": "c", "key": fresh_key(), "data": data });
        let (frame, started) = (frame.to_string(), Instant::now());
        let mut last = String::new();
        for gateway in self.gateways.iter().cycle() {
            let pause = match timeout(TIMEOUT, self.ask(gateway, &frame)).await {
                Ok(Ok(Answer::Done)) => return Ok(()),
                Ok(Ok(Answer::Refused(why))) => bail!("{kind}: {why}"),
                Ok(Ok(Answer::Later(after))) => after,
                Ok(Err(error)) => {
                    last = format!("{error:#}");
                    BETWEEN_ATTEMPTS
                }
                Err(late) => {
                    last = late.to_string();
                    BETWEEN_ATTEMPTS
                }
            };
            if started.elapsed() > PATIENCE {
                break;
            }
            sleep(pause).await;
        }
        bail!("{kind}: still no answer: {last}")
    }

    async fn ask(&self, gateway: &Target, frame: &str) -> Result<Answer> {
        let mut socket = socket::upgrade(gateway, 0).await?;
        let hello = json!({ "type": "hello", "id": "h", "data": { "token": self.token } });
        socket.send(Message::text(hello.to_string())).await?;
        hear(&mut socket, "welcome").await?;
        socket.send(Message::text(frame)).await?;
        let answer = hear(&mut socket, "ok").await;
        // Whether the server still hears the goodbye does not matter.
        let _ = socket.close(None).await;
        answer
    }
}

/// Waits for a frame of a type, or for a refusal.
async fn hear(socket: &mut Socket, kind: &str) -> Result<Answer> {
    loop {
        let text = match socket.next().await.context("the connection ended")?? {
            Message::Text(text) => text,
            Message::Close(frame) => bail!("closed: {frame:?}"),
            _ => continue,
        };
        let frame = wire::parse(&text).with_context(|| format!("not a frame: {text}"))?;
        match frame.kind {
            "error" => {
                let error: Value = serde_json::from_str(frame.error.context("no error")?.get())?;
                if error["retry"] != true {
                    return Ok(Answer::Refused(text.to_string()));
                }
                let after = error["retryAfterMs"].as_u64().unwrap_or(0);
                return Ok(Answer::Later(
                    Duration::from_millis(after).max(BETWEEN_ATTEMPTS),
                ));
            }
            "bye" => bail!("goodbye: {text}"),
            found if found == kind => return Ok(Answer::Done),
            _ => {}
        }
    }
}
