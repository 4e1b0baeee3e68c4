//! W3C trace context in the headers of requests and hints. The only place where it is written or read.

use async_nats::HeaderMap as NatsHeaders;
use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::{
    global,
    propagation::{Extractor, Injector},
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::wire;

struct Writer<'a>(&'a mut HeaderMap);

impl Injector for Writer<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(key), HeaderValue::try_from(value)) {
            self.0.insert(name, value);
        }
    }
}

struct Reader<'a>(&'a HeaderMap);

impl Extractor for Reader<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

/// Writes a span's context into request headers.
pub(crate) fn inject(span: &Span, headers: &mut HeaderMap) {
    let context = span.context();
    global::get_text_map_propagator(|propagator| {
        propagator.inject_context(&context, &mut Writer(headers));
    });
}

/// Writes a span's context into the headers of something that is told to many.
#[must_use]
pub fn told(span: &Span) -> NatsHeaders {
    let mut headers = HeaderMap::new();
    inject(span, &mut headers);
    let mut told = NatsHeaders::new();
    wire::put(&headers, &mut told, "");
    told
}

/// Makes the teller's span the parent of the listener's.
pub fn heard(span: &Span, headers: Option<&NatsHeaders>) {
    if let Some(headers) = headers {
        adopt(span, &wire::take(Some(headers)).0);
    }
}

/// Makes the caller's span the parent of `span`.
pub(crate) fn adopt(span: &Span, headers: &HeaderMap) {
    let context =
        global::get_text_map_propagator(|propagator| propagator.extract(&Reader(headers)));
    // Fails only when no OpenTelemetry layer is installed, and then there is nothing to join.
    let _ = span.set_parent(context);
}
