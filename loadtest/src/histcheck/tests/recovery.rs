//! C11: after a fault everything comes, and every send is answered.

use super::{
    super::*,
    broken, id_of, place_of,
    town::{SECOND, Town, town},
};

/// A fault of 20 s; message 0 is from before it, 1 and 2 from its middle, 3 from after it.
fn faulty() -> Town {
    let mut town = town();
    town.send(0, 0);
    town.wait(SECOND);
    town.break_down();
    town.wait(10 * SECOND);
    town.send(2, 0);
    town.send(4, 0);
    town.wait(10 * SECOND);
    town.heal();
    town.wait(20 * SECOND);
    town.send(0, 0);
    town
}

/// Moves the answer of a message; its place stays.
fn answer_at(history: &mut History, message: usize, answered_us: u64) {
    let send = &mut history.sends[message];
    send.resolved_us = answered_us;
    if let Outcome::Acked { at_us, .. } = &mut send.outcome {
        *at_us = answered_us;
    }
}

#[test]
fn a_device_gets_something_too_late() {
    let mut history = faulty().finish();
    assert_eq!(broken(&history), []);
    // Device 0 was connected all the time.
    let healed_us = history.faults[0].healed_us;
    let place = place_of(&history, 0, 0);
    history.observers[0].deliveries[place].at_us = healed_us + 5 * SECOND;
    assert_eq!(broken(&history), []);
    history.observers[0].deliveries[place].at_us += 1;
    assert_eq!(broken(&history), [Check::Liveness]);
}

#[test]
fn a_device_has_time_from_when_its_connection_began() {
    let mut town = faulty();
    town.disconnect(1);
    let mut history = town.finish();
    let observer = &mut history.observers[1];
    let link = observer
        .turns
        .iter()
        .find(|turn| matches!(turn.what, TurnKind::Connected { .. }));
    let connected_us = link.expect("it came back").at_us;
    let place = observer.deliveries.iter().rposition(|it| {
        history.sends[it.message as usize].invoked_us < history.faults[0].healed_us
    });
    let place = place.expect("it got something of the fault");
    // Acknowledged while the fault lasted, so it counts.
    let message = observer.deliveries[place].message as usize;
    let healed_us = history.faults[0].healed_us;
    answer_at(&mut history, message, healed_us);
    history.observers[1].deliveries[place].at_us = connected_us + 5 * SECOND;
    assert_eq!(check(&history).of(Check::Liveness).violations, 0);
    history.observers[1].deliveries[place].at_us += 1;
    assert_eq!(check(&history).of(Check::Liveness).violations, 1);
}

#[test]
fn a_send_is_answered_too_late() {
    for (message, begun) in [(1, false), (3, true)] {
        let mut history = faulty().finish();
        // One had the fault in its way, the other nothing.
        let since_us = if begun {
            history.sends[message].invoked_us
        } else {
            history.faults[0].healed_us
        };
        answer_at(&mut history, message, since_us + 10 * SECOND);
        assert_eq!(broken(&history), [], "{message}");
        answer_at(&mut history, message, since_us + 10 * SECOND + 1);
        assert_eq!(broken(&history), [Check::Liveness], "{message}");
    }
}

#[test]
fn a_send_is_never_answered() {
    let mut history = faulty().finish();
    history.sends[1].outcome = Outcome::Unknown;
    history.sends[1].resolved_us = 0;
    assert_eq!(broken(&history), [Check::Liveness]);
}

#[test]
fn a_send_that_stays_unknown_but_was_answered_is_fine() {
    let mut history = faulty().finish();
    history.sends[1].outcome = Outcome::Unknown;
    assert_eq!(broken(&history), []);
}

#[test]
fn who_was_denied_need_not_be_answered() {
    let mut town = faulty();
    town.ban(1);
    let mut history = town.finish();
    let denial = history.denials[0];
    let message = history.sends.len() as u32;
    let pending = |bot| Send {
        bot,
        room: 0,
        invoked_us: denial.asked_us,
        resolved_us: 0,
        outcome: Outcome::Unknown,
    };
    history.sends.push(pending(2));
    assert_eq!(broken(&history), []);
    history.sends[message as usize] = pending(4);
    assert_eq!(broken(&history), [Check::Liveness]);
}

#[test]
fn a_view_is_given_up_too_late() {
    let mut town = town();
    town.break_down();
    let missed = town.send(4, 0);
    let missed = if missed.is_multiple_of(2) {
        missed
    } else {
        town.send(5, 0)
    };
    town.wait(SECOND);
    town.heal();
    let mut history = town.finish();
    // It was acknowledged during the fault, and instead of it device 0 got a new beginning.
    let healed_us = history.faults[0].healed_us;
    answer_at(&mut history, missed as usize, healed_us);
    let instead = super::forget(&mut history, 0, missed);
    history.observers[0].turns.push(Turn {
        before: 0,
        at_us: healed_us + 5 * SECOND,
        what: TurnKind::Restart {
            room: 0,
            seq: instead.seq,
            snapshot: vec![(instead.seq, id_of(0, instead.seq))],
        },
    });
    history.settings.restarts_max = 1;
    assert_eq!(broken(&history), []);
    history.observers[0].turns[0].at_us += 1;
    assert_eq!(broken(&history), [Check::Liveness]);
}

#[test]
fn without_a_fault_nothing_is_said_of_times() {
    let mut town = town();
    town.send(0, 0);
    let mut history = town.finish();
    answer_at(&mut history, 0, 60 * SECOND);
    for observer in &mut history.observers {
        observer.deliveries[0].at_us = 90 * SECOND;
    }
    assert_eq!(broken(&history), []);
}
