//! `GET /v1/rt`: what is decided before and at the upgrade.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use proto::{
    frame::{CloseCode, SUBPROTOCOL},
    reason::Reason,
};
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tonic::Code;

use crate::{
    App,
    address::ClientAddress,
    admission::Arrival,
    conn::{
        self,
        credential::{Credential, subprotocols},
        hello::Handshake,
        socket::Socket,
    },
    error::{Error, problem},
    origin,
};

/// Upgrades, or says why not.
pub async fn upgrade(State(app): State<Arc<App>>, request: Request) -> Response {
    let (credential, has_cookie) =
        Credential::from_handshake(&app.config.gateway, request.headers(), request.uri());
    let origin = request
        .headers()
        .get(header::ORIGIN)
        .map(|value| value.as_bytes().to_vec());
    if !origin::admits(&app.config.gateway.origins, origin.as_deref(), has_cookie) {
        metrics::counter!("hubbub_gateway_origin_refused_total").increment(1);
        let (code, reason) = (Code::PermissionDenied, Reason::ORIGIN_REFUSED);
        let error = Error::new(code, reason, "this origin may not connect");
        return problem(StatusCode::FORBIDDEN, &error);
    }
    let Some(response) = accept(&request) else {
        let (code, reason) = (Code::InvalidArgument, Reason::FIELD_INVALID);
        let mut response = problem(
            StatusCode::UPGRADE_REQUIRED,
            &Error::new(code, reason, "not a WebSocket upgrade"),
        );
        let websocket = HeaderValue::from_static("websocket");
        response.headers_mut().insert(header::UPGRADE, websocket);
        return response;
    };
    let Some(address) = request.extensions().get::<ClientAddress>().copied() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let origin = origin.and_then(|bytes| String::from_utf8(bytes).ok());
    let handshake = Handshake {
        credential,
        origin: origin.unwrap_or_default(),
        address,
        arrival: Arrival::of_query(request.uri().query()),
    };
    switch(app, request, response, handshake)
}

/// Makes the answer that switches a connection to WebSocket; `None` when that is not what the request asks for. Offered
/// extensions are not agreed to: messages carry secrets, and compression would tell their lengths.
#[must_use]
pub fn accept(request: &Request) -> Option<Response> {
    create_response_with_body(request, Body::empty).ok()
}

/// Takes the places and starts the connection's task. What is refused from here on is said in frames, because browsers
/// cannot read a failed upgrade.
fn switch(
    app: Arc<App>,
    mut request: Request,
    mut response: Response,
    handshake: Handshake,
) -> Response {
    let (place, stranger) = match app.limits.admit(handshake.arrival) {
        Ok(slots) => slots,
        Err(wait) => {
            metrics::counter!("hubbub_gateway_turned_away_total").increment(1);
            return problem(StatusCode::SERVICE_UNAVAILABLE, &turned_away(wait));
        }
    };
    let of_address = app.limits.of_address(handshake.address);
    let mut refused = of_address.is_none().then_some(CloseCode::ConnectionLimit);
    if subprotocols(request.headers()).any(|entry| entry == SUBPROTOCOL) {
        let ours = HeaderValue::from_static(SUBPROTOCOL);
        response
            .headers_mut()
            .insert(header::SEC_WEBSOCKET_PROTOCOL, ours);
    } else {
        refused = Some(CloseCode::VersionUnsupported);
    }
    let slots = conn::Slots {
        place,
        of_address,
        stranger: Some(stranger),
    };
    let upgrading = hyper::upgrade::on(&mut request);
    let tasks = app.tasks.clone();
    tasks.spawn(async move {
        let Ok(upgraded) = upgrading.await else {
            return;
        };
        let socket = Socket::new(upgraded).await;
        // A task of its own: this one has held what the upgrade needed, and a connection lives long.
        let tasks = app.tasks.clone();
        tasks.spawn(conn::run(app, socket, handshake, slots, refused));
    });
    response
}

/// Full, or too many at once.
pub(crate) fn turned_away(wait: Duration) -> Error {
    let mut error = Error::new(
        Code::Unavailable,
        Reason::RATE_LIMITED,
        "too many connections, come back later",
    );
    error.retry_after_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1);
    error
}
