//! UpdateReport.

use futures::future::join_all;
use proto::{event::Kind, id::Tenant, moderation::UpdateReportRequest, reason::Reason};
use serde_json::json;
use tonic::Code;

use crate::world::{
    Person, World, assert_field, assert_no_admin, assert_refused, json, key, person_report,
};

fn step(report_id: &str, state: &str) -> UpdateReportRequest {
    UpdateReportRequest {
        report_id: report_id.into(),
        state: state.into(),
        outcome: "spoke with them".into(),
        key: key(),
    }
}

async fn reported(by: &Person) -> String {
    let filed = by.reports(person_report("@eve")).await.expect("reported");
    filed.report_id
}

#[tokio::test]
async fn a_report_moves_on_and_its_reporter_hears_the_end_of_it() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let eve = world.person("Eve").await;
    let report_id = reported(&bob).await;
    let report = ada
        .moves(step(&report_id, "in_review"))
        .await
        .expect("moved");
    assert_eq!(
        (report.state.as_str(), report.handled_by.as_str()),
        ("in_review", ada.id().as_str())
    );
    assert_eq!(
        world.kinds(bob.caller.user_id).await,
        [Kind::ModerationNoted]
    );
    let resolve = step(&report_id, "resolved");
    let report = ada.moves(resolve.clone()).await.expect("moved");
    assert_eq!(
        (report.state.as_str(), report.outcome.as_str()),
        ("resolved", "spoke with them")
    );
    assert!(report.updated_at_ms >= report.created_at_ms);
    assert_eq!(
        ada.moves(resolve.clone()).await.expect("the first answer"),
        report
    );

    let feed = world.events(bob.caller.user_id).await;
    assert_eq!(
        world.kinds(bob.caller.user_id).await,
        [Kind::ModerationNoted, Kind::Notified]
    );
    let told = json(&feed[1].data);
    assert_eq!(told["kind"], "moderation");
    assert_eq!(
        told["data"],
        json!({ "report": report_id, "state": "resolved" })
    );
    assert!(!told.to_string().contains("spoke with them"));
    assert!(world.events(eve.caller.user_id).await.is_empty());
    let rows = world.audit().await;
    assert_eq!(
        rows[1],
        (
            ada.id(),
            "report.update".into(),
            report_id,
            json!({ "from": "in_review", "to": "resolved" })
        )
    );
    let other = UpdateReportRequest {
        outcome: "else".into(),
        ..resolve
    };
    assert_refused(
        ada.moves(other).await,
        Code::AlreadyExists,
        Reason::CONFLICT,
    );
}

#[tokio::test]
async fn a_report_never_goes_back() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    world.person("Eve").await;
    for (first, refused) in [
        ("in_review", ["open", "in_review"]),
        ("resolved", ["in_review", "dismissed"]),
        ("dismissed", ["resolved", "dismissed"]),
    ] {
        let report_id = reported(&bob).await;
        ada.moves(step(&report_id, first)).await.expect("moved");
        for next in refused {
            assert_refused(
                ada.moves(step(&report_id, next)).await,
                Code::AlreadyExists,
                Reason::CONFLICT,
            );
        }
    }
}

#[tokio::test]
async fn one_of_two_administrators_takes_it() {
    let world = World::new().await;
    let (ada, zoe) = (world.admin("Ada").await, world.admin("Zoe").await);
    let bob = world.person("Bob").await;
    world.person("Eve").await;
    let report_id = reported(&bob).await;
    let both = join_all([&ada, &zoe].map(|admin| admin.moves(step(&report_id, "in_review")))).await;
    assert_eq!(both.iter().filter(|answer| answer.is_ok()).count(), 1);
    let lost = both.into_iter().find(Result::is_err).expect("one lost");
    assert_refused(lost, Code::AlreadyExists, Reason::CONFLICT);
    assert_eq!(world.acts().await, ["report.update"]);
}

#[tokio::test]
async fn refusals() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    world.person("Eve").await;
    let report_id = reported(&bob).await;
    assert_no_admin(bob.moves(step(&report_id, "dismissed")).await);
    let other: Tenant = "other".parse().expect("a tenant");
    let zoe = world.person_of("Zoe", true, other).await;
    for (admin, id) in [(&zoe, report_id.clone()), (&ada, key())] {
        let unknown = admin.moves(step(&id, "resolved")).await;
        assert_refused(unknown, Code::NotFound, Reason::REPORT_NOT_FOUND);
    }
    assert_field(ada.moves(step("x", "resolved")).await, "report");
    assert_field(ada.moves(step(&report_id, "done")).await, "state");
    let long = UpdateReportRequest {
        outcome: "x".repeat(1_001),
        ..step(&report_id, "resolved")
    };
    assert_field(ada.moves(long).await, "outcome");
    let no_key = UpdateReportRequest {
        key: String::new(),
        ..step(&report_id, "resolved")
    };
    assert_field(ada.moves(no_key).await, "key");
}
