//! Reports and alerts on the wire.

use proto::moderation::{
    FileAlertRequest, FileAlertResponse, ListReportsRequest, ListReportsResponse,
    Report as WireReport, ReportContentRequest, ReportContentResponse, UpdateReportRequest,
    UpdateReportResponse,
};
use rpc::{Caller, field_invalid};
use tonic::{Request, Response, Status, metadata::MetadataMap};

use super::{Answer, key, next_page, paging, read_id, tenant, user};
use crate::{
    App,
    alerts::{self, Alert},
    reports::{self, Category, Filed, Move, NewReport, Report, State, Target},
    texts,
};

pub(super) async fn report_content(
    app: &App,
    request: Request<ReportContentRequest>,
) -> Answer<ReportContentResponse> {
    let caller = Caller::of(&request)?;
    let token = token(request.metadata());
    let filed = reports::create(app, &caller, new_report(request.into_inner(), token)?).await?;
    Ok(Response::new(filed.into()))
}

pub(super) async fn list_reports(
    app: &App,
    request: Request<ListReportsRequest>,
) -> Answer<ListReportsResponse> {
    let caller = Caller::of(&request)?;
    let request = request.into_inner();
    let state = match request.state.as_str() {
        "" => None,
        text => Some(state(text)?),
    };
    let paging = paging(&request.page, request.limit)?;
    let page = reports::list(app, &caller, state, paging).await?;
    Ok(Response::new(ListReportsResponse {
        reports: page.rows.into_iter().map(WireReport::from).collect(),
        next_page: next_page(page.next),
    }))
}

pub(super) async fn update_report(
    app: &App,
    request: Request<UpdateReportRequest>,
) -> Answer<UpdateReportResponse> {
    let caller = Caller::of(&request)?;
    let report = reports::update(app, &caller, request.into_inner().try_into()?).await?;
    Ok(Response::new(UpdateReportResponse {
        report: Some(report.into()),
    }))
}

pub(super) async fn file_alert(
    app: &App,
    request: Request<FileAlertRequest>,
) -> Answer<FileAlertResponse> {
    alerts::file(app, request.into_inner().try_into()?).await?;
    Ok(Response::new(FileAlertResponse {}))
}

/// The token the request came with; the serving layer has verified it.
fn token(metadata: &MetadataMap) -> String {
    let header = metadata
        .get("authorization")
        .and_then(|value| value.to_str().ok());
    let token = header
        .and_then(|value| value.split_once(' '))
        .map(|(_, token)| token);
    token.unwrap_or_default().trim().into()
}

fn state(text: &str) -> Result<State, Status> {
    State::parse(text)
        .ok_or_else(|| field_invalid("state", "open, in_review, resolved or dismissed"))
}

fn new_report(request: ReportContentRequest, token: String) -> Result<NewReport, Status> {
    let target = match (&*request.message_id, &*request.user_id) {
        ("", user_id) => Target::Person(user(user_id)?),
        (message_id, "") => Target::Message(read_id("message", message_id)?),
        _ => return Err(field_invalid("message", "a message or a user, not both")),
    };
    let category = Category::parse(&request.category)
        .filter(|category| *category != Category::Filter)
        .ok_or_else(|| field_invalid("category", "spam, abuse, illegal or other"))?;
    Ok(NewReport {
        target,
        category,
        note: texts::check("note", &request.note, 0..=1_000, "at most 1,000 characters")?,
        token,
        key: key(request.key)?,
    })
}

impl TryFrom<UpdateReportRequest> for Move {
    type Error = Status;

    fn try_from(request: UpdateReportRequest) -> Result<Self, Status> {
        Ok(Self {
            report_id: read_id("report", &request.report_id)?,
            state: state(&request.state)?,
            outcome: texts::check(
                "outcome",
                &request.outcome,
                0..=1_000,
                "at most 1,000 characters",
            )?,
            key: key(request.key)?,
        })
    }
}

impl TryFrom<FileAlertRequest> for Alert {
    type Error = Status;

    fn try_from(request: FileAlertRequest) -> Result<Self, Status> {
        Ok(Self {
            tenant: tenant(&request.tenant)?,
            filter_id: read_id("filter", &request.filter_id)?,
            message_id: read_id("message", &request.message_id)?,
            room_id: read_id("room", &request.room_id)?,
            user_id: read_id("user", &request.user_id)?,
            snapshot: texts::check(
                "snapshot",
                &request.snapshot,
                0..=10_000,
                "the text of a message",
            )?,
        })
    }
}

impl From<Filed> for ReportContentResponse {
    fn from(filed: Filed) -> Self {
        Self {
            report_id: filed.report_id.to_string(),
            is_duplicate: filed.is_duplicate,
        }
    }
}

impl From<Report> for WireReport {
    fn from(report: Report) -> Self {
        Self {
            report_id: report.report_id.to_string(),
            reporter_id: text(report.reporter),
            user_id: report.user_id.to_string(),
            message_id: text(report.message_id),
            room_id: text(report.room_id),
            category: report.category.as_str().into(),
            note: report.note,
            snapshot: report.snapshot,
            state: report.state.as_str().into(),
            handled_by: text(report.handled_by),
            outcome: report.outcome,
            created_at_ms: report.created_at_ms,
            updated_at_ms: report.updated_at_ms,
        }
    }
}

/// Writes an id that may be missing.
fn text(id: Option<impl ToString>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}
