//! Blocks, on the wire.

use proto::social::{
    AddBlockRequest, AddBlockResponse, Block as WireBlock, ListBlocksRequest, ListBlocksResponse,
    ListHiddenRequest, ListHiddenResponse, RemoveBlockRequest, RemoveBlockResponse,
};
use rpc::Caller;
use tonic::{Request, Response, Status};

use super::{Answer, key, next_page, paging, user};
use crate::{
    App,
    blocks::{self, Block, NewBlock, Unblock},
    bonds::Reach,
    times::millis,
};

pub(super) async fn add_block(
    app: &App,
    request: Request<AddBlockRequest>,
) -> Answer<AddBlockResponse> {
    let caller = Caller::of(&request)?;
    let blocked = blocks::add(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(AddBlockResponse {
        user: Some(blocked.into()),
    }))
}

pub(super) async fn remove_block(
    app: &App,
    request: Request<RemoveBlockRequest>,
) -> Answer<RemoveBlockResponse> {
    let caller = Caller::of(&request)?;
    let request = request.into_inner();
    let unblock = Unblock {
        key: key(request.key)?,
        user: user(&request.user_id)?,
    };
    let unblocked = blocks::remove(app, &caller, unblock).await?;
    Ok(Response::new(RemoveBlockResponse {
        user: Some(unblocked.into()),
    }))
}

pub(super) async fn list_blocks(
    app: &App,
    request: Request<ListBlocksRequest>,
) -> Answer<ListBlocksResponse> {
    let caller = Caller::of(&request)?;
    let ListBlocksRequest { page, limit } = request.into_inner();
    let page = blocks::list(app, &caller, paging(&page, limit)?).await?;
    Ok(Response::new(ListBlocksResponse {
        blocks: page.rows.into_iter().map(WireBlock::from).collect(),
        next_page: next_page(page.next),
    }))
}

pub(super) async fn list_hidden(
    app: &App,
    request: Request<ListHiddenRequest>,
) -> Answer<ListHiddenResponse> {
    let caller = Caller::of(&request)?;
    let hidden = blocks::list_hidden(app, &caller).await?;
    Ok(Response::new(ListHiddenResponse {
        user_ids: hidden.iter().map(ToString::to_string).collect(),
    }))
}

impl TryFrom<AddBlockRequest> for NewBlock {
    type Error = Status;

    fn try_from(request: AddBlockRequest) -> Result<Self, Status> {
        Ok(Self {
            key: key(request.key)?,
            user: user(&request.user_id)?,
            reach: Reach::from_stored(request.is_mutual),
        })
    }
}

impl From<Block> for WireBlock {
    fn from(block: Block) -> Self {
        Self {
            user: Some(block.user.into()),
            is_mutual: block.reach.is_mutual(),
            at_ms: millis(block.created_at),
        }
    }
}
