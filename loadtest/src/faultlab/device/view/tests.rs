//! Comings and goings as a device sees them.

use std::sync::Arc;

use serde_json::json;

use super::*;

const ME: &str = "ada";

/// In one room, which stands at 3.
fn view() -> View {
    let world = Arc::new(World::new("test", vec!["room".to_owned()], 1));
    let mut view = View::new(world, 0, (0, ME));
    view.welcome(&welcome(Some(3)), 0).expect("a welcome");
    view
}

fn welcome(head: Option<u32>) -> Value {
    let rooms: Vec<Value> = head
        .map(|head| json!({ "id": "room", "head": head, "cursor": "" }))
        .into_iter()
        .collect();
    json!({ "session": "s", "resumed": true, "rooms": rooms })
}

fn told(view: &mut View, kind: &str, user: &str, seq: u32, prev: u32) {
    let text = json!({
        "type": kind,
        "room": "room",
        "seq": seq,
        "prev": prev,
        "cursor": uuid::Uuid::from_u128(u128::from(seq)).to_string(),
        "data": { "at": 1, "user": { "id": user, "name": user } },
    });
    let text = text.to_string();
    let frame = wire::parse(&text).expect("a frame");
    view.event(&frame).expect("it makes sense");
}

/// What happened to it besides connections.
fn turns(view: &View) -> Vec<TurnKind> {
    let turns = view.observer.turns.iter().map(|turn| turn.what.clone());
    turns
        .filter(|turn| !matches!(turn, TurnKind::Connected { .. }))
        .collect()
}

#[test]
fn only_its_own_departure_and_return_change_what_it_follows() {
    let mut view = view();
    told(&mut view, "room.memberLeft", "bob", 4, 3);
    assert!(view.is_in(0) && turns(&view).is_empty());
    told(&mut view, "room.memberLeft", ME, 5, 4);
    assert!(!view.is_in(0));
    told(&mut view, "room.memberJoined", ME, 9, 5);
    assert!(view.is_in(0));
    let (left, joined) = (
        TurnKind::Left { room: 0, seq: 5 },
        TurnKind::Joined { room: 0, seq: 8 },
    );
    assert_eq!(turns(&view), [left, joined]);
    assert_eq!(view.observer.deliveries.len(), 3);
}

#[test]
fn a_room_that_is_missing_in_a_welcome_was_left_and_one_that_is_back_was_joined() {
    let mut view = view();
    view.welcome(&welcome(None), 0).expect("a welcome");
    assert!(!view.is_in(0));
    view.welcome(&welcome(Some(12)), 0).expect("a welcome");
    let (left, joined) = (
        TurnKind::Left {
            room: 0,
            seq: u32::MAX,
        },
        TurnKind::Joined { room: 0, seq: 12 },
    );
    assert_eq!(turns(&view), [left, joined]);
    told(&mut view, "room.memberJoined", "bob", 13, 12);
    assert_eq!(view.observer.deliveries.len(), 1);
}

#[test]
fn a_view_that_was_given_up_is_whole_once_its_page_has_come() {
    let mut view = view();
    let gap = json!({ "type": "room.gap", "room": "room", "data": { "head": 5 } }).to_string();
    assert_eq!(view.gap(&wire::parse(&gap).expect("a frame")), Some((0, 5)));
    told(&mut view, "room.memberJoined", "bob", 6, 5);
    assert!(!view.world.has_reached(0, 0, &[6]));
    let page = json!({ "messages": [{ "seq": 5, "message": uuid::Uuid::nil().to_string() }] });
    view.page((0, 4), &page).expect("an earlier one");
    assert!(!view.world.has_reached(0, 0, &[6]));
    view.page((0, 5), &page).expect("it was asked for");
    assert!(view.world.has_reached(0, 0, &[6]));
}
