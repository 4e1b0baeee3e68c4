//! What somebody wrote does not become a subject, and an answer does not go where it should not.

use std::sync::atomic::Ordering;

use proto::{
    stream::{HeadsRequest, StreamRef, stream_service_client::StreamServiceClient},
    subject::{self, Partition},
};
use rpc::{NatsChannel, with_token};
use tonic::Code;

use crate::double::{ECHO, RANGE, Served, range, until_end};

/// What would be two commands of the bus's protocol, if it went there as it is.
const FORGED: &str = "a1\r\nPUB evt.77 6\r\nforged\r\n";

#[tokio::test]
async fn a_process_of_an_impossible_name_is_away_and_nothing_is_said() {
    let served = Served::start(8).await;
    let nats = &served.nats.client;
    let all = nats.subscribe(">").await.expect("subscribed");
    let channel = NatsChannel::new(nats.clone());
    for name in [FORGED, "a.b", "*", ">", "", "a b"] {
        let mut client = StreamServiceClient::new(channel.to_instance(name));
        let refused = client.range(range(ECHO)).await.expect_err("nobody");
        assert_eq!(refused.code(), Code::Unavailable, "{name:?}");
    }
    let heard = until_end(nats, all).await;
    assert!(heard.is_empty(), "{heard:?}");
}

#[tokio::test]
async fn a_text_of_a_request_stays_inside_it() {
    let served = Served::start(8).await;
    let nats = &served.nats.client;
    let all = nats.subscribe(">").await.expect("subscribed");
    let request = HeadsRequest {
        streams: vec![StreamRef {
            tenant: FORGED.into(),
            stream_id: FORGED.into(),
        }],
    };
    let asked = with_token(request, FORGED);
    let answer = served.client().heads(asked).await.expect("answered");
    assert_eq!(answer.into_inner().heads[0].stream_id, FORGED);
    let heard = until_end(nats, all).await;
    let subjects: Vec<&str> = heard
        .iter()
        .map(|message| message.subject.as_str())
        .collect();
    let method = subject::method("/hubbub.stream.v1.StreamService/Heads");
    assert_eq!(subjects.len(), 2, "a question and its answer: {subjects:?}");
    assert_eq!(subjects[0], method.as_str());
    assert!(subject::is_inbox(subjects[1]), "{subjects:?}");
}

#[tokio::test]
async fn an_answer_goes_to_an_inbox_only() {
    let served = Served::start(8).await;
    let nats = &served.nats.client;
    let events = String::from(subject::events(
        Partition::all().next().expect("a partition"),
    ));
    let all = nats.subscribe(">").await.expect("subscribed");
    let method = String::from(subject::method("/hubbub.stream.v1.StreamService/Range"));
    for reply in [events.clone(), "_INBOXES.a".into()] {
        let asked = nats.publish_with_reply(method.clone(), reply, "".into());
        asked.await.expect("published");
    }
    // The queue is read in order: whoever is answered came after those two.
    served.client().range(range(ECHO)).await.expect("answered");
    served.tasks.close();
    served.stop.cancel();
    served.tasks.wait().await;
    let heard = until_end(nats, all).await;
    assert_eq!(heard.len(), 4, "three questions and one answer: {heard:?}");
    for message in &heard {
        let subject = message.subject.as_str();
        assert!(
            subject == method || subject.starts_with("_INBOX."),
            "{subject}"
        );
    }
}

#[tokio::test]
async fn a_message_that_is_a_trap_is_refused_and_kills_nobody() {
    let served = Served::start(8).await;
    let nats = &served.nats.client;
    let framed = |flag: u8, length: u32, message: &[u8]| {
        let head = [&[flag][..], &length.to_be_bytes()].concat();
        [head, message.to_vec()].concat()
    };
    // The beginning of a group that nobody knows, in itself, in itself: a reader that recurses has no stack left.
    let nested = vec![0x7b; 100_000];
    for (name, payload) in [
        ("nested without end", framed(0, 100_000, &nested)),
        ("a length of 4 GiB", framed(0, u32::MAX, b"x")),
        ("a length beyond the end", framed(0, 9, b"x")),
        ("compressed, which was not agreed", framed(1, 1, b"x")),
        (
            "a field of 4 GiB",
            framed(0, 6, &[0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]),
        ),
        ("a number without end", framed(0, 20, &[0xff; 20])),
        ("half a head", vec![0, 0]),
        ("nothing", Vec::new()),
    ] {
        let request = async_nats::Request::new().payload(payload.into());
        let subject = String::from(subject::method(RANGE));
        let reply = nats.send_request(subject, request).await;
        let reply = reply.unwrap_or_else(|error| panic!("{name}: {error}"));
        let headers = reply.headers.unwrap_or_default();
        let status = ["grpc-status", "trailer-grpc-status"]
            .iter()
            .find_map(|header| headers.get(*header));
        let status = status.map(async_nats::HeaderValue::as_str);
        assert!(status.is_some_and(|code| code != "0"), "{name}: {status:?}");
    }
    assert_eq!(served.double.started.load(Ordering::SeqCst), 0);
    let answer = served.client().range(range(ECHO)).await;
    assert_eq!(answer.expect("still serving").into_inner().head, 7);
}
