use proto::{id::StreamId, stream::Event};

use super::*;
use crate::{enforced::Enforced, fanout::Scope};

fn event(seq: i64, kind: Kind) -> Arc<Rendered> {
    let event = Event {
        stream_id: StreamId(uuid::Uuid::from_u128(1)).to_string(),
        seq,
        event_id: format!("id{seq}"),
        kind: u32::try_from(kind.number()).expect("small"),
        data: br#"{"key":"k","author":{"id":"u","name":"x"},"body":"b","rev":1,"mentions":[]}"#
            .to_vec()
            .into(),
        ..Event::default()
    };
    Arc::new(Rendered::new(
        Arc::new(event),
        Scope::Room,
        &Enforced::default(),
    ))
}

fn messages(seqs: std::ops::RangeInclusive<i64>) -> Vec<Arc<Rendered>> {
    seqs.map(|seq| event(seq, Kind::MessagePosted)).collect()
}

fn filled(from: i64, to: i64) -> Tail {
    let mut tail = Tail::default();
    tail.begin(from);
    for message in messages(from + 1..=to) {
        tail.push(&message, Instant::now());
    }
    tail
}

fn told(tail: &mut Tail, seq: i64, id: &str) -> Option<Vec<i64>> {
    let after = tail.after(seq, id, Instant::now())?;
    Some(after.map(|event| event.event.seq).collect())
}

#[tokio::test(start_paused = true)]
async fn what_follows_a_proved_place_is_told_from_memory() {
    let mut tail = filled(10, 13);
    assert_eq!(told(&mut tail, 11, "id11"), Some(vec![12, 13]));
    assert_eq!(told(&mut tail, 13, "id13"), Some(vec![]));
    assert_eq!(told(&mut tail, 10, ""), Some(vec![11, 12, 13]));
    assert_eq!(
        told(&mut tail, 10, "id10"),
        None,
        "what stands at 10 is not known"
    );
    assert_eq!(told(&mut tail, 11, "other"), None, "the log decides");
    assert_eq!(told(&mut tail, 9, ""), None);
    assert_eq!(told(&mut tail, 14, ""), None);
    assert_eq!(told(&mut Tail::default(), 0, ""), None);
}

#[tokio::test(start_paused = true)]
async fn what_was_read_once_from_the_log_is_known_to_the_next() {
    let now = Instant::now();
    let mut tail = filled(10, 11);
    tail.learn((10, "id10"), &[], now);
    assert_eq!(told(&mut tail, 10, "id10"), Some(vec![11]));
    tail.learn((7, "id7"), &messages(8..=12), now);
    assert_eq!(told(&mut tail, 7, "id7"), Some(vec![8, 9, 10, 11]));
    assert_eq!(told(&mut tail, 9, "id9"), Some(vec![10, 11]));
    tail.learn((3, "id3"), &messages(4..=5), now);
    assert_eq!(told(&mut tail, 3, "id3"), None, "there is a hole between");
    tail.push(&event(12, Kind::MessagePosted), now);
    assert_eq!(told(&mut tail, 10, "id10"), Some(vec![11, 12]));
}

#[tokio::test(start_paused = true)]
async fn a_text_that_was_taken_back_is_not_told_from_memory() {
    for kind in [Kind::MessageDeleted, Kind::MessageEdited, Kind::RoomUpdated] {
        let mut tail = filled(0, 3);
        tail.push(&event(4, kind), Instant::now());
        assert_eq!(told(&mut tail, 1, "id1"), None);
        assert_eq!(told(&mut tail, 4, "id4"), Some(vec![]));
        tail.learn((1, "id1"), &messages(2..=3), Instant::now());
        assert_eq!(
            told(&mut tail, 1, "id1"),
            None,
            "it was read before the change"
        );
        tail.push(&event(5, Kind::MessagePosted), Instant::now());
        assert_eq!(told(&mut tail, 4, "id4"), Some(vec![5]));
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_bounded_in_events_bytes_and_age_and_gives_everything_back() {
    let mut tail = filled(0, 1_000);
    assert!(tail.events.len() <= EVENTS_MAX && tail.bytes <= BYTES_MAX);
    let first = 1_001 - tail.events.len() as i64;
    let before = format!("id{}", first - 1);
    assert_eq!(
        told(&mut tail, first - 1, &before).map(|told| told[0]),
        Some(first)
    );
    assert_eq!(told(&mut tail, first - 2, ""), None);
    tail.learn(
        (first - 9, "x"),
        &messages(first - 8..=1_000),
        Instant::now(),
    );
    assert!(tail.events.len() <= EVENTS_MAX && tail.bytes <= BYTES_MAX);
    tokio::time::advance(AGE_MAX + Duration::from_secs(1)).await;
    tail.push(&event(1_001, Kind::MessagePosted), Instant::now());
    assert_eq!(told(&mut tail, 1_000, "id1000"), Some(vec![1_001]));
    assert_eq!(told(&mut tail, 999, "id999"), None);
    tail.push(&event(1_010, Kind::MessagePosted), Instant::now());
    assert_eq!(
        told(&mut tail, 1_009, ""),
        Some(vec![1_010]),
        "after a hole it begins anew"
    );
    assert_eq!(told(&mut tail, 1_001, "id1001"), None);
    tail.forget();
    assert_eq!(tail.bytes, 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_too_old_is_forgotten_though_nobody_asks() {
    let mut tail = filled(4, 9);
    tail.forget_old(Instant::now());
    assert_eq!(tail.events.len(), 5);
    tokio::time::advance(AGE_MAX + Duration::from_secs(1)).await;
    tail.forget_old(Instant::now());
    assert_eq!((tail.bytes, tail.events.capacity()), (0, 0));
    assert_eq!(told(&mut tail, 8, "id8"), None);
    assert_eq!(told(&mut tail, 9, "id9"), Some(vec![]), "nothing is missed");
    tail.push(&event(10, Kind::MessagePosted), Instant::now());
    assert_eq!(told(&mut tail, 9, "id9"), Some(vec![10]));
}
