//! Reactions, on the wire.

use proto::room as wire;
use tonic::{Request, Status};

use super::Answer;
use crate::App;

pub(super) async fn set_reaction(
    _app: &App,
    _request: Request<wire::SetReactionRequest>,
) -> Answer<wire::SetReactionResponse> {
    Err(Status::unimplemented("soon"))
}
