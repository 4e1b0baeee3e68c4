//! The database's clock: the one that decides what is over.

use sqlx::PgExecutor;

pub(crate) async fn get_now_ms(conn: impl PgExecutor<'_>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"select (extract(epoch from now()) * 1000)::bigint as "now_ms!""#)
        .fetch_one(conn)
        .await
}
