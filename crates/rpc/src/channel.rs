//! The calling side: a tonic transport whose network is NATS.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use async_nats::{HeaderMap as NatsHeaders, connection::State};
use http::{Request, Response};
use proto::subject::{self, Instance, Subject};
use tokio::time::Instant;
use tonic::{Status, body::Body};
use tower::Service;
use tracing::{Instrument, field};

use crate::{post::Post, refusal::away, trace, wire};

/// The deadline of a call that sets none.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(3);

/// A transport for generated clients: `RoomServiceClient::new(channel)`. Cheap to clone; clones send together what they
/// are asked at the same moment, so that a process needs one channel for each connection to the bus.
///
/// Outcomes: `Unavailable` = certainly not done (no connection, no responder); `DeadlineExceeded` = unknown.
#[derive(Clone)]
pub struct NatsChannel {
    post: Arc<Post>,
    to: To,
}

/// Who is meant.
#[derive(Clone)]
enum To {
    /// Any of the service's queue group.
    Service,
    /// One process.
    Instance(Instance),
    /// A process of a name that no process can have.
    Nobody,
}

impl To {
    fn subject(&self, path: &str) -> Option<Subject> {
        match self {
            Self::Service => Some(subject::method(path)),
            Self::Instance(instance) => Some(subject::method_of(instance, path)),
            Self::Nobody => None,
        }
    }
}

impl NatsChannel {
    /// Makes a channel over a connection.
    #[must_use]
    pub fn new(nats: async_nats::Client) -> Self {
        Self {
            post: Post::new(nats),
            to: To::Service,
        }
    }

    /// Returns a channel to one process, by its instance name. `Unavailable` then means that it is gone. Any text is
    /// safe: what is no name is a process that is not there, and nothing of it reaches the bus.
    #[must_use]
    pub fn to_instance(&self, instance: &str) -> Self {
        Self {
            post: self.post.clone(),
            to: Instance::parse(instance).map_or(To::Nobody, To::Instance),
        }
    }

    async fn call_over_nats(self, request: Request<Body>) -> Result<Response<Body>, Status> {
        if self.post.nats().connection_state() != State::Connected {
            return Err(away("the bus is not connected"));
        }
        let (parts, body) = request.into_parts();
        let path = parts.uri.path();
        let span = tracing::info_span!(
            "rpc.client",
            otel.name = path.trim_start_matches('/'),
            otel.kind = "client",
            rpc.system.name = "grpc",
            rpc.method = path.trim_start_matches('/'),
            rpc.status = field::Empty,
        );
        let mut metadata = parts.headers;
        let deadline = wire::timeout(&metadata).unwrap_or(DEFAULT_DEADLINE);
        let told = format!("{}m", deadline.as_millis().clamp(1, 99_999_999));
        metadata.insert(
            "grpc-timeout",
            told.parse()
                .map_err(|_| Status::internal("deadline is not a header"))?,
        );
        trace::inject(&span, &mut metadata);
        let Some(subject) = self.to.subject(path) else {
            return Err(away("no process has this name"));
        };
        let (payload, _) = wire::collect(body).await?;
        let mut headers = NatsHeaders::new();
        wire::put(&metadata, &mut headers, "");
        let until = Instant::now() + deadline;
        let asked = self.post.ask(subject, headers, payload, until);
        match asked.instrument(span.clone()).await {
            Ok((headers, payload)) => {
                let (headers, trailers) = wire::take(headers.as_ref());
                let mut response = Response::new(wire::reply_body(payload, trailers));
                *response.headers_mut() = headers;
                Ok(response)
            }
            Err(status) => {
                span.record("rpc.status", field::debug(status.code()));
                Err(status)
            }
        }
    }
}

impl Service<Request<Body>> for NatsChannel {
    type Response = Response<Body>;
    type Error = Status;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Status>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        // A refusal of the transport reaches the caller as the response it would have got from a server, so that
        // its details survive tonic's mapping of transport errors.
        let call = self.clone().call_over_nats(request);
        Box::pin(async move { Ok(call.await.unwrap_or_else(Status::into_http)) })
    }
}
