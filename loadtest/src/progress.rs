//! One line on the terminal that says how far a run is.

use std::{
    io::{self, IsTerminal, Write},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::task::JoinHandle;

use crate::shared::Shared;

const EVERY: Duration = Duration::from_millis(500);
/// Back to the first column, and whatever stood there is gone.
const WIPE: &str = "\r\x1b[2K";

/// The line; it goes away with this value. Nothing is shown where nobody looks: when stderr is no terminal.
#[derive(Debug)]
pub struct Progress {
    task: Option<JoinHandle<()>>,
}

impl Progress {
    /// Begins to show how far a run is.
    #[must_use]
    pub fn show(shared: Arc<Shared>) -> Self {
        let task = io::stderr().is_terminal().then(|| {
            tokio::spawn(async move {
                let mut tick = tokio::time::interval(EVERY);
                let mut last = 0;
                loop {
                    tick.tick().await;
                    let delivered = shared.progress.delivered.load(Ordering::Relaxed);
                    let per_second = (delivered - last) as f64 / EVERY.as_secs_f64();
                    write(&line(&shared, per_second));
                    last = delivered;
                }
            })
        });
        Self { task }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
            write("");
        }
    }
}

fn line(shared: &Shared, per_second: f64) -> String {
    let progress = &shared.progress;
    let begun = shared.starts.iter().filter(|it| it.get().is_some()).count();
    format!(
        "phase {begun} of {}: {} of {} messages ended, {} of {} deliveries, {per_second:.0}/s, {} acks late",
        shared.starts.len(),
        progress.answered.load(Ordering::Relaxed),
        shared.plan.messages,
        progress.delivered.load(Ordering::Relaxed),
        progress.promised.load(Ordering::Relaxed),
        progress.late.load(Ordering::Relaxed)
    )
}

fn write(text: &str) {
    let mut stderr = io::stderr().lock();
    // There is nobody left to tell when stderr is gone.
    let _ = write!(stderr, "{WIPE}{text}");
    let _ = stderr.flush();
}
