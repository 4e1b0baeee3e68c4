//! SQL on `auth.signing_key`.

use sqlx::{PgConnection, PgExecutor};

/// A published key.
pub(crate) struct KeyRow {
    pub(crate) kid: String,
    pub(crate) public_key: Vec<u8>,
    pub(crate) sealed_private_key: Vec<u8>,
    pub(crate) is_active: bool,
    /// Postgres' clock, seconds since the epoch.
    pub(crate) now_s: i64,
}

/// Makes replicas rotate one after the other.
pub(crate) async fn lock_rotation(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('auth.signing_key', 0))")
        .fetch_one(connection)
        .await?;
    Ok(())
}

/// Whether there is no key or the newest is too old.
pub(crate) async fn is_key_due(
    connection: &mut PgConnection,
    rotation_days: i32,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        select not exists (
            select from auth.signing_key
            where created_at > now() - make_interval(days => $1)
        ) as "is_due!"
        "#,
        rotation_days,
    )
    .fetch_one(connection)
    .await
}

/// Adds a key that signs after `publish_ahead_s`, or at once if it is the only one.
pub(crate) async fn insert_key(
    connection: &mut PgConnection,
    kid: &str,
    public_key: &[u8],
    sealed_private_key: &[u8],
    publish_ahead_s: i32,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        insert into auth.signing_key (kid, public_key, sealed_private_key, active_from)
        select $1, $2, $3,
            now() + case when exists (select from auth.signing_key)
                then make_interval(secs => $4::integer) else interval '0' end
        "#,
        kid,
        public_key,
        sealed_private_key,
        publish_ahead_s,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Sets the end of every key before `kid`.
pub(crate) async fn update_predecessors(
    connection: &mut PgConnection,
    kid: &str,
    outlive_s: i32,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        update auth.signing_key as old
        set retire_at = new.active_from + make_interval(secs => $2::integer)
        from auth.signing_key as new
        where new.kid = $1 and old.kid <> $1 and old.retire_at is null
        "#,
        kid,
        outlive_s,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Lists every key that is not retired, newest first.
pub(crate) async fn list_keys(db: impl PgExecutor<'_>) -> Result<Vec<KeyRow>, sqlx::Error> {
    sqlx::query_as!(
        KeyRow,
        r#"
        select kid, public_key, sealed_private_key, active_from <= now() as "is_active!",
            floor(extract(epoch from now()))::bigint as "now_s!"
        from auth.signing_key
        where retire_at is null or retire_at > now()
        order by active_from desc, kid desc
        "#,
    )
    .fetch_all(db)
    .await
}

/// Deletes keys whose last token is over, with their private halves.
pub(crate) async fn delete_retired_keys(db: impl PgExecutor<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from auth.signing_key where retire_at <= now()")
        .execute(db)
        .await?;
    Ok(())
}
