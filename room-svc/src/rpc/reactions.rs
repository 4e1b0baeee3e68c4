//! Reactions, on the wire.

use proto::room::{SetReactionRequest, SetReactionResponse};
use rpc::Caller;
use tonic::{Request, Response, Status};

use super::{Answer, key, messages::message_id, room};
use crate::{
    App,
    reactions::{self, Reacted, Reacting},
};

pub(super) async fn set_reaction(
    app: &App,
    request: Request<SetReactionRequest>,
) -> Answer<SetReactionResponse> {
    let caller = Caller::of(&request)?;
    let reacted = reactions::set(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(reacted.into()))
}

impl TryFrom<SetReactionRequest> for Reacting {
    type Error = Status;

    fn try_from(request: SetReactionRequest) -> Result<Self, Status> {
        reactions::check_emoji(&request.emoji)?;
        Ok(Self {
            key: key(request.key)?,
            room: room(&request.room)?,
            message_id: message_id(&request.message_id)?,
            emoji: request.emoji,
            is_on: request.is_on,
        })
    }
}

impl From<Reacted> for SetReactionResponse {
    fn from(reacted: Reacted) -> Self {
        Self {
            count: reacted.count,
            seq: reacted.seq,
        }
    }
}
