//! Nothing arrives and nobody is told; afterwards everything does.

use std::time::Duration;

use faultproxy::{Direction, Fault};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};

use crate::sockets::{
    SILENCE, behind, hear, hear_out, hears_nothing, is_reset, pattern, say, soon, until, vanish,
};

/// Writes until nobody takes any more; returns how much was taken.
pub(crate) async fn fill(stream: &mut TcpStream) -> usize {
    let piece = pattern(64 << 10);
    let mut taken = 0;
    while taken < 64 << 20 {
        match timeout(Duration::from_secs(1), stream.write(&piece)).await {
            Ok(written) => taken += written.expect("a living socket"),
            Err(_) => break,
        }
    }
    taken
}

#[tokio::test]
async fn one_direction_goes_dark_and_the_other_does_not() {
    let behind = behind(1).await;
    let (mut client, mut server) = behind.pair().await;
    behind.proxy.apply(Fault::blackhole(Direction::ToClient));
    say(&mut client, "are you there?").await;
    hear(&mut server, "are you there?").await;
    say(&mut server, "I am").await;
    hears_nothing(&mut client).await;
    behind.proxy.heal();
    hear(&mut client, "I am").await;

    behind.proxy.apply(Fault::blackhole(Direction::ToUpstream));
    say(&mut server, "and you?").await;
    hear(&mut client, "and you?").await;
    say(&mut client, "I am, too").await;
    hears_nothing(&mut server).await;
    behind.proxy.heal();
    hear(&mut server, "I am, too").await;
}

#[tokio::test]
async fn what_was_held_arrives_without_a_hole() {
    let behind = behind(1).await;
    let (mut client, mut server) = behind.pair().await;
    say(&mut client, "before ").await;
    hear(&mut server, "before ").await;
    behind.proxy.apply(Fault::blackhole(Direction::Both));
    let sent = pattern(32 << 20);
    let expected = sent.clone();
    let sender = tokio::spawn(async move {
        client.write_all(&sent).await.expect("sent");
    });
    hears_nothing(&mut server).await;
    assert!(!sender.is_finished(), "the sender must feel the partition");
    behind.proxy.heal();
    let received = hear_out(&mut server).await;
    assert!(received == expected, "what arrived is not what was sent");
    soon(sender).await.expect("sent");
    assert_eq!(behind.proxy.stats().bytes_dropped, 0);
}

#[tokio::test]
async fn what_is_held_is_bounded() {
    let behind = behind(1).await;
    let (mut client, _server) = behind.pair().await;
    behind.proxy.apply(Fault::blackhole(Direction::Both));
    let taken = fill(&mut client).await;
    assert!(taken < 24 << 20, "{taken} bytes were taken of a sender");
}

#[tokio::test]
async fn an_end_does_not_get_through_either() {
    let behind = behind(1).await;
    let (mut client, mut server) = behind.pair().await;
    behind.proxy.apply(Fault::blackhole(Direction::Both));
    say(&mut client, "goodbye").await;
    drop(client);
    hears_nothing(&mut server).await;
    behind.proxy.heal();
    assert_eq!(hear_out(&mut server).await, b"goodbye");
}

#[tokio::test]
async fn a_reset_does_not_get_through_either() {
    let behind = behind(1).await;
    let (client, mut server) = behind.pair().await;
    behind.proxy.apply(Fault::blackhole(Direction::ToUpstream));
    vanish(client);
    hears_nothing(&mut server).await;
    // The proxy notices that the client is gone when it writes, and still must not tell.
    say(&mut server, "are you there?").await;
    hears_nothing(&mut server).await;
    behind.proxy.heal();
    is_reset(&mut server).await;
    behind.connections(0).await;
}

#[tokio::test]
async fn the_upstream_does_not_see_who_connects_in_the_dark() {
    for dark in [Direction::Both, Direction::ToClient, Direction::ToUpstream] {
        let behind = behind(1).await;
        behind.proxy.apply(Fault::blackhole(dark));
        let mut client = behind.connect().await;
        say(&mut client, "hello").await;
        behind.connections(1).await;
        let seen = timeout(SILENCE, behind.listener.accept()).await;
        assert!(seen.is_err(), "{dark:?}");
        behind.proxy.heal();
        let mut server = behind.accept().await;
        hear(&mut server, "hello").await;
        say(&mut server, "welcome").await;
        hear(&mut client, "welcome").await;
    }
}

#[tokio::test]
async fn the_upstream_never_hears_of_who_gave_up_in_the_dark() {
    let behind = behind(1).await;
    behind.proxy.apply(Fault::blackhole(Direction::Both));
    let mut impatient = behind.connect().await;
    say(&mut impatient, "first").await;
    until("it to be there", || behind.proxy.stats().accepted == 1).await;
    drop(impatient);
    behind.connections(0).await;
    assert_eq!(behind.proxy.stats().bytes_dropped, 5);
    behind.proxy.heal();
    let (mut client, mut server) = behind.pair().await;
    say(&mut client, "second").await;
    hear(&mut server, "second").await;
}

#[tokio::test]
async fn what_is_cut_in_the_dark_is_cut() {
    let behind = behind(1).await;
    let (mut client, mut server) = behind.pair().await;
    behind.proxy.apply(Fault::blackhole(Direction::Both));
    behind.proxy.cut();
    is_reset(&mut client).await;
    is_reset(&mut server).await;
}
