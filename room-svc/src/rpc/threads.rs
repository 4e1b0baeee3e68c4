//! Threads, on the wire.

use proto::room as wire;
use tonic::{Request, Status};

use super::Answer;
use crate::App;

pub(super) async fn create_thread(
    _app: &App,
    _request: Request<wire::CreateThreadRequest>,
) -> Answer<wire::CreateThreadResponse> {
    Err(Status::unimplemented("soon"))
}

pub(super) async fn list_threads(
    _app: &App,
    _request: Request<wire::ListThreadsRequest>,
) -> Answer<wire::ListThreadsResponse> {
    Err(Status::unimplemented("soon"))
}
