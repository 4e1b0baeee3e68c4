//! What is asked often is answered from indexes, however many people there are: read from what the database counts of
//! its own work while the service is used.

use std::{collections::BTreeMap, time::Instant};

use proto::social::ListBlocksRequest;
use sqlx::Row;

use crate::{
    contracts,
    world::{Person, World, bonds},
};

/// What is read often.
const TABLES: [&str; 6] = [
    "friend",
    "friend_request",
    "block",
    "presence",
    "setting",
    "notification_read",
];

/// How often a table was read from end to end, and how often by an index.
type Reads = BTreeMap<String, (i64, i64)>;

#[tokio::test]
async fn lists_blocks_and_the_right_to_write_read_no_table_from_end_to_end() {
    let world = World::new().await;
    let [ada, bob, cyd, dan] = world.people(["Ada", "Bob", "Cyd", "Dan"]).await;
    world.befriends(&ada, &bob).await;
    ada.blocks(&cyd).await.expect("blocked");
    ada.asks(&dan).await.expect("asked");
    contracts::meet(&world.db, &[&ada.caller, &dan.caller]).await;
    fill(&world).await;

    let before = reads(&world).await;
    let friends = ada.bonds().await;
    assert_eq!(friends, bonds(&["Bob"], &[], &["Dan"]));
    let blocks = ada.list_blocks(ListBlocksRequest::default()).await;
    assert_eq!(blocks.expect("a list").blocks.len(), 1);
    assert_eq!(cyd.hidden().await, [""; 0]);
    assert_eq!(ada.hidden().await, [cyd.id()]);
    is_hidden(&world, &ada, &cyd).await;
    assert!(world.may_message(&ada, &bob).await);
    assert!(!world.may_message(&ada, &cyd).await);
    assert!(!world.may_message(&ada, &dan).await);
    assert_eq!(ada.sees_status(&dan).await, "offline");
    assert_eq!(ada.counts().await.friends, 1);
    assert_eq!(ada.notifications().await.len(), 1);
    assert_eq!(dan.bonds().await[1], ["Ada"]);

    let mut after = reads(&world).await;
    // A session that has just been given back hands its counts in with the next round.
    let asked = Instant::now();
    while TABLES
        .iter()
        .any(|table| after[*table].1 == before[*table].1)
    {
        assert!(
            asked.elapsed().as_secs() < 20,
            "not all were read: {after:?}"
        );
        after = reads(&world).await;
    }
    for table in TABLES {
        assert_eq!(
            after[table].0, before[table].0,
            "{table} was read from end to end"
        );
    }
}

/// One look of another service at the contract view.
async fn is_hidden(world: &World, viewer: &Person, hidden: &Person) {
    let is_hidden = sqlx::query_scalar!(
        r#"
        select exists (
            select 1 from social.block_edge where tenant_id = $1 and viewer_id = $2 and hidden_id = $3
        ) as "is_hidden!"
        "#,
        viewer.caller.tenant.as_str(),
        viewer.caller.user_id.0,
        hidden.caller.user_id.0,
    );
    assert!(is_hidden.fetch_one(&world.db).await.expect("an answer"));
}

/// Makes twenty thousand other people with friends, requests, blocks and settings of their own.
async fn fill(world: &World) {
    contracts::run(
        &world.db,
        "create temporary table crowd as select gen_random_uuid() as one, gen_random_uuid() as other
             from generate_series(1, 20000);
         insert into auth.account_in_tests
             select 'default', one, one::text, one::text from crowd
             union all select 'default', other, other::text, other::text from crowd;
         insert into social.friend (tenant_id, low_id, high_id)
             select 'default', least(one, other), greatest(one, other) from crowd;
         insert into social.friend_request (tenant_id, from_id, to_id, note)
             select 'default', one, other, '' from crowd;
         insert into social.block (tenant_id, user_id, blocked_id, is_mutual)
             select 'default', one, other, random() < 0.5 from crowd;
         insert into social.setting (tenant_id, user_id, direct_from) select 'default', one, 'shared' from crowd;
         insert into social.presence (tenant_id, user_id, text) select 'default', one, 'here' from crowd;
         insert into social.notification_read (tenant_id, user_id, seq) select 'default', one, 1 from crowd;
         insert into room.member_in_tests select 'default', one, other from crowd;
         drop table crowd"
            .into(),
    )
    .await;
    contracts::run(&world.db, "analyze".into()).await;
}

/// Reads the counts, once every session has handed in its own.
async fn reads(world: &World) -> Reads {
    let mut sessions = vec![world.db.acquire().await.expect("a session")];
    while let Some(session) = world.db.try_acquire() {
        sessions.push(session);
    }
    for session in &mut sessions {
        sqlx::raw_sql("select pg_stat_force_next_flush()")
            .execute(&mut **session)
            .await
            .expect("handed in");
    }
    let rows = sqlx::raw_sql(
        "select relname::text, seq_scan, coalesce(idx_scan, 0) from pg_stat_user_tables where schemaname = 'social'",
    )
    .fetch_all(&mut *sessions[0])
    .await
    .expect("counts");
    let reads = rows
        .into_iter()
        .map(|row| (row.get(0), (row.get(1), row.get(2))));
    reads.collect()
}
