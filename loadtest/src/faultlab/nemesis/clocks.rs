//! Clocks that are wrong.

use anyhow::{Context, Result};
use devstack::{fleet::Kind, tools};
use tokio::time::sleep;

use super::{Skipped, Strike};

/// Five minutes before and after what everybody else's clock shows.
const WRONG: [&str; 2] = ["+5m", "-5m"];

/// Lets one gateway and one service live in the future, then in the past, while people talk.
pub(super) async fn skew(strike: &mut Strike<'_>) -> Result<String> {
    let library = tools::faketime()
        .await
        .map_err(|why| Skipped(why.to_string()))?;
    let library = library.to_str().context("a path that is not text")?;
    for by in WRONG {
        let env = [
            ("LD_PRELOAD", library),
            ("FAKETIME", by),
            // Timers go by the monotonic clock, which nobody sets. Older versions know the shorter name.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ("DONT_FAKE_MONOTONIC", "1"),
        ];
        for kind in [Kind::Gateway, Kind::Room] {
            strike.lab.fleet.start_again_with(kind, 0, &env).await?;
        }
        sleep(strike.span / 2).await;
    }
    for kind in [Kind::Gateway, Kind::Room] {
        strike.lab.fleet.start_again(kind, 0).await?;
    }
    Ok("a gateway and a room-svc 5 minutes ahead, then 5 behind".to_owned())
}
