//! A bus that loses, delays and doubles what is said on it.

use std::time::Duration;

use anyhow::Result;
use faultproxy::BusFault;
use tokio::time::sleep;

use super::Strike;

/// Events reach devices late by up to this.
const LATE: Duration = Duration::from_millis(500);
/// Long enough for something to be said in every room.
const LAST_WORDS: Duration = Duration::from_secs(1);

fn fault() -> BusFault {
    let all = proto::subject::all_events();
    BusFault {
        prefixes: vec![all.as_str().trim_end_matches('*').to_owned()],
        drop: 0.30,
        delay: 0.10,
        delay_max: LATE,
        duplicate: 0.05,
    }
}

pub(super) fn spoil(strike: &Strike<'_>) {
    for bus in strike.lab.links.buses() {
        bus.disturb(fault());
    }
}

pub(super) fn mend(strike: &Strike<'_>) -> String {
    strike.lab.links.heal();
    let mut sum = [0; 3];
    for stats in strike.lab.links.buses().map(|bus| bus.proxy().stats()) {
        sum[0] += stats.messages_dropped;
        sum[1] += stats.messages_delayed;
        sum[2] += stats.messages_doubled;
    }
    let [dropped, delayed, doubled] = sum;
    format!("{dropped} lost, {delayed} late, {doubled} doubled so far")
}

pub(super) async fn unreliable(strike: &mut Strike<'_>) -> Result<String> {
    spoil(strike);
    sleep(strike.span).await;
    // The last that is said in every room is lost for certain: no later event shows that it is missing.
    for bus in strike.lab.links.buses() {
        bus.disturb(BusFault {
            drop: 1.0,
            ..fault()
        });
    }
    sleep(LAST_WORDS).await;
    Ok(mend(strike))
}
