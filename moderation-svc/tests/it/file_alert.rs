//! FileAlert: what a filter reports by itself.

use proto::{
    id::{EventId, FilterId, RoomId, UserId},
    moderation::{FileAlertRequest, ListReportsRequest, UpdateReportRequest},
};

use crate::world::{World, assert_field, key};

fn alert_about(user_id: &str) -> FileAlertRequest {
    FileAlertRequest {
        tenant: "default".into(),
        filter_id: FilterId::generate().to_string(),
        message_id: EventId::generate().to_string(),
        room_id: RoomId::generate().to_string(),
        user_id: user_id.into(),
        snapshot: "sp4m".into(),
    }
}

#[tokio::test]
async fn a_message_comes_into_the_queue_once_per_filter() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let alert = alert_about(&bob.id());
    for _ in 0..3 {
        world.files(alert.clone()).await.expect("filed");
    }
    let second = FileAlertRequest {
        filter_id: FilterId::generate().to_string(),
        ..alert.clone()
    };
    world.files(second).await.expect("filed");
    let queue = ada.lists_reports(ListReportsRequest::default()).await;
    let reports = queue.expect("the queue").reports;
    assert_eq!(reports.len(), 2);
    let report = &reports[0];
    assert_eq!(
        (report.category.as_str(), report.reporter_id.as_str()),
        ("filter", "")
    );
    assert_eq!(
        (report.user_id.as_str(), report.snapshot.as_str()),
        (bob.id().as_str(), "sp4m")
    );
    assert_eq!(
        (report.message_id.as_str(), report.room_id.as_str()),
        (alert.message_id.as_str(), alert.room_id.as_str())
    );
    // Nobody waits for its outcome.
    let step = UpdateReportRequest {
        report_id: report.report_id.clone(),
        state: "dismissed".into(),
        outcome: String::new(),
        key: key(),
    };
    ada.moves(step).await.expect("dismissed");
    assert!(world.events(bob.caller.user_id).await.is_empty());
}

#[tokio::test]
async fn bad_alerts_are_told_apart() {
    let world = World::new().await;
    let alert = alert_about(&UserId::generate().to_string());
    for (field, bad) in [
        (
            "tenant",
            FileAlertRequest {
                tenant: "*".into(),
                ..alert.clone()
            },
        ),
        (
            "filter",
            FileAlertRequest {
                filter_id: "x".into(),
                ..alert.clone()
            },
        ),
        (
            "message",
            FileAlertRequest {
                message_id: String::new(),
                ..alert.clone()
            },
        ),
    ] {
        assert_field(world.files(bad).await, field);
    }
}
