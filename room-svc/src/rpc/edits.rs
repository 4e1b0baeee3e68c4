//! Edits and deletions, on the wire.

use proto::room as wire;
use tonic::{Request, Status};

use super::Answer;
use crate::App;

pub(super) async fn edit_message(
    _app: &App,
    _request: Request<wire::EditMessageRequest>,
) -> Answer<wire::EditMessageResponse> {
    Err(Status::unimplemented("soon"))
}

pub(super) async fn delete_message(
    _app: &App,
    _request: Request<wire::DeleteMessageRequest>,
) -> Answer<wire::DeleteMessageResponse> {
    Err(Status::unimplemented("soon"))
}
