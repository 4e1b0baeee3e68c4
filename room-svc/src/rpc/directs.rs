//! Direct conversations, on the wire.

use proto::room as wire;
use tonic::{Request, Status};

use super::Answer;
use crate::App;

pub(super) async fn open_direct(
    _app: &App,
    _request: Request<wire::OpenDirectRequest>,
) -> Answer<wire::OpenDirectResponse> {
    Err(Status::unimplemented("soon"))
}
