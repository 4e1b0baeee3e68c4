//! Connections that end before their time.

use std::time::Duration;

use faultproxy::{Direction, Fault};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::sockets::{behind, hear, hear_out, hears_nothing, is_reset, pattern, say, soon, until};

#[tokio::test]
async fn a_cut_resets_both_sides_once() {
    let behind = behind(1).await;
    let (mut client, mut server) = behind.pair().await;
    let (mut other_client, mut other_server) = behind.pair().await;
    assert_eq!(behind.proxy.connections(), 2);
    behind.proxy.cut();
    for stream in [
        &mut client,
        &mut server,
        &mut other_client,
        &mut other_server,
    ] {
        is_reset(stream).await;
    }
    behind.connections(0).await;
    assert_eq!(behind.proxy.stats().resets, 2);

    let (mut client, mut server) = behind.pair().await;
    say(&mut client, "again").await;
    hear(&mut server, "again").await;
}

#[tokio::test]
async fn new_connections_are_refused_and_old_ones_live() {
    let behind = behind(1).await;
    let (mut client, mut server) = behind.pair().await;
    behind.proxy.apply(Fault::refuse());
    let mut refused = behind.connect().await;
    is_reset(&mut refused).await;
    say(&mut client, "still here").await;
    hear(&mut server, "still here").await;
    assert_eq!(
        (behind.proxy.connections(), behind.proxy.stats().refused),
        (1, 1)
    );

    behind.proxy.heal();
    // The upstream never saw the refused one: the next it accepts is this.
    let (mut client, mut server) = behind.pair().await;
    say(&mut client, "back").await;
    hear(&mut server, "back").await;
}

#[tokio::test]
async fn resets_hit_every_connection_in_the_end() {
    let behind = behind(1).await;
    let mut pairs = Vec::new();
    for _ in 0..10 {
        pairs.push(behind.pair().await);
    }
    behind.proxy.apply(Fault::reset(Duration::from_millis(50)));
    for (client, server) in &mut pairs {
        is_reset(client).await;
        is_reset(server).await;
    }
    let (mut late, _server) = behind.pair().await;
    is_reset(&mut late).await;
    behind.connections(0).await;
    assert_eq!(behind.proxy.stats().resets, 11);

    behind.proxy.heal();
    let (mut client, _server) = behind.pair().await;
    hears_nothing(&mut client).await;
}

#[tokio::test]
async fn a_healed_proxy_does_not_carry_out_old_sentences() {
    let behind = behind(1).await;
    behind.proxy.apply(Fault::reset(Duration::from_millis(400)));
    behind.proxy.heal();
    let mut pairs = Vec::new();
    for _ in 0..10 {
        pairs.push(behind.pair().await);
    }
    hears_nothing(&mut pairs[0].0).await;
    assert_eq!(behind.proxy.connections(), 10);
}

#[tokio::test]
async fn one_direction_ends_and_the_other_goes_on() {
    let behind = behind(1).await;
    let (mut client, mut server) = behind.pair().await;
    say(&mut client, "heard").await;
    hear(&mut server, "heard").await;
    behind.proxy.apply(Fault::half_close(Direction::ToUpstream));
    assert_eq!(hear_out(&mut server).await, b"");
    say(&mut client, "unheard").await;
    until("it to be lost", || behind.proxy.stats().bytes_dropped == 7).await;
    say(&mut server, "the answer").await;
    hear(&mut client, "the answer").await;

    behind.proxy.heal();
    say(&mut client, "too late").await;
    until("it to be lost", || behind.proxy.stats().bytes_dropped == 15).await;
    say(&mut server, "bye").await;
    hear(&mut client, "bye").await;
    drop((client, server));
    behind.connections(0).await;
}

#[tokio::test]
async fn an_answer_can_end_too() {
    let behind = behind(1).await;
    behind.proxy.apply(Fault::half_close(Direction::ToClient));
    let (mut client, mut server) = behind.pair().await;
    assert_eq!(hear_out(&mut client).await, b"");
    say(&mut client, "go on").await;
    hear(&mut server, "go on").await;
}

#[tokio::test]
async fn a_connection_is_closed_after_exactly_so_many_bytes() {
    let behind = behind(1).await;
    let (mut client, mut server) = behind.pair().await;
    say(&mut server, "not counted").await;
    hear(&mut client, "not counted").await;
    behind.proxy.apply(Fault::drop_after(100_000));
    let sent = pattern(200_000);
    let send = tokio::spawn(async move {
        // It fails once the proxy has closed; how far it gets is the kernel's choice.
        let _ = server.write_all(&sent).await;
    });
    let received = hear_out(&mut client).await;
    assert!(received == pattern(100_000), "{} bytes", received.len());
    soon(send).await.expect("no panic");
    behind.connections(0).await;
}

#[tokio::test]
async fn the_same_fault_applied_again_begins_anew() {
    let behind = behind(1).await;
    let (mut client, mut server) = behind.pair().await;
    for _ in 0..3 {
        behind.proxy.apply(Fault::drop_after(4));
        say(&mut server, "abc").await;
        hear(&mut client, "abc").await;
    }
    say(&mut server, "d").await;
    let mut byte = [0];
    soon(client.read_exact(&mut byte)).await.expect("the last");
    assert_eq!(hear_out(&mut client).await, b"");
}
