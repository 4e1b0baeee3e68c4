//! ExportUser.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::world::{Person, World, assert_field, json, key, message};

/// All pages, and how many there were.
async fn all(person: &Person) -> (Vec<Value>, usize) {
    let (mut records, mut page, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let export = person.exports(&page).await.expect("a page");
        assert!(export.records.len() <= 200);
        let bytes: usize = export.records.iter().map(bytes::Bytes::len).sum();
        assert!(export.records.len() == 1 || bytes <= 256 * 1024);
        records.extend(export.records.iter().map(|record| json(record)));
        pages += 1;
        page = export.next_page;
        if page.is_empty() {
            return (records, pages);
        }
    }
}

fn count(records: &[Value]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for record in records {
        *counts
            .entry(record["kind"].as_str().expect("a kind"))
            .or_default() += 1;
    }
    counts
}

#[tokio::test]
async fn everything_of_one_s_own_is_exported_and_nothing_of_others() {
    let world = World::new().await;
    let (ada, bob) = (world.person("Ada").await, world.person("Bob").await);
    let room = ada.creates("talk").await;
    ada.creates("left").await;
    bob.joins("#talk").await.expect("joined");
    let direct = ada
        .opens_direct(&bob.id())
        .await
        .expect("opened")
        .room
        .expect("a room");
    ada.says("#talk", "mine").await.expect("sent");
    ada.says("#left", "also mine").await.expect("sent");
    ada.says(&direct.room_id, "between us").await.expect("sent");
    bob.says("#talk", "not hers").await.expect("sent");
    ada.leaves("#left").await.expect("left");
    let (ada_id, room_id, message_id) = (ada.id(), &room.room_id, key());
    for emoji in ["👍", "🦀"] {
        world
            .run(format!(
                "insert into room.reaction (tenant_id, room_id, message_id, emoji, user_id)
                 values ('default', '{room_id}', '{message_id}', '{emoji}', '{ada_id}')"
            ))
            .await;
    }
    for thread in ["00000000-0000-0000-0000-000000000000", &message_id] {
        world
            .run(format!(
                "insert into room.read_mark (tenant_id, user_id, room_id, thread_id, read_seq, delivered_seq)
                 values ('default', '{ada_id}', '{room_id}', '{thread}', 3, 4)"
            ))
            .await;
    }
    let (records, pages) = all(&ada).await;
    assert_eq!(pages, 1);
    let expected = [
        ("membership", 2),
        ("message", 3),
        ("reaction", 2),
        ("readMark", 2),
    ];
    assert_eq!(count(&records), expected.into_iter().collect());
    let text = serde_json::to_string(&records).expect("JSON");
    assert!(text.contains("between us") && !text.contains("not hers"));
    let named: Vec<_> = records
        .iter()
        .filter(|record| record["kind"] == "membership")
        .map(|record| record["name"].as_str())
        .collect();
    assert_eq!(named, [Some("talk"), Some("Bob")]);
    let (others, _) = all(&bob).await;
    assert_eq!(count(&others)["message"], 1);
    assert_field(ada.exports("!").await, "page");
}

#[tokio::test]
async fn long_exports_come_in_pages_of_bounded_size() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    ada.creates("talk").await;
    for number in 0..450 {
        ada.says("#talk", &format!("m{number}"))
            .await
            .expect("sent");
    }
    for number in 0..30 {
        // A control character takes six bytes as JSON.
        let body = format!("{number}{}", "\u{1}".repeat(3_990));
        ada.sends(message("#talk", &body)).await.expect("sent");
    }
    let (records, pages) = all(&ada).await;
    assert!(pages > 3, "{pages} pages");
    let mut seqs: Vec<_> = records
        .iter()
        .filter(|record| record["kind"] == "message")
        .map(|record| record["seq"].as_i64().expect("a seq"))
        .collect();
    seqs.sort_unstable();
    assert_eq!(seqs, (3..483).collect::<Vec<_>>());
}
