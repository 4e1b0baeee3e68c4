//! EraseUser.

use proto::moderation::{
    EraseUserRequest, ListReportsRequest, LiveConnection, ReportConnectionsRequest,
    moderation_service_server::ModerationService,
};
use redis::AsyncCommands;
use tonic::{Request, Status};

use crate::{
    neighbours,
    world::{Person, World, account_ban, assert_field, inner, message_report, person_report},
};

async fn erases(world: &World, tenant: &str, user_id: &str) -> Result<bool, Status> {
    let request = EraseUserRequest {
        tenant: tenant.into(),
        user_id: user_id.into(),
    };
    inner(world.app.erase_user(Request::new(request)).await).map(|answer| answer.is_done)
}

#[tokio::test]
async fn what_a_person_wrote_or_was_quoted_with_is_blanked() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let (eve, joe) = (world.person("Eve").await, world.person("Joe").await);
    let of_bob = world.rooms.post(&bob.caller, "my words");
    let of_joe = world.rooms.post(&joe.caller, "joe's words");
    eve.reports(message_report(of_bob)).await.expect("reported");
    bob.reports(person_report("@eve")).await.expect("reported");
    eve.reports(message_report(of_joe)).await.expect("reported");
    ada.bans(account_ban(&bob.id())).await.expect("banned");
    for _ in 0..2 {
        assert!(erases(&world, "default", &bob.id()).await.expect("erased"));
    }
    let queue = ada.lists_reports(ListReportsRequest::default()).await;
    let reports = queue.expect("the queue").reports;
    let words: Vec<_> = reports
        .iter()
        .map(|report| (report.snapshot.as_str(), report.note.as_str()))
        .collect();
    assert_eq!(words, [("", ""), ("", ""), ("joe's words", "look at this")]);
    // The ban stands, and so does the log of it.
    assert!(world.is_banned(&bob).await);
    assert!(ada.verifies_audit().await.expect("a verdict").is_intact);
}

#[tokio::test]
async fn a_session_s_name_is_forgotten_and_a_late_report_does_not_bring_it_back() {
    let world = World::new().await;
    let (bob, eve) = (world.person("Bob").await, world.person("Eve").await);
    let opened = [&bob, &eve].map(|person| LiveConnection {
        tenant: "default".into(),
        connection: Some(person.connection()),
    });
    world.reports("g1", opened.to_vec(), Vec::new()).await;
    let session = |person: &Person| {
        let session_id = person.caller.session_id;
        format!("hubbub:session:default:{session_id}")
    };
    assert_eq!(world.hash(&session(&bob)).await["username"], "Bob");
    for _ in 0..2 {
        assert!(erases(&world, "default", &bob.id()).await.expect("erased"));
        assert!(world.hash(&session(&bob)).await.is_empty());
        world.reports("g1", opened.to_vec(), Vec::new()).await;
        assert!(world.hash(&session(&bob)).await.is_empty());
    }
    // Nor does a round, in which the connection that still has it lives no longer than it would have.
    let connection = opened[0].connection.as_ref().expect("a connection");
    let key = format!("hubbub:conn:default:{}", connection.connection_id);
    let mut redis = world.redis().await;
    let _: () = redis.pexpire(&key, 5_000).await.expect("shortened");
    let round = ReportConnectionsRequest {
        gateway: "g1".into(),
        opened: opened.to_vec(),
        closed: Vec::new(),
        is_refresh: true,
    };
    world.tries_to_report(round).await.expect("reported");
    assert!(world.hash(&session(&bob)).await.is_empty());
    let ttl: i64 = redis.pttl(&key).await.expect("a time");
    assert!(ttl <= 5_000, "{ttl}");
    assert_eq!(world.hash(&session(&eve)).await["username"], "Eve");
}

#[tokio::test]
async fn much_is_blanked_in_several_calls() {
    let world = World::new().await;
    let (bob, eve) = (world.person("Bob").await, world.person("Eve").await);
    let sql = format!(
        "insert into moderation.report (tenant_id, report_id, reporter_id, user_id, category, note, snapshot, state)
         select 'default', gen_random_uuid(), '{}', '{}', 'spam', 'n', '', 'resolved'
         from generate_series(1, 1500)",
        eve.id(),
        bob.id(),
    );
    neighbours::run(&world.db, sql).await;
    assert!(
        erases(&world, "other", &bob.id())
            .await
            .expect("nothing there")
    );
    assert!(!erases(&world, "default", &bob.id()).await.expect("half"));
    assert!(erases(&world, "default", &bob.id()).await.expect("done"));
    let left = sqlx::query_scalar!(
        r#"select count(*) as "left!" from moderation.report where note <> '' or snapshot <> ''"#
    );
    assert_eq!(left.fetch_one(&world.db).await.expect("a count"), 0);
    assert_field(erases(&world, "*", &bob.id()).await, "tenant");
    assert_field(erases(&world, "default", "x").await, "user");
}
