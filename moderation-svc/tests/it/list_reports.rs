//! ListReports.

use proto::{
    id::Tenant,
    moderation::{ListReportsRequest, UpdateReportRequest},
};

use crate::world::{World, assert_field, assert_no_admin, key, person_report};

#[tokio::test]
async fn the_queue_is_oldest_first_in_pages_and_leaves_out_what_is_closed() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let mut made = Vec::new();
    for _ in 0..6 {
        let filed = bob.reports(person_report("@ada")).await.expect("reported");
        made.push(filed.report_id);
    }
    for (index, state) in [(1, "in_review"), (2, "resolved"), (4, "dismissed")] {
        let step = UpdateReportRequest {
            report_id: made[index].clone(),
            state: state.into(),
            outcome: String::new(),
            key: key(),
        };
        ada.moves(step).await.expect("moved");
    }
    let listed = async |state: &str, limit: u32| {
        let (mut ids, mut page) = (Vec::new(), String::new());
        loop {
            let request = ListReportsRequest {
                state: state.into(),
                page,
                limit,
            };
            let answer = ada.lists_reports(request).await.expect("a page");
            ids.extend(answer.reports.into_iter().map(|report| report.report_id));
            page = answer.next_page;
            if page.is_empty() {
                return ids;
            }
        }
    };
    let pick = |indexes: &[usize]| -> Vec<String> {
        indexes.iter().map(|index| made[*index].clone()).collect()
    };
    assert_eq!(listed("", 2).await, pick(&[0, 1, 3, 5]));
    assert_eq!(listed("open", 0).await, pick(&[0, 3, 5]));
    assert_eq!(listed("in_review", 0).await, pick(&[1]));
    assert_eq!(listed("resolved", 1).await, pick(&[2]));
    assert_eq!(listed("dismissed", 0).await, pick(&[4]));
}

#[tokio::test]
async fn the_queue_is_for_this_tenant_s_administrators() {
    let world = World::new().await;
    let bob = world.person("Bob").await;
    world.person("Eve").await;
    bob.reports(person_report("@eve")).await.expect("reported");
    assert_no_admin(bob.lists_reports(ListReportsRequest::default()).await);
    let other: Tenant = "other".parse().expect("a tenant");
    let zoe = world.person_of("Zoe", true, other).await;
    let listed = zoe.lists_reports(ListReportsRequest::default()).await;
    assert!(listed.expect("the queue").reports.is_empty());
    let state = ListReportsRequest {
        state: "closed".into(),
        ..ListReportsRequest::default()
    };
    assert_field(zoe.lists_reports(state).await, "state");
    let page = ListReportsRequest {
        page: "x".into(),
        ..ListReportsRequest::default()
    };
    assert_field(zoe.lists_reports(page).await, "page");
}
