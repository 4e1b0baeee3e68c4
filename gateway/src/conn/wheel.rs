//! One timing wheel for the deadlines of all connections: an idle connection costs one entry, not a timer.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use parking_lot::Mutex;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::{App, conn::handle::Handle};

/// Deadlines are kept to this precision, never early.
const TICK: Duration = Duration::from_millis(100);
/// Deadlines further away than this many ticks wake their connection early; it arms itself again.
const SLOTS: u64 = 1_024;

/// See the module.
pub struct Wheel {
    state: Mutex<State>,
}

struct State {
    began: Instant,
    /// Ticks since `began` that are done.
    done: u64,
    slots: Vec<Vec<Weak<Handle>>>,
}

impl Default for Wheel {
    fn default() -> Self {
        let slots = (0..SLOTS).map(|_| Vec::new()).collect();
        Self {
            state: Mutex::new(State {
                began: Instant::now(),
                done: 0,
                slots,
            }),
        }
    }
}

impl Wheel {
    /// Wakes a connection at or soon after `at`.
    pub fn arm(&self, handle: &Arc<Handle>, at: Instant) {
        let mut state = self.state.lock();
        let ticks = ticks(at.saturating_duration_since(state.began)) + 1;
        let tick = ticks.clamp(state.done + 1, state.done + SLOTS - 1);
        state.slots[slot(tick)].push(Arc::downgrade(handle));
    }

    /// Takes out everyone whose time has come.
    fn due(&self, now: Instant) -> Vec<Weak<Handle>> {
        let mut state = self.state.lock();
        let until = ticks(now.saturating_duration_since(state.began));
        let mut due = Vec::new();
        while state.done < until {
            state.done += 1;
            let index = slot(state.done);
            due.append(&mut state.slots[index]);
        }
        due
    }
}

fn ticks(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis() / TICK.as_millis()).unwrap_or(u64::MAX / 2)
}

fn slot(tick: u64) -> usize {
    usize::try_from(tick % SLOTS).unwrap_or_default()
}

/// Turns the wheel until `stop`.
pub async fn turn(app: Arc<App>, stop: CancellationToken) {
    let mut every = tokio::time::interval(TICK);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stop.run_until_cancelled(every.tick()).await.is_some() {
        for handle in app.wheel.due(Instant::now()) {
            if let Some(handle) = handle.upgrade() {
                handle.fall_due();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conn::handle::tests::handle;

    #[tokio::test(start_paused = true)]
    async fn nobody_is_woken_early_or_forgotten() {
        let wheel = Wheel::default();
        let soon = handle();
        let late = handle();
        wheel.arm(&soon, Instant::now() + Duration::from_millis(250));
        wheel.arm(&late, Instant::now() + Duration::from_secs(60 * 60));
        tokio::time::advance(Duration::from_millis(249)).await;
        assert!(wheel.due(Instant::now()).is_empty());
        tokio::time::advance(Duration::from_millis(152)).await;
        assert_eq!(wheel.due(Instant::now()).len(), 1);
        // Beyond the wheel's reach: woken once per turn, to arm itself again.
        tokio::time::advance(Duration::from_secs(103)).await;
        assert_eq!(wheel.due(Instant::now()).len(), 1);
    }
}
