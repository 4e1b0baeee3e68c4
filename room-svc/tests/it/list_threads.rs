//! ListThreads.

use proto::{reason::Reason, room::ListThreadsRequest, room::MarkReadRequest};
use tonic::Code;

use crate::world::{Person, World, assert_field, assert_refused, key};

/// Title or root, messages, unread.
async fn seen(person: &Person) -> Vec<(String, i64, i64)> {
    let threads = person.threads("#talk").await;
    threads
        .into_iter()
        .map(|thread| {
            let name = thread.title + &thread.root_message_id;
            (name, thread.messages, thread.unread)
        })
        .collect()
}

#[tokio::test]
async fn the_latest_activity_comes_first_with_what_is_unread() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    ada.creates("talk").await;
    bob.joins("#talk").await.expect("joined");
    let plans = ada.opens("#talk", "Plans").await.expect("opened");
    let root = ada.says("#talk", "a question").await.expect("sent");
    let first = bob
        .answers("#talk", &root.message_id, "an answer")
        .await
        .expect("sent");
    bob.answers("#talk", &root.message_id, "another")
        .await
        .expect("sent");
    let root_name = root.message_id.clone();
    assert_eq!(
        seen(&ada).await,
        [(root_name.clone(), 2, 2), ("Plans".into(), 0, 0)]
    );
    assert_eq!(
        seen(&bob).await,
        [(root_name.clone(), 2, 0), ("Plans".into(), 0, 0)]
    );
    let said = bob
        .answers("#talk", &plans.thread_id, "hi")
        .await
        .expect("sent");
    let threads = ada.threads("#talk").await;
    assert_eq!(
        (threads[0].title.as_str(), threads[0].last_seq),
        ("Plans", said.seq)
    );
    let mark = MarkReadRequest {
        room: "#talk".into(),
        thread: root.message_id.clone(),
        seq: first.seq,
        key: key(),
    };
    let marked = ada.marks(mark).await.expect("marked");
    assert_eq!(marked.counter.expect("a counter").unread, 1);
    assert_eq!(
        seen(&ada).await,
        [("Plans".into(), 1, 1), (root_name.clone(), 2, 1)]
    );
    bob.retracts("#talk", &first.message_id)
        .await
        .expect("deleted");
    assert_eq!(seen(&ada).await[1], (root_name, 1, 1));
}

#[tokio::test]
async fn a_thread_is_hidden_with_whoever_began_it() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let cid = world.person("Cid").await;
    ada.creates("talk").await;
    for person in [&bob, &cid] {
        person.joins("#talk").await.expect("joined");
    }
    cid.opens("#talk", "Cid's").await.expect("opened");
    let of_cid = cid.says("#talk", "hm").await.expect("sent");
    ada.answers("#talk", &of_cid.message_id, "what?")
        .await
        .expect("sent");
    let of_ada = ada.says("#talk", "hello").await.expect("sent");
    cid.answers("#talk", &of_ada.message_id, "hello!")
        .await
        .expect("sent");
    ada.answers("#talk", &of_ada.message_id, "you")
        .await
        .expect("sent");
    assert_eq!(seen(&bob).await.len(), 3);
    world.hides(&bob, &cid).await;
    // What others say in a thread stays, even if the hidden one spoke first in it.
    assert_eq!(seen(&bob).await, [(of_ada.message_id.clone(), 1, 1)]);
    world.shows(&bob, &cid).await;
    world.shadows(&cid).await;
    assert_eq!(seen(&bob).await, [(of_ada.message_id, 1, 1)]);
    assert_eq!(seen(&cid).await.len(), 3);
}

#[tokio::test]
async fn threads_come_in_pages() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    ada.creates("talk").await;
    for number in 0..25 {
        ada.opens("#talk", &format!("thread {number}"))
            .await
            .expect("opened");
    }
    let mut titles = Vec::new();
    let mut page = String::new();
    loop {
        let request = ListThreadsRequest {
            room: "#talk".into(),
            page: page.clone(),
            limit: 10,
        };
        let answer = ada.lists_threads(request).await.expect("threads");
        titles.extend(answer.threads.into_iter().map(|thread| thread.title));
        page = answer.next_page;
        if page.is_empty() {
            break;
        }
    }
    let expected: Vec<_> = (0..25)
        .rev()
        .map(|number| format!("thread {number}"))
        .collect();
    assert_eq!(titles, expected);
}

#[tokio::test]
async fn only_members_list() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    ada.creates("talk").await;
    let request = ListThreadsRequest {
        room: "#talk".into(),
        ..ListThreadsRequest::default()
    };
    assert_refused(
        bob.lists_threads(request.clone()).await,
        Code::PermissionDenied,
        Reason::NOT_A_MEMBER,
    );
    for (bad, field) in [
        (
            ListThreadsRequest {
                limit: 101,
                ..request.clone()
            },
            "limit",
        ),
        (
            ListThreadsRequest {
                page: "x".into(),
                ..request.clone()
            },
            "page",
        ),
    ] {
        assert_field(ada.lists_threads(bad).await, field);
    }
}
