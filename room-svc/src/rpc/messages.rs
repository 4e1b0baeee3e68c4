//! Messages on the wire.

use proto::{
    id::EventId,
    room::{
        GetMessageRequest, GetMessageResponse, ListMessagesRequest, ListMessagesResponse,
        Message as WireMessage, Reaction as WireReaction, SendMessageRequest, SendMessageResponse,
    },
};
use rpc::{Caller, field_invalid};
use stream::Anchor;
use tonic::{Request, Response, Status};

use super::{Answer, key, limit, room};
use crate::{
    App,
    history::{self, History, Message, Start},
    messages::{self, NewMessage, Sent},
    reactions::Reaction,
};

/// The year 9999: what comes later is no date, and Postgres need not hear of it.
const TIME_MAX: i64 = 253_402_300_799_999;

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
    let page = history::list(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(ListMessagesResponse {
        messages: page.messages.into_iter().map(WireMessage::from).collect(),
        has_more: page.has_more,
    }))
}

pub(super) async fn get_message(
    app: &App,
    request: Request<GetMessageRequest>,
) -> Answer<GetMessageResponse> {
    let caller = Caller::of(&request)?;
    let message_id = message_id(&request.get_ref().message_id)?;
    let found = history::get(app, &caller, message_id).await?;
    Ok(Response::new(GetMessageResponse {
        message: Some(found.into()),
    }))
}

/// Reads the id of a message.
pub(super) fn message_id(text: &str) -> Result<EventId, Status> {
    text.parse()
        .map_err(|_| field_invalid("message", "not the id of a message"))
}

/// Reads which thread is meant; empty for none.
pub(super) fn thread(text: &str) -> Result<Option<EventId>, Status> {
    optional("thread", text, "not the id of a thread or a message")
}

fn optional(field: &'static str, text: &str, why: &'static str) -> Result<Option<EventId>, Status> {
    if text.is_empty() {
        return Ok(None);
    }
    let id = text.parse().map_err(|_| field_invalid(field, why))?;
    Ok(Some(id))
}

impl From<Message> for WireMessage {
    /// The stored data is copied, never parsed.
    fn from(message: Message) -> Self {
        Self {
            message_id: message.message_id.to_string(),
            room_id: message.room_id.to_string(),
            seq: message.seq,
            at_ms: message.at_ms,
            author_id: message.author.to_string(),
            key: message.key,
            data: message.data.into(),
            reactions: message.reactions.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Reaction> for WireReaction {
    fn from(reaction: Reaction) -> Self {
        Self {
            emoji: reaction.emoji,
            count: reaction.count,
            is_own: reaction.is_own,
        }
    }
}

impl TryFrom<SendMessageRequest> for NewMessage {
    type Error = Status;

    fn try_from(request: SendMessageRequest) -> Result<Self, Status> {
        messages::check_body(&request.body)?;
        Ok(Self {
            key: key(request.key)?,
            room: room(&request.room)?,
            body: request.body,
            reply_to: optional("replyTo", &request.reply_to, "not the id of a message")?,
            thread: thread(&request.thread)?,
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
            thread: in_thread,
            at,
        } = request;
        for (field, seq) in [("before", before), ("after", after), ("around", around)] {
            if seq < 0 {
                return Err(field_invalid(field, "a seq is 1 or more"));
            }
        }
        if !(0..=TIME_MAX).contains(&at) {
            return Err(field_invalid("at", "milliseconds since the epoch"));
        }
        let start = match (before, after, around, at) {
            (0, 0, 0, 0) => Start::Seq(Anchor::Newest),
            (before, 0, 0, 0) => Start::Seq(Anchor::Before(before)),
            (0, after, 0, 0) => Start::Seq(Anchor::After(after)),
            (0, 0, around, 0) => Start::Seq(Anchor::Around(around)),
            (0, 0, 0, at) => Start::Time(at),
            _ => {
                return Err(field_invalid(
                    "before",
                    "at most one of before, after, around and at",
                ));
            }
        };
        Ok(Self {
            room: room(&named)?,
            thread: thread(&in_thread)?,
            start,
            limit: limit(rows)?,
        })
    }
}
