//! Traces, logs and metrics of a process.

use anyhow::Context;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use opentelemetry::{KeyValue, global, trace::TracerProvider};
use opentelemetry_otlp::WithExportConfig;
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    config::{LogFormat, TelemetrySettings},
    log::JsonLines,
};

/// Bucket bounds of every histogram in seconds.
const SECONDS: [f64; 13] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];
/// Bucket bounds of every histogram of sizes.
const SIZES: [f64; 10] = [
    1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0,
];

/// What must be flushed at the end.
pub(crate) struct Telemetry {
    provider: SdkTracerProvider,
    pub(crate) metrics: PrometheusHandle,
}

impl Telemetry {
    /// Installs the process-wide subscriber, propagator and metrics recorder.
    pub(crate) fn start(
        service: &'static str,
        settings: &TelemetrySettings,
    ) -> anyhow::Result<Self> {
        global::set_text_map_propagator(TraceContextPropagator::new());
        let provider = tracer_provider(service, &settings.otlp_endpoint)?;
        let filter = EnvFilter::try_new(&settings.filter).context("telemetry.filter")?;
        let lines = tracing_subscriber::fmt::layer();
        let lines = match settings.log_format {
            LogFormat::Json => lines
                .event_format(JsonLines { service })
                .fmt_fields(tracing_subscriber::fmt::format::JsonFields::new())
                .boxed(),
            LogFormat::Text => lines.boxed(),
        };
        tracing_subscriber::registry()
            .with(filter)
            .with(tracing_opentelemetry::layer().with_tracer(provider.tracer("hubbub")))
            .with(lines)
            .try_init()
            .context("telemetry was started twice")?;
        let metrics = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS)?
            .set_buckets_for_metric(Matcher::Suffix("_size".into()), &SIZES)?
            .install_recorder()
            .context("metrics")?;
        Ok(Self { provider, metrics })
    }

    /// Sends what is still buffered.
    pub(crate) fn flush(&self) {
        if let Err(error) = self.provider.shutdown() {
            tracing::warn!(%error, "the last spans could not be sent");
        }
    }
}

fn tracer_provider(service: &'static str, endpoint: &str) -> anyhow::Result<SdkTracerProvider> {
    let resource = Resource::builder()
        .with_service_name(service)
        .with_attribute(KeyValue::new("service.namespace", "hubbub"))
        .build();
    let builder = SdkTracerProvider::builder().with_resource(resource);
    if endpoint.is_empty() {
        // No exporter, but still real trace ids: logs and error frames carry them.
        return Ok(builder.build());
    }
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .build()
        .context("telemetry.otlp_endpoint")?;
    Ok(builder.with_batch_exporter(exporter).build())
}
