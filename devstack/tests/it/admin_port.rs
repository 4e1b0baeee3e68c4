//! The admin port under callers who do not mean well: they end their own connections, and nobody else's calls.

use std::time::{Duration, Instant};

use devstack::fleet::Kind;
use h2::{Reason, client};
use http::{Method, Request};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::stage::Stage;

/// As the specification asks of a client, and an empty list of settings.
const GREETING: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
/// Whoever is silent for 10 s is asked, and may take as long to answer; the rest is for a busy machine.
const HUNG_UP_WITHIN: Duration = Duration::from_secs(30);

fn call(port: &str) -> Request<()> {
    let uri = format!("http://{port}/grpc.health.v1.Health/Check");
    let request = Request::builder().method(Method::POST).uri(uri);
    let request = request.header("content-type", "application/grpc");
    request.body(()).expect("a request")
}

async fn is_served(stage: &Stage, port: &str) {
    let (is_done, said) = stage.grpcurl(&["-plaintext", port, "list"]).await;
    assert!(is_done && said.contains("AuthService"), "{said}");
}

#[tokio::test]
async fn ten_thousand_calls_that_are_taken_back_keep_nobody_out() {
    let stage = Stage::open().await;
    let port = stage.admin_port(Kind::Auth);
    let tcp = TcpStream::connect(&port).await.expect("connected");
    let (mut sender, connection) = client::handshake(tcp).await.expect("HTTP/2");
    let connection = tokio::spawn(connection);
    for _ in 0..10_000 {
        // It may have had enough of us.
        let Ok(ready) = sender.ready().await else {
            break;
        };
        sender = ready;
        let Ok((_, mut body)) = sender.send_request(call(&port), false) else {
            break;
        };
        body.send_reset(Reason::CANCEL);
    }
    is_served(&stage, &port).await;
    connection.abort();
}

#[tokio::test]
async fn a_thousand_connections_that_are_reset_keep_nobody_out() {
    let stage = Stage::open().await;
    let port = stage.admin_port(Kind::Auth);
    for turn in 0..1_000 {
        let mut tcp = TcpStream::connect(&port).await.expect("connected");
        tcp.set_zero_linger().expect("set");
        // Before the greeting, in the middle of it, and after it.
        let sent = [0, 10, GREETING.len()][turn % 3];
        let _ = tcp.write_all(&GREETING[..sent]).await;
    }
    is_served(&stage, &port).await;
}

#[tokio::test]
async fn a_connection_has_bounded_calls_and_is_closed_when_nobody_is_there() {
    let stage = Stage::open().await;
    let port = stage.admin_port(Kind::Auth);
    let tcp = TcpStream::connect(&port).await.expect("connected");
    let (sender, connection) = client::handshake(tcp).await.expect("HTTP/2");
    let connection = tokio::spawn(connection);
    let mut sender = sender.ready().await.expect("greeted");
    let (answer, _body) = sender.send_request(call(&port), true).expect("sent");
    let _ = answer.await;
    assert_eq!(sender.current_max_send_streams(), 64);
    connection.abort();

    let begun = Instant::now();
    let mut silent = TcpStream::connect(&port).await.expect("connected");
    silent.write_all(GREETING).await.expect("written");
    let mut heard = Vec::new();
    let ended = tokio::time::timeout(HUNG_UP_WITHIN, silent.read_to_end(&mut heard)).await;
    assert!(ended.is_ok(), "still open after {:?}", begun.elapsed());
}
