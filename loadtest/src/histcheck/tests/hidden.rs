//! C10, and what a block means for C1 and C4. Everywhere user 0 (devices 0 and 1) blocks user 1 (devices 2 and 3).

use super::{
    super::*,
    add, broken, forget, place_of,
    town::{GRACE, SECOND, Town, town},
};

/// Messages 0 to 3 in room 0 while the block is in force (1 and 2 by the blocked one), after one more in room 1.
fn blocked() -> (Town, [u32; 4]) {
    let mut town = town();
    town.block(0, 1);
    town.wait(20 * SECOND);
    let messages = [4, 2, 3, 4].map(|device| town.send(device, 0));
    (town, messages)
}

/// Takes what the others got.
fn stolen(history: &History, message: u32) -> Delivery {
    history.observers[4].deliveries[place_of(history, 4, message)]
}

#[test]
fn a_message_of_the_blocked_one_is_shown() {
    let (town, messages) = blocked();
    let mut history = town.finish();
    assert_eq!(broken(&history), []);
    let shown = [messages[1], messages[2]].map(|message| stolen(&history, message));
    let place = place_of(&history, 0, messages[3]);
    let deliveries = &mut history.observers[0].deliveries;
    deliveries.splice(place..place, shown);
    deliveries[place + 2].prev += 2;
    assert_eq!(broken(&history), [Check::Block]);
    assert_eq!(check(&history).of(Check::Block).violations, 2);
}

#[test]
fn a_message_is_shown_only_until_the_grace_is_over() {
    let mut town = town();
    town.block(0, 1);
    let mut history = town.finish();
    let acked_us = history.blocks[0].acked_us;
    // The one that was said before the gateways knew.
    let shown = history.observers[0].deliveries.len() - 1;
    history.observers[0].deliveries[shown].at_us = acked_us + GRACE;
    assert_eq!(broken(&history), []);
    history.observers[0].deliveries[shown].at_us = acked_us + GRACE + 1;
    assert_eq!(broken(&history), [Check::Block]);
}

#[test]
fn a_message_of_the_blocked_one_is_told_again_on_a_resume() {
    let (mut town, messages) = blocked();
    town.disconnect(0);
    town.wait(SECOND);
    let hidden = town.send(2, 0);
    town.connect(0);
    let mut history = town.finish();
    assert_eq!(broken(&history), []);
    let now_us = history.observers[0].turns[1].at_us;
    let last = stolen(&history, messages[3]).seq;
    let shown = Delivery {
        prev: last,
        at_us: now_us + 1,
        ..stolen(&history, hidden)
    };
    add(&mut history, 0, shown);
    assert_eq!(broken(&history), [Check::Block]);
}

#[test]
fn a_page_holds_a_message_of_the_blocked_one() {
    let (mut town, messages) = blocked();
    town.restart(0, 0);
    let mut history = town.finish();
    assert_eq!(broken(&history), []);
    let leaked = stolen(&history, messages[1]);
    let TurnKind::Restart { snapshot, .. } = &mut history.observers[0].turns[0].what else {
        panic!("it restarted")
    };
    let place = snapshot.partition_point(|&(seq, _)| seq < leaked.seq);
    snapshot.insert(place, (leaked.seq, leaked.id));
    assert_eq!(broken(&history), [Check::Block]);
}

#[test]
fn what_is_hidden_excuses_nothing_else() {
    let (mut town, messages) = blocked();
    let last = town.send(4, 0);
    let mut history = town.finish();
    // A message of somebody else is missing among the hidden ones: as the first after them, and then in `prev` too.
    let missing = forget(&mut history, 0, messages[3]);
    let place = place_of(&history, 0, last);
    assert_eq!(broken(&history), [Check::Lost, Check::Order]);
    history.observers[0].deliveries[place].prev = missing.prev;
    assert_eq!(broken(&history), [Check::Lost, Check::Order]);
}

#[test]
fn prev_is_what_was_told_and_not_what_was_hidden() {
    let (town, messages) = blocked();
    let mut history = town.finish();
    let place = place_of(&history, 0, messages[3]);
    history.observers[0].deliveries[place].prev += 1;
    assert_eq!(broken(&history), [Check::Order]);
}

#[test]
fn a_block_hides_nothing_from_others() {
    let (town, messages) = blocked();
    let mut history = town.finish();
    forget(&mut history, 4, messages[2]);
    assert_eq!(broken(&history), [Check::Lost, Check::Order]);
}

#[test]
fn a_block_hides_nothing_that_was_said_long_after_its_end() {
    let (mut town, _) = blocked();
    town.unblock(0, 1);
    town.wait(20 * SECOND);
    let first = town.send(2, 0);
    let last = town.send(2, 0);
    let mut history = town.finish();
    assert_eq!(broken(&history), []);
    forget(&mut history, 0, last);
    assert_eq!(broken(&history), [Check::Lost]);
    // With a `prev` that fits, as if the first had been hidden.
    let missing = forget(&mut history, 1, first);
    let place = place_of(&history, 1, last);
    history.observers[1].deliveries[place].prev = missing.prev;
    assert_eq!(broken(&history), [Check::Lost, Check::Order]);
}

#[test]
fn a_block_hides_nothing_that_was_passed_long_before_it() {
    let mut town = town();
    let early = town.send(2, 0);
    town.send(4, 0);
    town.wait(20 * SECOND);
    town.block(0, 1);
    let mut history = town.finish();
    assert_eq!(broken(&history), []);
    let missing = forget(&mut history, 0, early);
    assert_eq!(broken(&history), [Check::Lost, Check::Order]);
    history.observers[0].deliveries[0].prev = missing.prev;
    assert_eq!(broken(&history), [Check::Lost, Check::Order]);
}

#[test]
fn a_block_may_hold_before_it_is_acknowledged() {
    let (town, _) = blocked();
    let mut history = town.finish();
    let late_us = history.sends.iter().map(|it| it.resolved_us).max();
    history.blocks[0].acked_us = late_us.expect("there are messages") + 1;
    assert_eq!(broken(&history), []);
    history.blocks[0].asked_us = history.blocks[0].acked_us;
    assert_eq!(broken(&history), [Check::Lost, Check::Order]);
}

#[test]
fn a_page_may_be_read_when_the_block_is_over() {
    let (mut town, messages) = blocked();
    town.restart(0, 0);
    town.wait(SECOND);
    town.unblock(0, 1);
    let mut history = town.finish();
    let leaked = stolen(&history, messages[1]);
    let TurnKind::Restart { snapshot, .. } = &mut history.observers[0].turns[0].what else {
        panic!("it restarted")
    };
    let place = snapshot.partition_point(|&(seq, _)| seq < leaked.seq);
    snapshot.insert(place, (leaked.seq, leaked.id));
    assert_eq!(broken(&history), []);
}
