//! Credentials, tickets, tokens and keys on the wire.

use ::rpc::{Caller, field_invalid};
use proto::auth::{
    AuthenticateRequest, AuthenticateResponse, GetKeysResponse, IssueTicketRequest,
    IssueTicketResponse, IssueTokenRequest, IssueTokenResponse, Key, authenticate_request,
};
use secrecy::ExposeSecret;
use tonic::{Request, Response};

use super::Answer;
use crate::{
    App, Error,
    credentials::{self, Authenticated, Credential},
    logins::Client,
    sessions, tickets,
};

/// The longest Origin, in bytes.
const ORIGIN_MAX: usize = 512;

pub(super) async fn authenticate(
    app: &App,
    request: Request<AuthenticateRequest>,
) -> Answer<AuthenticateResponse> {
    let AuthenticateRequest {
        credential,
        origin,
        client,
    } = request.into_inner();
    let credential = Credential::from(credential);
    let client: Client = client.unwrap_or_default().into();
    let done = app
        .unit(|app| async move {
            credentials::authenticate(&app, credential, &origin, client.address).await
        })
        .await
        .inspect_err(credentials::record_failure)?;
    Ok(Response::new(done.into()))
}

pub(super) async fn issue_token(
    app: &App,
    request: Request<IssueTokenRequest>,
) -> Answer<IssueTokenResponse> {
    let caller = Caller::of(&request)?;
    let issued = app
        .unit(|app| async move { sessions::issue_token(&app, &caller).await })
        .await
        .inspect_err(credentials::record_failure)?;
    let (access_token, expires_at_ms) = (issued.token, issued.expires_at_ms);
    Ok(Response::new(IssueTokenResponse {
        access_token,
        expires_at_ms,
    }))
}

pub(super) async fn issue_ticket(
    app: &App,
    request: Request<IssueTicketRequest>,
) -> Answer<IssueTicketResponse> {
    let caller = Caller::of(&request)?;
    let origin = request.into_inner().origin;
    if origin.len() > ORIGIN_MAX || !origin.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(field_invalid(
            "origin",
            "must be an origin of at most 512 characters",
        ));
    }
    let issued = app
        .unit(|app| async move { tickets::issue(&app, &caller, &origin).await })
        .await
        .inspect_err(credentials::record_failure)?;
    let ticket = issued.ticket.expose_secret().into();
    Ok(Response::new(IssueTicketResponse {
        ticket,
        expires_at_ms: issued.expires_at_ms,
    }))
}

pub(super) async fn get_keys(app: &App) -> Answer<GetKeysResponse> {
    let keys = app
        .unit(|app| async move { app.keyring.published().await.map_err(Error::from) })
        .await?;
    let keys = keys.into_iter().map(|key| Key {
        kid: key.kid,
        public_key: key.bytes.into(),
    });
    Ok(Response::new(GetKeysResponse {
        keys: keys.collect(),
    }))
}

impl From<Option<authenticate_request::Credential>> for Credential {
    fn from(message: Option<authenticate_request::Credential>) -> Self {
        use authenticate_request::Credential as Message;
        match message {
            None => Self::Missing,
            Some(
                Message::Ticket(text) | Message::AccessToken(text) | Message::SessionToken(text),
            ) if text.is_empty() => Self::Missing,
            Some(Message::Ticket(text)) => Self::Ticket(text.into()),
            Some(Message::AccessToken(text)) => Self::AccessToken(text.into()),
            Some(Message::SessionToken(text)) => Self::SessionToken(text.into()),
        }
    }
}

impl From<Authenticated> for AuthenticateResponse {
    fn from(done: Authenticated) -> Self {
        Self {
            user: Some((&done.identity).into()),
            tenant: done.identity.tenant.to_string(),
            session_id: done.identity.session_id.to_string(),
            assertion: done.assertion.token,
            assertion_expires_at_ms: done.assertion.expires_at_ms,
            credential_expires_at_ms: done.credential_expires_at_ms,
        }
    }
}
