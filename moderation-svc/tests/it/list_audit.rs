//! ListAudit, and what every service writes there.

use proto::{
    id::Tenant,
    moderation::{AuditRow, ListAuditRequest, WarnUserRequest},
};

use crate::{
    neighbours,
    world::{Person, World, account_ban, assert_field, assert_no_admin, key},
};

async fn warns(admin: &Person, user: &Person) {
    let request = WarnUserRequest {
        user_id: user.id(),
        reason: "spam".into(),
        key: key(),
    };
    admin.warns(request).await.expect("warned");
}

async fn listed(admin: &Person, request: ListAuditRequest) -> Vec<AuditRow> {
    admin.lists_audit(request).await.expect("rows").rows
}

#[tokio::test]
async fn acts_come_newest_first_in_pages() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    for _ in 0..5 {
        warns(&ada, &bob).await;
    }
    let (mut seqs, mut page) = (Vec::new(), String::new());
    loop {
        let request = ListAuditRequest {
            page,
            limit: 2,
            ..ListAuditRequest::default()
        };
        let answer = ada.lists_audit(request).await.expect("a page");
        seqs.extend(answer.rows.iter().map(|row| row.seq));
        page = answer.next_page;
        if page.is_empty() {
            break;
        }
    }
    assert_eq!(seqs, [5, 4, 3, 2, 1]);
    let rows = listed(&ada, ListAuditRequest::default()).await;
    assert!(rows.iter().all(|row| row.hash.len() == 64 && row.at_ms > 0));
    assert!(rows.windows(2).all(|pair| pair[0].at_ms >= pair[1].at_ms));
}

#[tokio::test]
async fn rows_are_found_by_actor_subject_and_action() {
    let world = World::new().await;
    let (ada, eve) = (world.admin("Ada").await, world.admin("Eve").await);
    let (bob, joe) = (world.person("Bob").await, world.person("Joe").await);
    warns(&ada, &bob).await;
    warns(&eve, &bob).await;
    warns(&ada, &joe).await;
    ada.bans(account_ban(&bob.id())).await.expect("banned");
    let seqs = |rows: Vec<AuditRow>| rows.iter().map(|row| row.seq).collect::<Vec<_>>();
    let by_actor = ListAuditRequest {
        actor_id: ada.id(),
        ..ListAuditRequest::default()
    };
    assert_eq!(seqs(listed(&ada, by_actor.clone()).await), [4, 3, 1]);
    let by_subject = ListAuditRequest {
        subject: bob.id(),
        ..ListAuditRequest::default()
    };
    assert_eq!(seqs(listed(&ada, by_subject).await), [4, 2, 1]);
    let by_action = ListAuditRequest {
        action: "warn".into(),
        ..ListAuditRequest::default()
    };
    assert_eq!(seqs(listed(&ada, by_action).await), [3, 2, 1]);
    let by_all = ListAuditRequest {
        subject: bob.id(),
        action: "warn".into(),
        ..by_actor
    };
    assert_eq!(seqs(listed(&ada, by_all).await), [1]);
}

#[tokio::test]
async fn any_service_writes_rows_in_its_own_transaction() {
    let world = World::new().await;
    let ada = world.admin("Ada").await;
    let act = "select moderation.record_act('default', null, 'room.kick', 'x', '{\"b\": 1, \"a\": \"2\"}')";
    neighbours::run(&world.db, act.into()).await;
    neighbours::run(&world.db, format!("begin; {act}; rollback;")).await;
    neighbours::run(&world.db, act.replace("'{\"b\": 1, \"a\": \"2\"}'", "null")).await;
    let rows = listed(&ada, ListAuditRequest::default()).await;
    let rows: Vec<_> = rows
        .iter()
        .map(|row| (row.seq, row.actor_id.as_str(), row.detail.as_str()))
        .collect();
    assert_eq!(rows, [(2, "", "{}"), (1, "", r#"{"a": "2", "b": 1}"#)]);
    assert!(ada.verifies_audit().await.expect("a verdict").is_intact);
}

#[tokio::test]
async fn each_tenant_has_its_own_log_for_its_own_administrators() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    warns(&ada, &bob).await;
    assert_no_admin(bob.lists_audit(ListAuditRequest::default()).await);
    let other: Tenant = "other".parse().expect("a tenant");
    let zoe = world.person_of("Zoe", true, other.clone()).await;
    assert!(listed(&zoe, ListAuditRequest::default()).await.is_empty());
    let joe = world.person_of("Joe", false, other).await;
    warns(&zoe, &joe).await;
    assert_eq!(listed(&zoe, ListAuditRequest::default()).await[0].seq, 1);
    for (field, request) in [
        (
            "actor",
            ListAuditRequest {
                actor_id: "x".into(),
                ..ListAuditRequest::default()
            },
        ),
        (
            "subject",
            ListAuditRequest {
                subject: "x".repeat(257),
                ..ListAuditRequest::default()
            },
        ),
        (
            "page",
            ListAuditRequest {
                page: "x".into(),
                ..ListAuditRequest::default()
            },
        ),
    ] {
        assert_field(ada.lists_audit(request).await, field);
    }
}
