//! The audit log on the wire.

use proto::moderation::{
    AuditRow as WireRow, ListAuditRequest, ListAuditResponse, VerifyAuditRequest,
    VerifyAuditResponse,
};
use rpc::{Caller, field_invalid};
use tonic::{Request, Response, Status};

use super::{Answer, next_page, paging, read_id};
use crate::{
    App,
    audit::{self, AuditRow, Search, Verdict},
};

/// The longest action or subject that can be looked for.
const WORD_MAX: usize = 256;

pub(super) async fn list_audit(
    app: &App,
    request: Request<ListAuditRequest>,
) -> Answer<ListAuditResponse> {
    let caller = Caller::of(&request)?;
    let request = request.into_inner();
    let paging = paging(&request.page, request.limit)?;
    let page = audit::list(app, &caller, request.try_into()?, paging).await?;
    Ok(Response::new(ListAuditResponse {
        rows: page.rows.into_iter().map(WireRow::from).collect(),
        next_page: next_page(page.next),
    }))
}

pub(super) async fn verify_audit(
    app: &App,
    request: Request<VerifyAuditRequest>,
) -> Answer<VerifyAuditResponse> {
    let caller = Caller::of(&request)?;
    let verdict = audit::verify(app, &caller).await?;
    Ok(Response::new(verdict.into()))
}

impl TryFrom<ListAuditRequest> for Search {
    type Error = Status;

    fn try_from(request: ListAuditRequest) -> Result<Self, Status> {
        let actor = match request.actor_id.as_str() {
            "" => None,
            text => Some(read_id("actor", text)?),
        };
        Ok(Self {
            actor,
            subject: word("subject", request.subject)?,
            action: word("action", request.action)?,
        })
    }
}

fn word(field: &'static str, text: String) -> Result<Option<String>, Status> {
    if text.len() > WORD_MAX || text.contains('\0') {
        return Err(field_invalid(field, "at most 256 characters"));
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}

impl From<AuditRow> for WireRow {
    fn from(row: AuditRow) -> Self {
        Self {
            seq: row.seq,
            at_ms: row.at_ms,
            actor_id: row.actor.map(|actor| actor.to_string()).unwrap_or_default(),
            action: row.action,
            subject: row.subject,
            detail: row.detail,
            hash: row.hash,
        }
    }
}

impl From<Verdict> for VerifyAuditResponse {
    fn from(verdict: Verdict) -> Self {
        Self {
            rows: verdict.rows,
            is_intact: verdict.first_broken.is_none(),
            first_broken: verdict.first_broken.unwrap_or_default(),
        }
    }
}
