//! Without a fault a proxy is not there.

use std::io::ErrorKind;

use faultproxy::{Bus, Proxy};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::sockets::{behind, echo, hear, hear_out, is_reset, pattern, say, soon, until, vanish};

#[tokio::test]
async fn bytes_and_their_end_go_through_both_ways() {
    let proxy = Proxy::open(echo().await, 1).await.expect("a proxy");
    let mut client = TcpStream::connect(proxy.address())
        .await
        .expect("connected");
    let (mut from, mut to) = client.split();
    let sent = pattern(4 << 20);
    let mut received = Vec::new();
    let send = async {
        to.write_all(&sent).await?;
        to.shutdown().await
    };
    let (written, read) = soon(async { tokio::join!(send, from.read_to_end(&mut received)) }).await;
    written.expect("sent");
    read.expect("an end");
    assert!(received == sent, "what came back is not what was sent");

    until("the connection to end", || proxy.connections() == 0).await;
    let stats = proxy.stats();
    let bytes = sent.len() as u64;
    assert_eq!(
        (stats.bytes_to_upstream, stats.bytes_to_client),
        (bytes, bytes)
    );
    assert_eq!((stats.accepted, stats.refused, stats.resets), (1, 0, 0));
    assert_eq!((stats.bytes_dropped, stats.bytes_delayed), (0, 0));
    let text = stats.to_string();
    assert!(
        text.starts_with("1 connections (0 refused, 0 reset), 4194304 B up"),
        "{text}"
    );
}

#[tokio::test]
async fn one_side_may_finish_before_the_other() {
    let behind = behind(1).await;
    let (mut client, mut server) = behind.pair().await;
    say(&mut client, "the question").await;
    client.shutdown().await.expect("finished");
    assert_eq!(hear_out(&mut server).await, b"the question");
    say(&mut server, "the answer").await;
    hear(&mut client, "the answer").await;
    drop(server);
    assert_eq!(hear_out(&mut client).await, b"");
    behind.connections(0).await;
}

#[tokio::test]
async fn a_reset_stays_a_reset() {
    let behind = behind(1).await;
    let (mut client, server) = behind.pair().await;
    vanish(server);
    is_reset(&mut client).await;
    let (client, mut server) = behind.pair().await;
    vanish(client);
    is_reset(&mut server).await;
    behind.connections(0).await;
    assert_eq!(behind.proxy.stats().resets, 0, "only injected ones count");
}

#[tokio::test]
async fn a_slow_reader_is_felt_by_the_sender() {
    let behind = behind(1).await;
    let (mut client, _server) = behind.pair().await;
    let written = crate::blackhole::fill(&mut client).await;
    assert!(written < 24 << 20, "{written} bytes were taken of a sender");
}

#[tokio::test]
async fn without_an_upstream_a_connection_is_reset() {
    let gone = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let upstream = gone.local_addr().expect("bound");
    drop(gone);
    let proxy = Proxy::open(upstream, 1).await.expect("a proxy");
    let mut client = TcpStream::connect(proxy.address())
        .await
        .expect("connected");
    is_reset(&mut client).await;
    assert_eq!(proxy.stats().refused, 1);
}

#[tokio::test]
async fn only_loopback_is_spoken_to() {
    let (here, elsewhere) = (
        "127.0.0.1:0".parse().expect("an address"),
        "192.0.2.1:80".parse().expect("an address"),
    );
    let anywhere = "0.0.0.0:0".parse().expect("an address");
    let opened = [
        Proxy::open(elsewhere, 1).await.err(),
        Proxy::listen(anywhere, here, 1).await.err(),
        Bus::open(elsewhere, 1).await.err(),
        Bus::listen(anywhere, here, 1).await.err(),
    ];
    for error in opened {
        assert_eq!(error.expect("refused").kind(), ErrorKind::InvalidInput);
    }
}

#[tokio::test]
async fn a_dropped_proxy_takes_everything_with_it() {
    let behind = behind(1).await;
    let address = behind.proxy.address();
    let (mut client, mut server) = behind.pair().await;
    drop(behind.proxy);
    assert_eq!(hear_out(&mut client).await, b"");
    assert_eq!(hear_out(&mut server).await, b"");
    let again = Proxy::listen(address, behind.listener.local_addr().expect("bound"), 1).await;
    assert_eq!(again.expect("the port is free").address(), address);
}
