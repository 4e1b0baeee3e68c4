//! Pins, on the wire.

use proto::room::{
    ListPinsRequest, ListPinsResponse, Message as WireMessage, PinMessageRequest,
    PinMessageResponse,
};
use rpc::Caller;
use tonic::{Request, Response, Status};

use super::{Answer, key, messages::message_id, room};
use crate::{
    App,
    pins::{self, Pinning},
};

pub(super) async fn pin_message(
    app: &App,
    request: Request<PinMessageRequest>,
) -> Answer<PinMessageResponse> {
    let caller = Caller::of(&request)?;
    pins::set(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(PinMessageResponse {}))
}

pub(super) async fn list_pins(
    app: &App,
    request: Request<ListPinsRequest>,
) -> Answer<ListPinsResponse> {
    let caller = Caller::of(&request)?;
    let pinned = pins::list(app, &caller, room(&request.get_ref().room)?).await?;
    Ok(Response::new(ListPinsResponse {
        messages: pinned.into_iter().map(WireMessage::from).collect(),
    }))
}

impl TryFrom<PinMessageRequest> for Pinning {
    type Error = Status;

    fn try_from(request: PinMessageRequest) -> Result<Self, Status> {
        Ok(Self {
            key: key(request.key)?,
            room: room(&request.room)?,
            message_id: message_id(&request.message_id)?,
            is_pinned: request.is_pinned,
        })
    }
}
