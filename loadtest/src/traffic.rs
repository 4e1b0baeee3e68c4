//! What happened to the messages of a run, or of one phase of it.

use std::{collections::BTreeMap, ops::Range};

use serde::Serialize;

use crate::{
    bot::{Attempt, Record},
    histcheck::{Delivery, Outcome},
    summary::Latency,
};

/// What happened to the messages.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Traffic {
    /// Messages the plan asked for.
    pub planned: u64,
    /// Acknowledged.
    pub acked: u64,
    /// Refused, by reason; of the whole run, as a refusal may not say of which message it is.
    pub refused: BTreeMap<String, u64>,
    /// Never answered.
    pub unknown: u64,
    /// Never handed to a socket: the connection was gone, far behind, or had been asked to wait.
    pub not_sent: u64,
    /// Messages received, by all connections together.
    pub deliveries: u64,
    /// The same per second.
    pub deliveries_per_second: f64,
    /// From the moment a message was due to its acknowledgement.
    pub ack: Latency,
    /// From the moment a message was due to each of its deliveries.
    pub delivery: Latency,
    /// From due to handed to the socket: the generator's own share of the two above.
    pub lateness: Latency,
}

/// Sums up what everyone recorded about some of the messages, in so many seconds.
#[must_use]
pub fn of(records: &[Record], messages: &Range<u32>, seconds: f64) -> Traffic {
    let attempts = || attempts(records, messages);
    let is_acked = |outcome: &Outcome| matches!(outcome, Outcome::Acked { .. });
    let acked = || attempts().filter(move |attempt| is_acked(&attempt.outcome));
    let mut refused = BTreeMap::new();
    for (reason, count) in records.iter().flat_map(|record| &record.trouble.refusals) {
        *refused.entry(reason.clone()).or_default() += count;
    }
    let count = deliveries(records, messages).count() as u64;
    let planned = u64::from(messages.end - messages.start);
    Traffic {
        planned,
        acked: acked().count() as u64,
        refused,
        unknown: attempts()
            .filter(|attempt| attempt.outcome == Outcome::Unknown)
            .count() as u64,
        not_sent: planned - attempts().count() as u64,
        deliveries: count,
        deliveries_per_second: count as f64 / seconds,
        ack: Latency::of(acked().map(|attempt| attempt.latency_us)),
        delivery: Latency::of(deliveries(records, messages).map(|delivery| delivery.latency_us)),
        lateness: Latency::of(attempts().map(|attempt| attempt.lateness_us)),
    }
}

/// Returns the sends of some of the messages.
pub fn attempts<'a>(
    records: &'a [Record],
    messages: &'a Range<u32>,
) -> impl Iterator<Item = &'a Attempt> {
    let all = records.iter().flat_map(|record| &record.attempts);
    all.filter(|attempt| messages.contains(&attempt.message))
}

/// Returns the deliveries of some of the messages, to those who always read.
pub fn deliveries<'a>(
    records: &'a [Record],
    messages: &'a Range<u32>,
) -> impl Iterator<Item = &'a Delivery> {
    let readers = records.iter().filter(|record| !record.trouble.has_stalled);
    let all = readers.flat_map(|record| &record.observer.deliveries);
    all.filter(|delivery| messages.contains(&delivery.message))
}

/// Says what a healthy run cannot have. Refusals are the server's right, so they are counted but no trouble.
#[must_use]
pub fn troubles(records: &[Record], traffic: &Traffic) -> Vec<String> {
    let mut troubles = connection_troubles(records);
    if traffic.unknown + traffic.not_sent > 0 {
        troubles.push(format!(
            "{} sends unanswered, {} not sent",
            traffic.unknown, traffic.not_sent
        ));
    }
    if traffic.acked == 0 {
        troubles.push("no message was acknowledged".to_owned());
    }
    troubles
}

/// Says which connections ended early or heard what they could not use, but for those that stopped reading.
#[must_use]
pub fn connection_troubles(records: &[Record]) -> Vec<String> {
    let readers = || records.iter().filter(|record| !record.trouble.has_stalled);
    let mut troubles = Vec::new();
    let mut closed = BTreeMap::<&str, u64>::new();
    for reason in readers().filter_map(|record| record.trouble.closed.as_deref()) {
        *closed.entry(reason).or_default() += 1;
    }
    troubles.extend(
        closed
            .iter()
            .map(|(reason, count)| format!("{count} connections ended: {reason}")),
    );
    let malformed: u64 = readers().map(|record| record.trouble.malformed).sum();
    let gaps: u64 = readers().map(|record| record.trouble.gaps).sum();
    if malformed > 0 {
        troubles.push(format!("{malformed} frames made no sense"));
    }
    if gaps > 0 {
        troubles.push(format!("{gaps} times continuity was given up"));
    }
    troubles
}
