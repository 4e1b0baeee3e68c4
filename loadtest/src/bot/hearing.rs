//! What a bot makes of frames.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use super::{AGAIN, Bot, SILENCE_MAX};
use crate::{
    dialect::{Event, Heard},
    histcheck::{Delivery, Id, NOT_A_MESSAGE, Outcome},
    shared::LATE,
};

impl Bot {
    /// Takes a frame in, and adds the answers that it needs.
    pub(super) fn hear_all(&mut self, frame: &str, replies: &mut Vec<String>) {
        for text in self.dialect.messages(frame) {
            replies.extend(self.hear(text));
        }
    }

    /// Takes a message in and returns the answer it needs, if any.
    fn hear(&mut self, text: &str) -> Option<String> {
        self.shared.progress.heard.fetch_add(1, Ordering::Relaxed);
        let is_sound = match self.dialect.hear(text) {
            Heard::Ping(answer) => return Some(answer),
            Heard::Ack { message, seq, id } => self.hear_ack(message, seq, id),
            Heard::Refusal {
                message,
                reason,
                retry_after_ms,
            } => self.hear_refusal(message, reason, retry_after_ms),
            Heard::GaveUp => {
                self.record.trouble.gaps += 1;
                Some(())
            }
            Heard::Event(event) => self.hear_event(event),
            Heard::Aside => Some(()),
            Heard::Nonsense => None,
        };
        if is_sound.is_none() {
            self.record.trouble.malformed += 1;
        }
        let beat = self.dialect.beat()?;
        let is_due = self.last_sent.elapsed() > SILENCE_MAX;
        is_due.then(|| beat.to_owned())
    }

    fn hear_ack(&mut self, message: u32, seq: u32, id: Id) -> Option<()> {
        let outcome = Outcome::Acked {
            seq,
            id,
            at_us: self.shared.now_us(),
            // Every key is sent once.
            duplicate: false,
        };
        self.settle(message, outcome)?;
        let is_late = u128::from(self.shared.since_due_us(message)) > LATE.as_micros();
        let progress = &self.shared.progress;
        progress
            .late
            .fetch_add(u64::from(is_late), Ordering::Relaxed);
        let room = self.shared.plan.room_of(message);
        let members = self.shared.members[room].load(Ordering::Relaxed);
        progress.promised.fetch_add(members, Ordering::Relaxed);
        // After `promised`, so that whoever sees the answer sees the promise.
        self.ended();
        Some(())
    }

    fn hear_refusal(
        &mut self,
        message: Option<u32>,
        reason: String,
        retry_after_ms: u64,
    ) -> Option<()> {
        let trouble = &mut self.record.trouble;
        *trouble.refusals.entry(reason).or_default() += 1;
        trouble.without_retry_after += u64::from(retry_after_ms == 0);
        if self.shared.is_patient && retry_after_ms > 0 {
            let wait = Duration::from_millis(retry_after_ms).max(AGAIN);
            self.wait_until = Some(Instant::now() + wait);
        }
        self.settle(message?, Outcome::Refused)?;
        self.ended();
        Some(())
    }

    /// Notes the answer to a send. Only the first one counts; a second one is reported as malformed.
    fn settle(&mut self, message: u32, outcome: Outcome) -> Option<()> {
        let latency_us = self.shared.since_due_us(message);
        let resolved_us = self.shared.now_us();
        let mut attempts = self.record.attempts.iter_mut().rev();
        let attempt = attempts.find(|attempt| attempt.message == message)?;
        if attempt.outcome != Outcome::Unknown {
            return None;
        }
        attempt.outcome = outcome;
        self.in_flight = self.in_flight.saturating_sub(1);
        attempt.resolved_us = resolved_us;
        attempt.latency_us = latency_us;
        Some(())
    }

    fn hear_event(&mut self, event: Event<'_>) -> Option<()> {
        let Some(room) = event.room.and_then(|id| self.room_number(id)) else {
            // The private feed and rooms of other runs have no place in this history; a stray message is a fault.
            return event.body.is_none().then_some(());
        };
        let message = event.body.map_or(NOT_A_MESSAGE, |body| {
            self.shared
                .progress
                .delivered
                .fetch_add(1, Ordering::Relaxed);
            self.shared.plan.message_of(&body)
        });
        let is_ours = message < self.shared.plan.messages;
        self.record.observer.deliveries.push(Delivery {
            id: event.id,
            room,
            seq: event.seq,
            prev: event.prev,
            message,
            latency_us: if is_ours {
                self.shared.since_due_us(message)
            } else {
                0
            },
            at_us: self.shared.now_us(),
        });
        Some(())
    }

    fn room_number(&self, id: &str) -> Option<u32> {
        self.shared.numbers.get(id).copied()
    }
}
