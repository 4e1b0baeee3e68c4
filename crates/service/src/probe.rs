//! The internal HTTP port: `/livez`, `/readyz`, `/metrics`.

use axum::{Router, extract::State, http::StatusCode, routing::get};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{health::Readiness, telemetry::Metrics};

/// Serves until `stop`.
pub(crate) async fn serve(
    listener: TcpListener,
    readiness: Readiness,
    metrics: Metrics,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let router = Router::new()
        // Liveness never looks at dependencies: restarting us does not mend them.
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(readyz).with_state(readiness))
        .route(
            "/metrics",
            get(|State(metrics): State<Metrics>| async move { metrics.render() })
                .with_state(metrics),
        );
    axum::serve(listener, router)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await
}

async fn readyz(State(readiness): State<Readiness>) -> (StatusCode, String) {
    let obstacles = readiness.obstacles().await;
    if obstacles.is_empty() {
        (StatusCode::OK, "ok\n".into())
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, obstacles.join("\n") + "\n")
    }
}
