//! SQL on `moderation.report`.

use proto::id::{EventId, FilterId, ReportId, RoomId, Tenant, UserId};
use rpc::Caller;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::{
    pages::Paging,
    reports::{Category, Move, Report, State},
};

struct ReportRow {
    report_id: Uuid,
    reporter_id: Option<Uuid>,
    user_id: Uuid,
    message_id: Option<Uuid>,
    room_id: Option<Uuid>,
    filter_id: Option<Uuid>,
    category: String,
    note: String,
    snapshot: String,
    state: String,
    handled_by: Option<Uuid>,
    outcome: String,
    created_at_ms: i64,
    updated_at_ms: i64,
}

impl From<ReportRow> for Report {
    fn from(row: ReportRow) -> Self {
        Self {
            report_id: ReportId(row.report_id),
            reporter: row.reporter_id.map(UserId),
            user_id: UserId(row.user_id),
            message_id: row.message_id.map(EventId),
            room_id: row.room_id.map(RoomId),
            filter_id: row.filter_id.map(FilterId),
            category: Category::parse(&row.category).unwrap_or(Category::Other),
            note: row.note,
            snapshot: row.snapshot,
            state: State::parse(&row.state).unwrap_or(State::Open),
            handled_by: row.handled_by.map(UserId),
            outcome: row.outcome,
            created_at_ms: row.created_at_ms,
            updated_at_ms: row.updated_at_ms,
        }
    }
}

pub(crate) async fn insert_report(
    conn: &mut PgConnection,
    tenant: &Tenant,
    report: &Report,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        insert into moderation.report
            (tenant_id, report_id, reporter_id, user_id, message_id, room_id, category, note, snapshot)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        "#,
        tenant.as_str(),
        report.report_id.0,
        report.reporter.map(|reporter| reporter.0),
        report.user_id.0,
        report.message_id.map(|message_id| message_id.0),
        report.room_id.map(|room_id| room_id.0),
        report.category.as_str(),
        report.note,
        report.snapshot,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Stores the alert of a filter, unless the filter has caught the message before.
pub(crate) async fn insert_alert(
    conn: &mut PgConnection,
    tenant: &Tenant,
    report: &Report,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        insert into moderation.report
            (tenant_id, report_id, user_id, message_id, room_id, filter_id, category, note, snapshot)
        values ($1, $2, $3, $4, $5, $6, $7, '', $8)
        on conflict (tenant_id, message_id, filter_id) where filter_id is not null do nothing
        "#,
        tenant.as_str(),
        report.report_id.0,
        report.user_id.0,
        report.message_id.map(|message_id| message_id.0),
        report.room_id.map(|room_id| room_id.0),
        report.filter_id.map(|filter_id| filter_id.0),
        report.category.as_str(),
        report.snapshot,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Finds the caller's report of a message.
pub(crate) async fn find_own_report(
    conn: impl PgExecutor<'_>,
    caller: &Caller,
    message_id: EventId,
) -> Result<Option<ReportId>, sqlx::Error> {
    let report_id = sqlx::query_scalar!(
        r#"
        select report_id
        from moderation.report
        where tenant_id = $1 and reporter_id = $2 and message_id = $3
        "#,
        caller.tenant.as_str(),
        caller.user_id.0,
        message_id.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(report_id.map(ReportId))
}

/// Counts the caller's reports that nobody has looked at.
pub(crate) async fn count_open(
    conn: impl PgExecutor<'_>,
    caller: &Caller,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        select count(*) as "open!"
        from moderation.report
        where tenant_id = $1 and reporter_id = $2 and state = 'open'
        "#,
        caller.tenant.as_str(),
        caller.user_id.0,
    )
    .fetch_one(conn)
    .await
}

pub(crate) async fn lock_report(
    conn: &mut PgConnection,
    tenant: &Tenant,
    report_id: ReportId,
) -> Result<Option<Report>, sqlx::Error> {
    let row = sqlx::query_as!(
        ReportRow,
        r#"
        select
            report_id, reporter_id, user_id, message_id, room_id, filter_id, category, note, snapshot, state,
            handled_by, outcome,
            (extract(epoch from created_at) * 1000)::bigint as "created_at_ms!",
            (extract(epoch from updated_at) * 1000)::bigint as "updated_at_ms!"
        from moderation.report
        where tenant_id = $1 and report_id = $2
        for update
        "#,
        tenant.as_str(),
        report_id.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(Report::from))
}

/// Moves a report and returns it as it is then.
pub(crate) async fn update_report(
    conn: &mut PgConnection,
    caller: &Caller,
    step: &Move,
) -> Result<Report, sqlx::Error> {
    let row = sqlx::query_as!(
        ReportRow,
        r#"
        update moderation.report
        set state = $3, handled_by = $4, outcome = $5, updated_at = now()
        where tenant_id = $1 and report_id = $2
        returning
            report_id, reporter_id, user_id, message_id, room_id, filter_id, category, note, snapshot, state,
            handled_by, outcome,
            (extract(epoch from created_at) * 1000)::bigint as "created_at_ms!",
            (extract(epoch from updated_at) * 1000)::bigint as "updated_at_ms!"
        "#,
        caller.tenant.as_str(),
        step.report_id.0,
        step.state.as_str(),
        caller.user_id.0,
        step.outcome,
    )
    .fetch_one(conn)
    .await?;
    Ok(row.into())
}

/// Lists reports that are not closed.
pub(crate) async fn list_waiting(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    paging: &Paging<Uuid>,
) -> Result<Vec<Report>, sqlx::Error> {
    let rows = sqlx::query_as!(
        ReportRow,
        r#"
        select
            report_id, reporter_id, user_id, message_id, room_id, filter_id, category, note, snapshot, state,
            handled_by, outcome,
            (extract(epoch from created_at) * 1000)::bigint as "created_at_ms!",
            (extract(epoch from updated_at) * 1000)::bigint as "updated_at_ms!"
        from moderation.report
        where tenant_id = $1 and state in ('open', 'in_review') and ($2::uuid is null or report_id > $2)
        order by report_id
        limit $3
        "#,
        tenant.as_str(),
        paging.after,
        paging.rows_to_read(),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Report::from).collect())
}

pub(crate) async fn list_in(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    state: State,
    paging: &Paging<Uuid>,
) -> Result<Vec<Report>, sqlx::Error> {
    let rows = sqlx::query_as!(
        ReportRow,
        r#"
        select
            report_id, reporter_id, user_id, message_id, room_id, filter_id, category, note, snapshot, state,
            handled_by, outcome,
            (extract(epoch from created_at) * 1000)::bigint as "created_at_ms!",
            (extract(epoch from updated_at) * 1000)::bigint as "updated_at_ms!"
        from moderation.report
        where tenant_id = $1 and state = $2 and ($3::uuid is null or report_id > $3)
        order by report_id
        limit $4
        "#,
        tenant.as_str(),
        state.as_str(),
        paging.after,
        paging.rows_to_read(),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Report::from).collect())
}

/// Lists what a person reported, newest first.
pub(crate) async fn list_of_reporter(
    conn: impl PgExecutor<'_>,
    caller: &Caller,
    limit: i64,
) -> Result<Vec<Report>, sqlx::Error> {
    let rows = sqlx::query_as!(
        ReportRow,
        r#"
        select
            report_id, reporter_id, user_id, message_id, room_id, filter_id, category, note, snapshot, state,
            handled_by, outcome,
            (extract(epoch from created_at) * 1000)::bigint as "created_at_ms!",
            (extract(epoch from updated_at) * 1000)::bigint as "updated_at_ms!"
        from moderation.report
        where tenant_id = $1 and reporter_id = $2
        order by report_id desc
        limit $3
        "#,
        caller.tenant.as_str(),
        caller.user_id.0,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Report::from).collect())
}

/// Blanks the words of reports by or about a person; returns how many it blanked.
pub(crate) async fn update_blanked(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let blanked = sqlx::query!(
        r#"
        update moderation.report r
        set note = '', snapshot = ''
        from (
            select w.report_id
            from moderation.report w
            where w.tenant_id = $1 and (w.reporter_id = $2 or w.user_id = $2) and (w.note <> '' or w.snapshot <> '')
            limit $3
        ) w
        where r.tenant_id = $1 and r.report_id = w.report_id
        "#,
        tenant.as_str(),
        user_id.0,
        limit,
    )
    .execute(conn)
    .await?;
    Ok(blanked.rows_affected())
}
