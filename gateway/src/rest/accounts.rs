//! Signing up, logging in and out, the account itself.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Response},
};
use proto::{
    auth::{
        ChangePasswordRequest, Client, Grant, ListSessionsRequest, LogInRequest, LogOutRequest,
        SignUpRequest,
    },
    id::Tenant,
    room::ListMyRoomsRequest,
    social::CountRelationsRequest,
};
use utoipa::ToSchema;

use super::{
    Rest, answer,
    credential::Signed,
    input::{self, Fields, Input, Json},
    problem::{Problem, ProblemShape},
    shape::{AccountView, GrantView},
};
use crate::{address::ClientAddress, app::now_ms, config::Gateway};

/// Passwords are hashed slowly on purpose, and wait for their turn.
pub(super) const HASHING: Duration = Duration::from_secs(10);

/// Where the session's secret goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum Delivery {
    /// Into a cookie that no script can read: for pages of this server's own site.
    #[default]
    Cookie,
    /// Into the answer, as `sessionToken`: for apps, and for pages of other sites, which get no cookies.
    Token,
}

/// A name and a password.
#[derive(ToSchema)]
pub(crate) struct Credentials {
    #[schema(example = "ada")]
    username: String,
    /// 8 to 256 bytes, taken exactly as they are.
    #[schema(example = "a long enough secret")]
    password: String,
    /// `cookie` if left out.
    #[schema(inline, required = false)]
    credential: Delivery,
}

impl Input for Credentials {
    fn take(fields: &mut Fields) -> Self {
        Self {
            username: fields.text("username"),
            password: fields.text("password"),
            credential: delivery(fields),
        }
    }
}

fn delivery(fields: &mut Fields) -> Delivery {
    let parse = |text: &str| match text {
        "cookie" => Some(Delivery::Cookie),
        "token" => Some(Delivery::Token),
        _ => None,
    };
    let chosen = fields.optional_choice("credential", parse, "cookie or token");
    chosen.unwrap_or_default()
}

/// Creates an account and logs it in. Also served as `/signup`.
#[utoipa::path(
    post,
    path = "/v1/signup",
    tag = "accounts",
    security(()),
    request_body = Credentials,
    responses(
        (status = 201, description = "The account, an access token and the session cookie", body = GrantView),
        (status = 409, description = "USERNAME_TAKEN", body = ProblemShape),
        (status = 422, description = "FIELD_INVALID", body = ProblemShape),
        (status = 429, description = "RATE_LIMITED", body = ProblemShape),
    )
)]
pub(crate) async fn sign_up(
    State(rest): State<Arc<Rest>>,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    Json(credentials): Json<Credentials>,
) -> Result<Response, Problem> {
    let message = SignUpRequest {
        tenant: Tenant::default_tenant().to_string(),
        username: credentials.username,
        password: credentials.password,
        client: Some(client(address, &headers)),
    };
    let mut request = tonic::Request::new(message);
    request.set_timeout(HASHING);
    let grant = rest
        .app
        .auth
        .clone()
        .sign_up(request)
        .await?
        .into_inner()
        .grant;
    granted(&rest, StatusCode::CREATED, grant, credentials.credential)
}

/// Opens a session. Also served as `/login`.
#[utoipa::path(
    post,
    path = "/v1/login",
    tag = "accounts",
    security(()),
    request_body = Credentials,
    responses(
        (status = 200, description = "An access token and the session cookie", body = GrantView),
        (status = 401, description = "CREDENTIALS_INVALID", body = ProblemShape),
        (status = 403, description = "BANNED", body = ProblemShape),
        (status = 422, description = "FIELD_INVALID", body = ProblemShape),
        (status = 429, description = "RATE_LIMITED", body = ProblemShape),
    )
)]
pub(crate) async fn log_in(
    State(rest): State<Arc<Rest>>,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    Json(credentials): Json<Credentials>,
) -> Result<Response, Problem> {
    let message = LogInRequest {
        tenant: Tenant::default_tenant().to_string(),
        username: credentials.username,
        password: credentials.password,
        client: Some(client(address, &headers)),
    };
    let mut request = tonic::Request::new(message);
    request.set_timeout(HASHING);
    let grant = rest
        .app
        .auth
        .clone()
        .log_in(request)
        .await?
        .into_inner()
        .grant;
    granted(&rest, StatusCode::OK, grant, credentials.credential)
}

/// Ends this session; its sockets close within 2 s. Also served as `/logout`. A session that is already over is fine.
#[utoipa::path(
    post,
    path = "/v1/logout",
    tag = "accounts",
    responses(
        (status = 204, description = "Logged out; the cookie is gone"),
        (status = 401, description = "TOKEN_MISSING", body = ProblemShape),
    )
)]
pub(crate) async fn log_out(
    State(rest): State<Arc<Rest>>,
    headers: HeaderMap,
    signed: Result<Signed, Problem>,
) -> Result<Response, Problem> {
    let cleared = AppendHeaders([(header::SET_COOKIE, cleared_cookie(&rest.app.config.gateway))]);
    let signed = match signed {
        Ok(signed) => signed,
        // The cookie of a session that ended elsewhere: the browser should still lose it.
        Err(problem) if problem.is_unauthenticated() && headers.contains_key(header::COOKIE) => {
            return Ok((StatusCode::NO_CONTENT, cleared).into_response());
        }
        Err(problem) => return Err(problem),
    };
    rest.app
        .auth
        .clone()
        .log_out(signed.call(LogOutRequest {}))
        .await?;
    rest.known.forget_session(&signed.session_id);
    Ok((StatusCode::NO_CONTENT, cleared).into_response())
}

/// The caller's account, sessions and rooms. Also served as `/account`.
#[utoipa::path(
    get,
    path = "/v1/account",
    tag = "accounts",
    responses(
        (status = 200, description = "The account", body = AccountView),
        (status = 401, description = "TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED", body = ProblemShape),
        (status = 503, description = "UPSTREAM_UNAVAILABLE", body = ProblemShape),
    )
)]
pub(crate) async fn account(
    State(rest): State<Arc<Rest>>,
    signed: Signed,
) -> Result<Response, Problem> {
    let (mut auth, mut room) = (rest.app.auth.clone(), rest.app.room.clone());
    let mut social = rest.app.social.clone();
    let (sessions, rooms, relations) = tokio::try_join!(
        auth.list_sessions(signed.call(ListSessionsRequest {})),
        room.list_my_rooms(signed.call(ListMyRoomsRequest {})),
        social.count_relations(signed.call(CountRelationsRequest {})),
    )?;
    let relations = relations.into_inner();
    Ok(answer(
        StatusCode::OK,
        &AccountView {
            user: signed.user.into(),
            friends: relations.friends,
            blocked: relations.blocked,
            sessions: sessions
                .into_inner()
                .sessions
                .into_iter()
                .map(Into::into)
                .collect(),
            rooms: rooms
                .into_inner()
                .rooms
                .into_iter()
                .map(Into::into)
                .collect(),
        },
    ))
}

/// The old password and the new one.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Passwords {
    old_password: String,
    new_password: String,
}

impl Input for Passwords {
    fn take(fields: &mut Fields) -> Self {
        Self {
            old_password: fields.text("oldPassword"),
            new_password: fields.text("newPassword"),
        }
    }
}

/// Changes the password and ends every other session.
#[utoipa::path(
    post,
    path = "/v1/account/password",
    tag = "accounts",
    request_body = Passwords,
    responses(
        (status = 204, description = "Changed"),
        (status = 401, description = "CREDENTIALS_INVALID", body = ProblemShape),
        (status = 422, description = "FIELD_INVALID", body = ProblemShape),
        (status = 429, description = "RATE_LIMITED", body = ProblemShape),
    )
)]
pub(crate) async fn change_password(
    State(rest): State<Arc<Rest>>,
    signed: Signed,
    Json(passwords): Json<Passwords>,
) -> Result<StatusCode, Problem> {
    let Passwords {
        old_password,
        new_password,
    } = passwords;
    let mut request = signed.call(ChangePasswordRequest {
        old_password,
        new_password,
    });
    request.set_timeout(HASHING);
    rest.app.auth.clone().change_password(request).await?;
    rest.known.forget_user(&signed.user.user_id);
    Ok(StatusCode::NO_CONTENT)
}

fn client(address: Option<Extension<ClientAddress>>, headers: &HeaderMap) -> Client {
    Client {
        address: address
            .map(|Extension(address)| address.0.to_string())
            .unwrap_or_default(),
        agent: input::agent(headers),
    }
}

fn granted(
    rest: &Rest,
    status: StatusCode,
    grant: Option<Grant>,
    delivery: Delivery,
) -> Result<Response, Problem> {
    let config = &rest.app.config.gateway;
    let grant = grant.ok_or_else(Problem::internal)?;
    if delivery == Delivery::Token {
        return Ok(answer(status, &GrantView::with_session_token(grant)));
    }
    let cookie = cookie(config, &grant).ok_or_else(Problem::internal)?;
    let body = answer(status, &GrantView::new(grant, config.query_credentials));
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), body).into_response())
}

fn cookie(config: &Gateway, grant: &Grant) -> Option<HeaderValue> {
    let seconds = (grant.session_expires_at_ms - now_ms()).max(0) / 1_000;
    let text = format!(
        "{}={}; Max-Age={seconds}{}",
        config.cookie_name(),
        grant.session_token,
        attributes(config)
    );
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Makes the cookie that takes the session's away.
pub(super) fn cleared_cookie(config: &Gateway) -> HeaderValue {
    let text = format!("{}=; Max-Age=0{}", config.cookie_name(), attributes(config));
    HeaderValue::try_from(text).expect("made of constants")
}

fn attributes(config: &Gateway) -> &'static str {
    if config.secure_cookie {
        "; HttpOnly; Secure; SameSite=Lax; Path=/"
    } else {
        "; HttpOnly; SameSite=Lax; Path=/"
    }
}
