//! One span, one log line and two metrics per request. A trace begins here: what a client sends is only linked.

use std::{panic::AssertUnwindSafe, time::Instant};

use axum::{
    extract::{MatchedPath, Request},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::FutureExt;
use tracing::{Instrument, Span, field};

use super::problem::Problem;
use crate::conn::trace;

/// Wraps every request.
pub(crate) async fn observe(request: Request, next: Next) -> Response {
    let method = method_label(request.method());
    // The template, never the path: paths hold ids, and label values must stay few.
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!(
        parent: None,
        "http.request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        http.response.status_code = field::Empty,
    );
    let traceparent = request.headers().get("traceparent");
    trace::link(&span, traceparent.and_then(|value| value.to_str().ok()));
    let started = Instant::now();
    let handled = AssertUnwindSafe(next.run(request))
        .catch_unwind()
        .instrument(span.clone())
        .await;
    let response = handled.unwrap_or_else(|_| {
        let _entered = span.enter();
        tracing::error!(event_type = "http_panic", "a request handler panicked");
        Problem::internal().into_response()
    });
    let status = response.status().as_u16();
    span.record("http.response.status_code", status);
    let labels = [
        ("method", method.to_owned()),
        ("route", route),
        ("status", status.to_string()),
    ];
    metrics::counter!("hubbub_gateway_http_requests_total", &labels).increment(1);
    metrics::histogram!("hubbub_gateway_http_request_seconds", &labels)
        .record(started.elapsed().as_secs_f64());
    response
}

/// Returns a method's label. A stranger chooses the text: metrics must not grow with it.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// Returns the trace id of the current request; empty when traces are off.
pub(crate) fn trace_id() -> String {
    trace::id(&Span::current())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invented_method_makes_no_label() {
        let invented = Method::from_bytes(b"X-7f3a").expect("a token");
        assert_eq!(method_label(&invented), "other");
        assert_eq!(method_label(&Method::POST), "POST");
    }
}
