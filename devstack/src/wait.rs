//! Waiting for a condition with a deadline.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

const PAUSE: Duration = Duration::from_millis(20);

/// Asks `probe` until it answers `Some`, at most for `patience`.
///
/// # Errors
/// Fails when the time is over, naming `what`.
pub async fn until<T>(
    what: &str,
    patience: Duration,
    mut probe: impl AsyncFnMut() -> Option<T>,
) -> Result<T> {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(found) = probe().await {
            return Ok(found);
        }
        if Instant::now() >= deadline {
            bail!("waited {} s in vain for {what}", patience.as_secs());
        }
        tokio::time::sleep(PAUSE).await;
    }
}
