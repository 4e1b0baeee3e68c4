//! C1 to C7 on devices that are connected from beginning to end, as in the load scenarios.

use super::{
    super::{verdict::EXAMPLES, *},
    broken, id_of,
};

pub(super) const ROOMS: u32 = 3;
pub(super) const BOTS: u32 = 6;

/// A run in which everything went well: bot `b` is in room `b % ROOMS`, messages go round robin, every room has a
/// join at seq 3 that is not a message, and observers start at head 2.
pub(super) fn honest(messages: u32) -> History {
    let mut history = History {
        observers: (0..BOTS)
            .map(|bot| Observer {
                starts: vec![Start {
                    room: bot % ROOMS,
                    seq: 2,
                }],
                ..Observer::default()
            })
            .collect(),
        finals: vec![Vec::new(); ROOMS as usize],
        ..History::default()
    };
    let mut heads = [2; ROOMS as usize];
    for room in 0..ROOMS {
        deliver(&mut history, room, &mut heads, NOT_A_MESSAGE);
    }
    for message in 0..messages {
        let bot = message % BOTS;
        let room = bot % ROOMS;
        let seq = heads[room as usize] + 1;
        let invoked_us = u64::from(message) * 1_000;
        let outcome = Outcome::Acked {
            seq,
            id: id_of(room, seq),
            at_us: invoked_us + 500,
            duplicate: false,
        };
        history.sends.push(Send {
            bot,
            room,
            invoked_us,
            resolved_us: invoked_us + 500,
            outcome,
        });
        history.finals[room as usize].push(Entry {
            seq,
            id: id_of(room, seq),
            message,
        });
        deliver(&mut history, room, &mut heads, message);
    }
    history
}

pub(super) fn deliver(history: &mut History, room: u32, heads: &mut [u32], message: u32) {
    let prev = heads[room as usize];
    let seq = prev + 1;
    heads[room as usize] = seq;
    for observer in history
        .observers
        .iter_mut()
        .filter(|observer| observer.starts[0].room == room)
    {
        let latency_us = 700;
        observer.deliveries.push(Delivery {
            id: id_of(room, seq),
            room,
            seq,
            prev,
            message,
            latency_us,
            at_us: 0,
        });
    }
}

#[test]
fn an_honest_history_is_clean() {
    assert!(check(&honest(60)).is_clean());
    assert!(check(&History::default()).is_clean());
}

#[test]
fn refused_and_unsent_messages_that_appear_nowhere_are_fine() {
    let mut history = honest(30);
    for outcome in [Outcome::Refused, Outcome::NotSent, Outcome::Unknown] {
        history.sends.push(Send {
            bot: 0,
            room: 0,
            invoked_us: 90_000,
            resolved_us: 0,
            outcome,
        });
    }
    assert_eq!(broken(&history), []);
}

#[test]
fn an_unanswered_message_may_be_stored_and_shown() {
    let mut history = honest(30);
    history.sends[10].outcome = Outcome::Unknown;
    assert_eq!(broken(&history), []);
}

#[test]
fn c1_an_acknowledged_message_missing_in_the_final_read() {
    let mut history = honest(30);
    history.finals[0].remove(2);
    assert_eq!(broken(&history), [Check::Lost]);
}

#[test]
fn c1_an_acknowledged_message_that_one_connection_never_got() {
    let mut history = honest(30);
    // The last one, so that no later delivery betrays the hole.
    history.observers[4].deliveries.pop();
    assert_eq!(broken(&history), [Check::Lost]);
    assert_eq!(check(&history).of(Check::Lost).violations, 1);
}

#[test]
fn c1_and_c4_a_hole_in_the_middle() {
    let mut history = honest(30);
    history.observers[4].deliveries.remove(3);
    assert_eq!(broken(&history), [Check::Lost, Check::Order]);
}

#[test]
fn c2_a_refused_message_that_appears() {
    for outcome in [Outcome::Refused, Outcome::NotSent] {
        let mut history = honest(30);
        history.sends[7].outcome = outcome;
        assert_eq!(broken(&history), [Check::Phantom]);
    }
}

#[test]
fn c2_a_message_that_nobody_sent() {
    let mut history = honest(30);
    let id = id_of(0, 99);
    let seq = history.finals[0].last().expect("it has messages").seq + 1;
    history.finals[0].push(Entry {
        seq,
        id,
        message: FOREIGN,
    });
    assert_eq!(broken(&history), [Check::Phantom]);
}

#[test]
fn c2_a_message_in_another_room() {
    let mut history = honest(30);
    history.sends[3].room = 1;
    assert!(broken(&history).contains(&Check::Phantom));
}

#[test]
fn c8_a_delivery_from_a_room_one_is_not_in() {
    let mut history = honest(30);
    let stray = history.observers[1].deliveries[4];
    history.observers[0].deliveries.push(stray);
    assert_eq!(broken(&history), [Check::Entitlement]);
}

#[test]
fn c2_an_unanswered_message_that_was_shown_but_is_not_stored() {
    let mut history = honest(30);
    let lost = history.finals[0].pop().expect("it has messages");
    history.sends[lost.message as usize].outcome = Outcome::Unknown;
    assert_eq!(broken(&history), [Check::Phantom]);
}

#[test]
fn c3_a_delivery_repeated() {
    let mut history = honest(30);
    let again = history.observers[2].deliveries[5];
    history.observers[2].deliveries.push(again);
    assert_eq!(broken(&history), [Check::Duplicate]);
}

#[test]
fn c3_a_message_stored_twice() {
    let mut history = honest(30);
    let Entry { seq, message, .. } = *history.finals[0].last().expect("it has messages");
    history.finals[0].push(Entry {
        seq: seq + 1,
        id: id_of(0, seq + 1),
        message,
    });
    assert!(broken(&history).contains(&Check::Duplicate));
}

#[test]
fn c3_an_ack_with_another_seq_than_the_stored_one() {
    let mut history = honest(30);
    let Outcome::Acked { seq, at_us, .. } = history.sends[5].outcome else {
        panic!("it was acknowledged")
    };
    history.sends[5].outcome = Outcome::Acked {
        seq: seq + 40,
        id: id_of(2, seq + 40),
        at_us,
        duplicate: false,
    };
    assert!(broken(&history).contains(&Check::Duplicate));
}

#[test]
fn c4_two_deliveries_swapped() {
    let mut history = honest(30);
    history.observers[3].deliveries.swap(2, 3);
    assert_eq!(broken(&history), [Check::Order]);
}

#[test]
fn c4_a_wrong_prev() {
    let mut history = honest(30);
    history.observers[3].deliveries[3].prev -= 1;
    assert_eq!(broken(&history), [Check::Order]);
}

#[test]
fn c4_a_final_read_out_of_order() {
    let mut history = honest(30);
    history.finals[1].swap(1, 2);
    assert_eq!(broken(&history), [Check::Order]);
}

#[test]
fn c4_an_absurd_seq_costs_no_memory() {
    let mut history = honest(30);
    history.observers[0]
        .deliveries
        .last_mut()
        .expect("it has some")
        .seq = u32::MAX - 5;
    assert!(broken(&history).contains(&Check::Order));
}

#[test]
fn c4_a_delivery_from_before_the_start() {
    let mut history = honest(30);
    let first = history.observers[0].deliveries[0];
    let before = Delivery {
        id: id_of(0, 2),
        seq: 2,
        prev: 1,
        ..first
    };
    history.observers[0].deliveries.insert(0, before);
    assert_eq!(broken(&history), [Check::Order]);
}

#[test]
fn c5_another_id_for_one_observer() {
    let mut history = honest(30);
    history.observers[3].deliveries[3].id = Id([1; 16]);
    assert_eq!(broken(&history), [Check::Agreement]);
}

#[test]
fn c5_another_id_in_the_ack() {
    let mut history = honest(30);
    let Outcome::Acked { seq, at_us, .. } = history.sends[5].outcome else {
        panic!("it was acknowledged")
    };
    history.sends[5].outcome = Outcome::Acked {
        seq,
        id: Id([2; 16]),
        at_us,
        duplicate: false,
    };
    assert_eq!(broken(&history), [Check::Agreement]);
}

#[test]
fn c5_two_connections_see_two_orders() {
    let mut history = honest(30);
    // Connection 3 is told messages of seq 6 and 7 the other way round, with consistent seqs of its own.
    let (left, right) = (
        history.observers[3].deliveries[3],
        history.observers[3].deliveries[4],
    );
    history.observers[3].deliveries[3] = Delivery {
        id: right.id,
        message: right.message,
        ..left
    };
    history.observers[3].deliveries[4] = Delivery {
        id: left.id,
        message: left.message,
        ..right
    };
    assert!(broken(&history).contains(&Check::Agreement));
}

#[test]
fn c6_a_message_sent_after_the_ack_of_one_that_stands_later() {
    let mut history = honest(30);
    // Messages 0 (bot 0) and 3 (bot 3) are in room 0, seqs 4 and 5; say 0 was sent long after 3 was acknowledged.
    let Outcome::Acked { seq, id, .. } = history.sends[0].outcome else {
        panic!("it was acknowledged")
    };
    history.sends[0].invoked_us = 3_600;
    history.sends[0].outcome = Outcome::Acked {
        seq,
        id,
        at_us: 4_000,
        duplicate: false,
    };
    assert_eq!(broken(&history), [Check::RealTime]);
}

#[test]
fn c6_overlapping_sends_may_stand_either_way() {
    let mut history = honest(30);
    let Outcome::Acked { seq, id, .. } = history.sends[0].outcome else {
        panic!("it was acknowledged")
    };
    history.sends[0].invoked_us = 3_400;
    history.sends[0].outcome = Outcome::Acked {
        seq,
        id,
        at_us: 4_000,
        duplicate: false,
    };
    assert_eq!(broken(&history), []);
}

#[test]
fn c7_a_sender_s_messages_in_the_wrong_order() {
    let mut history = honest(30);
    // Messages 0 and 6 are both by bot 0: give them each other's place everywhere.
    let swap = |message: &mut u32| {
        *message = match *message {
            0 => 6,
            6 => 0,
            other => other,
        }
    };
    history.finals[0]
        .iter_mut()
        .for_each(|entry| swap(&mut entry.message));
    for observer in &mut history.observers {
        observer
            .deliveries
            .iter_mut()
            .for_each(|delivery| swap(&mut delivery.message));
    }
    let outcomes = (history.sends[0].outcome, history.sends[6].outcome);
    (history.sends[6].outcome, history.sends[0].outcome) = outcomes;
    let found = broken(&history);
    assert!(found.contains(&Check::SenderOrder), "{found:?}");
}

#[test]
fn c7_acks_in_the_wrong_order() {
    let mut history = honest(30);
    let Outcome::Acked { seq, id, .. } = history.sends[0].outcome else {
        panic!("it was acknowledged")
    };
    history.sends[0].outcome = Outcome::Acked {
        seq,
        id,
        at_us: 9_000,
        duplicate: false,
    };
    assert_eq!(broken(&history), [Check::SenderOrder]);
}

#[test]
fn examples_are_bounded_and_violations_are_not() {
    let mut history = honest(600);
    history.finals.iter_mut().for_each(Vec::clear);
    let verdict = check(&history);
    assert_eq!(verdict.of(Check::Lost).violations, 600);
    assert_eq!(verdict.of(Check::Lost).examples.len(), EXAMPLES);
}
