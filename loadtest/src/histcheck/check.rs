//! The order of the checks.

use super::{
    Check, History, Verdict, device,
    ledger::Ledger,
    order::{self, Senders},
    restore,
    rules::Rules,
    sends, stored,
};

/// Checks a history against every promise.
#[must_use]
pub fn check(history: &History) -> Verdict {
    let mut verdict = Verdict::new();
    let history = &*restore::reconcile(history, &mut verdict);
    let rules = Rules::new(history);
    let mut ledger = Ledger::read(history, &mut verdict);
    let mut restarts = 0;
    for number in 0..history.observers.len() {
        restarts += device::check(&mut ledger, &rules, number, &mut verdict);
    }
    let allowed = history.settings.restarts_max;
    if restarts > allowed {
        verdict.add(Check::Honesty, || {
            format!("continuity was given up {restarts} times, at most {allowed} are allowed")
        });
    }
    let mut senders = Senders::new(&ledger);
    for room in 0..history.finals.len() {
        order::check_real_time(&ledger, room, &mut verdict);
        senders.check(&ledger, room, &mut verdict);
    }
    sends::check(&ledger, &rules, &mut verdict);
    stored::check(&ledger, &mut verdict);
    verdict
}
