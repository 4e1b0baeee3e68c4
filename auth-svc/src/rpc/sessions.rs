//! Sessions on the wire.

use ::rpc::{Caller, field_invalid};
use proto::{
    auth::{
        ListSessionsRequest, ListSessionsResponse, LogOutRequest, LogOutResponse,
        RevokeSessionRequest, RevokeSessionResponse, Session as SessionMessage,
    },
    id::SessionId,
};
use tonic::{Request, Response};

use super::Answer;
use crate::{
    App,
    sessions::{self, Session},
};

pub(super) async fn log_out(app: &App, request: Request<LogOutRequest>) -> Answer<LogOutResponse> {
    let caller = Caller::of(&request)?;
    app.unit(|app| async move { sessions::log_out(&app, &caller).await })
        .await?;
    Ok(Response::new(LogOutResponse {}))
}

pub(super) async fn list_sessions(
    app: &App,
    request: Request<ListSessionsRequest>,
) -> Answer<ListSessionsResponse> {
    let caller = Caller::of(&request)?;
    let current = caller.session_id;
    let listed = app
        .unit(|app| async move { sessions::list(&app, &caller).await })
        .await?;
    let sessions = listed
        .into_iter()
        .map(|session| message(session, current))
        .collect();
    Ok(Response::new(ListSessionsResponse { sessions }))
}

pub(super) async fn revoke_session(
    app: &App,
    request: Request<RevokeSessionRequest>,
) -> Answer<RevokeSessionResponse> {
    let caller = Caller::of(&request)?;
    let session_id: SessionId = request
        .into_inner()
        .session_id
        .parse()
        .map_err(|_| field_invalid("session_id", "must be an id"))?;
    app.unit(|app| async move { sessions::revoke(&app, &caller, session_id).await })
        .await?;
    Ok(Response::new(RevokeSessionResponse {}))
}

fn message(session: Session, current: SessionId) -> SessionMessage {
    SessionMessage {
        session_id: session.session_id.to_string(),
        created_at_ms: session.created_at_ms,
        last_seen_at_ms: session.last_seen_at_ms,
        expires_at_ms: session.expires_at_ms,
        agent: session.agent,
        is_current: session.session_id == current,
    }
}
