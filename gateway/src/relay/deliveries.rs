//! Why somebody has a message, or has not, for administrators.

use proto::moderation::{
    DeliveryOutcome, ExplainDeliveryRequest, ExplainDeliveryResponse, SocketProgress, Withheld,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Answer, Context, Failure, ask,
    connections::ConnectionView,
    row::{Route, route},
};

pub(super) const ROUTES: &[Route] = &[route!("mod.explain" => explain, Explain => Explained<'_>)];

/// A message and somebody who should have it.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Explain {
    /// The message's id.
    message: String,
    /// The person: an id or `@name`.
    user: String,
}

/// How a message's way to a person ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Ending {
    Read,
    Delivered,
    Written,
    Waiting,
    Withheld,
    Offline,
    Unknown,
}

/// The rule that keeps a message from somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Rule {
    NotAMember,
    JoinedLater,
    AuthorBlocked,
    AuthorShadowed,
    Banned,
    HiddenByUser,
}

/// How far a connection has got with a message.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DeliverySocket")]
struct SocketView<'a> {
    /// The connection.
    connection: ConnectionView<'a>,
    /// `passed`, `queued`, `behind`, `not_heard`, `frozen`, `not_following`, `gone` or `unanswered`.
    progress: &'a str,
    /// The last seq the client was told of.
    told: i64,
    /// The last seq its gateway has heard of.
    heard: i64,
    /// Frames in its queue.
    waiting: u32,
}

/// What became of a message on its way to a person, as the rules and sockets stand now.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct Explained<'a> {
    /// The end of it: `read` and `delivered` are what a device says, `written` what a gateway says.
    outcome: Ending,
    /// The rule, if the outcome is `withheld`.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<Rule>,
    /// The room.
    room: &'a str,
    /// The message's place there.
    seq: i64,
    /// When it was stored, milliseconds since the epoch.
    at: i64,
    /// Who wrote it.
    author: &'a str,
    /// Whether it was taken away for everyone.
    deleted: bool,
    /// The last seq that a device of the person says it has got.
    delivered: i64,
    /// The last seq that they have read.
    read: i64,
    /// Their connections.
    sockets: Vec<SocketView<'a>>,
}

async fn explain(context: &Context, Explain { message, user }: Explain) -> Result<Answer, Failure> {
    let question = ExplainDeliveryRequest {
        message_id: message,
        user_id: user,
    };
    let mut service = context.app.moderation.clone();
    let answer = ask(context, question, |request| async move {
        service.explain_delivery(request).await
    })
    .await?;
    Answer::of(&Explained::from(&answer))
}

impl<'a> From<&'a ExplainDeliveryResponse> for Explained<'a> {
    fn from(answer: &'a ExplainDeliveryResponse) -> Self {
        Self {
            outcome: ending(answer.outcome()),
            rule: rule(answer.withheld()),
            room: &answer.room_id,
            seq: answer.seq,
            at: answer.at_ms,
            author: &answer.author_id,
            deleted: answer.is_deleted,
            delivered: answer.delivered_seq,
            read: answer.read_seq,
            sockets: answer.sockets.iter().filter_map(socket).collect(),
        }
    }
}

fn socket(socket: &SocketProgress) -> Option<SocketView<'_>> {
    Some(SocketView {
        connection: socket.connection.as_ref()?.into(),
        progress: &socket.progress,
        told: socket.told_seq,
        heard: socket.heard_seq,
        waiting: socket.waiting,
    })
}

fn ending(outcome: DeliveryOutcome) -> Ending {
    match outcome {
        DeliveryOutcome::Read => Ending::Read,
        DeliveryOutcome::Delivered => Ending::Delivered,
        DeliveryOutcome::Written => Ending::Written,
        DeliveryOutcome::Waiting => Ending::Waiting,
        DeliveryOutcome::Withheld => Ending::Withheld,
        DeliveryOutcome::Offline => Ending::Offline,
        DeliveryOutcome::Unknown | DeliveryOutcome::Unspecified => Ending::Unknown,
    }
}

fn rule(withheld: Withheld) -> Option<Rule> {
    match withheld {
        Withheld::Unspecified => None,
        Withheld::NotAMember => Some(Rule::NotAMember),
        Withheld::JoinedLater => Some(Rule::JoinedLater),
        Withheld::AuthorBlocked => Some(Rule::AuthorBlocked),
        Withheld::AuthorShadowed => Some(Rule::AuthorShadowed),
        Withheld::Banned => Some(Rule::Banned),
        Withheld::HiddenByUser => Some(Rule::HiddenByUser),
    }
}
