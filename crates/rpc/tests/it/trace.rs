//! One trace across a call.

use opentelemetry::{global, trace::TracerProvider};
use opentelemetry_sdk::{
    propagation::TraceContextPropagator,
    trace::{InMemorySpanExporter, SdkTracerProvider},
};
use tracing::Instrument;
use tracing_subscriber::layer::SubscriberExt;

use crate::double::{ECHO, Served, range};

#[tokio::test]
async fn caller_and_service_share_a_trace() {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    global::set_text_map_propagator(TraceContextPropagator::new());
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer))
        .expect("first");
    let served = Served::start(8).await;
    let root = tracing::info_span!("frame");
    served
        .client()
        .range(range(ECHO))
        .instrument(root)
        .await
        .expect("answered");
    crate::double::reach("three spans", || {
        exporter
            .get_finished_spans()
            .is_ok_and(|spans| spans.len() >= 3)
    })
    .await;
    let spans = exporter.get_finished_spans().expect("spans");
    let trace = spans[0].span_context.trace_id();
    assert!(
        spans
            .iter()
            .all(|span| span.span_context.trace_id() == trace),
        "{spans:#?}"
    );
    let of = |kind: opentelemetry::trace::SpanKind| {
        spans
            .iter()
            .find(|span| span.span_kind == kind)
            .expect("a span of this kind")
    };
    let (client, server) = (
        of(opentelemetry::trace::SpanKind::Client),
        of(opentelemetry::trace::SpanKind::Server),
    );
    assert_eq!(server.parent_span_id, client.span_context.span_id());
    assert_eq!(server.name, "hubbub.stream.v1.StreamService/Range");
}
