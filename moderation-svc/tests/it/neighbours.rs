//! auth-svc as far as moderation-svc knows it: three views in the database.

use rpc::Caller;
use sqlx::{AssertSqlSafe, PgPool, Row};

/// Makes the contract views over tables that tests write.
pub(crate) async fn publish_views(db: &PgPool) {
    let made = sqlx::raw_sql(
        "create schema auth;
         create table auth.session_in_tests (tenant_id text, session_id uuid primary key, user_id uuid);
         create view auth.live_session as select tenant_id, session_id, user_id from auth.session_in_tests;
         create table auth.person_in_tests (
             tenant_id text, user_id uuid, name text, name_folded text, is_admin boolean,
             primary key (tenant_id, user_id), unique (tenant_id, name_folded));
         create view auth.person as
             select tenant_id, user_id, name, name_folded, is_admin from auth.person_in_tests;
         create table auth.sighting_in_tests (
             tenant_id text, user_id uuid, address inet, first_seen_at timestamptz, last_seen_at timestamptz);
         create view auth.sighting as
             select tenant_id, user_id, address, first_seen_at, last_seen_at from auth.sighting_in_tests;",
    );
    made.execute(db).await.expect("auth-svc's contracts");
}

/// Makes an account with a session that is alive.
pub(crate) async fn sign_up(db: &PgPool, caller: &Caller) {
    run(
        db,
        format!(
            "insert into auth.session_in_tests values ('{tenant}', '{session}', '{user}');
             insert into auth.person_in_tests values ('{tenant}', '{user}', '{name}', lower('{name}'), {is_admin});",
            tenant = caller.tenant,
            session = caller.session_id,
            user = caller.user_id,
            name = caller.name,
            is_admin = caller.is_admin,
        ),
    )
    .await;
}

/// Ends a session, as a log-out does.
pub(crate) async fn end_session(db: &PgPool, caller: &Caller) {
    let session = caller.session_id;
    run(
        db,
        format!("delete from auth.session_in_tests where session_id = '{session}'"),
    )
    .await;
}

/// Takes the platform role away; the token still says ADMIN.
pub(crate) async fn demote(db: &PgPool, caller: &Caller) {
    let user = caller.user_id;
    run(
        db,
        format!("update auth.person_in_tests set is_admin = false where user_id = '{user}'"),
    )
    .await;
}

/// Lets an account be seen at an address, some days ago.
pub(crate) async fn sight(db: &PgPool, caller: &Caller, address: &str, days_ago: u32) {
    let (tenant, user) = (&caller.tenant, caller.user_id);
    let at = format!("now() - interval '{days_ago} days'");
    run(
        db,
        format!(
            "insert into auth.sighting_in_tests values ('{tenant}', '{user}', '{address}', {at}, {at})"
        ),
    )
    .await;
}

/// Runs statements on what stands behind the contracts, or that no program of ours would run.
pub(crate) async fn run(db: &PgPool, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(db)
        .await
        .expect("the statement runs");
}

/// How the database would answer a question.
pub(crate) async fn explain(db: &PgPool, question: &str) -> String {
    let rows = sqlx::raw_sql(AssertSqlSafe(format!("explain {question}")))
        .fetch_all(db)
        .await
        .expect("a plan");
    let lines = rows.iter().map(|row| row.get::<String, _>(0));
    lines.collect::<Vec<_>>().join("\n")
}
