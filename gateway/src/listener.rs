//! Accepts connections: bounded heads, bounded connections per address, and a drain that spreads the reconnects.

use std::{
    collections::HashSet,
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{Router, body::Body, response::Response, routing::get};
use http::{Request, StatusCode};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use proto::{frame::CloseCode, id::Tenant, reason::Reason};
use rand::Rng;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    time::Instant,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::Code;
use tower::ServiceExt;

use crate::{
    App, address,
    conn::{
        handle::{Control, Handle},
        handshake,
    },
    error::{Error, problem},
    rest,
};

/// How long a request head may take.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// Most headers of a request.
const HEADERS_MAX: usize = 64;
/// Most bytes of a request head.
const HEAD_MAX: usize = 8 * 1024;
/// How many connections may wait to be accepted.
const BACKLOG: u32 = 4_096;
/// Pause after an accept that failed for want of descriptors or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// While it goes on failing, the log says so this often.
const COMPLAIN_EVERY: Duration = Duration::from_secs(10);
/// Goodbyes go out in steps of this.
const DRAIN_STEP: Duration = Duration::from_millis(50);
/// Clients come back within this time after their goodbye.
const COME_BACK_MS: u64 = 3_000;

/// Listens until `stop`, then drains.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let _ended = app.ended.clone().drop_guard();
    let Some(listener) = app.listener.lock().take() else {
        return;
    };
    // Nobody is let in before it is known who must not be; clients wait in the backlog.
    if stop
        .run_until_cancelled(app.enforced.known())
        .await
        .is_none()
    {
        return;
    }
    tracing::info!(event_type = "listening", listen = %app.config.gateway.listen, "clients may connect");
    let router = rest::router(app.clone(), realtime(app.clone()));
    let requests = TaskTracker::new();
    let mut complained: Option<Instant> = None;
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, peer)) => {
                let serving = serve(app.clone(), router.clone(), stream, peer.ip(), stop.clone());
                requests.spawn(serving);
            }
            Err(error) => {
                // One connection's misfortune, or no descriptors left: neither ends the server.
                if complained.is_none_or(|at| at.elapsed() >= COMPLAIN_EVERY) {
                    tracing::warn!(%error, "accept failed");
                    complained = Some(Instant::now());
                }
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    drain(&app).await;
    requests.close();
    // Requests under way have their own deadlines.
    let _ = tokio::time::timeout(HEAD_TIMEOUT, requests.wait()).await;
}

/// Begins to listen; clients wait in the backlog until [`run`].
///
/// # Errors
/// When the address cannot be had.
pub fn bind(listen: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if listen.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.set_reuseaddr(true)?;
    socket.bind(listen)?;
    socket.listen(BACKLOG)
}

fn realtime(app: Arc<App>) -> Router {
    Router::new()
        .route("/v1/rt", get(handshake::upgrade))
        .with_state(app)
}

async fn serve(
    app: Arc<App>,
    router: Router,
    stream: TcpStream,
    peer: IpAddr,
    stop: CancellationToken,
) {
    let trusted = &app.config.gateway.trusted_proxies;
    // Sockets that do not speak WebSocket count too, twice as generously; a proxy's own connections do not.
    let is_proxy = address::is_trusted(trusted, peer);
    let Some(_place) = app.limits.of_peer(peer, is_proxy) else {
        return;
    };
    // Frames are written whole; waiting for more bytes would only delay them.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|mut request: Request<Incoming>| {
        let client = address::client(trusted, peer, request.headers());
        request.extensions_mut().insert(client);
        let (router, app) = (router.clone(), app.clone());
        async move {
            // Whose installation is asked for is not known yet: the ranges of the default one hold for all.
            if app.enforced.refuses(&Tenant::default_tenant(), client.0) {
                return Ok(refused());
            }
            Ok::<_, Infallible>(
                router
                    .oneshot(request.map(Body::new))
                    .await
                    .unwrap_or_else(|never| match never {}),
            )
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// Answers a client from a banned range, whatever it asked for.
fn refused() -> Response {
    metrics::counter!("hubbub_gateway_banned_total").increment(1);
    let error = Error::new(
        Code::PermissionDenied,
        Reason::BANNED,
        "this address is banned",
    );
    rest::bound(problem(StatusCode::FORBIDDEN, &error))
}

/// Says goodbye to everyone, paced over the drain time, and waits for their tasks.
async fn drain(app: &App) {
    let sockets = app.hub.connections();
    let began = Instant::now();
    let budget = app.config.gateway.drain();
    // The last tenth is for the goodbyes themselves.
    let spread = budget.mul_f64(0.9).saturating_sub(Duration::from_secs(1));
    let steps = (spread.as_millis() / DRAIN_STEP.as_millis()).max(1);
    let per_step = sockets
        .len()
        .div_ceil(usize::try_from(steps).unwrap_or(1))
        .max(1);
    tracing::info!(
        event_type = "draining",
        connections = sockets.len(),
        "telling clients to reconnect elsewhere"
    );
    let mut every = tokio::time::interval(DRAIN_STEP);
    for group in sockets.chunks(per_step) {
        every.tick().await;
        for handle in group {
            send_away(handle);
        }
    }
    // Those who were being upgraded when the list was made.
    let told: HashSet<_> = sockets.iter().map(|handle| handle.id).collect();
    for handle in app.hub.connections() {
        if !told.contains(&handle.id) {
            send_away(&handle);
        }
    }
    app.tasks.close();
    let left = budget.saturating_sub(began.elapsed());
    if tokio::time::timeout(left, app.tasks.wait()).await.is_err() {
        tracing::warn!(
            connections = app.tasks.len(),
            "some clients did not go in time"
        );
    }
}

fn send_away(handle: &Handle) {
    let retry_after_ms = rand::rng().random_range(0..COME_BACK_MS);
    handle.tell(Control::Close {
        code: CloseCode::Draining,
        retry_after_ms,
    });
}
