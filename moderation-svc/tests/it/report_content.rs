//! ReportContent.

use futures::future::join_all;
use proto::{
    event::Kind,
    id::EventId,
    moderation::{ListReportsRequest, Report, ReportContentRequest},
    reason::Reason,
};
use tonic::Code;

use crate::{
    neighbours,
    world::{
        Person, World, account_ban, assert_field, assert_refused, key, message_report,
        person_report,
    },
};

async fn queue(admin: &Person) -> Vec<Report> {
    let listed = admin.lists_reports(ListReportsRequest::default()).await;
    listed.expect("the queue").reports
}

#[tokio::test]
async fn a_message_is_reported_with_what_it_said() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let eve = world.person("Eve").await;
    let message_id = world.rooms.post(&eve.caller, "buy my 🦀");
    let request = message_report(message_id);
    let filed = bob.reports(request.clone()).await.expect("reported");
    assert!(!filed.is_duplicate);
    let tokens = world.rooms.tokens.lock().expect("not poisoned").clone();
    assert_eq!(tokens, ["Bearer token-of-Bob"]);

    let reports = queue(&ada).await;
    let report = &reports[0];
    assert_eq!(
        (report.report_id.as_str(), report.reporter_id.as_str()),
        (filed.report_id.as_str(), bob.id().as_str())
    );
    assert_eq!(
        (report.user_id.as_str(), report.message_id.as_str()),
        (eve.id().as_str(), message_id.to_string().as_str())
    );
    assert_eq!(
        (report.snapshot.as_str(), report.note.as_str()),
        ("buy my 🦀", "look at this")
    );
    assert_eq!(
        (report.category.as_str(), report.state.as_str()),
        ("spam", "open")
    );
    assert!(!report.room_id.is_empty() && report.handled_by.is_empty());
    // Clients are told nothing of it, the accused least of all, and it is no administrator's act.
    assert_eq!(
        world.kinds(bob.caller.user_id).await,
        [Kind::ModerationNoted]
    );
    assert!(world.events(eve.caller.user_id).await.is_empty());
    assert!(world.acts().await.is_empty());

    // Though the message is gone by now, the same request gives the first answer.
    world.rooms.hide(message_id);
    let again = bob
        .reports(request.clone())
        .await
        .expect("the first answer");
    assert_eq!(
        (again.report_id, again.is_duplicate),
        (filed.report_id, true)
    );
    let other = ReportContentRequest {
        category: "abuse".into(),
        ..request
    };
    assert_refused(
        bob.reports(other).await,
        Code::AlreadyExists,
        Reason::CONFLICT,
    );
    assert_eq!(queue(&ada).await.len(), 1);
}

#[tokio::test]
async fn a_message_is_reported_once_by_each() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let eve = world.person("Eve").await;
    let message_id = world.rooms.post(&eve.caller, "spam");
    let all = join_all((0..6).map(|_| bob.reports(message_report(message_id)))).await;
    let all: Vec<_> = all
        .into_iter()
        .map(|filed| filed.expect("reported"))
        .collect();
    assert!(all.iter().all(|filed| filed.report_id == all[0].report_id));
    assert_eq!(all.iter().filter(|filed| !filed.is_duplicate).count(), 1);
    ada.reports(message_report(message_id))
        .await
        .expect("reported");
    assert_eq!(queue(&ada).await.len(), 2);
}

#[tokio::test]
async fn a_person_is_reported_by_name() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let eve = world.person("Eve").await;
    let request = person_report("@EVE");
    bob.reports(request.clone()).await.expect("reported");
    let again = bob.reports(request).await.expect("the first answer");
    assert!(again.is_duplicate);
    let reports = queue(&ada).await;
    assert_eq!(reports.len(), 1);
    assert_eq!(
        (reports[0].user_id.as_str(), reports[0].message_id.as_str()),
        (eve.id().as_str(), "")
    );
    assert_eq!(reports[0].snapshot, "");
}

#[tokio::test]
async fn what_one_cannot_see_one_cannot_report() {
    let world = World::new().await;
    let bob = world.person("Bob").await;
    let unknown = bob.reports(message_report(EventId::generate())).await;
    assert_refused(unknown, Code::NotFound, Reason::MESSAGE_NOT_FOUND);
    for nobody in [key(), "@nobody".into()] {
        let unknown = bob.reports(person_report(&nobody)).await;
        assert_refused(unknown, Code::NotFound, Reason::USER_NOT_FOUND);
    }
    assert!(world.events(bob.caller.user_id).await.is_empty());
}

#[tokio::test]
async fn twenty_reports_may_wait() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    world.person("Eve").await;
    for _ in 0..20 {
        bob.reports(person_report("@eve")).await.expect("reported");
    }
    let refused = bob.reports(person_report("@eve")).await;
    assert_refused(refused, Code::ResourceExhausted, Reason::QUOTA);
    // One that is looked at makes room.
    let first = queue(&ada).await.remove(0);
    let step = proto::moderation::UpdateReportRequest {
        report_id: first.report_id,
        state: "in_review".into(),
        outcome: String::new(),
        key: key(),
    };
    ada.moves(step).await.expect("in review");
    bob.reports(person_report("@eve")).await.expect("reported");
}

#[tokio::test]
async fn whoever_may_do_nothing_reports_nothing() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let eve = world.person("Eve").await;
    let message_id = world.rooms.post(&eve.caller, "hi");
    neighbours::end_session(&world.db, &eve.caller).await;
    let ended = eve.reports(message_report(message_id)).await;
    assert_refused(ended, Code::Unauthenticated, Reason::TOKEN_INVALID);
    ada.bans(account_ban(&bob.id())).await.expect("banned");
    let banned = bob.reports(message_report(message_id)).await;
    assert_refused(banned, Code::PermissionDenied, Reason::BANNED);
    assert!(world.rooms.tokens.lock().expect("not poisoned").is_empty());
}

#[tokio::test]
async fn bad_requests_are_told_apart() {
    let world = World::new().await;
    let bob = world.person("Bob").await;
    let report = message_report(EventId::generate());
    for (field, request) in [
        ("user", person_report("")),
        (
            "message",
            ReportContentRequest {
                message_id: "x".into(),
                ..report.clone()
            },
        ),
        (
            "message",
            ReportContentRequest {
                user_id: bob.id(),
                ..report.clone()
            },
        ),
        (
            "category",
            ReportContentRequest {
                category: "filter".into(),
                ..report.clone()
            },
        ),
        (
            "note",
            ReportContentRequest {
                note: "x".repeat(1_001),
                ..report.clone()
            },
        ),
        (
            "key",
            ReportContentRequest {
                key: String::new(),
                ..report.clone()
            },
        ),
    ] {
        assert_field(bob.reports(request).await, field);
    }
}
