//! Edits and deletions, on the wire.

use proto::room::{
    DeleteMessageRequest, DeleteMessageResponse, DeleteScope, EditMessageRequest,
    EditMessageResponse,
};
use rpc::{Caller, field_invalid};
use tonic::{Request, Response, Status};

use super::{Answer, key, messages::message_id, room};
use crate::{
    App,
    deletions::{self, Deletion, Scope},
    edits::{self, Edit, Edited},
    messages,
};

pub(super) async fn edit_message(
    app: &App,
    request: Request<EditMessageRequest>,
) -> Answer<EditMessageResponse> {
    let caller = Caller::of(&request)?;
    let edited = edits::edit(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(edited.into()))
}

pub(super) async fn delete_message(
    app: &App,
    request: Request<DeleteMessageRequest>,
) -> Answer<DeleteMessageResponse> {
    let caller = Caller::of(&request)?;
    let seq = deletions::delete(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(DeleteMessageResponse { seq }))
}

impl TryFrom<EditMessageRequest> for Edit {
    type Error = Status;

    fn try_from(request: EditMessageRequest) -> Result<Self, Status> {
        messages::check_body(&request.body)?;
        if request.rev == 0 {
            return Err(field_invalid("rev", "a revision is 1 or more"));
        }
        Ok(Self {
            key: key(request.key)?,
            room: room(&request.room)?,
            message_id: message_id(&request.message_id)?,
            body: request.body,
            rev: request.rev,
        })
    }
}

impl From<Edited> for EditMessageResponse {
    fn from(edited: Edited) -> Self {
        Self {
            rev: edited.rev,
            at_ms: edited.appended.at_ms,
            seq: edited.appended.seq,
            is_duplicate: edited.appended.is_duplicate,
        }
    }
}

impl TryFrom<DeleteMessageRequest> for Deletion {
    type Error = Status;

    fn try_from(request: DeleteMessageRequest) -> Result<Self, Status> {
        let scope = match request.scope() {
            DeleteScope::Everyone => Scope::Everyone,
            DeleteScope::Me => Scope::Me,
            DeleteScope::Unspecified => {
                return Err(field_invalid("scope", "everyone or me"));
            }
        };
        Ok(Self {
            key: key(request.key)?,
            room: room(&request.room)?,
            message_id: message_id(&request.message_id)?,
            scope,
        })
    }
}
