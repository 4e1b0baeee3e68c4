//! Why somebody has a message, on the wire.

use proto::room::{ExplainMessageRequest, ExplainMessageResponse};
use tonic::{Request, Response};

use super::{Answer, erasure::person, messages::message_id};
use crate::{
    App,
    explanations::{self, Explanation},
};

pub(super) async fn explain_message(
    app: &App,
    request: Request<ExplainMessageRequest>,
) -> Answer<ExplainMessageResponse> {
    let request = request.get_ref();
    let (tenant, user_id) = person(&request.tenant, &request.user_id)?;
    let message_id = message_id(&request.message_id)?;
    let explanation = explanations::explain(app, tenant, message_id, user_id).await?;
    Ok(Response::new(explanation.into()))
}

impl From<Explanation> for ExplainMessageResponse {
    fn from(explanation: Explanation) -> Self {
        Self {
            room_id: explanation.room_id.to_string(),
            seq: explanation.seq,
            at_ms: explanation.at_ms,
            author_id: explanation.author.to_string(),
            is_deleted: explanation.is_deleted,
            is_member: explanation.joined_seq.is_some(),
            joined_seq: explanation.joined_seq.unwrap_or_default(),
            is_hidden: explanation.is_hidden,
            is_author_blocked: explanation.is_author_blocked,
            is_author_shadowed: explanation.is_author_shadowed,
            is_banned: explanation.is_banned,
            delivered_seq: explanation.delivered_seq,
            read_seq: explanation.read_seq,
        }
    }
}
