//! Readiness: named probes and the drain switch.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// A probe may take this long.
const PROBE_TIMEOUT: Duration = Duration::from_secs(1);

type Probe = dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync;

/// A named readiness probe.
#[derive(Clone)]
pub struct Check {
    name: &'static str,
    probe: Arc<Probe>,
}

impl Check {
    /// Makes a probe; the error text is shown on `/readyz` and must hold no secret.
    pub fn new<F>(name: &'static str, probe: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        Self {
            name,
            probe: Arc::new(move || Box::pin(probe())),
        }
    }
}

/// Whether this process should get work.
#[derive(Clone)]
pub(crate) struct Readiness {
    checks: Arc<Vec<Check>>,
    is_draining: Arc<AtomicBool>,
}

impl Readiness {
    pub(crate) fn new(checks: Vec<Check>) -> Self {
        Self {
            checks: Arc::new(checks),
            is_draining: Arc::default(),
        }
    }

    /// Says "not ready" from now on.
    pub(crate) fn drain(&self) {
        self.is_draining.store(true, Ordering::Release);
    }

    /// Returns what stands in the way; empty means ready.
    pub(crate) async fn obstacles(&self) -> Vec<String> {
        if self.is_draining.load(Ordering::Acquire) {
            return vec!["draining".into()];
        }
        let probes = self.checks.iter().map(|check| async move {
            match tokio::time::timeout(PROBE_TIMEOUT, (check.probe)()).await {
                Ok(Ok(())) => None,
                Ok(Err(why)) => Some(format!("{}: {why}", check.name)),
                Err(_) => Some(format!("{}: no answer within 1 s", check.name)),
            }
        });
        futures::future::join_all(probes)
            .await
            .into_iter()
            .flatten()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_silent_probe_is_an_obstacle_and_draining_wins() {
        let readiness = Readiness::new(vec![
            Check::new("fine", || async { Ok(()) }),
            Check::new("silent", std::future::pending),
        ]);
        assert_eq!(
            readiness.obstacles().await,
            ["silent: no answer within 1 s"]
        );
        readiness.drain();
        assert_eq!(readiness.obstacles().await, ["draining"]);
    }
}
