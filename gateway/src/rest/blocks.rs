//! Whom the caller does not want to hear of.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use proto::social::{AddBlockRequest, Block, ListBlocksRequest, RemoveBlockRequest};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Rest, answer,
    credential::Signed,
    friends::{Paging, Someone, StateView, state},
    input::{Fields, Input, Json, Key, Params},
    problem::{Problem, ProblemShape},
    shape::{self, PersonView},
};

/// Someone, and whether it holds both ways.
#[derive(ToSchema)]
pub(crate) struct NewBlock {
    /// An id, or `@name`.
    #[schema(example = "@bob")]
    user: String,
    /// Whether they must not see the caller either.
    #[schema(required = false)]
    mutual: bool,
}

impl Input for NewBlock {
    fn take(fields: &mut Fields) -> Self {
        Self {
            user: fields.text("user"),
            mutual: fields.optional_flag("mutual"),
        }
    }
}

/// Blocks a person: ends friendship and requests, hides what they do. Also served as `/users/block`.
#[utoipa::path(
    post,
    path = "/v1/users/block",
    tag = "people",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 64 characters of A-Z a-z 0-9 _ -; best a UUIDv7")),
    request_body = NewBlock,
    responses(
        (status = 200, description = "`blocked`", body = StateView),
        (status = 401, description = "TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED", body = ProblemShape),
        (status = 404, description = "USER_NOT_FOUND", body = ProblemShape),
        (status = 409, description = "CONFLICT: the key was used with other data", body = ProblemShape),
        (status = 422, description = "FIELD_INVALID", body = ProblemShape),
    )
)]
pub(crate) async fn add_block(
    State(rest): State<Arc<Rest>>,
    signed: Signed,
    Key(key): Key,
    Json(block): Json<NewBlock>,
) -> Result<Response, Problem> {
    let request = signed.call(AddBlockRequest {
        user_id: block.user,
        key,
        is_mutual: block.mutual,
    });
    rest.app.social.clone().add_block(request).await?;
    Ok(state("blocked"))
}

/// Ends a block. Also served as `/users/unblock`.
#[utoipa::path(
    post,
    path = "/v1/users/unblock",
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
pub(crate) async fn remove_block(
    State(rest): State<Arc<Rest>>,
    signed: Signed,
    Key(key): Key,
    Json(someone): Json<Someone>,
) -> Result<Response, Problem> {
    let request = signed.call(RemoveBlockRequest {
        user_id: someone.user,
        key,
    });
    rest.app.social.clone().remove_block(request).await?;
    Ok(state("none"))
}

/// A block.
#[derive(Serialize, ToSchema)]
#[schema(as = Block)]
pub(crate) struct BlockView {
    user: PersonView,
    /// Whether they do not see the caller either.
    mutual: bool,
    at: i64,
}

impl From<Block> for BlockView {
    fn from(block: Block) -> Self {
        Self {
            user: block.user.unwrap_or_default().into(),
            mutual: block.is_mutual,
            at: block.at_ms,
        }
    }
}

/// A page of blocks.
#[derive(Serialize, ToSchema)]
#[schema(as = Blocks)]
pub(crate) struct BlocksView {
    blocks: Vec<BlockView>,
    /// `?page=` of the next page, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Lists whom the caller blocks, by name. Also served as `/users/blocks`.
#[utoipa::path(
    get,
    path = "/v1/users/blocks",
    tag = "people",
    params(Paging),
    responses(
        (status = 200, description = "A page of blocks", body = BlocksView),
        (status = 401, description = "TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED", body = ProblemShape),
        (status = 422, description = "FIELD_INVALID", body = ProblemShape),
    )
)]
pub(crate) async fn list_blocks(
    State(rest): State<Arc<Rest>>,
    signed: Signed,
    Params(paging): Params<Paging>,
) -> Result<Response, Problem> {
    let request = signed.call(ListBlocksRequest {
        page: paging.page.unwrap_or_default(),
        limit: paging.limit.unwrap_or_default(),
    });
    let mut social = rest.app.social.clone();
    let listed = social.list_blocks(request).await?.into_inner();
    let blocks = BlocksView {
        blocks: listed.blocks.into_iter().map(Into::into).collect(),
        next: shape::next(listed.next_page),
    };
    Ok(answer(StatusCode::OK, &blocks))
}
