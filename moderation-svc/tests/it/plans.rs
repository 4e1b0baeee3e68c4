//! What is asked at every message, log-in and page is answered from an index.

use crate::{neighbours, world::World};

/// Fills the tables, so that the planner has something to choose from.
const FILLED: &str = "
    insert into moderation.ban (tenant_id, ban_id, user_id, mode, reason, by_user_id, until, ended_at)
    select 'default', gen_random_uuid(), gen_random_uuid(), case when i % 5 = 0 then 'shadow' else 'enforce' end,
        'r', gen_random_uuid(), now() + i * interval '1 minute', case when i % 2 = 0 then now() end
    from generate_series(1, 20000) i;
    insert into moderation.mute (tenant_id, user_id, reason, by_user_id, until)
    select 'default', gen_random_uuid(), 'r', gen_random_uuid(), now() + interval '1 hour'
    from generate_series(1, 20000) i;
    insert into moderation.report (tenant_id, report_id, reporter_id, user_id, message_id, category, note, snapshot, state)
    select 'default', gen_random_uuid(), case when i % 10 = 1 then ID else gen_random_uuid() end, gen_random_uuid(),
        gen_random_uuid(), 'spam', '', '', case when i % 100 = 0 then 'open' else 'resolved' end
    from generate_series(1, 20000) i;
    select count(moderation.record_act('default', gen_random_uuid(), 'test', i::text, '{}'))
    from generate_series(1, 3000) i;
    analyze moderation.ban; analyze moderation.mute; analyze moderation.report; analyze moderation.audit;";

/// A question and the index that must answer it.
const QUESTIONS: [(&str, &str); 9] = [
    (
        "select 1 from moderation.active_ban where tenant_id = 'default' and user_id = ID",
        "ban_open_user",
    ),
    (
        "select 1 from moderation.shadow_ban where tenant_id = 'default' and user_id = ID",
        "ban_open_user",
    ),
    (
        "select until from moderation.active_mute where tenant_id = 'default' and user_id = ID",
        "mute_pkey",
    ),
    (
        "select ban_id from moderation.ban where ended_at is null and until <= now() order by until limit 100",
        "ban_open_until",
    ),
    (
        "select ban_id from moderation.ban where tenant_id = 'default' and ended_at is null order by ban_id desc limit 51",
        "ban_open",
    ),
    (
        "select report_id from moderation.report
         where tenant_id = 'default' and state in ('open', 'in_review') order by report_id limit 51",
        "report_waiting",
    ),
    (
        "select count(*) from moderation.report where tenant_id = 'default' and reporter_id = ID and state = 'open'",
        "report_reporter",
    ),
    (
        "select report_id from moderation.report where tenant_id = 'default' and reporter_id = ID and message_id = ID",
        "report_once",
    ),
    (
        "select seq from moderation.audit where tenant_id = 'default' and seq < 2000 order by seq desc limit 51",
        "audit_pkey",
    ),
];

#[tokio::test]
async fn hot_questions_are_answered_from_an_index() {
    let world = World::new().await;
    // Someone who reports a lot.
    let id = "'0190a0a0-0000-7000-8000-000000000000'::uuid";
    neighbours::run(&world.db, FILLED.replace("ID", id)).await;
    for (question, index) in QUESTIONS {
        let plan = neighbours::explain(&world.db, &question.replace("ID", id)).await;
        assert!(
            plan.contains(&format!("using {index} ")) || plan.contains(&format!("on {index} ")),
            "{question}\n{plan}"
        );
        assert!(!plan.contains("Seq Scan"), "{question}\n{plan}");
    }
}
