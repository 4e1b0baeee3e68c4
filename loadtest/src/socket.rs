//! Opens a WebSocket as one user: upgrade, hello, welcome, joins.

use std::time::Duration;

use anyhow::{Context, bail};
use futures::{SinkExt, StreamExt};
use nix::sys::socket::{setsockopt, sockopt::TcpMaxSeg};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        Message, Utf8Bytes, client::IntoClientRequest, http::HeaderValue, protocol::WebSocketConfig,
    },
};

use crate::{account::fresh_key, dialect::Dialect, histcheck::Start, target::Target, wire};

/// A connected socket.
pub type Socket = WebSocketStream<TcpStream>;

/// How long an answer may take while a connection is set up.
const PATIENCE: Duration = Duration::from_secs(15);
const BUFFER: usize = 4 * 1024;
/// What the kernel keeps for a narrow connection, and how much it takes at a time: without the latter, loopback lets a
/// server write two megabytes that nobody reads.
const NARROW_BUFFER: u32 = 4 * 1024;
const NARROW_SEGMENT: u32 = 536;
const MESSAGE_MAX: usize = 1024 * 1024;

/// A connection that said hello and is in its rooms.
#[derive(Debug)]
pub struct Ready {
    /// The socket.
    pub socket: Socket,
    /// What is spoken on it.
    pub dialect: Dialect,
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
    /// A fresh ticket of that user; servers without accounts want none.
    pub ticket: String,
    /// Name of the device.
    pub device: String,
    /// The rooms the connection must end up in: number and id.
    pub rooms: Vec<(u32, &'a str)>,
    /// Whether the kernel keeps next to nothing for it, so that a server notices soon when it does not read.
    pub is_narrow: bool,
}

impl<'a> Entrance<'a> {
    /// Enters a server without accounts, and no room of it.
    #[must_use]
    pub fn without_account(target: &'a Target, user: usize) -> Self {
        Self {
            target,
            user,
            ticket: String::new(),
            device: String::new(),
            rooms: Vec::new(),
            is_narrow: false,
        }
    }
}

/// Connects with an access token and joins nothing.
///
/// # Errors
/// When any step is refused or takes too long.
pub async fn open_with_token(target: &Target, user: usize, token: &str) -> anyhow::Result<Ready> {
    let socket = tokio::time::timeout(PATIENCE, upgrade(target, user))
        .await
        .context("no answer to the upgrade")??;
    let mut ready = Ready {
        socket,
        dialect: target.dialect,
        starts: Vec::new(),
        early: Vec::new(),
    };
    ready.say(wire::hello_with_token(token)).await?;
    ready
        .answer::<wire::Welcome>("welcome", None)
        .await
        .context("no welcome")?;
    Ok(ready)
}

/// Connects and joins whatever `welcome` does not already list.
///
/// # Errors
/// When any step is refused or takes too long.
pub async fn open(entrance: Entrance<'_>) -> anyhow::Result<Ready> {
    let socket = upgrade_through(entrance.target, entrance.user, entrance.is_narrow);
    let socket = tokio::time::timeout(PATIENCE, socket)
        .await
        .context("no answer to the upgrade")??;
    let dialect = entrance.target.dialect;
    let mut ready = Ready {
        socket,
        dialect,
        starts: Vec::new(),
        early: Vec::new(),
    };
    if dialect != Dialect::Hubbub {
        return ready.enter(&entrance.rooms).await;
    }
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

/// Connects and upgrades, from the address of a user.
///
/// # Errors
/// When the gateway cannot be reached or refuses.
pub async fn upgrade(target: &Target, user: usize) -> anyhow::Result<Socket> {
    upgrade_through(target, user, false).await
}

async fn upgrade_through(target: &Target, user: usize, is_narrow: bool) -> anyhow::Result<Socket> {
    let source = target.source(user);
    let socket = match source {
        None => TcpSocket::new_v6()?,
        Some(_) => TcpSocket::new_v4()?,
    };
    if is_narrow {
        // Before it connects, because the server's kernel plans its own buffer by what is said then.
        socket.set_recv_buffer_size(NARROW_BUFFER)?;
        setsockopt(&socket, TcpMaxSeg, &NARROW_SEGMENT)?;
    }
    if let Some(source) = source {
        socket.bind((source, 0).into())?;
    }
    let stream = socket.connect(target.address).await?;
    stream.set_nodelay(true)?;
    let credential = target.dialect.credential(target, user).await?;
    let address = format!("{}{}", target.ws, credential.unwrap_or_default());
    let mut request = address.into_client_request()?;
    if let Some(subprotocol) = target.dialect.subprotocol() {
        request.headers_mut().insert(
            "sec-websocket-protocol",
            HeaderValue::from_static(subprotocol),
        );
    }
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

    /// Enters the rooms of a server without accounts.
    async fn enter(mut self, rooms: &[(u32, &str)]) -> anyhow::Result<Self> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        if let Some(greeting) = self.dialect.greeting() {
            if self.dialect.is_spoken_to() {
                self.text(deadline).await.context("no first frame")?;
            }
            self.say(greeting.to_owned()).await?;
            self.text(deadline).await.context("no second frame")?;
        }
        for &(number, room) in rooms {
            self.say(self.dialect.enter(room)).await?;
            loop {
                let text = self.text(deadline).await.context("cannot enter")?;
                let mut is_entered = false;
                for message in self.dialect.messages(&text) {
                    if self.dialect.is_entered(message) {
                        is_entered = true;
                    } else {
                        self.early.push(message.into());
                    }
                }
                if is_entered {
                    break;
                }
            }
            self.starts.push(Start {
                room: number,
                seq: 0,
            });
        }
        Ok(self)
    }

    async fn text(&mut self, deadline: tokio::time::Instant) -> anyhow::Result<Utf8Bytes> {
        loop {
            let message = tokio::time::timeout_at(deadline, self.socket.next())
                .await
                .context("no answer")?;
            match message.context("the connection ended")?? {
                Message::Text(text) => return Ok(text),
                Message::Close(frame) => bail!("closed: {frame:?}"),
                _ => {}
            }
        }
    }

    /// Waits for a frame of a type (and correlation id) and keeps every other one.
    async fn answer<T: serde::de::DeserializeOwned>(
        &mut self,
        kind: &str,
        id: Option<&str>,
    ) -> anyhow::Result<T> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let text = self.text(deadline).await?;
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
