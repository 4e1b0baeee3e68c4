//! A gateway with its bus and services, and a client.

use std::{net::TcpListener, sync::Arc, time::Duration};

use futures::{SinkExt, StreamExt};
use gateway::{App, Config, config::Gateway, conn::wheel, listener};
use proto::{
    auth::auth_service_server::AuthServiceServer, room::room_service_server::RoomServiceServer,
    stream::stream_service_server::StreamServiceServer,
};
use serde_json::{Value, json};
use service::{Kit, Service};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Error, Message, client::IntoClientRequest},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::services::Services;

/// Everything a client waits for comes within this.
const PATIENCE: Duration = Duration::from_secs(15);
pub(crate) const ORIGIN: &str = "http://chat.example.com";

pub(crate) struct World {
    pub(crate) services: Services,
    pub(crate) app: Arc<App>,
    pub(crate) stop: CancellationToken,
    pub(crate) url: String,
    _nats: testkit::Nats,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn defaults(port: u16) -> Gateway {
    let origin = gateway::origin::Origin::try_from(ORIGIN.to_owned()).expect("canonical");
    Gateway {
        listen: ([127, 0, 0, 1], port).into(),
        origins: vec![origin],
        query_credentials: true,
        trusted_proxies: Vec::new(),
        secure_cookie: true,
        hello_timeout_ms: 5_000,
        heartbeat_ms: 25_000,
        grace_ms: 20_000,
        max_connections: 1_000,
        per_user: 10,
        per_address: 100,
        accepts_per_second: 300,
        send_queue_frames: 512,
        send_queue_bytes: 262_144,
        slow_ms: 10_000,
        rate_per_connection: 20,
        burst_per_connection: 40,
        rate_per_user: 40,
        burst_per_user: 80,
        rate_per_address: 1_000,
        burst_per_address: 2_000,
        drain_ms: 3_000,
    }
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Gateway)) -> Self {
        let nats = testkit::nats().await;
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let services = Services {
            truth: Arc::default(),
            nats: nats.client.clone(),
        };
        serve(&services, &tasks, &stop).await;
        let port = free_port();
        let mut gateway = defaults(port);
        change(&mut gateway);
        let channel = rpc::NatsChannel::new(nats.client.clone());
        let kit = Kit {
            nats: nats.client.clone(),
            channel,
            tasks: tasks.clone(),
            stop: stop.clone(),
            pg: None,
        };
        let app = App::build(Config { gateway }, &kit)
            .await
            .expect("a gateway");
        tasks.spawn(listener::run(app.clone(), stop.clone()));
        tasks.spawn(wheel::turn(app.clone(), app.ended.clone()));
        let url = format!("127.0.0.1:{port}");
        Self {
            services,
            app,
            stop,
            url,
            _nats: nats,
        }
    }

    /// Opens a socket without saying anything.
    pub(crate) async fn dial(
        &self,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Client, Error> {
        let mut request = format!("ws://{}{path}", self.url).into_client_request()?;
        for (name, value) in headers {
            request
                .headers_mut()
                .insert(*name, value.parse().expect("header"));
        }
        let (socket, response) = tokio_tungstenite::connect_async(request).await?;
        let protocol = response.headers().get("sec-websocket-protocol");
        let protocol = protocol
            .and_then(|value| value.to_str().ok())
            .map(ToOwned::to_owned);
        Ok(Client {
            socket,
            protocol,
            seen: Vec::new(),
            ids: 0,
        })
    }

    /// Opens a socket that speaks our protocol.
    pub(crate) async fn open(&self) -> Client {
        self.dial("/v1/rt", &[("sec-websocket-protocol", "hubbub.v1.json")])
            .await
            .expect("upgraded")
    }

    /// Opens a socket and says who it is.
    pub(crate) async fn connect(&self, name: &str) -> Client {
        self.hello(json!({"token": name})).await
    }

    pub(crate) async fn hello(&self, hello: Value) -> Client {
        let mut client = self.open().await;
        client.say(&json!({"type": "hello", "data": hello})).await;
        client.expect("welcome").await;
        client
    }
}

/// Serves what is made up over the real bus.
async fn serve(services: &Services, tasks: &TaskTracker, stop: &CancellationToken) {
    let (nats, options) = (&services.nats, rpc::ServeOptions::default());
    let ends = || (tasks.clone(), stop.clone());
    let (auth, (tracker, token)) = (AuthServiceServer::new(services.clone()), ends());
    let auth = rpc::serve(nats.clone(), auth, options, tracker, token).await;
    let (room, (tracker, token)) = (RoomServiceServer::new(services.clone()), ends());
    let room = rpc::serve(nats.clone(), room, options, tracker, token).await;
    let (log, (tracker, token)) = (StreamServiceServer::new(services.clone()), ends());
    let log = rpc::serve(nats.clone(), log, options, tracker, token).await;
    auth.and(room).and(log).expect("served");
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port")
        .port()
}

pub(crate) struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub(crate) protocol: Option<String>,
    /// Every frame so far.
    pub(crate) seen: Vec<Value>,
    ids: u32,
}

impl Client {
    pub(crate) async fn raw(&mut self, message: Message) {
        self.socket.send(message).await.expect("sent");
    }

    pub(crate) async fn say(&mut self, frame: &Value) {
        self.raw(Message::text(frame.to_string())).await;
    }

    /// Sends a request and returns its id.
    pub(crate) async fn post(&mut self, kind: &str, key: Option<&str>, data: &Value) -> String {
        self.ids += 1;
        let id = self.ids.to_string();
        let mut frame = json!({"type": kind, "id": id, "data": data});
        if let Some(key) = key {
            frame["key"] = key.into();
        }
        self.say(&frame).await;
        id
    }

    pub(crate) async fn request(&mut self, kind: &str, key: Option<&str>, data: &Value) -> Value {
        let id = self.post(kind, key, data).await;
        self.wait(|frame| frame["id"] == id.as_str()).await
    }

    pub(crate) async fn expect(&mut self, kind: &str) -> Value {
        self.wait(|frame| frame["type"] == kind).await
    }

    /// Reads until a frame matches.
    pub(crate) async fn wait(&mut self, matches: impl Fn(&Value) -> bool) -> Value {
        let waited = tokio::time::timeout(PATIENCE, async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => {
                        let frame: Value = serde_json::from_str(text.as_str()).expect("JSON");
                        self.seen.push(frame.clone());
                        if matches(&frame) {
                            return frame;
                        }
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    other => panic!("the connection ended: {other:?}; {}", self.story()),
                }
            }
        });
        waited
            .await
            .unwrap_or_else(|_| panic!("nothing came; {}", self.story()))
    }

    /// Waits for the end and returns the goodbye's code and the close code.
    pub(crate) async fn closed(&mut self) -> (u64, u16) {
        let mut bye = 0;
        let waited = tokio::time::timeout(PATIENCE, async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => {
                        let frame: Value = serde_json::from_str(text.as_str()).expect("JSON");
                        if frame["type"] == "bye" {
                            bye = frame["data"]["code"].as_u64().expect("a code");
                        }
                        self.seen.push(frame);
                    }
                    Some(Ok(Message::Close(Some(close)))) => return u16::from(close.code),
                    Some(Ok(_)) => {}
                    other => panic!("no close frame: {other:?}"),
                }
            }
        });
        let code = waited.await.expect("the server closes");
        (bye, code)
    }

    /// Returns the last frames, shortened.
    fn story(&self) -> String {
        let last = self.seen.iter().rev().take(5).map(Value::to_string);
        let last = last.map(|text| text.chars().take(200).collect::<String>());
        format!(
            "{} frames, the last: {:?}",
            self.seen.len(),
            last.collect::<Vec<_>>()
        )
    }

    /// Returns (seq, prev) of the events of a room so far.
    pub(crate) fn events(&self, room: &str) -> Vec<(i64, i64)> {
        let of_room = self
            .seen
            .iter()
            .filter(|frame| frame["room"] == room && frame["seq"].is_i64());
        of_room
            .map(|frame| {
                (
                    frame["seq"].as_i64().expect("seq"),
                    frame["prev"].as_i64().expect("prev"),
                )
            })
            .collect()
    }
}
