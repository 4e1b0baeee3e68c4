//! Reports to the moderators, and the log of what they did.

use proto::moderation::{
    AuditRow, ListAuditRequest, ListReportsRequest, Report, ReportContentRequest,
    UpdateReportRequest,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    Answer, Context, Failure, ask, change,
    routes::{Route, route},
    view,
};
use crate::frame::Frame;

pub(super) const ROUTES: &[Route] = &[
    route!("mod.report" => report),
    route!("mod.reports" => list),
    route!("mod.reportUpdate" => update),
    route!("mod.audit" => audit),
];

#[derive(Deserialize)]
struct NewReport {
    message: Option<String>,
    user: Option<String>,
    category: String,
    note: Option<String>,
}

#[derive(Serialize)]
struct Reported<'a> {
    report: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    duplicate: bool,
}

async fn report(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let NewReport {
        message,
        user,
        category,
        note,
    } = frame.payload()?;
    let message = ReportContentRequest {
        message_id: message.unwrap_or_default(),
        user_id: user.unwrap_or_default(),
        category,
        note: note.unwrap_or_default(),
        key,
    };
    let answer = change(context, message, |request| {
        let mut service = context.app.moderation.clone();
        async move { service.report_content(request).await }
    })
    .await?;
    Answer::of(&Reported {
        report: &answer.report_id,
        duplicate: answer.is_duplicate,
    })
}

/// A report in the queue; what it does not have is left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReportView<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    reporter: &'a str,
    user: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    message: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    room: &'a str,
    category: &'a str,
    note: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    snapshot: &'a str,
    state: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    handled_by: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    outcome: &'a str,
    created_at: i64,
    updated_at: i64,
}

impl<'a> From<&'a Report> for ReportView<'a> {
    fn from(report: &'a Report) -> Self {
        Self {
            id: &report.report_id,
            reporter: &report.reporter_id,
            user: &report.user_id,
            message: &report.message_id,
            room: &report.room_id,
            category: &report.category,
            note: &report.note,
            snapshot: &report.snapshot,
            state: &report.state,
            handled_by: &report.handled_by,
            outcome: &report.outcome,
            created_at: report.created_at_ms,
            updated_at: report.updated_at_ms,
        }
    }
}

#[derive(Deserialize)]
struct List {
    state: Option<String>,
    page: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize)]
struct Listed<'a> {
    reports: Vec<ReportView<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    next: &'a str,
}

async fn list(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let List { state, page, limit } = frame.payload()?;
    let question = ListReportsRequest {
        state: state.unwrap_or_default(),
        page: page.unwrap_or_default(),
        limit: limit.unwrap_or_default(),
    };
    let mut service = context.app.moderation.clone();
    let answer = ask(context, question, |request| async move {
        service.list_reports(request).await
    })
    .await?;
    Answer::of(&Listed {
        reports: answer.reports.iter().map(ReportView::from).collect(),
        next: &answer.next_page,
    })
}

#[derive(Deserialize)]
struct Update {
    report: String,
    state: String,
    outcome: Option<String>,
}

#[derive(Serialize)]
struct Updated<'a> {
    report: ReportView<'a>,
}

async fn update(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let key = frame.key()?;
    let Update {
        report,
        state,
        outcome,
    } = frame.payload()?;
    let message = UpdateReportRequest {
        report_id: report,
        state,
        outcome: outcome.unwrap_or_default(),
        key,
    };
    let answer = change(context, message, |request| {
        let mut service = context.app.moderation.clone();
        async move { service.update_report(request).await }
    })
    .await?;
    Answer::of(&Updated {
        report: ReportView::from(answer.report.as_ref().ok_or_else(Failure::internal)?),
    })
}

#[derive(Deserialize)]
struct Audit {
    page: Option<String>,
    limit: Option<u32>,
    actor: Option<String>,
    subject: Option<String>,
    action: Option<String>,
}

#[derive(Serialize)]
struct AuditView<'a> {
    seq: i64,
    at: i64,
    #[serde(skip_serializing_if = "str::is_empty")]
    actor: &'a str,
    action: &'a str,
    subject: &'a str,
    detail: Box<RawValue>,
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

#[derive(Serialize)]
struct AuditPage<'a> {
    rows: Vec<AuditView<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    next: &'a str,
}

async fn audit(context: &Context, frame: &Frame) -> Result<Answer, Failure> {
    let Audit {
        page,
        limit,
        actor,
        subject,
        action,
    } = frame.payload()?;
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
