//! Bans of accounts and address ranges.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use proto::moderation::{Ban, BanMode, CreateBanRequest, LiftBanRequest};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Rest, answer,
    credential::Signed,
    input::{Fields, Input, Json, Key},
    problem::{Problem, ProblemShape},
    shape,
};
use crate::relay::view;

/// Whom to refuse, and why. Exactly one of `user` and `cidr`.
#[derive(ToSchema)]
pub(crate) struct NewBan {
    /// An id, or `@name`.
    #[schema(required = false)]
    user: String,
    /// An address range; a bare address stands for itself, or for its /64.
    #[schema(required = false, example = "203.0.113.0/24")]
    cidr: String,
    /// 1 to 500 characters.
    reason: String,
    /// Milliseconds since the epoch. Left out: for good for an account, 30 days for a range.
    #[schema(required = false)]
    until: i64,
    /// `enforce`, or `shadow`.
    #[schema(required = false, value_type = String)]
    mode: Option<BanMode>,
}

impl Input for NewBan {
    fn take(fields: &mut Fields) -> Self {
        Self {
            user: fields.optional_text("user"),
            cidr: fields.optional_text("cidr"),
            reason: fields.text("reason"),
            until: fields.optional_number("until"),
            mode: fields.optional_choice("mode", view::ban_mode, "enforce or shadow"),
        }
    }
}

/// A ban.
#[derive(Serialize, ToSchema)]
#[schema(as = Ban)]
pub(crate) struct BanView {
    id: String,
    /// The account's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    /// The range, in its shortest form.
    #[serde(skip_serializing_if = "Option::is_none")]
    cidr: Option<String>,
    reason: String,
    #[schema(example = "enforce")]
    mode: &'static str,
    /// Milliseconds since the epoch; none for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<i64>,
}

impl From<Ban> for BanView {
    fn from(ban: Ban) -> Self {
        Self {
            mode: view::ban_mode_name(ban.mode()),
            id: ban.ban_id,
            user: shape::next(ban.user_id),
            cidr: shape::next(ban.cidr),
            reason: ban.reason,
            until: view::time(ban.until_ms),
        }
    }
}

/// Whom a ban hits.
#[derive(Serialize, ToSchema)]
pub(crate) struct Hit {
    /// How many accounts.
    users: u32,
}

/// A ban that was made.
#[derive(Serialize, ToSchema)]
#[schema(as = Banned)]
pub(crate) struct BannedView {
    ban: BanView,
    hit: Hit,
}

/// Bans an account or an address range; for administrators. Also served as `/users/ban`.
#[utoipa::path(
    post,
    path = "/v1/users/ban",
    tag = "moderation",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 64 characters of A-Z a-z 0-9 _ -; best a UUIDv7")),
    request_body = NewBan,
    responses(
        (status = 200, description = "The ban, and whom it met", body = BannedView),
        (status = 401, description = "TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED", body = ProblemShape),
        (status = 403, description = "ADMIN_REQUIRED, or PERMISSION_DENIED: an administrator", body = ProblemShape),
        (status = 404, description = "USER_NOT_FOUND", body = ProblemShape),
        (status = 409, description = "CONFLICT: the key was used with other data", body = ProblemShape),
        (status = 422, description = "FIELD_INVALID, RANGE_REFUSED", body = ProblemShape),
    )
)]
pub(crate) async fn ban(
    State(rest): State<Arc<Rest>>,
    signed: Signed,
    Key(key): Key,
    Json(ban): Json<NewBan>,
) -> Result<Response, Problem> {
    let request = signed.call(CreateBanRequest {
        user_id: ban.user,
        cidr: ban.cidr,
        reason: ban.reason,
        until_ms: ban.until,
        mode: ban.mode.unwrap_or(BanMode::Enforce).into(),
        key,
    });
    let mut moderation = rest.app.moderation.clone();
    let banned = moderation.create_ban(request).await?.into_inner();
    let view = BannedView {
        ban: banned.ban.ok_or_else(Problem::internal)?.into(),
        hit: Hit {
            users: banned.hit_users,
        },
    };
    Ok(answer(StatusCode::OK, &view))
}

/// What to lift. Exactly one of the three.
#[derive(ToSchema)]
pub(crate) struct Unban {
    /// A ban's id.
    #[schema(required = false)]
    ban: String,
    /// An account's id, or `@name`.
    #[schema(required = false)]
    user: String,
    /// Exactly this range.
    #[schema(required = false)]
    cidr: String,
}

impl Input for Unban {
    fn take(fields: &mut Fields) -> Self {
        Self {
            ban: fields.optional_text("ban"),
            user: fields.optional_text("user"),
            cidr: fields.optional_text("cidr"),
        }
    }
}

/// Bans that are over.
#[derive(Serialize, ToSchema)]
#[schema(as = Lifted)]
pub(crate) struct LiftedView {
    /// How many.
    lifted: u32,
}

/// Lifts bans; for administrators. Also served as `/users/unban`.
#[utoipa::path(
    post,
    path = "/v1/users/unban",
    tag = "moderation",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 64 characters of A-Z a-z 0-9 _ -; best a UUIDv7")),
    request_body = Unban,
    responses(
        (status = 200, description = "How many bans were lifted", body = LiftedView),
        (status = 401, description = "TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED", body = ProblemShape),
        (status = 403, description = "ADMIN_REQUIRED", body = ProblemShape),
        (status = 409, description = "CONFLICT: the key was used with other data", body = ProblemShape),
        (status = 422, description = "FIELD_INVALID", body = ProblemShape),
    )
)]
pub(crate) async fn unban(
    State(rest): State<Arc<Rest>>,
    signed: Signed,
    Key(key): Key,
    Json(unban): Json<Unban>,
) -> Result<Response, Problem> {
    let request = signed.call(LiftBanRequest {
        ban_id: unban.ban,
        user_id: unban.user,
        cidr: unban.cidr,
        key,
    });
    let mut moderation = rest.app.moderation.clone();
    let lifted = moderation.lift_ban(request).await?.into_inner().lifted;
    Ok(answer(StatusCode::OK, &LiftedView { lifted }))
}
