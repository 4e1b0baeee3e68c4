//! What is asked at one moment shares an envelope, and nothing but that.

use std::{pin::pin, sync::atomic::Ordering, time::Duration};

use async_nats::{HeaderMap, Message, Subscriber};
use futures::{FutureExt, StreamExt, future::join_all, poll};
use proto::{
    bus,
    stream::{RangeRequest, RangeResponse, stream_service_client::StreamServiceClient},
    subject,
};
use rpc::{NatsChannel, Refusal};
use tonic::{Code, Request, Status};

use crate::double::{ECHO, FILL, HANG, PANIC, RANGE, REFUSE, Served, range, until_end};

type Client = StreamServiceClient<NatsChannel>;

/// The header of an envelope, as it stands on the bus.
const MARK: &str = "rpc-envelope";

async fn ask(client: &Client, request: Request<RangeRequest>) -> Result<RangeResponse, Refusal> {
    let answer = client.clone().range(request).await;
    answer
        .map(tonic::Response::into_inner)
        .map_err(|status: Status| Refusal::of(&status))
}

/// Asks for all of them at one moment.
async fn ask_all(client: &Client, behaviours: &[i64]) -> Vec<Result<RangeResponse, Refusal>> {
    let asked = behaviours
        .iter()
        .map(|behaviour| ask(client, Request::new(range(*behaviour))));
    join_all(asked).await
}

/// Listens to everything, until [`until_end`].
async fn ear(served: &Served) -> Subscriber {
    let ear = served.nats.client.subscribe(">").await;
    ear.expect("subscribed")
}

fn marked(message: &Message) -> Option<&str> {
    let headers = message.headers.as_ref()?;
    headers.get(MARK).map(async_nats::HeaderValue::as_str)
}

/// Returns how many calls there were in each envelope.
fn envelopes(heard: &[Message]) -> Vec<&str> {
    let method = subject::method(RANGE);
    let questions = heard
        .iter()
        .filter(|it| it.subject.as_str() == method.as_str());
    questions.filter_map(marked).collect()
}

async fn shared(served: &Served, ear: Subscriber) -> Vec<String> {
    let heard = until_end(&served.nats.client, ear).await;
    envelopes(&heard)
        .into_iter()
        .map(ToOwned::to_owned)
        .collect()
}

#[tokio::test]
async fn each_gets_its_own_answer_and_they_share_the_way() {
    let served = Served::start(64).await;
    let (client, ear) = (served.client(), ear(&served).await);
    let asked = (0..20).map(|number: u32| {
        let mut request = Request::new(range(ECHO));
        let note = number.to_string().parse().expect("ascii");
        request.metadata_mut().insert("x-note", note);
        let mut client = client.clone();
        async move {
            let answer = client.range(request).await.expect("answered");
            answer.metadata().get("x-note").cloned()
        }
    });
    let notes = join_all(asked).await;
    for (number, note) in notes.into_iter().enumerate() {
        assert_eq!(note.expect("echoed"), number.to_string().as_str());
    }
    let heard = until_end(&served.nats.client, ear).await;
    assert_eq!(envelopes(&heard), ["20"]);
    assert!(heard.len() < 20, "answers together: {}", heard.len());
}

#[tokio::test]
async fn who_is_alone_needs_no_envelope() {
    let served = Served::start(8).await;
    let (client, ear) = (served.client(), ear(&served).await);
    for _ in 0..3 {
        ask(&client, Request::new(range(ECHO)))
            .await
            .expect("answered");
    }
    let heard = until_end(&served.nats.client, ear).await;
    assert_eq!(heard.len(), 6);
    assert!(heard.iter().all(|message| marked(message).is_none()));
}

#[tokio::test]
async fn a_slow_one_holds_nobody_back() {
    let served = Served::start(64).await;
    let (client, ear) = (served.client(), ear(&served).await);
    let mut slow = pin!(ask(&client, Request::new(range(HANG))));
    assert!(poll!(&mut slow).is_pending());
    let quick = ask_all(&client, &[ECHO; 5]);
    let quick = tokio::select! {
        biased;
        quick = quick => quick,
        _ = &mut slow => panic!("nobody released it"),
    };
    assert!(quick.iter().all(Result::is_ok), "{quick:?}");
    served.started(6).await;
    assert!(slow.as_mut().now_or_never().is_none());
    served.double.release.notify_waiters();
    slow.await.expect("answered");
    assert_eq!(shared(&served, ear).await, ["6"]);
}

#[tokio::test]
async fn each_fails_by_itself() {
    let served = Served::start(64).await;
    let (client, ear) = (served.client(), ear(&served).await);
    let answers = ask_all(&client, &[ECHO, REFUSE, PANIC, ECHO]);
    let mut late = Request::new(range(HANG));
    late.set_timeout(Duration::from_millis(300));
    let (answers, late) = tokio::join!(answers, ask(&client, late));
    let codes: Vec<_> = answers
        .iter()
        .map(|answer| answer.as_ref().map_or_else(|it| it.code, |_| Code::Ok))
        .collect();
    let expected = [Code::Ok, Code::ResourceExhausted, Code::Internal, Code::Ok];
    assert_eq!(codes, expected);
    let refused = answers[1].as_ref().expect_err("refused");
    assert_eq!(refused.retry_after, Some(Duration::from_millis(1_500)));
    let late = late.expect_err("late");
    assert_eq!(late.code, Code::DeadlineExceeded);
    assert!(late.is_unknown_outcome());
    assert_eq!(shared(&served, ear).await, ["5"]);
}

#[tokio::test]
async fn those_too_many_are_refused_and_the_others_served() {
    let served = Served::start(2).await;
    let client = served.client();
    let asked = ask_all(&client, &[HANG; 5]);
    let release = async {
        served.started(2).await;
        served.double.release.notify_waiters();
    };
    let (answers, ()) = tokio::join!(asked, release);
    let refused = answers.iter().filter_map(|answer| answer.as_ref().err());
    let codes: Vec<_> = refused.map(|refused| refused.code).collect();
    assert_eq!(codes, [Code::ResourceExhausted; 3]);
    assert_eq!(served.double.started.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn without_a_responder_nothing_was_done_for_anyone() {
    let nats = testkit::nats().await;
    let client = StreamServiceClient::new(NatsChannel::new(nats.client.clone()));
    for answer in ask_all(&client, &[ECHO; 3]).await {
        let refused = answer.expect_err("nobody serves");
        assert_eq!(refused.code, Code::Unavailable);
        assert!(!refused.is_unknown_outcome() && refused.retry_after.is_some());
    }
}

#[tokio::test]
async fn whoever_joined_first_may_give_up() {
    let served = Served::start(8).await;
    let client = served.client();
    let mut first = Box::pin(ask(&client, Request::new(range(ECHO))));
    let mut second = pin!(ask(&client, Request::new(range(ECHO))));
    assert!(poll!(&mut first).is_pending());
    assert!(poll!(&mut second).is_pending());
    drop(first);
    second.await.expect("answered");
    assert_eq!(served.double.started.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn whoever_joined_first_may_be_left_alone() {
    let served = Served::start(8).await;
    let client = served.client();
    let mut first = pin!(ask(&client, Request::new(range(ECHO))));
    let second = ask(&client, Request::new(range(ECHO)));
    assert!(poll!(&mut first).is_pending());
    // Nobody looks at the first one meanwhile.
    second.await.expect("answered");
    first.await.expect("answered");
}

#[tokio::test]
async fn more_than_an_envelope_holds_go_in_several() {
    let served = Served::start(1_000).await;
    let (client, ear) = (served.client(), ear(&served).await);
    let most = bus::ANSWERS as usize;
    let answers = ask_all(&client, &vec![ECHO; 2 * most + 1]).await;
    assert!(answers.iter().all(Result::is_ok));
    let full = most.to_string();
    let mut marks = shared(&served, ear).await;
    marks.sort_unstable();
    assert_eq!(marks, ["1", &full, &full]);
}

#[tokio::test]
async fn an_answer_that_the_bus_does_not_carry_is_an_error_for_that_one() {
    let served = Served::start(8).await;
    let client = served.client();
    let most = u32::try_from(served.nats.client.max_payload()).expect("a size");
    let filled = Request::new(RangeRequest {
        limit: most,
        ..range(FILL)
    });
    let (large, others) = tokio::join!(ask(&client, filled), ask_all(&client, &[ECHO; 3]));
    assert!(others.iter().all(Result::is_ok), "{others:?}");
    let refused = large.expect_err("too large");
    assert_eq!(
        (refused.code, refused.message.as_str()),
        (Code::Internal, "the answer is too large")
    );
}

/// Answers as a process does that knows no envelopes: what has the mark it takes for nonsense.
async fn serve_singly(nats: async_nats::Client, mut asked: Subscriber) -> usize {
    let mut served = 0;
    while let Some(message) = asked.next().await {
        let is_envelope = marked(&message).is_some();
        let reply = message.reply.expect("a reply");
        let mut headers = HeaderMap::new();
        if is_envelope {
            headers.insert("grpc-status", "13");
        } else {
            headers.insert("trailer-grpc-status", "0");
            served += 1;
        }
        let empty = vec![0; if is_envelope { 0 } else { 5 }];
        let sent = nats.publish_with_headers(reply, headers, empty.into());
        sent.await.expect("published");
        if served == 3 {
            break;
        }
    }
    served
}

#[tokio::test]
async fn who_knows_no_envelopes_is_asked_for_each_alone() {
    let nats = testkit::nats().await;
    let method = String::from(subject::method(RANGE));
    let asked = nats.client.subscribe(method).await.expect("subscribed");
    nats.client.flush().await.expect("subscribed");
    let old = tokio::spawn(serve_singly(nats.client.clone(), asked));
    let client = StreamServiceClient::new(NatsChannel::new(nats.client.clone()));
    let answers = ask_all(&client, &[ECHO; 3]).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(old.await.expect("not panicked"), 3);
}

#[tokio::test]
async fn an_envelope_means_nothing_to_who_knows_none() {
    let served = Served::start(8).await;
    let (client, ear) = (served.client(), ear(&served).await);
    ask_all(&client, &[ECHO; 3]).await;
    let heard = until_end(&served.nats.client, ear).await;
    let envelope = heard.into_iter().find(|message| marked(message).is_some());
    let envelope = envelope.expect("an envelope");
    // Without its mark it is what such a process makes of it: a single call.
    let request = async_nats::Request::new().payload(envelope.payload);
    let method = String::from(subject::method(RANGE));
    let reply = served.nats.client.send_request(method, request).await;
    let headers = reply.expect("a reply").headers.unwrap_or_default();
    let status = headers.get("grpc-status").expect("a status");
    assert_ne!(status.as_str(), "0");
    assert_eq!(served.double.started.load(Ordering::SeqCst), 3, "no fourth");
}

#[tokio::test]
async fn an_envelope_that_cannot_be_read_is_refused() {
    let served = Served::start(8).await;
    let part = [0x0a, 0x00];
    let most = bus::ANSWERS as usize;
    for (name, payload) in [
        ("nonsense", vec![0xff; 20]),
        ("one too many", part.repeat(most + 1)),
        ("a part of 4 GiB", vec![0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(MARK, "1");
        let request = async_nats::Request::new();
        let request = request.headers(headers).payload(payload.into());
        let method = String::from(subject::method(RANGE));
        let reply = served.nats.client.send_request(method, request).await;
        let headers = reply.expect(name).headers.unwrap_or_default();
        let status = headers.get("grpc-status").expect("a status");
        assert_eq!(status.as_str(), "3", "{name}");
    }
    assert_eq!(served.double.started.load(Ordering::SeqCst), 0);
}
