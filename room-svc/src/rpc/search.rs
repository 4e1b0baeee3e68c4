//! Search, on the wire.

use proto::room as wire;
use tonic::{Request, Status};

use super::Answer;
use crate::App;

pub(super) async fn search_messages(
    _app: &App,
    _request: Request<wire::SearchMessagesRequest>,
) -> Answer<wire::SearchMessagesResponse> {
    Err(Status::unimplemented("soon"))
}
