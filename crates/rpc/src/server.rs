//! The serving side: a queue group on NATS that feeds a generated server.

use std::{convert::Infallible, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use async_nats::{Client, HeaderMap as NatsHeaders, Message};
use bytes::Bytes;
use futures::{FutureExt, StreamExt};
use http::{Request, Response};
use proto::{reason::Reason, subject};
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{Code, Status, body::Body, server::NamedService};
use tower::{Service, ServiceExt};

use crate::{DEFAULT_DEADLINE, Wire, retry_later, status, wire};

/// Bounds of one served service.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// Most requests worked on at once; one more is refused before any work.
    pub max_in_flight: usize,
    /// Serve as this one process, addressed by name, and not as a member of the service's queue group.
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
/// When the subscription cannot be made.
pub async fn serve<S>(
    nats: Client,
    service: S,
    options: ServeOptions,
    tasks: TaskTracker,
    stop: CancellationToken,
) -> Result<(), async_nats::SubscribeError>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + NamedService
        + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    let instance = options.instance;
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
            let Some(reply_to) = message.reply.clone() else {
                continue;
            };
            let Ok(slot) = Arc::clone(&slots).try_acquire_owned() else {
                metrics::counter!("rpc_server_overloaded_total").increment(1);
                answer(&nats, reply_to, wire::refusal(&overloaded()), Bytes::new()).await;
                continue;
            };
            let (nats, service, instance) = (nats.clone(), service.clone(), instance.clone());
            inner_tasks.spawn(async move {
                let (headers, payload) = work(service, message, instance.as_deref()).await;
                answer(&nats, reply_to, headers, payload).await;
                drop(slot);
            });
        }
    });
    Ok(())
}

fn overloaded() -> Status {
    retry_later(
        Code::ResourceExhausted,
        Reason::RATE_LIMITED,
        "the service is at its limit",
        RETRY_AFTER,
    )
}

async fn work<S>(service: S, message: Message, instance: Option<&str>) -> (NatsHeaders, Bytes)
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

fn request(message: Message, instance: Option<&str>) -> Option<Request<Body>> {
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
    // A reply that cannot be sent is the caller's unknown outcome; its deadline tells it.
    if let Err(error) = nats.publish_with_headers(reply_to, headers, payload).await {
        tracing::warn!(%error, "a reply could not be sent");
    }
}
