//! Messages on the wire.

use proto::{
    room::{
        GetMessageRequest, GetMessageResponse, ListMessagesRequest, ListMessagesResponse, Message,
        SendMessageRequest, SendMessageResponse,
    },
    stream::Event,
};
use rpc::{Caller, field_invalid};
use stream::Anchor;
use tonic::{Request, Response, Status};

use super::{Answer, key, limit, room};
use crate::{
    App,
    messages::{self, History, NewMessage, Sent},
};

pub(super) async fn send_message(
    app: &App,
    request: Request<SendMessageRequest>,
) -> Answer<SendMessageResponse> {
    let caller = Caller::of(&request)?;
    let sent = messages::send(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(sent.into()))
}

pub(super) async fn list_messages(
    app: &App,
    request: Request<ListMessagesRequest>,
) -> Answer<ListMessagesResponse> {
    let caller = Caller::of(&request)?;
    let page = messages::list(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(ListMessagesResponse {
        messages: page.events.into_iter().map(message).collect(),
        has_more: page.has_more,
    }))
}

pub(super) async fn get_message(
    _app: &App,
    _request: Request<GetMessageRequest>,
) -> Answer<GetMessageResponse> {
    Err(Status::unimplemented("soon"))
}

/// Encodes a stored message; its data is copied, never parsed.
pub(super) fn message(event: Event) -> Message {
    Message {
        message_id: event.event_id,
        room_id: event.stream_id,
        seq: event.seq,
        at_ms: event.at_ms,
        author_id: event.actor,
        key: event.key,
        data: event.data,
        reactions: Vec::new(),
    }
}

impl TryFrom<SendMessageRequest> for NewMessage {
    type Error = Status;

    fn try_from(request: SendMessageRequest) -> Result<Self, Status> {
        messages::check_body(&request.body)?;
        let reply_to = match request.reply_to.as_str() {
            "" => None,
            text => Some(
                text.parse()
                    .map_err(|_| field_invalid("replyTo", "not the id of a message"))?,
            ),
        };
        Ok(Self {
            key: key(request.key)?,
            room: room(&request.room)?,
            body: request.body,
            reply_to,
        })
    }
}

impl From<Sent> for SendMessageResponse {
    fn from(sent: Sent) -> Self {
        Self {
            message_id: sent.appended.event_id.to_string(),
            seq: sent.appended.seq,
            at_ms: sent.appended.at_ms,
            is_duplicate: sent.appended.is_duplicate,
            room_id: sent.room_id.to_string(),
        }
    }
}

impl TryFrom<ListMessagesRequest> for History {
    type Error = Status;

    fn try_from(request: ListMessagesRequest) -> Result<Self, Status> {
        let ListMessagesRequest {
            room: named,
            before,
            after,
            around,
            limit: rows,
            thread: _,
        } = request;
        for (field, seq) in [("before", before), ("after", after), ("around", around)] {
            if seq < 0 {
                return Err(field_invalid(field, "a seq is 1 or more"));
            }
        }
        let anchor = match (before, after, around) {
            (0, 0, 0) => Anchor::Newest,
            (before, 0, 0) => Anchor::Before(before),
            (0, after, 0) => Anchor::After(after),
            (0, 0, around) => Anchor::Around(around),
            _ => {
                return Err(field_invalid(
                    "before",
                    "at most one of before, after and around",
                ));
            }
        };
        Ok(Self {
            room: room(&named)?,
            anchor,
            limit: limit(rows)?,
        })
    }
}
