//! Friends, and requests to become some.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use proto::{
    reason::Reason,
    social::{
        FriendState, ListFriendsRequest, PendingRequest, RemoveFriendRequest, RequestFriendRequest,
    },
};
use rpc::Refusal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    Rest, answer,
    credential::Signed,
    input::{Fields, Input, Json, Key, Params},
    problem::{Problem, ProblemShape},
    shape::{self, PersonView},
};
use crate::relay::view;

/// Someone, and what to tell them.
#[derive(ToSchema)]
pub(crate) struct NewFriend {
    /// An id, or `@name`.
    #[schema(example = "@bob")]
    user: String,
    /// At most 200 characters.
    #[schema(required = false)]
    note: String,
}

impl Input for NewFriend {
    fn take(fields: &mut Fields) -> Self {
        Self {
            user: fields.text("user"),
            note: fields.optional_text("note"),
        }
    }
}

/// Someone.
#[derive(ToSchema)]
pub(crate) struct Someone {
    /// An id, or `@name`.
    #[schema(example = "@bob")]
    pub(crate) user: String,
}

impl Input for Someone {
    fn take(fields: &mut Fields) -> Self {
        Self {
            user: fields.text("user"),
        }
    }
}

/// How it stands with someone now.
#[derive(Serialize, ToSchema)]
#[schema(as = Relation)]
pub(crate) struct StateView {
    /// `pending`, `friends`, `blocked` or `none`.
    #[schema(example = "pending")]
    state: &'static str,
}

/// Answers how it stands with someone now.
pub(crate) fn state(state: &'static str) -> Response {
    answer(StatusCode::OK, &StateView { state })
}

/// Asks a person to be friends; a request of theirs is accepted by it. Also served as `/users/add`.
#[utoipa::path(
    post,
    path = "/v1/users/add",
    tag = "people",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 64 characters of A-Z a-z 0-9 _ -; best a UUIDv7")),
    request_body = NewFriend,
    responses(
        (status = 200, description = "`pending`, or `friends`", body = StateView),
        (status = 401, description = "TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED", body = ProblemShape),
        (status = 404, description = "USER_NOT_FOUND", body = ProblemShape),
        (status = 409, description = "CONFLICT: the key was used with other data", body = ProblemShape),
        (status = 422, description = "FIELD_INVALID", body = ProblemShape),
        (status = 429, description = "QUOTA, RATE_LIMITED", body = ProblemShape),
    )
)]
pub(crate) async fn add_friend(
    State(rest): State<Arc<Rest>>,
    signed: Signed,
    Key(key): Key,
    Json(friend): Json<NewFriend>,
) -> Result<Response, Problem> {
    let request = signed.call(RequestFriendRequest {
        user_id: friend.user,
        note: friend.note,
        key,
    });
    match rest.app.social.clone().request_friend(request).await {
        Ok(answer) => Ok(state(view::friend_state(answer.into_inner().state()))),
        // What is asked for is so already.
        Err(status) if Refusal::of(&status).reason == Reason::ALREADY_FRIENDS => {
            Ok(state(view::friend_state(FriendState::Friends)))
        }
        Err(status) => Err(status.into()),
    }
}

/// Ends a friendship. Also served as `/users/remove`.
#[utoipa::path(
    post,
    path = "/v1/users/remove",
    tag = "people",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 64 characters of A-Z a-z 0-9 _ -; best a UUIDv7")),
    request_body = Someone,
    responses(
        (status = 200, description = "`none`", body = StateView),
        (status = 401, description = "TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED", body = ProblemShape),
        (status = 404, description = "USER_NOT_FOUND", body = ProblemShape),
        (status = 409, description = "CONFLICT: the key was used with other data", body = ProblemShape),
        (status = 422, description = "FIELD_INVALID", body = ProblemShape),
    )
)]
pub(crate) async fn remove_friend(
    State(rest): State<Arc<Rest>>,
    signed: Signed,
    Key(key): Key,
    Json(someone): Json<Someone>,
) -> Result<Response, Problem> {
    let request = signed.call(RemoveFriendRequest {
        user_id: someone.user,
        key,
    });
    rest.app.social.clone().remove_friend(request).await?;
    Ok(state(view::friend_state(FriendState::None)))
}

/// Which part of a list is asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Paging {
    /// `next` of the page before.
    pub(crate) page: Option<String>,
    /// 1 to 100; 50 if left out.
    pub(crate) limit: Option<u32>,
}

/// A request that waits.
#[derive(Serialize, ToSchema)]
#[schema(as = FriendRequest)]
pub(crate) struct PendingView {
    user: PersonView,
    note: String,
    at: i64,
}

impl From<PendingRequest> for PendingView {
    fn from(request: PendingRequest) -> Self {
        Self {
            user: request.user.unwrap_or_default().into(),
            note: request.note,
            at: request.at_ms,
        }
    }
}

/// A page of friends.
#[derive(Serialize, ToSchema)]
#[schema(as = Friends)]
pub(crate) struct FriendsView {
    friends: Vec<PersonView>,
    /// Requests to the caller, newest first; on the first page only.
    incoming: Vec<PendingView>,
    /// Requests of the caller, newest first; on the first page only.
    outgoing: Vec<PendingView>,
    /// `?page=` of the next page, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Lists friends by name, and the requests that wait. Also served as `/users/friends`.
#[utoipa::path(
    get,
    path = "/v1/users/friends",
    tag = "people",
    params(Paging),
    responses(
        (status = 200, description = "A page of friends", body = FriendsView),
        (status = 401, description = "TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED", body = ProblemShape),
        (status = 422, description = "FIELD_INVALID", body = ProblemShape),
    )
)]
pub(crate) async fn list_friends(
    State(rest): State<Arc<Rest>>,
    signed: Signed,
    Params(paging): Params<Paging>,
) -> Result<Response, Problem> {
    let request = signed.call(ListFriendsRequest {
        page: paging.page.unwrap_or_default(),
        limit: paging.limit.unwrap_or_default(),
    });
    let mut social = rest.app.social.clone();
    let listed = social.list_friends(request).await?.into_inner();
    let friends = FriendsView {
        friends: listed.friends.into_iter().map(Into::into).collect(),
        incoming: listed.incoming.into_iter().map(Into::into).collect(),
        outgoing: listed.outgoing.into_iter().map(Into::into).collect(),
        next: shape::next(listed.next_page),
    };
    Ok(answer(StatusCode::OK, &friends))
}
