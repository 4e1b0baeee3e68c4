//! The other services as far as social-svc knows them: contract views over tables that tests write.

use proto::id::UserId;
use rpc::Caller;
use sqlx::{AssertSqlSafe, PgPool};

/// Makes the contract views of the other services.
pub(crate) async fn publish_views(db: &PgPool) {
    run(
        db,
        "create schema auth;
         create table auth.session_in_tests (tenant_id text, session_id uuid primary key, user_id uuid);
         create view auth.live_session as select tenant_id, session_id, user_id from auth.session_in_tests;
         create table auth.account_in_tests (
             tenant_id text, user_id uuid primary key, name text, name_folded text, is_admin boolean default false
         );
         create index on auth.account_in_tests (tenant_id, user_id);
         create unique index on auth.account_in_tests (tenant_id, name_folded);
         create view auth.person as
             select tenant_id, user_id, name, name_folded, is_admin from auth.account_in_tests;
         create schema moderation;
         create table moderation.ban_in_tests (tenant_id text, user_id uuid, until timestamptz);
         create view moderation.active_ban as select tenant_id, user_id, until from moderation.ban_in_tests;
         create table moderation.shadow_in_tests (tenant_id text, user_id uuid);
         create view moderation.shadow_ban as select tenant_id, user_id from moderation.shadow_in_tests;
         create schema room;
         create table room.member_in_tests (tenant_id text, user_id uuid, room_id uuid);
         create index on room.member_in_tests (tenant_id, user_id, room_id);
         create index on room.member_in_tests (tenant_id, room_id, user_id);
         create view room.membership as select tenant_id, user_id, room_id from room.member_in_tests;"
            .into(),
    )
    .await;
}

/// Makes an account and a session that is alive.
pub(crate) async fn sign_up(db: &PgPool, caller: &Caller) {
    let Caller {
        tenant,
        user_id,
        name,
        is_admin,
        session_id,
    } = caller;
    run(
        db,
        format!(
            "insert into auth.account_in_tests values
                 ('{tenant}', '{user_id}', '{name}', lower('{name}'), {is_admin});
             insert into auth.session_in_tests values ('{tenant}', '{session_id}', '{user_id}')"
        ),
    )
    .await;
}

/// Ends a session.
pub(crate) async fn log_out(db: &PgPool, caller: &Caller) {
    let session_id = caller.session_id;
    let sql = format!("delete from auth.session_in_tests where session_id = '{session_id}'");
    run(db, sql).await;
}

/// Takes an account away, as a deactivation or an erasure does.
pub(crate) async fn close(db: &PgPool, user_id: UserId) {
    let sql = format!("delete from auth.account_in_tests where user_id = '{user_id}'");
    run(db, sql).await;
}

/// Bans an account.
pub(crate) async fn ban(db: &PgPool, caller: &Caller) {
    let Caller {
        tenant, user_id, ..
    } = caller;
    let sql = format!("insert into moderation.ban_in_tests values ('{tenant}', '{user_id}', null)");
    run(db, sql).await;
}

/// Hides an account from all others.
pub(crate) async fn shadow(db: &PgPool, caller: &Caller) {
    let Caller {
        tenant, user_id, ..
    } = caller;
    let sql = format!("insert into moderation.shadow_in_tests values ('{tenant}', '{user_id}')");
    run(db, sql).await;
}

/// Puts people into a room of their own.
pub(crate) async fn meet(db: &PgPool, people: &[&Caller]) {
    let room = UserId::generate();
    for Caller {
        tenant, user_id, ..
    } in people
    {
        let sql =
            format!("insert into room.member_in_tests values ('{tenant}', '{user_id}', '{room}')");
        run(db, sql).await;
    }
}

/// Runs statements of tests.
pub(crate) async fn run(db: &PgPool, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(db)
        .await
        .expect("a statement of the tests");
}
