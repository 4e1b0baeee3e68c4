//! nginx as compose runs it, before the two gateways of a stage.

use std::net::SocketAddr;

use devstack::{
    checkout, ports,
    process::{Process, Spec, log_tail},
    tools, wait,
};
use futures::{SinkExt, StreamExt};
use serde_json::json;
use testkit::{Person, SUBPROTOCOL};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::{stage::Stage, state::State};

/// Where everything that clients see comes from.
pub(crate) struct Front {
    port: u16,
    _process: Process,
    _state: State,
}

impl Front {
    /// Starts it with the configuration that is shipped, and the ports of this machine in it.
    pub(crate) async fn before(stage: &Stage) -> Self {
        let state = State::new();
        let port = ports::free(&[]).expect("a port");
        let file = state.path().join("nginx.conf");
        std::fs::write(&file, configuration(stage, port, &state)).expect("written");
        let program = tools::nginx().await.expect("nginx can be had");
        let mut spec = Spec::new("nginx", &program, state.path());
        let (folder, file) = (state.path().display(), file.display());
        // One process, so that none is left when it is killed.
        let alone = "daemon off; master_process off;";
        spec.args = [
            "-p",
            &folder.to_string(),
            "-c",
            &file.to_string(),
            "-g",
            alone,
        ]
        .map(str::to_owned)
        .to_vec();
        let mut process = Process::spawn(spec).expect("nginx is there");
        let listens = wait::until("nginx to listen", testkit::PATIENCE, async || {
            let has_ended = process.exited().is_some();
            assert!(!has_ended, "{}", log_tail(state.path(), "nginx"));
            TcpStream::connect(("127.0.0.1", port)).await.ok()
        });
        listens.await.expect("nginx listens");
        Self {
            port,
            _process: process,
            _state: state,
        }
    }

    pub(crate) fn http(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn ws(&self) -> String {
        format!("ws://127.0.0.1:{}/v1/rt", self.port)
    }

    /// Waits until requests are answered. Each gateway was away a moment ago, and nginx asks one that was for nothing for
    /// five seconds, unless no other is left either: then one request fails, and all are asked again.
    pub(crate) async fn serves(&self) {
        let url = self.http() + "/v1/jwks";
        let served = wait::until("nginx to serve", testkit::PATIENCE, async || {
            let answer = reqwest::get(&url).await.ok()?;
            answer.status().is_success().then_some(())
        });
        served.await.expect("a gateway is there");
    }

    /// A connection from an address of this machine.
    pub(crate) async fn from(&self, address: &str) -> TcpStream {
        let from: SocketAddr = format!("{address}:0").parse().expect("an address");
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(from).expect("the loopback has many addresses");
        let to = SocketAddr::from(([127, 0, 0, 1], self.port));
        socket.connect(to).await.expect("nginx listens")
    }

    /// A WebSocket from an address, with what it says of itself in `X-Forwarded-For`, that was welcomed; or the code it is
    /// closed with.
    pub(crate) async fn enter(
        &self,
        person: &Person,
        address: &str,
        forged: Option<&str>,
    ) -> Result<WebSocketStream<TcpStream>, u16> {
        let mut request = self.ws().into_client_request().expect("an address");
        let headers = request.headers_mut();
        let protocol = SUBPROTOCOL.parse().expect("a header");
        headers.insert("sec-websocket-protocol", protocol);
        if let Some(forged) = forged {
            headers.insert("x-forwarded-for", forged.parse().expect("a header"));
        }
        let stream = self.from(address).await;
        let opened = tokio_tungstenite::client_async(request, stream).await;
        let (mut socket, _) = opened.expect("upgraded");
        let hello = json!({"type": "hello", "id": "1", "data": {"token": person.account.token}});
        // It may have been closed before it could be said.
        let _ = socket.send(Message::text(hello.to_string())).await;
        while let Some(Ok(message)) = socket.next().await {
            match message {
                Message::Text(text) if text.contains("\"welcome\"") => return Ok(socket),
                Message::Close(Some(frame)) => return Err(frame.code.into()),
                _ => {}
            }
        }
        panic!("neither welcomed nor told why not");
    }
}

fn configuration(stage: &Stage, port: u16, state: &State) -> String {
    let shipped = checkout::root().join("deploy/nginx.conf");
    let shipped = std::fs::read_to_string(shipped).expect("it is shipped");
    let at = |index| {
        let url = stage.http(index);
        url.rsplit(':')
            .next()
            .map(|port| format!("127.0.0.1:{port}"))
    };
    [
        ("gateway-1:8080", at(0).expect("a port")),
        ("gateway-2:8080", at(1).expect("a port")),
        ("listen 8080;", format!("listen 127.0.0.1:{port};")),
        ("/tmp/", format!("{}/", state.path().display())),
        // A machine that tests has fewer of these than one that serves.
        ("worker_processes auto", "worker_processes 1".to_owned()),
        ("65536", "1024".to_owned()),
        ("32768", "512".to_owned()),
    ]
    .into_iter()
    .fold(shipped, |text, (old, new)| {
        assert!(text.contains(old), "{old} is no longer in nginx.conf");
        text.replace(old, &new)
    })
}
