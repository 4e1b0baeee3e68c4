//! How Postgres finds what is asked often: by an index, however large the tables have grown.

use std::{collections::HashMap, time::Duration};

use proto::room::{Delivered, ListMessagesRequest, MarkReadRequest, SearchMessagesRequest};
use sqlx::{
    AssertSqlSafe, Connection, Executor, PgConnection, PgPool, Row, postgres::PgPoolOptions,
};
use tokio::time::timeout;

use crate::world::{Person, World, key, talk::edit};

/// The tables that grow without bound.
const GROWING: [&str; 8] = [
    "message",
    "event",
    "member",
    "reaction",
    "read_mark",
    "thread",
    "hidden",
    "pin",
];
const CONNECTIONS: u32 = 4;
/// Within this a connection that is not in use can be had.
const GIVEN_BACK: Duration = Duration::from_secs(1);

/// Rooms, members, messages, threads, reactions and marks by the thousand, beside the room in question.
async fn grow(db: &PgPool, room: &str) {
    let rows = format!(
        "insert into room.room (tenant_id, room_id, name, name_folded, kind, topic, created_by)
         select 'default', md5('room' || i)::uuid, 'room ' || i, 'room ' || i, 'channel', '', md5('user0')::uuid
         from generate_series(1, 50) i;
         insert into room.member (tenant_id, room_id, user_id, name, name_folded, role, joined_seq)
         select 'default', r.room_id, md5('user' || i)::uuid, 'user' || i, 'user' || i, 'member', 0
         from room.room r, generate_series(1, 80) i;
         select count(*)
         from (values ('{room}'::uuid, 6000), (md5('room1')::uuid, 6000), (md5('room2')::uuid, 6000)) s (room, messages)
         cross join lateral (
             select array_agg('default'::text) as tenants, array_agg(case when i > 0 then s.room end) as rooms,
                    array_agg(md5('user' || i % 80)::uuid) as actors, array_agg(null::uuid) as sessions,
                    array_agg(null::text) as keys, array_agg(1::smallint) as kinds,
                    array_agg('{{\"body\":\"word' || i % 500 || ' common\",\"mentions\":[]' || case when i % 4 = 0 then
                        ',\"thread\":\"' || md5('thread' || s.room || i)::uuid || '\"' else '' end || '}}') as data,
                    array_agg(''::bytea) as fingerprints,
                    array_agg(md5(s.room::text || i)::uuid) as ids
             from generate_series(1, s.messages) i
         ) b
         cross join lateral stream.append(
             null, 'room.apply', b.tenants, b.rooms, b.actors, b.sessions, b.keys, b.kinds, b.data, b.fingerprints, b.ids
         ) a;
         insert into room.reaction (tenant_id, room_id, message_id, emoji, user_id)
         select 'default', g.room_id, g.message_id, '👍', md5('user' || i)::uuid
         from room.message g, generate_series(1, 3) i
         where g.seq % 5 = 0;
         insert into room.read_mark (tenant_id, user_id, room_id, thread_id, read_seq, delivered_seq)
         select m.tenant_id, m.user_id, m.room_id, '00000000-0000-0000-0000-000000000000', 0, 0
         from room.member m where m.name like 'user%';
         insert into room.hidden (tenant_id, user_id, message_id, room_id)
         select 'default', md5('user' || g.seq % 80)::uuid, g.message_id, g.room_id
         from room.message g where g.seq % 6 = 0;
         insert into room.pin (tenant_id, room_id, message_id, pinned_by)
         select 'default', md5('room' || g.seq % 50)::uuid, g.message_id, g.author
         from room.message g where g.seq % 8 = 0;
         analyze"
    );
    let mut conn = db.acquire().await.expect("a connection");
    (&mut *conn)
        .execute(sqlx::raw_sql(AssertSqlSafe(rows)))
        .await
        .expect("many rows");
}

/// What people read in a room that has grown.
async fn read_all(ada: &Person, room: &str, message_id: &str, thread: &str) {
    let page = |thread: &str| ListMessagesRequest {
        room: room.into(),
        thread: thread.into(),
        ..ListMessagesRequest::default()
    };
    for thread in ["", thread] {
        for (before, after) in [(0, 0), (i64::MAX, 0), (0, 3_000)] {
            let request = ListMessagesRequest {
                before,
                after,
                ..page(thread)
            };
            let page = ada.reads(request).await.expect("a page");
            assert_eq!(page.messages.len(), 50);
        }
    }
    ada.finds(message_id).await.expect("found");
    for room in ["", room] {
        for query in ["word7", "common"] {
            let request = SearchMessagesRequest {
                query: query.into(),
                room: room.into(),
                ..SearchMessagesRequest::default()
            };
            let found = ada.searches(request).await.expect("found");
            assert!(!found.messages.is_empty());
        }
    }
}

/// What people do beside reading.
async fn do_all(ada: &Person, room: &str, message_id: &str, thread: &str) {
    ada.joins(room).await.expect("joined");
    assert_eq!(ada.counter(room).await.unread, 1_000);
    ada.threads(room).await;
    ada.lists_pins(room).await.expect("pins");
    ada.lists_receipts(room).await.expect("receipts");
    let mark = MarkReadRequest {
        room: room.into(),
        thread: thread.into(),
        seq: 0,
        key: key(),
    };
    ada.marks(mark).await.expect("marked");
    ada.has_read(room, 0).await.expect("marked");
    let delivered = Delivered {
        room_id: room.into(),
        seq: 9,
    };
    ada.delivers(vec![delivered]).await.expect("delivered");
    ada.reacts(room, message_id, "🎉", true)
        .await
        .expect("reacted");
    ada.reacts(room, message_id, "🎉", false)
        .await
        .expect("reacted");
    ada.pins(room, message_id, true).await.expect("pinned");
    ada.pins(room, message_id, false).await.expect("unpinned");
    let said = ada.says(room, "hi @user7").await.expect("sent");
    ada.answers(room, &said.message_id, "ho")
        .await
        .expect("sent");
    ada.edits(edit(room, &said.message_id, "hi @user8", 1))
        .await
        .expect("edited");
    ada.hides(room, &said.message_id).await.expect("hidden");
    let said = ada.says(room, "hi").await.expect("sent");
    ada.retracts(room, &said.message_id).await.expect("deleted");
}

/// The plans of everything that was prepared on a connection, with parameters that are not known.
async fn plans(conn: &mut PgConnection) -> Vec<(String, String)> {
    let prepared =
        "select name, statement, cardinality(parameter_types) from pg_prepared_statements";
    let rows = conn
        .fetch_all(sqlx::raw_sql(prepared))
        .await
        .expect("statements");
    let mut plans = Vec::new();
    for row in rows {
        let (name, statement): (String, String) = (row.get(0), row.get(1));
        // What has no plan, and what looks through everything young in turn.
        let is_asked = statement.contains("room.") || statement.contains("stream.event");
        if !is_asked || statement.contains("make_interval") {
            continue;
        }
        let nulls = vec!["null"; row.get::<i32, _>(2).unsigned_abs() as usize].join(", ");
        let explain = format!(
            "set plan_cache_mode = force_generic_plan;
             explain (costs off) execute \"{name}\"({nulls})"
        );
        let lines = conn
            .fetch_all(sqlx::raw_sql(AssertSqlSafe(explain)))
            .await
            .expect("a plan");
        let lines: Vec<String> = lines.iter().map(|line| line.get(0)).collect();
        plans.push((statement, lines.join("\n")));
    }
    plans
}

#[tokio::test]
async fn what_is_asked_often_is_found_by_an_index() {
    let world = World::new().await;
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .connect_with(world.db.connect_options().as_ref().clone())
        .await
        .expect("a pool");
    let ada = world.person("Ada").await.at(world.app_over(pool.clone()));
    let room = ada.creates("talk").await.room_id;
    let thread = ada.opens("#talk", "Plans").await.expect("opened").thread_id;
    let root = ada.says("#talk", "root").await.expect("sent").message_id;
    grow(&world.db, &room).await;
    for number in 0..60 {
        ada.answers(&room, &thread, &format!("answer {number}"))
            .await
            .expect("sent");
    }
    read_all(&ada, &room, &root, &thread).await;
    do_all(&ada, &room, &root, &thread).await;

    let (mut seen, mut pages) = (0, 0);
    let mut connections = Vec::new();
    // Whoever used one gives it back a moment after the answer; the log's writer keeps its own.
    while let Ok(Ok(connection)) = timeout(GIVEN_BACK, pool.acquire()).await {
        connections.push(connection);
    }
    for connection in &mut connections {
        for (statement, plan) in plans(connection).await {
            seen += 1;
            for table in GROWING {
                let whole = format!("Seq Scan on {table} ");
                assert!(!plan.contains(&whole), "{statement}\n{plan}");
            }
            // A page of history walks along its index and stops; it never collects a room.
            if statement.contains("g.lane = $4") {
                pages += 1;
                let is_walk = !plan.contains("Sort") && !plan.contains("Bitmap");
                assert!(is_walk, "{statement}\n{plan}");
            }
        }
    }
    assert!(seen > 30 && pages >= 2, "{seen} statements were looked at");
}

/// The statements inside the log's hooks have no plan of their own to show: what they scanned is counted instead.
#[tokio::test]
async fn the_guard_and_what_it_lets_pass_scan_no_table() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let room = ada.creates("talk").await.room_id;
    grow(&world.db, &room).await;
    let mut conn = world.db.acquire().await.expect("a connection");
    let mut tx = conn.begin().await.expect("a transaction");
    let before = scans(&mut tx).await;
    let call = format!(
        "select count(*) filter (where a.outcome = 'new'), count(*)
         from (
             select array_agg('default'::text) as tenants, array_agg(case when i > 0 then '{room}'::uuid end) as rooms,
                    array_agg(md5('user' || i)::uuid) as actors, array_agg(null::uuid) as sessions,
                    array_agg(null::text) as keys, array_agg(1::smallint) as kinds,
                    array_agg('{{\"body\":\"hi\",\"mentions\":[]}}'::text) as data,
                    array_agg(''::bytea) as fingerprints, array_agg(gen_random_uuid()) as ids
             from generate_series(1, 100) i
         ) b
         cross join lateral stream.append(
             'room.may_append', 'room.apply', b.tenants, b.rooms, b.actors, b.sessions, b.keys, b.kinds, b.data,
             b.fingerprints, b.ids
         ) a"
    );
    let one_by_one = format!(
        "select count(*) filter (where a.outcome = 'new'), count(*)
         from generate_series(1, 100) i
         cross join lateral stream.append_alone(
             'room.may_append', 'room.apply', 'default', '{room}', md5('user' || i)::uuid, null, null, 1::smallint,
             '{{\"body\":\"hi\",\"mentions\":[]}}', '', gen_random_uuid()
         ) a"
    );
    for call in [call, one_by_one] {
        for _ in 0..8 {
            let row = (&mut *tx)
                .fetch_one(sqlx::raw_sql(AssertSqlSafe(call.clone())))
                .await
                .expect("a call");
            // Of a hundred, eighty are in the room.
            assert_eq!((row.get::<i64, _>(0), row.get::<i64, _>(1)), (80, 100));
        }
    }
    let after = scans(&mut tx).await;
    let mut by_index = 0;
    for (table, (whole, index)) in after {
        let known = before.get(&table).copied().unwrap_or_default();
        by_index += index - known.1;
        assert!(
            !GROWING.contains(&table.as_str()) || whole == known.0,
            "{table} was read whole {} times",
            whole - known.0
        );
    }
    assert!(by_index > 400, "{by_index}");
}

/// A counter costs what it counts, however much the room holds.
#[tokio::test]
async fn counting_reads_no_more_than_it_tells() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let room = ada.creates("talk").await.room_id;
    grow(&world.db, &room).await;
    let mut conn = world.db.acquire().await.expect("a connection");
    let mut tx = conn.begin().await.expect("a transaction");
    let before = fetched(&mut tx).await;
    let count = format!(
        "select u.unread
         from room.unread(
             'default', '{}', '{room}', '00000000-0000-0000-0000-000000000000', 0
         ) u",
        ada.id()
    );
    let row = (&mut *tx)
        .fetch_one(sqlx::raw_sql(AssertSqlSafe(count)))
        .await
        .expect("a count");
    assert_eq!(row.get::<i64, _>(0), 1_000);
    let counted = fetched(&mut tx).await - before;
    assert!((1_000..1_100).contains(&counted), "{counted}");
}

/// How many messages this connection has read by an index.
async fn fetched(conn: &mut PgConnection) -> i64 {
    let fetched = "select idx_tup_fetch + seq_tup_read
                   from pg_stat_xact_user_tables
                   where schemaname = 'room' and relname = 'message'";
    let row = conn.fetch_one(sqlx::raw_sql(fetched)).await;
    row.expect("a count").get(0)
}

/// How often each table was read whole, and by an index, by this connection.
async fn scans(conn: &mut PgConnection) -> HashMap<String, (i64, i64)> {
    let scans = "select relname::text, seq_scan, coalesce(idx_scan, 0)
                 from pg_stat_xact_user_tables
                 where schemaname = 'room'";
    let rows = conn.fetch_all(sqlx::raw_sql(scans)).await.expect("counts");
    rows.iter()
        .map(|row| (row.get(0), (row.get(1), row.get(2))))
        .collect()
}
