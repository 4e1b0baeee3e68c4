//! Finding messages by their words.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use proto::room::SearchMessagesRequest;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::{
    Rest, answer,
    credential::Signed,
    input::Params,
    problem::{Problem, ProblemShape},
    shape::{self, MessageShape},
};

/// What to look for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchQuery {
    /// 1 to 200 characters; all words are needed, "phrases" and -exclusions work.
    query: String,
    /// Only this room, by its id or `#name`; else every room the caller is in.
    room: Option<String>,
    /// `next` of the page before.
    page: Option<String>,
    /// 1 to 50; 20 if left out.
    limit: Option<u32>,
}

/// A page of what was found, newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = Found)]
pub(crate) struct FoundView {
    #[schema(value_type = Vec<MessageShape>)]
    messages: Vec<Box<RawValue>>,
    /// `?page=` of the next page, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Searches the messages that the caller may see.
#[utoipa::path(
    get,
    path = "/v1/search",
    tag = "rooms",
    params(SearchQuery),
    responses(
        (status = 200, description = "A page of messages, newest first", body = FoundView),
        (status = 401, description = "TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED", body = ProblemShape),
        (status = 403, description = "NOT_A_MEMBER", body = ProblemShape),
        (status = 422, description = "FIELD_INVALID", body = ProblemShape),
    )
)]
pub(crate) async fn search(
    State(rest): State<Arc<Rest>>,
    signed: Signed,
    Params(params): Params<SearchQuery>,
) -> Result<Response, Problem> {
    let request = signed.call(SearchMessagesRequest {
        query: params.query,
        room: params.room.unwrap_or_default(),
        page: params.page.unwrap_or_default(),
        limit: params.limit.unwrap_or_default(),
    });
    let found = rest.app.room.clone().search_messages(request).await?;
    let found = found.into_inner();
    let view = FoundView {
        messages: shape::messages(&found.messages)?,
        next: shape::next(found.next_page),
    };
    Ok(answer(StatusCode::OK, &view))
}
