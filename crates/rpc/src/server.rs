//! The serving side: a queue group on NATS that feeds a generated server.

use std::{convert::Infallible, panic::AssertUnwindSafe, sync::Arc, time::Duration};

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
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{Code, body::Body, server::NamedService};
use tower::{Service, ServiceExt};

use crate::{DEFAULT_DEADLINE, Wire, retry_later, status, wire};

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
    let slots = Arc::new(Semaphore::new(options.max_in_flight));
    let inner_tasks = tasks.clone();
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
            let Some(reply_to) = reply_to(&message) else {
                continue;
            };
            let Ok(slot) = Arc::clone(&slots).try_acquire_owned() else {
                answer(&nats, reply_to, overloaded(), Bytes::new()).await;
                continue;
            };
            let (nats, service, instance) = (nats.clone(), service.clone(), instance.clone());
            inner_tasks.spawn(async move {
                let (headers, payload) = work(service, message, instance.as_ref()).await;
                answer(&nats, reply_to, headers, payload).await;
                drop(slot);
            });
        }
    });
    Ok(())
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

async fn work<S>(service: S, message: Message, instance: Option<&Instance>) -> (NatsHeaders, Bytes)
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    let Some(request) = request(message, instance) else {
        let refused = status(Code::Unimplemented, Reason::NOT_FOUND, "no such method");
        return (wire::refusal(&refused), Bytes::new());
    };
    let deadline = wire::timeout(request.headers()).unwrap_or(DEFAULT_DEADLINE);
    let served = async {
        wire::reply(
            service
                .oneshot(request)
                .await
                .unwrap_or_else(|never| match never {}),
        )
        .await
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

fn request(message: Message, instance: Option<&Instance>) -> Option<Request<Body>> {
    let path = subject::grpc_path(instance, message.subject.as_str())?;
    let (headers, _) = wire::take(message.headers.as_ref());
    let mut request = Request::post(path)
        .version(http::Version::HTTP_2)
        .extension(Wire::Nats)
        .body(wire::request_body(message.payload))
        .ok()?;
    *request.headers_mut() = headers;
    Some(request)
}

async fn answer(
    nats: &Client,
    reply_to: async_nats::Subject,
    headers: NatsHeaders,
    payload: Bytes,
) {
    let mut sent = nats
        .publish_with_headers(reply_to.clone(), headers, payload)
        .await;
    if matches!(&sent, Err(error) if error.kind() == PublishErrorKind::MaxPayloadExceeded) {
        let (refused, empty) = (too_large(), Bytes::new());
        sent = nats.publish_with_headers(reply_to, refused, empty).await;
    }
    // A reply that cannot be sent is the caller's unknown outcome; its deadline tells it.
    if let Err(error) = sent {
        tracing::warn!(%error, "a reply could not be sent");
    }
}

/// What the caller gets instead of an answer that the bus does not carry. The work was done all the same, so the code is
/// one that promises nothing about it.
fn too_large() -> NatsHeaders {
    metrics::counter!("rpc_server_oversized_total").increment(1);
    let told = "the answer is too large";
    tracing::error!(event_type = "reply_oversized", "{told} for the bus");
    wire::refusal(&status(Code::Internal, Reason::INTERNAL, told))
}
