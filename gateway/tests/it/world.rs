//! A gateway with its bus and services, and a client.

use std::{collections::HashMap, net::TcpListener, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use gateway::{
    App, Config, config::Gateway, conn::wheel, enforced, lease, listener, operator::Operator,
};
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt, Collected, Full};
use hyper_util::rt::TokioIo;
use proto::{
    auth::auth_service_server::AuthServiceServer,
    gateway::{
        gateway_service_client::GatewayServiceClient, gateway_service_server::GatewayServiceServer,
    },
    moderation::moderation_service_server::ModerationServiceServer,
    room::room_service_server::RoomServiceServer,
    social::social_service_server::SocialServiceServer,
    stream::stream_service_server::StreamServiceServer,
};
use rpc::NatsChannel;
use serde_json::{Value, json};
use service::{Kit, Service};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Error, Message, client::IntoClientRequest},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::server::NamedService;

use crate::{
    registry,
    script::{Script, Scripted},
    services::Services,
};

/// Everything a client waits for comes within this.
const PATIENCE: Duration = Duration::from_secs(15);
/// The idempotency key of REST requests.
pub(crate) const KEY: &str = "rest-key";
pub(crate) const ORIGIN: &str = "http://chat.example.com";

pub(crate) struct World {
    pub(crate) services: Services,
    pub(crate) script: Arc<Script>,
    pub(crate) app: Arc<App>,
    pub(crate) stop: CancellationToken,
    pub(crate) url: String,
    nats: testkit::Nats,
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
        site: std::path::PathBuf::new(),
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
        returns_per_second: 500,
        greetings_at_once: 64,
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

    /// A world whose clients may ask as fast as they can.
    pub(crate) async fn busy() -> Self {
        Self::with(|gateway| {
            gateway.rate_per_connection = 10_000;
            gateway.burst_per_connection = 10_000;
            gateway.rate_per_user = 10_000;
            gateway.burst_per_user = 10_000;
        })
        .await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Gateway)) -> Self {
        registry::prepare();
        let nats = testkit::nats().await;
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let services = Services {
            truth: Arc::default(),
            nats: nats.client.clone(),
        };
        let script = Arc::<Script>::default();
        services.stand_behind(&script);
        serve(&nats.client, &script, &tasks, &stop).await;
        let port = free_port();
        let mut gateway = defaults(port);
        change(&mut gateway);
        let channel = NatsChannel::new(nats.client.clone());
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
        tasks.spawn(enforced::keep(app.clone(), app.ended.clone()));
        tasks.spawn(lease::keep(app.clone(), app.ended.clone()));
        let url = format!("127.0.0.1:{port}");
        Self {
            services,
            script,
            app,
            stop,
            url,
            nats,
        }
    }

    /// A client of what operators may do with this gateway's sockets.
    pub(crate) async fn operator(&self) -> GatewayServiceClient<NatsChannel> {
        let nats = self.nats.client.clone();
        let options = rpc::ServeOptions {
            instance: Some(self.app.instance.as_str().into()),
            ..rpc::ServeOptions::default()
        };
        let server = GatewayServiceServer::new(Operator::new(self.app.clone()));
        rpc::serve(
            nats.clone(),
            server,
            options,
            TaskTracker::new(),
            self.stop.clone(),
        )
        .await
        .expect("the bus serves");
        GatewayServiceClient::new(NatsChannel::new(nats).to_instance(&self.app.instance))
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
            asked: HashMap::new(),
            ids: 0,
        })
    }

    /// Opens a socket that speaks our protocol.
    pub(crate) async fn open(&self) -> Client {
        self.dial("/v1/rt", &[("sec-websocket-protocol", "hubbub.v1.json")])
            .await
            .expect("upgraded")
    }

    /// Sends a request of REST in someone's name (nobody's, if empty) and returns the whole answer.
    pub(crate) async fn http(&self, name: &str, route: &str, body: Option<&Value>) -> Answer {
        let (method, path) = route.split_once(' ').expect("a method and a path");
        let mut request = Request::builder()
            .method(method.parse::<Method>().expect("a method"))
            .uri(path)
            .header("host", &self.url)
            .header("idempotency-key", KEY);
        if !name.is_empty() {
            request = request.header("authorization", format!("Bearer {name}"));
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = request.body(Full::<Bytes>::from(body)).expect("a request");
        let stream = TcpStream::connect(&self.url).await.expect("connected");
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .expect("HTTP");
        let answered = async {
            let response = sender.send_request(request).await.expect("an answer");
            let (parts, body) = response.into_parts();
            Answer {
                status: parts.status.as_u16(),
                headers: parts.headers,
                body: body.collect().await.ok().map(Collected::to_bytes),
            }
        };
        tokio::pin!(answered, connection);
        let answered = async {
            tokio::select! {
                biased;
                answer = &mut answered => answer,
                _ = &mut connection => answered.await,
            }
        };
        let waited = tokio::time::timeout(PATIENCE, answered).await;
        waited.expect("an answer in time")
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
async fn serve(
    nats: &async_nats::Client,
    script: &Arc<Script>,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    serve_one::<AuthServiceServer<()>>(nats, script, tasks, stop).await;
    serve_one::<RoomServiceServer<()>>(nats, script, tasks, stop).await;
    serve_one::<SocialServiceServer<()>>(nats, script, tasks, stop).await;
    serve_one::<ModerationServiceServer<()>>(nats, script, tasks, stop).await;
    serve_one::<StreamServiceServer<()>>(nats, script, tasks, stop).await;
}

async fn serve_one<S: NamedService + 'static>(
    nats: &async_nats::Client,
    script: &Arc<Script>,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    let service = Scripted::<S>::new(script);
    let options = rpc::ServeOptions::default();
    let served = rpc::serve(nats.clone(), service, options, tasks.clone(), stop.clone());
    served.await.expect("served");
}

/// An answer of REST.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// `None` when it was cut off.
    pub(crate) body: Option<Bytes>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        let body = self.body.as_ref().expect("a whole answer");
        serde_json::from_slice(body).expect("JSON")
    }
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
    /// The types of the requests so far, by id.
    asked: HashMap<String, String>,
    ids: u32,
}

impl Client {
    pub(crate) async fn raw(&mut self, message: Message) {
        self.socket.send(message).await.expect("sent");
    }

    pub(crate) async fn say(&mut self, frame: &Value) {
        if let (Some(id), Some(kind)) = (frame["id"].as_str(), frame["type"].as_str()) {
            self.asked.insert(id.into(), kind.into());
        }
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

    /// Takes a frame, which must be as clients are told that frames are.
    fn take(&mut self, text: &str) -> Value {
        let frame: Value = serde_json::from_str(text).expect("JSON");
        let id = frame["id"].as_str();
        let asked = id.and_then(|id| self.asked.get(id));
        registry::hold(&frame, asked.map(String::as_str));
        self.seen.push(frame.clone());
        frame
    }

    /// Reads until a frame matches.
    pub(crate) async fn wait(&mut self, matches: impl Fn(&Value) -> bool) -> Value {
        // Each frame has its time, so that a large backlog has more; pings alone do not go on for ever.
        let end = tokio::time::Instant::now() + 4 * PATIENCE;
        loop {
            let due = end.min(tokio::time::Instant::now() + PATIENCE);
            let Ok(message) = tokio::time::timeout_at(due, self.socket.next()).await else {
                panic!("nothing came; {}", self.story());
            };
            match message {
                Some(Ok(Message::Text(text))) => {
                    let frame = self.take(text.as_str());
                    if matches(&frame) {
                        return frame;
                    }
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("the connection ended: {other:?}; {}", self.story()),
            }
        }
    }

    /// Waits for the end and returns the goodbye's code and the close code.
    pub(crate) async fn closed(&mut self) -> (u64, u16) {
        let mut bye = 0;
        let waited = tokio::time::timeout(PATIENCE, async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => {
                        let frame = self.take(text.as_str());
                        if frame["type"] == "bye" {
                            bye = frame["data"]["code"].as_u64().expect("a code");
                        }
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
