//! ListMessages.

use proto::{
    reason::Reason,
    room::{ListMessagesRequest, ListMessagesResponse},
};
use tonic::Code;

use crate::world::{Person, World, assert_field, assert_refused, bytes_of, json, key};

fn of(room: &str, limit: u32) -> ListMessagesRequest {
    ListMessagesRequest {
        room: room.into(),
        limit,
        ..ListMessagesRequest::default()
    }
}

fn numbers(page: &ListMessagesResponse) -> Vec<i64> {
    let bodies = page
        .messages
        .iter()
        .map(|message| json(&message.data)["body"].clone());
    bodies
        .map(|body| {
            body.as_str()
                .and_then(|text| text.parse().ok())
                .expect("a number")
        })
        .collect()
}

/// A room in which the numbers 1 to `count` were said, with someone coming and going between them.
async fn counting(world: &World, count: i64) -> (Person, Vec<i64>) {
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    ada.creates("talk").await;
    let mut seqs = Vec::new();
    for number in 1..=count {
        seqs.push(
            ada.says("#talk", &number.to_string())
                .await
                .expect("sent")
                .seq,
        );
        if number % 10 == 0 {
            bob.joins("#talk").await.expect("joined");
            bob.leaves("#talk").await.expect("left");
        }
    }
    (ada, seqs)
}

#[tokio::test]
async fn pages_go_both_ways_and_hold_messages_only() {
    let world = World::new().await;
    let (ada, seqs) = counting(&world, 60).await;
    let newest = ada.reads(of("#talk", 0)).await.expect("a page");
    assert_eq!(
        (numbers(&newest), newest.has_more),
        ((11..=60).collect(), true)
    );
    assert_eq!(newest.messages[0].author_id, ada.id());
    assert_eq!(newest.messages[0].seq, seqs[10]);

    let older = ListMessagesRequest {
        before: newest.messages[0].seq,
        ..of("#talk", 100)
    };
    let older = ada.reads(older).await.expect("a page");
    assert_eq!(
        (numbers(&older), older.has_more),
        ((1..=10).collect(), false)
    );

    let newer = ada
        .reads(ListMessagesRequest {
            after: seqs[19],
            ..of("#talk", 5)
        })
        .await
        .expect("a page");
    assert_eq!(
        (numbers(&newer), newer.has_more),
        ((21..=25).collect(), true)
    );
    let last = ada
        .reads(ListMessagesRequest {
            after: seqs[57],
            ..of("#talk", 5)
        })
        .await
        .expect("a page");
    assert_eq!((numbers(&last), last.has_more), (vec![59, 60], false));

    let around = ada
        .reads(ListMessagesRequest {
            around: seqs[29],
            ..of("#talk", 7)
        })
        .await
        .expect("a page");
    assert_eq!(around.messages.len(), 7);
    assert!(numbers(&around).contains(&30) && around.has_more);
}

#[tokio::test]
async fn only_members_read() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    ada.creates("talk").await;
    ada.creates_private("secret").await;
    let nowhere = bytes_of(bob.reads(of(&key(), 0)).await);
    for named in ["#talk", "#secret", "#nothing"] {
        assert_eq!(bytes_of(bob.reads(of(named, 0)).await), nowhere, "{named}");
    }
    bob.joins("#talk").await.expect("joined");
    assert!(
        bob.reads(of("#talk", 0))
            .await
            .expect("a page")
            .messages
            .is_empty()
    );
    bob.leaves("#talk").await.expect("left");
    assert_refused(
        bob.reads(of("#talk", 0)).await,
        Code::PermissionDenied,
        Reason::NOT_A_MEMBER,
    );
}

#[tokio::test]
async fn bad_bounds_are_named() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    ada.creates("talk").await;
    assert_field(ada.reads(of("#talk", 101)).await, "limit");
    assert_field(
        ada.reads(ListMessagesRequest {
            after: -1,
            ..of("#talk", 0)
        })
        .await,
        "after",
    );
    assert_field(
        ada.reads(ListMessagesRequest {
            before: 3,
            after: 1,
            ..of("#talk", 0)
        })
        .await,
        "before",
    );
    assert_field(ada.reads(of("", 0)).await, "room");
    let beyond = ada
        .reads(ListMessagesRequest {
            after: 1_000,
            ..of("#talk", 0)
        })
        .await
        .expect("a page");
    assert!(beyond.messages.is_empty() && !beyond.has_more);
}
