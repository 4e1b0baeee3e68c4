//! Sessions, tokens, tickets and the keys that verify tokens.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use proto::auth::{
    GetKeysRequest, IssueTicketRequest, IssueTokenRequest, Key, ListSessionsRequest,
    RevokeSessionRequest,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Rest, answer,
    credential::Signed,
    input::Segment,
    problem::{Problem, ProblemShape},
    shape::{SessionsView, TicketView, TokenView},
};
use crate::{admission::Arrival, conn::handshake::turned_away};

/// Makes a single-use ticket (30 s) for one WebSocket, bound to this session and this page's origin. Browsers cannot read
/// why an upgrade failed, so a server that would refuse it refuses the ticket.
#[utoipa::path(
    post,
    path = "/v1/rt/tickets",
    tag = "sessions",
    responses(
        (status = 201, description = "The ticket", body = TicketView),
        (status = 401, description = "TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED", body = ProblemShape),
        (status = 503, description = "The server is full or cannot reach its services; see Retry-After", body = ProblemShape),
    )
)]
pub(crate) async fn issue_ticket(
    State(rest): State<Arc<Rest>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    signed: Signed,
) -> Result<Response, Problem> {
    let arrival = Arrival::of_query(query.as_deref());
    rest.app.limits.look(arrival).map_err(turned_away)?;
    let origin = headers
        .get(header::ORIGIN)
        .and_then(|origin| origin.to_str().ok())
        .unwrap_or_default();
    let request = signed.call(IssueTicketRequest {
        origin: origin.into(),
    });
    let issued = rest
        .app
        .auth
        .clone()
        .issue_ticket(request)
        .await?
        .into_inner();
    let ticket = TicketView {
        ticket: issued.ticket,
        expires_at: issued.expires_at_ms,
    };
    Ok(answer(StatusCode::CREATED, &ticket))
}

/// Makes a fresh access token for this session.
#[utoipa::path(
    post,
    path = "/v1/token",
    tag = "sessions",
    responses(
        (status = 200, description = "The token", body = TokenView),
        (status = 401, description = "TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED", body = ProblemShape),
    )
)]
pub(crate) async fn issue_token(
    State(rest): State<Arc<Rest>>,
    signed: Signed,
) -> Result<Response, Problem> {
    let issued = rest
        .app
        .auth
        .clone()
        .issue_token(signed.call(IssueTokenRequest {}))
        .await?
        .into_inner();
    Ok(answer(
        StatusCode::OK,
        &TokenView {
            token: issued.access_token,
            expires_at: issued.expires_at_ms,
        },
    ))
}

/// Lists the caller's live sessions, newest first.
#[utoipa::path(
    get,
    path = "/v1/sessions",
    tag = "sessions",
    responses(
        (status = 200, description = "The sessions", body = SessionsView),
        (status = 401, description = "TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED", body = ProblemShape),
    )
)]
pub(crate) async fn list_sessions(
    State(rest): State<Arc<Rest>>,
    signed: Signed,
) -> Result<Response, Problem> {
    let listed = rest
        .app
        .auth
        .clone()
        .list_sessions(signed.call(ListSessionsRequest {}))
        .await?
        .into_inner();
    let sessions = listed.sessions.into_iter().map(Into::into).collect();
    Ok(answer(StatusCode::OK, &SessionsView { sessions }))
}

/// Ends one of the caller's sessions. Ending one that is over, or is not the caller's, changes nothing.
#[utoipa::path(
    delete,
    path = "/v1/sessions/{id}",
    tag = "sessions",
    params(("id" = String, Path, description = "The session's id")),
    responses(
        (status = 204, description = "It is over"),
        (status = 401, description = "TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED", body = ProblemShape),
        (status = 422, description = "FIELD_INVALID", body = ProblemShape),
    )
)]
pub(crate) async fn revoke_session(
    State(rest): State<Arc<Rest>>,
    signed: Signed,
    Segment(session_id): Segment,
) -> Result<StatusCode, Problem> {
    let request = signed.call(RevokeSessionRequest {
        session_id: session_id.clone(),
    });
    rest.app.auth.clone().revoke_session(request).await?;
    rest.known.forget_session(&session_id);
    Ok(StatusCode::NO_CONTENT)
}

/// Public keys in the form of RFC 7517.
#[derive(Serialize, ToSchema)]
pub(crate) struct KeySet {
    keys: Vec<PublicKey>,
}

/// One Ed25519 key (RFC 8037).
#[derive(Serialize, ToSchema)]
pub(crate) struct PublicKey {
    kty: &'static str,
    crv: &'static str,
    #[serde(rename = "use")]
    usage: &'static str,
    alg: &'static str,
    kid: String,
    /// The key, base64url.
    x: String,
}

impl From<Key> for PublicKey {
    fn from(key: Key) -> Self {
        Self {
            kty: "OKP",
            crv: "Ed25519",
            usage: "sig",
            alg: "EdDSA",
            kid: key.kid,
            x: URL_SAFE_NO_PAD.encode(&key.public_key),
        }
    }
}

/// The keys that verify access tokens. Also served as `/v1/jwks`.
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    tag = "sessions",
    security(()),
    responses((status = 200, description = "The keys", body = KeySet))
)]
pub(crate) async fn jwks(State(rest): State<Arc<Rest>>) -> Result<Response, Problem> {
    let keys = rest
        .app
        .auth
        .clone()
        .get_keys(GetKeysRequest {})
        .await?
        .into_inner()
        .keys;
    let set = KeySet {
        keys: keys.into_iter().map(Into::into).collect(),
    };
    let cached = [(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=300"),
    )];
    Ok((cached, answer(StatusCode::OK, &set)).into_response())
}
