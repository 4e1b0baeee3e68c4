//! Direct conversations, on the wire.

use proto::room::{OpenDirectRequest, OpenDirectResponse};
use rpc::Caller;
use tonic::{Request, Response};

use super::{
    Answer, key,
    members::{token, user},
    rooms::head_id,
};
use crate::{
    App,
    directs::{self, Opening},
    memberships::MyRoom,
};

pub(super) async fn open_direct(
    app: &App,
    request: Request<OpenDirectRequest>,
) -> Answer<OpenDirectResponse> {
    let caller = Caller::of(&request)?;
    let token = token(request.metadata());
    let request = request.into_inner();
    let opening = Opening {
        key: key(request.key)?,
        user: user(&request.user_id)?,
        token,
    };
    let opened = directs::open(app, &caller, opening).await?;
    Ok(Response::new(opened.into()))
}

impl From<MyRoom> for OpenDirectResponse {
    fn from(opened: MyRoom) -> Self {
        Self {
            room: Some(opened.room.into()),
            head: opened.head.seq,
            head_id: head_id(opened.head),
            counter: Some(opened.counter.into()),
        }
    }
}
