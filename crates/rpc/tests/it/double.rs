//! A service whose behaviour the request chooses, and a served fleet of it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_nats::{Message, Subscriber};
use futures::StreamExt;
use proto::{
    reason::Reason,
    stream::{
        HeadsRequest, HeadsResponse, RangeRequest, RangeResponse, StreamRef,
        stream_service_client::StreamServiceClient,
        stream_service_server::{StreamService, StreamServiceServer},
    },
};
use rpc::{Access, AccessTable, Gate, Keyring, NatsChannel, ServeOptions};
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{Code, Request, Response, Status};

pub(crate) const RANGE: &str = "/hubbub.stream.v1.StreamService/Range";
pub(crate) const OPEN: AccessTable = &[
    (RANGE, Access::Public),
    ("/hubbub.stream.v1.StreamService/Heads", Access::Public),
];

/// Behaviours, chosen by `after` of the request.
pub(crate) const ECHO: i64 = 0;
pub(crate) const REFUSE: i64 = 1;
pub(crate) const PANIC: i64 = 2;
pub(crate) const HANG: i64 = 3;
/// Answers with an event of as many bytes as `limit` says.
pub(crate) const FILL: i64 = 4;

#[derive(Default)]
pub(crate) struct Double {
    pub(crate) started: AtomicUsize,
    pub(crate) dropped: Arc<AtomicUsize>,
    pub(crate) release: Notify,
}

struct CountDrop(Arc<AtomicUsize>);

impl Drop for CountDrop {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[tonic::async_trait]
impl StreamService for Double {
    async fn range(
        &self,
        request: Request<RangeRequest>,
    ) -> Result<Response<RangeResponse>, Status> {
        self.started.fetch_add(1, Ordering::SeqCst);
        let _count = CountDrop(Arc::clone(&self.dropped));
        match request.get_ref().after {
            REFUSE => Err(rpc::retry_later(
                Code::ResourceExhausted,
                Reason::RATE_LIMITED,
                "not now",
                Duration::from_millis(1_500),
            )),
            PANIC => panic!("asked to"),
            HANG => {
                self.release.notified().await;
                Ok(Response::new(RangeResponse::default()))
            }
            FILL => Ok(Response::new(RangeResponse {
                events: vec![proto::stream::Event {
                    data: vec![b'x'; request.get_ref().limit as usize].into(),
                    ..Default::default()
                }],
                ..Default::default()
            })),
            _ => {
                let mut response = Response::new(RangeResponse {
                    head: 7,
                    ..Default::default()
                });
                if let Some(value) = request.metadata().get("x-note") {
                    response.metadata_mut().insert("x-note", value.clone());
                }
                Ok(response)
            }
        }
    }

    async fn heads(
        &self,
        request: Request<HeadsRequest>,
    ) -> Result<Response<HeadsResponse>, Status> {
        let heads = request
            .into_inner()
            .streams
            .into_iter()
            .map(|stream| proto::stream::Head {
                tenant: stream.tenant,
                stream_id: stream.stream_id,
                ..Default::default()
            });
        Ok(Response::new(HeadsResponse {
            heads: heads.collect(),
        }))
    }
}

pub(crate) struct Served {
    pub(crate) nats: testkit::Nats,
    pub(crate) double: Arc<Double>,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
}

impl Served {
    pub(crate) async fn start(max_in_flight: usize) -> Self {
        Self::with(OPEN, Keyring::fixed(&[]), max_in_flight).await
    }

    pub(crate) async fn with(table: AccessTable, keyring: Keyring, max_in_flight: usize) -> Self {
        let nats = testkit::nats().await;
        let served = Self {
            nats,
            double: Arc::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        };
        let server = StreamServiceServer::from_arc(Arc::clone(&served.double));
        let gate = Gate::new(server, table, keyring);
        let options = ServeOptions {
            max_in_flight,
            ..ServeOptions::default()
        };
        let (tasks, stop) = (served.tasks.clone(), served.stop.clone());
        rpc::serve(served.nats.client.clone(), gate, options, tasks, stop)
            .await
            .expect("served");
        served
    }

    /// Serves another double as one process with a name.
    pub(crate) async fn instance(&self, name: &str) -> Arc<Double> {
        let double: Arc<Double> = Arc::default();
        let server = StreamServiceServer::from_arc(Arc::clone(&double));
        let options = ServeOptions {
            instance: Some(name.into()),
            ..ServeOptions::default()
        };
        let gate = Gate::new(server, OPEN, Keyring::fixed(&[]));
        let (tasks, stop) = (self.tasks.clone(), self.stop.clone());
        rpc::serve(self.nats.client.clone(), gate, options, tasks, stop)
            .await
            .expect("served");
        double
    }

    pub(crate) fn client(&self) -> StreamServiceClient<NatsChannel> {
        StreamServiceClient::new(NatsChannel::new(self.nats.client.clone()))
    }

    /// Waits until `count` requests have begun.
    pub(crate) async fn started(&self, count: usize) {
        reach("requests begun", || {
            self.double.started.load(Ordering::SeqCst) >= count
        })
        .await;
    }
}

/// Waits for a condition, at most 5 s.
pub(crate) async fn reach(what: &str, condition: impl Fn() -> bool) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(5);
    while !condition() {
        assert!(
            tokio::time::Instant::now() < deadline,
            "waited 5 s for: {what}"
        );
        tokio::task::yield_now().await;
    }
}

pub(crate) fn range(behaviour: i64) -> RangeRequest {
    RangeRequest {
        after: behaviour,
        ..Default::default()
    }
}

pub(crate) fn large(streams: usize) -> HeadsRequest {
    let stream = StreamRef {
        tenant: "t".repeat(90),
        stream_id: "s".repeat(30),
    };
    HeadsRequest {
        streams: vec![stream; streams],
    }
}

/// Hears everything until the word `end`.
pub(crate) async fn until_end(nats: &async_nats::Client, mut all: Subscriber) -> Vec<Message> {
    nats.publish("end", "".into()).await.expect("published");
    nats.flush().await.expect("told");
    let mut heard = Vec::new();
    while let Some(message) = all.next().await {
        if message.subject.as_str() == "end" {
            break;
        }
        heard.push(message);
    }
    heard
}
