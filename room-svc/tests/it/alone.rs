//! The log's hooks for one entry do what those for a batch do.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, PgPool, Row};

use crate::world::{Person, World};

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

/// What is kept of the messages of a room, and of when its members last spoke. Ids are made of the room's name, and
/// stand here as whether they are the right ones.
const KEPT: &str = "
    select m.seq, m.author, m.mentions, m.at, ts_delete(m.search, '#' || m.room_id)::text as words,
           m.message_id = md5(r.name || m.seq)::uuid as is_named,
           m.thread_id = md5(r.name)::uuid as is_in_thread, t.room_id = m.room_id as is_thread_here,
           t.root_message = t.thread_id as is_root, t.last_seq, t.created_by, t.created_at, t.title,
           (
               select string_agg(p.name || coalesce(' ' || p.last_sent_at, ''), ', ' order by p.name)
               from room.member p
               where p.tenant_id = m.tenant_id and p.room_id = m.room_id
           ) as spoke
    from room.message m
    join room.room r on r.tenant_id = m.tenant_id and r.room_id = m.room_id
    left join room.thread t on t.tenant_id = m.tenant_id and t.thread_id = m.thread_id
    where m.room_id = ";

/// Four messages of two people, three of them about a thread, and something that is no message, one after the other.
const SAID: &str = r#"
    select {call}
    from (
        select d.seq::bigint as seq, md5('{name}' || d.seq)::uuid as id, d.kind::smallint as kind,
               d.author::uuid as author,
               replace(d.data, 'THREAD', md5('{name}')::uuid::text) as data
        from (values
            (101, 1, '{ada}', '{"body":"Hello Wörld","mentions":[]}'),
            (102, 1, '{bob}', '{"body":"first","mentions":["{ada}"],"thread":"THREAD"}'),
            (103, 1, '{ada}', '{"body":"second","thread":"THREAD"}'),
            (104, 1, '{ada}', '{}'),
            (105, 2, '{bob}', '{"body":"no message"}')
        ) d (seq, kind, author, data)
        order by d.seq
    ) i"#;

const ALONE: &str =
    "room.apply_alone('default', '{room}', i.seq, i.id, i.author, i.kind, i.data, '2026-01-01')";

const TOGETHER: &str = "
    room.apply(array['default'], array['{room}'::uuid], array[i.seq], array[i.id], array[i.author], array[i.kind],
               array[i.data], '2026-01-01')";

/// Ten people who are in these rooms.
async fn members(world: &World, rooms: &[String]) -> Vec<Person> {
    let names = [
        "Bob", "Cid", "Dan", "Eve", "Fay", "Gus", "Hal", "Ida", "Jan", "Kim",
    ];
    let mut people = Vec::new();
    for name in names {
        let person = world.person(name).await;
        for room in rooms {
            person.joins(room).await.expect("joined");
        }
        people.push(person);
    }
    people
}

/// Rooms and people in every situation that the guard tells apart.
async fn situations(world: &World) {
    let ada = world.person("Ada").await;
    let mut rooms = Vec::new();
    for name in ["talk", "slow", "direct", "gone", "left"] {
        rooms.push(ada.creates(name).await.room_id);
    }
    let people = members(world, &rooms[..2]).await;
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
    people[5].joins(&rooms[4]).await.expect("joined");
    world.makes_direct(&rooms[4]).await;
    world.mutes_in(&rooms[0], &people[5], None).await;
    let of = |person: usize| people[person].id();
    world
        .run(format!(
            "insert into moderation.mute_in_tests
             values ('default', '{always}', null), ('default', '{twice}', null),
                    ('default', '{no_more}', now() - interval '1 minute');
             update room.member set last_sent_at = now() - interval '30 minutes'
             where room_id = '{slow}' and user_id in ('{owner}', '{always}', '{early}');
             update room.member set last_sent_at = now() - interval '2 hours'
             where room_id = '{slow}' and user_id = '{long_ago}';
             insert into room.restriction (tenant_id, room_id, user_id, kind, by_user)
             values ('default', '{talk}', '{long_ago}', 'ban', '{owner}');
             delete from room.member where room_id = '{left}' and user_id = '{owner}';
             update room.room set deleted_at = now() where room_id = '{gone}'",
            always = of(7),
            twice = of(3),
            no_more = of(4),
            early = of(8),
            long_ago = of(9),
            owner = ada.id(),
            talk = rooms[0],
            slow = rooms[1],
            gone = rooms[3],
            left = rooms[4],
        ))
        .await;
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
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let cid = world.person("Cid").await;
    for (pace_ms, spoke) in [(60_000, 2), (0, 0)] {
        let mut kept = Vec::new();
        for (how, call) in [("alone", ALONE), ("together", TOGETHER)] {
            let name = format!("{how}{pace_ms}");
            let room = ada.creates(&name).await.room_id;
            for person in [&bob, &cid] {
                person.joins(&room).await.expect("joined");
            }
            world.slows(&room, pace_ms).await;
            let said = SAID
                .replace("{call}", call)
                .replace("{name}", &name)
                .replace("{room}", &room)
                .replace("{ada}", &ada.id())
                .replace("{bob}", &bob.id());
            world.run(said).await;
            kept.push(messages(&world.db, &room).await);
        }
        assert_eq!(kept[0], kept[1]);
        assert_eq!(kept[0].len(), 4);
        assert!(kept[0][0].contains("wörld"), "{kept:?}");
        assert!(kept[0][1].contains(",t,t,t,t,103,"), "{kept:?}");
        // In a room with a slow mode it is known when its two speakers last spoke, and that the third did not.
        assert_eq!(
            kept[0][3].matches("da 2026").count() + kept[0][3].matches("ob 2026").count(),
            spoke
        );
    }
}

async fn messages(db: &PgPool, room: &str) -> Vec<String> {
    let sql = format!("select k::text from ({KEPT} '{room}') k order by 1");
    let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(db).await;
    rows.expect("rows").iter().map(|row| row.get(0)).collect()
}
