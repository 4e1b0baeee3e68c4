//! What the server says at the end, and what the checker makes of it.

use std::time::Duration;

use anyhow::Context;
use futures::{StreamExt, TryStreamExt, stream};

use crate::{
    bot::Record,
    histcheck::{Entry, History, Outcome, Send},
    plan::Plan,
    shared::Shared,
    stage::Stage,
};

/// How long the pages of all rooms may take.
const READ: Duration = Duration::from_secs(120);
/// Rooms read at a time.
const READERS: usize = 4;

/// Reads the pages of every room.
///
/// # Errors
/// When a page cannot be read in time.
pub async fn read(stage: &Stage) -> anyhow::Result<Vec<Vec<Entry>>> {
    let Shared { plan, rooms, .. } = &*stage.shared;
    let reads = rooms.iter().enumerate().map(|(number, room)| async move {
        let reader = &stage.accounts[plan.owner_of(number)];
        reader
            .history(room, plan)
            .await
            .with_context(|| format!("final read of room {number}"))
    });
    let all = stream::iter(reads).buffered(READERS).try_collect();
    tokio::time::timeout(READ, all)
        .await
        .context("the final read took too long")?
}

/// Puts together what the checker wants. Members that stopped reading are left out: their views have holes, which they
/// are told of, and which a client fills by pages.
#[must_use]
pub fn history(plan: &Plan, records: Vec<Record>, finals: Vec<Vec<Entry>>) -> History {
    let planned = |message| Send {
        bot: plan.sender_of(message) as u32,
        room: plan.room_of(message) as u32,
        invoked_us: 0,
        resolved_us: 0,
        outcome: Outcome::NotSent,
    };
    let mut sends: Vec<Send> = (0..plan.messages).map(planned).collect();
    let mut observers = Vec::with_capacity(records.len());
    for mut record in records {
        for attempt in record.attempts {
            let send = &mut sends[attempt.message as usize];
            (send.invoked_us, send.resolved_us) = (attempt.invoked_us, attempt.resolved_us);
            send.outcome = attempt.outcome;
        }
        if record.trouble.has_stalled {
            record.observer.starts.clear();
            record.observer.deliveries.clear();
        }
        observers.push(record.observer);
    }
    History {
        sends,
        observers,
        finals,
        ..History::default()
    }
}
