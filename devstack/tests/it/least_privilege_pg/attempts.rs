//! Statements that are tried, and whether Postgres let them through.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::things::Relation;

/// Postgres has no right for it.
const DENIED: &str = "42501";
/// Nobody could: one cannot insert into any view, nor truncate one.
const NOT_POSSIBLE: [&str; 2] = ["55000", "42809"];

/// What no service may do, whatever the table says; `OWN` is its own schema.
pub(crate) const ALWAYS_REFUSED: [&str; 22] = [
    "create table OWN.stolen (n int)",
    "create table public.stolen (n int)",
    "create table stream.stolen (n int)",
    "create temporary table stolen (n int)",
    "create schema stolen",
    "create view OWN.stolen as select 1",
    "create function OWN.stolen() returns int language sql as 'select 1'",
    "drop schema OWN cascade",
    "drop table stream.event",
    "drop function stream.actor_lock(text, uuid)",
    "alter table stream.event add column stolen int",
    "alter table moderation.audit disable trigger all",
    "create or replace view auth.person as select 1",
    "create trigger stolen before insert on stream.event execute function moderation.refuse_change()",
    "alter function stream.actor_lock(text, uuid) volatile",
    "create role stolen",
    "alter role hubbub_owner password 'stolen'",
    "set role hubbub_owner",
    "set session authorization hubbub",
    "set session_replication_role = replica",
    "copy (select 1) to program 'true'",
    "select pg_read_file('postgresql.conf')",
];

/// One statement for each right on a table or view. `explain` asks for the same rights as the statement itself.
pub(crate) fn per_table(relation: &Relation) -> [(&'static str, String); 5] {
    let (target, column) = (relation.target(), &relation.column);
    [
        ("select", format!("explain select from {target}")),
        (
            "insert",
            format!("explain insert into {target} default values"),
        ),
        (
            "update",
            format!("explain update {target} set {column} = null"),
        ),
        ("delete", format!("explain delete from {target}")),
        ("truncate", format!("truncate {target} cascade")),
    ]
}

/// Whether a statement is let through; it is undone.
pub(crate) async fn is_let(connection: &mut PgConnection, statement: &str) -> bool {
    let mut tx = connection.begin().await.expect("a transaction");
    let done = tx.execute(AssertSqlSafe(statement)).await;
    tx.rollback().await.expect("undone");
    let Err(error) = done else {
        return true;
    };
    let code = code(&error);
    let is_refusal = code == DENIED || NOT_POSSIBLE.contains(&code.as_str());
    assert!(is_refusal, "{statement}: {error}");
    false
}

/// The SQLSTATE of a refusal.
pub(crate) fn code(error: &sqlx::Error) -> String {
    let database = error.as_database_error();
    let code = database.and_then(sqlx::error::DatabaseError::code);
    code.unwrap_or_else(|| panic!("not a refusal: {error}"))
        .into_owned()
}
