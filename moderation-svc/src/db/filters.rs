//! SQL on `moderation.filter` and its revision.

use proto::id::{FilterId, Tenant, UserId};
use rpc::Caller;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::filters::{Action, Filter, NewFilter, Pattern, Pulled, TenantFilter};

struct FilterRow {
    filter_id: Uuid,
    pattern: String,
    action: String,
    created_by: Uuid,
    created_at_ms: i64,
}

impl From<FilterRow> for Filter {
    fn from(row: FilterRow) -> Self {
        Self {
            filter_id: FilterId(row.filter_id),
            pattern: row.pattern,
            action: stored(&row.action),
            created_by: UserId(row.created_by),
            created_at_ms: row.created_at_ms,
        }
    }
}

/// What is not known to be milder is the harder.
fn stored(action: &str) -> Action {
    Action::parse(action).unwrap_or(Action::Refuse)
}

/// Makes the next revision; its row stays locked until the end of the transaction.
pub(crate) async fn update_revision(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("update moderation.filter_revision set revision = revision + 1")
        .execute(conn)
        .await?;
    Ok(())
}

/// Stores a filter, or gives the one that has its pattern the new action.
pub(crate) async fn insert_filter(
    conn: &mut PgConnection,
    caller: &Caller,
    filter_id: FilterId,
    new_filter: &NewFilter,
) -> Result<Filter, sqlx::Error> {
    let row = sqlx::query_as!(
        FilterRow,
        r#"
        insert into moderation.filter (tenant_id, filter_id, pattern, pattern_folded, action, created_by)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (tenant_id, pattern_folded) do update
        set pattern = excluded.pattern, action = excluded.action, created_by = excluded.created_by
        returning
            filter_id, pattern, action, created_by,
            (extract(epoch from created_at) * 1000)::bigint as "created_at_ms!"
        "#,
        caller.tenant.as_str(),
        filter_id.0,
        new_filter.pattern.as_str(),
        new_filter.pattern.folded(),
        new_filter.action.as_str(),
        caller.user_id.0,
    )
    .fetch_one(conn)
    .await?;
    Ok(row.into())
}

/// Takes a filter away; `false` when it was not there.
pub(crate) async fn delete_filter(
    conn: &mut PgConnection,
    tenant: &Tenant,
    filter_id: FilterId,
) -> Result<bool, sqlx::Error> {
    let deleted = sqlx::query!(
        "delete from moderation.filter where tenant_id = $1 and filter_id = $2",
        tenant.as_str(),
        filter_id.0,
    )
    .execute(conn)
    .await?;
    Ok(deleted.rows_affected() == 1)
}

pub(crate) async fn find_filter(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    filter_id: FilterId,
) -> Result<Option<Filter>, sqlx::Error> {
    let row = sqlx::query_as!(
        FilterRow,
        r#"
        select
            filter_id, pattern, action, created_by,
            (extract(epoch from created_at) * 1000)::bigint as "created_at_ms!"
        from moderation.filter
        where tenant_id = $1 and filter_id = $2
        "#,
        tenant.as_str(),
        filter_id.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(Filter::from))
}

pub(crate) async fn find_by_pattern(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    pattern: &Pattern,
) -> Result<Option<Filter>, sqlx::Error> {
    let row = sqlx::query_as!(
        FilterRow,
        r#"
        select
            filter_id, pattern, action, created_by,
            (extract(epoch from created_at) * 1000)::bigint as "created_at_ms!"
        from moderation.filter
        where tenant_id = $1 and pattern_folded = $2
        "#,
        tenant.as_str(),
        pattern.folded(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(Filter::from))
}

pub(crate) async fn count_filters(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "filters!" from moderation.filter where tenant_id = $1"#,
        tenant.as_str(),
    )
    .fetch_one(conn)
    .await
}

pub(crate) async fn list_filters(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    limit: i64,
) -> Result<Vec<Filter>, sqlx::Error> {
    let rows = sqlx::query_as!(
        FilterRow,
        r#"
        select
            filter_id, pattern, action, created_by,
            (extract(epoch from created_at) * 1000)::bigint as "created_at_ms!"
        from moderation.filter
        where tenant_id = $1
        order by pattern_folded
        limit $2
        "#,
        tenant.as_str(),
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Filter::from).collect())
}

/// Finds the revision and, when it is another than the known one, every tenant's filters of that very moment.
pub(crate) async fn find_changed(
    conn: impl PgExecutor<'_>,
    known_revision: i64,
) -> Result<Pulled, sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        select
            r.revision, f.tenant_id as "tenant_id?", f.filter_id as "filter_id?", f.pattern as "pattern?",
            f.action as "action?"
        from moderation.filter_revision r
        left join moderation.filter f on r.revision <> $1
        order by f.tenant_id, f.filter_id
        "#,
        known_revision,
    )
    .fetch_all(conn)
    .await?;
    let revision = rows.first().map_or(0, |row| row.revision);
    let filters = rows.into_iter().filter_map(|row| {
        Some(TenantFilter {
            tenant: row.tenant_id?,
            filter_id: FilterId(row.filter_id?),
            pattern: row.pattern?,
            action: stored(&row.action?),
        })
    });
    Ok(Pulled {
        revision,
        filters: (revision != known_revision).then(|| filters.collect()),
    })
}
