//! The page that a device read when its view was given up (C12, and C10 for pages).

use std::collections::BTreeMap;

use super::{Check, Entry, Id, Observer, TurnKind, Verdict, ledger::Ledger, rules::Rules};

/// A page, and who read it.
pub(super) struct Page<'a> {
    pub(super) device: usize,
    pub(super) viewer: u32,
    pub(super) room: u32,
    /// The head that the server named.
    pub(super) seq: u32,
    /// When it did. The page came later.
    pub(super) at_us: u64,
    /// As (seq, id), oldest first.
    pub(super) messages: &'a [(u32, Id)],
}

/// By room: the last turn after which the page of an earlier restart is no longer needed.
pub(super) fn last_turns(observer: &Observer) -> BTreeMap<u32, usize> {
    let turns = observer.turns.iter().enumerate();
    let turns = turns.filter_map(|(place, turn)| match turn.what {
        TurnKind::Restart { room, .. }
        | TurnKind::Joined { room, .. }
        | TurnKind::Left { room, .. } => Some((room, place)),
        _ => None,
    });
    turns.collect()
}

/// Checks a page. Only the first thing wrong with it counts.
pub(super) fn check(ledger: &Ledger<'_>, rules: &Rules, page: &Page<'_>, verdict: &mut Verdict) {
    let Page {
        device, room, seq, ..
    } = *page;
    let head = ledger.history.heads.get(room as usize);
    if let Some(head) = head.filter(|&&head| seq > head) {
        verdict.add(Check::Honesty, || {
            format!(
                "device {device}, room {room}: told to go on after {seq}, but the head is {head}"
            )
        });
        return;
    }
    if let Some(wrong) = first_difference(ledger, rules, page) {
        verdict.add(Check::Honesty, || {
            format!("device {device}, room {room}: the page up to {seq} and the final read differ at {wrong}")
        });
    }
    check_hidden(ledger, rules, page, verdict);
}

/// Returns the first place at which the page is not what the final read is there. Left out may be what was hidden.
fn first_difference(ledger: &Ledger<'_>, rules: &Rules, page: &Page<'_>) -> Option<u32> {
    let finals = ledger.history.finals.get(page.room as usize)?;
    let first = page.messages.first().map_or(0, |&(seq, _)| seq);
    let last = page.messages.last().map_or(0, |&(seq, _)| seq);
    let upto = last.max(page.seq);
    let from = finals.partition_point(|entry| entry.seq < first);
    let mut stored = finals[from..]
        .iter()
        .take_while(|entry| entry.seq <= upto)
        .peekable();
    for &(seq, id) in page.messages {
        while let Some(entry) = stored.next_if(|entry| entry.seq < seq) {
            if !may_be_left_out(ledger, rules, page, entry) {
                return Some(entry.seq);
            }
        }
        let is_same = |entry: &&Entry| entry.seq == seq && entry.id == id;
        if stored.next_if(is_same).is_none() {
            return Some(seq);
        }
    }
    stored
        .find(|entry| !may_be_left_out(ledger, rules, page, entry))
        .map(|entry| entry.seq)
}

fn may_be_left_out(ledger: &Ledger<'_>, rules: &Rules, page: &Page<'_>, entry: &Entry) -> bool {
    let author = ledger
        .send(entry.message)
        .and_then(|send| ledger.history.user_of(send.bot));
    let read_by_us = rules.answered_by(page.at_us);
    author.is_some_and(|author| rules.may_be_hidden(page.viewer, author, page.at_us, read_by_us))
}

/// C10 for pages: the author was hidden whenever the page may have been read.
fn check_hidden(ledger: &Ledger<'_>, rules: &Rules, page: &Page<'_>, verdict: &mut Verdict) {
    if !rules.has_blocks(page.viewer) {
        return;
    }
    let Page {
        device,
        viewer,
        room,
        at_us,
        ..
    } = *page;
    let read_by_us = rules.answered_by(at_us);
    for &(seq, _) in page.messages {
        let author = ledger.author(room, seq).map(|(author, _)| author);
        if author.is_some_and(|author| rules.is_hidden(viewer, author, at_us, read_by_us)) {
            verdict.add(Check::Block, || {
                format!(
                    "device {device} was given room {room} seq {seq} on a page in spite of a block"
                )
            });
        }
    }
}
