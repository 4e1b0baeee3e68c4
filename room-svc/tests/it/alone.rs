//! The log's hooks for one entry do what those for a batch do.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, PgPool, Row};

use crate::world::World;

/// Every person in every room, with every session, for a message and for something else: what both guards say.
const GUARDS: &str = "
    select coalesce(together.reason, 'none'), coalesce(alone.reason, 'none')
    from (select m.user_id from room.member m union select gen_random_uuid()) p
    cross join room.room r
    cross join lateral (
        select s.session_id from auth.session_in_tests s union all values (null::uuid), (gen_random_uuid())
    ) s
    cross join (values (1::smallint), (2::smallint)) k (kind)
    left join lateral room.may_append(
        array['default'], array[r.room_id], array[p.user_id], array[s.session_id], array[k.kind]
    ) together on true
    cross join lateral room.may_append_alone('default', r.room_id, p.user_id, s.session_id, k.kind) alone (reason)";

/// What is kept of the messages of a room, without the room's own name in it.
const KEPT: &str = "
    select m.seq, m.author, m.mentions, m.at, ts_delete(m.search, '#' || m.room_id)::text,
           m.thread_id is not null, t.last_seq, t.created_by, t.created_at, t.title,
           (
               select max(p.last_sent_at) from room.member p
               where p.tenant_id = m.tenant_id and p.room_id = m.room_id and p.user_id = m.author
           )
    from room.message m
    left join room.thread t on t.tenant_id = m.tenant_id and t.thread_id = m.thread_id
    where m.room_id = ";

/// Rooms and people in every situation that the guard tells apart.
async fn situations(world: &World) {
    let ada = world.person("Ada").await;
    let mut rooms = Vec::new();
    for name in ["talk", "slow", "direct", "gone"] {
        rooms.push(ada.creates(name).await.room_id);
    }
    let names = [
        "Bob", "Cid", "Dan", "Eve", "Fay", "Gus", "Hal", "Ida", "Jan", "Kim",
    ];
    let mut people = Vec::new();
    for name in names {
        let person = world.person(name).await;
        for room in &rooms[..2] {
            person.joins(room).await.expect("joined");
        }
        people.push(person);
    }
    world.bans(&people[0]).await;
    world.mutes(&people[1]).await;
    for (person, until) in [
        (2, None),
        (3, Some("1 hour")),
        (4, Some("-1 minute")),
        (1, Some("2 hours")),
    ] {
        for room in &rooms[..2] {
            world.mutes_in(room, &people[person], until).await;
        }
    }
    people[5].says(&rooms[1], "just now").await.expect("sent");
    people[6].joins(&rooms[2]).await.expect("joined");
    world.slows(&rooms[1], 3_600_000).await;
    world.makes_direct(&rooms[2]).await;
    world.estranges(&ada, &people[6]).await;
    let slow = &rooms[1];
    let (muted, early, long_ago) = (people[7].id(), people[8].id(), people[9].id());
    world
        .run(format!(
            "insert into moderation.mute_in_tests values ('default', '{muted}', null);
             update room.member set last_sent_at = now() - interval '30 minutes' where room_id = '{slow}' and user_id = '{early}';
             update room.member set last_sent_at = now() - interval '2 hours' where room_id = '{slow}' and user_id = '{long_ago}'"
        ))
        .await;
    ada.deletes_room(&rooms[3]).await.expect("deleted");
}

#[tokio::test]
async fn alone_a_guard_says_what_it_says_in_a_batch() {
    let world = World::new().await;
    situations(&world).await;
    let mut seen = BTreeSet::new();
    let rows = sqlx::raw_sql(GUARDS).fetch_all(&world.db).await;
    for row in rows.expect("both answer") {
        let (together, alone) = (reason(row.get(0)), reason(row.get(1)));
        assert_eq!(together.0, alone.0);
        assert!(
            together.1.abs_diff(alone.1) < 10_000,
            "{together:?} {alone:?}"
        );
        seen.insert(alone.0);
    }
    let expected = [
        "BANNED",
        "NOT_A_MEMBER",
        "RECIPIENT_UNAVAILABLE",
        "ROOM_MUTED",
        "SLOW_MODE",
        "TOKEN_INVALID",
        "none",
    ];
    assert_eq!(seen, expected.map(str::to_owned).into());
}

/// A reason, and for how many milliseconds it holds.
fn reason(told: &str) -> (String, u64) {
    let (reason, lasts) = told.split_once(':').unwrap_or((told, "0"));
    (reason.to_owned(), lasts.parse().expect("milliseconds"))
}

#[tokio::test]
async fn alone_a_message_leaves_what_it_leaves_in_a_batch() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let mut kept = Vec::new();
    for (name, call) in [
        (
            "one",
            "room.apply_alone('default', '{room}', i.seq, i.id, '{ada}', i.kind, i.data, '2026-01-01')",
        ),
        (
            "many",
            "room.apply(array['default'], array['{room}'::uuid], array[i.seq], array[i.id], array['{ada}'::uuid],
                        array[i.kind], array[i.data], '2026-01-01')",
        ),
    ] {
        let room = ada.creates(name).await.room_id;
        world.slows(&room, 60_000).await;
        let call = call.replace("{room}", &room).replace("{ada}", &ada.id());
        world
            .run(format!(
                "select {call}
                 from (
                     select 100 + d.nth as seq, md5('{name}' || d.nth)::uuid as id, d.kind::smallint as kind,
                            replace(d.data, 'THREAD', md5('{name}')::uuid::text) as data
                     from (values
                         (1, 1, '{{\"body\":\"Hello Wörld\",\"mentions\":[]}}'),
                         (2, 1, '{{\"body\":\"first\",\"mentions\":[\"{ada}\"],\"thread\":\"THREAD\"}}'),
                         (3, 1, '{{\"body\":\"second\",\"thread\":\"THREAD\"}}'),
                         (4, 1, '{{}}'),
                         (5, 2, '{{\"body\":\"no message\"}}')
                     ) d (nth, kind, data)
                     order by d.nth
                 ) i",
                ada = ada.id()
            ))
            .await;
        kept.push(messages(&world.db, &room).await);
    }
    assert_eq!(kept[0].len(), 4);
    assert_eq!(kept[0], kept[1]);
    // Something is in them: words, a thread with its last message, and when the author last spoke.
    let all = kept[0].join("\n");
    for part in ["wörld", "103", "2026-01-01"] {
        assert!(all.contains(part), "{all}");
    }
}

async fn messages(db: &PgPool, room: &str) -> Vec<String> {
    let sql = format!("select k::text from ({KEPT} '{room}') k order by 1");
    let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(db).await;
    rows.expect("rows").iter().map(|row| row.get(0)).collect()
}
