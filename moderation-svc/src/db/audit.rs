//! SQL on `moderation.audit`. Rows are written by `moderation.record_act` alone.

use proto::id::{Tenant, UserId};
use rpc::Caller;
use sqlx::{PgConnection, PgExecutor};

use crate::{
    audit::{Act, AuditRow, Link, Search, Stretch},
    pages::Paging,
};

pub(crate) async fn insert_act(
    conn: &mut PgConnection,
    caller: &Caller,
    act: &Act,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"select moderation.record_act($1, $2, $3, $4, $5)::text as "recorded?""#,
        caller.tenant.as_str(),
        caller.user_id.0,
        act.action,
        act.subject,
        act.detail,
    )
    .fetch_one(conn)
    .await?;
    Ok(())
}

pub(crate) async fn list_rows(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    search: &Search,
    paging: &Paging<i64>,
) -> Result<Vec<AuditRow>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        select
            seq, (extract(epoch from at) * 1000)::bigint as "at_ms!", actor, action, subject, detail,
            encode(hash, 'hex') as "hash!"
        from moderation.audit
        where tenant_id = $1 and ($2::uuid is null or actor = $2) and ($3::text is null or subject = $3)
            and ($4::text is null or action = $4) and ($5::bigint is null or seq < $5)
        order by seq desc
        limit $6
        "#,
        tenant.as_str(),
        search.actor.map(|actor| actor.0),
        search.subject,
        search.action,
        paging.after,
        paging.rows_to_read(),
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| AuditRow {
            seq: row.seq,
            at_ms: row.at_ms,
            actor: row.actor.map(UserId),
            action: row.action,
            subject: row.subject,
            detail: row.detail,
            hash: row.hash,
        })
        .collect())
}

/// Finds where a tenant's chain ends; the very beginning for one without rows.
pub(crate) async fn find_head(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
) -> Result<Link, sqlx::Error> {
    let row = sqlx::query!(
        "select seq, hash from moderation.audit_head where tenant_id = $1",
        tenant.as_str(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row
        .map(|row| Link {
            seq: row.seq,
            hash: row.hash,
        })
        .unwrap_or_default())
}

/// Recomputes the rows after a link of the chain, up to a seq. A row that is missing is where it breaks.
pub(crate) async fn find_stretch(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    after: &Link,
    last_seq: i64,
    limit: i64,
) -> Result<Stretch, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        with stretch as (
            select
                a.seq, a.hash, a.prev_hash,
                moderation.audit_hash(
                    a.prev_hash, a.tenant_id, a.seq, a.at, a.actor, a.action, a.subject, a.detail
                ) as sealed,
                lag(a.seq, 1, $2::bigint) over (order by a.seq) as seq_before,
                lag(a.hash, 1, $3::bytea) over (order by a.seq) as hash_before
            from (
                select tenant_id, seq, at, actor, action, subject, detail, prev_hash, hash
                from moderation.audit
                where tenant_id = $1 and seq > $2 and seq <= $4
                order by seq
                limit $5
            ) a
        )
        select
            count(*) as "rows!",
            min(
                case
                    when s.seq <> s.seq_before + 1 then s.seq_before + 1
                    when s.hash <> s.sealed or s.prev_hash <> s.hash_before then s.seq
                end
            ) as first_broken,
            max(s.seq) as last_seq,
            (array_agg(s.hash order by s.seq desc))[1] as last_hash
        from stretch s
        "#,
        tenant.as_str(),
        after.seq,
        after.hash,
        last_seq,
        limit,
    )
    .fetch_one(conn)
    .await?;
    Ok(Stretch {
        rows: row.rows,
        first_broken: row.first_broken,
        last: row
            .last_seq
            .zip(row.last_hash)
            .map(|(seq, hash)| Link { seq, hash }),
    })
}
