//! What a call over NATS promises: details, deadlines, bounds, drain, isolation.

use std::{sync::atomic::Ordering, time::Duration};

use prost::Message;
use proto::{
    reason::Reason,
    stream::{RangeRequest, stream_service_client::StreamServiceClient},
};
use rpc::{NatsChannel, Refusal};
use tonic::{Code, Request};

use crate::double::{ECHO, FILL, HANG, PANIC, REFUSE, Served, large, range, reach};

#[tokio::test]
async fn an_answer_and_its_metadata_come_back() {
    let served = Served::start(8).await;
    let mut request = Request::new(range(ECHO));
    request
        .metadata_mut()
        .insert("x-note", "hello".parse().expect("ascii"));
    let response = served.client().range(request).await.expect("answered");
    assert_eq!(response.metadata().get("x-note").expect("echoed"), "hello");
    assert_eq!(response.into_inner().head, 7);
}

#[tokio::test]
async fn a_refusal_keeps_its_reason_and_details() {
    let served = Served::start(8).await;
    let refused = Refusal::of(
        &served
            .client()
            .range(range(REFUSE))
            .await
            .expect_err("refused"),
    );
    assert_eq!(
        (refused.code, refused.reason),
        (Code::ResourceExhausted, Reason::RATE_LIMITED)
    );
    assert_eq!(refused.message, "not now");
    assert_eq!(refused.retry_after, Some(Duration::from_millis(1_500)));
    assert!(!refused.is_unknown_outcome());
}

#[tokio::test]
async fn payloads_of_128_kib_pass_both_ways() {
    let served = Served::start(8).await;
    let request = large(1_050);
    assert!(request.encoded_len() > 128 * 1_024);
    let answer = served
        .client()
        .heads(request)
        .await
        .expect("answered")
        .into_inner();
    assert_eq!(answer.heads.len(), 1_050);
    assert!(answer.encoded_len() > 128 * 1_024);
}

#[tokio::test]
async fn an_answer_that_the_bus_does_not_carry_is_an_error_at_once() {
    let served = Served::start(8).await;
    let most = u32::try_from(served.nats.client.max_payload()).expect("a size");
    let filled = |bytes: u32| RangeRequest {
        limit: bytes,
        ..range(FILL)
    };
    // Around the bound, where the payload alone would pass and its headers do not.
    for bytes in [most - 64, most, most + 1, 4 * most] {
        let begun = tokio::time::Instant::now();
        let refused = served.client().range(filled(bytes)).await;
        let refused = Refusal::of(&refused.expect_err("too large"));
        assert_eq!(
            (refused.code, refused.reason, refused.message.as_str()),
            (Code::Internal, Reason::INTERNAL, "the answer is too large"),
            "{bytes} bytes"
        );
        assert!(refused.is_unknown_outcome(), "the work was done");
        assert!(
            begun.elapsed() < rpc::DEFAULT_DEADLINE / 2,
            "{bytes} bytes: told only after {:?}",
            begun.elapsed()
        );
    }
    let answer = served.client().range(filled(most - 1_024)).await;
    assert_eq!(answer.expect("fits").into_inner().events.len(), 1);
}

#[tokio::test]
async fn a_process_that_is_meant_by_name_answers_alone() {
    let served = Served::start(8).await;
    let (one, two) = (served.instance("one").await, served.instance("two").await);
    let channel = NatsChannel::new(served.nats.client.clone());
    let mut client = StreamServiceClient::new(channel.to_instance("two"));
    for _ in 0..3 {
        client.range(range(ECHO)).await.expect("answered");
    }
    let begun = |double: &crate::double::Double| double.started.load(Ordering::SeqCst);
    assert_eq!((begun(&one), begun(&two), begun(&served.double)), (0, 3, 0));
    let mut gone = StreamServiceClient::new(channel.to_instance("three"));
    let refused = gone.range(range(ECHO)).await.expect_err("nobody");
    assert_eq!(refused.code(), Code::Unavailable);
}

#[tokio::test]
async fn without_a_responder_nothing_was_done() {
    let nats = testkit::nats().await;
    let mut client = StreamServiceClient::new(NatsChannel::new(nats.client.clone()));
    let refused = Refusal::of(&client.range(range(ECHO)).await.expect_err("nobody serves"));
    assert_eq!(
        (refused.code, refused.reason),
        (Code::Unavailable, Reason::UPSTREAM_UNAVAILABLE)
    );
    assert!(!refused.is_unknown_outcome() && refused.retry_after.is_some());
}

#[tokio::test]
async fn a_deadline_ends_the_wait_of_both_ends() {
    let served = Served::start(8).await;
    let mut request = Request::new(range(HANG));
    request.set_timeout(Duration::from_secs(1));
    let begun = tokio::time::Instant::now();
    let late = Refusal::of(&served.client().range(request).await.expect_err("late"));
    assert_eq!(late.code, Code::DeadlineExceeded);
    assert!(late.is_unknown_outcome());
    assert!(begun.elapsed() < Duration::from_secs(5));
    // The server stopped working too, though nobody released it.
    reach("the handler's future dropped", || {
        served.double.dropped.load(Ordering::SeqCst) == 1
    })
    .await;
}

#[tokio::test]
async fn one_request_too_many_is_refused_before_any_work() {
    let served = Served::start(2).await;
    let hanging: Vec<_> = (0..2)
        .map(|_| {
            let mut client = served.client();
            tokio::spawn(async move { client.range(range(HANG)).await })
        })
        .collect();
    served.started(2).await;
    let refused = Refusal::of(&served.client().range(range(ECHO)).await.expect_err("full"));
    assert_eq!(
        (refused.code, refused.reason),
        (Code::ResourceExhausted, Reason::RATE_LIMITED)
    );
    assert!(refused.retry_after.is_some() && !refused.is_unknown_outcome());
    assert_eq!(served.double.started.load(Ordering::SeqCst), 2);
    served.double.release.notify_waiters();
    for call in hanging {
        call.await.expect("not panicked").expect("answered");
    }
    served
        .client()
        .range(range(ECHO))
        .await
        .expect("there is room again");
}

#[tokio::test]
async fn a_panic_loses_one_request_and_nothing_else() {
    let served = Served::start(8).await;
    let refused = Refusal::of(
        &served
            .client()
            .range(range(PANIC))
            .await
            .expect_err("panicked"),
    );
    assert_eq!(
        (refused.code, refused.reason),
        (Code::Internal, Reason::INTERNAL)
    );
    assert!(refused.is_unknown_outcome());
    served
        .client()
        .range(range(ECHO))
        .await
        .expect("still serving");
}

#[tokio::test]
async fn a_drain_finishes_what_is_under_way_and_takes_nothing_new() {
    let served = Served::start(8).await;
    let mut client = served.client();
    let under_way = tokio::spawn(async move { client.range(range(HANG)).await });
    served.started(1).await;
    served.stop.cancel();
    let gone = tokio::time::timeout(Duration::from_secs(5), async {
        loop {
            match served.client().range(range(ECHO)).await {
                Err(status) if status.code() == Code::Unavailable => break,
                _ => tokio::task::yield_now().await,
            }
        }
    });
    gone.await.expect("the queue group is left");
    served.double.release.notify_waiters();
    under_way.await.expect("not panicked").expect("finished");
    served.tasks.close();
    tokio::time::timeout(Duration::from_secs(5), served.tasks.wait())
        .await
        .expect("all tasks ended");
}

#[tokio::test]
async fn a_cancelled_call_leaves_the_client_usable() {
    let served = Served::start(64).await;
    let client = served.client();
    for begun in 1..=32 {
        let mut asking = client.clone();
        let mut call = Box::pin(asking.range(range(HANG)));
        tokio::select! {
            _ = &mut call => panic!("nobody released it"),
            () = served.started(begun) => {}
        }
    }
    client.clone().range(range(ECHO)).await.expect("answered");
}

#[tokio::test]
async fn a_method_that_does_not_exist_is_denied() {
    let served = Served::start(8).await;
    let channel = NatsChannel::new(served.nats.client.clone());
    let mut grpc = tonic::client::Grpc::new(channel);
    grpc.ready().await.expect("ready");
    let codec = tonic_prost::ProstCodec::<proto::stream::RangeRequest, proto::stream::RangeResponse>::default();
    let path = http::uri::PathAndQuery::from_static("/hubbub.stream.v1.StreamService/Nonsense");
    let refused = grpc
        .unary(Request::new(range(ECHO)), path, codec)
        .await
        .expect_err("denied");
    assert_eq!(Refusal::of(&refused).reason, Reason::PERMISSION_DENIED);
}
