//! One trace per request frame. A browser's own trace is linked: it must not choose our ids or sampling.

use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use tracing::{Span, field};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::{conn::handle::Handle, frame::Frame};

/// Starts the root span of a request.
#[must_use]
pub(crate) fn request(handle: &Handle, frame: &Frame) -> Span {
    let span = tracing::info_span!(
        parent: None,
        "ws.request",
        otel.name = %frame.kind,
        otel.kind = "server",
        connection_id = %handle.id,
        room.id = field::Empty,
    );
    link(&span, frame.traceparent.as_deref());
    span
}

/// Starts the span of a frame that is refused on the spot. Its type may be any text, so it names nothing.
#[must_use]
pub(crate) fn refusal(handle: &Handle, reason: &'static str) -> Span {
    tracing::info_span!(
        parent: None,
        "ws.refused",
        otel.kind = "server",
        connection_id = %handle.id,
        reason,
    )
}

/// Links a client's own trace, if it sent one.
pub(crate) fn link(span: &Span, traceparent: Option<&str>) {
    if let Some(link) = traceparent.and_then(parse) {
        span.add_link(link);
    }
}

/// Returns the trace id, or nothing when no one records traces.
#[must_use]
pub(crate) fn id(span: &Span) -> String {
    let context = span.context();
    let trace_id = context.span().span_context().trace_id();
    if trace_id == TraceId::INVALID {
        String::new()
    } else {
        trace_id.to_string()
    }
}

/// Parses a W3C `traceparent`, version 00.
fn parse(text: &str) -> Option<SpanContext> {
    let mut parts = text.split('-');
    let (version, trace, span, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if version != "00"
        || trace.len() != 32
        || span.len() != 16
        || flags.len() != 2
        || parts.next().is_some()
    {
        return None;
    }
    let context = SpanContext::new(
        TraceId::from_hex(trace).ok()?,
        SpanId::from_hex(span).ok()?,
        TraceFlags::new(u8::from_str_radix(flags, 16).ok()?),
        true,
        TraceState::NONE,
    );
    context.is_valid().then_some(context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_traceparent_is_linked() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert!(parse(good).is_some());
        for bad in [
            "",
            "00",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-x-y-z",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            &format!("{good}-x"),
            "00-é-b-c",
        ] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }
}
