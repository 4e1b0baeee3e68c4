//! Pins, on the wire.

use proto::room as wire;
use tonic::{Request, Status};

use super::Answer;
use crate::App;

pub(super) async fn pin_message(
    _app: &App,
    _request: Request<wire::PinMessageRequest>,
) -> Answer<wire::PinMessageResponse> {
    Err(Status::unimplemented("soon"))
}

pub(super) async fn list_pins(
    _app: &App,
    _request: Request<wire::ListPinsRequest>,
) -> Answer<wire::ListPinsResponse> {
    Err(Status::unimplemented("soon"))
}
