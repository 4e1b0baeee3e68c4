//! Reports to the moderators.

use proto::{
    moderation::{ListReportsRequest, Report, ReportContentRequest, UpdateReportRequest},
    words::{ReportCategory, ReportState},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Answer, Context, Failure, ask, change,
    row::{Route, keyed, route},
};

pub(super) const ROUTES: &[Route] = &[
    keyed!("mod.report" => report, NewReport => Reported<'_>),
    route!("mod.reports" => list, List => Listed<'_>),
    keyed!("mod.reportUpdate" => update, Update => Updated<'_>),
];

/// Reports a message or a person.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct NewReport {
    /// The message's id. Either this or a person.
    message: Option<String>,
    /// The user's id, or `@name`. Either this or a message.
    user: Option<String>,
    /// What it is about.
    #[schemars(with = "ReportCategory")]
    category: String,
    /// What the moderators should know.
    note: Option<String>,
}

/// The report that was made.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Reported<'a> {
    /// The report's id.
    report: &'a str,
    /// Whether the key was seen before: this is the first answer again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    duplicate: bool,
}

async fn report(
    context: &Context,
    key: String,
    NewReport {
        message,
        user,
        category,
        note,
    }: NewReport,
) -> Result<Answer, Failure> {
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
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Report")]
struct ReportView<'a> {
    /// Its id.
    id: &'a str,
    /// Id of who reported; none when a filter did.
    #[serde(skip_serializing_if = "str::is_empty")]
    reporter: &'a str,
    /// Id of the person it is about.
    user: &'a str,
    /// Id of the message it is about.
    #[serde(skip_serializing_if = "str::is_empty")]
    message: &'a str,
    /// Id of the room it is in.
    #[serde(skip_serializing_if = "str::is_empty")]
    room: &'a str,
    /// What it is about.
    category: &'a str,
    /// What the reporter wrote.
    note: &'a str,
    /// The message's text when it was reported.
    #[serde(skip_serializing_if = "str::is_empty")]
    snapshot: &'a str,
    /// How far it is.
    #[schemars(with = "ReportState")]
    state: &'a str,
    /// Id of the moderator who took it.
    #[serde(skip_serializing_if = "str::is_empty")]
    handled_by: &'a str,
    /// What came of it.
    #[serde(skip_serializing_if = "str::is_empty")]
    outcome: &'a str,
    /// When it was made, milliseconds since the epoch.
    created_at: i64,
    /// When it last moved, milliseconds since the epoch.
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

/// A page of reports.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct List {
    /// Only those in this state.
    #[schemars(with = "Option<ReportState>")]
    state: Option<String>,
    /// `next` of the page before.
    page: Option<String>,
    /// Most items of the page.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
}

/// A page of reports, oldest first.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Listed<'a> {
    /// The reports.
    reports: Vec<ReportView<'a>>,
    /// `page` of the next page; none if this is the last.
    #[serde(skip_serializing_if = "str::is_empty")]
    next: &'a str,
}

async fn list(context: &Context, List { state, page, limit }: List) -> Result<Answer, Failure> {
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

/// Moves a report on.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
struct Update {
    /// The report's id.
    report: String,
    /// How far it is now.
    #[schemars(with = "ReportState")]
    state: String,
    /// What came of it.
    outcome: Option<String>,
}

/// The report as it is now.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Updated<'a> {
    /// The report.
    report: ReportView<'a>,
}

async fn update(
    context: &Context,
    key: String,
    Update {
        report,
        state,
        outcome,
    }: Update,
) -> Result<Answer, Failure> {
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
