//! Starts crashed children of `cargo dev` again, ever more slowly if they crash again.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use futures::future::join_all;

use crate::fleet::{Fleet, Kind};
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
    let mut supervisor = Supervisor::default();
    let mut tick = tokio::time::interval(LOOK_EVERY);
    loop {
        tick.tick().await;
        supervisor.look(fleet).await;
    }
}

/// What is known of the crashes of a fleet.
#[derive(Debug, Default)]
pub struct Supervisor(HashMap<String, BackOff>);

impl Supervisor {
    /// Looks once, and starts what died and has waited long enough. Returns whether everything runs.
    pub async fn look(&mut self, fleet: &mut Fleet) -> bool {
        let mut is_whole = true;
        for store in fleet.stores.dead() {
            is_whole = false;
            if self.is_due(store.name()) {
                let started = fleet.stores.start_again(store).await;
                self.report(store.name(), started);
            }
        }
        // A gateway is not ready without the services, so it would only keep them waiting.
        for is_gateway in [false, true] {
            let mut due = Vec::new();
            for node in fleet.nodes_mut() {
                if (node.kind == Kind::Gateway) != is_gateway || !node.has_died() {
                    continue;
                }
                is_whole = false;
                if self.is_due(&node.name()) {
                    due.push(node);
                }
            }
            let starts = due.into_iter().map(async |node| {
                let started = node.start(&[]).await;
                (node.name(), started)
            });
            for (name, started) in join_all(starts).await {
                self.report(&name, started);
            }
            if !is_whole {
                break;
            }
        }
        is_whole
    }

    fn back_off(&mut self, name: &str) -> &mut BackOff {
        self.0.entry(name.to_owned()).or_insert_with(BackOff::first)
    }

    fn is_due(&mut self, name: &str) -> bool {
        let back_off = self.back_off(name);
        if back_off.note() {
            screen::warn(&format!(
                "{name} died; starting it again (see .hubbub/logs/{name}.log)"
            ));
        }
        Instant::now() >= back_off.not_before
    }

    fn report(&mut self, name: &str, started: anyhow::Result<()>) {
        let back_off = self.back_off(name);
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
}
