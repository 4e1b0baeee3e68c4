//! Everything arrives, later.

use std::time::{Duration, Instant};

use faultproxy::{Fault, Proxy};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::sockets::{behind, echo, hear, hears_nothing, pattern, say, soon};

const DELAY: Duration = Duration::from_millis(300);

#[tokio::test]
async fn a_round_trip_takes_both_ways() {
    let proxy = Proxy::open(echo().await, 1).await.expect("a proxy");
    let mut client = TcpStream::connect(proxy.address())
        .await
        .expect("connected");
    say(&mut client, "fast").await;
    hear(&mut client, "fast").await;

    proxy.apply(Fault::latency(DELAY, Duration::ZERO));
    let start = Instant::now();
    say(&mut client, "slow").await;
    hear(&mut client, "slow").await;
    assert!(start.elapsed() >= 2 * DELAY, "{:?}", start.elapsed());
    assert_eq!(proxy.stats().bytes_delayed, 8);
}

#[tokio::test]
async fn jitter_keeps_the_order() {
    let proxy = Proxy::open(echo().await, 7).await.expect("a proxy");
    proxy.apply(Fault::latency(Duration::ZERO, Duration::from_millis(40)));
    let mut client = TcpStream::connect(proxy.address())
        .await
        .expect("connected");
    client.set_nodelay(true).expect("a living socket");
    let (mut from, mut to) = client.split();
    let sent = pattern(2_000);
    let mut received = vec![0; sent.len()];
    let send = async {
        for piece in sent.chunks(10) {
            to.write_all(piece).await.expect("sent");
            // Lets the proxy read piece by piece, so that every piece rolls its own delay.
            tokio::task::yield_now().await;
        }
    };
    let (_, read) = soon(async { tokio::join!(send, from.read_exact(&mut received)) }).await;
    read.expect("all of it");
    assert!(received == sent, "the order was lost");
}

#[tokio::test]
async fn a_delay_does_not_make_the_line_thinner() {
    let behind = behind(1).await;
    let (mut client, mut server) = behind.pair().await;
    behind.proxy.apply(Fault::latency(DELAY, Duration::ZERO));
    let sent = pattern(8 << 20);
    let mut received = vec![0; sent.len()];
    let start = Instant::now();
    let both = async { tokio::join!(client.write_all(&sent), server.read_exact(&mut received)) };
    let (written, read) = soon(both).await;
    written.expect("sent");
    read.expect("all of it");
    assert!(received == sent, "what arrived is not what was sent");
    // One read at a time would take 128 delays, which is 38 seconds.
    let elapsed = start.elapsed();
    assert!(elapsed >= DELAY && elapsed < 20 * DELAY, "{elapsed:?}");
}

#[tokio::test]
async fn what_is_under_way_arrives_when_the_latency_ends() {
    let behind = behind(1).await;
    let (mut client, mut server) = behind.pair().await;
    behind
        .proxy
        .apply(Fault::latency(Duration::MAX, Duration::ZERO));
    say(&mut client, "one day").await;
    hears_nothing(&mut server).await;
    behind.proxy.heal();
    hear(&mut server, "one day").await;
}
