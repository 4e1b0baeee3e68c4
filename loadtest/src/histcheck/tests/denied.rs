//! C9: bans and kicks.

use super::{
    super::*,
    broken, id_of,
    town::{SECOND, Town, town},
};

/// Two messages, then user 0 (devices 0 and 1) is banned, then two more.
fn banned() -> Town {
    let mut town = town();
    town.send(0, 0);
    town.send(2, 0);
    town.ban(0);
    town.wait(10 * SECOND);
    town.send(2, 0);
    town.send(4, 0);
    town
}

/// The answer that a message in a room would have got.
fn acked(history: &mut History, device: u32, room: u32, at_us: u64, duplicate: bool) {
    let seq = history.finals[room as usize].last().map_or(5, |it| it.seq) + 1;
    let message = history.sends.len() as u32;
    let id = id_of(room, seq);
    history.sends.push(Send {
        bot: device,
        room,
        invoked_us: at_us,
        resolved_us: at_us + 1_000,
        outcome: Outcome::Acked {
            seq,
            id,
            at_us: at_us + 1_000,
            duplicate,
        },
    });
    history.finals[room as usize].push(Entry { seq, id, message });
    for observer in &mut history.observers {
        let last = observer.deliveries.iter().rfind(|it| it.room == room);
        if let Some(&last) = last.filter(|last| last.seq == seq - 1) {
            observer.deliveries.push(Delivery {
                id,
                room,
                seq,
                prev: last.seq,
                message,
                latency_us: 0,
                at_us,
            });
        }
    }
}

#[test]
fn a_message_of_a_banned_person_is_accepted() {
    let mut history = banned().finish();
    assert_eq!(broken(&history), []);
    let at_us = history.denials[0].acked_us + 20 * SECOND;
    acked(&mut history, 0, 0, at_us, false);
    assert_eq!(broken(&history), [Check::Revocation]);
}

#[test]
fn a_message_is_accepted_at_once_after_the_ban() {
    let mut history = banned().finish();
    let sends_of_others = history.sends.len();
    let mut with = |at_us| {
        acked(&mut history, 0, 0, at_us, false);
        let found = check(&history).of(Check::Revocation).violations;
        history.sends.truncate(sends_of_others);
        history.finals[0].pop();
        for observer in &mut history.observers {
            observer
                .deliveries
                .retain(|it| it.message != sends_of_others as u32);
        }
        found
    };
    let acked_us = banned().finish().denials[0].acked_us;
    assert_eq!(with(acked_us), 0);
    assert_eq!(with(acked_us + 1), 1);
}

#[test]
fn the_repeat_of_an_accepted_message_is_answered() {
    let mut history = banned().finish();
    let at_us = history.denials[0].acked_us + 20 * SECOND;
    acked(&mut history, 0, 0, at_us, true);
    assert_eq!(broken(&history), []);
}

#[test]
fn a_message_is_accepted_between_ban_and_unban() {
    let mut town = banned();
    town.wait(20 * SECOND);
    town.unban(0);
    let mut history = town.finish();
    let Denial {
        acked_us,
        lifted_us,
        ..
    } = history.denials[0];
    let lifted_us = lifted_us.expect("the ban is over");
    // Answered only after the undoing was asked for: nobody can tell when it was accepted.
    history.sends[0].invoked_us = acked_us + 1;
    let accepted = |at_us| Outcome::Acked {
        seq: 5,
        id: id_of(0, 5),
        at_us,
        duplicate: false,
    };
    history.sends[0].outcome = accepted(lifted_us);
    assert_eq!(check(&history).of(Check::Revocation).violations, 0);
    history.sends[0].resolved_us = lifted_us - 1;
    history.sends[0].outcome = accepted(lifted_us - 1);
    assert_eq!(check(&history).of(Check::Revocation).violations, 1);
}

#[test]
fn something_reaches_a_banned_person_after_the_grace() {
    let mut history = banned().finish();
    let Denial {
        acked_us, grace_us, ..
    } = history.denials[0];
    let last = history.observers[0].deliveries.last_mut();
    let last = last.expect("it got some");
    last.at_us = acked_us + grace_us;
    assert_eq!(broken(&history), []);
    let last = history.observers[0].deliveries.last_mut();
    last.expect("it got some").at_us = acked_us + grace_us + 1;
    assert_eq!(broken(&history), [Check::Revocation]);
}

#[test]
fn a_message_that_was_on_its_way_is_stored_after_the_answer() {
    let mut town = town();
    town.send(0, 0);
    town.send(2, 0);
    town.ban(0);
    town.wait(20 * SECOND);
    town.unban(0);
    let mut history = town.finish();
    let Denial {
        acked_us,
        lifted_us,
        ..
    } = history.denials[0];
    let lifted_us = lifted_us.expect("the ban is over");
    let Outcome::Acked { seq, .. } = history.sends[0].outcome else {
        panic!("it was acknowledged");
    };
    let look = |end, asked_us, answered_us| Look {
        room: 0,
        asked_us,
        answered_us,
        end,
    };
    let mut with = |looks: [Look; 2]| {
        history.looks = looks.to_vec();
        broken(&history)
    };
    let (first, last) = (acked_us + 1, lifted_us - 1);
    let (before, after) = (look(seq - 1, first, first + 9), look(seq, last - 9, last));
    assert_eq!(with([before, after]), [Check::Revocation]);
    // Not there before the answer, or only after the undoing was asked for: nobody can tell when it was stored.
    let early = look(seq - 1, acked_us, first + 9);
    assert_eq!(with([early, after]), []);
    let late = look(seq, last - 9, lifted_us);
    assert_eq!(with([before, late]), []);
    let there = look(seq, first, first + 9);
    assert_eq!(with([there, after]), []);
}

/// User 0 is put out of room 0, and the place of that is not known to the devices.
fn kicked() -> History {
    let mut town = town();
    town.send(2, 0);
    town.kick(0, 0);
    town.wait(5 * SECOND);
    town.send(2, 0);
    town.send(0, 1);
    let mut history = town.finish();
    for observer in &mut history.observers[..2] {
        for turn in &mut observer.turns {
            if let TurnKind::Left { seq, .. } = &mut turn.what {
                *seq = u32::MAX;
            }
        }
    }
    history
}

#[test]
fn something_of_a_room_reaches_who_was_kicked() {
    let mut history = kicked();
    assert_eq!(broken(&history), []);
    let leaked = history.observers[2]
        .deliveries
        .iter()
        .rfind(|it| it.room == 0);
    let leaked = *leaked.expect("the others got it");
    history.observers[0].deliveries.push(leaked);
    assert_eq!(broken(&history), [Check::Revocation]);
}

#[test]
fn a_message_of_who_was_kicked_is_accepted() {
    let mut history = kicked();
    let at_us = history.denials[0].acked_us + 6 * SECOND;
    acked(&mut history, 0, 0, at_us, false);
    assert_eq!(broken(&history), [Check::Revocation]);
}

#[test]
fn another_room_is_not_touched_by_a_kick() {
    let mut history = kicked();
    let at_us = history.denials[0].acked_us + 6 * SECOND;
    acked(&mut history, 0, 1, at_us, false);
    assert_eq!(broken(&history), []);
}

#[test]
fn after_the_unban_everything_must_come() {
    let mut town = banned();
    town.wait(SECOND);
    town.unban(0);
    town.wait(30 * SECOND);
    let last = town.send(2, 0);
    let mut history = town.finish();
    assert_eq!(broken(&history), []);
    super::forget(&mut history, 0, last);
    assert_eq!(broken(&history), [Check::Lost]);
}

#[test]
fn before_the_ban_everything_must_have_come() {
    let mut town = town();
    let last = town.send(2, 1);
    town.wait(6 * SECOND);
    town.ban(0);
    let mut history = town.finish();
    assert_eq!(broken(&history), []);
    super::forget(&mut history, 0, last);
    assert_eq!(broken(&history), [Check::Lost]);
}
