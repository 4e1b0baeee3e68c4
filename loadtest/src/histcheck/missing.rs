//! What a device was to be told and was not (C1).

use super::{Check, Outcome, Send, Verdict, ledger::Ledger, rules::Rules, views::Part};

/// Checks one part of a room's order against the marks that a device left in the ledger.
pub(super) fn check(
    ledger: &Ledger<'_>,
    rules: &Rules,
    (device, room): (usize, u32),
    part: &Part,
    verdict: &mut Verdict,
) {
    let viewer = ledger.history.observers[device].user;
    for &(seq, message) in ledger.acked(room, part.after, part.upto) {
        if ledger.is_marked(device, room, seq) {
            continue;
        }
        let send = ledger.send(message).filter(|_| seq > part.passed);
        let is_excused = send.is_some_and(|send| {
            let author = ledger.history.user_of(send.bot);
            is_too_late(rules, send, part) || is_hidden(rules, viewer, author, send, part)
        });
        if !is_excused {
            verdict.add(Check::Lost, || {
                format!("device {device} never got room {room} seq {seq} (message {message})")
            });
        }
    }
}

/// Whether a message may still have been on its way at the end.
fn is_too_late(rules: &Rules, send: &Send, part: &Part) -> bool {
    let Outcome::Acked { at_us, .. } = send.outcome else {
        return true;
    };
    let ready_us = at_us.max(part.end.calm_us);
    ready_us.saturating_add(rules.bounds().catch_up_us) > part.end.at_us
}

/// Whether a message may have been hidden until the end.
fn is_hidden(rules: &Rules, viewer: u32, author: Option<u32>, send: &Send, part: &Part) -> bool {
    author
        .is_some_and(|author| rules.may_be_hidden(viewer, author, send.invoked_us, part.end.at_us))
}
