//! Opens a WebSocket as one user: upgrade, hello, welcome, joins.

use std::time::Duration;

use anyhow::{Context, bail};
use futures::{SinkExt, StreamExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        Message, Utf8Bytes, client::IntoClientRequest, http::HeaderValue, protocol::WebSocketConfig,
    },
};

use crate::{account::fresh_key, histcheck::Start, target::Target, wire};

/// A connected socket.
pub type Socket = WebSocketStream<TcpStream>;

/// How long an answer may take while a connection is set up.
const PATIENCE: Duration = Duration::from_secs(15);
const BUFFER: usize = 4 * 1024;
const MESSAGE_MAX: usize = 1024 * 1024;

/// A connection that said hello and is in its rooms.
#[derive(Debug)]
pub struct Ready {
    /// The socket.
    pub socket: Socket,
    /// Where its view of each room begins.
    pub starts: Vec<Start>,
    /// Frames that came before the setup was complete.
    pub early: Vec<Utf8Bytes>,
}

/// Who connects where.
#[derive(Debug)]
pub struct Entrance<'a> {
    /// The gateway.
    pub target: &'a Target,
    /// Number of the user, which decides the source address.
    pub user: usize,
    /// A fresh ticket of that user.
    pub ticket: String,
    /// Name of the device.
    pub device: String,
    /// The rooms the connection must end up in: number and id.
    pub rooms: Vec<(u32, &'a str)>,
}

/// Connects and joins whatever `welcome` does not already list.
///
/// # Errors
/// When any step is refused or takes too long.
pub async fn open(entrance: Entrance<'_>) -> anyhow::Result<Ready> {
    let socket = tokio::time::timeout(PATIENCE, upgrade(entrance.target, entrance.user))
        .await
        .context("no answer to the upgrade")??;
    let mut ready = Ready {
        socket,
        starts: Vec::new(),
        early: Vec::new(),
    };
    ready
        .say(wire::hello(&entrance.ticket, &entrance.device))
        .await?;
    let welcome: wire::Welcome = ready.answer("welcome", None).await.context("no welcome")?;
    for (number, room) in entrance.rooms {
        let listed = welcome.rooms.iter().find(|listed| listed.id == room);
        let seq = match listed {
            Some(listed) => listed.head,
            None => {
                ready.say(wire::join("j", &fresh_key(), room)).await?;
                ready
                    .answer::<wire::Joined>("ok", Some("j"))
                    .await
                    .context("cannot join")?
                    .head
            }
        };
        ready.starts.push(Start { room: number, seq });
    }
    Ok(ready)
}

async fn upgrade(target: &Target, user: usize) -> anyhow::Result<Socket> {
    let stream = match target.source(user) {
        None => TcpStream::connect(target.address).await?,
        Some(source) => {
            let socket = TcpSocket::new_v4()?;
            socket.bind((source, 0).into())?;
            socket.connect(target.address).await?
        }
    };
    stream.set_nodelay(true)?;
    let mut request = target.ws.as_str().into_client_request()?;
    request.headers_mut().insert(
        "sec-websocket-protocol",
        HeaderValue::from_static(proto::frame::SUBPROTOCOL),
    );
    let config = WebSocketConfig::default()
        .read_buffer_size(BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(64 * BUFFER)
        .max_message_size(Some(MESSAGE_MAX))
        .max_frame_size(Some(MESSAGE_MAX));
    Ok(client_async_with_config(request, stream, Some(config))
        .await?
        .0)
}

impl Ready {
    async fn say(&mut self, text: String) -> anyhow::Result<()> {
        Ok(self.socket.send(Message::text(text)).await?)
    }

    /// Waits for a frame of a type (and correlation id) and keeps every other one.
    async fn answer<T: serde::de::DeserializeOwned>(
        &mut self,
        kind: &str,
        id: Option<&str>,
    ) -> anyhow::Result<T> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let message = tokio::time::timeout_at(deadline, self.socket.next())
                .await
                .context("no answer")?;
            let text = match message.context("the connection ended")?? {
                Message::Text(text) => text,
                Message::Close(frame) => bail!("closed: {frame:?}"),
                _ => continue,
            };
            let frame = wire::parse(&text).with_context(|| format!("not a frame: {text}"))?;
            if frame.kind == "error" || frame.kind == "bye" {
                bail!("refused: {text}");
            }
            if frame.kind == kind && (id.is_none() || frame.id == id) {
                let data = frame.data.map_or("{}", |data| data.get());
                return serde_json::from_str(data).with_context(|| format!("unexpected: {text}"));
            }
            self.early.push(text);
        }
    }
}
