//! What became of the sends: whether denied ones were accepted (C9), and whether all were answered (C11).

use super::{Check, Outcome, Send, Verdict, ledger::Ledger, rules::Rules};

/// Checks every send.
pub(super) fn check(ledger: &Ledger<'_>, rules: &Rules, verdict: &mut Verdict) {
    for (message, send) in ledger.history.sends.iter().enumerate() {
        let user = ledger.history.user_of(send.bot);
        if user.is_some_and(|user| is_accepted_in_spite(rules, user, send)) {
            verdict.add(Check::Revocation, || {
                format!(
                    "message {message} of user {user:?} was sent to room {} after their denial and accepted",
                    send.room
                )
            });
        }
        if rules.last_heal_us().is_some() {
            check_answer(rules, message, user, send, verdict);
        }
    }
}

/// C9, the side of acceptance. A repeat of what was accepted before is answered, and that is no acceptance.
fn is_accepted_in_spite(rules: &Rules, user: u32, send: &Send) -> bool {
    let Outcome::Acked {
        at_us,
        duplicate: false,
        ..
    } = send.outcome
    else {
        return false;
    };
    let resolved_us = send.resolved_us.max(at_us);
    rules.is_refused(user, send.room, send.invoked_us, resolved_us)
}

/// C11, the side of senders. A refusal after an attempt without an answer leaves a send unknown, but answered.
fn check_answer(
    rules: &Rules,
    message: usize,
    user: Option<u32>,
    send: &Send,
    verdict: &mut Verdict,
) {
    let resolved_us = match send.outcome {
        Outcome::Acked { at_us, .. } => send.resolved_us.max(at_us),
        Outcome::Unknown if send.resolved_us == 0 => u64::MAX,
        Outcome::NotSent | Outcome::Unknown | Outcome::Refused => send.resolved_us,
    };
    let limit_us = rules.resolved_by(user, send.room, send.invoked_us);
    if resolved_us > limit_us {
        verdict.add(Check::Liveness, || {
            if resolved_us == u64::MAX {
                return format!("message {message} was never answered");
            }
            let late_ms = (resolved_us - limit_us) / 1_000;
            format!("message {message} was answered {late_ms} ms too late")
        });
    }
}
