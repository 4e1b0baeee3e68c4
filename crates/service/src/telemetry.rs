//! Traces, logs and metrics of a process.

use std::{path::Path, time::Duration};

use anyhow::{Context, ensure};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use opentelemetry::{KeyValue, global, trace::TracerProvider};
use opentelemetry_otlp::{
    SpanExporter, WithExportConfig, WithTonicConfig,
    tonic_types::transport::{Certificate, ClientTlsConfig},
};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{Sampler, SdkTracerProvider},
};
use sqlx::PgPool;
use tokio::{
    runtime::Handle,
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    authority,
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

/// Between two times that recorded values are put into their buckets.
const UPKEEP: Duration = Duration::from_secs(5);

/// What must be flushed at the end.
pub(crate) struct Telemetry {
    provider: SdkTracerProvider,
    metrics: PrometheusHandle,
}

/// Everything that was counted and measured, and gauges that are read when somebody asks.
#[derive(Clone)]
pub(crate) struct Metrics {
    handle: PrometheusHandle,
    pool: Option<PgPool>,
}

impl Telemetry {
    /// Installs the process-wide subscriber, propagator and metrics recorder.
    pub(crate) fn start(
        service: &'static str,
        settings: &TelemetrySettings,
    ) -> anyhow::Result<Self> {
        global::set_text_map_propagator(TraceContextPropagator::new());
        let provider = tracer_provider(service, settings)?;
        let filter = EnvFilter::try_new(&settings.filter).context("telemetry.filter")?;
        let lines = tracing_subscriber::fmt::layer();
        let lines = match settings.log_format {
            LogFormat::Json => lines
                .event_format(JsonLines { service })
                // A line carries its trace, and nothing of its spans.
                .fmt_fields(tracing_subscriber::fmt::format::debug_fn(|_, _, _| Ok(())))
                .boxed(),
            LogFormat::Text => lines.boxed(),
        };
        // As cheap as they can be had: a span is entered at each poll of what it is about.
        let spans = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("hubbub"))
            .with_context_activation(false)
            .with_tracked_inactivity(false)
            .with_location(false)
            .with_threads(false);
        tracing_subscriber::registry()
            .with(filter)
            .with(spans)
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

    /// Returns what `/metrics` answers with, the pool's gauges among it if there is a pool.
    pub(crate) fn metrics(&self, pool: Option<PgPool>) -> Metrics {
        Metrics {
            handle: self.metrics.clone(),
            pool,
        }
    }

    /// Sends what is still buffered.
    pub(crate) fn flush(&self) {
        if let Err(error) = self.provider.shutdown() {
            tracing::warn!(%error, "the last spans could not be sent");
        }
    }
}

impl Metrics {
    /// Renders all of it as Prometheus text. Must be called on the process's runtime, whose tasks it counts.
    pub(crate) fn render(&self) -> String {
        let tasks = Handle::current().metrics().num_alive_tasks();
        metrics::gauge!("runtime_tasks").set(tasks as f64);
        if let Some(pool) = &self.pool {
            let open = pool.size();
            metrics::gauge!("pg_pool_connections").set(f64::from(open));
            // The pool counts both at different moments.
            let busy = (open as usize).saturating_sub(pool.num_idle());
            metrics::gauge!("pg_pool_connections_busy").set(busy as f64);
        }
        self.handle.render()
    }

    /// Puts recorded values into their buckets until `stop`. Every single value is kept until then, so that without
    /// this a process that nobody scrapes would grow for ever.
    pub(crate) async fn keep_up(self, stop: CancellationToken) {
        let mut beat = interval(UPKEEP);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while stop.run_until_cancelled(beat.tick()).await.is_some() {
            self.handle.run_upkeep();
        }
    }
}

fn tracer_provider(
    service: &'static str,
    settings: &TelemetrySettings,
) -> anyhow::Result<SdkTracerProvider> {
    let resource = Resource::builder()
        .with_service_name(service)
        .with_attribute(KeyValue::new("service.namespace", "hubbub"))
        .build();
    let builder = SdkTracerProvider::builder()
        .with_resource(resource)
        .with_sampler(sampler(settings)?);
    if settings.otlp_endpoint.is_empty() {
        return Ok(builder.build());
    }
    let exporter = exporter(&settings.otlp_endpoint, &settings.otlp_ca_file)?;
    Ok(builder.with_batch_exporter(exporter).build())
}

/// Decides which traces are recorded: whoever starts one for all who take part in it. What is not recorded still has
/// real ids, which logs and error frames carry.
fn sampler(settings: &TelemetrySettings) -> anyhow::Result<Sampler> {
    let is_share = (0.0..=1.0).contains(&settings.sample_ratio);
    ensure!(is_share, "telemetry.sample_ratio is not from 0 to 1");
    if settings.otlp_endpoint.is_empty() {
        return Ok(Sampler::AlwaysOff);
    }
    let root = Sampler::TraceIdRatioBased(settings.sample_ratio);
    Ok(Sampler::ParentBased(Box::new(root)))
}

/// Prepares the way to the collector, which may be away. `https://` is TLS, and then the server has to prove its name.
pub(crate) fn exporter(endpoint: &str, ca_file: &Path) -> anyhow::Result<SpanExporter> {
    let mut builder = SpanExporter::builder().with_tonic().with_endpoint(endpoint);
    let is_over_tls = endpoint.starts_with("https://");
    if !ca_file.as_os_str().is_empty() {
        ensure!(
            is_over_tls,
            "telemetry.otlp_ca_file is set, but telemetry.otlp_endpoint does not begin with https://"
        );
        let pem = authority::read(ca_file).context("telemetry.otlp_ca_file")?;
        let believed = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem));
        builder = builder.with_tls_config(believed);
    } else if is_over_tls {
        builder = builder.with_tls_config(ClientTlsConfig::new().with_enabled_roots());
    }
    builder.build().context("telemetry.otlp_endpoint")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_are_recorded_where_somebody_collects_them() {
        let sampler = |otlp_endpoint: &str, sample_ratio| {
            let settings = TelemetrySettings {
                otlp_endpoint: otlp_endpoint.into(),
                otlp_ca_file: "".into(),
                sample_ratio,
                log_format: LogFormat::Json,
                filter: "info".into(),
            };
            sampler(&settings).map(|sampler| format!("{sampler:?}"))
        };
        assert_eq!(sampler("", 1.0).expect("valid"), "AlwaysOff");
        let some = sampler("http://127.0.0.1:4317", 0.25).expect("valid");
        assert_eq!(some, "ParentBased(TraceIdRatioBased(0.25))");
        for bad in [-0.1, 1.1, f64::NAN] {
            sampler("", bad).expect_err("not a share");
        }
    }
}
