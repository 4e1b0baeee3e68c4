//! SearchMessages.

use proto::{reason::Reason, room::SearchMessagesRequest};
use tonic::Code;

use crate::world::{
    Person, World, assert_field, assert_refused,
    talk::{bodies, edit},
};

fn of(query: &str) -> SearchMessagesRequest {
    SearchMessagesRequest {
        query: query.into(),
        ..SearchMessagesRequest::default()
    }
}

async fn found(person: &Person, query: &str) -> Vec<String> {
    bodies(&person.searches(of(query)).await.expect("found").messages)
}

#[tokio::test]
async fn words_phrases_and_exclusions_find_what_was_said_newest_first() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    ada.creates("talk").await;
    ada.creates("other").await;
    for (room, body) in [
        ("#talk", "The quick brown fox"),
        ("#other", "a QUICK answer"),
        ("#talk", "brown quick"),
        ("#talk", "слово из другого языка"),
    ] {
        ada.says(room, body).await.expect("sent");
    }
    assert_eq!(
        found(&ada, "quick").await,
        ["brown quick", "a QUICK answer", "The quick brown fox"]
    );
    assert_eq!(
        found(&ada, "brown quick").await,
        ["brown quick", "The quick brown fox"]
    );
    assert_eq!(
        found(&ada, "\"quick brown\"").await,
        ["The quick brown fox"]
    );
    assert_eq!(found(&ada, "quick -brown").await, ["a QUICK answer"]);
    assert_eq!(found(&ada, "СЛОВО").await, ["слово из другого языка"]);
    assert_eq!(found(&ada, "-quick").await, ["слово из другого языка"]);
    assert!(found(&ada, "quic").await.is_empty());
    let only = SearchMessagesRequest {
        room: "#other".into(),
        ..of("quick")
    };
    assert_eq!(
        bodies(&ada.searches(only).await.expect("found").messages),
        ["a QUICK answer"]
    );
}

#[tokio::test]
async fn pages_follow_each_other_without_holes() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    ada.creates("talk").await;
    ada.creates("other").await;
    for number in 0..45 {
        let room = if number % 3 == 0 { "#other" } else { "#talk" };
        ada.says(room, &format!("word {number}"))
            .await
            .expect("sent");
    }
    let mut all = Vec::new();
    let mut page = String::new();
    loop {
        let request = SearchMessagesRequest {
            page: page.clone(),
            ..of("word")
        };
        let answer = ada.searches(request).await.expect("found");
        assert!(answer.messages.len() <= 20);
        all.extend(bodies(&answer.messages));
        page = answer.next_page;
        if page.is_empty() {
            break;
        }
    }
    let mut expected: Vec<String> = (0..45)
        .rev()
        .map(|number| format!("word {number}"))
        .collect();
    // Within one millisecond it is the ids that order.
    expected.sort();
    let mut sorted = all.clone();
    sorted.sort();
    assert_eq!(sorted, expected);
    assert_eq!((all[0].as_str(), all.len()), ("word 44", 45));
}

#[tokio::test]
async fn nobody_finds_what_they_may_not_see() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let eve = world.person("Eve").await;
    ada.creates("talk").await;
    ada.creates_private("secret").await;
    ada.says("#secret", "treasure in private")
        .await
        .expect("sent");
    let said = ada.says("#talk", "treasure").await.expect("sent");
    assert!(found(&bob, "treasure").await.is_empty());
    for room in ["#talk", "#secret", "#nothing"] {
        let request = SearchMessagesRequest {
            room: room.into(),
            ..of("treasure")
        };
        assert_refused(
            bob.searches(request).await,
            Code::PermissionDenied,
            Reason::NOT_A_MEMBER,
        );
    }
    bob.joins("#talk").await.expect("joined");
    eve.joins("#talk").await.expect("joined");
    assert_eq!(found(&bob, "treasure").await, ["treasure"]);
    world.hides(&bob, &ada).await;
    assert!(found(&bob, "treasure").await.is_empty());
    world.shows(&bob, &ada).await;
    bob.hides("#talk", &said.message_id).await.expect("hidden");
    assert!(found(&bob, "treasure").await.is_empty());
    eve.says("#talk", "treasure of Eve").await.expect("sent");
    world.shadows(&eve).await;
    assert_eq!(
        found(&ada, "treasure").await,
        ["treasure", "treasure in private"]
    );
    assert_eq!(found(&eve, "treasure").await.len(), 2);
    // The room's own mark in the index is no word that anybody can ask for.
    let room_id = &said.room_id;
    for query in [format!("#{room_id}"), room_id.clone()] {
        assert!(found(&eve, &query).await.is_empty());
    }
    bob.leaves("#talk").await.expect("left");
    assert!(found(&bob, "treasure").await.is_empty());
}

#[tokio::test]
async fn a_search_finds_the_text_of_now() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    ada.creates("talk").await;
    let said = ada.says("#talk", "monday").await.expect("sent");
    ada.edits(edit("#talk", &said.message_id, "tuesday", 1))
        .await
        .expect("edited");
    assert!(found(&ada, "monday").await.is_empty());
    assert_eq!(found(&ada, "tuesday").await, ["tuesday"]);
    ada.retracts("#talk", &said.message_id)
        .await
        .expect("deleted");
    assert!(found(&ada, "tuesday").await.is_empty());
}

#[tokio::test]
async fn bad_searches_are_told_apart() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    for bad in ["", "  ", "!!!", &"x".repeat(201)] {
        assert_field(ada.searches(of(bad)).await, "query");
    }
    assert_field(
        ada.searches(SearchMessagesRequest {
            limit: 51,
            ..of("x")
        })
        .await,
        "limit",
    );
    assert_field(
        ada.searches(SearchMessagesRequest {
            page: "x".into(),
            ..of("x")
        })
        .await,
        "page",
    );
    // A place of another list.
    ada.creates("one").await;
    ada.creates("two").await;
    let rooms = proto::room::ListRoomsRequest {
        limit: 1,
        ..proto::room::ListRoomsRequest::default()
    };
    let page = ada.lists(rooms).await.expect("a page").next_page;
    assert_field(
        ada.searches(SearchMessagesRequest { page, ..of("x") })
            .await,
        "page",
    );
}
