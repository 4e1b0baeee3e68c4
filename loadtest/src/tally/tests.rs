use super::*;
use crate::{
    bot::{Attempt, Trouble},
    dialect::NO_ID,
    histcheck::{Delivery, Observer},
};

/// Two rooms of two members each, four messages: 0 and 2 in one room, 1 and 3 in the other, or the like.
fn plan() -> Plan {
    Plan::new(4, Some(4), 2, 1, 1).with_load(4.0, 1)
}

fn delivery(plan: &Plan, message: u32) -> Delivery {
    Delivery {
        id: NO_ID,
        room: plan.room_of(message) as u32,
        seq: 0,
        prev: 0,
        message,
        latency_us: 1,
        at_us: 1,
    }
}

/// Everyone sends what the plan asks for and is told everything of their room.
fn sound(plan: &Plan) -> Vec<Record> {
    let record = |connection| {
        let rooms: Vec<usize> = plan.rooms_of(plan.user_of(connection)).collect();
        let all = (0..plan.messages).filter(|&it| rooms.contains(&plan.room_of(it)));
        let own = (0..plan.messages).filter(|&it| plan.sender_of(it) == connection);
        Record {
            connection,
            observer: Observer {
                deliveries: all.map(|message| delivery(plan, message)).collect(),
                ..Observer::default()
            },
            attempts: own.map(attempt).collect(),
            trouble: Trouble::default(),
        }
    };
    (0..plan.connections).map(record).collect()
}

fn attempt(message: u32) -> Attempt {
    Attempt {
        message,
        invoked_us: 1,
        lateness_us: 0,
        resolved_us: 2,
        outcome: Outcome::Acked {
            seq: 0,
            id: NO_ID,
            at_us: 2,
            duplicate: false,
        },
        latency_us: 1,
    }
}

#[test]
fn what_is_whole_is_clean() {
    let plan = plan();
    let tally = Tally::of(&plan, &sound(&plan));
    assert!(tally.is_clean(), "{tally:?}");
    assert_eq!((tally.expected, tally.received, tally.rooms), (8, 8, 2));
}

#[test]
fn a_missing_delivery_is_lost_but_not_of_one_who_stalled() {
    let plan = plan();
    let mut records = sound(&plan);
    records[1].observer.deliveries.pop();
    assert_eq!(Tally::of(&plan, &records).lost(), 1);
    records[1].trouble.has_stalled = true;
    assert!(Tally::of(&plan, &records).is_clean());
}

#[test]
fn a_repeat_a_stray_and_a_phantom_are_told_apart() {
    let plan = plan();
    let mut records = sound(&plan);
    let first = records[0].observer.deliveries[0];
    records[0].observer.deliveries.push(first);
    let elsewhere = (0..plan.messages).find(|&it| plan.room_of(it) as u32 != first.room);
    let elsewhere = elsewhere.expect("there are two rooms");
    records[0]
        .observer
        .deliveries
        .push(delivery(&plan, elsewhere));
    let sender = plan.sender_of(first.message);
    records[sender].attempts[0].outcome = Outcome::Refused;
    let tally = Tally::of(&plan, &records);
    assert_eq!(
        (tally.doubled, tally.strayed, tally.phantoms),
        (1, 1, 2),
        "{tally:?}"
    );
    assert_eq!((tally.expected, tally.lost()), (6, 0));
}

#[test]
fn members_who_saw_another_order_make_a_room_disagree() {
    let plan = plan();
    let mut records = sound(&plan);
    records[3].observer.deliveries.reverse();
    let tally = Tally::of(&plan, &records);
    assert_eq!((tally.rooms_in_disorder, tally.lost()), (1, 0), "{tally:?}");
    assert!(!tally.is_clean());
}

#[test]
fn a_sender_s_messages_out_of_order_are_counted() {
    let plan = Plan::new(2, Some(2), 1, 1, 1).with_load(4.0, 1);
    let mut records = sound(&plan);
    for record in &mut records {
        record.observer.deliveries.reverse();
    }
    let tally = Tally::of(&plan, &records);
    assert_eq!(
        (tally.sender_disorder, tally.rooms_in_disorder),
        (4, 0),
        "{tally:?}"
    );
}

#[test]
fn what_one_said_in_two_rooms_has_no_order() {
    let plan = Plan::new(2, Some(2), 2, 2, 1).with_load(8.0, 1);
    let mut records = sound(&plan);
    let place_of = |message| (plan.room_of(message), plan.sender_of(message));
    let (one, other) = (0..plan.messages)
        .flat_map(|one| (one + 1..plan.messages).map(move |other| (one, other)))
        .find(|&(one, other)| {
            let ((room, sender), (elsewhere, same)) = (place_of(one), place_of(other));
            room != elsewhere && sender == same
        })
        .expect("somebody talks in both");
    let told = &mut records[0].observer.deliveries;
    told.retain(|delivery| [one, other].contains(&delivery.message));
    told.reverse();
    assert_eq!(told.len(), 2);
    assert_eq!(Tally::of(&plan, &records).sender_disorder, 0);
}
