//! The log of what moderators did.

use proto::moderation::{AuditRow, ListAuditRequest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, value::RawValue};

use super::{
    Answer, Context, Failure, ask,
    row::{Route, route},
    view,
};

pub(super) const ROUTES: &[Route] = &[route!("mod.audit" => audit, Audit => AuditPage<'_>)];

/// A page of the log of what moderators did.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Audit {
    /// `next` of the page before.
    page: Option<String>,
    /// Most items of the page.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// Only what this user did.
    actor: Option<String>,
    /// Only what was done to this.
    subject: Option<String>,
    /// Only this kind of act.
    action: Option<String>,
}

/// What a moderator did.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AuditRow")]
struct AuditView<'a> {
    /// Its number in the log.
    seq: i64,
    /// When, milliseconds since the epoch.
    at: i64,
    /// Id of who did it; none for the platform itself.
    #[serde(skip_serializing_if = "str::is_empty")]
    actor: &'a str,
    /// What was done.
    action: &'a str,
    /// To whom or what.
    subject: &'a str,
    /// More of it.
    #[schemars(with = "Map<String, Value>")]
    detail: Box<RawValue>,
    /// Print of this row and the one before it.
    hash: &'a str,
}

impl<'a> From<&'a AuditRow> for AuditView<'a> {
    fn from(row: &'a AuditRow) -> Self {
        Self {
            seq: row.seq,
            at: row.at_ms,
            actor: &row.actor_id,
            action: &row.action,
            subject: &row.subject,
            detail: view::object(row.detail.as_bytes()),
            hash: &row.hash,
        }
    }
}

/// A page of the log, newest first.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct AuditPage<'a> {
    /// The rows.
    rows: Vec<AuditView<'a>>,
    /// `page` of the next page; none if this is the last.
    #[serde(skip_serializing_if = "str::is_empty")]
    next: &'a str,
}

async fn audit(
    context: &Context,
    Audit {
        page,
        limit,
        actor,
        subject,
        action,
    }: Audit,
) -> Result<Answer, Failure> {
    let question = ListAuditRequest {
        page: page.unwrap_or_default(),
        limit: limit.unwrap_or_default(),
        actor_id: actor.unwrap_or_default(),
        subject: subject.unwrap_or_default(),
        action: action.unwrap_or_default(),
    };
    let mut service = context.app.moderation.clone();
    let answer = ask(context, question, |request| async move {
        service.list_audit(request).await
    })
    .await?;
    Answer::of(&AuditPage {
        rows: answer.rows.iter().map(AuditView::from).collect(),
        next: &answer.next_page,
    })
}
