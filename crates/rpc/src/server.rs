//! The serving side: a queue group on NATS that feeds a generated server.

use std::{
    convert::Infallible,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_nats::{
    Client, HeaderMap as NatsHeaders, Message, SubscribeError,
    client::{PublishErrorKind, SubscribeErrorKind},
};
use bytes::Bytes;
use futures::{FutureExt, StreamExt};
use http::{Request, Response};
use proto::{
    reason::Reason,
    subject::{self, Instance},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{Code, body::Body, server::NamedService};
use tower::{Service, ServiceExt};

use crate::{
    DEFAULT_DEADLINE, Wire,
    envelope::{self, Part},
    gathering::Gathering,
    retry_later, status, wire,
};

/// Bounds of one served service.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// Most requests worked on at once; one more is refused before any work.
    pub max_in_flight: usize,
    /// Serve as this one process, addressed by name (letters and digits), and not as a member of the service's queue
    /// group.
    pub instance: Option<Arc<str>>,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            max_in_flight: 1_024,
            instance: None,
        }
    }
}

/// What an overloaded service tells its callers to wait.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// Serves over NATS until `stop`, then takes no more requests and finishes those it has.
///
/// Every request runs in its own task of `tasks`: a panic loses that request alone and answers `INTERNAL`.
///
/// # Errors
/// When the subscription cannot be made; `InvalidSubject` when the instance's name is no name.
pub async fn serve<S>(
    nats: Client,
    service: S,
    options: ServeOptions,
    tasks: TaskTracker,
    stop: CancellationToken,
) -> Result<(), SubscribeError>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + NamedService
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send,
{
    let name = options.instance.as_deref();
    let instance = name.map(|name| Instance::parse(name).ok_or(SubscribeErrorKind::InvalidSubject));
    let instance = instance.transpose()?;
    let subject = match &instance {
        Some(instance) => subject::all_methods_of(instance, S::NAME),
        None => subject::all_methods(S::NAME),
    };
    #[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
    let mut requests = nats
        .queue_subscribe(String::from(subject), S::NAME.into())
        .await?;
    // The subscription must stand at the server before anyone is told that this service is ready.
    if nats.flush().await.is_err() {
        tracing::warn!("the bus is not connected; serving begins when it is");
    }
    let server = Arc::new(Server {
        nats,
        service,
        instance,
        slots: Arc::new(Semaphore::new(options.max_in_flight)),
        tasks: tasks.clone(),
        envelopes: AtomicU64::default(),
        answers: Gathering::default(),
    });
    tasks.spawn(async move {
        let mut is_draining = false;
        loop {
            let message = tokio::select! {
                () = stop.cancelled(), if !is_draining => {
                    is_draining = true;
                    // What is already on its way is still served; the stream ends after it.
                    let _ = requests.drain().await;
                    continue;
                }
                message = requests.next() => message,
            };
            let Some(message) = message else { break };
            server.take(message).await;
        }
    });
    Ok(())
}

/// What serves one subscription.
struct Server<S> {
    nats: Client,
    service: S,
    instance: Option<Instance>,
    slots: Arc<Semaphore>,
    tasks: TaskTracker,
    /// Envelopes that came.
    envelopes: AtomicU64,
    /// Answers that go now, by the envelope of their calls, with their slots.
    answers: Gathering<u64, (Part, OwnedSemaphorePermit)>,
}

/// One call: the method's subject and what came.
struct Asked {
    subject: async_nats::Subject,
    headers: Option<NatsHeaders>,
    payload: Bytes,
}

impl<S> Server<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send,
{
    /// Begins to work on what a message asks: one call, or all of an envelope.
    async fn take(self: &Arc<Self>, message: Message) {
        let Some(reply_to) = reply_to(&message) else {
            return;
        };
        match envelope::open(&message) {
            None => self.take_one(message, reply_to).await,
            Some(Ok(parts)) => self.take_all(&message.subject, parts, reply_to).await,
            Some(Err(_)) => {
                let told = "the envelope cannot be read";
                let refused = status(Code::InvalidArgument, Reason::FIELD_INVALID, told);
                self.publish(reply_to, wire::refusal(&refused), Bytes::new())
                    .await;
            }
        }
    }

    async fn take_one(self: &Arc<Self>, message: Message, reply_to: async_nats::Subject) {
        let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() else {
            return self.publish(reply_to, overloaded(), Bytes::new()).await;
        };
        let asked = Asked {
            subject: message.subject,
            headers: message.headers,
            payload: message.payload,
        };
        let server = self.clone();
        self.tasks.spawn(async move {
            let (headers, payload) = server.work(asked).await;
            server.publish(reply_to, headers, payload).await;
            drop(slot);
        });
    }

    async fn take_all(
        self: &Arc<Self>,
        subject: &async_nats::Subject,
        parts: Vec<Part>,
        reply_to: async_nats::Subject,
    ) {
        let envelope = self.envelopes.fetch_add(1, Ordering::Relaxed);
        let mut refused = Vec::new();
        for part in parts {
            let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() else {
                refused.push(Part::of(part.number, &overloaded(), Bytes::new()));
                continue;
            };
            let asked = Asked {
                subject: subject.clone(),
                headers: Some(part.headers()),
                payload: part.payload.clone(),
            };
            let (server, reply_to) = (self.clone(), reply_to.clone());
            self.tasks.spawn(async move {
                let (headers, payload) = server.work(asked).await;
                let answer = Part::of(part.number, &headers, payload);
                if server.answers.join(envelope, (answer, slot)) == 1 {
                    server.tell_together(envelope, &reply_to).await;
                }
            });
        }
        if !refused.is_empty() {
            self.tell(&reply_to, refused).await;
        }
    }

    async fn work(&self, asked: Asked) -> (NatsHeaders, Bytes) {
        let Some(request) = request(asked, self.instance.as_ref()) else {
            let refused = status(Code::Unimplemented, Reason::NOT_FOUND, "no such method");
            return (wire::refusal(&refused), Bytes::new());
        };
        let deadline = wire::timeout(request.headers()).unwrap_or(DEFAULT_DEADLINE);
        let service = self.service.clone();
        let served = async {
            let served = service.oneshot(request).await;
            wire::reply(served.unwrap_or_else(|never| match never {})).await
        };
        match tokio::time::timeout(deadline, AssertUnwindSafe(served).catch_unwind()).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(_)) => {
                tracing::error!("a request handler panicked");
                let refused = status(Code::Internal, Reason::INTERNAL, "something went wrong");
                (wire::refusal(&refused), Bytes::new())
            }
            Err(_) => {
                let late = status(
                    Code::DeadlineExceeded,
                    Reason::UPSTREAM_UNAVAILABLE,
                    "no answer within the deadline",
                );
                (wire::refusal(&late), Bytes::new())
            }
        }
    }
}

impl<S> Server<S> {
    /// Answers those calls of an envelope that are done after a turn.
    async fn tell_together(&self, envelope: u64, reply_to: &async_nats::Subject) {
        tokio::task::yield_now().await;
        let answers = self.answers.take(&envelope);
        let (answers, slots): (Vec<_>, Vec<_>) = answers.into_iter().unzip();
        self.tell(reply_to, answers).await;
        drop(slots);
    }

    async fn tell(&self, reply_to: &async_nats::Subject, answers: Vec<Part>) {
        for answers in envelope::divide(answers, Part::size) {
            let first = answers.first().map(|answer| answer.number);
            let (headers, payload) = envelope::seal(answers);
            let sent = self.try_publish(reply_to.clone(), headers, payload).await;
            // Only one that goes alone can be too large.
            if let (Err(PublishErrorKind::MaxPayloadExceeded), Some(first)) = (sent, first) {
                let refused = Part::of(first, &too_large(), Bytes::new());
                let (headers, payload) = envelope::seal(vec![refused]);
                let _ = self.try_publish(reply_to.clone(), headers, payload).await;
            }
        }
    }

    /// Answers a call that came alone.
    async fn publish(&self, reply_to: async_nats::Subject, headers: NatsHeaders, payload: Bytes) {
        let sent = self.try_publish(reply_to.clone(), headers, payload).await;
        if sent == Err(PublishErrorKind::MaxPayloadExceeded) {
            let _ = self.try_publish(reply_to, too_large(), Bytes::new()).await;
        }
    }

    async fn try_publish(
        &self,
        reply_to: async_nats::Subject,
        headers: NatsHeaders,
        payload: Bytes,
    ) -> Result<(), PublishErrorKind> {
        let nats = &self.nats;
        let sent = nats.publish_with_headers(reply_to, headers, payload).await;
        sent.map_err(|error| {
            // A reply that cannot be sent is the caller's unknown outcome; its deadline tells it.
            if error.kind() != PublishErrorKind::MaxPayloadExceeded {
                tracing::warn!(%error, "a reply could not be sent");
            }
            error.kind()
        })
    }
}

/// Returns where the answer goes, if it may go there. The bus lets us answer anywhere, and the caller chooses where: a
/// subject of events would be published to with our rights.
fn reply_to(message: &Message) -> Option<async_nats::Subject> {
    let reply_to = message.reply.clone()?;
    if subject::is_inbox(&reply_to) {
        return Some(reply_to);
    }
    metrics::counter!("rpc_server_misdirected_total").increment(1);
    tracing::warn!(
        event_type = "reply_misdirected",
        "a request names no inbox for its answer and is not served"
    );
    None
}

fn overloaded() -> NatsHeaders {
    metrics::counter!("rpc_server_overloaded_total").increment(1);
    wire::refusal(&retry_later(
        Code::ResourceExhausted,
        Reason::RATE_LIMITED,
        "the service is at its limit",
        RETRY_AFTER,
    ))
}

fn request(asked: Asked, instance: Option<&Instance>) -> Option<Request<Body>> {
    let path = subject::grpc_path(instance, asked.subject.as_str())?;
    let (headers, _) = wire::take(asked.headers.as_ref());
    let mut request = Request::post(path)
        .version(http::Version::HTTP_2)
        .extension(Wire::Nats)
        .body(wire::request_body(asked.payload))
        .ok()?;
    *request.headers_mut() = headers;
    Some(request)
}

/// What the caller gets instead of an answer that the bus does not carry. The work was done all the same, so the code is
/// one that promises nothing about it.
fn too_large() -> NatsHeaders {
    metrics::counter!("rpc_server_oversized_total").increment(1);
    let told = "the answer is too large";
    tracing::error!(event_type = "reply_oversized", "{told} for the bus");
    wire::refusal(&status(Code::Internal, Reason::INTERNAL, told))
}
