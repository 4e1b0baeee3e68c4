//! The admin port: the mounted services over HTTP/2, with reflection (v1 and v1alpha) and health, for grpcurl.

use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_util::sync::CancellationToken;
use tonic::{service::Routes, transport::Server};
use tonic_health::ServingStatus;

use crate::health::Readiness;

/// How often the health service looks at readiness.
const HEALTH_EVERY: Duration = Duration::from_secs(1);
/// Calls under way on one connection; the next ones wait.
const STREAMS: u32 = 64;
/// A connection that is silent for so long is asked whether it is still there, and may take as long to answer.
const SILENCE: Duration = Duration::from_secs(10);

/// Serves until `stop`.
pub(crate) async fn serve(
    listener: TcpListener,
    routes: Routes,
    names: Vec<&'static str>,
    readiness: Readiness,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let (reporter, health) = tonic_health::server::health_reporter();
    // Newer tools speak v1, older ones v1alpha only.
    let routes = routes
        .add_service(health)
        .add_service(reflection().build_v1().context("reflection")?)
        .add_service(reflection().build_v1alpha().context("reflection")?);
    let report = async {
        let mut tick = tokio::time::interval(HEALTH_EVERY);
        loop {
            tick.tick().await;
            let is_ready = readiness.obstacles().await.is_empty();
            let status = if is_ready {
                ServingStatus::Serving
            } else {
                ServingStatus::NotServing
            };
            for name in names.iter().copied().chain([""]) {
                reporter.set_service_status(name, status).await;
            }
        }
    };
    let server = Server::builder()
        .max_concurrent_streams(STREAMS)
        .http2_keepalive_interval(Some(SILENCE))
        .http2_keepalive_timeout(Some(SILENCE))
        .add_routes(routes)
        .serve_with_incoming_shutdown(TcpListenerStream::new(listener), stop.cancelled_owned());
    tokio::select! {
        served = server => served.context("admin port"),
        () = report => Ok(()),
    }
}

fn reflection() -> tonic_reflection::server::Builder<'static> {
    tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(proto::DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        // Without it grpcurl prints error details as raw base64.
        .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
}
