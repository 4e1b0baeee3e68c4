//! Explaining deliveries, on the wire.

use proto::{
    gateway::Progress,
    moderation::{
        DeliveryOutcome, ExplainDeliveryRequest, ExplainDeliveryResponse, SocketProgress, Withheld,
    },
};
use rpc::Caller;
use tonic::{Request, Response};

use super::{Answer, read_id, user};
use crate::{
    App,
    deliveries::{self, Explanation, Outcome, Rule, Socket},
};

pub(super) async fn explain_delivery(
    app: &App,
    request: Request<ExplainDeliveryRequest>,
) -> Answer<ExplainDeliveryResponse> {
    let caller = Caller::of(&request)?;
    let request = request.get_ref();
    let message_id = read_id("message", &request.message_id)?;
    let user = user(&request.user_id)?;
    let explanation = deliveries::explain(app, &caller, message_id, user).await?;
    Ok(Response::new(explanation.into()))
}

/// The name of a state without its prefix: `queued`.
fn name(progress: Progress) -> String {
    let name = progress.as_str_name();
    let bare = name.strip_prefix("PROGRESS_").unwrap_or(name);
    bare.to_ascii_lowercase()
}

fn ending(outcome: Outcome) -> (DeliveryOutcome, Withheld) {
    let ending = match outcome {
        Outcome::Withheld(rule) => return (DeliveryOutcome::Withheld, withheld(rule)),
        Outcome::Read => DeliveryOutcome::Read,
        Outcome::Delivered => DeliveryOutcome::Delivered,
        Outcome::Written => DeliveryOutcome::Written,
        Outcome::Waiting => DeliveryOutcome::Waiting,
        Outcome::Offline => DeliveryOutcome::Offline,
        Outcome::Unknown => DeliveryOutcome::Unknown,
    };
    (ending, Withheld::Unspecified)
}

fn withheld(rule: Rule) -> Withheld {
    match rule {
        Rule::NotAMember => Withheld::NotAMember,
        Rule::JoinedLater => Withheld::JoinedLater,
        Rule::AuthorBlocked => Withheld::AuthorBlocked,
        Rule::AuthorShadowed => Withheld::AuthorShadowed,
        Rule::Banned => Withheld::Banned,
        Rule::HiddenByUser => Withheld::HiddenByUser,
    }
}

impl From<Explanation> for ExplainDeliveryResponse {
    fn from(explanation: Explanation) -> Self {
        let message = explanation.message;
        let (outcome, withheld) = ending(explanation.outcome);
        Self {
            outcome: outcome.into(),
            withheld: withheld.into(),
            room_id: message.room_id,
            seq: message.seq,
            at_ms: message.at_ms,
            author_id: message.author_id,
            is_deleted: message.is_deleted,
            delivered_seq: message.delivered_seq,
            read_seq: message.read_seq,
            sockets: explanation.sockets.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Socket> for SocketProgress {
    fn from(Socket { connection, said }: Socket) -> Self {
        Self {
            connection: Some(connection.into()),
            progress: name(said.progress()),
            told_seq: said.told_seq,
            heard_seq: said.heard_seq,
            waiting: said.waiting,
        }
    }
}
