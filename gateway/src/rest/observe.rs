//! One span, one log line and two metrics per request. A trace begins here: what a client sends is only linked.

use std::{panic::AssertUnwindSafe, time::Instant};

use axum::{
    extract::{MatchedPath, Request},
    http::HeaderMap,
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::FutureExt;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use tracing::{Instrument, Span, field};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::problem::Problem;

/// Wraps every request.
pub(crate) async fn observe(request: Request, next: Next) -> Response {
    let method = request.method().to_string();
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
    if let Some(context) = client_context(request.headers()) {
        span.add_link(context);
    }
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
        ("method", method),
        ("route", route),
        ("status", status.to_string()),
    ];
    metrics::counter!("hubbub_gateway_http_requests_total", &labels).increment(1);
    metrics::histogram!("hubbub_gateway_http_request_seconds", &labels)
        .record(started.elapsed().as_secs_f64());
    response
}

/// Returns the trace id of the current request; empty when traces are off.
pub(crate) fn trace_id() -> String {
    let context = Span::current().context();
    let id = context.span().span_context().trace_id();
    if id == TraceId::INVALID {
        String::new()
    } else {
        id.to_string()
    }
}

/// Reads a client's `traceparent`: version, trace id, span id, flags.
fn client_context(headers: &HeaderMap) -> Option<SpanContext> {
    let mut parts = headers.get("traceparent")?.to_str().ok()?.splitn(4, '-');
    let (version, trace, span) = (parts.next()?, parts.next()?, parts.next()?);
    if version.len() != 2 || trace.len() != 32 || span.len() != 16 {
        return None;
    }
    let (trace, span) = (TraceId::from_hex(trace).ok()?, SpanId::from_hex(span).ok()?);
    let context = SpanContext::new(
        trace,
        span,
        TraceFlags::default(),
        true,
        TraceState::default(),
    );
    context.is_valid().then_some(context)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", text.parse().expect("header"));
        client_context(&headers).map(|context| context.trace_id().to_string())
    }

    #[test]
    fn a_client_s_trace_is_read_or_ignored() {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(
            found(&format!("00-{trace}-00f067aa0ba902b7-01")).as_deref(),
            Some(trace)
        );
        for bad in [
            "",
            "00",
            "00-zz-00-01",
            &format!("00-{trace}-0000000000000000-01"),
            &"-".repeat(99),
        ] {
            assert_eq!(found(bad), None, "{bad}");
        }
    }
}
