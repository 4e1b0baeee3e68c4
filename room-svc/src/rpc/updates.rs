//! Changes of a room itself, on the wire.

use proto::room as wire;
use tonic::{Request, Status};

use super::Answer;
use crate::App;

pub(super) async fn update_room(
    _app: &App,
    _request: Request<wire::UpdateRoomRequest>,
) -> Answer<wire::UpdateRoomResponse> {
    Err(Status::unimplemented("soon"))
}

pub(super) async fn delete_room(
    _app: &App,
    _request: Request<wire::DeleteRoomRequest>,
) -> Answer<wire::DeleteRoomResponse> {
    Err(Status::unimplemented("soon"))
}

pub(super) async fn transfer_room(
    _app: &App,
    _request: Request<wire::TransferRoomRequest>,
) -> Answer<wire::TransferRoomResponse> {
    Err(Status::unimplemented("soon"))
}
