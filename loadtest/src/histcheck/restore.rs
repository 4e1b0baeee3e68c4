//! An older backup in the place of the database: what it took away is taken out of the history, and whoever had seen it
//! must have been told to begin anew. The other checks judge what is left.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use super::{
    Check, Delivery, History, Id, NOT_A_MESSAGE, Observer, Outcome, Restore, TurnKind, Verdict,
};

/// Returns the history without what the backup took away.
pub(super) fn reconcile<'a>(history: &'a History, verdict: &mut Verdict) -> Cow<'a, History> {
    let Some(restore) = history.restore else {
        return Cow::Borrowed(history);
    };
    let loss = Loss::of(history, restore);
    let mut kept = history.clone();
    for send in &mut kept.sends {
        if loss.has_taken(send.outcome) {
            send.outcome = Outcome::NotSent;
        }
    }
    for (device, observer) in kept.observers.iter_mut().enumerate() {
        for &room in loss.firsts.keys() {
            let told = loss.told(observer, room);
            if told.is_empty() {
                continue;
            }
            let limit_us = history.settings.catch_up_us;
            if let Some((check, what)) = loss.complaint(observer, room, limit_us) {
                verdict.add(check, || {
                    format!(
                        "device {device} saw {} places of room {room} that a backup took away, and {what}",
                        told.len()
                    )
                });
            }
            loss.shorten(observer, room);
            forget(observer, &told);
        }
    }
    Cow::Owned(kept)
}

/// What a restore took away.
struct Loss {
    restore: Restore,
    /// Every message that is stored in the end.
    stored: HashSet<Id>,
    /// By room: the first place that is known to be lost. The backup is the beginning of the log that it replaced, so
    /// everything after it was lost, too.
    firsts: HashMap<u32, u32>,
}

impl Loss {
    fn of(history: &History, restore: Restore) -> Self {
        let entries = history.finals.iter().flatten();
        let mut loss = Self {
            restore,
            stored: entries.map(|entry| entry.id).collect(),
            firsts: HashMap::new(),
        };
        for send in &history.sends {
            if let Outcome::Acked { seq, .. } = send.outcome
                && loss.has_taken(send.outcome)
            {
                loss.note(send.room, seq);
            }
        }
        for told in history.observers.iter().flat_map(|it| &it.deliveries) {
            let is_message = told.message != NOT_A_MESSAGE;
            if is_message && told.at_us < restore.restored_us && !loss.stored.contains(&told.id) {
                loss.note(told.room, told.seq);
            }
        }
        loss
    }

    fn note(&mut self, room: u32, seq: u32) {
        let first = self.firsts.entry(room).or_insert(seq);
        *first = seq.min(*first);
    }

    /// Whether a message was acknowledged after the backup began and before it was restored, and is not there.
    fn has_taken(&self, outcome: Outcome) -> bool {
        let Outcome::Acked { id, at_us, .. } = outcome else {
            return false;
        };
        let window = self.restore.backup_us..self.restore.restored_us;
        window.contains(&at_us) && !self.stored.contains(&id)
    }

    /// When a device was told to begin anew in a room, and before which of its deliveries.
    fn restart(&self, observer: &Observer, room: u32) -> Option<(u64, usize)> {
        let mut turns = observer.turns.iter();
        turns.find_map(|turn| match turn.what {
            TurnKind::Restart { room: of, .. }
                if of == room && turn.at_us >= self.restore.replaced_us =>
            {
                Some((turn.at_us, turn.before))
            }
            _ => None,
        })
    }

    /// Takes what is lost out of the pages that a device had read before, for other reasons.
    fn shorten(&self, observer: &mut Observer, room: u32) {
        let Some(&first) = self.firsts.get(&room) else {
            return;
        };
        for turn in &mut observer.turns {
            if turn.at_us < self.restore.replaced_us
                && let TurnKind::Restart {
                    room: of,
                    seq,
                    snapshot,
                } = &mut turn.what
                && *of == room
            {
                *seq = (*seq).min(first.saturating_sub(1));
                snapshot.retain(|&(place, _)| place < first);
            }
        }
    }

    /// Indexes of what a device was told of a room that is not there any more. What it is told of the restored log before
    /// it was told to begin anew is not among them: that is a fault, which the other checks find.
    fn told(&self, observer: &Observer, room: u32) -> Vec<usize> {
        let Some(&first) = self.firsts.get(&room) else {
            return Vec::new();
        };
        let until = self.restart(observer, room).map(|(_, before)| before);
        let is_gone = |told: &Delivery| {
            let is_stored = told.message != NOT_A_MESSAGE && self.stored.contains(&told.id);
            told.room == room
                && told.seq >= first
                && told.at_us < self.restore.restored_us
                && !is_stored
        };
        let seen = observer.deliveries.iter().enumerate();
        let seen = seen.take(until.unwrap_or(usize::MAX));
        let gone = seen.filter(|(_, told)| is_gone(told));
        gone.map(|(index, _)| index).collect()
    }

    /// Says what is wrong with how a device that saw more than there is was told so.
    fn complaint(&self, observer: &Observer, room: u32, limit_us: u64) -> Option<(Check, String)> {
        let Some((at_us, _)) = self.restart(observer, room) else {
            return Some((Check::Honesty, "was never told".to_owned()));
        };
        let turns = observer.turns.iter().filter(|turn| turn.at_us <= at_us);
        let connected = turns.filter(|turn| matches!(turn.what, TurnKind::Connected { .. }));
        let since_us = connected.map(|turn| turn.at_us).max().unwrap_or(0);
        let since_us = since_us.max(self.restore.restored_us);
        let late_us = at_us.checked_sub(since_us.saturating_add(limit_us))?;
        let what = format!("was told {} ms too late", late_us / 1_000);
        (late_us > 0).then_some((Check::Liveness, what))
    }
}

/// Takes deliveries out; turns keep their places between the others. The indexes grow.
fn forget(observer: &mut Observer, gone: &[usize]) {
    for turn in &mut observer.turns {
        turn.before -= gone.partition_point(|&index| index < turn.before);
    }
    let gone: HashSet<usize> = gone.iter().copied().collect();
    let mut index = 0;
    observer.deliveries.retain(|_| {
        index += 1;
        !gone.contains(&(index - 1))
    });
}
