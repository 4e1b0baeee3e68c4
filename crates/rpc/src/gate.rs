//! What stands in front of every generated server, on both wires: trace, identity, permission.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Instant,
};

use http::{Request, Response, header::AUTHORIZATION};
use tonic::{Status, body::Body, server::NamedService};
use tower::Service;
use tracing::{Instrument, field};

use crate::{AccessTable, Caller, Keyring, Wire, access, trace};

/// A generated server behind its permission table.
#[derive(Clone)]
pub struct Gate<S> {
    inner: S,
    table: AccessTable,
    keyring: Keyring,
}

impl<S> Gate<S> {
    /// Puts a gate in front of a server.
    pub fn new(inner: S, table: AccessTable, keyring: Keyring) -> Self {
        Self {
            inner,
            table,
            keyring,
        }
    }
}

impl<S: NamedService> NamedService for Gate<S> {
    const NAME: &'static str = S::NAME;
}

impl<S> Service<Request<Body>> for Gate<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let Self {
            mut inner,
            table,
            keyring,
        } = self.clone();
        let method = request.uri().path().trim_start_matches('/').to_owned();
        let span = tracing::info_span!(
            "rpc.server",
            otel.name = method,
            otel.kind = "server",
            rpc.system.name = "grpc",
            rpc.method = method,
            user.id = field::Empty,
        );
        trace::adopt(&span, request.headers());
        let served = async move {
            let started = Instant::now();
            let response = match admit(table, &keyring, &mut request).await {
                Ok(()) => inner.call(request).await?,
                Err(refused) => refused.into_http(),
            };
            metrics::histogram!("rpc_server_duration_seconds", "rpc_method" => method)
                .record(started.elapsed().as_secs_f64());
            Ok(response)
        };
        Box::pin(served.instrument(span))
    }
}

async fn admit(
    table: AccessTable,
    keyring: &Keyring,
    request: &mut Request<Body>,
) -> Result<(), Status> {
    let wire = request
        .extensions()
        .get::<Wire>()
        .copied()
        .unwrap_or(Wire::Http2);
    let token = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let token = token.and_then(|value| {
        value
            .strip_prefix("Bearer ")
            .or_else(|| value.strip_prefix("bearer "))
    });
    let caller = match token {
        Some(token) => Some(keyring.verify(token).await),
        None => None,
    };
    access::decide(table, request.uri().path(), wire, caller.as_ref())?;
    if let Some(Ok(caller)) = caller {
        tracing::Span::current().record("user.id", field::display(caller.user_id));
        request.extensions_mut().insert::<Caller>(caller);
    }
    Ok(())
}
