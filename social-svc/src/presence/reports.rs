//! What gateways say of the people they serve.

use time::OffsetDateTime;

use super::{Liveness, Who, tell_all};
use crate::{App, Error, times::millis};

/// A person at a gateway.
#[derive(Debug, Clone)]
pub struct Sighting {
    /// Who.
    pub who: Who,
    /// Their connections there; 0 when the last one went.
    pub connections: u32,
    /// Whether any of them is in view.
    pub is_visible: bool,
}

/// What one gateway says.
#[derive(Debug, Clone)]
pub struct Report {
    /// Its instance name.
    pub gateway: String,
    /// Whom it serves, or no longer.
    pub people: Vec<Sighting>,
}

/// Notes a gateway's report and tells of everyone who is seen differently by it. Who left is told of a moment later,
/// unless they are back by then.
///
/// # Errors
/// `Presence` when Redis is away: the gateway's next round says it again.
pub async fn report(app: &App, report: Report) -> Result<(), Error> {
    let now = OffsetDateTime::now_utc();
    let now_ms = millis(now);
    let noted = app.live.note(&report, now_ms).await?;
    let (mut gone, mut changed) = (Vec::new(), Vec::new());
    for (sighting, entry) in report.people.iter().zip(noted.entries) {
        let who = sighting.who.clone();
        if entry.is == Liveness::Gone {
            gone.push((who, entry.told.is_some()));
        } else if entry.told != Some(entry.is) {
            changed.push((who, entry.is));
        }
    }
    app.live.suspect(&gone, noted.whole_ms, now_ms).await?;
    // Remembered when it is told: what fails here is told by the next round.
    tell_all(app, &changed, now).await?;
    app.live.keep_told(&changed).await
}
