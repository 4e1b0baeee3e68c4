//! An older backup takes the place of the database: what it lacks is lost by definition, and everybody must know.

use super::{
    super::*,
    broken, id_of,
    town::{SECOND, town},
};

const ROOM: u32 = 0;
const LOST: u32 = 2;

/// Two messages stay, two are taken away by the backup, everybody begins anew, and one is written after it.
fn restored() -> History {
    let mut town = town();
    town.send(2, ROOM);
    town.send(4, ROOM);
    let end = town.head(ROOM);
    town.wait(SECOND);
    let backup_us = town.now_us;
    town.wait(SECOND);
    let lost: Vec<u32> = (0..LOST).map(|_| town.send(2, ROOM)).collect();
    town.wait(SECOND);
    let replaced_us = town.now_us;
    town.wait(SECOND);
    let restored_us = town.now_us;
    town.wait(2 * SECOND);
    let after = town.send(4, ROOM);
    let mut history = town.finish();
    history.restore = Some(Restore {
        backup_us,
        replaced_us,
        restored_us,
    });
    history.settings.restarts_max = 100;
    history.heads.clear();
    // What is written after the restore takes the place of the first lost message, as another event.
    let (seq, id) = (end + 1, Id([77; 16]));
    history.finals[ROOM as usize].retain(|entry| !lost.contains(&entry.message));
    for entry in &mut history.finals[ROOM as usize] {
        if entry.message == after {
            (entry.seq, entry.id) = (seq, id);
        }
    }
    if let Outcome::Acked {
        seq: place, id: of, ..
    } = &mut history.sends[after as usize].outcome
    {
        (*place, *of) = (seq, id);
    }
    let page: Vec<(u32, Id)> = history.finals[ROOM as usize]
        .iter()
        .filter(|entry| entry.seq <= end)
        .map(|entry| (entry.seq, entry.id))
        .collect();
    for observer in &mut history.observers {
        begins_anew(observer, after, (seq, id), restored_us + SECOND, &page);
    }
    history
}

/// The device is told that the room ends earlier, and what comes next there.
fn begins_anew(
    observer: &mut Observer,
    after: u32,
    (seq, id): (u32, Id),
    at_us: u64,
    page: &[(u32, Id)],
) {
    let mut deliveries = observer.deliveries.iter_mut().enumerate();
    let found = deliveries.find(|(_, told)| told.message == after);
    let (before, told) = found.expect("everybody hears it");
    (told.seq, told.id, told.prev) = (seq, id, seq - 1);
    let what = TurnKind::Restart {
        room: ROOM,
        seq: seq - 1,
        snapshot: page.to_vec(),
    };
    let turns = &mut observer.turns;
    let place = turns.partition_point(|turn| turn.before <= before && turn.at_us <= at_us);
    turns.insert(
        place,
        Turn {
            before,
            at_us,
            what,
        },
    );
}

fn take_restart(history: &mut History, device: usize) -> Turn {
    let turns = &mut history.observers[device].turns;
    let is_restart = |turn: &Turn| matches!(turn.what, TurnKind::Restart { .. });
    let place = turns.iter().position(is_restart).expect("it restarted");
    turns.remove(place)
}

#[test]
fn what_the_backup_lacks_is_lost_by_definition() {
    assert_eq!(broken(&restored()), []);
    let mut silent = restored();
    silent.restore = None;
    assert!(broken(&silent).contains(&Check::Lost));
}

#[test]
fn what_was_acknowledged_before_the_backup_is_not_there() {
    let mut history = restored();
    let entry = history.finals[ROOM as usize].remove(1);
    assert_eq!(entry.message, 1);
    assert!(broken(&history).contains(&Check::Lost));
}

#[test]
fn what_was_acknowledged_after_the_restore_is_not_there() {
    let mut history = restored();
    history.finals[ROOM as usize].pop();
    assert!(broken(&history).contains(&Check::Lost));
}

#[test]
fn a_device_is_not_told_to_begin_anew_and_goes_on() {
    let mut history = restored();
    take_restart(&mut history, 3);
    let found = broken(&history);
    assert!(found.contains(&Check::Honesty), "{found:?}");
}

#[test]
fn the_restored_log_counts_on_where_the_lost_one_ended() {
    let mut history = restored();
    take_restart(&mut history, 3);
    let seq = 4 + 2 + LOST + 1;
    let id = id_of(9, 9);
    let last = history.observers[3].deliveries.last_mut().expect("some");
    (last.seq, last.prev, last.id) = (seq, seq - 1, id);
    assert!(broken(&history).contains(&Check::Honesty));
}

/// The device's view is given up after it was told the first lost message, long before the database is replaced.
fn begins_anew_early(history: &mut History, device: usize) {
    let restore = history.restore.expect("one");
    let lost = history.sends[2].outcome;
    let Outcome::Acked { id, seq, .. } = lost else {
        panic!("it was acknowledged: {lost:?}");
    };
    let observer = &mut history.observers[device];
    let deliveries = &observer.deliveries;
    let before = deliveries.iter().position(|told| told.id == id);
    let before = before.expect("it heard the first") + 1;
    let turn = Turn {
        before,
        at_us: restore.replaced_us - 1,
        what: TurnKind::Restart {
            room: ROOM,
            seq,
            snapshot: vec![(seq, id)],
        },
    };
    let place = observer.turns.partition_point(|turn| turn.before < before);
    observer.turns.insert(place, turn);
}

#[test]
fn a_view_that_was_given_up_before_for_another_reason_is_told_all_the_same() {
    let mut history = restored();
    begins_anew_early(&mut history, 3);
    assert_eq!(broken(&history), []);
}

#[test]
fn a_view_that_was_given_up_before_does_not_count_as_told_of_the_loss() {
    let mut history = restored();
    take_restart(&mut history, 3);
    begins_anew_early(&mut history, 3);
    assert!(broken(&history).contains(&Check::Honesty));
}

#[test]
fn a_device_is_told_too_late() {
    let mut history = restored();
    let mut turn = take_restart(&mut history, 3);
    let restore = history.restore.expect("one");
    turn.at_us = restore.restored_us + history.settings.catch_up_us + 1_000;
    history.observers[3].turns.push(turn);
    assert!(broken(&history).contains(&Check::Liveness));
}

#[test]
fn the_page_shows_what_the_backup_took_away() {
    let mut history = restored();
    let lost = history.sends[2].outcome;
    let Outcome::Acked { id, .. } = lost else {
        panic!("it was acknowledged: {lost:?}");
    };
    for turn in &mut history.observers[3].turns {
        if let TurnKind::Restart { snapshot, .. } = &mut turn.what {
            snapshot.last_mut().expect("a page").1 = id;
        }
    }
    assert_eq!(broken(&history), [Check::Honesty]);
}
