//! Messages lost, late and repeated on the way to a real NATS server.

use std::{collections::BTreeSet, time::Duration};

use async_nats::{Client, HeaderMap, Message, Subscriber};
use faultproxy::{Bus, BusFault, Fault};
use futures::StreamExt;
use testkit::Nats;
use tokio::net::TcpStream;

use crate::sockets::{hear_out, say, soon, until};

/// A NATS server, a client behind a bus, and one that hears everything past it.
struct Lab {
    nats: Nats,
    bus: Bus,
    publisher: Client,
    ear: Subscriber,
}

impl Lab {
    async fn new(seed: u64) -> Self {
        let nats = testkit::nats().await;
        let mut ear = nats.client.subscribe(">").await.expect("subscribed");
        // The server has taken the subscription when a message comes back.
        nats.client.publish("ready", "".into()).await.expect("sent");
        soon(ear.next()).await.expect("a message");
        let bus = Bus::open(address(&nats), seed).await.expect("a bus");
        let url = format!("nats://{}", bus.proxy().address());
        let publisher = async_nats::connect(url).await.expect("connected");
        Self {
            nats,
            bus,
            publisher,
            ear,
        }
    }

    async fn publish(&self, subject: &'static str, payload: impl ToString) {
        let payload = payload.to_string().into();
        let sent = self.publisher.publish(subject, payload).await;
        sent.expect("sent");
    }

    /// Publishes a hundred numbered events and then something that is not touched.
    async fn publish_hundred(&self) {
        for number in 0..100 {
            self.publish("evt.1", number).await;
        }
        self.publish("marker", "").await;
    }

    async fn next(&mut self) -> Message {
        soon(self.ear.next()).await.expect("a message")
    }

    /// Returns the numbers that arrived before the marker, in their order.
    async fn until_marker(&mut self) -> Vec<u32> {
        let mut numbers = Vec::new();
        loop {
            let message = self.next().await;
            if message.subject.as_str() == "marker" {
                return numbers;
            }
            numbers.push(number(&message));
        }
    }
}

fn address(nats: &Nats) -> std::net::SocketAddr {
    let address = nats.url.strip_prefix("nats://").expect("a NATS address");
    address.parse().expect("an address")
}

fn number(message: &Message) -> u32 {
    let text = std::str::from_utf8(&message.payload).expect("text");
    text.parse().expect("a number")
}

fn events() -> BusFault {
    BusFault {
        prefixes: vec!["evt.".into()],
        ..BusFault::default()
    }
}

#[tokio::test]
async fn without_a_fault_a_bus_is_not_there() {
    let mut lab = Lab::new(1).await;
    lab.publish_hundred().await;
    assert_eq!(lab.until_marker().await, (0..100).collect::<Vec<_>>());
    let stats = lab.bus.proxy().stats();
    assert_eq!((stats.messages, stats.messages_dropped), (101, 0));
}

#[tokio::test]
async fn dropped_messages_never_arrive() {
    let mut lab = Lab::new(1).await;
    lab.bus.disturb(BusFault {
        drop: 1.0,
        ..events()
    });
    lab.publish_hundred().await;
    assert!(lab.until_marker().await.is_empty());
    assert_eq!(lab.bus.proxy().stats().messages_dropped, 100);

    lab.bus.heal();
    lab.publish_hundred().await;
    assert_eq!(lab.until_marker().await.len(), 100);
}

#[tokio::test]
async fn doubled_messages_arrive_twice_with_their_headers() {
    let mut lab = Lab::new(1).await;
    lab.bus.disturb(BusFault {
        duplicate: 1.0,
        ..events()
    });
    lab.publish_hundred().await;
    let twice: Vec<_> = (0..100).flat_map(|number| [number, number]).collect();
    assert_eq!(lab.until_marker().await, twice);

    let mut headers = HeaderMap::new();
    headers.insert("Trace", "abc");
    let payload = vec![b'\n'; 500_000];
    let publish = lab
        .publisher
        .publish_with_headers("evt.2", headers, payload.clone().into());
    publish.await.expect("sent");
    for _ in 0..2 {
        let message = lab.next().await;
        let headers = message.headers.expect("headers");
        assert_eq!(headers.get("Trace").expect("kept").as_str(), "abc");
        assert!(message.payload == payload, "the payload was changed");
    }
    assert_eq!(lab.bus.proxy().stats().messages_doubled, 101);
}

#[tokio::test]
async fn late_messages_are_overtaken_and_all_arrive() {
    let mut lab = Lab::new(1).await;
    lab.bus.disturb(BusFault {
        delay: 1.0,
        delay_max: Duration::from_millis(500),
        ..events()
    });
    lab.publish_hundred().await;
    let mut numbers = lab.until_marker().await;
    assert!(numbers.len() < 100, "the marker overtook nothing");
    while numbers.len() < 100 {
        numbers.push(number(&lab.next().await));
    }
    assert!(!numbers.is_sorted(), "nothing was reordered");
    let all: BTreeSet<_> = numbers.into_iter().collect();
    assert_eq!(all, (0..100).collect());
    assert_eq!(lab.bus.proxy().stats().messages_delayed, 100);
}

#[tokio::test]
async fn late_messages_arrive_when_the_fault_ends() {
    let mut lab = Lab::new(1).await;
    lab.bus.disturb(BusFault {
        delay: 1.0,
        delay_max: Duration::MAX,
        ..events()
    });
    lab.publish_hundred().await;
    assert!(lab.until_marker().await.is_empty());
    lab.bus.heal();
    let mut numbers = BTreeSet::new();
    while numbers.len() < 100 {
        numbers.insert(number(&lab.next().await));
    }
}

#[tokio::test]
async fn late_messages_are_not_lost_when_their_sender_leaves() {
    let mut lab = Lab::new(1).await;
    lab.bus.disturb(BusFault {
        delay: 1.0,
        delay_max: Duration::from_millis(500),
        ..events()
    });
    lab.publish_hundred().await;
    lab.publisher.drain().await.expect("leaving");
    let mut numbers: BTreeSet<_> = lab.until_marker().await.into_iter().collect();
    while numbers.len() < 100 {
        numbers.insert(number(&lab.next().await));
    }
}

#[tokio::test]
async fn requests_are_untouched() {
    let lab = Lab::new(1).await;
    lab.bus.disturb(BusFault {
        drop: 0.5,
        delay: 0.5,
        delay_max: Duration::from_secs(3_600),
        duplicate: 0.5,
        ..events()
    });
    let mut service = lab.publisher.subscribe("ask").await.expect("subscribed");
    let inbox = lab.publisher.new_inbox();
    let mut answers = lab
        .publisher
        .subscribe(inbox.clone())
        .await
        .expect("subscribed");
    for round in 0..30 {
        lab.publish("evt.1", round).await;
        let request = lab
            .publisher
            .publish_with_reply("ask", inbox.clone(), "?".into());
        request.await.expect("sent");
        let asked = soon(service.next()).await.expect("a request");
        let reply = asked.reply.expect("somebody waits");
        lab.publisher
            .publish(reply, round.to_string().into())
            .await
            .expect("sent");
        // Were one repeated or late, a later round would hear the wrong number.
        let answer = soon(answers.next()).await.expect("an answer");
        assert_eq!(number(&answer), round);
    }
    let stats = lab.bus.proxy().stats();
    assert_eq!(stats.messages, 90);
    assert!(
        stats.messages_dropped > 0 && stats.messages_doubled > 0,
        "{stats}"
    );
}

#[tokio::test]
async fn a_seed_can_be_had_again() {
    let mut runs = Vec::new();
    for seed in [5, 5, 6] {
        let mut lab = Lab::new(seed).await;
        lab.bus.disturb(BusFault {
            drop: 0.5,
            duplicate: 0.2,
            ..events()
        });
        lab.publish_hundred().await;
        runs.push(lab.until_marker().await);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
}

#[tokio::test]
async fn a_cut_bus_comes_back() {
    let mut lab = Lab::new(1).await;
    lab.bus.proxy().cut();
    let again = || lab.bus.proxy().stats().accepted >= 2 && lab.bus.proxy().connections() == 1;
    until("the client to come back", again).await;
    lab.publish("marker", "").await;
    assert!(lab.until_marker().await.is_empty());
    assert_eq!(lab.bus.proxy().stats().resets, 1);
}

#[tokio::test]
async fn faults_of_bytes_and_of_messages_add_up() {
    let mut lab = Lab::new(1).await;
    lab.bus.proxy().apply(Fault::slice(7, Duration::ZERO));
    lab.bus.disturb(BusFault {
        duplicate: 1.0,
        ..events()
    });
    lab.publish_hundred().await;
    assert_eq!(lab.until_marker().await.len(), 200);
}

#[tokio::test]
async fn what_is_not_the_protocol_closes_the_connection() {
    let lab = Lab::new(1).await;
    let too_long = "x".repeat(5_000);
    for nonsense in ["PUB evt.1 x\r\n", "PUB evt.1 9000000\r\n", &too_long] {
        let connected = TcpStream::connect(lab.bus.proxy().address()).await;
        let mut client = connected.expect("connected");
        say(&mut client, nonsense).await;
        let greeting = hear_out(&mut client).await;
        assert!(
            !greeting.windows(4).any(|word| word == b"-ERR"),
            "the server saw it"
        );
    }
    drop(lab.nats);
}
