//! C8, and what comings and goings and reconnects mean for C1, C3 and C4.

use super::{
    super::*,
    add, broken, forget, place_of,
    town::{SECOND, Town, town},
};

/// User 0 leaves room 0 and comes back; returns also the messages before, in between and after.
fn away() -> (Town, [u32; 3]) {
    let mut town = town();
    let before = town.send(2, 0);
    town.wait(10 * SECOND);
    town.leave(0, 0);
    let between = town.send(2, 0);
    town.join(0, 0);
    let after = town.send(2, 0);
    (town, [before, between, after])
}

/// What device 2 got of a message, in a form that fits after what device 0 got last.
fn leaked(history: &History, message: u32) -> Delivery {
    history.observers[2].deliveries[place_of(history, 2, message)]
}

#[test]
fn something_is_told_after_the_departure() {
    let mut town = town();
    town.leave(0, 0);
    let message = town.send(2, 0);
    let mut history = town.finish();
    assert_eq!(broken(&history), []);
    let leaked = leaked(&history, message);
    add(&mut history, 0, leaked);
    assert_eq!(broken(&history), [Check::Entitlement]);
}

#[test]
fn something_is_told_between_departure_and_return() {
    let (town, [_, between, after]) = away();
    let mut history = town.finish();
    assert_eq!(broken(&history), []);
    let leaked = leaked(&history, between);
    // After the return.
    let place = place_of(&history, 0, after);
    history.observers[0].deliveries.insert(place, leaked);
    assert_eq!(broken(&history), [Check::Entitlement]);
    history.observers[0].deliveries.remove(place);
    // Before it: the return is the second turn.
    let place = history.observers[0].turns[1].before;
    history.observers[0].deliveries.insert(place, leaked);
    history.observers[0].turns[1].before += 1;
    assert_eq!(broken(&history), [Check::Entitlement]);
}

#[test]
fn something_is_told_from_before_the_arrival() {
    let mut town = town();
    let message = town.send(2, 0);
    town.wait(SECOND);
    town.send(2, 0);
    let mut history = town.finish();
    // Device 0 begins with a membership after the message and not from the start.
    let seq = leaked(&history, message).seq;
    let observer = &mut history.observers[0];
    observer.starts.retain(|start| start.room != 0);
    observer.turns.push(Turn {
        before: 0,
        at_us: 0,
        what: TurnKind::Joined { room: 0, seq },
    });
    assert_eq!(broken(&history), [Check::Entitlement]);
    forget(&mut history, 0, message);
    assert_eq!(broken(&history), []);
}

#[test]
fn something_is_told_of_an_earlier_stay() {
    let (town, [before, ..]) = away();
    let mut history = town.finish();
    let late = forget(&mut history, 0, before);
    // The departure came right after it.
    history.observers[0].deliveries[0].prev = late.prev;
    assert_eq!(broken(&history), [Check::Lost, Check::Order]);
    add(&mut history, 0, late);
    assert_eq!(broken(&history), [Check::Order]);
}

#[test]
fn what_was_sent_long_before_the_departure_must_have_come() {
    let (town, [before, ..]) = away();
    let mut history = town.finish();
    // Neither the message nor the departure, so that nothing betrays the hole.
    forget(&mut history, 0, before);
    let departure = history.observers[0].deliveries.remove(0);
    assert_eq!(departure.message, NOT_A_MESSAGE);
    for turn in &mut history.observers[0].turns {
        turn.before -= 1;
    }
    // The return follows what was told before, as after a resume, or itself.
    assert_eq!(broken(&history), [Check::Lost]);
    assert_eq!(check(&history).of(Check::Lost).violations, 1);
}

#[test]
fn what_was_sent_right_before_the_departure_may_not_have_come() {
    let mut town = town();
    let before = town.send(2, 0);
    town.wait(SECOND);
    town.leave(0, 0);
    let mut history = town.finish();
    forget(&mut history, 0, before);
    history.observers[0].deliveries.clear();
    for turn in &mut history.observers[0].turns {
        turn.before = 0;
    }
    assert_eq!(broken(&history), []);
}

#[test]
fn what_a_fault_held_up_until_the_departure_may_not_have_come() {
    for (seconds, found) in [(4, vec![]), (6, vec![Check::Lost])] {
        let mut town = town();
        let before = town.send(2, 0);
        town.wait(10 * SECOND);
        town.break_down();
        town.heal();
        town.wait((seconds - 1) * SECOND);
        town.leave(0, 0);
        let mut history = town.finish();
        forget(&mut history, 0, before);
        history.observers[0].deliveries.clear();
        history.observers[0].turns[0].before = 0;
        assert_eq!(broken(&history), found);
    }
}

#[test]
fn after_a_return_prev_is_right() {
    let (town, _) = away();
    let mut history = town.finish();
    let observer = &mut history.observers[0];
    let place = observer.turns[1].before;
    assert_eq!(observer.deliveries[place].message, NOT_A_MESSAGE);
    observer.deliveries[place].prev -= 1;
    assert_eq!(
        broken(&history),
        [],
        "what was told before the departure fits"
    );
    history.observers[0].deliveries[place].prev -= 1;
    assert_eq!(broken(&history), [Check::Order]);
    // It fits only once.
    let (town, [_, _, after]) = away();
    let mut history = town.finish();
    let place = place_of(&history, 0, after);
    history.observers[0].deliveries[place].prev -= 2;
    assert_eq!(broken(&history), [Check::Order]);
}

/// Device 0 loses its connection, misses something and gets it afterwards.
fn resumed() -> (History, u32) {
    let mut town = town();
    town.send(2, 0);
    town.disconnect(0);
    town.wait(SECOND);
    let missed = town.send(2, 0);
    town.wait(SECOND);
    town.connect(0);
    (town.finish(), missed)
}

#[test]
fn a_resume_leaves_the_last_one_out() {
    let (mut history, missed) = resumed();
    assert_eq!(broken(&history), []);
    forget(&mut history, 0, missed);
    assert_eq!(broken(&history), [Check::Lost]);
}

#[test]
fn a_resume_tells_something_again() {
    let (mut history, _) = resumed();
    let again = history.observers[0].deliveries[0];
    history.observers[0].deliveries.insert(1, again);
    assert_eq!(broken(&history), [Check::Duplicate]);
}

#[test]
fn a_device_that_never_comes_back_is_not_whole() {
    let mut town = town();
    town.disconnect(0);
    town.send(2, 0);
    let mut history = town.finish();
    history.observers[0].deliveries.clear();
    history.observers[0].turns.truncate(1);
    assert_eq!(broken(&history), [Check::Lost]);
}
