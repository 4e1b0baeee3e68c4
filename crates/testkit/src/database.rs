//! A fresh database per test on a shared Postgres.

use std::time::{Duration, SystemTime};

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool, Row};
use uuid::Uuid;

/// Names the shared Postgres by the URL of its `postgres` database.
const VARIABLE: &str = "HUBBUB_TEST_POSTGRES";
const PREFIX: &str = "test_";
const KEPT_FOR: Duration = Duration::from_secs(3600);
const CONNECTIONS: u32 = 10;

/// Makes a database of this test alone and runs the migrations on it, in the given order.
///
/// It stays for an hour so that a failed test can be looked into.
///
/// # Panics
/// Panics when there is no Postgres for tests, or when a migration fails.
pub async fn database(migrators: &[&Migrator]) -> PgPool {
    let url = std::env::var_os(VARIABLE)
        .and_then(|url| url.into_string().ok())
        .expect("no Postgres for tests (HUBBUB_TEST_POSTGRES): run `cargo dev test`, or `cargo dev stores` in another terminal");
    let admin: PgConnectOptions = url.parse().expect("HUBBUB_TEST_POSTGRES is a Postgres URL");
    let name = format!("{PREFIX}{}", Uuid::now_v7().simple());
    let mut connection = PgConnection::connect_with(&admin)
        .await
        .expect("the Postgres for tests answers");
    drop_old(&mut connection).await;
    let create = AssertSqlSafe(format!("create database {name}"));
    connection
        .execute(create)
        .await
        .expect("the test user may create databases");
    let _ = connection.close().await;

    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .connect_with(admin.database(&name))
        .await
        .expect("the new database answers");
    for migrator in migrators {
        migrator.run(&pool).await.expect("the migrations run");
    }
    pool
}

/// Drops databases of long finished tests; a failure only means that another test is at it.
async fn drop_old(connection: &mut PgConnection) {
    let listed = connection
        .fetch_all("select datname::text from pg_database where datname like 'test\\_%'")
        .await;
    let names = listed
        .unwrap_or_default()
        .into_iter()
        .map(|row| row.get::<String, _>(0));
    for name in names.filter(|name| is_old(name)).take(10) {
        let _ = connection
            .execute(AssertSqlSafe(format!(
                "drop database if exists {name} with (force)"
            )))
            .await;
    }
}

fn is_old(name: &str) -> bool {
    let made = name
        .strip_prefix(PREFIX)
        .and_then(|id| Uuid::try_parse(id).ok())
        .and_then(|id| id.get_timestamp())
        .map(|timestamp| SystemTime::UNIX_EPOCH + Duration::from_secs(timestamp.to_unix().0));
    made.and_then(|made| made.elapsed().ok())
        .is_some_and(|age| age > KEPT_FOR)
}

#[cfg(test)]
mod tests {
    use super::is_old;

    #[test]
    fn only_old_names_of_ours_are_dropped() {
        assert!(is_old("test_0190000000007000800000000000abcd"));
        assert!(!is_old(&format!("test_{}", uuid::Uuid::now_v7().simple())));
        assert!(!is_old("test_of_somebody"));
        assert!(!is_old("hubbub"));
    }
}
