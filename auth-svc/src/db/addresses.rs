//! SQL on `auth.address_seen`.

use std::net::IpAddr;

use proto::id::{Tenant, UserId};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::addresses::Sighting;

/// Notes that an account is used from an address, at most once an hour.
pub(crate) async fn insert_sighting(
    connection: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
    address: IpAddr,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        insert into auth.address_seen as seen (tenant_id, user_id, address)
        values ($1, $2, $3::text::inet)
        on conflict (tenant_id, user_id, address) do update
        set last_seen_at = now()
        where seen.last_seen_at < now() - interval '1 hour'
        "#,
        tenant.as_str(),
        user_id.0,
        address.to_string(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The same for many at once. An account that is gone is left out. They are written in one order everywhere, so that
/// nobody who does the same waits for us while we wait for them.
pub(crate) async fn insert_sightings(
    db: impl PgExecutor<'_>,
    seen: &[(Tenant, UserId, IpAddr)],
) -> Result<(), sqlx::Error> {
    let tenants: Vec<&str> = seen.iter().map(|(tenant, ..)| tenant.as_str()).collect();
    let users: Vec<Uuid> = seen.iter().map(|(_, user_id, _)| user_id.0).collect();
    let addresses: Vec<String> = seen.iter().map(|(.., it)| it.to_string()).collect();
    sqlx::query!(
        r#"
        insert into auth.address_seen as seen (tenant_id, user_id, address)
        select distinct said.tenant_id, said.user_id, said.address::inet as address
        from unnest($1::text[], $2::uuid[], $3::text[]) as said (tenant_id, user_id, address)
        join auth.account on account.tenant_id = said.tenant_id and account.user_id = said.user_id
        order by 1, 2, 3
        on conflict (tenant_id, user_id, address) do update
        set last_seen_at = now()
        where seen.last_seen_at < now() - interval '1 hour'
        "#,
        &tenants as &[&str],
        &users,
        &addresses,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Lists where an account was used from in so many days, latest first.
pub(crate) async fn list_sightings(
    db: impl PgExecutor<'_>,
    tenant: &Tenant,
    user_id: UserId,
    days: i32,
    limit: i64,
) -> Result<Vec<Sighting>, sqlx::Error> {
    sqlx::query_as!(
        Sighting,
        r#"
        select host(address) as "address!",
            (extract(epoch from first_seen_at) * 1000)::bigint as "first_seen_ms!",
            (extract(epoch from last_seen_at) * 1000)::bigint as "last_seen_ms!"
        from auth.address_seen
        where tenant_id = $1 and user_id = $2 and last_seen_at > now() - make_interval(days => $3)
        order by last_seen_at desc, address
        limit $4
        "#,
        tenant.as_str(),
        user_id.0,
        days,
        limit,
    )
    .fetch_all(db)
    .await
}

/// Forgets where an account was used from.
pub(crate) async fn delete_sightings(
    connection: &mut PgConnection,
    tenant: &Tenant,
    user_id: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from auth.address_seen where tenant_id = $1 and user_id = $2",
        tenant.as_str(),
        user_id.0,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets what nobody may ask for any more.
pub(crate) async fn delete_old_sightings(
    db: impl PgExecutor<'_>,
    days: i32,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        delete from auth.address_seen
        where (tenant_id, user_id, address) in (
            select tenant_id, user_id, address
            from auth.address_seen
            where last_seen_at < now() - make_interval(days => $1)
            limit 5000
        )
        "#,
        days,
    )
    .execute(db)
    .await?;
    Ok(())
}
