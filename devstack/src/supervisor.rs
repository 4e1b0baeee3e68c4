//! Starts crashed children of `cargo dev` again, ever more slowly if they crash again.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::fleet::Fleet;
use crate::screen;

const LOOK_EVERY: Duration = Duration::from_millis(250);
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// Who lived this long starts over with the shortest pause.
const STABLE: Duration = Duration::from_secs(30);

/// When to start a crashed child again.
#[derive(Debug, Clone, Copy)]
struct BackOff {
    pause: Duration,
    not_before: Instant,
    is_noted: bool,
}

impl BackOff {
    fn first() -> Self {
        Self {
            pause: FIRST_PAUSE,
            not_before: Instant::now() + FIRST_PAUSE,
            is_noted: false,
        }
    }

    /// Notes a crash; `true` when it is new and deserves a line.
    fn note(&mut self) -> bool {
        !std::mem::replace(&mut self.is_noted, true)
    }

    fn started(&mut self) {
        let pause = if self.not_before.elapsed() > STABLE {
            FIRST_PAUSE
        } else {
            self.pause * 2
        };
        self.pause = pause.min(LONGEST_PAUSE);
        self.not_before = Instant::now() + self.pause;
        self.is_noted = false;
    }
}

/// Watches a fleet for ever.
pub async fn watch(fleet: &mut Fleet) {
    let mut back_offs: HashMap<String, BackOff> = HashMap::new();
    let mut tick = tokio::time::interval(LOOK_EVERY);
    loop {
        tick.tick().await;
        for store in fleet.stores.dead() {
            if is_due(&mut back_offs, store.name()) {
                let started = fleet.stores.start_again(store).await;
                report(&mut back_offs, store.name(), started);
            }
        }
        for node in fleet.nodes_mut() {
            let name = node.name();
            if node.has_died() && is_due(&mut back_offs, &name) {
                let started = node.start(&[]).await;
                report(&mut back_offs, &name, started);
            }
        }
    }
}

fn is_due(back_offs: &mut HashMap<String, BackOff>, name: &str) -> bool {
    let back_off = back_offs
        .entry(name.to_owned())
        .or_insert_with(BackOff::first);
    if back_off.note() {
        screen::warn(&format!(
            "{name} died; starting it again (see .hubbub/logs/{name}.log)"
        ));
    }
    Instant::now() >= back_off.not_before
}

fn report(back_offs: &mut HashMap<String, BackOff>, name: &str, started: anyhow::Result<()>) {
    let back_off = back_offs
        .entry(name.to_owned())
        .or_insert_with(BackOff::first);
    back_off.started();
    match started {
        Ok(()) => screen::warn(&format!("{name} is up again")),
        Err(error) => {
            screen::warn(&format!(
                "{name} does not come up, next try in {} s: {error:#}",
                back_off.pause.as_secs()
            ));
            back_off.is_noted = true;
        }
    }
}
