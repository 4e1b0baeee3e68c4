//! Codes that let people into rooms.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use proto::room::{AcceptInviteRequest, CreateInviteRequest, Invite, ListInvitesRequest};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Rest, answer,
    credential::Signed,
    input::{Fields, Input, Json, Key, Segment},
    problem::{Problem, ProblemShape},
    shape::RoomView,
};

/// A code.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Invite)]
pub(crate) struct InviteView {
    /// What is passed on: 22 letters and digits.
    code: String,
    /// The room's id.
    room: String,
    /// The room's name.
    name: String,
    expires_at: i64,
    /// 0 for no bound.
    max_uses: u32,
    uses: u32,
}

impl From<Invite> for InviteView {
    fn from(invite: Invite) -> Self {
        Self {
            code: invite.code,
            room: invite.room_id,
            name: invite.room_name,
            expires_at: invite.expires_at_ms,
            max_uses: invite.max_uses,
            uses: invite.uses,
        }
    }
}

/// The codes of a room that still work.
#[derive(Serialize, ToSchema)]
#[schema(as = Invites)]
pub(crate) struct InvitesView {
    /// Newest first, at most 100.
    invites: Vec<InviteView>,
}

/// Lists the codes of a room that still work; for its moderators.
#[utoipa::path(
    get,
    path = "/v1/rooms/{room}/invites",
    tag = "rooms",
    params(("room" = String, Path, description = "The room's id, or `#name` (as `%23name`)")),
    responses(
        (status = 200, description = "The room's codes", body = InvitesView),
        (status = 401, description = "TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED", body = ProblemShape),
        (status = 403, description = "NOT_A_MEMBER, PERMISSION_DENIED", body = ProblemShape),
    )
)]
pub(crate) async fn list_invites(
    State(rest): State<Arc<Rest>>,
    signed: Signed,
    Segment(room): Segment,
) -> Result<Response, Problem> {
    let request = signed.call(ListInvitesRequest { room });
    let listed = rest.app.room.clone().list_invites(request).await?;
    let invites = listed.into_inner().invites;
    let invites = invites.into_iter().map(Into::into).collect();
    Ok(answer(StatusCode::OK, &InvitesView { invites }))
}

/// How long and how often a code shall work.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct NewInvite {
    /// 60 to 2,592,000 (30 days); 7 days if left out.
    #[schema(required = false)]
    valid_seconds: u32,
    /// At most 1,000; no bound if left out.
    #[schema(required = false)]
    max_uses: u32,
}

impl Input for NewInvite {
    fn take(fields: &mut Fields) -> Self {
        Self {
            valid_seconds: fields.optional_count("validSeconds"),
            max_uses: fields.optional_count("maxUses"),
        }
    }
}

/// A code that was made.
#[derive(Serialize, ToSchema)]
#[schema(as = Invited)]
pub(crate) struct InvitedView {
    invite: InviteView,
}

/// Makes a code that lets people into a room; for its moderators.
#[utoipa::path(
    post,
    path = "/v1/rooms/{room}/invites",
    tag = "rooms",
    params(
        ("room" = String, Path, description = "The room's id, or `#name` (as `%23name`)"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 characters of A-Z a-z 0-9 _ -; best a UUIDv7"),
    ),
    request_body = NewInvite,
    responses(
        (status = 201, description = "The code", body = InvitedView),
        (status = 401, description = "TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED", body = ProblemShape),
        (status = 403, description = "NOT_A_MEMBER, PERMISSION_DENIED", body = ProblemShape),
        (status = 409, description = "CONFLICT: the key was used with other data", body = ProblemShape),
        (status = 422, description = "FIELD_INVALID", body = ProblemShape),
    )
)]
pub(crate) async fn create_invite(
    State(rest): State<Arc<Rest>>,
    signed: Signed,
    Segment(room): Segment,
    Key(key): Key,
    Json(invite): Json<NewInvite>,
) -> Result<Response, Problem> {
    let request = signed.call(CreateInviteRequest {
        room,
        valid_seconds: invite.valid_seconds,
        max_uses: invite.max_uses,
        key,
    });
    let created = rest.app.room.clone().create_invite(request).await?;
    let invite = created.into_inner().invite.ok_or_else(Problem::internal)?;
    let view = InvitedView {
        invite: invite.into(),
    };
    Ok(answer(StatusCode::CREATED, &view))
}

/// The room that was entered.
#[derive(Serialize, ToSchema)]
#[schema(as = Entered)]
pub(crate) struct EnteredView {
    room: RoomView,
    /// Its newest seq.
    head: i64,
}

/// Enters a room by a code.
#[utoipa::path(
    post,
    path = "/v1/invites/{code}/accept",
    tag = "rooms",
    params(
        ("code" = String, Path, description = "The code"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 64 characters of A-Z a-z 0-9 _ -; best a UUIDv7"),
    ),
    responses(
        (status = 200, description = "The room, its newest messages and first members", body = EnteredView),
        (status = 401, description = "TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED", body = ProblemShape),
        (status = 404, description = "INVITE_INVALID", body = ProblemShape),
        (status = 409, description = "CONFLICT: the key was used with other data", body = ProblemShape),
    )
)]
pub(crate) async fn accept_invite(
    State(rest): State<Arc<Rest>>,
    signed: Signed,
    Segment(code): Segment,
    Key(key): Key,
) -> Result<Response, Problem> {
    let request = signed.call(AcceptInviteRequest { code, key });
    let accepted = rest.app.room.clone().accept_invite(request).await?;
    let joined = accepted.into_inner().joined.ok_or_else(Problem::internal)?;
    let view = EnteredView {
        room: joined.room.ok_or_else(Problem::internal)?.into(),
        head: joined.head,
    };
    Ok(answer(StatusCode::OK, &view))
}
