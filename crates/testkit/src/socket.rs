//! A WebSocket client of the native protocol, for tests.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use uuid::Uuid;

/// The subprotocol every native client speaks.
pub const SUBPROTOCOL: &str = "hubbub.v1.json";
/// How long any waiter waits.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// A frame from the server.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Its `type`.
    pub kind: String,
    /// The room it belongs to, if any.
    pub room: Option<String>,
    /// Its number in the room's stream, if durable.
    pub seq: Option<i64>,
    /// The number this connection was last told of in that stream.
    pub prev: Option<i64>,
    /// Whether it answers a resume.
    pub is_replayed: bool,
    /// Its `data`, null if absent.
    pub data: Value,
    /// All of it.
    pub raw: Value,
}

/// An `error` reply: certainly nothing was stored.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// The gRPC code's name.
    pub code: String,
    /// The stable reason.
    pub reason: String,
    /// The text for a person.
    pub message: String,
    /// Whether to try the same again.
    #[serde(default)]
    pub retry: bool,
    /// How long to wait before.
    #[serde(default)]
    pub retry_after_ms: u64,
    /// What is wrong with which field.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// The close code; 1006 when the connection broke without one.
    pub code: u16,
    /// The close reason.
    pub reason: String,
}

/// One connection.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    unread: VecDeque<Frame>,
    sent: u64,
    /// The `welcome` frame's data, null before it.
    pub welcome: Value,
    /// Per stream the last `seq` and `cursor` seen: what `hello` resumes with.
    pub cursors: BTreeMap<String, (i64, String)>,
    closed: Option<Closed>,
}

impl Frame {
    fn parse(text: &str) -> Self {
        let raw: Value =
            serde_json::from_str(text).unwrap_or_else(|error| panic!("not JSON ({error}): {text}"));
        let string = |name: &str| raw[name].as_str().map(str::to_owned);
        Self {
            kind: string("type").unwrap_or_else(|| panic!("a frame without type: {text}")),
            room: string("room"),
            seq: raw["seq"].as_i64(),
            prev: raw["prev"].as_i64(),
            is_replayed: raw["replayed"] == true,
            data: raw["data"].clone(),
            raw,
        }
    }
}

impl Socket {
    /// Opens a connection without a `hello`, offering `protocols` and with extra headers.
    ///
    /// # Errors
    /// Fails as the upgrade failed; a refusal is [`WsError::Http`].
    pub async fn open(
        url: &str,
        protocols: &[&str],
        headers: &[(&'static str, &str)],
    ) -> Result<Self, WsError> {
        let mut request = url.into_client_request()?;
        let mut put = |name: &'static str, value: &str| {
            let value = http::HeaderValue::from_str(value).map_err(http::Error::from)?;
            request.headers_mut().insert(name, value);
            Ok::<(), http::Error>(())
        };
        if !protocols.is_empty() {
            put("sec-websocket-protocol", &protocols.join(", "))?;
        }
        for (name, value) in headers {
            put(name, value)?;
        }
        let (stream, _) = connect_async(request).await?;
        Ok(Self {
            stream,
            unread: VecDeque::new(),
            sent: 0,
            welcome: Value::Null,
            cursors: BTreeMap::new(),
            closed: None,
        })
    }

    /// Says `hello` and waits for the `welcome`, which it returns and keeps.
    ///
    /// # Errors
    /// Fails when the server closes instead.
    pub async fn hello(&mut self, data: Value) -> Result<Value, Closed> {
        self.raw(&json!({"type": "hello", "id": "hello", "data": data}).to_string())
            .await;
        let welcome = self.wait(|frame| frame.kind == "welcome").await?;
        self.welcome = welcome.data.clone();
        if welcome.data["resumed"] != true {
            // A fresh connection begins at the heads; they are where a resume would go on.
            for room in welcome.data["rooms"].as_array().into_iter().flatten() {
                self.begin_at(&room["id"], &room["head"], &room["cursor"]);
            }
        }
        Ok(welcome.data)
    }

    /// Sends a request under a new idempotency key and waits for its reply's data.
    ///
    /// # Errors
    /// Fails with the server's refusal.
    pub async fn send(&mut self, kind: &str, data: Value) -> Result<Value, Refusal> {
        let key = Uuid::now_v7().to_string();
        self.send_keyed(kind, &key, data).await
    }

    /// Sends a request under the given idempotency key and waits for its reply's data; a `duplicate` mark of the
    /// reply is put into it.
    ///
    /// # Errors
    /// Fails with the server's refusal.
    pub async fn send_keyed(
        &mut self,
        kind: &str,
        key: &str,
        data: Value,
    ) -> Result<Value, Refusal> {
        let id = self.post(kind, Some(key), data).await;
        self.reply(&id).await.unwrap_or_else(|closed| {
            panic!("closed while waiting for the reply to {kind}: {closed:?}")
        })
    }

    /// Sends a request without waiting and returns its id for [`Socket::reply`].
    pub async fn post(&mut self, kind: &str, key: Option<&str>, data: Value) -> String {
        self.sent += 1;
        let id = self.sent.to_string();
        let mut frame = json!({"type": kind, "id": id, "data": data});
        if let Some(key) = key {
            frame["key"] = key.into();
        }
        self.raw(&frame.to_string()).await;
        id
    }

    /// Waits for the reply to a request sent with [`Socket::post`]; the outer error is the end of the connection,
    /// after which the outcome is unknown.
    ///
    /// # Errors
    /// Fails when the connection ends before the reply.
    pub async fn reply(&mut self, id: &str) -> Result<Result<Value, Refusal>, Closed> {
        let frame = self
            .wait(|frame| frame.raw["id"] == id && matches!(&*frame.kind, "ok" | "error"))
            .await?;
        if frame.kind == "ok" {
            let mut data = frame.data;
            if frame.raw["duplicate"] == true && data.is_object() {
                data["duplicate"] = true.into();
            }
            return Ok(Ok(data));
        }
        let error = frame.raw["error"].clone();
        Ok(Err(serde_json::from_value(error).unwrap_or_else(|error| {
            panic!("{error} in {}", frame.raw)
        })))
    }

    /// Waits for the next unsolicited frame of a type; frames of other types stay unread.
    pub async fn expect(&mut self, kind: &str) -> Frame {
        let found = self.wait(|frame| frame.kind == kind).await;
        found.unwrap_or_else(|closed| panic!("closed while waiting for {kind}: {closed:?}"))
    }

    /// Waits for the next frame of a type in a room.
    pub async fn expect_in(&mut self, room: &str, kind: &str) -> Frame {
        let found = self
            .wait(|frame| frame.kind == kind && frame.room.as_deref() == Some(room))
            .await;
        found.unwrap_or_else(|closed| {
            panic!("closed while waiting for {kind} in {room}: {closed:?}")
        })
    }

    /// Waits for the next frame that matches; the others stay unread.
    ///
    /// # Errors
    /// Fails when the connection ends before.
    pub async fn wait(&mut self, matches: impl FnMut(&Frame) -> bool) -> Result<Frame, Closed> {
        self.wait_within(PATIENCE, matches).await
    }

    /// Waits as [`Socket::wait`], for something that may take another time.
    ///
    /// # Errors
    /// Fails when the connection ends before.
    pub async fn wait_within(
        &mut self,
        patience: Duration,
        mut matches: impl FnMut(&Frame) -> bool,
    ) -> Result<Frame, Closed> {
        if let Some(frame) = self
            .unread
            .iter()
            .position(&mut matches)
            .and_then(|at| self.unread.remove(at))
        {
            return Ok(frame);
        }
        let deadline = tokio::time::Instant::now() + patience;
        loop {
            let read = tokio::time::timeout_at(deadline, self.read()).await;
            let frame =
                read.unwrap_or_else(|_| panic!("waited in vain; unread: {:#?}", self.kinds()))?;
            if matches(&frame) {
                return Ok(frame);
            }
            self.unread.push_back(frame);
        }
    }

    /// Asks the server for a sign of life and returns every unsolicited frame that came before it, so that a test
    /// can say that something did *not* arrive.
    pub async fn settle(&mut self) -> Vec<Frame> {
        self.sent += 1;
        self.raw(&json!({"type": "ping", "n": self.sent, "data": {"n": self.sent}}).to_string())
            .await;
        self.expect("pong").await;
        self.unread.drain(..).collect()
    }

    /// Takes the frames that nobody waited for, in the order in which they came: after a wait, everything before it.
    pub fn take_unread(&mut self) -> Vec<Frame> {
        self.unread.drain(..).collect()
    }

    /// Sends a text frame as it is. That the connection is gone already shows at the next read.
    pub async fn raw(&mut self, text: &str) {
        self.message(Message::text(text)).await;
    }

    /// Sends any WebSocket message.
    pub async fn message(&mut self, message: Message) {
        let _ = self.stream.send(message).await;
    }

    /// Waits for the end of the connection; what arrives before stays unread.
    pub async fn closed(&mut self) -> Closed {
        match self.wait(|_| false).await {
            Err(closed) => closed,
            Ok(_) => unreachable!("nothing matches"),
        }
    }

    /// Returns the unread frames' types.
    #[must_use]
    pub fn kinds(&self) -> Vec<&str> {
        self.unread
            .iter()
            .map(|frame| frame.kind.as_str())
            .collect()
    }

    /// Returns what `hello` takes to resume this connection elsewhere.
    #[must_use]
    pub fn resume(&self) -> Value {
        json!({"session": self.welcome["session"], "cursors": self.cursors})
    }

    /// Closes in an orderly way.
    pub async fn close(mut self) {
        let _ = self.stream.close(None).await;
    }

    async fn read(&mut self) -> Result<Frame, Closed> {
        loop {
            if let Some(closed) = &self.closed {
                return Err(closed.clone());
            }
            let end = match self.stream.next().await {
                Some(Ok(Message::Text(text))) => {
                    let frame = Frame::parse(&text);
                    if frame.kind == "ping" {
                        let n = &frame.raw["n"];
                        self.raw(&json!({"type": "pong", "n": n, "data": {"n": n}}).to_string())
                            .await;
                        continue;
                    }
                    self.remember(&frame);
                    return Ok(frame);
                }
                Some(Ok(Message::Close(Some(close)))) => Closed {
                    code: close.code.into(),
                    reason: close.reason.as_str().to_owned(),
                },
                Some(Ok(Message::Close(None))) => Closed {
                    code: 1005,
                    reason: String::new(),
                },
                Some(Ok(_)) => continue,
                Some(Err(error)) => Closed {
                    code: 1006,
                    reason: error.to_string(),
                },
                None => Closed {
                    code: 1006,
                    reason: "end of stream".to_owned(),
                },
            };
            self.closed = Some(end);
        }
    }

    fn begin_at(&mut self, stream: &Value, head: &Value, cursor: &Value) {
        if let (Some(stream), Some(seq), Some(cursor)) =
            (stream.as_str(), head.as_i64(), cursor.as_str())
        {
            self.cursors
                .insert(stream.to_owned(), (seq, cursor.to_owned()));
        }
    }

    fn remember(&mut self, frame: &Frame) {
        let cursor = frame.raw["cursor"].as_str();
        if let (Some(room), Some(seq), Some(cursor)) = (&frame.room, frame.seq, cursor) {
            self.cursors.insert(room.clone(), (seq, cursor.to_owned()));
        }
    }
}
