//! C12: a device whose view is given up is shown the truth, and that is rare.

use super::{
    super::*,
    broken, forget,
    town::{SECOND, town},
};

/// Device 0 misses so much that its view of room 0 is given up; then it is told one more message.
fn restarted() -> (History, u32) {
    let mut town = town();
    town.send(2, 0);
    town.disconnect(0);
    for _ in 0..9 {
        town.send(2, 0);
    }
    town.connect(0);
    town.wait(SECOND);
    let after = town.send(4, 0);
    (town.finish(), after)
}

type Snapshot = Vec<(u32, Id)>;

/// Changes the head and the page of the restart.
fn with_restart(change: impl Fn(&mut u32, &mut Snapshot)) -> History {
    let (mut history, _) = restarted();
    let mut turns = history.observers[0].turns.iter_mut();
    let restart = turns.find_map(|turn| match &mut turn.what {
        TurnKind::Restart { seq, snapshot, .. } => Some((seq, snapshot)),
        _ => None,
    });
    let (seq, snapshot) = restart.expect("it restarted");
    change(seq, snapshot);
    history
}

#[test]
fn a_true_page_passes() {
    assert_eq!(broken(&with_restart(|_, _| ())), []);
    assert_eq!(
        broken(&with_restart(|_, page| {
            page.remove(0);
        })),
        []
    );
}

#[test]
fn a_page_has_a_hole() {
    let history = with_restart(|_, page| {
        page.remove(1);
    });
    assert_eq!(broken(&history), [Check::Honesty]);
}

#[test]
fn a_page_lacks_the_newest() {
    let history = with_restart(|_, page| {
        page.pop();
    });
    assert_eq!(broken(&history), [Check::Honesty]);
}

#[test]
fn a_page_is_in_another_order() {
    let history = with_restart(|_, page| page.swap(1, 2));
    assert_eq!(broken(&history), [Check::Honesty]);
    let history = with_restart(|_, page| page.reverse());
    assert_eq!(broken(&history), [Check::Honesty]);
}

#[test]
fn a_page_holds_another_event() {
    let history = with_restart(|_, page| page[2].1 = Id([9; 16]));
    assert_eq!(broken(&history), [Check::Honesty]);
}

#[test]
fn a_page_holds_what_is_not_stored() {
    // Place 1 is the creation of the room.
    let history = with_restart(|_, page| page.insert(0, (1, Id([9; 16]))));
    assert_eq!(broken(&history), [Check::Honesty]);
}

#[test]
fn a_page_never_comes() {
    let mut history = with_restart(|_, page| page.clear());
    assert_eq!(broken(&history), [Check::Honesty]);
    // The next restart of the room needs no page of the first any more.
    let again = restarted().0.observers[0].turns.last().cloned();
    history.settings.restarts_max += 1;
    history.observers[0].turns.extend(again);
    assert_eq!(broken(&history), []);
}

#[test]
fn the_head_lies_beyond_the_end() {
    let (mut history, after) = restarted();
    // Nothing follows that would not fit.
    let last = forget(&mut history, 0, after).seq;
    let id = super::id_of(0, last);
    let turns = &mut history.observers[0].turns;
    let Some(TurnKind::Restart { seq, snapshot, .. }) = turns.last_mut().map(|turn| &mut turn.what)
    else {
        panic!("it restarted")
    };
    *seq = last;
    snapshot.push((last, id));
    assert_eq!(broken(&history), []);
    let turns = &mut history.observers[0].turns;
    if let Some(TurnKind::Restart { seq, .. }) = turns.last_mut().map(|turn| &mut turn.what) {
        *seq = last + 1;
    }
    assert_eq!(broken(&history), [Check::Honesty]);
    // Nobody knows where the end is.
    history.heads.clear();
    assert_eq!(broken(&history), []);
}

#[test]
fn a_view_goes_back() {
    let mut town = town();
    town.send(2, 0);
    town.restart(0, 0);
    town.wait(SECOND);
    let mut history = town.finish();
    assert_eq!(broken(&history), []);
    let TurnKind::Restart { seq, .. } = &mut history.observers[0].turns[0].what else {
        panic!("it restarted")
    };
    // The page is still the true one.
    *seq -= 1;
    assert_eq!(broken(&history), [Check::Honesty]);
}

#[test]
fn views_are_given_up_too_often() {
    let mut history = restarted().0;
    history.settings.restarts_max = 0;
    assert_eq!(broken(&history), [Check::Honesty]);
}

#[test]
fn after_a_restart_everything_comes() {
    let (mut history, after) = restarted();
    forget(&mut history, 0, after);
    assert_eq!(broken(&history), [Check::Lost]);
}

#[test]
fn after_a_restart_nothing_is_skipped() {
    let mut town = town();
    town.send(2, 0);
    town.restart(0, 0);
    let first = town.send(2, 0);
    town.send(2, 0);
    let mut history = town.finish();
    forget(&mut history, 0, first);
    assert_eq!(broken(&history), [Check::Lost, Check::Order]);
}

#[test]
fn the_page_of_who_is_banned_need_not_come() {
    let page_of = |user| {
        let mut town = town();
        town.send(4, 0);
        town.restart(0, 0);
        town.wait(SECOND);
        town.ban(user);
        let mut history = town.finish();
        let turns = &mut history.observers[0].turns;
        if let TurnKind::Restart { snapshot, .. } = &mut turns[0].what {
            snapshot.clear();
        }
        broken(&history)
    };
    assert_eq!(page_of(0), []);
    assert_eq!(page_of(1), [Check::Honesty]);
}

#[test]
fn a_room_that_was_left_may_be_given_up_at_any_place() {
    let mut town = town();
    town.leave(0, 0);
    town.restart(0, 0);
    let mut history = town.finish();
    let turns = &mut history.observers[0].turns;
    let TurnKind::Restart { seq, .. } = &mut turns[1].what else {
        panic!("it restarted")
    };
    *seq -= 1;
    assert_eq!(broken(&history), []);
}

#[test]
fn before_a_restart_nothing_was_skipped() {
    let mut town = town();
    let first = town.send(2, 0);
    town.send(2, 0);
    town.restart(0, 0);
    let mut history = town.finish();
    forget(&mut history, 0, first);
    assert_eq!(broken(&history), [Check::Lost, Check::Order]);
}
