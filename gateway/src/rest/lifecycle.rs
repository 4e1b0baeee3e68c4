//! An account's later life: another name, a pause, the end.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{AppendHeaders, IntoResponse, Response},
};
use proto::auth::{ChangeNameRequest, DeactivateAccountRequest, EraseAccountRequest};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Rest,
    accounts::{HASHING, cleared_cookie},
    answer,
    credential::Signed,
    input::{Fields, Input, Json},
    problem::{Problem, ProblemShape},
    shape::UserView,
};

/// The new name, and the password as a proof.
#[derive(ToSchema)]
pub(crate) struct Rename {
    #[schema(example = "ada_lovelace")]
    name: String,
    password: String,
}

impl Input for Rename {
    fn take(fields: &mut Fields) -> Self {
        Self {
            name: fields.text("name"),
            password: fields.text("password"),
        }
    }
}

/// Who the caller is now.
#[derive(Serialize, ToSchema)]
#[schema(as = Renamed)]
pub(crate) struct RenamedView {
    user: UserView,
}

/// Changes the caller's name; sessions stay.
#[utoipa::path(
    post,
    path = "/v1/account/rename",
    tag = "accounts",
    request_body = Rename,
    responses(
        (status = 200, description = "The caller with the new name", body = RenamedView),
        (status = 401, description = "CREDENTIALS_INVALID", body = ProblemShape),
        (status = 409, description = "USERNAME_TAKEN", body = ProblemShape),
        (status = 422, description = "FIELD_INVALID", body = ProblemShape),
        (status = 429, description = "RATE_LIMITED", body = ProblemShape),
    )
)]
pub(crate) async fn rename(
    State(rest): State<Arc<Rest>>,
    signed: Signed,
    Json(rename): Json<Rename>,
) -> Result<Response, Problem> {
    let mut request = signed.call(ChangeNameRequest {
        name: rename.name,
        password: rename.password,
    });
    request.set_timeout(HASHING);
    let renamed = rest.app.auth.clone().change_name(request).await?;
    rest.known.forget_user(&signed.user.user_id);
    let user = renamed.into_inner().user.ok_or_else(Problem::internal)?;
    Ok(answer(StatusCode::OK, &RenamedView { user: user.into() }))
}

/// The password, as a proof.
#[derive(ToSchema)]
pub(crate) struct Proof {
    password: String,
}

impl Input for Proof {
    fn take(fields: &mut Fields) -> Self {
        Self {
            password: fields.text("password"),
        }
    }
}

/// Ends every session and hides the account until its next log-in.
#[utoipa::path(
    post,
    path = "/v1/account/deactivate",
    tag = "accounts",
    request_body = Proof,
    responses(
        (status = 204, description = "Hidden; the cookie is gone"),
        (status = 401, description = "CREDENTIALS_INVALID", body = ProblemShape),
        (status = 422, description = "FIELD_INVALID", body = ProblemShape),
        (status = 429, description = "RATE_LIMITED", body = ProblemShape),
    )
)]
pub(crate) async fn deactivate(
    State(rest): State<Arc<Rest>>,
    signed: Signed,
    Json(proof): Json<Proof>,
) -> Result<Response, Problem> {
    let mut request = signed.call(DeactivateAccountRequest {
        password: proof.password,
    });
    request.set_timeout(HASHING);
    rest.app.auth.clone().deactivate_account(request).await?;
    Ok(gone(&rest, &signed))
}

/// Erases the account, here at once and everywhere else soon after. This cannot be undone.
#[utoipa::path(
    post,
    path = "/v1/account/erase",
    tag = "accounts",
    request_body = Proof,
    responses(
        (status = 204, description = "Erased; the cookie is gone"),
        (status = 401, description = "CREDENTIALS_INVALID", body = ProblemShape),
        (status = 422, description = "FIELD_INVALID", body = ProblemShape),
        (status = 429, description = "RATE_LIMITED", body = ProblemShape),
    )
)]
pub(crate) async fn erase(
    State(rest): State<Arc<Rest>>,
    signed: Signed,
    Json(proof): Json<Proof>,
) -> Result<Response, Problem> {
    let mut request = signed.call(EraseAccountRequest {
        password: proof.password,
    });
    request.set_timeout(HASHING);
    rest.app.auth.clone().erase_account(request).await?;
    Ok(gone(&rest, &signed))
}

/// Every session of the caller is over.
fn gone(rest: &Rest, signed: &Signed) -> Response {
    rest.known.forget_user(&signed.user.user_id);
    let cleared = AppendHeaders([(header::SET_COOKIE, cleared_cookie(&rest.app.config.gateway))]);
    (StatusCode::NO_CONTENT, cleared).into_response()
}
