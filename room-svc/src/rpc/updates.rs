//! Changes of a room itself, on the wire.

use proto::room::{
    DeleteRoomRequest, DeleteRoomResponse, TransferRoomRequest, TransferRoomResponse,
    UpdateRoomRequest, UpdateRoomResponse,
};
use rpc::{Caller, field_invalid};
use tonic::{Request, Response, Status};

use super::{
    Answer, key,
    members::user,
    room,
    rooms::{name, topic},
};
use crate::{
    App,
    updates::{self, Change, Deletion, SLOW_MODE_MAX_MS, Transfer},
};

pub(super) async fn update_room(
    app: &App,
    request: Request<UpdateRoomRequest>,
) -> Answer<UpdateRoomResponse> {
    let caller = Caller::of(&request)?;
    let updated = updates::update(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(UpdateRoomResponse {
        room: Some(updated.into()),
    }))
}

pub(super) async fn delete_room(
    app: &App,
    request: Request<DeleteRoomRequest>,
) -> Answer<DeleteRoomResponse> {
    let caller = Caller::of(&request)?;
    let request = request.into_inner();
    let deletion = Deletion {
        key: key(request.key)?,
        room: room(&request.room)?,
    };
    updates::delete(app, &caller, deletion).await?;
    Ok(Response::new(DeleteRoomResponse {}))
}

pub(super) async fn transfer_room(
    app: &App,
    request: Request<TransferRoomRequest>,
) -> Answer<TransferRoomResponse> {
    let caller = Caller::of(&request)?;
    let request = request.into_inner();
    let transfer = Transfer {
        key: key(request.key)?,
        room: room(&request.room)?,
        user: user(&request.user_id)?,
    };
    updates::transfer(app, &caller, transfer).await?;
    Ok(Response::new(TransferRoomResponse {}))
}

impl TryFrom<UpdateRoomRequest> for Change {
    type Error = Status;

    fn try_from(request: UpdateRoomRequest) -> Result<Self, Status> {
        let slow_mode_ms = request.slow_mode_ms;
        if slow_mode_ms.is_some_and(|millis| !(0..=SLOW_MODE_MAX_MS).contains(&millis)) {
            return Err(field_invalid("slowModeMs", "0 to 21,600,000 (six hours)"));
        }
        Ok(Self {
            key: key(request.key)?,
            room: room(&request.room)?,
            name: request.name.as_deref().map(name).transpose()?,
            topic: request.topic.as_deref().map(topic).transpose()?,
            slow_mode_ms,
        })
    }
}
