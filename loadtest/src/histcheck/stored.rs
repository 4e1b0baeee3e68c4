//! What was stored in a denied person's name after the answer, although it was sent before it (C9).
//!
//! Sends alone cannot show that: one that was on its way when the answer came may stand before it. Only whoever read
//! the end of a room after the answer knows what was not there yet.

use super::{Check, Denial, History, Look, Scope, Verdict, ledger::Ledger};

/// The ends of one room that were read, in two orders.
struct Ends {
    by_question: Vec<Look>,
    by_answer: Vec<Look>,
}

impl Ends {
    fn of(history: &History, room: u32) -> Self {
        let looks = history.looks.iter().filter(|look| look.room == room);
        let mut by_question: Vec<Look> = looks.copied().collect();
        let mut by_answer = by_question.clone();
        by_question.sort_unstable_by_key(|look| look.asked_us);
        by_answer.sort_unstable_by_key(|look| look.answered_us);
        Self {
            by_question,
            by_answer,
        }
    }

    /// Returns where the room ended when a denial was in force first and when it was last, as far as anybody looked.
    fn while_denied(&self, no: &Denial) -> Option<(u32, u32)> {
        let (asked, answered) = (&self.by_question, &self.by_answer);
        let lifted_us = no.lifted_us.unwrap_or(u64::MAX);
        let first = asked.partition_point(|look| look.asked_us <= no.acked_us);
        let after = answered.partition_point(|look| look.answered_us < lifted_us);
        let last = answered.get(after.checked_sub(1)?)?;
        Some((asked.get(first)?.end, last.end))
    }
}

/// Checks every denial against the ends that were read.
pub(super) fn check(ledger: &Ledger<'_>, verdict: &mut Verdict) {
    let history = ledger.history;
    for (room, entries) in history.finals.iter().enumerate() {
        let room = room as u32;
        let ends = Ends::of(history, room);
        for no in history.denials.iter().filter(|no| is_about(no, room)) {
            let Some((after, upto)) = ends.while_denied(no) else {
                continue;
            };
            let from = entries.partition_point(|entry| entry.seq <= after);
            let stored = entries.iter().skip(from);
            for entry in stored.take_while(|entry| entry.seq <= upto) {
                let author = ledger.author(room, entry.seq).map(|(author, _)| author);
                if author == Some(no.user) {
                    verdict.add(Check::Revocation, || {
                        format!(
                            "message {} of user {} was stored in room {room} at seq {} after their denial was answered",
                            entry.message, no.user, entry.seq
                        )
                    });
                }
            }
        }
    }
}

fn is_about(no: &Denial, room: u32) -> bool {
    no.scope == Scope::Everything || no.scope == Scope::Room(room)
}
