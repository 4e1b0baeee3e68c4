//! What was read and delivered, on the wire.

use proto::room as wire;
use tonic::{Request, Status};

use super::Answer;
use crate::App;

pub(super) async fn mark_read(
    _app: &App,
    _request: Request<wire::MarkReadRequest>,
) -> Answer<wire::MarkReadResponse> {
    Err(Status::unimplemented("soon"))
}

pub(super) async fn mark_delivered(
    _app: &App,
    _request: Request<wire::MarkDeliveredRequest>,
) -> Answer<wire::MarkDeliveredResponse> {
    Err(Status::unimplemented("soon"))
}

pub(super) async fn list_receipts(
    _app: &App,
    _request: Request<wire::ListReceiptsRequest>,
) -> Answer<wire::ListReceiptsResponse> {
    Err(Status::unimplemented("soon"))
}
