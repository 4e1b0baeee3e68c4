//! VerifyAudit: what was tampered with is found.

use futures::future::join_all;
use proto::moderation::WarnUserRequest;

use crate::{
    neighbours,
    world::{World, assert_no_admin, key},
};

/// Writes rows as any service does.
async fn write_rows(world: &World, count: u32) {
    let sql = format!(
        "select moderation.record_act('default', null, 'test', i::text, jsonb_build_object('n', i))
         from generate_series(1, {count}) i"
    );
    neighbours::run(&world.db, sql).await;
}

/// Does what only a superuser can.
async fn tampers(world: &World, sql: &str) {
    let sql = format!(
        "alter table moderation.audit disable trigger audit_append_only;
         {sql};
         alter table moderation.audit enable trigger audit_append_only;"
    );
    neighbours::run(&world.db, sql).await;
}

/// Seals a row anew, as one would who knows how.
const RESEAL: &str = "update moderation.audit set hash = moderation.audit_hash(
    prev_hash, tenant_id, seq, at, actor, action, subject, detail) where seq = 3";

#[tokio::test]
async fn a_log_that_nobody_touched_is_intact() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let empty = ada.verifies_audit().await.expect("a verdict");
    assert_eq!(
        (empty.rows, empty.is_intact, empty.first_broken),
        (0, true, 0)
    );
    // More than one page of it.
    write_rows(&world, 4_100).await;
    let acts = (0..10).map(|_| {
        ada.warns(WarnUserRequest {
            user_id: bob.id(),
            reason: "spam".into(),
            key: key(),
        })
    });
    for warned in join_all(acts).await {
        warned.expect("warned");
    }
    let verdict = ada.verifies_audit().await.expect("a verdict");
    assert_eq!(
        (verdict.rows, verdict.is_intact, verdict.first_broken),
        (4_110, true, 0)
    );
    assert_no_admin(bob.verifies_audit().await);
}

#[tokio::test]
async fn what_a_superuser_changed_is_found_where_it_was_changed() {
    for (change, first_broken) in [
        (
            "update moderation.audit set detail = '{}' where seq = 3".to_owned(),
            3,
        ),
        (
            "update moderation.audit set actor = gen_random_uuid() where seq = 3".to_owned(),
            3,
        ),
        (
            "update moderation.audit set at = at + interval '1 ms' where seq = 3".to_owned(),
            3,
        ),
        ("delete from moderation.audit where seq = 3".to_owned(), 3),
        ("delete from moderation.audit where seq >= 7".to_owned(), 7),
        ("delete from moderation.audit".to_owned(), 1),
        // Sealed anew, the row no longer fits the one after it.
        (
            format!("update moderation.audit set detail = '{{}}' where seq = 3; {RESEAL}"),
            4,
        ),
        // At the very end, it no longer fits the head.
        (
            format!(
                "update moderation.audit set subject = 'x' where seq = 8; {}",
                RESEAL.replace("= 3", "= 8")
            ),
            8,
        ),
    ] {
        let world = World::new().await;
        let ada = world.admin("Ada").await;
        write_rows(&world, 8).await;
        tampers(&world, &change).await;
        let verdict = ada.verifies_audit().await.expect("a verdict");
        assert_eq!(
            (verdict.is_intact, verdict.first_broken),
            (false, first_broken),
            "{change}"
        );
    }
}

#[tokio::test]
async fn rows_cannot_be_changed_by_mistake() {
    let world = World::new().await;
    write_rows(&world, 2).await;
    for sql in [
        "update moderation.audit set detail = '{}'",
        "delete from moderation.audit where seq = 2",
        "truncate moderation.audit",
    ] {
        let refused = sqlx::raw_sql(sql).execute(&world.db).await;
        let refused = refused.expect_err("a refusal").to_string();
        assert!(refused.contains("never changed"), "{refused}");
    }
}
