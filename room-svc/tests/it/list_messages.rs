//! ListMessages.

use proto::{
    reason::Reason,
    room::{ListMessagesRequest, ListMessagesResponse},
};
use tonic::Code;

use crate::world::{
    Person, World, assert_field, assert_refused, bytes_of, json, key, talk::bodies,
};

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

#[tokio::test]
async fn a_page_begins_with_the_first_message_of_a_time() {
    let world = World::new().await;
    let (ada, _) = counting(&world, 25).await;
    let all = ada.history("#talk").await;
    let from = |at_ms| ListMessagesRequest {
        at: at_ms,
        ..of("#talk", 5)
    };
    for at_ms in [
        1,
        all[0].at_ms,
        all[11].at_ms,
        all[11].at_ms + 1,
        all[24].at_ms,
    ] {
        let page = ada.reads(from(at_ms)).await.expect("a page");
        let expected = all.iter().filter(|message| message.at_ms >= at_ms);
        let expected: Vec<i64> = expected.map(|message| message.seq).take(5).collect();
        let found: Vec<i64> = page.messages.iter().map(|message| message.seq).collect();
        assert_eq!(found, expected, "from {at_ms}");
    }
    let later = ada.reads(from(all[24].at_ms + 60_000)).await;
    let later = later.expect("a page");
    assert!(later.messages.is_empty() && !later.has_more);
    for at in [-1, i64::MAX] {
        assert_field(ada.reads(from(at)).await, "at");
    }
    let both = ListMessagesRequest {
        before: 3,
        ..from(1)
    };
    assert_field(ada.reads(both).await, "before");
}

#[tokio::test]
async fn everyone_sees_what_they_may() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let eve = world.person("Eve").await;
    ada.creates("talk").await;
    for person in [&bob, &eve] {
        person.joins("#talk").await.expect("joined");
    }
    let first = ada.says("#talk", "one").await.expect("sent");
    for (who, body) in [(&bob, "two"), (&eve, "three"), (&ada, "four")] {
        who.says("#talk", body).await.expect("sent");
    }
    world.hides(&bob, &ada).await;
    assert_eq!(bodies(&bob.history("#talk").await), ["two", "three"]);
    // The other way round nothing is hidden: who is blocked cannot tell.
    assert_eq!(bodies(&ada.history("#talk").await).len(), 4);
    world.shows(&bob, &ada).await;
    world.shadows(&eve).await;
    bob.hides("#talk", &first.message_id).await.expect("hidden");
    assert_eq!(bodies(&bob.history("#talk").await), ["two", "four"]);
    assert_eq!(bodies(&ada.history("#talk").await), ["one", "two", "four"]);
    assert_eq!(bodies(&eve.history("#talk").await).len(), 4);
    // Pages are full of what one may see, whatever lies between.
    let page = bob
        .reads(ListMessagesRequest {
            before: i64::MAX,
            ..of("#talk", 2)
        })
        .await
        .expect("a page");
    assert_eq!(
        (bodies(&page.messages), page.has_more),
        (vec!["two".into(), "four".into()], false)
    );
}

#[tokio::test]
async fn a_thread_has_pages_of_its_own() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    ada.creates("talk").await;
    let root = ada.says("#talk", "0").await.expect("sent");
    let mut seqs = Vec::new();
    for number in 1..=9 {
        ada.says("#talk", &format!("{}", 100 + number))
            .await
            .expect("sent");
        let answer = ada
            .answers("#talk", &root.message_id, &number.to_string())
            .await;
        seqs.push(answer.expect("sent").seq);
    }
    let in_thread = |limit| ListMessagesRequest {
        thread: root.message_id.clone(),
        ..of("#talk", limit)
    };
    let newest = ada.reads(in_thread(4)).await.expect("a page");
    assert_eq!(
        (numbers(&newest), newest.has_more),
        (vec![6, 7, 8, 9], true)
    );
    let older = ada
        .reads(ListMessagesRequest {
            before: seqs[5],
            ..in_thread(10)
        })
        .await
        .expect("a page");
    assert_eq!(
        (numbers(&older), older.has_more),
        ((1..=5).collect(), false)
    );
    let newer = ada
        .reads(ListMessagesRequest {
            after: seqs[2],
            ..in_thread(2)
        })
        .await
        .expect("a page");
    assert_eq!((numbers(&newer), newer.has_more), (vec![4, 5], true));
    let outside = ada.reads(of("#talk", 0)).await.expect("a page");
    assert_eq!(numbers(&outside)[..2], [0, 101]);
    assert_eq!(outside.messages.len(), 10);
    assert!(ada.thread("#talk", &key()).await.is_empty());
    assert_field(
        ada.reads(ListMessagesRequest {
            thread: "x".into(),
            ..of("#talk", 0)
        })
        .await,
        "thread",
    );
}

#[tokio::test]
async fn a_page_of_long_messages_fits_an_answer() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    ada.creates("talk").await;
    let long = "\u{1}".repeat(4_000);
    for _ in 0..60 {
        ada.says("#talk", &format!("x{}", &long[1..]))
            .await
            .expect("sent");
    }
    let mut seen = 0;
    let mut before = i64::MAX;
    loop {
        let page = ada
            .reads(ListMessagesRequest {
                before,
                ..of("#talk", 100)
            })
            .await
            .expect("a page");
        let bytes: usize = page.messages.iter().map(|message| message.data.len()).sum();
        assert!(bytes < 600_000, "{bytes}");
        seen += page.messages.len();
        if !page.has_more {
            break;
        }
        before = page.messages[0].seq;
    }
    assert_eq!(seen, 60);
}
