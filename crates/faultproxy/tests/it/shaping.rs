//! Thin lines and small pieces.

use std::time::{Duration, Instant};

use faultproxy::{Fault, Proxy};
use tokio::{io::AsyncReadExt, net::TcpStream};

use crate::sockets::{behind, echo, hear, pattern, say, soon};

#[tokio::test]
async fn a_thin_line_takes_its_time() {
    let behind = behind(1).await;
    let (mut client, mut server) = behind.pair().await;
    behind.proxy.apply(Fault::bandwidth(100_000));
    let text = "x".repeat(50_000);
    let start = Instant::now();
    say(&mut client, &text).await;
    hear(&mut server, &text).await;
    let elapsed = start.elapsed();
    // Half a second, less what may go at the start; far more only on a machine that stands still.
    let expected = Duration::from_millis(450)..Duration::from_secs(5);
    assert!(expected.contains(&elapsed), "{elapsed:?}");
}

#[tokio::test]
async fn a_healed_line_is_wide_again() {
    let behind = behind(1).await;
    let (mut client, mut server) = behind.pair().await;
    behind.proxy.apply(Fault::bandwidth(1));
    let text = "x".repeat(100_000);
    say(&mut client, &text).await;
    hear(&mut server, &text[..1]).await;
    behind.proxy.heal();
    hear(&mut server, &text[1..]).await;
}

#[tokio::test]
async fn a_thin_line_is_felt_by_the_sender() {
    let behind = behind(1).await;
    let (mut client, _server) = behind.pair().await;
    behind.proxy.apply(Fault::bandwidth(1_000));
    let taken = crate::blackhole::fill(&mut client).await;
    assert!(taken < 24 << 20, "{taken} bytes were taken of a sender");
}

#[tokio::test]
async fn pieces_are_small_and_apart() {
    let behind = behind(1).await;
    let (mut client, mut server) = behind.pair().await;
    let gap = Duration::from_millis(20);
    behind.proxy.apply(Fault::slice(3, gap));
    let sent = pattern(30);
    let start = Instant::now();
    say(&mut client, "0123456789abcdefghijklmnopqrst").await;
    let mut first = [0; 30];
    let count = soon(server.read(&mut first)).await.expect("a piece");
    assert!(count < sent.len(), "{count} bytes at once");
    hear(&mut server, &"0123456789abcdefghijklmnopqrst"[count..]).await;
    assert!(start.elapsed() >= 9 * gap, "{:?}", start.elapsed());
}

#[tokio::test]
async fn faults_add_up() {
    let proxy = Proxy::open(echo().await, 1).await.expect("a proxy");
    let delay = Duration::from_millis(100);
    let gap = Duration::from_millis(10);
    proxy.apply(Fault::latency(delay, Duration::ZERO).and(Fault::slice(1, gap)));
    let mut client = TcpStream::connect(proxy.address())
        .await
        .expect("connected");
    let start = Instant::now();
    say(&mut client, "0123456789").await;
    hear(&mut client, "0123456789").await;
    // The way there, nine gaps, and the way back of the last piece.
    assert!(
        start.elapsed() >= 2 * delay + 9 * gap,
        "{:?}",
        start.elapsed()
    );
}
