//! moderation-svc as far as auth-svc knows it: a view and a function in the database.

use proto::id::UserId;
use serde_json::Value;
use sqlx::{PgPool, Row};
use uuid::Uuid;

/// An entry of the audit log: actor, action, subject and detail.
pub(crate) type Act = (UserId, String, String, Value);

/// Makes the contracts of moderation-svc over tables that tests write and read.
pub(crate) async fn publish_contracts(db: &PgPool) {
    let made = sqlx::raw_sql(
        "create schema moderation;
         create table moderation.ban_in_tests (tenant_id text, user_id uuid, until timestamptz);
         create view moderation.active_ban as select tenant_id, user_id, until from moderation.ban_in_tests;
         create table moderation.act_in_tests (
             nth bigserial, tenant_id text, actor uuid, action text, subject text, detail jsonb
         );
         create function moderation.record_act(text, uuid, text, text, jsonb) returns void language sql as
             'insert into moderation.act_in_tests (tenant_id, actor, action, subject, detail)
              values ($1, $2, $3, $4, $5)';",
    );
    made.execute(db).await.expect("moderation's contracts");
}

/// Bans an account.
pub(crate) async fn ban(db: &PgPool, user_id: UserId) {
    #[expect(clippy::disallowed_methods, reason = "the table exists in tests only")]
    let banned = sqlx::query("insert into moderation.ban_in_tests values ('default', $1, null)");
    banned.bind(user_id.0).execute(db).await.expect("bans");
}

/// Lifts every ban.
pub(crate) async fn lift_bans(db: &PgPool) {
    #[expect(clippy::disallowed_methods, reason = "the table exists in tests only")]
    let lifted = sqlx::query("delete from moderation.ban_in_tests");
    lifted.execute(db).await.expect("lifts");
}

/// Makes the audit log refuse whatever comes.
pub(crate) async fn break_audit(db: &PgPool) {
    let broken = sqlx::raw_sql(
        "alter table moderation.act_in_tests add constraint broken check (false) not valid",
    );
    broken.execute(db).await.expect("breaks");
}

/// Returns the audit log.
pub(crate) async fn acts(db: &PgPool) -> Vec<Act> {
    #[expect(clippy::disallowed_methods, reason = "the table exists in tests only")]
    let rows = sqlx::query(
        "select actor, action, subject, detail from moderation.act_in_tests order by nth",
    );
    let rows = rows.fetch_all(db).await.expect("reads");
    rows.into_iter()
        .map(|row| {
            let actor: Uuid = row.get(0);
            (UserId(actor), row.get(1), row.get(2), row.get(3))
        })
        .collect()
}
